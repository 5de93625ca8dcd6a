package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// acme is a scenario on a model of a family of its own.
func acme(more string) string {
	return `version: 1
name: acme
models:
  writer: acme.writer-v1:0
families:
  acme:
    match: [acme.]
    body: '{"messages": [{"role": "system", "content": "${system}!"}, {"role": "user", "content": "${prompt}"}], "max_tokens": "${max_tokens}", "temperature": "${temperature}"}'
    usage: {input: usage.prompt_tokens, output: usage.completion_tokens}
    stream: {text: "choices[].delta.content", last: "choices[].finish_reason"}
` + more
}

const acmeAccount = `
account: "123456789012"
region: us-east-1
seed: 5
models:
  - {id: "acme.writer-v1:0", name: Writer, provider: Acme, latency: {first_token: 250ms, per_token: 10ms, spread: 0}, output_tokens: {mean: 12, spread: 0.5}}
  - {id: "acme.profiled-v1:0", name: Profiled, provider: Acme, inference_types: [INFERENCE_PROFILE]}
profiles:
  - {id: "us.acme.profiled-v1:0", name: US Profiled, models: ["acme.profiled-v1:0"]}
`

const acmeLoad = "steps: [{load: {ramp: {constant: 60 rpm, for: 20s}}}]\n"

// A model of a family that only the scenario knows is asked by all operations
// that take a body, and its tokens are those that the account counts.
func TestOwnFamily(t *testing.T) {
	for _, c := range []struct {
		request, operation string
		streams            bool
	}{
		{"{}", "InvokeModel", false}, // Converse is not the default for a family with a body of its own
		{"{api: invoke}", "InvokeModel", false},
		{"{api: invoke-stream, system: Be kind., temperature: 0.5}", "InvokeModelWithResponseStream", true},
	} {
		o := simulate(t, acme("request: "+c.request+"\n"+acmeLoad), acmeAccount, nil)
		if o.Exit != 0 {
			t.Fatalf("%s: exit %d: %s", c.request, o.Exit, o.Problem)
		}
		if n := o.counts.Requests["bedrock-runtime."+c.operation]; n != 20 {
			t.Errorf("%s: %d requests of %s (%v); want 20", c.request, n, c.operation, o.counts.Requests)
		}
		v, counted := o.Models[0].Steps["load"], o.counts.Models["acme.writer-v1:0"]
		if v["ok"].Value != 20 || v["input_tokens"].Value != float64(counted.InputTokens) || v["output_tokens"].Value != float64(counted.OutputTokens) || v["output_tokens"].Samples != 20 {
			t.Errorf("%s: ok %v, tokens %v and %v; the account counts %+v", c.request, v["ok"], v["input_tokens"], v["output_tokens"], counted)
		}
		if got := v["ttft_ms.p50"]; got.Known != c.streams || c.streams && (got.Value < 250 || got.Value > 251) {
			t.Errorf("%s: ttft_ms.p50 = %+v; want 250 of a stream, and no data otherwise", c.request, got)
		}
		if o.Models[0].Family != "acme" {
			t.Errorf("the family is %q; want acme", o.Models[0].Family)
		}
	}
}

// ears answers every call and keeps what was asked.
type ears struct {
	plugins.AWS
	mu     sync.Mutex
	asked  []plugins.Invocation
	count  func(in plugins.Invocation) (int64, error)
	answer func(in plugins.Invocation) plugins.Reply
}

func (e *ears) Identity(context.Context) (plugins.Identity, error) {
	return plugins.Identity{Account: "123456789012", Region: "us-east-1"}, nil
}

func (*ears) Catalog(context.Context) (plugins.Catalog, error) { return plugins.Catalog{}, nil }

func (e *ears) CountTokens(_ context.Context, in plugins.Invocation) (int64, error) {
	return e.count(in)
}

func (e *ears) Invoke(_ context.Context, in plugins.Invocation) plugins.Reply {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, in)
	if e.answer != nil {
		return e.answer(in)
	}
	return plugins.Reply{Outcome: record.OK, Status: 200}
}

// listen runs a scenario and returns what it asked, in order.
func listen(t *testing.T, src string, e *ears) (outcome, []plugins.Invocation) {
	t.Helper()
	var o outcome
	synctest.Test(t, func(t *testing.T) { o = execute(t, plan(t, src), e, nil) })
	return o, e.asked
}

// quick sends so many calls within a second.
func quick(calls int) string {
	return fmt.Sprintf("steps: [{load: {ramp: {constant: %d rps, for: 1s}}}]\n", calls)
}

