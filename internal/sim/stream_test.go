package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// heard is what a client heard of a stream, and when after the beginning.
type heard struct {
	events  []string
	at      []time.Duration
	text    string
	deltas  []time.Duration
	reason  types.StopReason
	meta    *types.ConverseStreamMetadataEvent
	err     error // of the call, or of the stream
	began   bool  // the reply's header came
	ended   time.Duration
	headers time.Duration
}

func converseStreamInput(model, text string, maxTokens int32) *bedrockruntime.ConverseStreamInput {
	in := converseInput(model, text, maxTokens)
	return &bedrockruntime.ConverseStreamInput{ModelId: in.ModelId, Messages: in.Messages, InferenceConfig: in.InferenceConfig}
}

// listen makes a ConverseStream call and reads the stream to its end.
func listen(ctx context.Context, s *Server, in *bedrockruntime.ConverseStreamInput) (h heard) {
	began := time.Now()
	out, err := streamClient(s).ConverseStream(ctx, in)
	h.headers = time.Since(began)
	if err != nil {
		h.err = err
		return h
	}
	h.began = true
	stream := out.GetStream()
	for e := range stream.Events() {
		now := time.Since(began)
		h.events, h.at = append(h.events, strings.TrimPrefix(fmt.Sprintf("%T", e), "*types.ConverseStreamOutputMember")), append(h.at, now)
		switch e := e.(type) {
		case *types.ConverseStreamOutputMemberContentBlockDelta:
			h.text += e.Value.Delta.(*types.ContentBlockDeltaMemberText).Value
			h.deltas = append(h.deltas, now)
		case *types.ConverseStreamOutputMemberMessageStop:
			h.reason = e.Value.StopReason
		case *types.ConverseStreamOutputMemberMetadata:
			h.meta = &e.Value
		}
	}
	h.ended = time.Since(began)
	h.err = stream.Err()
	stream.Close()
	return h
}

// Without spread every token comes at its time: the first after first_token,
// each other per_token later, and the end where a whole reply would have come.
// Nanoseconds beyond a whole microsecond belong to the call.
func TestConverseStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, `models: [{id: anthropic.a, latency: {first_token: 300ms, per_token: 20ms, spread: 0}, output_tokens: {mean: 30, spread: 0}}]`)
		h := listen(t.Context(), s, converseStreamInput("anthropic.a", strings.Repeat("word ", 20), 8))
		if h.err != nil {
			t.Fatal(h.err)
		}
		want := "MessageStart" + strings.Repeat(" ContentBlockDelta", 8) + " ContentBlockStop MessageStop Metadata"
		if got := strings.Join(h.events, " "); got != want {
			t.Errorf("events = %s\nwant     %s", got, want)
		}
		beyond := h.deltas[0] - 300*time.Millisecond
		if beyond < 1 || beyond > 999 {
			t.Errorf("the first token came after %s; want 300ms and some nanoseconds", h.deltas[0])
		}
		for i, at := range h.deltas {
			if want := 300*time.Millisecond + time.Duration(i)*20*time.Millisecond + beyond; at != want {
				t.Errorf("token %d came after %s; want %s", i+1, at, want)
			}
		}
		if want := 300*time.Millisecond + 8*20*time.Millisecond + beyond; h.ended != want || h.at[len(h.at)-1] != want {
			t.Errorf("the stream ended after %s, its metadata came after %s; want %s", h.ended, h.at[len(h.at)-1], want)
		}
		if h.headers != h.deltas[0] || h.at[0] != h.deltas[0] {
			t.Errorf("header after %s, messageStart after %s; want both with the first token", h.headers, h.at[0])
		}
		if h.text != filler(8) || h.reason != types.StopReasonMaxTokens {
			t.Errorf("text = %q, stop reason %s; want %q cut", h.text, h.reason, filler(8))
		}
		if u := h.meta.Usage; *u.InputTokens != 25 || *u.OutputTokens != 8 || *u.TotalTokens != 33 || *h.meta.Metrics.LatencyMs != 460 {
			t.Errorf("usage = %d + %d = %d in %d ms; want 25 + 8 = 33 in 460", *u.InputTokens, *u.OutputTokens, *u.TotalTokens, *h.meta.Metrics.LatencyMs)
		}
		if h.meta.ServiceTier != nil || h.meta.PerformanceConfig != nil {
			t.Error("a tier or a latency is told that nobody asked for")
		}
	})
}

