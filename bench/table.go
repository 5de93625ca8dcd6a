package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// row is a figure in a table.
type row struct{ figure, ours, against, ratio, goal, met string }

// median of what is not empty.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// short is a number with about three digits that count.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// spread is a median with the least and the most.
func spread(x []float64) string {
	if len(x) == 1 {
		return short(x[0])
	}
	return fmt.Sprintf("%s [%s to %s]", short(median(x)), short(slices.Min(x)), short(slices.Max(x)))
}

func verdict(met bool) string {
	if met {
		return "yes"
	}
	return "**no**"
}

// ratio compares what two contestants took in the same rounds; the median of
// the rounds' ratios must be at most the goal. A goal of 0 is none.
func ratio(figure, unit, peer string, ours, theirs []float64, goal float64) row {
	each := make([]float64, len(ours))
	for i := range ours {
		each[i] = ours[i] / theirs[i]
	}
	r := row{figure, short(median(ours)) + " " + unit, peer + " " + short(median(theirs)) + " " + unit, spread(each), "", ""}
	if goal > 0 {
		r.goal, r.met = fmt.Sprintf("at most %g", goal), verdict(median(each) <= goal)
	}
	return r
}

// markdown is a table with what was true when it was made.
func markdown(title, note, facts string, rows []row) string {
	var s strings.Builder
	fmt.Fprintf(&s, "### %s\n\n%s\n\n| figure | Loadline | against | ratio, median [range] | goal | met |\n| --- | --- | --- | --- | --- | --- |\n", title, note)
	for _, r := range rows {
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s | %s |\n", r.figure, r.ours, r.against, r.ratio, r.goal, r.met)
	}
	fmt.Fprintf(&s, "\n%s\n", facts)
	return s.String()
}

// put replaces what a document has between the marks of a part.
func put(file, part, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := "<!-- begin "+part+" -->\n", "<!-- end "+part+" -->"
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for %s: put %s%s into it", file, part, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+text+end+after), 0o644)
}
