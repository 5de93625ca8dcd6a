package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/history"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// The files that compare --out writes.
const (
	comparisonJSON     = "compare.json"
	comparisonMarkdown = "compare.md"
	comparisonChart    = "compare.svg"
)

// comparisonPrinters write a comparison, by the name of the format.
var comparisonPrinters = map[string]func(*history.Comparison, io.Writer) error{
	"text": (*history.Comparison).Text, "json": (*history.Comparison).JSON, "markdown": (*history.Comparison).Markdown,
}

// compareFlags are those of the command compare.
type compareFlags struct{ format, out, failOn string }

func (f *compareFlags) check() error {
	if comparisonPrinters[f.format] == nil {
		return fmt.Errorf("--format %s: there are text, json and markdown", f.format)
	}
	if f.failOn != "" && f.failOn != "worse" {
		return fmt.Errorf("--fail-on %s: there is worse", f.failOn)
	}
	return nil
}

func (c Command) compareCommand() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use: "compare OLD NEW", Short: "What changed from one run to another", Args: cobra.ExactArgs(2),
		Long: `Holds two runs against each other: their verdicts, quotas, rates, times and
limits, the worst first. OLD and NEW are run folders, or files like run.json.

Rates, and times where both folders have their journal, are told to have changed
only where an interval shows it; all of them together at 95 %. "No evidence of a
change" is no proof that there is none: what would have been seen stands beside it.

Exit status: 0, whatever was found. With --fail-on worse: 1 where anything is
worse, else 3 where something cannot be compared, else 0.`,
		Example: "  loadline compare runs/monday runs/friday\n  loadline compare --fail-on worse --out changes baseline out",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return c.compare(args[0], args[1], f)
		},
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "text, json or markdown")
	cmd.Flags().StringVar(&f.out, "out", "", "folder to write "+comparisonMarkdown+", "+comparisonJSON+" and "+comparisonChart+" into")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "worse: exit 1 where anything is worse, and 3 where something cannot be compared")
	return cmd
}

func (c Command) compare(before, after string, f compareFlags) error {
	old, err := c.side(before)
	if err != nil {
		return err
	}
	latest, err := c.side(after)
	if err != nil {
		return err
	}
	found := history.Compare(old, latest)
	if f.out != "" {
		chart, err := history.NewTrend([]*history.Side{old, latest}).Chart("What changed")
		if err == nil {
			err = writeComparison(f.out, found, chart)
		}
		if err != nil {
			return failure{record.ExitEnvironment, err}
		}
	}
	if err := comparisonPrinters[f.format](found, c.Stdout); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	switch {
	case f.failOn == "":
		return nil
	case found.Counts.Worse > 0:
		return failure{record.ExitFail, errTold}
	case found.Counts.Unknown > 0:
		return failure{record.ExitUndecided, errTold}
	}
	return nil
}

func writeComparison(dir string, found *history.Comparison, chart []byte) error {
	var asJSON, asMarkdown bytes.Buffer
	if err := errors.Join(found.JSON(&asJSON), found.Markdown(&asMarkdown)); err != nil {
		return err
	}
	return writeInto(dir, []report.File{{Path: comparisonJSON, Data: asJSON.Bytes()}, {Path: comparisonMarkdown, Data: asMarkdown.Bytes()}, {Path: comparisonChart, Data: chart}})
}

// side reads a run and, where it is there, its journal.
func (c Command) side(name string) (*history.Side, error) {
	s := &history.Side{Name: filepath.ToSlash(filepath.Clean(name))}
	info, err := os.Stat(name)
	if err != nil {
		return nil, failure{record.ExitEnvironment, pathError(err)}
	}
	if !info.IsDir() {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, failure{record.ExitEnvironment, pathError(err)}
		}
		s.Run, err = parseRecord(src, name)
		return s, err
	}
	root, r, err := openRecord(name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	s.Run = r
	s.Calls, err = readCalls(root, r)
	if err != nil {
		c.say("note: " + record.CleanLine(fmt.Sprintf("the journal of %s is left out: %v", name, err)))
	}
	return s, nil
}

// readCalls reads the journal in a run folder; there is none where neither file
// is there.
func readCalls(root *os.Root, r *record.Run) (*history.Calls, error) {
	for _, name := range []string{journalName, plainJournal} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, pathError(err)
		}
		defer f.Close() // it was only read
		calls, err := history.ReadCalls(f)
		if err != nil {
			return nil, err
		}
		if !calls.Of(r) {
			return nil, errors.New("it is of another run")
		}
		return calls, nil
	}
	return nil, nil
}
