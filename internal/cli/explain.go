package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
)

func (c Command) explainCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "explain", Short: "Why something is as it is: which quotas bind a model", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(c.explainQuotaCommand())
	return cmd
}

func (c Command) explainQuotaCommand() *cobra.Command {
	var t target
	var ask quotas.Ask
	var format string
	cmd := &cobra.Command{
		Use: "quota ID...", Short: "What an id names, which quotas bind it, and why the ones beside do not", Args: cobra.MinimumNArgs(1),
		Long: `Reads the models and the quotas of the account, and tells of each id what it
names, which labels its quotas are looked for by, which rows fit and by which
rule, and what close by was refused and why. Nothing is invoked.`,
		Example: "  loadline explain quota --simulate us.anthropic.claude-sonnet-4-5-20250929-v1:0\n  loadline explain quota --long-context --format json us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		RunE: func(cmd *cobra.Command, ids []string) error {
			print, ok := map[string]func(io.Writer, []quotas.Explanation, []string) error{"text": printExplained, "json": explainedJSON}[format]
			if !ok {
				return fmt.Errorf("--format %s: there are text and json", format)
			}
			a, err := t.open(cmd.Context(), c, "", "")
			if err != nil {
				return err
			}
			defer a.close()
			var asked []steps.Asked
			for _, id := range ids {
				asked = append(asked, steps.Asked{ID: id})
			}
			s, err := steps.Read(cmd.Context(), a, asked, steps.How{Slow: c.say})
			if err != nil {
				return failure{record.ExitEnvironment, err}
			}
			c.tell(s.Notes)
			table := quotas.NewTable(s.Quotas, s.Catalog)
			var all []quotas.Explanation
			for _, id := range ids {
				all = append(all, table.Explain(quotas.Resolve(id, s.Catalog), ask, nil))
			}
			if err := print(c.Stdout, all, ids); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
	t.flags(cmd, false)
	t.freshFlag(cmd)
	cmd.Flags().BoolVar(&ask.LongContext, "long-context", false, "for calls that ask for the long context")
	cmd.Flags().BoolVar(&ask.LatencyOptimized, "latency-optimized", false, "for calls that ask for optimized latency")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func printExplained(w io.Writer, all []quotas.Explanation, ids []string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, e := range all {
		if i > 0 {
			fmt.Fprintln(tw)
		}
		fmt.Fprintf(tw, "%s\n", record.CleanLine(ids[i]))
		line := func(what, text string) {
			if text != "" {
				fmt.Fprintf(tw, "  %s\t%s\n", what, record.CleanLine(text))
			}
		}
		line("kind", e.Kind)
		line("base", e.Base)
		line("variant", e.Variant)
		line("scope", e.Scope)
		if e.Profile != nil {
			line("profile", strings.Join([]string{e.Profile.ID, e.Profile.Name, e.Profile.ARN}, "  "))
		}
		if len(e.Models) > 1 {
			line("models", strings.Join(e.Models, ", "))
		}
		line("cannot work", e.Unreachable)
		line("doubt", e.Doubt)
		for _, l := range e.Labels {
			line("label", fmt.Sprintf("%s  (%s: %s)", strings.Join(l.Words, " "), l.By, l.Text))
		}
		for _, d := range e.Dimensions {
			printDimension(tw, d)
		}
		for _, q := range e.Related {
			line("related", fmt.Sprintf("%s  %s  %s; %s", q.Dimension, q.Code, q.Name, q.MatchedBy))
		}
		for _, n := range e.Notes {
			line("note", n)
		}
		for _, p := range e.Problems {
			line("problem", p)
		}
	}
	return tw.Flush()
}

// printDimension writes the candidates of a dimension and what was refused.
func printDimension(w io.Writer, d quotas.Dimension) {
	verb := "binds"
	if len(d.Candidates) > 1 {
		verb = "fits" // as do others, so that none binds
	}
	for _, q := range d.Candidates {
		fmt.Fprintf(w, "  %s %s\t%s  %s  applied %s, default %s\n\t%s\n", d.Dimension, verb, q.Code, q.Name, dash(plainNumber(q.Applied)), dash(plainNumber(q.Default)), q.MatchedBy)
	}
	for _, r := range d.Refused {
		fmt.Fprintf(w, "  %s refused\t%s  %s\n\t%s\n", d.Dimension, r.Code, r.Name, r.Why)
	}
}

// explained is an explanation as JSON.
type explained struct {
	ID          string               `json:"id"`
	Kind        string               `json:"kind"`
	BaseModel   string               `json:"base_model"`
	Variant     string               `json:"variant,omitempty"`
	Scope       string               `json:"scope"`
	Profile     string               `json:"profile,omitempty"` // its ARN
	Models      []string             `json:"models"`
	Unreachable string               `json:"unreachable,omitempty"`
	Doubt       string               `json:"doubt,omitempty"`
	Labels      []quotas.Label       `json:"labels"`
	Dimensions  []explainedDimension `json:"dimensions"`
	Related     []record.Quota       `json:"related"`
	Notes       []string             `json:"notes"`
	Problems    []string             `json:"problems"`
}

type explainedDimension struct {
	Dimension  string           `json:"dimension"`
	Candidates []record.Quota   `json:"candidates"`
	Refused    []quotas.Refusal `json:"refused"`
}

func explainedJSON(w io.Writer, all []quotas.Explanation, ids []string) error {
	out := []explained{}
	for i, e := range all {
		x := explained{ID: record.CleanLine(ids[i]), Kind: e.Kind, BaseModel: record.CleanLine(e.Base), Variant: e.Variant, Scope: e.Scope, Unreachable: e.Unreachable, Doubt: e.Doubt,
			Models: append([]string{}, e.Models...), Labels: append([]quotas.Label{}, e.Labels...), Dimensions: []explainedDimension{},
			Related: append([]record.Quota{}, e.Related...), Notes: append([]string{}, e.Notes...), Problems: append([]string{}, e.Problems...)}
		if e.Profile != nil {
			x.Profile = record.CleanLine(e.Profile.ARN)
		}
		for _, d := range e.Dimensions {
			x.Dimensions = append(x.Dimensions, explainedDimension{d.Dimension, append([]record.Quota{}, d.Candidates...), append([]quotas.Refusal{}, d.Refused...)})
		}
		out = append(out, x)
	}
	return writeJSON(w, map[string]any{"models": out})
}