func texts(asked []plugins.Invocation) (out []string) {
	for _, in := range asked {
		out = append(out, in.Prompt.Text)
	}
	return out
}

func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRawBody(t *testing.T) {
	_, asked := listen(t, scenario(`request: {body: '{"own": ["${prompt}", "${max_tokens}"], "deep": {"x": 1}}', prompt: "a \"b\"", max_tokens: 70}`+"\n"+quick(1)), &ears{})
	for _, in := range asked {
		if in.API != "invoke" || string(in.Body) != `{"own":["a \"b\"",70],"deep":{"x":1}}` || in.Prompt.MaxTokens != 70 {
			t.Errorf("%s of %s, at most %d tokens; want the body of the request by invoke", in.API, in.Body, in.Prompt.MaxTokens)
		}
	}
}

func TestTierLatencyAndLongContext(t *testing.T) {
	for _, api := range []string{"invoke", "converse"} {
		_, asked := listen(t, "version: 1\nname: t\nmodels: {haiku: anthropic.claude-3-haiku-20240307-v1:0}\nrequest: {api: "+api+", service_tier: flex, latency: optimized, long_context: true}\n"+quick(1), &ears{
			answer: func(plugins.Invocation) plugins.Reply {
				return plugins.Reply{Outcome: record.OK, Status: 200, Served: "standard latency"}
			}})
		in := asked[0]
		if in.Tier != "flex" || in.Latency != "optimized" || !in.LongContext {
			t.Errorf("%s: %+v; want tier, latency and long context asked for", api, in)
		}
		var body struct {
			Beta []string `json:"anthropic_beta"`
			Max  int      `json:"max_tokens"`
		}
		if api == "invoke" && (json.Unmarshal(in.Body, &body) != nil || !slices.Equal(body.Beta, []string{"context-1m-2025-08-07"}) || body.Max != 50) {
			t.Errorf("the body is %s; want the long context asked for in it", in.Body)
		}
	}
	o, _ := listen(t, "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: {latency: optimized}\n"+quick(2)+"assert: [{expr: load.downgraded == 0}]\n", &ears{
		answer: func(plugins.Invocation) plugins.Reply {
			return plugins.Reply{Outcome: record.OK, Status: 200, Served: "standard latency"}
		}})
	if o.Verdict != record.Fail || o.calls[0].Served != "standard latency" {
		t.Errorf("verdict %s, served %q; want a failure: what was optimized is served at standard latency", o.Verdict, o.calls[0].Served)
	}
}

// The IAM actions of a plan are those of its operations, and of the lookup of
// the ids where no step before does that.
func TestActionsOfAPlan(t *testing.T) {
	const lookup = " bedrock:ListFoundationModels bedrock:ListInferenceProfiles bedrock:ListProvisionedModelThroughputs"
	for request, want := range map[string]string{
		"{api: invoke}": "bedrock:InvokeModel", "{api: converse}": "bedrock:InvokeModel", "{api: converse-stream}": "bedrock:InvokeModelWithResponseStream",
		"{prompt_tokens: 100}": "bedrock:InvokeModel bedrock:CountTokens",
	} {
		p := plan(t, "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: "+request+"\n"+quick(1))
		if got := strings.Join(p.Steps[0].Estimate.Reads, " "); got != want+lookup {
			t.Errorf("%s needs %q; want %q", request, got, want)
		}
		if notes := p.Steps[0].Estimate.Notes; (len(notes) > 0) != strings.Contains(request, "prompt_tokens") {
			t.Errorf("%s: notes %v", request, notes)
		}
	}
	after := plan(t, "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - discover: {}\n  - load: {ramp: {constant: 60 rpm, for: 1s}}\n")
	if got := after.Steps[1].Estimate.Reads; !slices.Equal(got, []string{"bedrock:InvokeModel"}) {
		t.Errorf("behind a discover step a load needs %q; want no lookup of its own", got)
	}
}

func TestModelsAsTheScenarioKnowsThem(t *testing.T) {
	p := plan(t, "version: 1\nname: t\nmodels: {nova: {id: amazon.nova-lite-v1:0, limits: {context: 200k, output: 64k}, price: {input: 1, output: 2, cache_read: 0.5}}}\nsteps: [{discover: {}}]\n")
	m := p.Models[0]
	if m.Limits != (plugins.Limits{ContextWindow: 200_000, MaxOutput: 64_000}) || m.Tariff.Price.CacheRead == nil || *m.Tariff.Price.CacheRead != 0.5 || m.Tariff.Price.CacheWrite != nil {
		t.Errorf("the model is %+v, price %+v", m, m.Tariff.Price)
	}
}

