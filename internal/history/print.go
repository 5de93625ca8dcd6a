package history

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/loadline-dev/loadline/report"
)

// words are the verdicts as a table shows them.
var words = map[Verdict]string{Worse: "worse", Unknown: "unknown", Better: "better", Changed: "changed", Same: "same"}

// Text writes the comparison for a terminal, the worst first. No text from outside
// begins a line.
func (c *Comparison) Text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "old\t%s\nnew\t%s\n", c.Old.told(), c.New.told())
	for _, d := range c.Differences {
		fmt.Fprintf(t, "differs\t%s: %s -> %s\n", d.What, named(d.Old), named(d.New))
	}
	for _, n := range c.Notes {
		fmt.Fprintf(t, "note\t%s\n", n)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	t = tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for i := range c.Findings {
		f := &c.Findings[i]
		if f.minor() {
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", words[f.Verdict], f.title(), f.was(), f.became())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if n := c.left(); n > 0 {
		fmt.Fprintf(w, "note  %d more numbers differ: --format json has them\n", n)
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", c.headline(), c.together())
	return err
}

func named(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// major are the numbers that the text shows; JSON has all. A number with a dot
// behind one of them is as major.
var major = []string{
	"attempts", "ok", "throttled", "capacity", "dropped", "errors", "attempted_rpm", "ok_rpm", "settled_tpm", "output_tokens_per_s",
	"first_throttle_s", "input_tokens", "output_tokens", "usd", "latency_ms.p50", "latency_ms.p95", "ttft_ms.p50", "ttft_ms.p95", "generator.achieved",
	"retry_count", "given_up", "amplification", "wait_ms.p50", "wait_ms.p95",
	"invocations", "throttles", "throttle_rate", "longest_throttled_minutes", "peak_rpm", "peak_tpm", "utilization", "days_to_quota.estimate", "growth.estimate",
	"agreement", "ambient", "spent", "metric",
}

// minor reports a number that the text leaves out.
func (f *Finding) minor() bool {
	if f.Kind != KindNumber {
		return false
	}
	for _, m := range major {
		if f.Name == m || strings.HasPrefix(f.Name, m+".") {
			return false
		}
	}
	return true
}

func (c *Comparison) left() (n int) {
	for i := range c.Findings {
		if c.Findings[i].minor() {
			n++
		}
	}
	return n
}

// JSON writes all of it.
func (c *Comparison) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

// Markdown writes it for a pull request or a CI job.
func (c *Comparison) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s: %s\n\n", report.Cell(c.New.Scenario), report.Cell(c.headline()))
	fmt.Fprintf(&b, "Old: %s. New: %s.\n", report.Cell(c.Old.told()), report.Cell(c.New.told()))
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "\n%s.\n", report.Cell(n))
	}
	var rows [][]string
	for _, d := range c.Differences {
		rows = append(rows, []string{d.What, named(d.Old), named(d.New)})
	}
	b.WriteString(report.Table([]string{"differs", "old", "new"}, rows))
	rows = nil
	for i := range c.Findings {
		if f := &c.Findings[i]; !f.minor() {
			rows = append(rows, []string{words[f.Verdict], f.title(), f.Old.told(f.Unit), f.New.told(f.Unit), f.became()})
		}
	}
	b.WriteString(report.Table([]string{"", "what", "old", "new", "change"}, rows))
	if n := c.left(); n > 0 {
		fmt.Fprintf(&b, "\n%d more numbers differ: the JSON has them.\n", n)
	}
	fmt.Fprintf(&b, "\n%s.\n", report.Cell(c.together()))
	_, err := io.WriteString(w, b.String())
	return err
}
