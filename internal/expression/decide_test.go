package expression_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/internal/expression"
)

func TestDecide(t *testing.T) {
	values := map[string]any{
		"ramp.throttle_rate": expression.Range{Low: 0.005, High: 0.02}, "ramp.throttled": expression.Exactly(2), "ramp.attempts": expression.Exactly(100),
		"ramp.latency_ms.p95": expression.Exactly(700), "quota.rpm.applied": expression.Exactly(0), "quota.rpm.adjustable": true, "capacity.access": "AVAILABLE",
	}
	for _, c := range []struct {
		source string
		want   expression.Answer
		err    string
	}{
		{"ramp.throttle_rate <= 0.02", expression.Yes, ""},
		{"ramp.throttle_rate < 0.02", expression.Undecided, ""},
		{"ramp.throttle_rate <= 0.01", expression.Undecided, ""},
		{"ramp.throttle_rate <= 0.001", expression.No, ""},
		{"ramp.throttle_rate > 0.001", expression.Yes, ""},
		{"ramp.throttle_rate > 0.005", expression.Undecided, ""},
		{"ramp.throttle_rate >= 0.005", expression.Yes, ""},
		{"ramp.throttle_rate >= 0.021", expression.No, ""},
		{"ramp.throttle_rate == 0.01", expression.Undecided, ""},
		{"ramp.throttle_rate == 0.03", expression.No, ""},
		{"ramp.throttle_rate != 0.03", expression.Yes, ""},
		{"ramp.throttle_rate == ramp.throttle_rate", expression.Undecided, ""},
		{"not (ramp.throttle_rate <= 0.01)", expression.Undecided, ""},
		{"not (ramp.throttle_rate <= 0.02)", expression.No, ""},
		{"ramp.throttle_rate <= 0.01 and ramp.attempts > 100", expression.No, ""},
		{"ramp.attempts > 100 and ramp.throttle_rate <= 0.01", expression.No, ""},
		{"ramp.attempts >= 100 and ramp.throttle_rate <= 0.01", expression.Undecided, ""},
		{"ramp.throttle_rate <= 0.01 or ramp.attempts >= 100", expression.Yes, ""},
		{"ramp.throttle_rate <= 0.01 or ramp.attempts > 100", expression.Undecided, ""},
		{"(ramp.throttle_rate <= 0.01) == quota.rpm.adjustable", expression.Undecided, ""},
		{"ramp.throttle_rate <= 0.01 ? ramp.attempts > 1 : ramp.attempts > 2", expression.Yes, ""},
		{"ramp.throttle_rate <= 0.01 ? ramp.attempts > 1 : ramp.attempts > 200", expression.Undecided, ""},
		{"(ramp.throttle_rate <= 0.01 ? 1 : 2) <= 2", expression.Yes, ""},
		{"-ramp.throttle_rate >= -0.02", expression.Yes, ""},
		{"1 - ramp.throttle_rate >= 0.98", expression.Yes, ""},
		{"ramp.throttle_rate * ramp.attempts <= 2", expression.Yes, ""},
		{"1 / ramp.throttle_rate >= 50", expression.Yes, ""},
		{"1 / (ramp.throttle_rate - 0.01) > 0", expression.Undecided, "divides by zero"},
		{"ramp.attempts / quota.rpm.applied > 0", expression.Undecided, "divides by zero"},
		{"not (1e308 * ramp.attempts - 1e308 * ramp.attempts > 0)", expression.Undecided, "too large"},
		{"abs(ramp.throttle_rate - 0.01) <= 0.01", expression.Yes, ""},
		{"abs(ramp.throttle_rate - 0.01) >= 0", expression.Yes, ""},
		{"ceil(ramp.throttle_rate) == 1", expression.Yes, ""},
		{"min(ramp.throttle_rate, 0.01) <= 0.01 and max(ramp.throttle_rate, 0.03) == 0.03", expression.Yes, ""},
		{`ramp.throttle_rate <= 0.01 and capacity.access != "AVAILABLE"`, expression.No, ""},
	} {
		p, faults := expression.Compile(c.source, names, nil)
		if len(faults) > 0 {
			t.Errorf("Compile(%q): %v", c.source, faults)
			continue
		}
		got, err := p.Decide(values)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("Decide(%q) = %v, %v; want %v, %q", c.source, got, err, c.want, c.err)
		}
	}
}

