package cloud_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
)

const (
	serverVariable = "LOADLINE_TEST_SERVER"
	heldModel      = "held"
)

// serveApart starts this test as a server, and says where it is.
func serveApart(b *testing.B) string {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), serverVariable+"=1")
	in, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); server.Wait() })
	at, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(at)
}

func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) == "" {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	sim.Serve(l, answering())
	fmt.Println("http://" + l.Addr().String())
	io.Copy(io.Discard, os.Stdin) // until the benchmark has ended
}

// answering answers as canned does, and holds calls of one model back until it
// is told to let them go.
func answering() http.Handler {
	var mu sync.Mutex
	held, release := 0, make(chan struct{})
	replies := map[string]canned{"/invoke": cannedReply(plugins.APIInvoke), "/converse-stream": cannedReply(plugins.APIConverseStream)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		wait := release
		switch r.URL.Path {
		case "/held":
			fmt.Fprint(w, held)
		case "/release":
			close(release)
			held, release = 0, make(chan struct{})
		}
		mu.Unlock()
		reply, ok := replies[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):]]
		if !ok {
			return
		}
		io.Copy(io.Discard, r.Body)
		for name, values := range reply.header {
			w.Header()[name] = values
		}
		if !strings.Contains(r.URL.Path, heldModel) {
			w.Write(reply.body)
			return
		}
		first := 0
		if strings.HasSuffix(r.URL.Path, "stream") {
			first = len(reply.body) / 2
			w.Write(reply.body[:first])
			w.(http.Flusher).Flush()
		}
		mu.Lock()
		held++
		mu.Unlock()
		<-wait
		w.Write(reply.body[first:])
	})
}
