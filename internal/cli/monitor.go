package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// watched is what monitor was asked for.
type watched struct {
	pick    selection
	span    map[string]*string // the keys of a monitor step that are flags
	metrics []string
	format  string
	out     string
	force   bool
	// textfile is a file for node_exporter; "" for none.
	textfile string
	// every is the time between two readings; 0 reads once.
	every time.Duration
}

func (c Command) monitorCommand() *cobra.Command {
	var t target
	w := watched{span: map[string]*string{}}
	cmd := &cobra.Command{
		Use: "monitor", Short: "Usage, throttles and headroom from CloudWatch, without a scenario", Args: cobra.NoArgs,
		Long: `Reads from CloudWatch what the quotas of models were used for over a window,
and the quotas themselves from Service Quotas, so that both stand side by side.

The usage of a model is that of all ids that take from its quotas: the id that
is named, and the application inference profiles copied from it. What they are
is listed where there are several.`,
		Example: "  loadline monitor --model anthropic.claude-3-haiku-20240307-v1:0 --window 24h\n  loadline monitor --all --window 14d --zone Europe/Berlin --out build/usage\n  loadline monitor --all --window 3h --watch 1m\n  loadline monitor --family claude --from 2026-11-20T08:00 --to 2026-11-20T18:00 --metric InvocationLatency.p95",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.check(t); err != nil {
				return err
			}
			a, err := t.open(cmd.Context(), c, "", "")
			if err != nil {
				return err
			}
			defer a.close()
			if w.every > 0 {
				return c.monitorEvery(cmd.Context(), a, w)
			}
			r, err := c.monitor(cmd.Context(), a, w)
			if err != nil {
				return err
			}
			if err := w.print(c.Stdout, r); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return c.leave(r, w)
		},
	}
	t.flags(cmd, false)
	t.freshFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&w.pick.models, "model", nil, "model id, profile id or ARN as it is called; may be repeated")
	f.StringArrayVar(&w.pick.families, "family", nil, "family of models, or the heading it stands under, of which all are read that were called in the last two weeks; may be repeated")
	f.BoolVar(&w.pick.all, "all", false, "all models that were called in the last two weeks")
	for _, flag := range []struct{ name, usage string }{
		{"window", "how far back to read (default 24h)"},
		{"from", "where the window begins, in place of --window: a day, or a time of one, in --zone unless it has an offset"},
		{"to", "where the window ends (default now)"},
		{"period", "width of a point, in whole minutes (chosen from the window and its age if left out)"},
		{"zone", "time zone, by its IANA name (default UTC)"},
	} {
		w.span[flag.name] = f.String(flag.name, "", flag.usage)
	}
	f.StringArrayVar(&w.metrics, "metric", nil, "read a metric more, such as TimeToFirstToken.p95, or as an item of `metrics` in a scenario; may be repeated")
	f.StringVar(&w.format, "format", "text", "text, json, csv, markdown or prometheus")
	f.StringVar(&w.out, "out", "", "folder for the record, with charts, an HTML page and a summary")
	f.BoolVar(&w.force, "force", false, "write into a folder that holds other files than those of a run")
	f.StringVar(&w.textfile, "textfile", "", "write the prometheus format into `FILE.prom`, in one piece, for the textfile collector of node_exporter")
	f.DurationVar(&w.every, "watch", 0, "read again each time that so long has gone by, 30s at the least, until a signal comes")
	return cmd
}

// check refuses what can be known to be wrong before AWS is asked.
func (w watched) check(t target) error {
	if _, ok := monitorPrinters[w.format]; !ok {
		return fmt.Errorf("--format %s: there are text, json, csv, markdown and prometheus", w.format)
	}
	if err := w.checkTextfile(); err != nil {
		return err
	}
	if err := w.checkWatch(t); err != nil {
		return err
	}
	if w.pick.whole() && !w.pick.all {
		return errors.New("say which models to read with --model or --family, or --all for all that were called")
	}
	if err := w.pick.check(); err != nil {
		return err
	}
	ids := w.pick.models
	if len(ids) == 0 {
		ids = []string{"any.model"}
	}
	_, _, err := w.step(ids)
	return err
}

// step makes the very step that a scenario would have, with the models that it
// reads: the scenario is written from the flags.
func (w watched) step(ids []string) (*runner.Plan, plugins.Step, error) {
	var src strings.Builder
	src.WriteString("version: 1\nname: monitor\nmodels:\n")
	var names []string
	for _, id := range ids {
		// The name is what CloudWatch calls it: an ARN may be too long for one.
		name := quotas.Series(id)
		if !slices.Contains(names, name) {
			names = append(names, name)
			fmt.Fprintf(&src, "  %s: %s\n", strconv.Quote(name), strconv.Quote(id))
		}
	}
	var keys []string
	for _, name := range []string{"window", "from", "to", "period", "zone"} {
		if value := *w.span[name]; value != "" {
			keys = append(keys, name+": "+strconv.Quote(value))
		}
	}
	if len(w.metrics) > 0 {
		var items []string
		for _, m := range w.metrics {
			if !strings.HasPrefix(m, "{") {
				m = strconv.Quote(m)
			}
			items = append(items, m)
		}
		keys = append(keys, "metrics: ["+strings.Join(items, ", ")+"]")
	}
	fmt.Fprintf(&src, "steps:\n  - monitor: {%s}\n", strings.Join(keys, ", "))
	s, problems := scenarios.Load("", []byte(src.String()), Language())
	var p *runner.Plan
	if len(problems) == 0 {
		p, problems = runner.NewPlan(s, set)
	}
	if len(problems) > 0 {
		return nil, nil, fmt.Errorf("%s (%s)", problems[0].Message, problems[0].Hint)
	}
	return p, steps.Monitor.Bind(&plugins.Binding{Models: p.Models, Problem: func(scenarios.Problem) {}}, s.Steps[0]), nil
}

