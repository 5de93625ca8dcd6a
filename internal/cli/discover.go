package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/prices"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
)

// fewModels is up to how many models are asked for their access: it takes a
// request for each.
const fewModels = 50

// discovered is what discover tells of one model.
type discovered struct {
	ID        string                `json:"id"`
	BaseModel string                `json:"base_model"`
	Family    string                `json:"family"`
	Group     string                `json:"group"` // the heading that it stands under
	Provider  string                `json:"provider"`
	Scope     string                `json:"scope"`
	Quotas    []record.Quota        `json:"quotas"`
	Related   []record.Quota        `json:"related"`
	Capacity  *record.ModelCapacity `json:"capacity"`
	Price     *prices.Listed        `json:"price,omitempty"` // with --prices, where one is listed
	Notes     []string              `json:"notes"`
	Problems  []string              `json:"problems"`
	// unreachable is the one of the problems that says why AWS would refuse
	// calls by this id; "" where none does.
	unreachable string
}

// quotaRow is a quota of the account.
type quotaRow struct {
	Code       string           `json:"code"`
	Name       string           `json:"name"`
	Applied    *float64         `json:"applied"`
	Default    *float64         `json:"default"`
	Adjustable bool             `json:"adjustable"`
	Group      string           `json:"group"`
	Dimension  string           `json:"dimension,omitempty"` // as far as the name tells, like the scope
	Scope      string           `json:"scope,omitempty"`
	Binds      string           `json:"binds,omitempty"` // calls, or on request; of the models shown
	Pending    *record.Increase `json:"pending,omitempty"`
	Problem    string           `json:"problem,omitempty"`
}

// findings is what discover tells.
type findings struct {
	Models []discovered `json:"models"`
	Quotas []quotaRow   `json:"quotas"`
	Prices *priceDoubts `json:"prices,omitempty"`
}

// selection is what discover was asked for.
type selection struct {
	models, families []string
	all, prices      bool
}

// printers write findings, by the name of the format.
var printers = map[string]func(io.Writer, *findings) error{
	"table": printTable, "json": func(w io.Writer, f *findings) error { return writeJSON(w, f) }, "csv": printCSV, "markdown": printMarkdown,
}

func (c Command) discoverCommand() *cobra.Command {
	var t target
	var pick selection
	var format string
	cmd := &cobra.Command{
		Use: "discover", Short: "Quotas and capacity of models or families, without a scenario", Args: cobra.NoArgs,
		Long: `Reads the quotas of the account, finds those that bind each model, and shows
what AWS has for the models beside quotas: access, lifecycle, inference types,
profiles, Provisioned Throughput.

Without --model and --family it shows all: every quota of the account, grouped
by family, and every model and profile (access is not asked for then, since that
takes a request for each model).`,
		Example: "  loadline discover --simulate --model us.anthropic.claude-sonnet-4-5-20250929-v1:0\n  loadline discover --family claude --format json\n  loadline discover --model amazon.nova-lite-v1:0 --prices",
		RunE: func(cmd *cobra.Command, _ []string) error {
			print, ok := printers[format]
			if !ok {
				return fmt.Errorf("--format %s: there are table, json, csv and markdown", format)
			}
			if err := pick.check(); err != nil {
				return err
			}
			a, err := t.open(cmd.Context(), c, "", "")
			if err != nil {
				return err
			}
			defer a.close()
			found, err := c.discover(cmd.Context(), a, pick)
			if err != nil {
				return failure{record.ExitEnvironment, err}
			}
			if err := print(c.Stdout, found); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
	t.flags(cmd, false)
	t.freshFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&pick.models, "model", nil, "model id, profile id or ARN; may be repeated")
	f.StringArrayVar(&pick.families, "family", nil, "family of models, or the heading it stands under, such as Claude or Nova; may be repeated")
	f.BoolVar(&pick.all, "all", false, "every quota, model and profile: what is shown without --model and --family")
	f.BoolVar(&pick.prices, "prices", false, "read the Price List too: show its prices, and keep them for `loadline plan`")
	f.StringVar(&format, "format", "table", "table, json, csv or markdown")
	return cmd
}

// check refuses families that are not there, and flags that say two things.
func (s selection) check() error {
	if s.all && len(s.models)+len(s.families) > 0 {
		return fmt.Errorf("--all shows everything; leave it out beside --model and --family")
	}
	var known []string
	for _, f := range set.Families {
		for _, name := range []string{f.Group, f.Name} {
			if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
				known = append(known, name)
			}
		}
	}
	for _, n := range s.families {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, n) }) {
			return fmt.Errorf("--family %s: there are %s", n, strings.Join(known, ", "))
		}
	}
	return nil
}

// whole says whether everything is asked for.
func (s selection) whole() bool { return len(s.models)+len(s.families) == 0 }

// takes says whether a family or a heading is one of those asked for.
func (s selection) takes(names ...string) bool {
	return len(s.families) == 0 || slices.ContainsFunc(s.families, func(f string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(f, n) })
	})
}

