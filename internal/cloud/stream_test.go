package cloud_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/eventstream"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

var apis = []string{plugins.APIInvoke, plugins.APIInvokeStream, plugins.APIConverse, plugins.APIConverseStream}

const novaModel = "amazon.nova-lite-v1:0"

// ask is a call of the simulated Nova by an operation.
func ask(api string) plugins.Invocation {
	return plugins.Invocation{
		API: api, ModelID: novaModel, Prompt: plugins.Prompt{Text: "hi there", MaxTokens: 20},
		Body:   []byte(`{"messages":[{"role":"user","content":[{"text":"hi there"}]}],"inferenceConfig":{"maxTokens":20}}`),
		Usage:  plugins.Usage{Input: []string{"usage.inputTokens"}, Output: []string{"usage.outputTokens"}},
		Stream: &plugins.Stream{Text: []string{"contentBlockDelta.delta.text"}, Last: []string{"metadata"}},
	}
}

func simulated(t *testing.T, account string) *sim.Server {
	t.Helper()
	parsed, err := sim.Parse("account.yaml", []byte(account))
	if err != nil {
		t.Fatal(err)
	}
	return sim.New(parsed)
}

// All four operations, with the calls side by side on one client: each reply
// tells the tokens that the account counts, caches included, and a stream shows
// its first token when the account sends it.
func TestEveryOperation(t *testing.T) {
	for _, api := range apis {
		synctest.Test(t, func(t *testing.T) {
			server := simulated(t, "models: [{id: "+novaModel+", latency: {first_token: 300ms, per_token: 20ms, spread: 0}, output_tokens: {mean: 12, spread: 0.5}, cache: {read_tokens: 70, write_tokens: 30, hits: 0.5}}]")
			c := reach(t, cloud.InProcess(server))
			var mu sync.Mutex
			var sum record.Usage
			var all sync.WaitGroup
			const calls = 20
			for range calls {
				all.Go(func() {
					began := time.Now()
					r := c.Invoke(t.Context(), ask(api))
					mu.Lock()
					defer mu.Unlock()
					if r.Outcome != record.OK || r.Status != 200 || r.Usage == nil {
						t.Errorf("%s: %+v; want ok with usage", api, r)
						return
					}
					sum.Input, sum.Output = sum.Input+r.Usage.Input, sum.Output+r.Usage.Output
					sum.CacheRead, sum.CacheWrite = sum.CacheRead+r.Usage.CacheRead, sum.CacheWrite+r.Usage.CacheWrite
					if r.FirstToken.IsZero() == plugins.Streams(api) {
						t.Errorf("%s: first token at %v; want one of a stream alone", api, r.FirstToken)
					}
					if plugins.Streams(api) {
						if late := r.FirstToken.Sub(began) - 300*time.Millisecond; late < 0 || late >= time.Microsecond {
							t.Errorf("%s: first token after %s; want 300ms", api, r.FirstToken.Sub(began))
						}
					}
				})
			}
			all.Wait()
			want := server.Counts().Models[novaModel]
			if got := (sim.ModelCounts{Attempts: calls, OK: calls, InputTokens: sum.Input, OutputTokens: sum.Output, CacheReadTokens: sum.CacheRead, CacheWriteTokens: sum.CacheWrite}); got != want {
				t.Errorf("%s: the replies tell %+v; the account counts %+v", api, got, want)
			}
			if sum.CacheRead == 0 || sum.CacheWrite == 0 || sum.Output == 0 {
				t.Errorf("%s: the replies tell no cache or no output: %+v", api, sum)
			}
		})
	}
}

// A throttle in the middle of a stream is a throttle, with its code, and with
// the first token that came before it.
func TestThrottleInTheMiddleOfAStream(t *testing.T) {
	for _, api := range []string{plugins.APIInvokeStream, plugins.APIConverseStream} {
		synctest.Test(t, func(t *testing.T) {
			c := reach(t, cloud.InProcess(simulated(t, "models: [{id: "+novaModel+", mid_stream_throttle: 1}]")))
			r := c.Invoke(t.Context(), ask(api))
			if r.Outcome != record.Throttled || r.Code != "ThrottlingException" || r.Status != 200 || r.Usage != nil || r.FirstToken.IsZero() || r.Message == "" {
				t.Errorf("%s: %+v; want throttled in mid-stream", api, r)
			}
		})
	}
}

