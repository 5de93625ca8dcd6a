package sim

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// benchClients is the variable of the environment that makes this program the
// clients of a server and nothing else: which ones, and the server's address.
// So benchmarks measure a server without its clients.
const benchClients = "LOADLINE_TEST_CLIENTS"

// The kinds of clients: those of streams are named by their protocol.
const http1, h2c, invoking = "http1", "h2c", "invoking"

func TestMain(m *testing.M) {
	if kind, address, ok := strings.Cut(os.Getenv(benchClients), " "); ok {
		open := openStreams
		if kind == invoking {
			open = invokeForever
		}
		if err := open(kind, address); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// untilTold waits until the input ends, or something fails.
func untilTold(failed <-chan error) error {
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case err := <-failed:
		return err
	case <-ended:
		return nil
	}
}

// benchProcess is the other process.
type benchProcess struct {
	cmd   *exec.Cmd
	stop  io.Closer
	lines *bufio.Scanner
}

func startClients(b *testing.B, kind, address string) *benchProcess {
	b.Helper()
	p := &benchProcess{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), benchClients+"="+kind+" "+address)
	stop, err := p.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	p.stop, p.lines = stop, bufio.NewScanner(out)
	return p
}

// expect waits for lines that the clients write.
func (p *benchProcess) expect(b *testing.B, lines ...string) {
	b.Helper()
	for _, want := range lines {
		if p.lines.Scan(); p.lines.Text() != want {
			b.Fatalf("the clients say %q; want %q", p.lines.Text(), want)
		}
	}
}

func (p *benchProcess) end(b *testing.B) {
	b.Helper()
	p.stop.Close()
	for p.lines.Scan() {
		b.Errorf("the clients say %q", p.lines.Text())
	}
	if err := p.cmd.Wait(); err != nil {
		b.Error(err)
	}
}

const simpleBody = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"Summarize this in one sentence: AWS provides cloud computing services."}]}`

// invokeForever keeps eight connections busy, each with one call after another.
func invokeForever(_, address string) error {
	failed := make(chan error, 8)
	request := fmt.Appendf(nil, "POST /model/anthropic.a/invoke HTTP/1.1\r\nHost: sim.invalid\r\nContent-Length: %d\r\n\r\n%s", len(simpleBody), simpleBody)
	for range cap(failed) {
		go func() { failed <- invokeOn(address, request) }()
	}
	return untilTold(failed)
}

func invokeOn(address string, request []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		status, err := in.ReadSlice('\n')
		if err == nil && !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
			err = fmt.Errorf("the reply begins with %q", status)
		}
		length := 0
		for err == nil { // the headers: nothing but the length counts
			var line []byte
			line, err = in.ReadSlice('\n')
			if len(line) <= len("\r\n") {
				break
			}
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				fmt.Sscan(string(value), &length)
			}
		}
		if err == nil {
			_, err = in.Discard(length)
		}
		if err != nil {
			return err
		}
	}
}

// processorTime is what this process has used, in all of its threads.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Simple calls of InvokeModel over a loopback listener, the clients in another
// process. req/core-s are the calls in a second of processor time of the server,
// the kernel's part of it included, whatever else the machine does.
func BenchmarkInvokeModelLoopback(b *testing.B) {
	s := New(mustParse(b, fmt.Sprintf(instant, "bucket")))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var served atomic.Int64
	done := make(chan struct{})
	listening := Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		if served.Add(1) == int64(b.N) {
			close(done)
		}
	}))
	defer listening.Shutdown(b.Context())
	before := processorTime(b)
	b.ResetTimer()
	clients := startClients(b, invoking, l.Addr().String())
	<-done
	b.StopTimer()
	spent := processorTime(b) - before
	clients.end(b)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(float64(b.N)/spent.Seconds(), "req/core-s")
}