// discover reads the account and puts together what was asked for.
func (c Command) discover(ctx context.Context, a *account, pick selection) (*findings, error) {
	var asked []steps.Asked
	for _, id := range pick.models {
		asked = append(asked, steps.Asked{ID: id})
	}
	s, err := steps.Read(ctx, a, asked, steps.How{Slow: c.say})
	if err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		asked = everything(s.Catalog)
	}
	asked = slices.DeleteFunc(asked, func(x steps.Asked) bool {
		f := familyOf(quotas.Resolve(x.ID, s.Catalog).Base, s.Catalog)
		return !pick.takes(f.Name, f.Group)
	})
	how := steps.How{Access: fewModels}
	if pick.whole() {
		how.Access = 0
	}
	s.Tie(ctx, a, asked, how)
	out := put(s, pick)
	if pick.prices {
		if err := c.addPrices(ctx, a, s.Catalog, out); err != nil {
			return nil, err
		}
	}
	c.tell(s.Notes)
	return out, nil
}

// tell writes notes to stderr: stdout has only what was asked for.
func (c Command) tell(notes []string) {
	for _, n := range notes {
		c.say("note: " + record.CleanLine(n))
	}
}

// say writes a line to stderr.
func (c Command) say(line string) { fmt.Fprintln(c.Stderr, line) }

// everything asks for all that the account can call.
func everything(catalog plugins.Catalog) (asked []steps.Asked) {
	for _, m := range catalog.Models {
		asked = append(asked, steps.Asked{ID: m.ID})
	}
	for _, p := range catalog.Profiles {
		id := p.ID
		if p.Application {
			id = p.ARN // the id alone is not taken where models are called
		}
		asked = append(asked, steps.Asked{ID: id})
	}
	for _, p := range catalog.Provisioned {
		asked = append(asked, steps.Asked{ID: p.ARN})
	}
	return asked
}

// familyOf is the family of a model. One that has no family of its own still
// stands under the heading that its name tells.
func familyOf(base string, catalog plugins.Catalog) plugins.Family {
	f := families.Of(base, set.Families)
	if f.Group != general {
		return f
	}
	name := base
	if i := slices.IndexFunc(catalog.Models, func(m plugins.FoundationModel) bool { return m.ID == base }); i >= 0 {
		name = catalog.Models[i].Provider + " " + catalog.Models[i].Name
	}
	f.Group = headingOf(name)
	return f
}

// put makes the findings out of a survey.
func put(s *steps.Survey, pick selection) *findings {
	out := &findings{Models: []discovered{}, Quotas: []quotaRow{}}
	bound := map[string]*quotaRow{} // by code: what is known of a quota by the models that it binds
	for _, f := range s.Found {
		d := about(f, s.Catalog)
		out.Models = append(out.Models, d)
		for _, list := range []struct {
			quotas []record.Quota
			binds  string
		}{{d.Quotas, bindsCalls}, {d.Related, bindsOnRequest}} {
			for _, q := range list.quotas {
				b := bound[q.Code]
				if b == nil || b.Binds != list.binds && list.binds == bindsCalls {
					b = &quotaRow{Group: d.Group, Binds: list.binds}
				}
				if q.Dimension == quotas.AccountTPD {
					b.Group = general
				}
				bound[q.Code] = b
			}
		}
	}
	for _, q := range s.Quotas {
		row := quotaRow{Group: headingOf(q.Name)}
		b := bound[q.Code]
		if b != nil {
			row = *b
		}
		// A heading that was asked for has all its quotas, also those of models
		// that the account does not have; a family has those of its models.
		if !pick.whole() && b == nil && (len(pick.families) == 0 || !pick.takes(row.Group)) {
			continue
		}
		named := quotas.ReadName(q.Name)
		row.Dimension, row.Scope = named.Dimension, named.Scope
		row.Code, row.Name, row.Adjustable = record.CleanLine(q.Code), record.CleanLine(q.Name), q.Adjustable
		row.Applied, row.Default = record.Finite(q.Applied), record.Finite(q.Default)
		row.Pending, row.Problem = s.Pending(q.Code), record.CleanLine(q.Problem)
		out.Quotas = append(out.Quotas, row)
	}
	return out
}

const (
	bindsCalls     = "calls"
	bindsOnRequest = "on request" // 1M context, optimized latency
)

// about tells what is known of one model.
func about(f steps.Found, catalog plugins.Catalog) discovered {
	family := familyOf(f.Base, catalog)
	d := discovered{
		ID: record.CleanLine(f.ID), BaseModel: record.CleanLine(f.Base), Family: family.Name, Group: family.Group, Provider: record.CleanLine(f.Model.Provider), Scope: f.Scope,
		Quotas: append([]record.Quota{}, f.Binds...), Related: append([]record.Quota{}, f.Related...), Capacity: f.Capacity,
		Notes: cleaned(f.Notes), Problems: cleaned(f.Problems),
	}
	d.unreachable = record.CleanLine(f.Unreachable)
	for _, p := range []string{d.unreachable, record.CleanLine(f.Doubt)} {
		if p != "" {
			d.Problems = append(d.Problems, p)
		}
	}
	return d
}

func cleaned(texts []string) []string {
	out := []string{}
	for _, t := range texts {
		out = append(out, record.CleanLine(t))
	}
	return out
}
