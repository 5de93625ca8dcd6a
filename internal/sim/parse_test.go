package sim

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each testdata/err/*.yaml is refused with the text of its .out.
func TestParseProblems(t *testing.T) {
	files, _ := filepath.Glob("testdata/err/*.yaml")
	if len(files) < 10 {
		t.Fatalf("%d files in testdata/err", len(files))
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Parse(filepath.Base(file), src)
		if err == nil || a != nil {
			t.Errorf("%s was accepted", file)
			continue
		}
		golden := strings.TrimSuffix(file, ".yaml") + ".out"
		got := err.Error() + "\n"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden)
		if got != string(want) {
			os.WriteFile(golden+".got", []byte(got), 0o644)
			t.Errorf("%s: the problems are\n%swant\n%s", file, got, want)
		}
	}
}

func TestParseDefault(t *testing.T) {
	a := mustParse(t, string(Default()))
	if a.ID != "123456789012" || a.Region != "us-east-1" || len(a.models) != 5 {
		t.Errorf("the default account = %+v", a)
	}
	copied := Default()
	copied[0] = '!'
	if Default()[0] == '!' {
		t.Error("Default hands out the embedded bytes themselves")
	}
	New(a)
}

func TestParseValues(t *testing.T) {
	a := mustParse(t, `
account: "000000000042"
region: us-gov-west-1
seed: 9
quotas:
  - {code: L-1, name: one, value: 1.5k}
  - {code: L-2, name: two, value: 0, default: 2M, adjustable: true}
models:
  - {id: anthropic.a}
  - id: anthropic.b
    name: "<script>&\""
    provider: Someone
    burndown: 5
    max_output: 64_000
    latency: {first_token: 1.5s, per_token: 0s, spread: 0}
    limits: {rpm: 60, tpm: 2M, algorithm: sliding, burst: 5}
provisioned: null
traffic:
  - {model: anthropic.b, rpm: 0.5, since: 2d, incidents: [{ago: 90m, for: 1h, rpm: 0}]}
metrics: {delay: 2m}
faults: []
`)
	for _, check := range []struct {
		what      string
		got, want any
	}{
		{"account", a.ID, "000000000042"},
		{"partition", a.partition(), "aws-us-gov"},
		{"seed", a.Seed, uint64(9)},
		{"value in thousands", a.quotas[0].value, 1500.0},
		{"default of a quota", a.quotas[0].byDefault, 1500.0},
		{"applied 0", a.quotas[1].value, 0.0},
		{"default in millions", a.quotas[1].byDefault, 2e6},
		{"name", a.models[0].name, "anthropic.a"},
		{"provider", a.models[0].provider, "anthropic"},
		{"inference type", a.models[0].inferenceTypes[0], "ON_DEMAND"},
		{"max_output", a.models[0].maxOutput, int64(4096)},
		{"streaming", a.models[0].streaming, true},
		{"hostile name", a.models[1].name, `<script>&"`},
		{"underscores", a.models[1].maxOutput, int64(64000)},
		{"first_token", a.models[1].firstToken, 1500 * time.Millisecond},
		{"per_token", a.models[1].perToken, time.Duration(0)},
		{"algorithm", a.models[1].limits.algorithm, "sliding"},
		{"tpm", a.models[1].limits.tpm, int64(2_000_000)},
		{"since", a.traffic[0].since, 48 * time.Hour},
		{"output of traffic", a.traffic[0].outputTokens, int64(40)},
		{"latency of traffic", a.traffic[0].latency, 1500 * time.Millisecond},
		{"rpm of an incident", *a.traffic[0].incidents[0].rpm, 0.0},
		{"throttled of an incident", a.traffic[0].incidents[0].throttled == nil, true},
		{"delay", a.metricsDelay, 2 * time.Minute},
	} {
		if check.got != check.want {
			t.Errorf("%s = %v; want %v", check.what, check.got, check.want)
		}
	}
}

func TestParseSizes(t *testing.T) {
	_, err := Parse("big.yaml", []byte("# "+strings.Repeat("x", maxSource)))
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Line != 1 {
		t.Errorf("a file above the cap = %v; want one problem", err)
	}
}

func TestDidYouMean(t *testing.T) {
	for _, test := range []struct{ word, want string }{
		{"vlaue", "value"}, {"valu", "value"}, {"values", "value"}, {"Value", "value"}, {"cdoe", "code"}, {"zebra", ""}, {"", ""},
	} {
		if got := didYouMean(test.word, []string{"code", "name", "value"}); got != test.want {
			t.Errorf("didYouMean(%q) = %q; want %q", test.word, got, test.want)
		}
	}
	if d := editDistance("abcd", "acbd"); d != 1 {
		t.Errorf("a swap of neighbours counts %d; want 1", d)
	}
}

// A hint shows all keys of a mapping, and the beginning of a long choice.
func TestHints(t *testing.T) {
	many := strings.Split(strings.TrimSpace(strings.Repeat("model ", mostHints)), " ")
	for _, test := range []struct {
		candidates []string
		want       string
	}{
		{nil, ""},
		{[]string{"b", "a"}, "possible: a, b"},
		{many, "possible: " + strings.Join(many, ", ")},
		{append(many, "zebra"), "did you mean \"zebra\"? possible: " + strings.Join(many, ", ") + " and 1 more"},
	} {
		if got := hintFor("zebar", test.candidates); got != test.want {
			t.Errorf("the hint for %d candidates = %q; want %q", len(test.candidates), got, test.want)
		}
	}
}

// everything is an account file with every key.
func everything(t testing.TB) []byte {
	src, err := os.ReadFile("testdata/ok/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestEverythingHasEveryKey(t *testing.T) {
	var tree yaml.Node
	if err := yaml.Unmarshal(everything(t), &tree); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		for i, child := range n.Content {
			switch n.Kind {
			case yaml.MappingNode:
				if i%2 == 1 {
					at := strings.TrimPrefix(path+"."+n.Content[i-1].Value, ".")
					there[at] = true
					walk(child, at)
				}
			case yaml.SequenceNode:
				walk(child, path+"[]")
			default:
				walk(child, path)
			}
		}
	}
	walk(&tree, "")
	for _, k := range Keys() {
		// The limits are read by one reader wherever they stand: once is enough.
		if !there[k.Path] && !there["models[].limits"+k.Path[strings.LastIndexByte(k.Path, '.'):]] {
			t.Errorf("testdata/ok/everything.yaml has no %s", k.Path)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Default())
	f.Add(everything(f))
	files, _ := filepath.Glob("testdata/err/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		a, err := Parse("fuzz.yaml", src)
		if err == nil {
			New(a) // what was accepted can be put to work
			return
		}
		var ps Problems
		if !errors.As(err, &ps) || len(ps) == 0 || a != nil {
			t.Fatalf("the error is %#v", err)
		}
		for i, p := range ps {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.Hint == "" || p.String() == "" {
				t.Errorf("problem %+v lacks a place, a message or a way out", p)
			}
			if i > 0 && p.Line < ps[i-1].Line {
				t.Errorf("line %d comes after line %d", p.Line, ps[i-1].Line)
			}
		}
	})
}
