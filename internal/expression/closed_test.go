package expression_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/expression"
)

// What fails open in the library, and elsewhere: it is refused when the scenario
// is read, or it has no answer. It never decides.
func TestNothingFailsOpen(t *testing.T) {
	const refused, none = "refused", "no answer"
	rate := expression.Range{Low: 0, High: 0.2}
	for _, c := range []struct{ source, want string }{
		// Functions of lists: true, or zero, of an empty one.
		{"all([], # > 1)", refused},
		{"not any([], # > 1)", refused},
		{"none(ramp, # > 1)", refused},
		{"one([ramp.attempts], # > 1)", refused},
		{"mean([]) < ramp.attempts", refused},
		{"median([]) <= ramp.attempts", refused},
		{"sum([]) <= ramp.attempts", refused},
		{"len([]) <= ramp.attempts", refused},
		{"max([]) <= ramp.attempts", refused},
		{"min() <= ramp.attempts", refused},
		{"filter([], true) == []", refused},
		{"reduce([], #acc + #, 0) <= ramp.attempts", refused},
		{"count([ramp.attempts > 1]) == 0", refused},
		// Keys that are not there, and ways around an error.
		{"ramp.nothing <= 1", refused},
		{"ramp['nothing'] <= 1", refused},
		{"ramp[quota] <= 1", refused},
		{"ramp?.nothing <= 1", refused},
		{"(ramp.nothing ?? 0) <= 1", refused},
		{"(ramp.attempts ?? 0) <= 1", refused},
		{`get(ramp, "nothing") <= 1`, refused},
		{`{"a": 1}.b <= ramp.attempts`, refused},
		{"$env.ramp.attempts <= 1", refused},
		{"ramp.attempts <= nil", refused},
		{"ramp.attempts != nil", refused},
		{"if ramp.attempts > 1 { true } else { false }", ""}, // a way to write a ? b : c
		{"let x = ramp.attempts; x > 1", refused},
		{"ramp.attempts | abs() > 1", ""}, // a way to write abs(ramp.attempts)
		{"true; ramp.attempts > 1", refused},
		// Divisions by zero, wherever they stand.
		{"ramp.throttled / 0 <= 1", none},
		{"not (ramp.throttled / 0 > 1)", none},
		{"not not (ramp.throttled / 0 > 1)", none},
		{"0 / 0 != ramp.attempts", none},
		{"ramp.attempts > 1e9 or ramp.throttled / 0 <= 1", none},
		{"ramp.throttled / 0 <= 1 or ramp.attempts > 1e9", none},
		{"ramp.throttled / 0 <= 1 and ramp.attempts > 1", none},
		{"quota.rpm.adjustable and not (1 / (ramp.attempts - 100) > 1)", none},
		{"(1 / 0 > 1) ? ramp.attempts > 1 : ramp.attempts > 1", none},
		{"quota.rpm.adjustable ? 1 / 0 > ramp.attempts : true", none},
		{"max(ramp.attempts, 1 / 0) > 1", none},
		{"-(1 / 0) < ramp.attempts", none},
		{"1 / (ramp.attempts - ramp.attempts) > 1", none},
		// A range that holds zero is no divisor, even at its end.
		{"1 / ramp.throttle_rate > 1", none},
		{"not (ramp.attempts / ramp.throttle_rate < 1)", none},
		// Numbers that are too large to hold, and what is made of two of them.
		{"ramp.attempts * 1e308 * 1e308 > 1", none},
		{"not (ramp.attempts * 1e308 * 10 - ramp.attempts * 1e308 * 10 > 0)", none},
		{"ramp.attempts / 1e-308 / 1e-308 > 1", none},
		{"-1e308 * ramp.attempts * 10 < 1", none},
		{"ramp.attempts < 1e999", refused},
		{"ramp.attempts ** 999 > 1", refused},
		{"ramp.attempts ^ 999 > 1", refused},
		{"ramp.attempts < 99999999999999999999999", refused},
		// Texts, and truths in the place of numbers.
		{`ramp.attempts == "100"`, refused},
		{`ramp.attempts < "b"`, refused},
		{`"a" < "b"`, refused},
		{`"a" + ramp.attempts == "a100"`, refused},
		{`capacity.access < "B"`, refused},
		{`ramp.attempts in [100]`, refused},
		{`ramp.attempts in 1..200`, refused},
		{`capacity.access matches ".*"`, refused},
		{`capacity.access != "NEVER"`, refused},
		{"quota.rpm.adjustable == 1", refused},
		{"ramp.attempts and true", refused},
		{"not ramp.attempts", refused},
		{"ramp.attempts ? true : false", refused},
		{"quota.rpm.adjustable ? 1 : true", refused},
		{"ramp.attempts > 1 ? 1 : 0", refused},
		{"ramp.attempts == true", refused},
		{"(ramp.attempts > 1) < (ramp.throttled > 1)", refused},
		// What hangs on a rate that is not known well enough.
		{"ramp.throttle_rate <= 0.1", none},
		{"not (ramp.throttle_rate <= 0.1)", none},
		{"ramp.throttle_rate > 0.1 ? true : false", none},
		{"ramp.throttle_rate > 0.1 ? ramp.attempts > 1 : ramp.attempts < 1", none},
		{"ramp.throttle_rate == 0.1", none},
		{"ramp.throttle_rate != 0.1", none},
		{"(ramp.throttle_rate < 0.1) == (ramp.throttle_rate < 0.1)", none},
		{"ramp.throttle_rate == ramp.throttle_rate", none},
		{"ramp.throttle_rate < 0.1 and ramp.attempts > 1", none},
		{"ramp.throttle_rate < 0.1 or ramp.attempts > 1e9", none},
		{"ramp.throttle_rate < 0.1 or ramp.throttle_rate >= 0.1", none},
		{"round(ramp.throttle_rate * 3) == 0", none},
		{"abs(ramp.throttle_rate - 0.1) < 0.05", none},
		// And for once an answer: what is unknown is not what decides.
		{"ramp.attempts > 1 or ramp.throttle_rate < 0.1", ""},
		{"ramp.attempts > 1 or 1 / 0 > 1", ""},
	} {
		p, faults := expression.Compile(c.source, names, nil)
		got := ""
		if p == nil {
			got = refused
			if len(faults) == 0 || faults[0].Message == "" {
				t.Errorf("Compile(%q) says nothing of what is wrong", c.source)
			}
		} else if answer, err := p.Decide(map[string]any{
			"ramp.throttle_rate": rate, "ramp.attempts": expression.Exactly(100), "ramp.throttled": expression.Exactly(2),
			"quota.rpm.adjustable": true, "capacity.access": "AVAILABLE",
		}); err != nil || answer == expression.Undecided {
			got = none
			if err != nil && !strings.Contains(err.Error(), "divides by zero") && !strings.Contains(err.Error(), "too large") {
				t.Errorf("Decide(%q): %v", c.source, err)
			}
		}
		if got != c.want {
			t.Errorf("%q: %q %v; want %q", c.source, got, faults, c.want)
		}
	}
}

