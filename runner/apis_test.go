package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// models are one of each form that the simulated account speaks.
var models = map[string]string{
	"claude": "anthropic.claude-3-haiku-20240307-v1:0", "nova": "amazon.nova-lite-v1:0", "titan-text": "amazon.titan-text-express-v1",
	"llama": "meta.llama3-70b-instruct-v1:0", "qwen": "qwen.qwen3-32b-v1:0", "claude-text": "anthropic.claude-v2:1",
	"mistral-text": "mistral.mistral-7b-instruct-v0:2", "mistral": "mistral.mistral-large-2407-v1:0", "cohere-command-r": "cohere.command-r-plus-v1:0",
	"jamba": "ai21.jamba-1-5-large-v1:0", "deepseek-r1": "deepseek.r1-v1:0", "deepseek": "deepseek.v3-v1:0", "openai": "openai.gpt-oss-120b-1:0",
	"writer": "writer.palmyra-x5-v1:0",
}

// Every family by every operation: the tokens of the replies are those that the
// account counts, and the first token of a stream comes when it is sent.
func TestEveryFamilyByEveryOperation(t *testing.T) {
	for family, id := range models {
		account := fmt.Sprintf("models: [{id: %q, latency: {first_token: 400ms, per_token: 10ms, spread: 0}, output_tokens: {mean: 20, spread: 0.5}, limits: {rpm: 60, burst: 5}}]\n", id)
		for _, api := range []string{plugins.APIInvoke, plugins.APIInvokeStream, plugins.APIConverse, plugins.APIConverseStream} {
			src := fmt.Sprintf("version: 1\nname: t\nmodels: {m: %q}\nrequest: {api: %s, system: Be kind., temperature: 0.5}\nsteps: [{load: {ramp: {constant: 240 rpm, for: 6s}}}]\n", id, api)
			if family == "claude-text" && !plugins.TakesBody(api) {
				continue // older than Converse
			}
			o := simulate(t, src, account, nil)
			if o.Exit != 0 || o.Models[0].Family != family {
				t.Fatalf("%s by %s: exit %d, family %s: %s", family, api, o.Exit, o.Models[0].Family, o.Problem)
			}
			v, counted := o.Models[0].Steps["load"], o.counts.Models[id]
			if n := int64(v["ok"].Value); n != counted.OK || n < 8 || int64(v["throttled"].Value) != counted.Throttled || counted.Throttled == 0 || v["errors"].Value != 0 {
				t.Errorf("%s by %s: ok %v, throttled %v, errors %v; the account counts %+v", family, api, v["ok"], v["throttled"], v["errors"], counted)
			}
			if v["input_tokens"].Value != float64(counted.InputTokens) || v["output_tokens"].Value != float64(counted.OutputTokens) || int64(v["input_tokens"].Samples) != counted.OK {
				t.Errorf("%s by %s: tokens %v and %v; the account counts %+v", family, api, v["input_tokens"], v["output_tokens"], counted)
			}
			for _, c := range o.calls {
				switch {
				case c.Outcome != record.OK || !plugins.Streams(api):
					if c.TTFT != 0 {
						t.Errorf("%s by %s: a call that was %s has a first token after %s", family, api, c.Outcome, c.TTFT)
					}
				case c.TTFT < 400*time.Millisecond || c.TTFT >= 400*time.Millisecond+time.Microsecond:
					t.Errorf("%s by %s: first token after %s; want 400ms", family, api, c.TTFT)
				}
			}
		}
	}
}

// One seed makes one run, to the byte: with streams, generated prompts and
// nonces too.
func TestStreamsRepeatWithTheirSeed(t *testing.T) {
	src := "version: 1\nname: t\nmodels: {m: " + models["nova"] + "}\nrequest: {api: converse-stream, prompt_tokens: 500, nonce: true}\nsteps: [{load: {ramp: {constant: 600 rpm, for: 20s}}}]\n"
	account := "models: [{id: " + models["nova"] + ", mid_stream_throttle: 0.1}]\n"
	first, again := simulate(t, src, account, nil), simulate(t, src, account, nil)
	a, b := first.json(t), again.json(t)
	// The runs begin at one instant of virtual time, so that not even times differ.
	if a != b {
		t.Error("two runs with one seed differ")
	}
	if !strings.Contains(a, `"ttft_ms":{"max":`) || strings.Contains(a, `"ttft_ms":{"max":null`) {
		t.Errorf("run.json has no ttft_ms")
	}
}
