package sim

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// pipes is a listener without sockets, so that a whole HTTP server works inside
// a synctest bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// overHTTP hands out a transport that speaks HTTP to the account, and sees that
// the serving ends.
func overHTTP(t *testing.T, s *Server, http2 bool, do func(http.RoundTripper)) {
	l := newPipes()
	listening := Serve(l, s)
	transport := &http.Transport{DialContext: l.dial, Protocols: &http.Protocols{}}
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	do(transport)
	transport.CloseIdleConnections()
	synctest.Wait()
	if err := listening.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
}

// Over HTTP/1.1 and HTTP/2 every token leaves the server when it is due, and a
// client that hangs up settles its call there and then.
func TestStreamsOverHTTP(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, `models: [{id: anthropic.a, latency: {first_token: 300ms, per_token: 1s, spread: 0}, output_tokens: {mean: 5, spread: 0}, limits: {concurrent: 1}}]`)
			overHTTP(t, s, http2, func(transport http.RoundTripper) {
				h := listenOver(t.Context(), transport, converseStreamInput("anthropic.a", "hi", 100))
				if h.err != nil || len(h.deltas) != 5 || h.meta == nil {
					t.Fatalf("HTTP/2 %t: %d tokens, %v", http2, len(h.deltas), h.err)
				}
				for i, at := range h.deltas {
					if want := 300*time.Millisecond + time.Duration(i)*time.Second; at.Truncate(time.Microsecond) != want {
						t.Errorf("HTTP/2 %t: token %d came after %s; want %s", http2, i+1, at, want)
					}
				}
				if h.ended.Truncate(time.Microsecond) != 5300*time.Millisecond {
					t.Errorf("HTTP/2 %t: the stream ended after %s; want 5.3s", http2, h.ended)
				}
				out, err := clientOver(transport).ConverseStream(t.Context(), converseStreamInput("anthropic.a", "hi", 100))
				if err != nil {
					t.Fatal(err)
				}
				stream := out.GetStream()
				if _, ok := (<-stream.Events()).(*types.ConverseStreamOutputMemberMessageStart); !ok {
					t.Error("the first event is no messageStart")
				}
				stream.Close()
				synctest.Wait()
				if m, n := s.Counts().Models["anthropic.a"], s.targets["anthropic.a"].pool.inFlight; m.OK != 2 || n != 0 {
					t.Errorf("HTTP/2 %t: after the client hung up, counts = %+v, %d in flight", http2, m, n)
				}
			})
		})
	}
}
