package runner_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

const three = `{"prompt": "one"}
{"prompt": "two", "system": "Be brief.", "max_tokens": 9}

{"prompt": "three"}
`

func TestPromptsFromAFile(t *testing.T) {
	folder(t, map[string]string{"p.jsonl": three})
	_, asked := listen(t, scenario("request: {prompts: p.jsonl, system: Be kind.}\n"+quick(7)), &ears{})
	byModel := map[string][]string{}
	for _, in := range asked {
		byModel[in.ModelID] = append(byModel[in.ModelID], in.Prompt.Text)
		system, most := "Be kind.", int64(50)
		if in.Prompt.Text == "two" {
			system, most = "Be brief.", 9
		}
		if in.Prompt.System != system || in.Prompt.MaxTokens != most {
			t.Errorf("%+v; want system %q and at most %d tokens", in.Prompt, system, most)
		}
	}
	for model, got := range byModel {
		if strings.Join(got, " ") != "one two three one two three one" {
			t.Errorf("%s was asked %v; want the three in turn", model, got)
		}
	}
	random := func(seed int) []string {
		_, asked := listen(t, fmt.Sprintf("version: 1\nname: t\nseed: %d\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: {prompts: {file: p.jsonl, order: random}}\n%s", seed, quick(60)), &ears{})
		return texts(asked)
	}
	first, again, other := random(1), random(1), random(2)
	if !slices.Equal(first, again) || slices.Equal(first, other) {
		t.Errorf("one seed draws\n%v and\n%v, another\n%v; want the same twice, and something else", first, again, other)
	}
	counts := map[string]int{}
	for _, text := range first {
		counts[text]++
	}
	if len(counts) != 3 || counts["one"] < 8 || counts["two"] < 8 || counts["three"] < 8 {
		t.Errorf("60 draws are %v; want about a third each", counts)
	}
}

// The plan holds the worst of the prompts, and the record none of their words.
func TestPromptsInPlanAndRecord(t *testing.T) {
	secret := strings.Repeat("confidential ", 40)
	file := `{"prompt": "hi", "max_tokens": 900}` + "\n" + `{"prompt": "` + secret + `"}` + "\n"
	folder(t, map[string]string{"p.jsonl": file})
	src := "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nrequest: {prompts: p.jsonl}\n" + quick(4)
	p := plan(t, src)
	perCall := int64((len(secret)+2)/3+10) + 900
	if want := 4 * perCall; p.Cost.ReservedTokens != want {
		t.Errorf("the plan reserves %d tokens; want %d", p.Cost.ReservedTokens, want)
	}
	o := simulate(t, src, haikuAccount, nil)
	sets := o.Steps[0].Load.PromptSets
	sum := sha256.Sum256([]byte(file))
	if len(sets) != 1 || sets[0] != (record.PromptSet{Model: "nova", File: "p.jsonl", Digest: "sha256:" + hex.EncodeToString(sum[:]), Prompts: 2}) {
		t.Errorf("the record says %+v of the file; want its name, digest and two prompts", sets)
	}
	journal, err := json.Marshal(o.calls)
	if err != nil || o.Exit != 0 {
		t.Fatal(o.Problem, err)
	}
	if strings.Contains(o.json(t)+string(journal), "confidential") {
		t.Error("the words of a prompt stand in the record")
	}
}

func TestNonce(t *testing.T) {
	ask := func(seed string) []string {
		_, asked := listen(t, scenario("seed: "+seed+"\nrequest: {prompt: hello, nonce: true}\n"+quick(50)), &ears{})
		return texts(asked)
	}
	first, again, other := ask("1"), ask("1"), ask("2")
	seen := map[string]bool{}
	for i, text := range slices.Concat(first, other) {
		nonce, rest, _ := strings.Cut(text, " ")
		if len(nonce) != 16 || rest != "hello" || seen[nonce] {
			t.Fatalf("call %d was asked %q; want a text of its own before the prompt", i, text)
		}
		seen[nonce] = true
	}
	if !slices.Equal(first, again) {
		t.Error("the same seed gave other texts")
	}
	_, asked := listen(t, acme("request: {prompt: hello, nonce: true}\n"+quick(3)), &ears{})
	for _, in := range asked {
		if !strings.Contains(string(in.Body), in.Prompt.Text) || in.Prompt.Text == "hello" {
			t.Errorf("the body %s is not that of %q", in.Body, in.Prompt.Text)
		}
	}
}