// large are expressions that would cost more than they are worth: much text, many
// parts, parts inside each other, and parts that are computed again and again.
var large = map[string]string{
	"a megabyte":             strings.Repeat("ramp.attempts > 1 or ", 50_000) + "ramp.attempts > 1",
	"ten thousand brackets":  strings.Repeat("(", 10_000) + "ramp.attempts > 1" + strings.Repeat(")", 10_000),
	"open brackets":          strings.Repeat("(", 10_000),
	"a long chain":           "1 > ramp.attempts" + strings.Repeat(" and 1 > 0", 400),
	"a deep one":             strings.Repeat("not (", 400) + "ramp.attempts > 1" + strings.Repeat(")", 400),
	"many signs":             strings.Repeat("-", 4000) + "1 < ramp.attempts",
	"many functions":         strings.Repeat("abs(", 400) + "ramp.attempts" + strings.Repeat(")", 400) + " > 1",
	"many arguments":         "max(" + strings.Repeat("1,", 1900) + "ramp.attempts) > 1",
	"many choices":           strings.Repeat("ramp.attempts > 1 ? true : ", 150) + "false",
	"middles computed twice": strings.Repeat("(0 < ", 60) + "ramp.attempts" + strings.Repeat(" < 9 ? 1 : 0)", 60) + " > 0",
}

func TestLargeExpressionsAreRefused(t *testing.T) {
	for name, source := range large {
		p, faults := expression.Compile(source, names, phases)
		if p != nil || len(faults) != 1 || faults[0].Code != "expression-size" || !strings.Contains(faults[0].Hint, "several assertions") {
			t.Errorf("%s: %v; want it refused for its size, with a way out", name, faults)
		}
	}
	for name, source := range map[string]string{
		"as many nodes as may be": "max(" + strings.Repeat("1,", expression.MaxNodes-5) + "ramp.attempts) > 1", // and max, >, 1, ramp.attempts
		"as deep as may be":       strings.Repeat("not ", expression.MaxDepth-2) + "(ramp.attempts > 1)",
		"brackets around nothing": strings.Repeat("(", 2000) + "ramp.attempts > 1" + strings.Repeat(")", 2000),
	} {
		if _, faults := expression.Compile(source, names, phases); len(faults) > 0 {
			t.Errorf("%s: %v; want none", name, faults)
		}
	}
}

func BenchmarkRefuseLarge(b *testing.B) {
	for name, source := range large {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				expression.Compile(source, names, phases)
			}
		})
	}
}

// The time of an answer grows with the nodes: ns/node stays.
func BenchmarkDecide(b *testing.B) {
	for _, terms := range []int{1, 10, 45, 90} {
		b.Run(fmt.Sprintf("terms=%d", terms), func(b *testing.B) {
			p, faults := expression.Compile(strings.Repeat("ramp.attempts + ", terms)+"1 > 1", names, nil)
			if len(faults) > 0 {
				b.Fatal(faults)
			}
			values := map[string]any{"ramp.attempts": expression.Exactly(3)}
			for b.Loop() {
				if _, err := p.Decide(values); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(2*terms+3), "ns/node")
		})
	}
}
