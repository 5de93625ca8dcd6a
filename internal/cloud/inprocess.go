package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
)

// InProcess carries requests to a handler in this process, without a network:
// tests run whole load tests in virtual time with it. A handler that panics with
// http.ErrAbortHandler makes the request fail, as over an aborted connection.
//
// A reply that the handler flushes reaches the client as it comes into being;
// any other reply, when it is whole.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

var errAborted = errors.New("the connection was aborted")

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	in := r.WithContext(ctx) // a handler changes nothing of a request
	in.RequestURI = in.URL.RequestURI()
	in.Host = in.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &response{header: http.Header{}, status: http.StatusOK, begun: make(chan *io.PipeReader, 1)}
	ended := make(chan any, 1)
	go func() { ended <- w.serve(ctx, t.handler, in) }()
	select {
	case body := <-w.begun:
		return w.reply(r, &streamed{body, r.Context(), cancel}, -1), nil
	case panicked := <-ended:
		defer cancel()
		if panicked == http.ErrAbortHandler {
			return nil, errAborted
		}
		if panicked != nil {
			panic(panicked) // a bug of the handler shows where it was called
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		select {
		case body := <-w.begun: // it began and ended at once
			return w.reply(r, &streamed{body, r.Context(), cancel}, -1), nil
		default:
		}
		return w.reply(r, io.NopCloser(bytes.NewReader(w.body.Bytes())), int64(w.body.Len())), nil
	}
}

// streamed is the body of a reply that still comes into being. To close it tells
// the handler that the client is gone.
type streamed struct {
	*io.PipeReader
	ctx    context.Context // of the request
	cancel context.CancelFunc
}

// Read gives nothing more once the request's context is done, as over a network:
// the handler, which sees that at the same instant, may end its reply as if
// nothing had happened.
func (b *streamed) Read(p []byte) (int, error) {
	n, err := b.PipeReader.Read(p)
	if gone := b.ctx.Err(); gone != nil {
		return 0, gone
	}
	return n, err
}

func (b *streamed) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

type response struct {
	header http.Header
	status int
	body   bytes.Buffer
	ctx    context.Context

	begun chan *io.PipeReader // the body, from the first flush on
	sent  http.Header         // as it was then
	pipe  *io.PipeWriter      // nil before it
}

// serve runs the handler, ends the reply, and returns what the handler panicked
// with; nil if it did not. With a stream under way, nobody is there to be told
// of a bug: it shows by itself.
func (w *response) serve(ctx context.Context, h http.Handler, r *http.Request) (panicked any) {
	w.ctx = ctx
	defer func() {
		panicked = recover()
		switch {
		case w.pipe == nil:
		case panicked == nil:
			w.pipe.Close()
		case panicked == http.ErrAbortHandler:
			w.pipe.CloseWithError(&net.OpError{Op: "read", Net: "in process", Err: errAborted})
		default:
			panic(panicked)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

func (w *response) reply(r *http.Request, body io.ReadCloser, length int64) *http.Response {
	header := w.header
	if w.sent != nil {
		header = w.sent
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: length, Request: r,
	}
}

func (w *response) Header() http.Header { return w.header }
func (w *response) WriteHeader(status int) {
	if w.pipe == nil {
		w.status = status
	}
}

func (w *response) Write(b []byte) (int, error) {
	if w.pipe != nil {
		return w.pipe.Write(b)
	}
	return w.body.Write(b)
}

// Flush begins to hand the reply over. Nothing is kept back after it.
func (w *response) Flush() {
	if w.pipe != nil {
		return
	}
	body, pipe := io.Pipe()
	w.sent, w.pipe = w.header.Clone(), pipe
	// A client whose context is done reads that, and what is written fails.
	context.AfterFunc(w.ctx, func() { pipe.CloseWithError(context.Cause(w.ctx)) })
	w.begun <- body
	pipe.Write(w.body.Bytes()) // what fails, fails for the next write as well
}
