package scenarios

import (
	"strings"
	"testing"
	"time"
)

// testLanguage has step kinds shaped like real ones: no keys at all, many keys with forms told apart by their first key, and a
// form that is a bare scalar.
func testLanguage() Language {
	const hour = time.Hour
	stage := Object(
		Key{Name: "to", Type: RateType(), Required: true, Example: "60 rpm", Doc: "The rate at the end."},
		Key{Name: "over", Type: Duration(0, 24*hour), Required: true, Example: "1m", Doc: "How long it takes to get there."},
		Key{Name: "hold", Type: Duration(0, 24*hour), Doc: "How long it stays."},
	)
	constant := Object(
		Key{Name: "constant", Type: RateType(), Required: true, Doc: "The rate."},
		Key{Name: "for", Type: Duration(time.Second, 24*hour), Required: true, Doc: "How long."},
	)
	batches := Object(
		Key{Name: "batches", Type: Integer(1, 1000), Required: true, Doc: "How many batches."},
		Key{Name: "size", Type: Count(1, 100_000), Required: true, Doc: "How much larger each is than the last."},
		Key{Name: "pause", Type: Duration(0, hour), Doc: "The pause between two."},
		Key{Name: "shuffle", Type: Bool(), Default: "false", Doc: "Whether the models take turns."},
	)
	replay := Object(
		Key{Name: "replay", Type: File(), Required: true, Doc: "The file."},
		Key{Name: "speed", Type: Factor(1000), Default: "1x", Doc: "How many times as fast."},
	)
	return Language{
		Steps: []Key{
			{Name: "discover", Type: Object(), Doc: "Reads the quotas."},
			{Name: "load", Doc: "Sends calls.", Type: Object(
				Key{Name: "models", Type: Either(List(ModelRef(), 1, 1000), ModelShares()), Doc: "Which models."},
				Key{Name: "warmup", Type: Duration(0, hour), Default: "0s", Doc: "What is left out of the statistics."},
				Key{Name: "ramp", Type: Either(List(stage, 1, 1000), constant, batches, replay), Required: true, Doc: "The shape.",
					Example: "[{to: 60 rpm, over: 1m}]"},
				Key{Name: "stop_when", Type: Expression(), Doc: "When to stop early."},
				RequestKey(),
			)},
			{Name: "monitor", Doc: "Reads usage.", Type: Object(
				Key{Name: "window", Type: Duration(time.Minute, 15*24*hour), Default: "24h", Doc: "How far back."},
				Key{Name: "period", Type: Duration(time.Minute, hour), Default: "5m", Doc: "The width of a point."},
			)},
			{Name: "wait", Doc: "Does nothing for a while.", Type: Either(
				Duration(time.Second, hour),
				Object(Key{Name: "for", Type: Duration(time.Second, hour), Required: true, Doc: "How long."}),
			)},
		},
		Formats: []string{"json", "junit", "svg", "html", "markdown"},
	}
}

// minimal is a valid scenario that ends in its list of steps.
const minimal = `version: 1
name: minimal
models:
  haiku: anthropic.claude-3-haiku-20240307-v1:0
steps:
  - discover: {}
`

func TestRowsOfTheTables(t *testing.T) {
	if err := testLanguage().Check(); err != nil {
		t.Error(err)
	}
	twice := Key{Name: "deep", Doc: "D.", Type: Object(Key{Name: "a", Doc: "D.", Type: Text()}, Key{Name: "a", Doc: "D.", Type: Text()})}
	if err := (Language{Steps: []Key{twice}}).Check(); err == nil {
		t.Error("Check() of a language with two rows for one key deep inside = nil; want an error")
	}
}

func TestKeyCheckRefusesBadRows(t *testing.T) {
	for _, row := range []struct {
		why string
		key Key
	}{
		{"a name in capitals", Key{Name: "Size", Doc: "D.", Type: Text()}},
		{"no doc", Key{Name: "size", Type: Text()}},
		{"a default its type refuses", Key{Name: "size", Doc: "D.", Type: Integer(1, 5), Default: "6"}},
		{"an example its type refuses", Key{Name: "size", Doc: "D.", Type: Duration(0, time.Hour), Example: "2"}},
		{"a default that is never used", Key{Name: "size", Doc: "D.", Type: Text(), Default: "x", Required: true}},
		{"an example that is no YAML", Key{Name: "size", Doc: "D.", Type: List(Text(), 0, 5), Example: "[a"}},
	} {
		if row.key.Check() == nil {
			t.Errorf("Check() of a row with %s = nil; want an error", row.why)
		}
	}
}

func TestEitherNeedsFormsThatDiffer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Either(Bool(), RateType()) did not panic, though nothing tells its forms apart")
		}
	}()
	Either(Bool(), RateType())
}

func TestReferenceListsEveryKeyOnce(t *testing.T) {
	paths := map[string]Entry{}
	for _, e := range Reference(testLanguage()) {
		if _, twice := paths[e.Path]; twice {
			t.Errorf("%s is listed twice", e.Path)
		}
		if e.Type == "" || e.Doc == "" {
			t.Errorf("%s has no type or no doc: %+v", e.Path, e)
		}
		paths[e.Path] = e
	}
	for _, path := range []string{"version", "models", "models.<name>.quotas.rpm", "request.timeout", "steps[].load.name", "steps[].load.ramp[].to",
		"steps[].load.ramp.constant", "steps[].load.ramp.batches", "steps[].wait.for", "steps[].wait.name", "assert[].expr", "report.formats"} {
		if _, ok := paths[path]; !ok {
			t.Errorf("the reference lacks %s", path)
		}
	}
	if e := paths["request.timeout"]; e.Default != "60s" || e.Required || !strings.Contains(e.Type, "1s to 15m") {
		t.Errorf("request.timeout = %+v; want the default 60s, not required, 1s to 15m", e)
	}
	if e := paths["steps[].load.ramp"]; !e.Required || e.Example == "" {
		t.Errorf("steps[].load.ramp = %+v; want required, with an example", e)
	}
}
