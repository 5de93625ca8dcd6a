package sim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// A Listening serves a handler on a listener until Shutdown.
type Listening struct {
	server *http.Server
	done   chan struct{}
	err    error // valid once done is closed
}

// Serve starts to serve HTTP/1.1 and unencrypted HTTP/2 on one port: some AWS
// SDKs speak nothing but HTTP/2 to Bedrock. It owns the listener. Call Shutdown
// to end it.
func Serve(l net.Listener, h http.Handler) *Listening {
	s := &Listening{done: make(chan struct{})}
	s.server = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		Protocols:         &http.Protocols{},
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 10_000},
	}
	s.server.Protocols.SetHTTP1(true)
	s.server.Protocols.SetUnencryptedHTTP2(true)
	go func() {
		defer close(s.done)
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
	}()
	return s
}

// Done is closed when nothing is served any more.
func (s *Listening) Done() <-chan struct{} { return s.done }

// Shutdown stops listening and waits for the calls in flight; those that the
// context does not give the time are cut off. It returns the error that ended
// the serving, if that was not Shutdown.
func (s *Listening) Shutdown(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil {
		s.server.Close() // the error that counts is that of the context
	}
	<-s.done
	return errors.Join(err, s.err)
}
