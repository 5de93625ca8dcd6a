package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// streamOf is an event stream of n messages.
func streamOf(t testing.TB, n int) (stream []byte, ends []int) {
	t.Helper()
	var b bytes.Buffer
	e := eventstream.NewEncoder()
	for i := range n {
		m := eventstream.Message{Payload: bytes.Repeat([]byte{'p'}, 40*i)}
		m.Headers.Set(":event-type", eventstream.StringValue(fmt.Sprint("event", i)))
		if err := e.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, b.Len())
	}
	return b.Bytes(), ends
}

// streaming puts an operation in the place of Converse that sends a stream in
// pieces, one a second. Each of its writes that failed is told on the channel.
func streaming(s *Server, stream []byte, piece int, failed chan<- error) http.Handler {
	api := &API{handle: func(_ *Server, c *call) {
		c.w.Header().Set("Content-Type", eventStreamType)
		c.w.WriteHeader(http.StatusOK)
		for at := 0; at < len(stream); at += piece {
			if _, err := c.w.Write(stream[at:min(at+piece, len(stream))]); err != nil {
				failed <- errors.Join(err, c.r.Context().Err())
				return
			}
			http.NewResponseController(c.w).Flush() // the recorder can not
			c.wait(time.Second)
		}
		failed <- nil
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := newCall(w, r)
		c.number = 1
		s.serveFaulty(c, api, s.faultFor(c, "bedrock-runtime.ConverseStream"))
	})
}

// The faults of event streams, as the SDK's own decoder sees them, whatever the
// pieces in which the operation writes.
func TestStreamFaults(t *testing.T) {
	stream, ends := streamOf(t, 5)
	for _, test := range []struct {
		what    string
		events  int
		checked bool // the decoder fails on a checksum
		length  int  // of what arrived
		aborted bool
		failed  bool // a write of the operation
	}{
		{"{truncate_stream: 0}", 0, false, 0, false, true},
		{"{truncate_stream: 2}", 2, false, ends[1], false, true},
		{"{truncate_stream: 9}", 5, false, ends[4], false, false},
		{"{crc: true}", 1, true, ends[4], false, false},
		{"{truncate: 100}", 1, false, 100, true, true},
		{"{truncate: 1M}", 5, false, ends[4], false, false},
		{"{reset: middle}", 2, false, middleOfStream, true, true},
		{"{stall: {after: 100, for: 1h}}", 5, false, ends[4], false, false},
		{"{malformed: true}", 0, true, ends[4], false, false},
		{"{empty: true}", 0, false, 0, false, false},
	} {
		for _, piece := range []int{1, 7, 64, len(stream)} {
			synctest.Test(t, func(t *testing.T) {
				failed := make(chan error, 1)
				s := New(mustParse(t, faulty("{what: "+test.what+"}")))
				w := &recorder{header: http.Header{}}
				r, err := http.NewRequest("POST", "http://sim.invalid/model/anthropic.a/converse-stream", nil)
				if err != nil {
					t.Fatal(err)
				}
				was := aborted(streaming(s, stream, piece, failed), w, r)
				events, d := 0, eventstream.NewDecoder()
				var broken error
				for body := bytes.NewReader(w.body.Bytes()); broken == nil; events++ {
					_, broken = d.Decode(body, nil)
				}
				events--
				var checksum eventstream.ChecksumError
				if isChecksum := errors.As(broken, &checksum); events != test.events || isChecksum != test.checked || w.body.Len() != test.length || was != test.aborted {
					t.Errorf("%s in pieces of %d: %d events of %d bytes, then %v, aborted %t; want %+v", test.what, piece, events, w.body.Len(), broken, was, test)
				}
				if err := <-failed; (err != nil) != test.failed {
					t.Errorf("%s in pieces of %d: a write of the operation ended with %v; want an error: %t", test.what, piece, err, test.failed)
				} else if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%s in pieces of %d: the operation's context goes on after %v", test.what, piece, err)
				}
			})
		}
	}
}