// What a fault does to a stream over a real connection, and the call after it.
func TestFaultsOfStreams(t *testing.T) {
	const ample, tight = 20 * time.Second, 150 * time.Millisecond
	for _, test := range []struct {
		what     string
		deadline time.Duration
		want     record.Outcome
		code     string
	}{
		{"{truncate_stream: 0}", ample, record.Truncated, "NoLastEvent"},
		{"{truncate_stream: 2}", ample, record.Truncated, "NoLastEvent"},
		{"{crc: true}", ample, record.Protocol, "BrokenStream"},
		{"{malformed: true}", ample, record.Protocol, "BrokenStream"},
		{"{empty: true}", ample, record.Truncated, "NoLastEvent"},
		{"{reset: before}", ample, record.Connection, "SendFailed"},
		{"{reset: middle}", ample, record.Connection, "ReplyCut"},
		{"{truncate: 150}", ample, record.Truncated, "NoLastEvent"},
		{"{stall: {after: 150, for: 1h}}", tight, record.Timeout, "Deadline"},
		{"{delay: 1h}", tight, record.Timeout, "Deadline"},
		{"{html: 200}", ample, record.Protocol, "BrokenStream"},
		{"{html: 502}", ample, record.ServerError, "BadGateway"},
		{"{error: {status: 429, code: ThrottlingException}}", ample, record.Throttled, "ThrottlingException"},
		{"{error: {status: 503, code: ServiceUnavailableException}}", ample, record.Capacity, "ServiceUnavailableException"},
	} {
		for _, api := range []string{plugins.APIInvokeStream, plugins.APIConverseStream} {
			server := simulated(t, "models: [{id: "+novaModel+", latency: {first_token: 1us, per_token: 0s}}]\nfaults: [{when: {every: 2}, what: "+test.what+"}]")
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			serving := sim.Serve(l, server)
			c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://" + l.Addr().String()})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 4 {
				want, code, deadline := record.OK, "", ample
				if i%2 == 1 {
					want, code, deadline = test.want, test.code, test.deadline
				}
				ctx, cancel := context.WithTimeout(context.Background(), deadline)
				got := c.Invoke(ctx, ask(api))
				cancel()
				if got.Outcome != want || got.Code != code {
					t.Errorf("%s by %s, call %d: %q, code %q, status %d (%s); want %q, %q", test.what, api, i+1, got.Outcome, got.Code, got.Status, got.Message, want, code)
				}
				if (got.Usage != nil) != (want == record.OK) {
					t.Errorf("%s by %s, call %d: %q with the usage %v", test.what, api, i+1, got.Outcome, got.Usage)
				}
			}
			ctx, cancel := context.WithTimeout(context.Background(), ample)
			if err := serving.Shutdown(ctx); err != nil {
				t.Errorf("%s by %s: Shutdown() = %v", test.what, api, err)
			}
			cancel()
		}
	}
}

// The same faults in one process and in virtual time. The bubble ends only when
// no goroutine is left.
func TestFaultsOfStreamsLeaveNothingBehind(t *testing.T) {
	for what, want := range map[string]record.Outcome{
		"{truncate_stream: 3}": record.Truncated, "{crc: true}": record.Protocol, "{reset: middle}": record.Connection,
		"{stall: {after: 150, for: 1h}}": record.Timeout, "{empty: true}": record.Truncated,
	} {
		for _, api := range []string{plugins.APIInvokeStream, plugins.APIConverseStream} {
			synctest.Test(t, func(t *testing.T) {
				c := reach(t, cloud.InProcess(simulated(t, "models: [{id: "+novaModel+"}]\nfaults: [{what: "+what+"}]")))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if r := c.Invoke(ctx, ask(api)); r.Outcome != want {
					t.Errorf("%s by %s: %+v; want %s", what, api, r, want)
				}
			})
		}
	}
}

