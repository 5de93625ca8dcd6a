package cloud_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// canned answers every request with the same reply, without a network.
type canned struct {
	header http.Header
	body   []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.header, Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)), Request: r}, nil
}

// stream24 is a ConverseStream of 24 events, or chunks with as many.
func stream24(api string) []byte {
	var out [][]byte
	wrap := func(name, payload string) {
		if api == plugins.APIInvokeStream {
			out = append(out, chunk(`{"`+name+`":`+payload+`}`))
		} else {
			out = append(out, event("event", name, payload))
		}
	}
	wrap("messageStart", `{"p":"abcdefghijk","role":"assistant"}`)
	for i := range 20 {
		wrap("contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":0,"delta":{"text":" some words %d"},"p":"abcdefghijklmno"}`, i))
	}
	wrap("contentBlockStop", `{"contentBlockIndex":0,"p":"abcdefgh"}`)
	wrap("messageStop", `{"p":"abcdefg","stopReason":"end_turn"}`)
	wrap("metadata", `{"metrics":{"latencyMs":512},"p":"abcdef","usage":{"inputTokens":14,"outputTokens":20,"totalTokens":34}}`)
	return bytes.Join(out, nil)
}

func cannedReply(api string) canned {
	h := http.Header{"Content-Type": {"application/json"}, "Date": {"Sun, 22 Nov 2026 09:00:00 GMT"}, "X-Amzn-Requestid": {"a2b4"}}
	switch api {
	case plugins.APIInvoke:
		h["X-Amzn-Bedrock-Input-Token-Count"], h["X-Amzn-Bedrock-Output-Token-Count"] = []string{"3"}, []string{"4"}
		return canned{h, []byte(`{"output":{"message":{"role":"assistant","content":[{"text":"x"}]}},"usage":{"inputTokens":3,"outputTokens":4}}`)}
	case plugins.APIConverse:
		return canned{h, []byte(converseReply)}
	}
	h["Content-Type"] = []string{"application/vnd.amazon.eventstream"}
	return canned{h, stream24(api)}
}

// What a call costs the client without a network: ns/op, B/op and allocs/op of
// both paths.
func BenchmarkCall(b *testing.B) {
	for _, api := range apis {
		for _, name := range []string{"lean", "sdk"} {
			b.Run(api+"/"+name, func(b *testing.B) {
				c := by(b, paths[name], cannedReply(api))
				in := ask(api)
				b.ReportAllocs()
				began := cpu(b)
				for b.Loop() {
					if r := c.Invoke(context.Background(), in); r.Outcome != record.OK {
						b.Fatalf("%+v", r)
					}
				}
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// The same over loopback, with the server in a process of its own: cpu-ns/op is
// that of the client, allocs/op too.
func BenchmarkLoopback(b *testing.B) {
	at := serveApart(b)
	for _, api := range []string{plugins.APIInvoke, plugins.APIConverseStream} {
		for _, name := range []string{"lean", "sdk"} {
			b.Run(api+"/"+name, func(b *testing.B) {
				c := deployedAt(b, at, paths[name])
				in := ask(api)
				b.SetParallelism(8)
				b.ReportAllocs()
				began := cpu(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if r := c.Invoke(context.Background(), in); r.Outcome != record.OK {
							b.Errorf("%+v", r)
						}
					}
				})
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// What calls in flight keep in memory, beside what is garbage: KiB/call of heap
// and stacks with so many held by the server, after a collection.
func BenchmarkInFlight(b *testing.B) {
	const calls = 8000
	at := serveApart(b)
	for _, api := range []string{plugins.APIInvoke, plugins.APIConverseStream} {
		for _, name := range []string{"lean", "sdk"} {
			b.Run(api+"/"+name, func(b *testing.B) {
				kept := 0.0
				for b.Loop() {
					own := cloud.Direct().(*http.Transport)
					c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at, SDK: paths[name], Transport: own})
					if err != nil {
						b.Fatal(err)
					}
					kept = inFlight(b, c, at, ask(api), calls)
					own.CloseIdleConnections()
				}
				b.ReportMetric(kept/calls/1024, "KiB/call")
			})
		}
	}
}

// inFlight is how many bytes so many calls take while the server holds them.
func inFlight(b *testing.B, c *cloud.Cloud, at string, in plugins.Invocation, calls int) float64 {
	in.ModelID = heldModel
	before := memory()
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if r := c.Invoke(context.Background(), in); r.Outcome != record.OK {
				b.Errorf("%+v", r)
			}
		})
	}
	for get(b, at+"/held") != strconv.Itoa(calls) {
		if b.Failed() {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	during := memory()
	get(b, at+"/release")
	all.Wait()
	return during - before
}

func memory() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

func get(b *testing.B, url string) string {
	r, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func deployedAt(b *testing.B, at string, sdk bool) *cloud.Cloud {
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at, SDK: sdk})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// cpu is the time that this process has worked: other than the time that passes,
// it does not tell of other programs on the machine.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
