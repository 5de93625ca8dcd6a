package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/scenarios"
)

func TestNewPlanFindsProblemsAtTheirPlace(t *testing.T) {
	const load = "steps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}}\n" // lines 7 and 8
	for _, c := range []struct {
		name, rest string
		want       []string // line:col code
	}{
		{"typo in a metric", load + "assert:\n  - expr: load.throtle_rate <= 0.01\n", []string{"10:16 unknown-name"}},
		{"typo in a block scalar", load + "assert:\n  - expr: |\n      load.ok > 1 and\n      load.latency_ms.p98 < 5\n", []string{"12:23 unknown-name"}},
		{"typo in a folded scalar", load + "assert:\n  - expr: >\n      load.ok > 1 and\n      load.latency_ms.p98 < 5\n", []string{"12:23 unknown-name"}},
		{"typo in quotes", load + "assert:\n  - expr: \"load.ok > 1 and load.okay > 1\"\n", []string{"10:33 unknown-name"}},
		{"percent", load + "assert:\n  - expr: load.throttle_rate <= 1%\n", []string{"10:34 bad-expression"}},
		{"no condition", load + "assert:\n  - expr: load.throttle_rate\n", []string{"10:11 not-a-condition"}},
		{"no measurement", load + "assert:\n  - expr: 1 < 2\n", []string{"10:11 constant-expression"}},
		{"two wrong assertions", load + "assert:\n  - expr: load.a > 1\n  - expr: load.b > 1\n", []string{"10:16 unknown-name", "11:16 unknown-name"}},
		{"quota without discover", load + "assert:\n  - expr: quota.rpm.applied > 1\n", []string{"10:11 unknown-name"}},
		{"quota for the run", "steps:\n  - discover: {}\nassert:\n  - {scope: run, expr: quota.rpm.applied > 1}\n", []string{"10:24 unknown-name"}},
		{"a step's problem is told once", "steps:\n  - laod: {ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - expr: load.throttle_rate <= 0.01\n", []string{"8:5 unknown-step"}},
		{"another step's names are missing then", "steps:\n  - qwertz: {}\nassert:\n  - expr: qwertz.throttle_rate <= 0.01\n", []string{"8:5 unknown-step"}},
		{"stop_when reads bare names", "steps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}, stop_when: load.throttle_rate > 0.5}\n", []string{"8:58 unknown-name"}},
		{"warm-up too long", "steps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}, warmup: 2m}\n", []string{"8:55 bad-warmup"}},
		{"no call at all", "steps:\n  - load: {ramp: {constant: 1 rpm, for: 10s}}\n", []string{"8:18 bad-ramp"}},
		{"stage without time", "steps:\n  - load: {ramp: [{to: 60 rpm}]}\n", []string{"8:18 bad-ramp"}},
		{"a refused stage is told once", "steps:\n  - load: {ramp: [{to: 60 rpm, over: 2}]}\n", []string{"8:38 missing-unit"}},
		{"model not in the step", "steps:\n  - load: {models: [nova], ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - {expr: load.ok > 1, for: [haiku]}\n", []string{"10:31 model-not-in-step"}},
		{"no model in common", "steps:\n  - load: {name: a, models: [nova], ramp: {constant: 60 rpm, for: 1m}}\n  - load: {name: b, models: [haiku], ramp: {constant: 60 rpm, for: 1m}}\nassert:\n  - expr: a.ok > b.ok\n", []string{"11:11 no-model"}},
		{"period that CloudWatch has not", "steps:\n  - monitor: {window: 30d, period: 1m}\n", []string{"8:36 bad-period"}},
		{"period in seconds", "steps:\n  - monitor: {window: 1h, period: 90s}\n", []string{"8:35 bad-period"}},
		{"reserved step name", "steps:\n  - load: {name: max, ramp: {constant: 60 rpm, for: 1m}}\n", []string{"8:18 reserved-name"}},
		{"unknown family", "  other: {id: \"amazon.nova-lite-v1:0\", family: cluade}\n" + load, []string{"7:48 unknown-family"}},
		{"body not known", "  other: twelvelabs.pegasus-1-2-v1:0\nrequest: {api: invoke}\n" + load, []string{"8:16 no-body"}},
		{"no request is known at all", "  sonic: amazon.nova-sonic-v1:0\n" + load, []string{"7:10 no-body"}},
		{"no Converse", "  embed: amazon.titan-embed-text-v2:0\nrequest: {api: converse}\n" + load, []string{"8:16 no-converse"}},
		{"more output than the model gives", "  more: anthropic.claude-3-haiku-20240307-v1:0\nrequest: {max_tokens: 4097}\n" + load, []string{"8:23 max-tokens-over-model", "8:23 max-tokens-over-model"}},
		{"more output than the scenario says", "  more: {id: meta.llama3-8b-instruct-v1:0, limits: {output: 49}}\n" + load, []string{"7:14 max-tokens-over-model"}},
		{"an output that the scenario knows better", "  more: {id: meta.llama3-8b-instruct-v1:0, limits: {output: 4k}, request: {max_tokens: 4000}}\n" + load, nil},
		{"an embedding has no output", "  embed: {id: \"amazon.titan-embed-text-v2:0\", limits: {output: 1}}\n" + load, nil},
		{"input over the context window", "  more: {id: meta.llama3-8b-instruct-v1:0, request: {input_tokens: 8143}}\n" + load, []string{"7:68 over-context-window"}},
		{"input that just fits the context window", "  more: {id: meta.llama3-8b-instruct-v1:0, request: {input_tokens: 8142}}\n" + load, nil},
		{"a prompt over the context window", "  more: {id: meta.llama3-8b-instruct-v1:0, request: {prompt: " + strings.Repeat("word ", 6000) + "}}\n" + load, []string{"7:62 over-context-window"}},
		{"the prompt of nobody over the context window", "  more: {id: meta.llama3-8b-instruct-v1:0, limits: {context: 60}}\n" + load, []string{"7:14 over-context-window"}},
		{"a long context that is asked for", "  more: {id: \"anthropic.claude-sonnet-4-20250514-v1:0\", request: {input_tokens: 900000, long_context: true}}\n" + load, nil},
		{"a silence of what is no stream", "  other: {id: meta.llama3-8b-instruct-v1:0, request: {api: converse-stream}}\nrequest: {stall_timeout: 9s}\n" + load, []string{"8:26 stall-without-stream", "8:26 stall-without-stream"}},
		{"a silence of streams", "request: {stall_timeout: 9s, api: converse-stream}\n" + load, nil},
		{"a context of which nothing is known", "  more: {id: newcomer.model, request: {input_tokens: 9000000, max_tokens: 1000000}}\n" + load, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := scenario(c.rest)
			_, problems := understand(src)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %s", p.Pos, p.Code))
			}
			if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
				t.Errorf("problems at %v; want %v\n%s", got, c.want, scenarios.Render("scenario.yaml", []byte(src), problems))
			}
		})
	}
}

