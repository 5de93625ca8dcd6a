package cloud

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/loadline-dev/loadline/plugins"
)

// signer signs the requests of one draft, whose headers it knows beforehand: a
// quarter of the time of the SDK's signer, which sorts and cleans them for every
// call. It is used only where it comes to the signature of the SDK's signer.
// Source: "Create a signed AWS API request" in the IAM user guide.
type signer struct {
	begin string        // of the canonical request: method, path, query
	forms map[bool]form // with a session token, and without
	scope string        // "/us-east-1/bedrock/aws4_request"
	// region and service are in the scope, and in the key.
	region, service string
	key             atomic.Pointer[signingKey]
}

// form is the headers of a canonical request, in their order.
type form struct {
	fields []field
	names  string // with ";" between them
}

type field struct {
	name string
	what part
	text string // of a fixed one
}

// part tells which value a header has.
type part int

const (
	fixed part = iota
	invocationID
	attemptCount
	bodyLength
	signingDate
	sessionToken
)

// signingKey is derived once a day for a secret.
type signingKey struct {
	secret, day string
	macs        sync.Pool // of HMACs by the key, which remember what they make of it
}

const (
	algorithm  = "AWS4-HMAC-SHA256"
	dateFormat = "20060102T150405Z"
	dayLength  = len("20060102")
)

// unsigned are headers that proxies may change: the SDK leaves them out.
var unsigned = []string{"Authorization", "User-Agent", "X-Amzn-Trace-Id", "Expect", "Transfer-Encoding"}

// newSigner returns nil where the SDK's signer comes to another signature.
func newSigner(d *draft, sdk *v4.Signer) *signer {
	if d.auth != signed || d.url.RawQuery != "" {
		return nil
	}
	s := &signer{
		begin:  http.MethodPost + "\n" + httpbinding.EscapePath(d.url.EscapedPath(), false) + "\n\n",
		scope:  "/" + d.region + "/" + d.service + "/aws4_request",
		region: d.region, service: d.service,
	}
	fields := []field{
		{name: "amz-sdk-invocation-id", what: invocationID}, {name: "amz-sdk-request", what: attemptCount},
		{name: "content-length", what: bodyLength}, {name: "host", text: d.url.Host}, {name: "x-amz-date", what: signingDate},
	}
	for name, values := range d.header {
		if !slices.Contains(unsigned, name) {
			fields = append(fields, field{name: strings.ToLower(name), text: strings.Join(values, ",")})
		}
	}
	s.forms = map[bool]form{false: newForm(fields), true: newForm(append(fields, field{name: "x-amz-security-token", what: sessionToken}))}
	if !s.agrees(d, sdk) {
		return nil
	}
	return s
}

func newForm(fields []field) form {
	fields = slices.Clone(fields)
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	return form{fields, strings.Join(names, ";")}
}

// agrees tries both signers.
func (s *signer) agrees(d *draft, sdk *v4.Signer) bool {
	at := time.Unix(1_700_000_000, 0)
	for _, keys := range []aws.Credentials{{AccessKeyID: "KEY", SecretAccessKey: "secret"}, {AccessKeyID: "KEY", SecretAccessKey: "secret", SessionToken: "token"}} {
		c := newContent(plugins.Invocation{}, []byte("body"))
		ours, p := d.request(context.Background(), c)
		theirs, _ := d.request(context.Background(), c)
		for _, r := range []*http.Request{ours, theirs} {
			r.Header[headerInvocation], r.Header[headerAttempt] = []string{"id"}, []string{d.attempt}
		}
		s.sign(keys, ours, p, c, at)
		if err := sdk.SignHTTP(context.Background(), keys, theirs, c.hash, s.service, s.region, at); err != nil || ours.Host != theirs.Host || !sameHeaders(ours.Header, theirs.Header) {
			return false
		}
	}
	return true
}

func sameHeaders(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name, values := range a {
		if !slices.Equal(values, b[name]) {
			return false
		}
	}
	return true
}

var canonicals = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// sign adds the date, the token and the signature to a request.
func (s *signer) sign(keys aws.Credentials, r *http.Request, p *parcel, c *content, at time.Time) {
	date := at.UTC().Format(dateFormat)
	r.Header[headerDate] = p.value(date)
	if keys.SessionToken != "" {
		r.Header[headerToken] = p.value(keys.SessionToken)
	}
	form := s.forms[keys.SessionToken != ""]
	b := canonicals.Get().(*bytes.Buffer)
	defer canonicals.Put(b)
	b.Reset()
	b.WriteString(s.begin)
	for _, f := range form.fields {
		b.WriteString(f.name)
		b.WriteByte(':')
		switch f.what {
		case fixed:
			b.WriteString(f.text)
		case invocationID:
			b.WriteString(r.Header[headerInvocation][0])
		case attemptCount:
			b.WriteString(r.Header[headerAttempt][0])
		case bodyLength:
			b.Write(strconv.AppendInt(b.AvailableBuffer(), r.ContentLength, 10))
		case signingDate:
			b.WriteString(date)
		case sessionToken:
			b.WriteString(keys.SessionToken)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(form.names)
	b.WriteByte('\n')
	b.WriteString(c.hash)
	sum := sha256.Sum256(b.Bytes())

	b.Reset()
	b.WriteString(algorithm + "\n")
	b.WriteString(date)
	b.WriteByte('\n')
	b.WriteString(date[:dayLength])
	b.WriteString(s.scope)
	b.WriteByte('\n')
	b.Write(hex.AppendEncode(b.AvailableBuffer(), sum[:]))
	signature := s.keyOf(keys.SecretAccessKey, date[:dayLength]).hash(sum[:0], b.Bytes())

	b.Reset()
	b.WriteString(algorithm + " Credential=")
	b.WriteString(keys.AccessKeyID)
	b.WriteByte('/')
	b.WriteString(date[:dayLength])
	b.WriteString(s.scope)
	b.WriteString(", SignedHeaders=")
	b.WriteString(form.names)
	b.WriteString(", Signature=")
	b.Write(hex.AppendEncode(b.AvailableBuffer(), signature))
	r.Header[headerAuthorization] = p.value(b.String())
}

// keyOf is the key of a day: the one of the call before, or a new one.
func (s *signer) keyOf(secret, day string) *signingKey {
	if k := s.key.Load(); k != nil && k.secret == secret && k.day == day {
		return k
	}
	key := []byte("AWS4" + secret)
	for _, text := range []string{day, s.region, s.service, "aws4_request"} {
		key = newMAC(key).hash(nil, []byte(text))
	}
	k := &signingKey{secret: secret, day: day}
	k.macs.New = func() any { return newMAC(key) }
	s.key.Store(k)
	return k
}

// hash appends the HMAC of a text.
func (k *signingKey) hash(to, text []byte) []byte {
	m := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	return m.hash(to, text)
}

type mac struct{ hash.Hash }

func newMAC(key []byte) *mac { return &mac{hmac.New(sha256.New, key)} }

func (m *mac) hash(to, text []byte) []byte {
	m.Reset()
	m.Write(text)
	return m.Sum(to)
}