// event is a frame of an event stream as AWS writes it.
func event(kind, name, payload string) []byte {
	var m eventstream.Message
	m.Headers.Set(":message-type", eventstream.StringValue(kind))
	switch kind {
	case "event":
		m.Headers.Set(":event-type", eventstream.StringValue(name))
	case "exception":
		m.Headers.Set(":exception-type", eventstream.StringValue(name))
	case "error":
		m.Headers.Set(":error-code", eventstream.StringValue(name))
		m.Headers.Set(":error-message", eventstream.StringValue(payload))
	}
	m.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	m.Payload = []byte(payload)
	var out bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func chunk(payload string) []byte {
	return event("event", "chunk", `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(payload))+`"}`)
}

// What a stream can say that the simulated account never does.
func TestEndsOfStreams(t *testing.T) {
	text, empty := event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"x"}}`), event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":""}}`)
	reasons := event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}`)
	signed := event("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"s"}}}`)
	stop, meta := event("event", "messageStop", `{"stopReason":"end_turn"}`), event("event", "metadata", `{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"metrics":{"latencyMs":5}}`)
	said := chunk(`{"contentBlockDelta":{"delta":{"text":"x"}}}`)
	metrics := chunk(`{"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":4}}`)
	told := &record.Usage{Input: 3, Output: 4}
	for _, test := range []struct {
		name, api string
		frames    [][]byte
		want      record.Outcome
		code      string
		usage     *record.Usage
		first     bool
	}{
		{"whole", plugins.APIConverseStream, [][]byte{text, stop, meta}, record.OK, "", told, true},
		{"an unknown event", plugins.APIConverseStream, [][]byte{event("event", "somethingNew", `{"a":1}`), text, stop, meta}, record.OK, "", told, true},
		{"nothing said", plugins.APIConverseStream, [][]byte{empty, signed, stop, meta}, record.OK, "", told, false},
		{"reasoning", plugins.APIConverseStream, [][]byte{reasons, stop, meta}, record.OK, "", told, true},
		{"no metadata", plugins.APIConverseStream, [][]byte{text, stop}, record.Truncated, "NoLastEvent", nil, true},
		{"no messageStop", plugins.APIConverseStream, [][]byte{text, meta}, record.Truncated, "NoLastEvent", nil, true},
		{"no usage", plugins.APIConverseStream, [][]byte{text, stop, event("event", "metadata", `{"metrics":{"latencyMs":5}}`)}, record.OK, "", nil, true},
		{"negative usage", plugins.APIConverseStream, [][]byte{text, stop, event("event", "metadata", `{"usage":{"inputTokens":3,"outputTokens":-4,"totalTokens":7}}`)}, record.OK, "", nil, true},
		{"nothing at all", plugins.APIConverseStream, nil, record.Truncated, "NoLastEvent", nil, false},
		{"capacity", plugins.APIConverseStream, [][]byte{text, event("exception", "serviceUnavailableException", `{"message":"Bedrock is unable to process your request."}`)}, record.Capacity, "ServiceUnavailableException", nil, true},
		{"model error", plugins.APIConverseStream, [][]byte{text, event("exception", "modelStreamErrorException", `{"message":"m"}`)}, record.ServerError, "ModelStreamErrorException", nil, true},
		{"validation", plugins.APIConverseStream, [][]byte{event("exception", "validationException", `{"message":"m"}`)}, record.ClientError, "ValidationException", nil, false},
		{"an unknown exception", plugins.APIConverseStream, [][]byte{text, event("exception", "somethingNewException", `{"message":"m"}`)}, record.ServerError, "somethingNewException", nil, true},
		{"an error frame", plugins.APIConverseStream, [][]byte{text, event("error", "InternalError", "broken")}, record.ServerError, "InternalError", nil, true},
		{"an exception after the end", plugins.APIConverseStream, [][]byte{text, stop, meta, event("exception", "throttlingException", `{"message":"m"}`)}, record.Throttled, "ThrottlingException", nil, true},
		{"half a frame", plugins.APIConverseStream, [][]byte{text, stop, meta[:20]}, record.Truncated, "NoLastEvent", nil, true},

		{"whole", plugins.APIInvokeStream, [][]byte{said, metrics}, record.OK, "", told, true},
		{"the family's end", plugins.APIInvokeStream, [][]byte{said, chunk(`{"metadata":{"usage":{}}}`)}, record.OK, "", nil, true},
		{"an unknown event", plugins.APIInvokeStream, [][]byte{event("event", "somethingNew", `{"a":1}`), metrics}, record.OK, "", told, false},
		{"no end", plugins.APIInvokeStream, [][]byte{said}, record.Truncated, "NoLastEvent", nil, true},
		{"a chunk that is no JSON", plugins.APIInvokeStream, [][]byte{chunk("<html>"), said, metrics}, record.OK, "", told, true},
		{"model timeout", plugins.APIInvokeStream, [][]byte{said, event("exception", "modelTimeoutException", `{"message":"m"}`)}, record.ServerError, "ModelTimeoutException", nil, true},
	} {
		r := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
			w.Write(bytes.Join(test.frames, nil))
		}))).Invoke(t.Context(), ask(test.api))
		if r.Outcome != test.want || r.Code != test.code || r.Status != 200 || fmt.Sprint(r.Usage) != fmt.Sprint(test.usage) || r.FirstToken.IsZero() == test.first {
			t.Errorf("%s by %s: %+v, usage %v; want %s, code %q, usage %v, first token %v", test.name, test.api, r, r.Usage, test.want, test.code, test.usage, test.first)
		}
	}
}

