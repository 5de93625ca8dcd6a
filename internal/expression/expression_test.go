package expression_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/expression"
)

var names = expression.Names{
	"ramp.throttle_rate":   expression.Number,
	"ramp.throttled":       expression.Number,
	"ramp.attempts":        expression.Number,
	"ramp.latency_ms.p95":  expression.Number,
	"ramp.latency_ms.p90":  expression.Number,
	"quota.rpm.applied":    expression.Number,
	"quota.rpm.adjustable": expression.Bool,
	"capacity.access":      expression.Text("AVAILABLE", "PENDING", "NOT_AVAILABLE"),
	"capacity.lifecycle":   expression.Text("ACTIVE", "LEGACY"),
}

func TestCompileFindsFaults(t *testing.T) {
	for _, c := range []struct {
		source string
		code   string
		at     string // the part of the source that is marked
		hint   string // a part of the hint
	}{
		{"ramp.throttle_rat <= 0.01", "unknown-name", "throttle_rat", `"throttle_rate"`},
		{"ramp.throtlte_rate <= 0.01", "unknown-name", "throtlte_rate", `"throttle_rate"`},
		{"rmap.throttle_rate <= 0.01", "unknown-name", "rmap", `"ramp"`},
		{"nonsense > 1", "unknown-name", "nonsense", "capacity, quota, ramp"},
		{"ramp.throttle-rate <= 0.01", "unknown-name", "ramp.throttle-rate", "subtraction"},
		{"ramp.latency_ms.p99 < 100", "unknown-name", "p99", `"p9`},
		{"ramp.latency_ms < 100", "not-a-value", "ramp.latency_ms", "p90, p95"},
		{"ramp > 100", "not-a-value", "ramp", "attempts"},
		{"ramp.attempts.p50 > 100", "unknown-name", "ramp.attempts.p50", "ramp.attempts"},
		{"ramp.throttle_rate <= 1%", "bad-expression", "%", "0.01 for 1 %"},
		{"ramp.throttle_rate % 2 == 1", "bad-expression", "", "0.01 for 1 %"},
		{"ramp.throttle_rate = 1", "bad-expression", "=", "=="},
		{"ramp.latency_ms.p95 < 5s", "bad-expression", "s", "bare number"},
		{"ramp.throttle_rate", "not-a-condition", "ramp.throttle_rate", "compare it"},
		{"ramp.throttle_rate and true", "bad-type", "", "join comparisons"},
		{"quota.rpm.adjustable > 1", "bad-type", "", "numbers"},
		{"1 < 2", "constant-expression", "1 < 2", "measurement"},
		{"true", "constant-expression", "true", "measurement"},
		{"", "bad-expression", "", "compare"},
		{"ramp.throttle_rate <=", "bad-expression", "", ""},
		{"all([], # > 1)", "bad-expression", "", "there are numbers"},
		{"mean([]) < ramp.attempts", "bad-expression", "", "there are numbers"},
		{"now() > 1", "bad-expression", "", "there are numbers"},
		{`ramp.attempts == "b"`, "bad-expression", "", "there are numbers"},
		// A word that never comes would make != true for ever.
		{`capacity.access != "NOT_AVAILABEL"`, "unknown-word", `"NOT_AVAILABEL"`, `"NOT_AVAILABLE"`},
		{`"available" == capacity.access`, "unknown-word", `"available"`, `"AVAILABLE"`},
		{`capacity.access == "yes"`, "unknown-word", `"yes"`, "AVAILABLE, PENDING"},
		{`capacity.acess == "AVAILABLE"`, "unknown-name", "acess", `"access"`},
		{"capacity.access", "bad-type", "capacity.access", `== "AVAILABLE"`},
		{"capacity.access == 1", "bad-type", "capacity.access", `== "AVAILABLE"`},
		{"ramp?.attempts > 1", "bad-expression", "", "there are numbers"},
		{"ramp['attempts'] > 1 or ramp.nothing > 1", "unknown-name", "nothing", ""},
		{"ramp.attempts ** 9999 > 1", "bad-expression", "", ""},
		{"let x = 1; x < ramp.attempts", "bad-expression", "", "there are numbers"},
		{strings.Repeat("(", 5000) + "1", "expression-size", "", "several"},
		{strings.Repeat("ramp.attempts + ", 90) + "1 > 1", "", "", ""},
		{strings.Repeat("ramp.attempts + ", 250) + "1 > 1", "expression-size", "", "several"},
	} {
		program, faults := expression.Compile(c.source, names, nil)
		if c.code == "" {
			if len(faults) > 0 || program == nil {
				t.Errorf("Compile(%.40q) = %v; want no fault", c.source, faults)
			}
			continue
		}
		if len(faults) != 1 || program != nil {
			t.Errorf("Compile(%.40q) has faults %v; want one, and no program", c.source, faults)
			continue
		}
		f := faults[0]
		if f.Code != c.code || !strings.Contains(f.Hint, c.hint) {
			t.Errorf("Compile(%.40q): code %q, message %q, hint %q; want code %q and a hint with %q", c.source, f.Code, f.Message, f.Hint, c.code, c.hint)
		}
		if f.Offset < 0 || f.Offset+f.Width > len([]rune(c.source)) {
			t.Errorf("Compile(%.40q): place %d+%d is outside of the source", c.source, f.Offset, f.Width)
			continue
		}
		runes := []rune(c.source)
		if marked := string(runes[f.Offset : f.Offset+f.Width]); c.at != "" && marked != c.at {
			t.Errorf("Compile(%.40q) marks %q; want %q", c.source, marked, c.at)
		}
		for _, word := range []string{"float64", "map[string]", "interface"} {
			if strings.Contains(f.Message+f.Hint, word) {
				t.Errorf("Compile(%.40q) speaks of %s: %s", c.source, word, f.Message)
			}
		}
	}
}

