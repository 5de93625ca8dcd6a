package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// discovered is what discover tells of one model.
type discovered struct {
	ID        string         `json:"id"`
	BaseModel string         `json:"base_model"`
	Family    string         `json:"family"`
	Provider  string         `json:"provider"`
	Scope     string         `json:"scope"`
	Quotas    []record.Quota `json:"quotas"`
	Problems  []string       `json:"problems"`
}

// quotaRow is a quota of the account.
type quotaRow struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Applied    *float64 `json:"applied"`
	Default    *float64 `json:"default"`
	Adjustable bool     `json:"adjustable"`
	Problem    string   `json:"problem,omitempty"`
}

func (c Command) discoverCommand() *cobra.Command {
	var t target
	var ids, names []string
	var format string
	cmd := &cobra.Command{
		Use: "discover", Short: "Quotas of models or families, without a scenario", Args: cobra.NoArgs,
		Long:    "Reads the quotas of the account and finds those that bind each model. Without --model and --family: all models and profiles of the account.",
		Example: "  loadline discover --simulate --model us.anthropic.claude-sonnet-4-5-20250929-v1:0\n  loadline discover --family claude --format json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			print, ok := map[string]func(io.Writer, []discovered, []plugins.Quota) error{"table": func(w io.Writer, d []discovered, _ []plugins.Quota) error { return printDiscovered(w, d) }, "json": discoveredJSON, "csv": discoveredCSV}[format]
			if !ok {
				return fmt.Errorf("--format %s: there are table, json and csv", format)
			}
			if err := knownFamilies(names); err != nil {
				return err
			}
			a, err := t.open(cmd.Context(), c, "", "")
			if err != nil {
				return err
			}
			defer a.close()
			rows, catalog, err := survey(cmd.Context(), a)
			if err != nil {
				return err
			}
			found := discover(ids, names, catalog, rows)
			if err := print(c.Stdout, found, rows); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
	t.flags(cmd, false)
	cmd.Flags().StringArrayVar(&ids, "model", nil, "model id, profile id or ARN; may be repeated")
	cmd.Flags().StringArrayVar(&names, "family", nil, "family of models, such as claude or nova; may be repeated")
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	return cmd
}

func knownFamilies(names []string) error {
	var known []string
	for _, f := range set.Families {
		known = append(known, f.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return fmt.Errorf("--family %s: there are %v", n, known)
		}
	}
	return nil
}

// discover ties the asked models to their quotas; of none asked, all.
func discover(ids, names []string, catalog plugins.Catalog, rows []plugins.Quota) []discovered {
	if len(ids) == 0 {
		for _, m := range catalog.Models {
			ids = append(ids, m.ID)
		}
		for _, p := range catalog.Profiles {
			ids = append(ids, p.ID)
		}
	}
	out := []discovered{}
	for _, id := range ids {
		if d := about(id, nil, catalog, rows); len(names) == 0 || slices.Contains(names, d.Family) {
			out = append(out, d)
		}
	}
	return out
}

// about tells what is known of one model. overrides are quota codes by
// dimension that a scenario gives.
func about(id string, overrides map[string]string, catalog plugins.Catalog, rows []plugins.Quota) discovered {
	who := quotas.Resolve(id, catalog)
	d := discovered{ID: record.CleanLine(id), BaseModel: record.CleanLine(who.Base), Family: families.Of(who.Base, set.Families).Name, Scope: who.Scope, Quotas: []record.Quota{}, Problems: []string{}}
	if i := slices.IndexFunc(catalog.Models, func(m plugins.FoundationModel) bool { return m.ID == who.Base }); i >= 0 {
		d.Provider = record.CleanLine(catalog.Models[i].Provider)
	}
	found := quotas.Match(who, quotas.Ask{}, overrides, rows, catalog)
	d.Quotas, d.Problems = append(d.Quotas, found.Binds...), append(d.Problems, found.Problems...)
	for _, p := range []string{who.Unreachable, who.Doubt} {
		if p != "" {
			d.Problems = append(d.Problems, p)
		}
	}
	return d
}

func printDiscovered(w io.Writer, models []discovered) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  MODEL\tSCOPE\tDIMENSION\tAPPLIED\tDEFAULT\tADJUSTABLE\tCODE\tNAME")
	for _, m := range models {
		for _, q := range m.Quotas {
			fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\t%s\t%v\t%s\t%s\n", m.ID, m.Scope, q.Dimension, amount(q.Applied), amount(q.Default), q.Adjustable, q.Code, q.Name)
		}
		for _, p := range m.Problems {
			fmt.Fprintf(tw, "  %s\t%s\t-\t%s\n", m.ID, m.Scope, record.CleanLine(p))
		}
	}
	return tw.Flush()
}

func amount(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func discoveredJSON(w io.Writer, models []discovered, rows []plugins.Quota) error {
	all := []quotaRow{}
	for _, q := range rows {
		all = append(all, quotaRow{q.Code, record.CleanLine(q.Name), q.Applied, q.Default, q.Adjustable, record.CleanLine(q.Problem)})
	}
	return writeJSON(w, map[string]any{"models": models, "quotas": all})
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func discoveredCSV(w io.Writer, models []discovered, _ []plugins.Quota) error {
	out := csv.NewWriter(w)
	out.Write([]string{"model", "base_model", "family", "scope", "dimension", "applied", "default", "adjustable", "code", "name", "matched_by"})
	for _, m := range models {
		for _, q := range m.Quotas {
			out.Write([]string{m.ID, m.BaseModel, m.Family, m.Scope, q.Dimension, amount(q.Applied), amount(q.Default), strconv.FormatBool(q.Adjustable), q.Code, q.Name, q.MatchedBy})
		}
	}
	out.Flush()
	return out.Error()
}
