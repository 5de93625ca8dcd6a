package cloud

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go"
	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
)

// lean sends the calls of a load test as the SDK would, without the SDK's
// middleware, which takes two thirds of the time and most of the memory of a
// call. What AWS sees, and what a caller gets, is the same:
//
//   - the SDK writes the request of every kind of calls once (see [draft]), and
//     marshals every body;
//   - the SDK's credentials, with its cache, sign every call, by a [signer] that
//     comes to the signatures of the SDK's;
//   - the SDK's protocol reads replies and errors;
//   - streams are read by [frames].
//
// As with the SDK's own path there is one attempt a call. A clock that is wrong
// shows in the reply, and the next call is signed with the right time.
type lean struct {
	client    *bedrockruntime.Client
	options   bedrockruntime.Options
	transport http.RoundTripper
	signer    *v4.Signer
	skew      atomic.Int64 // of the account's clock from ours, in ns

	mu     sync.RWMutex
	drafts map[kind]*draft
}

func newLean(client *bedrockruntime.Client, transport http.RoundTripper) *lean {
	return &lean{client: client, options: client.Options(), transport: transport, signer: v4.NewSigner(), drafts: map[kind]*draft{}}
}

// draft is that of an invocation; a new one where there is none.
func (l *lean) draft(ctx context.Context, op *operation, in plugins.Invocation) (*draft, error) {
	k := kindOf(in)
	l.mu.RLock()
	d := l.drafts[k]
	l.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	d, err := newDraft(ctx, op, l.client, l.signer, in)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.drafts[k] = d
	l.mu.Unlock()
	return d, nil
}

// send sends a call. The body of the reply must be closed. An error is what the
// SDK would have made of it.
func (l *lean) send(ctx context.Context, op *operation, in plugins.Invocation) (*http.Response, time.Time, error) {
	var none time.Time
	d, err := l.draft(ctx, op, in)
	if err != nil {
		return nil, none, err
	}
	if err := ctx.Err(); err != nil {
		return nil, none, failed(op, err)
	}
	c, err := d.contentOf(ctx, l.options.Protocol, in)
	if err != nil {
		return nil, none, failed(op, err)
	}
	r, p := d.request(ctx, c)
	began := time.Now()
	if err := l.sign(ctx, d, r, p, c, began); err != nil {
		return nil, none, failed(op, err)
	}
	reply, err := l.transport.RoundTrip(r)
	if err != nil {
		return nil, none, failedReply(op, &http.Response{Header: http.Header{}, Body: http.NoBody}, unsent(ctx, r, err))
	}
	ended := time.Now()
	l.learn(reply.Header, began, ended)
	if reply.StatusCode/100 != 2 {
		defer discard(reply.Body)
		var nothing bedrockruntime.ConverseOutput
		return nil, none, failedReply(op, reply, l.read(ctx, op, reply, &nothing))
	}
	return reply, ended, nil
}

// unsent is how the SDK, with net/http's client, tells that there is no reply.
func unsent(ctx context.Context, r *http.Request, err error) error {
	if ctx.Err() != nil {
		return &smithy.CanceledError{Err: ctx.Err()}
	}
	var greeting tls.RecordHeaderError
	if errors.As(err, &greeting) && string(greeting.RecordHeader[:]) == "HTTP/" {
		err = http.ErrSchemeMismatch
	}
	return &smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: r.URL.Redacted(), Err: err}}
}

// parcel is what a request consists of, in one piece of memory.
type parcel struct {
	url    url.URL
	reader bytes.Reader
	values [5]string // of the headers that are new in every call
	used   int       // of values
}

// value is a header's value.
func (p *parcel) value(s string) []string {
	p.values[p.used] = s
	p.used++
	return p.values[p.used-1 : p.used : p.used]
}

// request is the draft with its body, before it is signed.
func (d *draft) request(ctx context.Context, c *content) (*http.Request, *parcel) {
	p := &parcel{url: d.url} // the signer writes to it
	r := &http.Request{
		Method: http.MethodPost, URL: &p.url, Host: d.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(d.header)+len(p.values)), ContentLength: int64(len(c.bytes)),
		GetBody: c.again,
	}
	for name, values := range d.header {
		r.Header[name] = values // nobody writes to these
	}
	if len(c.bytes) > 0 {
		p.reader.Reset(c.bytes)
		r.Body = io.NopCloser(&p.reader)
	}
	return r.WithContext(ctx), p
}

// sign adds what is new in every call.
func (l *lean) sign(ctx context.Context, d *draft, r *http.Request, p *parcel, c *content, now time.Time) error {
	id, err := smithyrand.NewUUID(rand.Reader).GetUUID()
	if err != nil {
		return err
	}
	skew := time.Duration(l.skew.Load())
	attempt := d.attempt
	if deadline, ok := ctx.Deadline(); ok && skew > 0 {
		attempt += "; ttl=" + deadline.Add(skew).Format("20060102T150405Z")
	}
	r.Header[headerInvocation], r.Header[headerAttempt] = p.value(id), p.value(attempt)
	switch d.auth {
	case signed:
		var keys aws.Credentials
		if keys, err = l.options.Credentials.Retrieve(ctx); err != nil {
			return fmt.Errorf(noIdentity+"get credentials: %w", err)
		}
		if d.signer != nil && len(c.bytes) > 0 {
			d.signer.sign(keys, r, p, c, now.Add(skew))
			return nil
		}
		if err := l.signer.SignHTTP(ctx, keys, r, c.hash, d.service, d.region, now.Add(skew)); err != nil {
			return fmt.Errorf(notSigned+"sign http: %w", err)
		}
	case bearer:
		token, err := l.options.BearerAuthTokenProvider.RetrieveBearerToken(ctx)
		if err != nil {
			return fmt.Errorf(noIdentity+"get token: %w", err)
		}
		r.Header[headerAuthorization] = p.value("Bearer " + token.Value)
	}
	return nil
}

// maxTrusted is how long a call may take before its reply tells nothing of the
// account's clock: that of the SDK.
const maxTrusted = 15 * time.Minute

// learn corrects the clock by the date of a reply, as the SDK does.
func (l *lean) learn(h http.Header, began, ended time.Time) {
	if l.options.DisableClockSkewCorrection || first(h, "Age") != "" || ended.Sub(began) > maxTrusted {
		return
	}
	if at, err := smithyhttp.ParseTime(first(h, "Date")); err == nil {
		l.skew.Store(int64(at.Sub(ended)))
	}
}

// read reads a reply by the SDK's own protocol.
func (l *lean) read(ctx context.Context, op *operation, reply *http.Response, out smithy.Deserializable) error {
	return l.options.Protocol.DeserializeResponse(ctx, op.schema, bedrockruntime.TypeRegistry, &smithyhttp.Response{Response: reply}, out)
}

// failed wraps an error as the SDK does where nothing was sent.
func failed(op *operation, err error) error {
	return &smithy.OperationError{ServiceID: bedrockruntime.ServiceID, OperationName: op.name, Err: err}
}

// failedReply wraps an error as the SDK does where there is a reply, or was to be.
func failedReply(op *operation, reply *http.Response, err error) error {
	id := reply.Header.Get("X-Amzn-Requestid")
	if id == "" {
		id = reply.Header.Get("X-Amz-Requestid")
	}
	return failed(op, &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: reply}, Err: err},
		RequestID:     id,
	})
}

// discard reads what is left of a reply, so that its connection is used again.
func discard(body io.ReadCloser) {
	io.Copy(io.Discard, body)
	body.Close()
}
