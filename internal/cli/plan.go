package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

func (c Command) planCommand() *cobra.Command {
	var t target
	var base against
	var discover bool
	cmd := &cobra.Command{
		Use: "plan FILE...", Short: "What a run would do and at most cost; nothing is invoked", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			plans, err := c.plans(files, t, base, nil)
			if err != nil {
				return err
			}
			for i, p := range plans {
				if i > 0 {
					fmt.Fprintln(c.Stdout)
				}
				// Rates that are shares of quotas are numbers once these are read.
				show := func() error { return nil }
				if discover {
					if show, err = c.readQuotas(cmd.Context(), p, t); err != nil {
						return err
					}
				}
				printPlan(c.Stdout, p)
				if err := show(); err != nil {
					return err
				}
			}
			return c.affordable(plans)
		},
	}
	t.flags(cmd, false)
	t.freshFlag(cmd)
	base.flag(cmd)
	cmd.Flags().BoolVar(&discover, "discover", false, "read the quotas of the account and show them beside the plan")
	return cmd
}

// headline is a plan in one line.
func headline(p *runner.Plan) string {
	var models []string
	for _, m := range p.Models {
		models = append(models, m.Name)
	}
	return fmt.Sprintf("plan   %s  %s  %d requests  up to %d quota tokens  up to %s  %s",
		record.CleanLine(p.Scenario.Name.Value), strings.Join(models, ", "), p.Cost.Requests, max(p.Cost.Tokens, p.Cost.ReservedTokens), price(p.Cost), time.Duration(p.Cost.Duration))
}

// price writes the dollars of a cost, or that they are not known.
func price(c record.Cost) string {
	if c.USD == nil {
		return fmt.Sprintf("an unknown price (of %s)", strings.Join(c.Unpriced, ", "))
	}
	return fmt.Sprintf("USD %.4f", *c.USD)
}

func printPlan(w io.Writer, p *runner.Plan) {
	fmt.Fprintf(w, "%s (%s)\n\n", record.CleanLine(p.Scenario.Name.Value), p.Scenario.File)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  MODEL\tID\tFAMILY\tSCOPE\tBURNDOWN\tUSD PER 1M IN/OUT\tPRICE FROM")
	for _, m := range p.Models {
		cost, from := "not known", "-"
		if pr := m.Tariff.Price; pr != nil {
			cost, from = fmt.Sprintf("%g / %g", pr.Input, pr.Output), pr.Source
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\t%gx\t%s\t%s\n", m.Name, record.CleanLine(m.ID), m.Family.Name, m.Scope, m.Tariff.Burndown, cost, from)
	}
	fmt.Fprintln(tw)
	fmt.Fprintln(tw, "  STEP\tKIND\tMODEL\tREQUESTS\tPEAK RPM\tTOKENS RESERVED\tTOKENS SETTLED\tUSD\tAT MOST")
	for _, s := range p.Steps {
		length := s.Estimate.Duration.String()
		if s.Beside {
			length += " beside"
		}
		if len(s.Estimate.Calls) == 0 {
			fmt.Fprintf(tw, "  %s\t%s\t\t0\t\t\t\t\t%s\n", s.Name, s.Kind, length)
		}
		for _, e := range s.Estimate.Calls {
			peak, usd := "at once", "not known"
			if e.Peak > 0 {
				peak = strconv.FormatFloat(e.Peak, 'g', 6, 64)
			}
			if e.Rate != "" {
				peak = e.Rate
			}
			if e.USD != nil {
				usd = fmt.Sprintf("%.4f", *e.USD)
			}
			fmt.Fprintf(tw, "  %s\t%s\t%s\t%d\t%s\t%d\t%d\t%s\t%s\n", s.Name, s.Kind, e.Model, e.Requests, peak, e.Reserved, e.Settled, usd, length)
		}
	}
	tw.Flush()
	b := p.Scenario.Budget
	fmt.Fprintf(w, "\nWorst case, and the budget:\n")
	tw = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, worst string, written bool, cap string) {
		if !written {
			cap = "no cap"
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\n", name, worst, cap)
	}
	row("requests", fmt.Sprint(p.Cost.Requests), b.Requests.Written(), fmt.Sprint(b.Requests.Value))
	row("quota tokens", fmt.Sprintf("%d (reserved %d, settled %d)", max(p.Cost.Tokens, p.Cost.ReservedTokens), p.Cost.ReservedTokens, p.Cost.Tokens), b.Tokens.Written(), fmt.Sprint(b.Tokens.Value))
	worst := price(p.Cost)
	if n := len(p.Cost.Unpriced); n > 0 {
		worst = "not known for " + plural(n, "model")
	}
	row("price", worst, b.USD.Written(), fmt.Sprintf("USD %.4f", b.USD.Value))
	row("duration", time.Duration(p.Cost.Duration).String(), b.Duration.Written(), b.Duration.Value.String())
	tw.Flush()
	open := false
	for _, s := range p.Steps {
		open = open || s.Estimate.Open
		for _, note := range s.Estimate.Notes {
			fmt.Fprintf(w, "\nStep %s: %s.", s.Name, note)
		}
	}
	if open {
		fmt.Fprint(w, "\nHow much some steps send is known only as they run: the budget bounds it.")
	}
	for _, doubt := range p.Reach() {
		fmt.Fprintf(w, "\nAssertion %s.", doubt)
	}
	fmt.Fprintln(w, "\nInput tokens are estimated at one for three bytes of prompt; throttled requests are not billed.")
	if reads := reads(p); len(reads) > 0 {
		fmt.Fprintf(w, "IAM actions: %s\n", strings.Join(reads, ", "))
	}
}

// reads lists the IAM actions of a plan, each once.
func reads(p *runner.Plan) []string {
	out := []string{"sts:GetCallerIdentity"}
	seen := map[string]bool{}
	for _, s := range p.Steps {
		for _, action := range s.Estimate.Reads {
			if !seen[action] {
				seen[action] = true
				out = append(out, action)
			}
		}
	}
	return out
}

// readQuotas reads the quotas into the plan. What it returns shows those of the
// plan's models.
func (c Command) readQuotas(ctx context.Context, p *runner.Plan, t target) (show func() error, err error) {
	a, err := t.open(ctx, c, p.Scenario.File, p.Scenario.Region.Value)
	if err != nil {
		return nil, err
	}
	defer a.close()
	asked := steps.AskedOf(p.Models, p.Scenario.Request)
	s, err := steps.Look(ctx, a, asked, steps.How{Current: true, Access: len(asked), Slow: c.say})
	if err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	c.tell(s.Notes)
	known := map[string]*record.Model{}
	for i, m := range p.Models {
		known[m.Name] = &record.Model{Name: m.Name, Quotas: s.Found[i].Binds}
	}
	if err := p.Discovered(known); err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	return func() error {
		fmt.Fprintf(c.Stdout, "\nQuotas of %s:\n\n", a.where)
		return printTable(c.Stdout, put(s, selection{models: []string{""}}))
	}, nil
}
