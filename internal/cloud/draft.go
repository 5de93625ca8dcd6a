package cloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
)

// kind is what calls have in common that differ in what they send as a body
// alone.
type kind struct {
	api, model, tier, latency string
	longContext               bool
}

func kindOf(in plugins.Invocation) kind {
	return kind{in.API, in.ModelID, in.Tier, in.Latency, in.LongContext}
}

// draft is the request of a kind of calls, as the SDK wrote it for the first of
// them: endpoint, path and headers are its own. What is new in every call is
// left out: the invocation id, the date and the signature.
type draft struct {
	op     *operation
	url    url.URL
	header http.Header
	// attempt tells the attempt, of which there is one.
	attempt string
	auth    auth
	// region and service are those that the signature is for.
	region, service string
	signer          *signer                 // nil: the SDK's
	last            atomic.Pointer[content] // of the call before

	mu   sync.Mutex
	kept map[plugins.Prompt]*content // marshalled by the SDK; nil where the family does it
	size int                         // of these, in bytes
}

// auth is how requests are signed.
type auth int

const (
	anonymous auth = iota
	signed
	bearer
)

// maxKept is how many bytes of bodies a draft keeps: those of a file of prompts.
// Of prompts that never come again, with a nonce, it keeps no more.
const maxKept = 8 << 20

// content is the body of a prompt, marshalled once.
type content struct {
	prompt plugins.Prompt
	own    []byte // the family's body
	bytes  []byte
	hash   string // SHA-256, in hex
	// again gives the body anew, for a request whose connection turns out to be
	// closed before anything was written to it.
	again func() (io.ReadCloser, error)
}

// The headers that are new in every call.
const (
	headerInvocation    = "Amz-Sdk-Invocation-Id"
	headerAttempt       = "Amz-Sdk-Request"
	headerAuthorization = "Authorization"
	headerDate          = "X-Amz-Date"
	headerToken         = "X-Amz-Security-Token"
)

var (
	errDrafted = errors.New("the request is not sent: it is a draft")
	errNotRead = errors.New("the request of the SDK is signed in a way that is not known")
)

// newDraft has the SDK write a request, and keeps it from being sent. The error
// is the SDK's own.
func newDraft(ctx context.Context, op *operation, client *bedrockruntime.Client, sdk *v4.Signer, in plugins.Invocation) (*draft, error) {
	var written *http.Request
	var body []byte
	err := op.call(ctx, client, in, func(o *bedrockruntime.Options) {
		o.HTTPClient = smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			var err error
			if r.Body != nil {
				body, err = io.ReadAll(r.Body)
			}
			if err == nil {
				written = r
			}
			return nil, errors.Join(errDrafted, err)
		})
	})
	if written == nil {
		return nil, err
	}
	d := &draft{op: op, url: *written.URL, header: written.Header}
	d.attempt, _, _ = strings.Cut(d.header.Get(headerAttempt), "; ttl=") // which is of one call
	authorization := d.header.Get(headerAuthorization)
	switch credential, ok := strings.CutPrefix(authorization, algorithm+" Credential="); {
	case ok: // key/date/region/service/aws4_request, SignedHeaders=...
		scope, _, _ := strings.Cut(credential, ",")
		parts := strings.Split(scope, "/")
		if len(parts) < 5 {
			return nil, errNotRead
		}
		d.auth, d.region, d.service = signed, parts[len(parts)-3], parts[len(parts)-2]
	case strings.HasPrefix(authorization, "Bearer "):
		d.auth = bearer
	case authorization != "":
		return nil, errNotRead
	}
	for _, name := range []string{headerInvocation, headerAttempt, headerAuthorization, headerDate, headerToken} {
		d.header.Del(name)
	}
	d.last.Store(newContent(in, body))
	d.signer = newSigner(d, sdk)
	return d, nil
}

func newContent(in plugins.Invocation, body []byte) *content {
	sum := sha256.Sum256(body)
	again := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return &content{prompt: in.Prompt, own: in.Body, bytes: body, hash: hex.EncodeToString(sum[:]), again: again}
}

// contentOf is the body of a call: that of the call before where it is the same.
// To compare is cheap where it is: the texts are at the same place.
func (d *draft) contentOf(ctx context.Context, protocol smithyhttp.ClientProtocol, in plugins.Invocation) (*content, error) {
	if c := d.last.Load(); c.prompt == in.Prompt && string(c.own) == string(in.Body) {
		return c, nil
	}
	if plugins.TakesBody(in.API) {
		c := newContent(in, in.Body)
		d.last.Store(c)
		return c, nil
	}
	d.mu.Lock()
	c := d.kept[in.Prompt]
	d.mu.Unlock()
	if c == nil {
		body, err := d.marshal(ctx, protocol, in)
		if err != nil {
			return nil, err
		}
		c = newContent(in, body)
		d.keep(c)
	}
	d.last.Store(c)
	return c, nil
}

func (d *draft) keep(c *content) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.size += len(c.bytes); d.kept == nil || d.size > maxKept {
		d.kept, d.size = map[plugins.Prompt]*content{}, len(c.bytes)
	}
	d.kept[c.prompt] = c
}

// marshal has the SDK write a body.
func (d *draft) marshal(ctx context.Context, protocol smithyhttp.ClientProtocol, in plugins.Invocation) ([]byte, error) {
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := protocol.SerializeRequest(ctx, d.op.schema, d.op.input(in), request); err != nil {
		return nil, err
	}
	return io.ReadAll(request.GetStream())
}
