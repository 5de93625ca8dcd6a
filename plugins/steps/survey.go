package steps

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// fewCodes is up to how many quotas are read one by one: as many as the API
// lets through in four seconds.
const fewCodes = 20

// Asked is a model to look up. Codes are those of its quotas by dimension, as
// far as a scenario names them; Ask is what its calls ask for.
type Asked struct {
	ID    string
	Codes map[string]string
	Ask   quotas.Ask
}

// AskedOf asks for the models of a scenario, for what their requests ask:
// request is the scenario's own.
func AskedOf(models []plugins.Model, request scenarios.Request) []Asked {
	var out []Asked
	for _, m := range models {
		r := m.Request.Over(request)
		out = append(out, Asked{m.ID, m.Quotas, askOf(r)})
	}
	return out
}

// askOf is what a request asks for beyond a normal call.
func askOf(r scenarios.Request) quotas.Ask {
	return quotas.Ask{LongContext: r.LongContext.Value, LatencyOptimized: r.Latency.Value == "optimized"}
}

// Survey is what an account has for some models.
type Survey struct {
	Quotas  []plugins.Quota // the whole list, or those named by code
	Open    map[string]record.Increase
	Catalog plugins.Catalog
	Found   []Found // in the order asked
	// Notes tell what could not be read, and how old the values are.
	Notes []string
}

// Found is what is known of one model.
type Found struct {
	ID string // as asked
	quotas.Resolved
	quotas.Matched
	Model    plugins.FoundationModel // of the catalog; without an ID where it has none
	Capacity *record.ModelCapacity
}

// How says what a survey takes pains with.
type How struct {
	// Current reads the values of the quotas found anew where the list is an
	// old one: what is judged must not be yesterday's.
	Current bool
	// Access asks for access where there are at most so many models to ask for.
	Access int
	// Slow is told once where reading takes its time; nil is told nothing.
	Slow func(note string)
}

// Read reads the catalog of the account and the quotas; see [Survey.Tie] for
// the models.
func Read(ctx context.Context, aws plugins.AWS, asked []Asked, how How) (*Survey, error) {
	defer patience(how.Slow)()
	catalog, err := aws.Catalog(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the models: %w", err)
	}
	s := &Survey{Catalog: catalog, Notes: catalog.Notes}
	s.complete(ctx, aws, asked)
	if codes := named(asked); how.Current && len(codes) > 0 {
		rows, err := aws.QuotasByCode(ctx, codes)
		if err != nil {
			return nil, fmt.Errorf("read the quotas: %w", err)
		}
		s.Quotas = coded(rows)
		s.Notes = append(s.Notes, "only the quotas named were read, since the scenario names rpm, tpm and tpd of every model")
	} else if err := s.list(ctx, aws, asked, how); err != nil {
		return nil, fmt.Errorf("read the quotas: %w", err)
	}
	if s.Open, err = aws.Increases(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		s.Notes = append(s.Notes, "open requests for higher quotas are not known: "+err.Error())
	}
	return s, nil
}

// Look reads, and ties the models that were asked for.
func Look(ctx context.Context, aws plugins.AWS, asked []Asked, how How) (*Survey, error) {
	s, err := Read(ctx, aws, asked, how)
	if err != nil {
		return nil, err
	}
	s.Tie(ctx, aws, asked, how)
	return s, nil
}

// complete adds the profiles asked for that no list holds, such as one that
// another account shares.
func (s *Survey) complete(ctx context.Context, aws plugins.AWS, asked []Asked) {
	for _, a := range asked {
		if !quotas.Unlisted(a.ID, s.Catalog) {
			continue
		}
		p, err := aws.Profile(ctx, a.ID)
		if err != nil {
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %v", record.CleanLine(a.ID), err))
			continue
		}
		s.Catalog.Profiles = append(s.Catalog.Profiles, p)
	}
}

