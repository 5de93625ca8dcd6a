package sim

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// openStreams opens all streams: over HTTP/1.1 a connection each, over HTTP/2 on
// a few. It writes a line when every one of them has begun, one more when every
// one has moved on since, and leaves when its input ends.
func openStreams(protocol, address string) error {
	var transports [20]http.Transport
	for i := range transports {
		transports[i].Protocols = &http.Protocols{}
		transports[i].Protocols.SetHTTP1(protocol == http1)
		transports[i].Protocols.SetUnencryptedHTTP2(protocol == h2c)
	}
	c, failed := newCrowd(), make(chan error, manyStreams)
	for i := range manyStreams {
		go func() {
			reply, err := transports[i%len(transports)].RoundTrip(streamRequest(context.Background(), "http://"+address))
			if err == nil {
				_, err = io.Copy(c.stream(), reply.Body)
			}
			failed <- fmt.Errorf("stream %d has ended: %v", i, err)
		}()
	}
	go func() {
		c.wait(func() { fmt.Println("begun") })
		fmt.Println("moved")
	}()
	return untilTold(failed) // none is that short
}

// serveStreams measures this process while another one holds all streams open.
func serveStreams(b *testing.B, protocol string) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		b.Fatal(err)
	}
	if protocol == http1 && files.Cur < manyStreams+100 {
		b.Skipf("a process may open %d files here; `ulimit -n %d` would do", files.Cur, manyStreams+100)
	}
	s := New(mustParse(b, slowStreams))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	listening := Serve(l, s)
	defer listening.Shutdown(b.Context())
	runtime.GC()
	before, _ := memory()

	clients := startClients(b, protocol, l.Addr().String())
	clients.expect(b, "begun", "moved")
	reportStreams(b, s, before)
	clients.end(b)
	for end := time.Now().Add(10 * time.Second); s.Counts().Models["anthropic.a"].Attempts < manyStreams; runtime.Gosched() {
		if time.Now().After(end) {
			b.Fatalf("%d streams were settled; want %d", s.Counts().Models["anthropic.a"].Attempts, manyStreams)
		}
	}
}
