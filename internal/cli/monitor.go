package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// monitored is what monitor tells of one model.
type monitored struct {
	ID      string        `json:"id"`
	Monitor record.Values `json:"monitor"`
}

func (c Command) monitorCommand() *cobra.Command {
	var t target
	var ids []string
	var window, period, format string
	cmd := &cobra.Command{
		Use: "monitor", Short: "Usage and throttles from CloudWatch, without a scenario", Args: cobra.NoArgs,
		Example: "  loadline monitor --model anthropic.claude-3-haiku-20240307-v1:0 --window 24h",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %s: there are text and json", format)
			}
			step, err := monitorStep(ids, window, period)
			if err != nil {
				return err
			}
			a, err := t.open(cmd.Context(), c, "", "")
			if err != nil {
				return err
			}
			defer a.close()
			result, err := step.Run(cmd.Context(), &plugins.Env{AWS: a, Report: func(plugins.Progress) {}})
			if err != nil {
				return failure{record.ExitEnvironment, err}
			}
			var out []monitored
			for _, id := range ids {
				out = append(out, monitored{record.CleanLine(id), result.Values[id]})
			}
			write := monitorText
			if format == "json" {
				write = func(w io.Writer, _ record.Window, models []monitored) error {
					return writeJSON(w, map[string]any{"models": models})
				}
			}
			if err := write(c.Stdout, *result.Step.Window, out); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
	t.flags(cmd, false)
	cmd.Flags().StringArrayVar(&ids, "model", nil, "model id, profile id or ARN as it is called; may be repeated")
	cmd.Flags().StringVar(&window, "window", "24h", "how far back to read")
	cmd.Flags().StringVar(&period, "period", "", "width of a point, in whole minutes (chosen from the window if left out)")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// monitorStep makes the very step that a scenario would have.
func monitorStep(ids []string, window, period string) (plugins.Step, error) {
	if len(ids) == 0 {
		return nil, errors.New("say which models to read with --model")
	}
	body := "{window: " + strconv.Quote(window)
	if period != "" {
		body += ", period: " + strconv.Quote(period)
	}
	src := []byte("version: 1\nname: monitor\nmodels: {any: any.model}\nsteps:\n  - monitor: " + body + "}\n")
	s, problems := scenarios.Load("flags", src, Language())
	b := &plugins.Binding{Problem: func(p scenarios.Problem) { problems = append(problems, p) }}
	for _, id := range ids {
		b.Models = append(b.Models, plugins.Model{Name: id, ID: id})
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("--window %s, --period %s: %s (%s)", window, period, problems[0].Message, problems[0].Hint)
	}
	step := steps.Monitor.Bind(b, s.Steps[0])
	if len(problems) > 0 {
		return nil, fmt.Errorf("--period %s: %s (%s)", period, problems[0].Message, problems[0].Hint)
	}
	return step, nil
}

func monitorText(w io.Writer, window record.Window, models []monitored) error {
	fmt.Fprintf(w, "CloudWatch from %s to %s, points of %s\n\n", window.Start.Format(time.RFC3339), window.End.Format(time.RFC3339), time.Duration(window.Period))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "  MODEL")
	for _, name := range monitorColumns {
		fmt.Fprintf(tw, "\t%s", name)
	}
	fmt.Fprintln(tw)
	for _, m := range models {
		fmt.Fprintf(tw, "  %s", m.ID)
		for _, name := range monitorColumns {
			shown := "no data"
			if r := m.Monitor[name]; r.Known {
				shown = strconv.FormatFloat(r.Value, 'g', 6, 64)
			}
			fmt.Fprintf(tw, "\t%s", shown)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// monitorColumns are the metrics that the table shows; JSON has them all.
var monitorColumns = []string{"invocations", "throttles", "throttle_rate", "input_tokens", "output_tokens", "peak_rpm", "peak_tpm", "coverage"}