// monitor reads, and makes the record of a run that did nothing else.
func (c Command) monitor(ctx context.Context, a *account, w watched) (*record.Run, error) {
	began := time.Now().UTC()
	ids, err := c.named(ctx, a, w.pick)
	if err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	r := &record.Run{
		SchemaVersion: record.SchemaVersion, Tool: record.Tool{Name: "loadline", Version: version()}, Started: began,
		Scenario: record.Scenario{Name: "monitor"}, Target: record.Target{Kind: a.kind, Region: record.CleanLine(a.Region())},
		Totals: map[string]record.Values{}, Verdict: record.Overall(nil), Plan: record.Cost{USD: new(0.0)}, Spent: record.Cost{USD: new(0.0)},
	}
	if w.out != "" || w.exposes() { // a record says of whom it is
		who, err := a.Identity(ctx)
		if err != nil {
			return nil, failure{record.ExitEnvironment, err}
		}
		r.Target.Account = record.CleanLine(who.Account)
	}
	if len(ids) == 0 {
		c.say("note: CloudWatch lists no calls of such models in the last two weeks")
		r.Ended = time.Now().UTC()
		return r, nil
	}
	p, step, err := w.step(ids)
	if err != nil {
		return nil, err
	}
	r.Scenario.Source = record.CleanAll(string(p.Scenario.Source))
	models, err := c.limits(ctx, a, p.Models)
	if err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	env := &plugins.Env{AWS: a, Models: map[string]*record.Model{}, Report: func(plugins.Progress) {}}
	for i := range models {
		env.Models[models[i].Name] = &models[i]
	}
	result, err := step.Run(ctx, env)
	if err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	c.tell(result.Step.Notes)
	r.Ended = time.Now().UTC()
	r.Spent.Duration = record.Duration(r.Ended.Sub(began))
	result.Step.Name, result.Step.Kind, result.Step.Started, result.Step.Ended = record.KindMonitor, record.KindMonitor, began, r.Ended
	r.Steps, r.Totals[record.KindMonitor] = []record.Step{result.Step}, result.Totals
	for _, m := range models {
		m.Steps = map[string]record.Values{record.KindMonitor: result.Values[m.Name]}
		r.Models = append(r.Models, m)
	}
	for _, s := range result.Series {
		s.Step = record.KindMonitor
		r.Series = append(r.Series, s)
	}
	return r, nil
}

// named lists the ids to read: those that are named, and those that were called
// of the families that are.
func (c Command) named(ctx context.Context, a *account, pick selection) ([]string, error) {
	ids := slices.Clone(pick.models)
	if len(pick.families) == 0 && !pick.all {
		return ids, nil
	}
	active, catalog, notes, err := steps.Active(ctx, a)
	if err != nil {
		return nil, err
	}
	c.tell(notes)
	for _, id := range active {
		if f := familyOf(quotas.Resolve(id, catalog).Base, catalog); pick.takes(f.Name, f.Group) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// limits ties the models to their quotas. Where the quotas cannot be read a note
// says why: the usage is worth having without them.
func (c Command) limits(ctx context.Context, a *account, models []plugins.Model) (out []record.Model, _ error) {
	var asked []steps.Asked
	for _, m := range models {
		asked = append(asked, steps.Asked{ID: m.ID})
		out = append(out, record.Model{Name: m.Name, ID: record.CleanLine(m.ID), BaseID: record.CleanLine(m.BaseID), Family: m.Family.Name, Scope: m.Scope})
	}
	s, err := steps.Look(ctx, a, asked, steps.How{Slow: c.say})
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		c.tell([]string{"the quotas are not known: " + err.Error()})
		return out, nil
	}
	c.tell(s.Notes)
	for i, f := range s.Found {
		out[i].BaseID, out[i].Scope, out[i].Quotas, out[i].Notes = record.CleanLine(f.Base), f.Scope, f.Binds, f.Notes
	}
	return out, nil
}

// print writes what goes to stdout: where a textfile takes the prometheus format,
// nothing.
func (w watched) print(out io.Writer, r *record.Run) error {
	if w.format == formatPrometheus && w.textfile != "" {
		return nil
	}
	return monitorPrinters[w.format](out, r)
}

// leave writes the record with its reports, and the textfile.
func (c Command) leave(r *record.Run, w watched) error {
	if w.textfile != "" {
		if err := w.expose(r); err != nil {
			return failure{record.ExitEnvironment, err}
		}
	}
	if w.out == "" {
		return nil
	}
	files, err := report.Folder(r, []string{"html", "markdown", "svg"})
	if err == nil {
		err = replace(w.out, w.force, files)
	}
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	c.say("reports: " + record.CleanLine(w.out))
	return nil
}
