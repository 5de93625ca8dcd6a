// Package cli is the command line: commands, flags, exit statuses, progress.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// Command is the program with everything that lies outside of it.
type Command struct {
	Stdin io.Reader
	// Stderr takes writes of several goroutines at once, as a file does: a signal is
	// told beside what else is told.
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Signals brings the first and the second interrupt; nil brings none. On
	// the second one Exit is called, and must not return.
	Signals <-chan os.Signal
	Exit    func(status int)
	// CacheDir is the folder that keeps quotas for a day and prices for a month;
	// "" keeps nothing.
	CacheDir string
	// InProcess reaches simulated accounts by a call in place of a socket, so
	// that whole runs can be tested in virtual time.
	InProcess bool
}

// failure is an error with an exit status.
type failure struct {
	status int
	err    error
}

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// errTold is the error of a command that has told everything already.
var errTold = errors.New("")

func fail(status int, format string, args ...any) error {
	return failure{status, fmt.Errorf(format, args...)}
}

// set is the tables of plugins that the program is made with.
var set = plugins.Set{Steps: steps.All, Families: families.All}

// Language is the scenario language that follows from the tables.
func Language() scenarios.Language {
	var lang scenarios.Language
	for _, k := range set.Steps {
		lang.Steps = append(lang.Steps, scenarios.Key{Name: k.Name, Doc: k.Doc, Type: k.Type, Example: k.Example})
	}
	for _, f := range report.Formats {
		lang.Formats = append(lang.Formats, f.Name)
	}
	return lang
}

// Main runs the program and returns its exit status.
func (c Command) Main(args []string) int {
	if c.Getenv("GITHUB_ACTIONS") == "true" {
		c.Stderr = tamed{c.Stderr}
	}
	ctx, done := c.interruptible()
	defer done()
	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return record.ExitPass
	}
	// What is not a failure of ours comes from the flags and arguments.
	status := record.ExitUsage
	var f failure
	if errors.As(err, &f) {
		status = f.status
	}
	if !errors.Is(err, errTold) {
		fmt.Fprintf(c.Stderr, "loadline: %s\n", record.Clean(err.Error()))
	}
	return status
}

// interruptible is a context that the first signal cancels. The second signal
// ends the program at once.
func (c Command) interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	over := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-over:
				return
			case s := <-c.Signals:
				i := runner.Interrupt{Signal: "SIGINT", Status: record.ExitInterrupt}
				if s != os.Interrupt {
					i = runner.Interrupt{Signal: "SIGTERM", Status: record.ExitTerminate}
				}
				if n == 2 {
					c.Exit(i.Status)
				}
				fmt.Fprintf(c.Stderr, "\n%s: no further call begins; those under way may end, then reports are written, if there are any. Once more leaves at once.\n", i.Signal)
				cancel(i)
			}
		}
	}()
	return ctx, func() {
		close(over)
		cancel(nil)
	}
}

func (c Command) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "loadline",
		Short: "How much load your Amazon Bedrock quotas carry",
		Long: `Loadline checks Amazon Bedrock models against their quotas: a YAML scenario says
which models to check, how to ramp load, which CloudWatch window to read and
what must hold. It runs against AWS, or against a simulated account inside this
program (--simulate).

Exit status: 0 every assertion passed; 1 an assertion failed; 2 bad flag or
scenario, nothing was sent; 3 not decided; 4 AWS or the environment refused;
5 refused by budget or for want of consent; 130 and 143 interrupted.`,
		SilenceUsage: true, SilenceErrors: true,
		SuggestionsMinimumDistance: 2,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w%s\nsee `%s --help`", err, nearFlag(cmd, err.Error()), cmd.CommandPath())
	})
	root.AddCommand(c.initCommand(), c.runCommand(), c.planCommand(), c.validateCommand(), c.discoverCommand(), c.explainCommand(), c.monitorCommand(), c.alarmsCommand(),
		c.reportCommand(), c.evidenceCommand(), c.compareCommand(), c.trendCommand(), c.simulateCommand(), c.schemaCommand(), c.versionCommand())
	return root
}

// nearFlag suggests the flag that was meant.
func nearFlag(cmd *cobra.Command, message string) string {
	_, word, ok := strings.Cut(message, "unknown flag: --")
	if !ok {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := scenarios.Closest(word, names); ok {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	return ""
}
