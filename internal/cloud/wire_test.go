package cloud_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
)

// raw is a server that answers requests with bytes.
type raw struct {
	at                  string
	connections, counts atomic.Int64  // of connections, and of requests on them
	closed              chan struct{} // one for each connection that was closed
}

// serveRaw serves on loopback. reply gets the number of the request from 0 on; a
// connection whose reply ends it is closed.
func serveRaw(t testing.TB, reply func(n int) (text string, over bool)) *raw {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &raw{at: "http://" + l.Addr().String(), closed: make(chan struct{}, 1000)}
	var all sync.WaitGroup
	over, end := context.WithCancel(context.Background())
	t.Cleanup(func() { l.Close(); end(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			stop := context.AfterFunc(over, func() { c.Close() })
			all.Go(func() {
				defer stop()
				s.talk(c, reply)
				c.Close()
				s.closed <- struct{}{}
			})
		}
	})
	return s
}

func (s *raw) talk(c net.Conn, reply func(n int) (string, bool)) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		text, over := reply(int(s.counts.Add(1) - 1))
		if _, err := io.WriteString(c, text); err != nil || over {
			return
		}
	}
}

// always is the same reply every time.
func always(text string, over bool) func(int) (string, bool) {
	return func(int) (string, bool) { return text, over }
}

// post is a request as calls send it.
func post(ctx context.Context, at, body string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/model/a%3A0/invoke", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("User-Agent", "a test")
	r.Header.Set("Content-Type", "application/json")
	return r
}

// told is what a transport makes of a reply, but for the texts of errors.
func told(by http.RoundTripper, r *http.Request) string {
	reply, err := by.RoundTrip(r)
	if err != nil {
		var network *net.OpError
		return fmt.Sprintf("failed: end %v, of the network %v, out of time %v", errors.Is(err, io.EOF), errors.As(err, &network), errors.Is(err, context.DeadlineExceeded))
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	var network *net.OpError
	return fmt.Sprintf("%s %s %v %q, length %d, trailer %v; ends early %v, of the network %v, failed %v",
		reply.Proto, reply.Status, reply.Header, body, reply.ContentLength, reply.Trailer, errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network), err != nil)
}

// smallHeads is a transport of net/http that takes heads of 4 KiB.
func smallHeads() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 10, MaxResponseHeaderBytes: 4 << 10}
}

const plainReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