// Texts do nothing but to be compared with the words that they can be.
func TestTextsAreClosed(t *testing.T) {
	for _, source := range []string{
		`capacity.access == capacity.lifecycle`, `capacity.access < "B"`, `capacity.access + "X" == "AVAILABLEX"`,
		`capacity.access in ["AVAILABLE"]`, `capacity.access matches "A.*"`, `capacity.access contains "AVAIL"`, `not capacity.access`,
		`ramp.attempts > 1 ? "a" == "b" : true`, `capacity.access == (ramp.attempts > 1 ? "AVAILABLE" : "PENDING")`,
		`capacity["acc" + "ess"] == "AVAILABLE"`, `max(capacity.access, 1) == 1`,
	} {
		if program, faults := expression.Compile(source, names, nil); program != nil || len(faults) == 0 {
			t.Errorf("Compile(%q) has no fault", source)
		}
	}
}

func TestEval(t *testing.T) {
	values := map[string]any{"ramp.throttle_rate": 0.02, "ramp.throttled": 2.0, "ramp.attempts": 100.0, "ramp.latency_ms.p95": 700.0, "quota.rpm.applied": 0.0, "quota.rpm.adjustable": true, "capacity.access": "AVAILABLE", "capacity.lifecycle": "LEGACY"}
	for _, c := range []struct {
		source string
		want   bool
		err    string
	}{
		{"ramp.throttle_rate <= 0.02", true, ""},
		{"ramp.throttle_rate <= 0.01", false, ""},
		{"0 < ramp.throttle_rate and ramp.throttle_rate < 1", true, ""},
		{"ramp.throttled / ramp.attempts == 0.02", true, ""},
		{"ramp.throttled / 2 == 1", true, ""},
		{"1 / 2 * ramp.throttled == 1", true, ""},
		{"ramp.throttled / quota.rpm.applied > 1", false, "divides by zero"},
		{"not (ramp.throttled / quota.rpm.applied < 1)", false, "divides by zero"},
		{"ramp.throttled / 0 > 1", false, "divides by zero"},
		{"quota.rpm.adjustable", true, ""},
		{"quota.rpm.adjustable ? ramp.attempts > 1 : ramp.attempts > 1000", true, ""},
		{"max(ramp.attempts, ramp.throttled) == 100 and min(1, ramp.attempts) == 1", true, ""},
		{"abs(-ramp.attempts) == 100 and round(ramp.throttle_rate) == 0", true, ""},
		{"ramp.latency_ms.p95 <\n  701", true, ""},
		{`capacity.access == "AVAILABLE"`, true, ""},
		{`"LEGACY" != capacity.lifecycle or capacity.access != 'AVAILABLE'`, false, ""},
		{`capacity.lifecycle == "ACTIVE" ? ramp.attempts > 1000 : ramp.attempts == 100`, true, ""},
		{"ramp.latency_ms.p95 < 7e2 or ramp.attempts >= 1_00", true, ""},
	} {
		p, faults := expression.Compile(c.source, names, nil)
		if len(faults) > 0 {
			t.Errorf("Compile(%q): %v", c.source, faults)
			continue
		}
		got, err := p.Eval(values)
		if c.err == "" && (err != nil || got != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("Eval(%q) = %v, %v; want %v, %q", c.source, got, err, c.want, c.err)
		}
	}
}

func TestReads(t *testing.T) {
	p, faults := expression.Compile("ramp.latency_ms.p95 > 1 and ramp.attempts > 1 or ramp.latency_ms.p95 < 0", names, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got, want := p.Reads(), []string{"ramp.latency_ms.p95", "ramp.attempts"}; !slices.Equal(got, want) {
		t.Errorf("Reads() = %v; want %v", got, want)
	}
}

// Whatever is compiled without a fault can be evaluated: it gives an answer,
// divides by zero or comes to a number that is too large.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"ramp.attempts > 1", "quota.rpm.adjustable ? 1 < ramp.attempts : false", "a.b", "max(1)", "1/0 > ramp.attempts", "-ramp.attempts < +1", "not not true", "ramp.attempts == true", `capacity.access != "PENDING"`, `"ACTIVE" == capacity.lifecycle`} {
		f.Add(s)
	}
	for _, c := range phaseFaults {
		f.Add(c.source)
	}
	values := map[string]any{"quota.rpm.adjustable": true, "capacity.access": "PENDING", "capacity.lifecycle": "ACTIVE"}
	for n := range names {
		if _, ok := values[n]; !ok {
			values[n] = 1.0
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, faults := expression.Compile(source, names, phases)
		if (p == nil) == (len(faults) == 0) {
			t.Fatalf("Compile(%q): program %v, faults %v", source, p, faults)
		}
		for _, f := range faults {
			if f.Offset < 0 || f.Width < 0 || f.Message == "" || f.Offset > len([]rune(source)) {
				t.Errorf("Compile(%q): bad fault %+v", source, f)
			}
		}
		if p == nil {
			return
		}
		for _, name := range p.Reads() {
			if _, phase, _ := expression.Split(name); phase != "" {
				values[name] = 1.0
			}
		}
		if _, err := p.Eval(values); err != nil && !strings.Contains(err.Error(), "divides by zero") && !strings.Contains(err.Error(), "too large") {
			t.Errorf("Eval(%q): %v", source, err)
		}
	})
}