func TestPromptOfAWantedLength(t *testing.T) {
	words := func(in plugins.Invocation) int64 { return int64(len(strings.Fields(in.Prompt.Text))) }
	unknown := func(plugins.Invocation) (int64, error) { return 0, errors.New("not supported") }
	for _, c := range []struct {
		name   string
		count  func(plugins.Invocation) (int64, error)
		answer func(plugins.Invocation) plugins.Reply
		calls  int // beside those of the ramp
		low    int64
		high   int64
		by     string
	}{
		{"counted", func(in plugins.Invocation) (int64, error) { return 7 + words(in)*13/10, nil }, nil, 0, 1990, 2000, "count_tokens"},
		{"reckoned from a call", unknown, func(in plugins.Invocation) plugins.Reply {
			return plugins.Reply{Outcome: record.OK, Status: 200, Usage: &record.Usage{Input: 20 + words(in)*2, Output: 1}}
		}, 1, 1980, 2050, "call"},
		{"guessed", unknown, nil, 1, 1000, 2000, "estimate"},
	} {
		src := "version: 1\nname: t\nmodels: {nova: us.amazon.nova-lite-v1:0}\nrequest: {prompt_tokens: 2k}\n" + quick(3)
		p, e := plan(t, src), &ears{count: c.count, answer: c.answer}
		o, _ := listen(t, src, e)
		lengths := o.Steps[0].Load.Prompts
		if len(lengths) != 1 || lengths[0].Wanted != 2000 || lengths[0].By != c.by || lengths[0].Tokens < c.low || lengths[0].Tokens > c.high || lengths[0].Model != "nova" {
			t.Errorf("%s: the record says %+v; want %d to %d tokens by %s", c.name, lengths, c.low, c.high, c.by)
		}
		if (lengths[0].Problem != "") != (c.calls == 1) {
			t.Errorf("%s: the record says %q of the counting", c.name, lengths[0].Problem)
		}
		if len(e.asked) != 3+c.calls {
			t.Errorf("%s: %d calls; want %d", c.name, len(e.asked), 3+c.calls)
		}
		if c.calls == 1 && (e.asked[0].Prompt.MaxTokens != 1 || e.asked[0].ModelID != "us.amazon.nova-lite-v1:0") {
			t.Errorf("%s: the first call is of %d tokens to %s; want the least, to the model of the ramp", c.name, e.asked[0].Prompt.MaxTokens, e.asked[0].ModelID)
		}
		// The plan counts the call that fitting may take.
		if p.Cost.Requests != 4 || p.Cost.ReservedTokens != 4*2050 {
			t.Errorf("%s: the plan has %d requests and %d tokens; want 4 and %d", c.name, p.Cost.Requests, p.Cost.ReservedTokens, 4*2050)
		}
		if len(o.calls) != 3 || o.Spent.Requests != int64(3+c.calls) {
			t.Errorf("%s: %d calls in the journal, %d requests spent; want 3 and %d", c.name, len(o.calls), o.Spent.Requests, 3+c.calls)
		}
	}
}

// On the simulated account the fitted prompt has the tokens that the account
// counts: by the free count, and by a call where a profile cannot be asked.
func TestFittedPromptsOnTheAccount(t *testing.T) {
	for _, c := range []struct {
		model, by string
		off       float64 // allowed, as a fraction
	}{{"acme.writer-v1:0", "count_tokens", 0.002}, {"us.acme.profiled-v1:0", "call", 0.02}} {
		src := strings.Replace(acme("request: {prompt_tokens: 3000, nonce: true}\n"+acmeLoad), "acme.writer-v1:0", c.model, 1)
		o := simulate(t, src, acmeAccount, nil)
		if o.Exit != 0 {
			t.Fatal(o.Problem)
		}
		if lengths := o.Steps[0].Load.Prompts; len(lengths) != 1 || lengths[0].By != c.by {
			t.Errorf("%s: the record says %+v; want a length by %s", c.model, lengths, c.by)
		}
		for _, call := range o.calls {
			if off := float64(call.Usage.Input)/3000 - 1; off > c.off || off < -c.off {
				t.Fatalf("%s: a call has %d input tokens; want 3000", c.model, call.Usage.Input)
			}
		}
	}
}

// A rate in tokens counts the mean of the prompts: by the longest of them it would
// be far too low, and a limit that is told in tokens far too high.
func TestRatesInTokensOfPromptsFromAFile(t *testing.T) {
	folder(t, map[string]string{"p.jsonl": `{"prompt": "one", "max_tokens": 8}` + "\n" + fmt.Sprintf(`{"prompt": %q, "max_tokens": 100}`, strings.Repeat("word ", 600))})
	const request = "request: {prompts: p.jsonl, nonce: true}\n"
	for counts, each := range map[string]float64{"reserved": (25 + 1116) / 2.0, "settled": (17 + 8*5 + 1016 + 100*5) / 2.0} { // the nonce and a space are 17 bytes
		o := simulate(t, scenario(request+"steps:\n  - load: {models: [haiku], tpm_counts: "+counts+", ramp: {constant: 30k tpm, for: 4m}}\n"), strings.Replace(haikuAccount, "burst: 10", "burst: 400", 1), nil)
		if got, want := float64(o.planned("load", "haiku")), 4*30_000/each; math.Abs(got-want) > 0.03*want {
			t.Errorf("30k tpm of tokens %s sent %v calls in four minutes; want about %.0f, at %g a call", counts, got, want, each)
		}
	}
	o := simulate(t, scenario(request+"steps:\n  - load: {models: [haiku], ramp: {find: tpm, from: 20k tpm, to: 200k tpm, trials: 1, trial: 10s, rest: 10s}}\n"), haikuAccount, nil)
	for _, x := range o.Steps[0].Load.Trials {
		if each := x.Rate / x.RPM; math.Abs(each-570.5) > 1 {
			t.Errorf("%.0f tpm are told of %.0f calls a minute: %.0f a call; want 570.5", x.Rate, x.RPM, each)
		}
	}
}