func TestPlanKnowsTheWorstCase(t *testing.T) {
	p := plan(t, `version: 1
name: cost
models:
  sonnet: us.anthropic.claude-sonnet-4-5-20250929-v1:0
  own: {id: "amazon.nova-lite-v1:0", price: {input: 1, output: 2}, burndown: 3}
request: {input_tokens: 100, max_tokens: 50, timeout: 30s}
steps:
  - discover: {}
  - load: {ramp: {constant: 60 rpm, for: 10m}}
  - load: {name: more, models: [own], request: {max_tokens: 10}, ramp: [{to: 120 rpm, over: 2m}]}
  - wait: 3m
`)
	// 600 calls of each model, and 120 more of the second.
	if got, want := p.Cost.Requests, int64(600+600+120); got != want {
		t.Errorf("requests %d; want %d", got, want)
	}
	if got, want := p.Cost.ReservedTokens, int64(600*150+600*150+120*110); got != want {
		t.Errorf("reserved %d; want %d", got, want)
	}
	if got, want := p.Cost.Tokens, int64(600*(100+5*50)+600*(100+3*50)+120*(100+3*10)); got != want {
		t.Errorf("settled %d; want %d", got, want)
	}
	usd := 600*(100*3+50*15)/1e6 + 600*(100*1+50*2)/1e6 + 120*(100*1+10*2)/1e6
	if p.Cost.USD == nil || *p.Cost.USD-usd > 1e-9 || usd-*p.Cost.USD > 1e-9 {
		t.Errorf("USD %v; want %v", p.Cost.USD, usd)
	}
	if got, want := time.Duration(p.Cost.Duration), 10*time.Minute+30*time.Second+2*time.Minute+30*time.Second+3*time.Minute; got != want {
		t.Errorf("duration %s; want %s", got, want)
	}
}

func TestAPlanOverItsBudgetNamesTheNumber(t *testing.T) {
	for _, c := range []struct {
		budget string
		want   []string // parts of the one line, or none for a plan that fits
	}{
		{"{}", nil},
		{"{requests: 600, tokens: 210k, usd: 0.6301, duration: 11m}", nil},
		{"{requests: 599}", []string{"600 requests", "budget.requests is 599", "step load"}},
		{"{tokens: 209999}", []string{"210,000 quota tokens", "budget.tokens is 209,999", "max_tokens"}},
		{"{usd: 0.5}", []string{"0.6300 US dollars", "budget.usd is 0.5000"}},
		{"{duration: 10m}", []string{"11m0s", "budget.duration is 10m0s", "step load"}},
	} {
		p := plan(t, "version: 1\nname: b\nbudget: "+c.budget+"\nmodels: {sonnet: us.anthropic.claude-sonnet-4-5-20250929-v1:0}\nrequest: {input_tokens: 100, max_tokens: 50}\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 10m}}\n")
		over := p.Over()
		if len(over) > 1 || (len(over) == 0) != (c.want == nil) {
			t.Errorf("budget %s: over %q; want %q", c.budget, over, c.want)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(over[0], part) {
				t.Errorf("budget %s: %q does not say %q", c.budget, over[0], part)
			}
		}
	}
	unpriced := plan(t, "version: 1\nname: b\nbudget: {usd: 100}\nmodels: {x: newcomer.model-1}\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}}\n")
	if over := unpriced.Over(); len(over) != 1 || !strings.Contains(over[0], "price of x is not known") {
		t.Errorf("a dollar budget with an unknown price: %q; want a refusal that says so", over)
	}
}

func TestHostileModelNames(t *testing.T) {
	p, problems := understand("version: 1\nname: n\nmodels:\n  '<script>&\"': amazon.nova-lite-v1:0\n  \"a\\u202Eb\": amazon.nova-lite-v1:0\nsteps:\n  - load: {models: ['<script>&\"', \"a\\u202Eb\"], ramp: {constant: 60 rpm, for: 1m}}\nassert: [{expr: load.ok > 1, for: [\"a\\u202Eb\"]}]\n")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := p.Models[0].Name + " " + p.Models[1].Name; got != "<script>&\" a\uFFFDb" {
		t.Errorf("names %q; the first is kept, the second made visible", got)
	}
	if len(p.Steps[0].Models) != 2 {
		t.Errorf("the step has models %q; want both", p.Steps[0].Models)
	}
}
