package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func loadRight(t *testing.T, file string) *Scenario {
	t.Helper()
	src := read(t, file)
	s, problems := Load(file, src, testLanguage())
	if len(problems) > 0 {
		t.Fatalf("problems in a right file:\n%s", Render(file, src, problems))
	}
	return s
}

func TestEveryFieldIsBound(t *testing.T) {
	file := filepath.Join("testdata", "ok", "full.yaml")
	s := loadRight(t, file)
	at := func(line, column int) Pos { return Pos{line, column} }
	rows := []struct {
		field     string
		got, want any
	}{
		{"File", s.File, file},
		{"Source", string(s.Source), string(read(t, file))},
		{"Version", s.Version, 1},
		{"Name", s.Name, At[string]{"throttle-gate", at(3, 7)}},
		{"Description", s.Description.Pos, at(4, 14)},
		{"Region", s.Region, At[string]{"us-gov-west-1", at(5, 9)}},
		{"ExpectAccount", s.ExpectAccount, At[string]{"012345678901", at(6, 17)}},
		{"Seed", s.Seed, At[uint64]{7, at(7, 7)}},
		{"Budget", s.Budget, Budget{at(8, 9), At[int64]{3000, at(8, 20)}, At[int64]{1_500_000, at(8, 34)}, At[float64]{8.5, at(8, 45)},
			At[time.Duration]{90 * time.Minute, at(8, 61)}}},
		{"number of models", len(s.Models), 3},
		{"first model", s.Models[0].Name.Value, "sonnet"},
		{"first model's id", s.Models[0].ID, At[string]{"us.anthropic.claude-sonnet-4-5-20250929-v1:0", at(12, 11)}},
		{"second model's name", s.Models[1].Name, At[string]{"haiku", at(13, 3)}},
		{"second model's id", s.Models[1].ID.Pos, at(14, 9)},
		{"second model's family", s.Models[1].Family, At[string]{"anthropic", at(15, 13)}},
		{"second model's quotas", s.Models[1].Quotas, map[string]At[string]{"rpm": {"L-2DC80978", at(16, 19)}, "input_tpm": {"L-ABCDEFGH", at(16, 42)}}},
		{"second model's api", s.Models[1].Request.API, At[string]{"invoke", at(17, 20)}},
		{"second model's stall timeout", s.Models[1].Request.Stall, At[time.Duration]{9 * time.Second, at(17, 43)}},
		{"second model's price", *s.Models[1].Price, Price{Pos: at(18, 12), Input: At[float64]{0.25, at(18, 20)}, Output: At[float64]{1.25, at(18, 34)}}},
		{"second model's burndown", s.Models[1].Burndown, At[float64]{5, at(19, 15)}},
		{"first model's price", s.Models[0].Price == nil, true},
		{"third model's name", s.Models[2].Name.Value, `<script>&"`},
		{"Request.System", s.Request.System, At[string]{"Be short.\nBe kind.\n", at(24, 11)}},
		{"Request.InputTokens", s.Request.InputTokens, At[int64]{400, at(28, 17)}},
		{"Request.Timeout", s.Request.Timeout, At[time.Duration]{5 * time.Minute, at(29, 12)}},
		{"number of steps", len(s.Steps), 8},
		{"step without a name", s.Steps[0].Name, At[string]{Value: "discover"}},
		{"kind of a step", s.Steps[1].Kind, At[string]{"load", at(33, 5)}},
		{"name of a step", s.Steps[1].Name, At[string]{"ramp", at(34, 13)}},
		{"a rate", s.Steps[1].Body.Get("ramp").Items()[1].Get("to").Rate(), Rate{90, "rps"}},
		{"a duration", s.Steps[1].Body.Get("ramp").Items()[1].Get("hold").Duration(), 3 * time.Minute},
		{"keys of a form", s.Steps[3].Body.Get("ramp").Keys(), []string{"batches", "size", "pause", "shuffle"}},
		{"a count", s.Steps[3].Body.Get("ramp").Get("size").Int(), int64(5000)},
		{"a boolean", s.Steps[3].Body.Get("ramp").Get("shuffle").Bool(), true},
		{"a step that is a scalar", s.Steps[5].Body.Duration(), 90*time.Second + 500*time.Millisecond},
		{"a step's request", RequestOf(s.Steps[1].Body.Get("request")).MaxTokens.Value, int64(1)},
		{"number of assertions", len(s.Assert), 4},
		{"assertion without a name", s.Assert[0].Name, At[string]{Value: "ramp.throttle_rate <= 0.01"}},
		{"defaults of an assertion", []string{s.Assert[0].Scope.Value, s.Assert[0].Severity.Value, s.Assert[0].OnNoData.Value},
			[]string{"model", "fail", "unknown"}},
		{"default confidence", s.Assert[0].Confidence.Value, 0.95},
		{"no confidence", s.Assert[2].Confidence.Value, 0.0},
		{"assertion's name", s.Assert[1].Name.Value, "a quarter of the quota is left at peak"},
		{"assertion's expression", s.Assert[1].Expr.Value, "monitor.peak_tpm <= 0.75 * quota.tpm.applied"},
		{"assertion's models", len(s.Assert[1].For), 1},
		{"assertion's severity", s.Assert[1].Severity.Value, "warn"},
		{"assertion's on_no_data", s.Assert[1].OnNoData.Value, "skip"},
		{"assertion's scope", s.Assert[2].Scope.Value, "run"},
		{"Report.Formats", len(s.Report.Formats), 5},
	}
	for _, row := range rows {
		if !reflect.DeepEqual(row.got, row.want) {
			t.Errorf("%s = %v; want %v", row.field, row.got, row.want)
		}
	}
}

