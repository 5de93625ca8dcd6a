package history

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// title says what a finding is of: ramp.throttle_rate (sonnet).
func (f *Finding) title() string {
	name := f.Name
	if f.Step != "" {
		name = f.Step + "." + name
	}
	if f.Model != "" {
		name += " (" + f.Model + ")"
	}
	return name
}

// was is what the two runs tell: 0.4 % -> 2.1 %.
func (f *Finding) was() string { return f.Old.told(f.Unit) + " -> " + f.New.told(f.Unit) }

func (p *Point) told(unit string) string {
	switch {
	case p.Value != nil && p.Word != "":
		return p.Word + " (" + report.Quantity(*p.Value, unit) + ")"
	case p.Value != nil:
		return report.Quantity(*p.Value, unit)
	case p.Samples == 0 && (p.Low != nil || p.High != nil):
		out := between(p.Low, p.High, func(v float64) string { return report.Quantity(v, unit) })
		if unit != "" {
			out += " " + unit
		}
		if p.Word != "" {
			out += ", bound by " + p.Word
		}
		return out
	case p.Word != "":
		return p.Word
	}
	return "no data"
}

// between tells two ends of which one may be open.
func between(low, high *float64, write func(float64) string) string {
	switch {
	case low == nil:
		return "below " + write(*high)
	case high == nil:
		return write(*low) + " or more"
	}
	return write(*low) + " to " + write(*high)
}

// became is what to think of it.
func (f *Finding) became() string {
	switch {
	case f.Verdict == Unknown:
		return "cannot be compared: " + f.Why
	case f.Low != nil && f.High != nil:
		return f.moved()
	case f.Verdict == Same && f.Why != "":
		return "no evidence of a change: " + f.Why
	case f.Verdict == Same:
		return "no evidence of a change"
	case f.Kind == KindLimit && f.Verdict != Changed:
		return "the ends do not overlap"
	case f.Change != nil:
		out := signed(*f.Change, f.Unit)
		if old := *f.Old.Value; old != 0 && !strings.HasPrefix(f.Unit, "fraction") {
			out += " (" + signed(*f.Change/math.Abs(old), "fraction of it") + ")"
		}
		return out
	}
	return f.Why
}

// moved tells a change with its interval.
func (f *Finding) moved() string {
	low := signed(*f.Low, f.Unit)
	ends := strings.TrimSuffix(strings.TrimSuffix(low, " points"), " "+f.Unit) + " to " + signed(*f.High, f.Unit)
	if f.Verdict != Same {
		return signed(*f.Change, f.Unit) + " (" + ends + ")"
	}
	out := "no evidence of a change: " + ends
	if f.Least == nil {
		return out + "; no change for the worse would have been seen"
	}
	return out + "; one of " + signed(math.Abs(*f.Least)*f.harm(), f.Unit) + " would have been seen"
}

// harm is the direction of the worse.
func (f *Finding) harm() float64 {
	for _, r := range rates {
		if r.name == f.Name {
			return r.harm
		}
	}
	return 1
}

// signed writes a change; that of a fraction is in points, so that it is not
// taken for a part of it.
func signed(v float64, unit string) string {
	sign := "+"
	if v < 0 {
		sign = "-"
	}
	if v = math.Abs(v); unit == "USD" {
		return sign + strconv.FormatFloat(v, 'g', 3, 64) + " USD"
	}
	if unit == "fraction" {
		return sign + strings.TrimSuffix(report.Quantity(round(v), unit), " %") + " points"
	}
	if v == 0 {
		sign = ""
	}
	return sign + report.Quantity(round(v), unit)
}

// round keeps three digits, which is more than a difference is known to.
func round(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}

const timeForm = "2006-01-02 15:04:05 UTC"

func (h *Head) told() string {
	parts := []string{h.Run}
	if h.Scenario != "" {
		parts = append(parts, h.Scenario)
	}
	parts = append(parts, when(h.Started), verdictWord(h.Verdict))
	if h.Aborted {
		parts = append(parts, "cut short")
	}
	return strings.Join(parts, ", ")
}

func when(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return t.UTC().Format(timeForm)
}

func verdictWord(v record.Verdict) string {
	switch v {
	case record.Pass:
		return "passed"
	case record.Fail:
		return "failed"
	}
	return "not decided"
}

// headline sums the comparison up.
func (c *Comparison) headline() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Counts.Worse, "worse"}, {c.Counts.Unknown, "not comparable"}, {c.Counts.Better, "better"}, {c.Counts.Changed, "otherwise changed"}, {c.Counts.Same, "without evidence of a change"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if parts == nil {
		return "nothing was found in common, or to differ"
	}
	return strings.Join(parts, ", ")
}

// together says what the verdicts rest on.
func (c *Comparison) together() string {
	if c.Counts.Tested == 0 {
		return "no rates or times were compared"
	}
	return fmt.Sprintf("%d rates and times were tested together, so that any of them is falsely told to have changed in at most %s of comparisons", c.Counts.Tested, report.Quantity(round(1-c.Confidence), "fraction"))
}