// A stream is the call that it would have been in one piece: the same text,
// the same tokens, the same time, for the same seed and request number.
func TestStreamIsTheSameCall(t *testing.T) {
	for seed := range 20 {
		synctest.Test(t, func(t *testing.T) {
			account := fmt.Sprintf("seed: %d\nmodels: [{id: anthropic.a, latency: {spread: 0.5}, output_tokens: {mean: 60, spread: 0.5}}]", seed)
			began := time.Now()
			whole, err := newClients(t, account).runtime.Converse(t.Context(), converseInput("anthropic.a", "hello there", 70))
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			h := listen(t.Context(), newServer(t, account), converseStreamInput("anthropic.a", "hello there", 70))
			text := whole.Output.(*types.ConverseOutputMemberMessage).Value.Content[0].(*types.ContentBlockMemberText).Value
			if h.err != nil || h.text != text || h.reason != whole.StopReason || h.ended != took ||
				*h.meta.Usage.OutputTokens != *whole.Usage.OutputTokens || *h.meta.Metrics.LatencyMs != *whole.Metrics.LatencyMs {
				t.Errorf("seed %d: streamed %q (%s) in %s, %v; in one piece %q (%s) in %s", seed, h.text, h.reason, h.ended, h.err, text, whole.StopReason, took)
			}
			for i, at := range h.deltas {
				if at%time.Microsecond == 0 || i > 0 && at <= h.deltas[i-1] {
					t.Errorf("seed %d: token %d came after %s, one before after %s", seed, i+1, at, h.deltas[max(0, i-1)])
				}
			}
		})
	}
}

// Tokens of one instant share an event; the parts make the whole text.
func TestStreamWithoutLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, `models: [{id: anthropic.a, latency: {first_token: 0s, per_token: 0s}, output_tokens: {mean: 3000, spread: 0}}]`)
		h := listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 4000))
		if h.err != nil || h.ended != 0 || len(h.deltas) != 3 || h.text != filler(3000) {
			t.Errorf("3,000 tokens at once = %d events, %d bytes, after %s, %v; want 3 events of up to 1,024 tokens", len(h.deltas), len(h.text), h.ended, h.err)
		}
	})
}

// A throttle in the middle is an exception of the stream: the SDK hands it out
// typed, and the account counts a throttle and charges what had come.
func TestMidStreamThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, `models: [{id: anthropic.a, burndown: 5, mid_stream_throttle: 1, output_tokens: {mean: 50, spread: 0}, limits: {tpm: 1000, concurrent: 1, algorithm: fixed}}]`)
		h := listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 100))
		var throttled *types.ThrottlingException
		if !errors.As(h.err, &throttled) || throttled.ErrorMessage() != string(tooManyTokens) || !h.began {
			t.Fatalf("the stream ended with %v; want a ThrottlingException after it began", h.err)
		}
		if n := len(h.deltas); n < 1 || n > 50 || h.meta != nil || h.reason != "" || h.text != filler(50)[:min(len(h.text), n*4)] {
			t.Errorf("heard %d tokens, %q, stop reason %q, metadata %v before the throttle", n, h.text, h.reason, h.meta)
		}
		if h.ended <= h.deltas[len(h.deltas)-1] {
			t.Errorf("the exception came after %s, with the last token or before", h.ended)
		}
		if m := s.Counts().Models["anthropic.a"]; m != (ModelCounts{Attempts: 1, Throttled: 1}) {
			t.Errorf("counts = %+v; want one throttle", m)
		}
		pool := s.targets["anthropic.a"].pool
		if used := pool.tpm.(*fixed).used; pool.inFlight != 0 || used != 1+5*int64(len(h.deltas)) {
			t.Errorf("%d in flight, %d tokens used; want 1 + 5 x %d", pool.inFlight, used, len(h.deltas))
		}
		// The same call in one piece has no middle.
		c := newClients(t, `models: [{id: anthropic.a, mid_stream_throttle: 1}]`)
		if _, err := c.runtime.Converse(t.Context(), converseInput("anthropic.a", "hi", 100)); err != nil {
			t.Errorf("Converse with mid_stream_throttle: %v", err)
		}
	})
}

// The fraction of the streams that break is the one asked for, and those are
// the same for the same seed.
func TestMidStreamThrottleRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		run := func() (broken string) {
			s := newServer(t, `models: [{id: anthropic.a, mid_stream_throttle: 0.1, latency: {first_token: 0s, per_token: 0s}}]`)
			for i := range n {
				w := send(s, "POST", "/model/anthropic.a/converse-stream", `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`)
				if strings.Contains(w.body.String(), "throttlingException") {
					broken += fmt.Sprint(i, " ")
				}
			}
			return broken
		}
		first := run()
		const mean, deviation = n * 0.1, 13.4 // of the binomial distribution
		if got := float64(strings.Count(first, " ")); got < mean-4*deviation || got > mean+4*deviation {
			t.Errorf("%v of %d streams broke; want about %v", got, n, mean)
		}
		if run() != first {
			t.Error("the same seed broke other streams")
		}
	})
}