func TestDefaultsHaveNoPlace(t *testing.T) {
	s := loadRight(t, filepath.Join("testdata", "ok", "left-empty.yaml"))
	want := Request{
		Pos:       Pos{6, 1}, // the key stands there, with nothing in it
		API:       At[string]{Value: "converse"},
		Prompt:    Prompt{Text: At[string]{Value: "Summarize this in one sentence: AWS provides cloud computing services."}},
		MaxTokens: At[int64]{Value: 50},
		Timeout:   At[time.Duration]{Value: time.Minute},
	}
	if s.Request != want {
		t.Errorf("Request = %+v; want %+v", s.Request, want)
	}
	if s.Seed != (At[uint64]{Value: 1}) || s.Seed.Written() {
		t.Errorf("Seed = %+v; want 1, not written", s.Seed)
	}
	if len(s.Assert) != 0 || len(s.Report.Formats) != 0 || s.Budget.Requests.Written() {
		t.Errorf("assert %v, formats %v, budget %v; want none", s.Assert, s.Report.Formats, s.Budget)
	}
}

func TestWhole(t *testing.T) {
	for _, row := range []struct {
		ramp string
		want bool
	}{
		{"[{to: 60 rpm, over: 1m}]", true},
		{"{constant: 60 rpm, for: 1m}", true},
		{"[{to: 60 rpm, over: 1}]", false},
		{"[{to: 60 rpm, ovre: 1m}]", false},
		{"[{to: !rate 60 rpm, over: 1m}]", false},
		{"5", false},
	} {
		src := minimal + "  - load: {ramp: " + row.ramp + "}\n"
		s, _ := Load("f", []byte(src), testLanguage())
		if got := s.Steps[1].Body.Get("ramp").Whole(); got != row.want {
			t.Errorf("Whole() of %s = %v; want %v", row.ramp, got, row.want)
		}
	}
}

func TestTypeGet(t *testing.T) {
	monitor := testLanguage().Steps[2].Type // an Object
	body := loadRight(t, filepath.Join("testdata", "ok", "full.yaml")).Steps[4].Body
	if got := monitor.Get(body, "window"); got.Duration() != 14*24*time.Hour || got.Pos() != (Pos{45, 23}) {
		t.Errorf("Get(window) = %v at %v; want the 14d that is written at 45:23", got.Duration(), got.Pos())
	}
	if got := monitor.Get(nil, "window"); got.Duration() != 24*time.Hour || !got.Pos().IsZero() {
		t.Errorf("Get(window) of an empty step = %v at %v; want the default, 24h, without a place", got.Duration(), got.Pos())
	}
	if got := monitor.Get(body, "other"); got != nil {
		t.Errorf("Get(other) = %v; want nil, as there is no such key", got)
	}
}