// named lists the codes of quotas where the scenario leaves nothing to look
// for, and there are few; else none.
func named(asked []Asked) []string {
	codes := map[string]bool{}
	for _, a := range asked {
		for _, dimension := range []string{quotas.RPM, quotas.TPM, quotas.TPD} {
			if a.Codes[dimension] == "" {
				return nil
			}
		}
		for _, code := range a.Codes {
			codes[code] = true
		}
	}
	if len(codes) > fewCodes {
		return nil
	}
	return slices.Sorted(maps.Keys(codes))
}

// list reads the list of quotas, and where it is an old one and the present
// values are wanted, those of the quotas found once more: a few by their codes,
// and many with a new list.
func (s *Survey) list(ctx context.Context, aws plugins.AWS, asked []Asked, how How) error {
	l, err := aws.Quotas(ctx, false)
	if err != nil {
		return err
	}
	s.Quotas, s.Notes = coded(l.Rows), append(s.Notes, l.Notes...)
	if l.Age == 0 {
		return nil
	}
	aged := fmt.Sprintf("quotas read %s ago; --fresh reads them again", ago(l.Age))
	if !how.Current {
		s.Notes = append(s.Notes, aged)
		return nil
	}
	codes := s.codes(asked)
	if len(codes) > fewCodes {
		if l, err = aws.Quotas(ctx, true); err != nil {
			return err
		}
		s.Quotas, s.Notes = coded(l.Rows), append(s.Notes, l.Notes...)
		return nil
	}
	rows, err := aws.QuotasByCode(ctx, codes)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		s.Notes = append(s.Notes, aged, "their present values are not known: "+err.Error())
		return nil
	}
	for _, row := range coded(rows) {
		if i := slices.IndexFunc(s.Quotas, func(q plugins.Quota) bool { return q.Code == row.Code }); i >= 0 {
			s.Quotas[i] = row
		}
	}
	s.Notes = append(s.Notes, fmt.Sprintf("names of quotas read %s ago, values of the %d that bind the models now; --fresh reads all again", ago(l.Age), len(rows)))
	return nil
}

// coded cleans the codes, by which rows are found again when they are tied.
func coded(rows []plugins.Quota) []plugins.Quota {
	for i := range rows {
		rows[i].Code = record.CleanLine(rows[i].Code)
	}
	return rows
}

// codes are those of the quotas that bind the models, each once.
func (s *Survey) codes(asked []Asked) []string {
	table, codes := quotas.NewTable(s.Quotas, s.Catalog), map[string]bool{}
	for _, a := range asked {
		m := table.Match(quotas.Resolve(a.ID, s.Catalog), a.Ask, a.Codes)
		for _, q := range slices.Concat(m.Binds, m.Related) {
			codes[q.Code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// ago writes an age for people: minutes, then hours.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// Tie finds the quotas and the capacity of the models.
func (s *Survey) Tie(ctx context.Context, aws plugins.AWS, asked []Asked, how How) {
	table := quotas.NewTable(s.Quotas, s.Catalog)
	byCode := map[string]*plugins.Quota{}
	for i := range s.Quotas {
		byCode[s.Quotas[i].Code] = &s.Quotas[i]
	}
	byID := map[string]*plugins.FoundationModel{}
	for i := range s.Catalog.Models {
		byID[s.Catalog.Models[i].ID] = &s.Catalog.Models[i]
	}
	for _, a := range asked {
		f := Found{ID: a.ID, Resolved: quotas.Resolve(a.ID, s.Catalog)}
		f.Matched = table.Match(f.Resolved, a.Ask, a.Codes)
		for _, list := range [][]record.Quota{f.Binds, f.Related} {
			for i := range list {
				list[i].Pending, list[i].Problem = s.Pending(list[i].Code), record.CleanLine(byCode[list[i].Code].Problem)
			}
		}
		if m := byID[f.Base]; m != nil {
			f.Model = *m
		}
		s.Found = append(s.Found, f)
	}
	s.capacities(s.access(ctx, aws, how.Access))
}

// Pending is the open request for a higher value of a quota; nil without one.
func (s *Survey) Pending(code string) *record.Increase {
	if i, ok := s.Open[code]; ok {
		return &i
	}
	return nil
}
