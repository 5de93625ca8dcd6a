package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/alarms"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// The files that --out writes.
const (
	templateFile  = "alarms.cfn.yaml"
	terraformFile = "alarms.tf.json"
)

// alarmFlags are those of the command alarms.
type alarmFlags struct {
	target
	out, format  string
	apply, prune bool
}

func (f *alarmFlags) check() error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("--format %s: there are text and json", f.format)
	}
	if f.prune && !f.apply {
		return errors.New("--prune deletes alarms as --apply puts them: say both")
	}
	return nil
}

func (c Command) alarmsCommand() *cobra.Command {
	var f alarmFlags
	cmd := &cobra.Command{
		Use: "alarms FILE", Short: "CloudWatch alarms for the quotas of a scenario's models", Args: cobra.ExactArgs(1),
		Long: `Looks the quotas of the scenario's models up, plans an alarm for each of them
and one for throttled calls, and shows what differs from the alarms that the
account has. The key alarms: of the scenario says when they go off, and what
they do then.

Nothing is changed, unless --apply says so. Alarms are known again by the tag
` + alarms.TagKey + `; one without it is never touched.`,
		Example: "  loadline alarms scenario.yaml\n  loadline alarms --out infra scenario.yaml\n  loadline alarms --apply scenario.yaml",
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := f.check(); err != nil {
				return err
			}
			plans, err := c.plans(files, f.target, against{}, nil)
			if err != nil {
				return err
			}
			return interrupted(cmd.Context(), c.alarms(cmd.Context(), plans[0], f))
		},
	}
	f.flags(cmd, false)
	f.freshFlag(cmd)
	cmd.Flags().BoolVar(&f.apply, "apply", false, "put the alarms that are new or changed")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "with --apply, delete the scenario's alarms that are not planned any more")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "change the real AWS without asking")
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write "+templateFile+" (CloudFormation) and "+terraformFile+" (Terraform) into")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	return cmd
}

// interrupted gives an error the exit status of the signal behind it, if one is.
func interrupted(ctx context.Context, err error) error {
	var i runner.Interrupt
	if err != nil && errors.As(context.Cause(ctx), &i) {
		return failure{i.Status, err}
	}
	return err
}

// alarms plans the alarms of a scenario, shows and writes them, and applies them
// where that is asked for.
func (c Command) alarms(ctx context.Context, p *runner.Plan, f alarmFlags) error {
	a, err := f.open(ctx, c, p.Scenario.File, p.Scenario.Region.Value)
	if err != nil {
		return err
	}
	defer a.close()
	who, err := a.Identity(ctx)
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if want := p.Scenario.ExpectAccount; want.Written() && want.Value != who.Account {
		return fail(record.ExitEnvironment, "the credentials are those of account %s; the scenario expects %s, so nothing was read or changed", record.CleanLine(who.Account), want.Value)
	}
	settings := alarmSettings(p.Scenario)
	plan, err := c.planAlarms(ctx, p, a, settings)
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if f.out != "" && len(plan.Alarms) == 0 {
		c.say("note: no alarm is planned, so no files are written")
		f.out = ""
	}
	if f.out != "" {
		if err := writeAlarms(f.out, settings, plan); err != nil {
			return failure{record.ExitEnvironment, err}
		}
	}
	found, err := a.Alarms(ctx, settings.NamePrefix())
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	d := &difference{
		Scenario: record.CleanLine(p.Scenario.Name.Value), Account: record.CleanLine(who.Account), Region: who.Region, where: a.where,
		Prefix: settings.NamePrefix(), Owner: settings.Owner(), out: f.out,
		Rows: alarms.Compare(settings, plan, found), LeftOut: plan.LeftOut, prune: f.prune,
	}
	if f.format == "text" {
		if err := d.print(c.Stdout); err != nil {
			return failure{record.ExitEnvironment, err}
		}
	}
	if f.apply {
		err = c.applyAlarms(ctx, a, f, settings, d)
	}
	if f.format == "json" {
		if wrote := writeJSON(c.Stdout, d.json()); err == nil && wrote != nil {
			err = failure{record.ExitEnvironment, wrote}
		}
	}
	return err
}

// alarmSettings are what the scenario says of its alarms.
func alarmSettings(s *scenarios.Scenario) alarms.Settings {
	texts := func(list []scenarios.At[string]) (out []string) {
		for _, t := range list {
			out = append(out, t.Value)
		}
		return out
	}
	return alarms.Settings{
		Scenario: s.Name.Value, Prefix: s.Alarms.Prefix.Value, Usage: s.Alarms.Usage.Value, Minutes: int(s.Alarms.For.Value / time.Minute),
		Actions: texts(s.Alarms.Actions), OKActions: texts(s.Alarms.OKActions),
	}
}

