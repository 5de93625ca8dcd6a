package cli

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner"
)

// journalName is the journal's name in the run folder, and plainJournal that of
// earlier versions, which did not compress it.
const (
	journalName  = "calls.jsonl.zst"
	plainJournal = "calls.jsonl"
)

func (c Command) runCommand() *cobra.Command {
	var t target
	base := against{needed: true}
	var out, stopFile string
	var force, content bool
	cmd := &cobra.Command{
		Use: "run FILE...", Short: "Plan, run, judge, report", Args: cobra.MinimumNArgs(1),
		Example: "  loadline run --simulate scenario.yaml\n  loadline run --out build/loadline --yes scenario.yaml",
		RunE: func(cmd *cobra.Command, files []string) error {
			// Where CI looks for a report it finds one, also of a refusal.
			var refused func(file, why string) error
			if out != "" {
				refused = func(file, why string) error {
					return refuse(record.ExitUsage, file, why, place(out, filepath.Base(file), len(files)), force)
				}
			}
			plans, err := c.plans(files, t, base, refused)
			if err != nil {
				return err
			}
			ctx, done, err := c.stoppable(cmd.Context(), stopFile)
			if err != nil {
				return err
			}
			defer done()
			if err := c.affordable(plans); err != nil {
				if out != "" {
					for _, p := range plans {
						if over := p.Over(); len(over) > 0 {
							err = errors.Join(err, refuse(record.ExitBudget, p.Scenario.File, "the plan is over its budget:\n"+strings.Join(over, "\n"), folder(out, p, len(plans)), force))
						}
					}
				}
				return err
			}
			status := record.ExitPass
			for _, p := range plans {
				s, err := c.run(ctx, p, t, folder(out, p, len(plans)), force, content)
				if err != nil {
					return err
				}
				status = record.Worse(status, s)
				if ctx.Err() != nil {
					break
				}
			}
			if status != record.ExitPass {
				return failure{status, errTold}
			}
			return nil
		},
	}
	t.flags(cmd, true)
	t.freshFlag(cmd)
	base.flag(cmd)
	cmd.Flags().StringVar(&out, "out", "", "folder for the record and the reports (default loadline-out/NAME); with several files, a folder for each is made in it")
	cmd.Flags().StringVar(&stopFile, "stop-file", "", "stop as on SIGINT when `PATH` appears; looked for every second")
	cmd.Flags().BoolVar(&force, "force", false, "write into a folder that holds other files than those of a run")
	cmd.Flags().BoolVar(&content, "include-content", false, "keep the prompts, system texts and bodies of the scenario in the record and the reports; without it x stands for their characters. Replies are never kept")
	return cmd
}

// affordable refuses plans over their budget.
func (c Command) affordable(plans []*runner.Plan) error {
	for _, p := range plans {
		if over := p.Over(); len(over) > 0 {
			return fail(record.ExitBudget, "%s is over its budget, and nothing was sent:\n  - %s", p.Scenario.File, strings.Join(over, "\n  - "))
		}
	}
	return nil
}

// run runs one plan and leaves its folder.
func (c Command) run(ctx context.Context, p *runner.Plan, t target, dir string, force, content bool) (int, error) {
	fmt.Fprintln(c.Stderr, headline(p))
	f, err := openFolder(dir, force)
	if err != nil {
		return 0, failure{record.ExitEnvironment, err}
	}
	defer f.Close()
	a, err := t.open(ctx, c, p.Scenario.File, p.Scenario.Region.Value)
	if err != nil {
		return 0, err
	}
	defer a.close()
	if p.Cost.Requests > 0 {
		if err := t.consent(c, fmt.Sprintf("%s sends up to %d requests to %s, for up to %s", p.Scenario.File, p.Cost.Requests, a.where, price(p.Cost))); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(c.Stderr, "target %s\n", a.where)
	journal, err := f.journal()
	if err != nil {
		return 0, failure{record.ExitEnvironment, err}
	}
	progress := newProgress(c.Stderr)
	generator, undo := c.tune()
	defer undo()
	r := p.Run(ctx, a.Cloud, runner.Options{Target: a.kind, Version: version(), Journal: journal, Report: progress.report, Generator: generator, Content: content})
	progress.close()
	if err := journal.close(); err != nil {
		r.Problem, r.Exit = cmp.Or(r.Problem, err.Error()), record.Worse(r.Exit, record.ExitEnvironment)
	}
	r.Artifacts = append(r.Artifacts, record.Artifact{Path: journalName, SHA256: hex.EncodeToString(journal.sum.Sum(nil))})
	// The verdict comes first: it must be seen even where the disk is full.
	told := c.conclude(r)
	files, err := draw(f.Root, r, formats(p))
	if err == nil {
		err = c.stepSummary(r, files)
	}
	if err != nil {
		fmt.Fprintf(c.Stderr, "loadline: reports are not complete: %v\n", err)
		return record.Worse(r.Exit, record.ExitEnvironment), nil
	}
	if told == nil {
		_, told = fmt.Fprintf(c.Stdout, "reports: %s\n", dir)
	}
	// Whoever closed the pipe has read what it wanted; the status is for CI.
	if told != nil && !errors.Is(told, syscall.EPIPE) {
		fmt.Fprintf(c.Stderr, "loadline: the verdict could not be written to stdout: %v\n", told)
		return record.Worse(r.Exit, record.ExitEnvironment), nil
	}
	return r.Exit, nil
}

// formats are those that the scenario asks for; the usual ones where it asks
// for none.
func formats(p *runner.Plan) []string {
	var out []string
	for _, f := range p.Scenario.Report.Formats {
		out = append(out, f.Value)
	}
	if out == nil {
		return report.Usual()
	}
	return out
}

// folder is where a run leaves its files.
func folder(out string, p *runner.Plan, of int) string {
	if out == "" {
		out, of = "loadline-out", 2
	}
	return place(out, p.Scenario.Name.Value, of)
}

// place is the folder of one of several runs.
func place(out, name string, of int) string {
	if of == 1 {
		return out
	}
	name = strings.Trim(unsafe.ReplaceAllString(name, "-"), ".-")
	if name == "" {
		name = "scenario"
	}
	return filepath.Join(out, name)
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