func TestRequestOver(t *testing.T) {
	base := Request{Pos: Pos{1, 1}, Prompt: Prompt{Text: At[string]{"base", Pos{1, 1}}}, MaxTokens: At[int64]{10, Pos{1, 2}}, API: At[string]{Value: "converse"}}
	step := Request{MaxTokens: At[int64]{99, Pos{5, 1}}, Prompt: Prompt{Text: At[string]{Value: "a default"}}, API: At[string]{"invoke", Pos{5, 2}}}
	got := step.Over(base)
	want := Request{Pos: Pos{1, 1}, Prompt: base.Prompt, MaxTokens: step.MaxTokens, API: step.API}
	if got != want {
		t.Errorf("Over = %+v; want %+v: what is written wins, and a default gives way", got, want)
	}
	// One thing is asked: a length takes the place of a text, and the other way around.
	length := Request{Prompt: Prompt{Text: At[string]{Value: "a default"}, Tokens: At[int64]{2000, Pos{5, 1}}}}
	if got := length.Over(base); got.Prompt != length.Prompt {
		t.Errorf("Over = %+v; want %+v alone", got.Prompt, length.Prompt)
	}
	if got := base.Over(length); got.Prompt != base.Prompt {
		t.Errorf("Over = %+v; want %+v alone", got.Prompt, base.Prompt)
	}
}

func TestRequestsAndFamilies(t *testing.T) {
	s := loadRight(t, filepath.Join("testdata", "ok", "requests.yaml"))
	acme := s.Families[0]
	if acme.Name.Value != "acme" || acme.Match[0].Value != "acme." || acme.Body.Text() != `{"text": "${prompt}", "limit": "${max_tokens}"}` || acme.NoOutput.Value ||
		!reflect.DeepEqual(acme.Usage, Usage{Input: []string{"usage.in"}, Output: []string{"usage.out", "results[].tokens"}}) ||
		!reflect.DeepEqual(*acme.Stream, Stream{Text: []string{"delta.text"}, Last: []string{"type=stop"}, Usage: Usage{Input: []string{"start.in"}}}) {
		t.Errorf("the first family is %+v", acme)
	}
	if embed := s.Families[1]; !embed.NoOutput.Value || embed.Stream != nil || embed.Usage.Input != nil {
		t.Errorf("the second family is %+v; want no output, no stream, no usage", embed)
	}
	m := s.Models[0]
	if m.Limits.Context.Value != 200_000 || m.Limits.Output.Value != 64_000 || m.Price.CacheRead.Value != 0.03 || m.Price.CacheWrite.Written() {
		t.Errorf("the model is %+v", m)
	}
	r := RequestOf(s.Steps[0].Body.Get("request")).Over(m.Request.Over(s.Request))
	if r.Prompt.File.Value != "more/prompts.jsonl" || r.Prompt.Order.Value != "random" || r.Prompt.Tokens.Written() || !r.Nonce.Value ||
		r.ServiceTier.Value != "flex" || r.Latency.Value != "optimized" || !r.LongContext.Value || r.API.Value != "invoke-stream" || r.Body.Text() != "{}" {
		t.Errorf("the request is %+v", r)
	}
	if p := s.Models[1].Request.Prompt; p.File.Value != "a.jsonl" || p.Order.Value != "sequential" {
		t.Errorf("prompts given as a name are %+v; want that file, in order", p)
	}
}

func TestNodeMethodsOnNil(t *testing.T) {
	var n *Node
	got := []any{n.Pos(), n.Get("a").Get("b"), n.KeyPos("a"), n.Keys(), n.Items(), n.Text(), n.Int(), n.Float(), n.Bool(), n.Duration(), n.Rate(), n.Place(1)}
	want := []any{Pos{}, n, Pos{}, []string(nil), []*Node(nil), "", int64(0), 0.0, false, time.Duration(0), Rate{}, Pos{}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("methods of a nil Node gave %v; want %v", got, want)
	}
}

func TestWhatIsWrongIsLeftOut(t *testing.T) {
	src := strings.Replace(minimal, "haiku: anthropic.claude-3-haiku-20240307-v1:0", "haiku: a b", 1) +
		"  - laod: {name: ramp, models: [haiku], ramp: 5}\n  - sleep: {}\nassert:\n  - {name: no expression}\n  - {expr: a > 1, severity: bad}\n"
	s, problems := Load("f", []byte(src), testLanguage())
	if got, want := codes(problems), []string{"bad-model-id", "unknown-step", "bad-type", "unknown-step", "missing-key", "bad-value"}; !slices.Equal(got, want) {
		t.Fatalf("problems = %v; want %v", got, want)
	}
	if len(s.Models) != 1 || s.Models[0].ID.Value != "" {
		t.Errorf("models = %+v; want haiku without an id", s.Models)
	}
	if len(s.Steps) != 2 || s.Steps[1].Kind.Value != "load" || s.Steps[1].Name.Value != "ramp" {
		t.Errorf("steps = %+v; want discover, and laod read as load", s.Steps)
	}
	if body := s.Steps[1].Body; body.Get("ramp") != nil || body.KeyPos("ramp").IsZero() {
		t.Error("a refused value is not nil, or its key has no place")
	}
	if len(s.Assert) != 1 || s.Assert[0].Severity.Value != "fail" {
		t.Errorf("assertions = %+v; want the second, with the default severity", s.Assert)
	}
}