// Tier, latency and the long context are asked for by every operation, and what
// AWS serves instead is told.
func TestServed(t *testing.T) {
	for _, api := range apis {
		for _, test := range []struct{ latency, tier, wantAs string }{
			{"optimized", "", ""}, {"standard", "", ""}, {"", "priority", ""}, {"", "", ""},
		} {
			c := reach(t, cloud.InProcess(simulated(t, "models: [{id: "+novaModel+", latency: {first_token: 1us, per_token: 0s}}]")))
			in := ask(api)
			in.Latency, in.Tier = test.latency, test.tier
			if r := c.Invoke(t.Context(), in); r.Outcome != record.OK || r.Served != test.wantAs {
				t.Errorf("%s, latency %q, tier %q: %+v; want served %q", api, test.latency, test.tier, r, test.wantAs)
			}
		}
	}
	metadata := func(more string) []byte {
		return bytes.Join([][]byte{event("event", "messageStop", `{"stopReason":"end_turn"}`), event("event", "metadata", `{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},`+more+`}`)}, nil)
	}
	for _, test := range []struct {
		api, header, value string
		body               []byte
		want               string
	}{
		{plugins.APIInvoke, "X-Amzn-Bedrock-PerformanceConfig-Latency", "standard", []byte("{}"), "standard latency"},
		{plugins.APIInvoke, "X-Amzn-Bedrock-Service-Tier", "default", []byte("{}"), "default tier"},
		{plugins.APIInvokeStream, "X-Amzn-Bedrock-PerformanceConfig-Latency", "standard", chunk(`{"metadata":{}}`), "standard latency"},
		{plugins.APIInvokeStream, "X-Amzn-Bedrock-Service-Tier", "flex", chunk(`{"metadata":{}}`), "flex tier"},
		{plugins.APIConverse, "", "", []byte(`{"performanceConfig":{"latency":"standard"},` + converseReply[1:]), "standard latency"},
		{plugins.APIConverse, "", "", []byte(`{"serviceTier":{"type":"default"},` + converseReply[1:]), "default tier"},
		{plugins.APIConverseStream, "", "", metadata(`"performanceConfig":{"latency":"standard"}`), "standard latency"},
		{plugins.APIConverseStream, "", "", metadata(`"serviceTier":{"type":"default"}`), "default tier"},
	} {
		in := ask(test.api)
		in.Latency, in.Tier, in.LongContext = "optimized", "priority", true
		var asked []byte
		var header http.Header
		r := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked, _ = io.ReadAll(r.Body)
			header = r.Header
			if test.header != "" {
				w.Header().Set(test.header, test.value)
			}
			w.Write(test.body)
		}))).Invoke(t.Context(), in)
		if r.Outcome != record.OK || r.Served != test.want {
			t.Errorf("%s: %+v; want served %q", test.api, r, test.want)
		}
		if plugins.TakesBody(test.api) {
			if header.Get("X-Amzn-Bedrock-PerformanceConfig-Latency") != "optimized" || header.Get("X-Amzn-Bedrock-Service-Tier") != "priority" {
				t.Errorf("%s asks with the headers %v; want latency and tier", test.api, header)
			}
			continue
		}
		for _, part := range []string{`"performanceConfig":{"latency":"optimized"}`, `"serviceTier":{"type":"priority"}`, `"additionalModelRequestFields":{"anthropic_beta":["context-1m-2025-08-07"]}`} {
			if !bytes.Contains(asked, []byte(part)) {
				t.Errorf("%s asks %s; want %s in it", test.api, asked, part)
			}
		}
	}
}

func TestCountTokens(t *testing.T) {
	c := reach(t, cloud.InProcess(simulated(t, "models: [{id: "+novaModel+"}, {id: amazon.other-v1:0, inference_types: [INFERENCE_PROFILE]}]")))
	for _, api := range apis {
		in := ask(api)
		n, err := c.CountTokens(t.Context(), in)
		r := c.Invoke(t.Context(), in)
		if err != nil || r.Usage == nil || n != r.Usage.Input {
			t.Errorf("%s: CountTokens() = %d, %v; the call has %v", api, n, err, r.Usage)
		}
		in.ModelID = "amazon.other-v1:0"
		if n, err := c.CountTokens(t.Context(), in); err == nil {
			t.Errorf("%s: CountTokens() of a model that cannot be asked = %d; want an error", api, n)
		}
	}
}

// What a stream costs the client and the simulated account together.
func BenchmarkConverseStream(b *testing.B) {
	parsed, err := sim.Parse("account.yaml", []byte("models: [{id: "+novaModel+", latency: {first_token: 1us, per_token: 0s}}]"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(parsed))})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if r := c.Invoke(context.Background(), ask(plugins.APIConverseStream)); r.Outcome != record.OK {
			b.Fatalf("%+v", r)
		}
	}
}