// planAlarms looks the models up.
func (c Command) planAlarms(ctx context.Context, p *runner.Plan, a *account, settings alarms.Settings) (alarms.Plan, error) {
	asked := steps.AskedOf(p.Models, p.Scenario.Request)
	s, err := steps.Look(ctx, a, asked, steps.How{Current: true, Slow: c.say})
	if err != nil {
		return alarms.Plan{}, err
	}
	c.tell(s.Notes)
	var models []alarms.Model
	for i, m := range p.Models {
		f := s.Found[i]
		tariff := m.Tariff
		if m.TariffOf != nil && f.Base != "" {
			tariff = m.TariffOf(f.Base, f.Scope)
		}
		for _, problem := range slices.Concat(f.Problems, []string{f.Unreachable, f.Doubt}) {
			if problem != "" {
				c.say("note: " + record.CleanLine(m.Name+": "+problem))
			}
		}
		models = append(models, alarms.Model{Name: m.Name, Base: f.Base, Scope: f.Scope, Series: s.Sharing(m.ID), Optimized: asked[i].Ask.LatencyOptimized, Quotas: f.Binds, Burndown: tariff.Burndown})
	}
	return alarms.Make(settings, models), nil
}

// writeAlarms writes the files of other tools.
func writeAlarms(dir string, settings alarms.Settings, plan alarms.Plan) error {
	template, err := alarms.CloudFormation(settings, plan)
	if err != nil {
		return err
	}
	terraform, err := alarms.Terraform(settings, plan)
	if err != nil {
		return err
	}
	return writeInto(dir, []report.File{{Path: templateFile, Data: template}, {Path: terraformFile, Data: terraform}})
}

// applyAlarms puts what is new or changed and, where that is asked for, deletes
// what is stale. It ends with the first refusal, and tells what was done before
// it: another run goes on from there.
func (c Command) applyAlarms(ctx context.Context, a *account, f alarmFlags, settings alarms.Settings, d *difference) error {
	puts, deletes := d.work()
	if len(puts)+len(deletes) > 0 {
		what := fmt.Sprintf("%s puts %s in %s", d.Scenario, plural(len(puts), "alarm"), a.where)
		if len(deletes) > 0 {
			what += fmt.Sprintf(", and deletes %d", len(deletes))
		}
		if err := f.consent(c, what); err != nil {
			return err
		}
	}
	d.done = map[string]string{}
	told := func(done, name string) {
		d.done[name] = done
		if f.format == "text" {
			fmt.Fprintf(c.Stdout, "%s %s\n", done, record.CleanLine(name))
		}
	}
	refused := func(err error) error {
		return fail(record.ExitEnvironment, "%w\n%d of %s done; what was done stays, and another run goes on from there", err, len(d.done), plural(len(puts)+len(deletes), "change"))
	}
	for _, row := range puts {
		if err := a.PutAlarm(ctx, row.Alarm, settings.Tags()); err != nil {
			return refused(fmt.Errorf("%s: %w", row.Name, err))
		}
		told("put", row.Name)
	}
	if len(deletes) > 0 {
		if err := a.DeleteAlarms(ctx, deletes); err != nil {
			return refused(err)
		}
		for _, name := range deletes {
			told("deleted", name)
		}
	}
	if len(d.done) == 0 && f.format == "text" {
		fmt.Fprintln(c.Stdout, "nothing to do")
	}
	if n := d.count(alarms.NotOurs); n > 0 {
		return fail(record.ExitEnvironment, "%s not put, since alarms of these names are there without the tag %s=%s: choose another prefix:, delete them, or give them the tag", were(n), alarms.TagKey, d.Owner)
	}
	return nil
}

func were(n int) string {
	if n == 1 {
		return "1 alarm was"
	}
	return fmt.Sprintf("%d alarms were", n)
}

// alarmActions lists the IAM actions of the command.
func alarmActions() string {
	out := slices.Concat([]string{"sts:GetCallerIdentity"}, steps.SurveyReads, cloud.AlarmReads)
	text := strings.Join(out, ", ") + "; with --apply " + strings.Join(cloud.AlarmWrites, ", ")
	return text + "; with --prune " + strings.Join(cloud.AlarmPrunes, ", ")
}
