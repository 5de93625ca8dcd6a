package cloud_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/loadline-dev/loadline/internal/cloud"
)

// piped is a transport whose server reads a request and answers with the text,
// in parts of so many bytes.
func piped(reply []byte, part int) *http.Transport {
	return &http.Transport{MaxResponseHeaderBytes: 4 << 10, DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			r, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			for rest := reply; len(rest) > 0; {
				n, err := server.Write(rest[:min(part, len(rest))])
				if err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		return client, nil
	}}
}

// Whatever a server says, and in whatever parts, is told as net/http tells it,
// and what is told of a reply is what http.ReadResponse reads of it.
func FuzzWire(f *testing.F) {
	for _, text := range []string{
		plainReply, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\n\r\n" + plainReply, "HTTP/1.0 200 OK\r\n\r\nhi", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "HTTP/1.1 200 OK\nA: b\n c\nContent-Length: 2\n\nhi", "HTTP/1.1 100\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx",
	} {
		f.Add([]byte(text), uint8(200))
		f.Add([]byte(text), uint8(1))
	}
	f.Fuzz(func(t *testing.T, reply []byte, part uint8) {
		if len(reply) > 20_000 {
			return
		}
		const at = "http://simulated.invalid"
		wire, other := cloud.NewWire(piped(reply, int(part)+1)), piped(reply, int(part)+1)
		got, want := told(wire, post(t.Context(), at, "{}")), told(other, post(t.Context(), at, "{}"))
		if got != want {
			t.Errorf("%q:\nwire     %.2000s\nnet/http %.2000s", reply, got, want)
		}
		read, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(reply)), post(t.Context(), at, "{}"))
		if err != nil || read.StatusCode < 200 || len(reply) > 4<<10 || read.Header.Get("Content-Encoding") != "" {
			return
		}
		body, failed := io.ReadAll(read.Body)
		answer, err := wire.RoundTrip(post(t.Context(), at, "{}"))
		if err != nil {
			t.Fatalf("%q: %v; http.ReadResponse reads it", reply, err)
		}
		defer answer.Body.Close()
		ours, broken := io.ReadAll(answer.Body)
		if answer.StatusCode != read.StatusCode || !bytes.Equal(ours, body) || (broken != nil) != (failed != nil) || errors.Is(broken, io.ErrUnexpectedEOF) != errors.Is(failed, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %d, %q, %v; http.ReadResponse reads %d, %q, %v", reply, answer.StatusCode, ours, broken, read.StatusCode, body, failed)
		}
	})
}