func TestProblemsOfRequests(t *testing.T) {
	folder(t, map[string]string{
		"p.jsonl": three, "over.jsonl": `{"prompt": "x", "max_tokens": 20000}` + "\n", "two.jsonl": `{"max_tokens": 0, "system": 1, "prompt": 2}` + "\n", "null.jsonl": `{"prompt": "x", "system": null}` + "\n" + `{"prompt": null}` + "\n",
		"empty.jsonl": "\n\n",
		"bad.jsonl":   `{"prompt": "a secret"` + "\n[]\n" + `{"prompt": ""}` + "\n" + `{"prompt": "x", "model": "y"}` + "\n" + `{"system": "x"}` + "\n" + `{"prompt": "x", "max_tokens": 0}` + "\nnull\n",
	})
	if err := os.Symlink("/etc/hostname", "link.jsonl"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("dir.jsonl", 0o700); err != nil {
		t.Fatal(err)
	}
	load := "steps: [{load: {ramp: {constant: 60 rpm, for: 10s}}}]\n"
	one := func(request string) string {
		return "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: " + request + "\n" + load
	}
	own := func(families string) string {
		return "version: 1\nname: t\nmodels: {writer: acme.writer-v1:0}\nfamilies: " + families + "\n" + load
	}
	for _, c := range []struct{ src, want, hint string }{
		{one("{prompts: none.jsonl}"), "4:20 bad-prompts none.jsonl cannot be read", "beside the scenario"},
		{one("{prompts: ../p.jsonl}"), "4:20 bad-prompts ../p.jsonl leads out", "beside the scenario"},
		{one("{prompts: /etc/hostname}"), "4:20 bad-prompts /etc/hostname leads out", "beside the scenario"},
		{one("{prompts: link.jsonl}"), "4:20 bad-prompts link.jsonl cannot be read", "beside the scenario"},
		{one("{prompts: dir.jsonl}"), "4:20 bad-prompts dir.jsonl is no regular file", "one JSON object a line"},
		{one("{prompts: empty.jsonl}"), "4:20 bad-prompts empty.jsonl has no prompts", "one JSON object a line"},
		{one("{prompts: {file: bad.jsonl}}"), "4:27 bad-prompts bad.jsonl:1: this is no JSON object; 4:27 bad-prompts bad.jsonl:2: this is no JSON object; 4:27 bad-prompts bad.jsonl:3: prompt is not a text that says something; " +
			"4:27 bad-prompts bad.jsonl:4: it has a key; 4:27 bad-prompts bad.jsonl:5: it has no prompt; 4:27 bad-prompts bad.jsonl:6: max_tokens is not a whole number from 1 to 1000000; 4:27 bad-prompts bad.jsonl:7: this is no JSON object", "one JSON object a line"},
		{one("{prompts: two.jsonl}"), "4:20 bad-prompts two.jsonl:1: prompt is not a text", "one JSON object a line"},
		{one("{prompts: null.jsonl}"), "4:20 bad-prompts null.jsonl:2: prompt is not a text", "one JSON object a line"},
		{one("{prompts: over.jsonl}"), "4:20 max-tokens-over-model max_tokens 20000 is over", "lower max_tokens"},
		{one("{max_tokens: 5, prompts: over.jsonl}"), "4:35 max-tokens-over-model max_tokens 20000 is over", "lower max_tokens"},

		{one("{body: '{\"a\": \"${promt}\"}'}"), "4:25 bad-body the body has ${promt}", "did you mean ${prompt}?"},
		{one("{body: '{\"a\": }', max_tokens: 5}"), "4:24 bad-body the body is no JSON", "for example"},
		{one("{body: '{}'}"), "4:17 no-max-tokens the request of model nova has a body and no max_tokens", "add max_tokens"},
		{one("{body: '{}', max_tokens: 5, nonce: true}"), "4:17 prompt-not-sent the body of the request of model nova has no place", "put ${prompt}"},
		{one("{body: '{}', max_tokens: 5, api: converse}"), "4:43 body-not-sent converse takes no body", "use api: invoke"},
		{one("{body: '{}', max_tokens: 5, api: converse-stream}"), "4:43 body-not-sent converse-stream takes no body", "use api: invoke"},
		{one("{body: '{\"m\": \"${max_tokens}\"}', max_tokens: 5}"), "", ""},
		{one("{body: '{\"inferenceConfig\": {\"maxTokens\": 5}}', max_tokens: 5}"), "", ""},
		{one("{body: '{\"inferenceConfig\": {\"maxTokens\": 500}}', max_tokens: 5}"), "4:17 no-output-limit the body of the request of model nova does not limit the output to max_tokens (5)", "put \"${max_tokens}\""},
		{one("{body: '{\"inferenceConfig\": {}}', max_tokens: 5}"), "4:17 no-output-limit the body of the request of model nova does not limit the output to max_tokens (5)", "put \"${max_tokens}\""},
		{one("{long_context: true}"), "4:25 no-long-context long_context is asked of Anthropic's models alone", "leave it out"},

		{own("{acme: {match: [acme.], body: '{\"p\": \"${prompt}\"}'}}"), "4:41 no-output-limit the body of family acme does not limit the output", "no_output: true"},
		{own("{acme: {match: [acme.], body: '[\"${prompt}\"]'}}"), "4:42 bad-body the body is no JSON object", "for example"},
		{own("{Claude: {body: '{\"m\": \"${max_tokens}\"}'}}"), "4:12 family-taken there is a family \"Claude\" already", "choose another name"},
		{own("{acme: {match: [acme.], body: '{\"m\": \"${max_tokens}\"}'}}\nrequest: {api: invoke-stream}"), "5:16 no-stream how model writer streams is not known", "families.<name>.stream"},
		{own("{acme: {match: [acme.], body: '{\"m\": \"${max_tokens}\"}'}}\nrequest: {api: converse}"), "5:16 no-converse Converse does not know models of the family acme", "use api: invoke"},
		{strings.Replace(own("{acme: {body: '{\"m\": \"${max_tokens}\"}'}}"), "acme.writer-v1:0}", "{id: acme.writer-v1:0, family: acmee}}", 1), "3:49 unknown-family there is no model family \"acmee\"", "did you mean \"acme\"?"},
	} {
		_, problems := understand(c.src)
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s %s %s", p.Pos, p.Code, p.Message))
			if !strings.Contains(p.Hint, c.hint) {
				t.Errorf("%s: the way out of %q is %q; want %q in it", p.Code, p.Message, p.Hint, c.hint)
			}
			if strings.Contains(p.Message, "secret") {
				t.Errorf("the problem tells what a prompt says: %s", p.Message)
			}
		}
		want := strings.FieldsFunc(c.want, func(r rune) bool { return r == ';' })
		ok := len(got) == len(want)
		for i := 0; ok && i < len(want); i++ {
			ok = strings.HasPrefix(got[i], strings.TrimSpace(want[i]))
		}
		if !ok {
			t.Errorf("problems %q; want %q\n%s", got, want, scenarios.Render("scenario.yaml", []byte(c.src), problems))
		}
	}
}