// Replies of every form, and hostile ones, are told as net/http tells them, and
// leave a connection that is used again where net/http uses it again.
func TestWireReadsAsNetHTTP(t *testing.T) {
	gzipped := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcb\xc8\x04\x00\xac\x2a\x93\xd8\x02\x00\x00\x00" // "hi"
	for _, test := range []struct {
		name, reply string
		over        bool
		again       bool // the connection takes the second request, too
	}{
		{"plain", plainReply, false, true},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", false, true},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", false, true},
		{"empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, true},
		{"an error with a body", "HTTP/1.1 429 Too Many Requests\r\nX-Amzn-Errortype: ThrottlingException\r\nContent-Length: 2\r\n\r\n{}", false, true},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;ext=1\r\ni\r\n0\r\n\r\n", false, true},
		{"chunks with a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n", false, true},
		{"chunks that end early", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", true, false},
		{"chunks that are none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", true, false},
		{"an encoding that nobody knows", "HTTP/1.1 200 OK\r\nTransfer-Encoding: zip\r\n\r\nhi", true, false},
		{"no length", "HTTP/1.1 200 OK\r\n\r\nhi", true, false},
		{"a length that is not kept", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", true, false},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!", true, false},
		{"a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", true, false},
		{"closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", true, false},
		{"says that it closes, and does not", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", false, false},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, false},
		{"HTTP/1.0 that goes on", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", false, true},
		{"announced", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + plainReply, false, true},
		{"announced without end", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 1000), true, false},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", true, false},
		{"a long head", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 3000) + "\r\nContent-Length: 2\r\n\r\nhi", false, true},
		{"too long a head", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 9000) + "\r\nContent-Length: 2\r\n\r\nhi", true, false},
		{"a first line without end", "HTTP/1.1 200 " + strings.Repeat("x", 9000), true, false},
		{"too many headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 2000) + "\r\n", true, false},
		{"a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", true, false},
		{"a head that ends early", "HTTP/1.1 200 OK\r\nContent-", true, false},
		{"no HTTP", "SSH-2.0-x\r\n\r\n", true, false},
		{"a status that is none", "HTTP/1.1 2x0 OK\r\n\r\n", true, false},
		{"nothing", "", true, false},
		{"compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + fmt.Sprint(len(gzipped)) + "\r\n\r\n" + gzipped, false, true},
		{"compressed, and broken", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz", false, true},
	} {
		got, connections := map[string]string{}, map[string]int64{}
		for name, by := range map[string]http.RoundTripper{"wire": cloud.NewWire(smallHeads()), "net/http": smallHeads()} {
			s := serveRaw(t, always(test.reply, test.over))
			for range 2 {
				got[name] += told(by, post(t.Context(), s.at, "{}")) + "\n"
			}
			connections[name] = s.connections.Load()
			if n := s.counts.Load(); n != 2 {
				t.Errorf("%s by %s: the server saw %d requests of 2", test.name, name, n)
			}
		}
		if got["wire"] != got["net/http"] {
			t.Errorf("%s:\nwire     %.3000s\nnet/http %.3000s", test.name, got["wire"], got["net/http"])
		}
		want := int64(2)
		if test.again {
			want = 1
		}
		if connections["wire"] != want || connections["net/http"] != want {
			t.Errorf("%s: connections %v; want %d", test.name, connections, want)
		}
	}
}

// A server that closed a connection while nobody used it, or said more than it
// was asked, sees the next request over a new one, and once.
func TestWireLeavesConnectionsThatAreGone(t *testing.T) {
	for _, test := range []struct {
		text string
		over bool
	}{{plainReply, true}, {plainReply + "HTTP/1.1 408 Request Timeout\r\n\r\n", false}} {
		s := serveRaw(t, always(test.text, test.over))
		by := cloud.NewWire(smallHeads())
		for i := range 10 {
			if got := told(by, post(t.Context(), s.at, "{}")); !strings.Contains(got, "200 OK") {
				t.Errorf("%q, request %d: %s", test.text, i, got)
			}
			<-s.closed // by the server, or because the client closed it
		}
		if c, n := s.connections.Load(), s.counts.Load(); c != 10 || n != 10 {
			t.Errorf("%q: %d requests over %d connections; want 10 over 10", test.text, n, c)
		}
	}
}

// breaking is a connection whose nth write fails after so many bytes.
type breaking struct {
	*net.TCPConn
	writes, at, after int
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.writes++; b.writes == b.at {
		n, _ := b.TCPConn.Write(p[:b.after])
		return n, &net.OpError{Op: "write", Net: "tcp", Err: errors.New("broken pipe")}
	}
	return b.TCPConn.Write(p)
}

// A request of which nothing was written over a used connection goes over
// another one; with a byte written, or over a new connection, it has failed. So
// it is with net/http.
func TestWireSendsAgainOnlyWhatWasNotSent(t *testing.T) {
	for _, test := range []struct {
		at, after   int // which write of the first connection fails
		ok          []bool
		connections int64
	}{
		{2, 0, []bool{true, true, true}, 2},
		{2, 1, []bool{true, false, true}, 2},
		{2, 30, []bool{true, false, true}, 2},
		{1, 0, []bool{false, true, true}, 2},
		{1, 1, []bool{false, true, true}, 2},
	} {
		for _, name := range []string{"wire", "net/http"} {
			s := serveRaw(t, always(plainReply, false))
			dialled := 0
			own := smallHeads()
			own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				b := &breaking{TCPConn: c.(*net.TCPConn)}
				if dialled++; dialled == 1 {
					b.at, b.after = test.at, test.after
				}
				return b, nil
			}
			var by http.RoundTripper = own
			if name == "wire" {
				by = cloud.NewWire(own)
			}
			for i, ok := range test.ok {
				if got := told(by, post(t.Context(), s.at, "{}")); strings.Contains(got, "200 OK") != ok {
					t.Errorf("%+v by %s, request %d: %s; want ok %v", test, name, i, got, ok)
				}
			}
			if n := s.connections.Load(); n != test.connections {
				t.Errorf("%+v by %s: %d connections", test, name, n)
			}
		}
	}
}

// A call that is cut off ends at once, wherever it is, and its connection with it.
func TestWireStops(t *testing.T) {
	for _, test := range []struct{ name, reply string }{
		{"before the reply", ""}, {"in the head", "HTTP/1.1 200 OK\r\nX"}, {"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"},
	} {
		s := serveRaw(t, func(n int) (string, bool) {
			if n%2 == 0 {
				return plainReply, false
			}
			return test.reply, false
		})
		by := cloud.NewWire(smallHeads())
		for i := range 3 {
			if got := told(by, post(t.Context(), s.at, "{}")); !strings.Contains(got, "200 OK") {
				t.Errorf("%s, request %d: %s", test.name, 2*i, got)
			}
			ctx, cancel := context.WithCancel(t.Context())
			want := context.Canceled
			if i == 2 {
				ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
				want = context.DeadlineExceeded
			} else {
				time.AfterFunc(20*time.Millisecond, cancel)
			}
			reply, err := by.RoundTrip(post(ctx, s.at, "{}"))
			if err == nil {
				var body []byte
				if body, err = io.ReadAll(reply.Body); !strings.HasPrefix("hi", string(body)) {
					t.Errorf("%s: the body began with %q", test.name, body)
				}
			}
			if !errors.Is(err, want) {
				t.Errorf("%s: %v; want %v", test.name, err, want)
			}
			cancel()
		}
		if n := s.connections.Load(); n != 3 {
			t.Errorf("%s: %d connections; want 3", test.name, n)
		}
	}
}

// A reply that is closed before its end ends its connection; nothing is waited for.
func TestWireDropsWhatIsNotRead(t *testing.T) {
	s := serveRaw(t, always("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhi", false))
	by := cloud.NewWire(smallHeads())
	for range 3 {
		reply, err := by.RoundTrip(post(t.Context(), s.at, "{}"))
		if err != nil {
			t.Fatal(err)
		}
		var two [2]byte
		if _, err := io.ReadFull(reply.Body, two[:]); err != nil || !bytes.Equal(two[:], []byte("hi")) {
			t.Errorf("%q, %v", two, err)
		}
		reply.Body.Close()
		reply.Body.Close()
		if n, err := reply.Body.Read(two[:]); n != 0 || err == nil {
			t.Errorf("a closed body gave %d bytes, %v", n, err)
		}
	}
	if n := s.connections.Load(); n != 3 {
		t.Errorf("%d connections; want 3", n)
	}
}
