package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/loadline-dev/loadline/plugins/alarms"
	"github.com/loadline-dev/loadline/record"
)

// difference is what the command alarms tells.
type difference struct {
	Scenario, Account, Region string
	Prefix, Owner             string
	where, out                string
	Rows                      []alarms.Row
	LeftOut                   []alarms.LeftOut
	prune                     bool
	done                      map[string]string // by name; nil: nothing was asked to be done
}

// work is what there is to do: the alarms to put, and the names of those to delete.
func (d *difference) work() (puts []alarms.Row, deletes []string) {
	for _, r := range d.Rows {
		switch {
		case r.Writes():
			puts = append(puts, r)
		case r.State == alarms.Stale && d.prune:
			deletes = append(deletes, r.Name)
		}
	}
	return puts, deletes
}

func (d *difference) count(s alarms.State) (n int) {
	for _, r := range d.Rows {
		if r.State == s {
			n++
		}
	}
	return n
}

// print writes the plan for people.
func (d *difference) print(w io.Writer) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "Alarms of %s in %s (account %s, %s), with the tag %s=%s:\n\n", d.Scenario, d.where, d.Account, d.Region, alarms.TagKey, d.Owner)
	table := sheet{head: []string{"STATE", "NOW", "ALARM", "WATCHES", "AT", "POINTS", "METRICS"}}
	var details []string
	metrics := 0
	for _, r := range d.Rows {
		name := record.CleanLine(r.Name)
		if r.State == alarms.Stale {
			table.rows = append(table.rows, []string{string(r.State), dash(r.Now), name, "-", "-", "-", "-"})
			continue
		}
		metrics += r.Metrics()
		table.rows = append(table.rows, []string{string(r.State), dash(r.Now), name, r.Watches(grouped), r.At(), r.Share(), fmt.Sprint(r.Metrics())})
		if len(r.Changes) > 0 {
			details = append(details, name+" changes:")
			for _, c := range r.Changes {
				if c.Field == alarms.Description && len(r.Changes) > 1 {
					continue // it tells the other changes once more, in a sentence
				}
				details = append(details, fmt.Sprintf("  %s: %s -> %s", record.CleanLine(c.Field), dash(record.CleanLine(c.Old)), dash(record.CleanLine(c.New))))
			}
		}
		if r.Unseen != "" {
			details = append(details, name+" does not see "+r.Unseen+": too many ids take from the same quotas")
		}
		if r.State == alarms.NotOurs {
			details = append(details, name+": an alarm of this name is there without the scenario's tag, and is not touched")
		}
	}
	for _, l := range d.LeftOut {
		details = append(details, "no alarm for "+record.CleanLine(l.What)+": "+record.CleanLine(l.Why))
	}
	table.text(b)
	if len(details) > 0 {
		fmt.Fprintf(b, "\n  %s\n", strings.Join(details, "\n  "))
	}
	fmt.Fprintf(b, "\n%s\n", d.summary(metrics))
	if d.out != "" {
		fmt.Fprintf(b, "files: %s/%s, %s/%s\n", d.out, templateFile, d.out, terraformFile)
	}
	fmt.Fprintf(b, "IAM actions: %s\n", alarmActions())
	_, err := io.WriteString(w, b.String())
	return err
}

// summary counts the alarms by state.
func (d *difference) summary(metrics int) string {
	var parts []string
	for _, s := range []alarms.State{alarms.New, alarms.Changed, alarms.Same, alarms.NotOurs, alarms.Stale} {
		if n := d.count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "no alarms"
	}
	text := strings.Join(parts, ", ") + fmt.Sprintf("; CloudWatch charges for the %s that the planned ones read", plural(metrics, "metric"))
	if d.count(alarms.Stale) > 0 && !d.prune {
		text += "; --apply --prune deletes what is stale"
	}
	return text
}

// The JSON of the command.
type (
	alarmsJSON struct {
		Scenario string      `json:"scenario"`
		Account  string      `json:"account"`
		Region   string      `json:"region"`
		Prefix   string      `json:"prefix"`
		Tag      string      `json:"tag"` // its value; the key is always the same
		Alarms   []alarmJSON `json:"alarms"`
		LeftOut  []leftJSON  `json:"left_out"`
	}
	alarmJSON struct {
		Name       string          `json:"name"`
		State      string          `json:"state"`
		Now        string          `json:"now,omitempty"`
		Models     []string        `json:"models,omitempty"`
		Quota      *record.Quota   `json:"quota,omitempty"`
		Watches    string          `json:"watches,omitempty"`
		Unseen     string          `json:"unseen,omitempty"`
		Expression string          `json:"expression,omitempty"`
		Threshold  *float64        `json:"threshold,omitempty"`
		Points     int             `json:"points,omitempty"`
		Of         int             `json:"of,omitempty"`
		Metrics    int             `json:"metrics,omitempty"`
		Changes    []alarms.Change `json:"changes,omitempty"`
		Done       string          `json:"done,omitempty"` // put or deleted
	}
	leftJSON struct {
		What string `json:"what"`
		Why  string `json:"why"`
	}
)

func (d *difference) json() alarmsJSON {
	out := alarmsJSON{Scenario: d.Scenario, Account: d.Account, Region: d.Region, Prefix: d.Prefix, Tag: d.Owner, Alarms: []alarmJSON{}, LeftOut: []leftJSON{}}
	for _, r := range d.Rows {
		a := alarmJSON{Name: record.CleanLine(r.Name), State: string(r.State), Now: r.Now, Done: d.done[r.Name]}
		if r.State != alarms.Stale {
			a.Models, a.Quota, a.Watches, a.Unseen, a.Expression, a.Metrics = r.Models, r.Quota, r.Watches(grouped), r.Unseen, r.Expression, r.Metrics()
			a.Threshold, a.Points, a.Of = &r.Threshold, r.Breaching, r.Periods
		}
		for _, c := range r.Changes {
			a.Changes = append(a.Changes, alarms.Change{Field: record.CleanLine(c.Field), Old: record.CleanLine(c.Old), New: record.CleanLine(c.New)})
		}
		out.Alarms = append(out.Alarms, a)
	}
	for _, l := range d.LeftOut {
		out.LeftOut = append(out.LeftOut, leftJSON{record.CleanLine(l.What), record.CleanLine(l.Why)})
	}
	return out
}