// A client that goes away in the middle settles its call once, there and then.
func TestStreamClientGoesAway(t *testing.T) {
	for name, leave := range map[string]func(stream *bedrockruntime.ConverseStreamEventStream, cancel func()){
		"closes":  func(stream *bedrockruntime.ConverseStreamEventStream, _ func()) { stream.Close() },
		"cancels": func(_ *bedrockruntime.ConverseStreamEventStream, cancel func()) { cancel() },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, `models: [{id: anthropic.a, latency: {per_token: 1s}, limits: {concurrent: 1, tpm: 1000, algorithm: fixed}}]`)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out, err := streamClient(s).ConverseStream(ctx, converseStreamInput("anthropic.a", "hi", 900))
			if err != nil {
				t.Fatal(err)
			}
			stream := out.GetStream()
			<-stream.Events()
			<-stream.Events()
			if m := s.Counts().Models["anthropic.a"]; m.Attempts != 0 {
				t.Errorf("%s: counts in the middle of the stream = %+v", name, m)
			}
			leave(stream, cancel)
			synctest.Wait()
			m := s.Counts().Models["anthropic.a"]
			pool := s.targets["anthropic.a"].pool
			if m.OK != 1 || m.Attempts != 1 || m.OutputTokens < 2 || pool.inFlight != 0 {
				t.Errorf("%s: counts = %+v, %d in flight; want one success, settled", name, m, pool.inFlight)
			}
			if used := pool.tpm.(*fixed).used; used != m.InputTokens+m.OutputTokens {
				t.Errorf("%s: %d tokens of the quota are used by %+v", name, used, m)
			}
			stream.Close()
			time.Sleep(time.Hour)
			if after := s.Counts().Models["anthropic.a"]; after != m {
				t.Errorf("%s: an hour later the counts are %+v; want %+v still", name, after, m)
			}
		})
	}
}

// A client that goes away before the first token hears nothing.
func TestStreamDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, `models: [{id: anthropic.a, latency: {first_token: 10s}}]`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h := listen(ctx, s, converseStreamInput("anthropic.a", "hi", 9))
		synctest.Wait()
		if !errors.Is(h.err, context.DeadlineExceeded) || h.began || s.Counts().Models["anthropic.a"].OK != 1 {
			t.Errorf("a deadline before the first token = %v, %+v", h.err, s.Counts())
		}
	})
}

// Streams are refused as whole calls are, before they begin.
func TestStreamRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, `
models:
  - {id: anthropic.a, limits: {rpm: 1}}
  - {id: meta.llama4-x, streaming: false}
  - {id: amazon.titan-embed-text-v2:0, modalities: [EMBEDDING]}
`)
		var wrong *types.ValidationException
		var throttled *types.ThrottlingException
		if h := listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 9)); h.err != nil {
			t.Errorf("the first stream: %v", h.err)
		}
		if h := listen(t.Context(), s, converseStreamInput("anthropic.a", "hi", 9)); !errors.As(h.err, &throttled) || h.began {
			t.Errorf("a stream beyond the quota = %v; want a ThrottlingException at once", h.err)
		}
		for _, model := range []string{"meta.llama4-x", "amazon.titan-embed-text-v2:0", "nonesuch"} {
			if h := listen(t.Context(), s, converseStreamInput(model, "hi", 9)); !errors.As(h.err, &wrong) || h.began {
				t.Errorf("ConverseStream(%s) = %v; want a ValidationException", model, h.err)
			}
		}
		_, err := streamClient(s).InvokeModelWithResponseStream(t.Context(), &bedrockruntime.InvokeModelWithResponseStreamInput{
			ModelId: aws.String("meta.llama4-x"), Body: []byte(`{"prompt":"hi"}`)})
		if !errors.As(err, &wrong) || !strings.Contains(wrong.ErrorMessage(), "streaming") {
			t.Errorf("InvokeModelWithResponseStream of a model that does not stream = %v", err)
		}
		if m := s.Counts().Models["meta.llama4-x"]; m.ClientErrors != 2 {
			t.Errorf("counts of the model that does not stream = %+v; want 2 client errors", m)
		}
	})
}