// Limits are tried on files too large to keep.
func TestLimits(t *testing.T) {
	many := func(n int, line string) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, line, i)
		}
		return out.String()
	}
	const models = "models:\n  m: a.b\n"
	const head = "version: 1\nname: n\n"
	for _, row := range []struct {
		name, src string
		code      string
		pos       Pos
	}{
		{"50 MB", head + models + "steps:\n  - discover: {}\n#" + strings.Repeat("x", 50<<20), "too-large", Pos{1, 1}},
		{"1 MB and one byte", strings.Repeat("#", maxSize+1), "too-large", Pos{1, 1}},
		{"1,001 models", head + "models:\n" + many(1001, "  m%d: a.b\n") + "steps:\n  - discover: {}\n", "too-many", Pos{4, 3}},
		{"1,001 steps", head + models + "steps:\n" + many(1001, "  - wait: {for: 1s, name: w%d}\n"), "too-many", Pos{6, 3}},
		{"10,001 assertions", minimal + "assert:\n" + many(10_001, "  - expr: a > %d\n"), "too-many", Pos{8, 3}},
		{"a prompt of 200 KB and one byte", minimal + "request: {prompt: " + strings.Repeat("p", maxText+1) + "}\n", "too-long", Pos{7, 19}},
		{"a model id of 3,000 characters", head + "models: {m: " + strings.Repeat("i", 3000) + "}\nsteps: [{discover: {}}]\n", "too-long", Pos{3, 13}},
		{"10,000 levels", minimal + "x-deep: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "\n", "too-deep", Pos{7, 58}},
		{"300,000 levels", minimal + "x-deep: " + strings.Repeat("[", 300_000) + "\n", "syntax", Pos{7, 1}},
		{"50,000 unknown keys in one line", minimal + "request: {" + many(50_000, "k%d: 1, ") + "}\n", "too-many-problems", Pos{7, 8892}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, problems := Load("f", []byte(row.src), testLanguage())
			i := slices.IndexFunc(problems, func(p Problem) bool { return p.Code == row.code })
			if i < 0 {
				t.Fatalf("problems = %.300v; want %s", problems, row.code)
			}
			if problems[i].Pos != row.pos {
				t.Errorf("%s at %v; want %v", row.code, problems[i].Pos, row.pos)
			}
			if len(problems) > maxProblems+1 {
				t.Errorf("%d problems; want at most %d", len(problems), maxProblems+1)
			}
			if out := Render("f", []byte(row.src), problems); len(out) > 1000*len(problems) {
				t.Errorf("rendered %d problems into %d bytes", len(problems), len(out))
			}
		})
	}
}

func TestTheLargestFileIsRead(t *testing.T) {
	src := minimal + "request: {prompt: " + strings.Repeat("p", maxText) + "}\n"
	src += "#" + strings.Repeat("x", maxSize-len(src)-1)
	if _, problems := Load("f", []byte(src), testLanguage()); len(problems) > 0 {
		t.Errorf("a file of exactly %d bytes has problems: %.300v", len(src), problems)
	}
}

// A mistake in a file is one problem, however much else follows from it.
func TestOneCauseOneProblem(t *testing.T) {
	for _, name := range []string{"unknown-key-swapped", "unknown-key-typo-of-required", "duplicate-key", "step-not-indented", "ramp-mistyped-form",
		"ramp-scalar", "alias-unknown", "wrong-type-mapping-for-list", "step-name-twice", "second-document", "missing-unit-rate", "bom", "crlf"} {
		src, err := os.ReadFile(filepath.Join("testdata", "err", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := Load(name, src, testLanguage()); len(problems) != 1 {
			t.Errorf("%s: %d problems; want 1:\n%v", name, len(problems), problems)
		}
	}
}

func codes(problems Problems) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Code)
	}
	return list
}