// A load with streams that break off, are throttled in the middle and have bad
// checksums adds up as any other.
func TestBrokenStreamsAddUp(t *testing.T) {
	account := strings.Replace(acmeAccount, "spread: 0}, output", "spread: 0}, mid_stream_throttle: 0.2, output", 1) + `faults:
  - {match: {operation: bedrock-runtime.InvokeModelWithResponseStream}, when: {every: 5}, what: {truncate_stream: 3}}
  - {match: {operation: bedrock-runtime.InvokeModelWithResponseStream}, when: {every: 7}, what: {crc: true}}
`
	o := simulate(t, acme("request: {api: invoke-stream}\nsteps: [{load: {ramp: {constant: 600 rpm, for: 20s}}}]\n"), account, nil)
	outcomes := map[record.Outcome]int{}
	for _, c := range o.calls {
		outcomes[c.Outcome]++
		if (c.Usage != nil) != (c.Outcome == record.OK) {
			t.Errorf("a call that was %s has the usage %v", c.Outcome, c.Usage)
		}
		if c.Outcome == record.Throttled && (c.Status != 200 || c.Code != "ThrottlingException" || c.TTFT < 250*time.Millisecond) {
			t.Errorf("a throttle in mid-stream is %+v", c)
		}
	}
	v := o.Models[0].Steps["load"]
	if outcomes[record.Truncated] < 30 || outcomes[record.Protocol] < 20 || outcomes[record.Throttled] < 15 || outcomes[record.OK] < 50 || len(o.calls) != 200 {
		t.Errorf("outcomes %v", outcomes)
	}
	if v["truncated"].Value != float64(outcomes[record.Truncated]) || v["throttled"].Value != float64(outcomes[record.Throttled]) {
		t.Errorf("truncated %v, throttled %v; want as in the journal: %v", v["truncated"], v["throttled"], outcomes)
	}
}
