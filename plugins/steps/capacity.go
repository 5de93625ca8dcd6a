package steps

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// access asks for the access to the models found, once each, where there are
// not more than so many; what could not be asked is a note.
func (s *Survey) access(ctx context.Context, aws plugins.AWS, most int) map[string]plugins.Access {
	set := map[string]bool{}
	for _, f := range s.Found {
		if f.Base != "" {
			set[f.Base] = true
		}
	}
	if len(set) > most {
		return nil
	}
	ids := slices.Sorted(maps.Keys(set))
	out, failed := map[string]plugins.Access{}, map[string][]string{}
	for i, a := range aws.Access(ctx, ids) {
		out[ids[i]] = a
		if a.Problem != "" {
			failed[a.Problem] = append(failed[a.Problem], ids[i])
		}
	}
	for _, why := range slices.Sorted(maps.Keys(failed)) {
		s.Notes = append(s.Notes, fmt.Sprintf("the access to %s is not known: %s", strings.Join(failed[why], ", "), why))
	}
	return out
}

// capacities fills what is known of each model beside its quotas, and says what
// of it stands in the way of calls.
func (s *Survey) capacities(access map[string]plugins.Access) {
	now := time.Now()
	for i := range s.Found {
		f := &s.Found[i]
		f.Capacity = s.capacity(f, access[f.Base], now)
		f.Problems = append(f.Problems, obstacles(f.Capacity)...)
	}
}

func (s *Survey) capacity(f *Found, a plugins.Access, now time.Time) *record.ModelCapacity {
	c := &record.ModelCapacity{
		Agreement: word(a.Agreement), Authorization: word(a.Authorization), Entitlement: word(a.Entitlement), Region: word(a.Region),
		InferenceTypes: []string{}, Profiles: []string{}, Provisioned: []record.Throughput{},
	}
	c.Access = sum(c)
	if m := f.Model; m.ID != "" {
		c.Lifecycle, c.Legacy, c.EndOfLife = word(m.Lifecycle), utc(m.Legacy), utc(m.EndOfLife)
		for _, t := range m.InferenceTypes {
			c.InferenceTypes = append(c.InferenceTypes, word(t))
		}
		can := slices.Contains(m.InferenceTypes, "ON_DEMAND")
		c.OnDemand = &can
		if m.EndOfLife != nil {
			days := math.Floor(m.EndOfLife.Sub(now).Hours() / 24)
			c.EndOfLifeDays = &days
		}
	}
	for _, p := range s.Catalog.Profiles {
		if f.Base != "" && slices.ContainsFunc(p.ModelARNs, func(arn string) bool { return names(arn, f.Base) }) {
			id := p.ID
			if p.Application {
				id = p.ARN
			}
			c.Profiles = append(c.Profiles, record.CleanLine(id))
		}
	}
	s.throughput(f, c)
	return c
}

// throughput adds the Provisioned Throughput of the model, or the one that was
// asked for.
func (s *Survey) throughput(f *Found, c *record.ModelCapacity) {
	if s.Catalog.Provisioned == nil || f.Base == "" && f.Kind != quotas.KindProvisioned {
		return
	}
	units := 0.0
	for _, p := range s.Catalog.Provisioned {
		ours := f.Base != "" && (names(p.ModelARN, f.Base) || names(p.BaseARN, f.Base))
		if f.Kind == quotas.KindProvisioned {
			ours = p.ARN == f.ID
		}
		if !ours {
			continue
		}
		c.Provisioned = append(c.Provisioned, record.Throughput{
			ARN: record.CleanLine(p.ARN), Name: record.CleanLine(p.Name), Status: word(p.Status), Units: p.Units, Commitment: word(p.Commitment), Ends: utc(p.CommitmentEnds),
		})
		if p.Status == "InService" {
			units += float64(p.Units)
		}
	}
	c.ProvisionedUnits = &units
}

// names says whether an ARN is that of a foundation model.
func names(arn, base string) bool { return strings.HasSuffix(arn, ":foundation-model/"+base) }

func word(s string) string { return record.CleanLine(s) }

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// sum is the one word for the four of an access; "" where one of them is not
// known and the others allow calls.
func sum(c *record.ModelCapacity) string {
	const yes, no, pending = "AVAILABLE", "NOT_AVAILABLE", "PENDING"
	words := []string{c.Agreement, c.Authorization, c.Entitlement, c.Region}
	has := func(w string) bool { return slices.Contains(words, w) }
	switch {
	case has(no), has("NOT_AUTHORIZED"), has("ERROR"):
		return no
	case has(""):
		return ""
	case has(pending):
		return pending
	case c.Agreement == yes && c.Authorization == "AUTHORIZED" && c.Entitlement == yes && c.Region == yes:
		return yes
	}
	return "" // a word that is not known yet
}

// obstacles says what of a capacity stands in the way of calls, now or soon.
func obstacles(c *record.ModelCapacity) []string {
	var out []string
	if c.Access != "" && c.Access != "AVAILABLE" {
		out = append(out, fmt.Sprintf("access is %s (agreement %s, authorization %s, entitlement %s, Region %s): AWS refuses calls until access is granted under Model access in the Bedrock console", c.Access, c.Agreement, c.Authorization, c.Entitlement, c.Region))
	}
	end := ""
	if c.EndOfLifeDays != nil {
		end = fmt.Sprintf("its end of life is on %s, in %g days", c.EndOfLife.Format(time.DateOnly), *c.EndOfLifeDays)
		if *c.EndOfLifeDays < 0 {
			end = fmt.Sprintf("its end of life was on %s: AWS refuses calls", c.EndOfLife.Format(time.DateOnly))
		}
	}
	switch {
	case c.Lifecycle == "LEGACY" && end != "":
		out = append(out, "the model is LEGACY, and "+end)
	case c.Lifecycle == "LEGACY":
		out = append(out, "the model is LEGACY: AWS will end it, and grants no higher quotas for it")
	case end != "":
		out = append(out, end)
	}
	return out
}