// formula draws an expression: a number, or a condition.
func formula(t *rapid.T, condition bool, depth int) string {
	sub := func(condition bool) string { return formula(t, condition, depth-1) }
	if condition {
		if depth == 0 {
			return rapid.SampledFrom([]string{"quota.rpm.adjustable", "ramp.throttle_rate <= 0.5", "ramp.attempts > 2"}).Draw(t, "condition")
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return fmt.Sprintf("(%s and %s)", sub(true), sub(true))
		case 1:
			return fmt.Sprintf("(%s or %s)", sub(true), sub(true))
		case 2:
			return fmt.Sprintf("(not (%s))", sub(true))
		case 3:
			return fmt.Sprintf("((%s) ? %s : %s)", sub(true), sub(true), sub(true))
		}
		return fmt.Sprintf("(%s %s %s)", sub(false), rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(t, "comparison"), sub(false))
	}
	if depth == 0 {
		return rapid.SampledFrom([]string{"ramp.throttle_rate", "ramp.attempts", "0.25", "2", "0", "-1.5"}).Draw(t, "number")
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return fmt.Sprintf("%s(%s)", rapid.SampledFrom([]string{"abs", "ceil", "floor", "round"}).Draw(t, "function"), sub(false))
	case 1:
		return fmt.Sprintf("%s(%s, %s)", rapid.SampledFrom([]string{"min", "max"}).Draw(t, "function"), sub(false), sub(false))
	case 2:
		return fmt.Sprintf("((%s) ? %s : %s)", sub(true), sub(false), sub(false))
	}
	return fmt.Sprintf("(%s %s %s)", sub(false), rapid.SampledFrom([]string{"+", "-", "*", "/"}).Draw(t, "operator"), sub(false))
}

// An answer that is decided is the one for every number in the ranges; and for
// numbers that are known it is the one that the library computes.
func TestDecideIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := "(" + formula(t, true, rapid.IntRange(0, 4).Draw(t, "depth")) + ") or ramp.attempts < -9"
		p, faults := expression.Compile(source, names, nil)
		if len(faults) > 0 {
			t.Fatalf("Compile(%q): %v", source, faults)
		}
		between := func(name string, low, high float64) (expression.Range, float64) {
			a, b := rapid.Float64Range(low, high).Draw(t, name), rapid.Float64Range(low, high).Draw(t, name)
			r := expression.Range{Low: math.Min(a, b), High: math.Max(a, b)}
			return r, rapid.Float64Range(r.Low, r.High).Draw(t, name)
		}
		rate, oneRate := between("rate", 0, 1)
		attempts, oneCount := between("attempts", -5, 5)
		adjustable := rapid.Bool().Draw(t, "adjustable")
		got, err := p.Decide(map[string]any{"ramp.throttle_rate": rate, "ramp.attempts": attempts, "quota.rpm.adjustable": adjustable})
		point, pointErr := p.Eval(map[string]any{"ramp.throttle_rate": oneRate, "ramp.attempts": oneCount, "quota.rpm.adjustable": adjustable})
		if err == nil && got != expression.Undecided && (pointErr != nil || point != (got == expression.Yes)) {
			t.Fatalf("%q is %v for rate %v, attempts %v; but %v, %v for %v, %v", source, got, rate, attempts, point, pointErr, oneRate, oneCount)
		}
		if pointErr != nil || strings.Contains(source, "/") {
			return
		}
		want, err := expr.Eval(source, map[string]any{"ramp": map[string]any{"throttle_rate": oneRate, "attempts": oneCount}, "quota": map[string]any{"rpm": map[string]any{"adjustable": adjustable}}})
		if err != nil || want != point {
			t.Fatalf("%q for %v, %v: %v; the library says %v, %v", source, oneRate, oneCount, point, want, err)
		}
	})
}
