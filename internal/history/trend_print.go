package history

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// Text writes a table for each model and step, with a line for each run.
func (t *Trend) Text(w io.Writer) error {
	for i := range t.Groups {
		g := &t.Groups[i]
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "runs of %s: %d, %s\n", named(g.Scenario), len(g.Runs), t.from(g))
		for _, part := range g.parts() {
			if err := t.table(w, g, part); err != nil {
				return err
			}
		}
	}
	for _, n := range t.Notes {
		fmt.Fprintf(w, "note  %s\n", n)
	}
	if len(t.Groups) == 0 {
		fmt.Fprintln(w, "no runs")
	}
	return nil
}

// from is the time that the runs of a group span.
func (t *Trend) from(g *Group) string {
	first, last := t.at(g.Runs[0].Started), t.at(g.Runs[len(g.Runs)-1].Started)
	if first == last {
		return first
	}
	return first + " to " + last
}

// at tells when a run started.
func (t *Trend) at(started time.Time) string {
	if started.IsZero() {
		return "at an unknown time"
	}
	zone := t.Zone
	if zone == nil {
		zone = time.UTC
	}
	return started.In(zone).Format("2006-01-02 15:04 MST")
}

// part is the rows of a model in a step; those of its quotas have no step.
type part struct {
	step, model string
	rows        []Row
}

func (g *Group) parts() (out []part) {
	for _, r := range g.Rows {
		if n := len(out); n == 0 || out[n-1].step != r.Step || out[n-1].model != r.Model {
			out = append(out, part{step: r.Step, model: r.Model})
		}
		out[len(out)-1].rows = append(out[len(out)-1].rows, r)
	}
	return out
}

func (p *part) title() string {
	if p.step == "" {
		return "quotas of " + p.model
	}
	return p.step + ", " + p.model
}

func (t *Trend) table(w io.Writer, g *Group, p part) error {
	fmt.Fprintf(w, "\n  %s\n", p.title())
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(out, "  started\trun\tverdict")
	for _, r := range p.rows {
		fmt.Fprintf(out, "\t%s", r.Name)
	}
	fmt.Fprintln(out)
	for i, run := range g.Runs {
		verdict := verdictWord(run.Verdict)
		if run.Doubtful {
			verdict += ", in doubt"
		}
		fmt.Fprintf(out, "  %s\t%s\t%s", t.at(run.Started), run.Run, verdict)
		for _, r := range p.rows {
			text := "-"
			if v := r.Points[i].Value; v != nil {
				text = report.Quantity(*v, r.Unit)
			}
			fmt.Fprintf(out, "\t%s", text)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// JSON writes all of it.
func (t *Trend) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(t)
}

// CSV writes a line for each run, for programs that look for change points: its
// time, what it is, and a column for each number, sorted by name. What a run does
// not have is empty.
func (t *Trend) CSV(w io.Writer) error {
	var names []string
	for i := range t.Groups {
		rows := t.Groups[i].Rows
		names = union(names, len(rows), func(i int) string { return rows[i].column() })
	}
	slices.Sort(names)
	out := csv.NewWriter(w)
	out.Write(slices.Concat([]string{"time", "scenario", "run", "version", "digest", "account", "region", "verdict", "doubtful"}, names))
	for i := range t.Groups {
		g := &t.Groups[i]
		for k, run := range g.Runs {
			line := []string{run.Started.UTC().Format(time.RFC3339), g.Scenario, run.Run, run.Version, run.Digest, run.Account, run.Region, string(run.Verdict), strconv.FormatBool(run.Doubtful)}
			for c := range line {
				line[c] = report.CSVText(line[c])
			}
			cells := make([]string, len(names))
			for _, r := range g.Rows {
				if v := r.Points[k].Value; v != nil {
					at, _ := slices.BinarySearch(names, r.column())
					cells[at] = strconv.FormatFloat(*v, 'g', -1, 64)
				}
			}
			out.Write(append(line, cells...))
		}
	}
	out.Flush()
	return out.Error()
}

// column is the name of a number in CSV: ramp.sonnet.throttle_rate.
func (r *Row) column() string {
	name := r.Model + "." + r.Name
	if r.Step != "" {
		name = r.Step + "." + name
	}
	return report.CSVText(name)
}

// Note keeps a remark on what was left out.
func (t *Trend) Note(format string, args ...any) {
	t.Notes = append(t.Notes, record.CleanLine(fmt.Sprintf(format, args...)))
}
