package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
)

// piped carries requests to a handler as inProcess does, but hands the reply
// over while it is being written: a pipe between them, and a goroutine for the
// handler that ends when the reply has ended or its body is closed.
type piped struct{ handler http.Handler }

func (t piped) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.Body, in.RequestURI = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI()
	read, write := io.Pipe()
	w := &pipeWriter{header: http.Header{}, begun: make(chan struct{}), pipe: write}
	unhook := context.AfterFunc(ctx, func() { read.CloseWithError(context.Cause(ctx)) })
	go func() {
		t.handler.ServeHTTP(w, in)
		w.begin(0)
		unhook()
		write.Close()
		cancel()
	}()
	select {
	case <-w.begun:
	case <-ctx.Done():
	}
	if err := r.Context().Err(); err != nil {
		cancel()
		return nil, err
	}
	<-w.begun
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: &pipeBody{read, cancel}, ContentLength: -1, Request: r,
	}, nil
}

// pipeBody tells the handler when the client goes away.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

type pipeWriter struct {
	header http.Header
	status int
	once   sync.Once
	begun  chan struct{} // closed when header and status are final
	pipe   *io.PipeWriter
}

func (w *pipeWriter) begin(status int) {
	w.once.Do(func() {
		w.status = status
		close(w.begun)
	})
}

func (w *pipeWriter) Header() http.Header    { return w.header }
func (w *pipeWriter) WriteHeader(status int) { w.begin(status) }
func (w *pipeWriter) Flush()                 {} // a pipe keeps nothing back
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.pipe.Write(b)
}

// streamClient is a client of its own for one call: with two streams at once on
// one client, smithy-go has a data race.
func streamClient(h http.Handler) *bedrockruntime.Client {
	return bedrockruntime.New(bedrockruntime.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://sim.invalid"),
		HTTPClient:   &http.Client{Transport: piped{h}},
		Retryer:      aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDSIMULATED", SecretAccessKey: "simulated"}, nil
		}),
	})
}

func newServer(t testing.TB, account string) *Server {
	t.Helper()
	return New(mustParse(t, account))
}