// However a stream is cut into writes, the same comes out of it.
func FuzzFrames(f *testing.F) {
	stream, _ := streamOf(f, 4)
	f.Add(stream, uint8(2), uint8(1), uint8(9))
	f.Add([]byte{0, 0, 0, 1, 0, 0}, uint8(1), uint8(0), uint8(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0}, uint8(0), uint8(3), uint8(2))
	f.Fuzz(func(t *testing.T, stream []byte, cutAfter, breaks, piece uint8) {
		run := func(piece int) (out []byte) {
			fr := &frames{cutAfter: int64(cutAfter), breaks: int64(breaks)}
			if cutAfter == 0xff {
				fr.cutAfter = never
			}
			for at := 0; at < len(stream); at += piece {
				part, end := fr.pass(stream[at:min(at+piece, len(stream))])
				out = append(out, part...)
				if end {
					break
				}
			}
			return out
		}
		whole := run(max(1, len(stream)))
		if parts := run(max(1, int(piece))); !bytes.Equal(whole, parts) {
			t.Fatalf("%d bytes in pieces of %d = %x; in one piece %x", len(stream), piece, parts, whole)
		}
		changed := 0
		for i, b := range whole {
			if b != stream[i] {
				changed++
			}
		}
		if changed > 1 || changed == 1 && breaks == 0 {
			t.Fatalf("%d bytes of %x were changed: %x", changed, stream, whole)
		}
	})
}

// Over real connections, of both versions of HTTP: how a client sees a reply that
// does not come, or not whole.
func TestFaultsOverConnections(t *testing.T) {
	for _, test := range []struct {
		what       string
		reset      bool // in HTTP/1.1; HTTP/2 has only streams to reset
		headers    bool // arrive before the failure
		readsAtAll int
	}{
		{"{reset: before}", true, false, 0},
		{"{reset: middle}", true, true, 50},
		{"{truncate: 40}", false, true, 40},
	} {
		for _, h2 := range []bool{false, true} {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s := New(mustParse(t, "models: [{id: anthropic.a, latency: {first_token: 1us, per_token: 0s}, output_tokens: {mean: 9, spread: 0}}]\n"+
				"faults: [{when: {nth: 1}, what: "+test.what+"}]"))
			serving := Serve(l, s)
			transport := &http.Transport{Protocols: &http.Protocols{}}
			transport.Protocols.SetHTTP1(!h2)
			transport.Protocols.SetUnencryptedHTTP2(h2)
			client := &http.Client{Transport: transport}
			post := func() (int, error) {
				// Without GetBody a request is not sent again by net/http itself.
				r, err := http.NewRequest("POST", "http://"+l.Addr().String()+pathA, io.MultiReader(bytes.NewReader([]byte(converseHi))))
				if err != nil {
					t.Fatal(err)
				}
				reply, err := client.Do(r)
				if err != nil {
					return -1, err
				}
				defer reply.Body.Close()
				body, err := io.ReadAll(reply.Body)
				return len(body), err
			}
			n, err := post()
			if err == nil || (n >= 0) != test.headers || test.headers && n < test.readsAtAll {
				t.Errorf("%s, HTTP/2 %t: %d bytes and %v", test.what, h2, n, err)
			}
			if isReset := errors.Is(err, syscall.ECONNRESET); isReset != (test.reset && !h2) {
				t.Errorf("%s, HTTP/2 %t: %v; is a reset: %t", test.what, h2, err, isReset)
			}
			if n, err := post(); err != nil || n < 50 {
				t.Errorf("%s, HTTP/2 %t: the next call = %d bytes, %v", test.what, h2, n, err)
			}
			if c := s.Counts(); c.Requests["bedrock-runtime.Converse"] != 2 {
				t.Errorf("%s, HTTP/2 %t: %v requests for two calls", test.what, h2, c.Requests)
			}
			transport.CloseIdleConnections()
			if err := serving.Shutdown(t.Context()); err != nil {
				t.Errorf("%s, HTTP/2 %t: Shutdown() = %v", test.what, h2, err)
			}
		}
	}
}
