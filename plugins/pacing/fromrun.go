package pacing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// FromRun reads limits out of the run.json that loadline left: [FromQuotas] of its
// models, with the applied quotas and their burndown.
func FromRun(r io.Reader) ([]Limit, error) {
	var run struct {
		SchemaVersion int     `json:"schema_version"`
		Models        []Model `json:"models"`
	}
	if err := json.NewDecoder(r).Decode(&run); err != nil {
		return nil, fmt.Errorf("read run.json: %w", err)
	}
	if run.SchemaVersion != 1 {
		return nil, fmt.Errorf("read run.json: it has schema_version %d, and 1 can be read", run.SchemaVersion)
	}
	out, err := FromQuotas(run.Models)
	if err != nil {
		return nil, fmt.Errorf("read run.json: %w", err)
	}
	return out, nil
}

// Model is what is known of the quotas of a model.
type Model struct {
	ID       string  `json:"id"`
	Burndown float64 `json:"burndown"` // 0 where it is not known
	Quotas   []Quota `json:"quotas"`
}

// Quota is one of them. Applied is nil where AWS told no value.
type Quota struct {
	Dimension string   `json:"dimension"` // rpm, tpm, input_tpm, output_tpm, concurrent; others are not paced
	Code      string   `json:"code"`      // "" is a quota of the model alone
	Applied   *float64 `json:"applied"`
}

// FromQuotas makes limits out of quotas. Models of one quota share a limit, with the
// least of what binds any of them. A limit on input tokens alone, or on output
// tokens alone, limits both. A model of which no quota is known has no limit; one
// whose applied quota is 0 is an error, since AWS throttles all of its calls.
func FromQuotas(models []Model) ([]Limit, error) {
	var all []bound
	for _, m := range models {
		b, err := m.bound()
		if err != nil {
			return nil, err
		}
		if len(b.quotas) > 0 {
			all = join(all, b)
		}
	}
	var out []Limit
	for _, b := range all {
		out = append(out, b.Limit)
	}
	return out, nil
}

// bound is a limit with the codes of the quotas that it comes from.
type bound struct {
	Limit
	quotas []string
}

func (m Model) bound() (bound, error) {
	b := bound{Limit: Limit{Models: []string{m.ID}, Burndown: m.Burndown}}
	for _, q := range m.Quotas {
		if q.Applied == nil {
			continue
		}
		v := *q.Applied
		switch q.Dimension {
		case "rpm":
			b.RPM = v
		case "tpm", "input_tpm", "output_tpm":
			b.TPM = least(b.TPM, v)
		case "concurrent":
			b.Concurrent = int(min(v, math.MaxInt32))
		default:
			continue
		}
		if !(v > 0) {
			return b, fmt.Errorf("the applied %s of %s is %g: AWS throttles all of its calls; ask for a higher quota (%s)", q.Dimension, m.ID, v, q.Code)
		}
		b.quotas = append(b.quotas, q.Dimension+" "+cmp.Or(q.Code, m.ID))
	}
	return b, nil
}

// join adds a limit to others, of which it may share a quota or a model with
// several: all of these become one.
func join(all []bound, b bound) []bound {
	var out []bound
	into := -1
	for _, a := range all {
		switch {
		case !meet(a.quotas, b.quotas) && !meet(a.names(), b.names()):
			out = append(out, a)
		case into < 0:
			into = len(out)
			out = append(out, a.with(b))
		default:
			out[into] = out[into].with(a)
		}
	}
	if into < 0 {
		out = append(out, b)
	}
	return out
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// names are the models as New compares them: an id and the ARN that ends with it
// are one.
func (b bound) names() (out []string) {
	for _, id := range b.Models {
		out = append(out, nameOf(id))
	}
	return out
}

func (b bound) with(o bound) bound {
	for _, id := range o.Models {
		if !slices.Contains(b.names(), nameOf(id)) {
			b.Models = append(b.Models, id)
		}
	}
	b.quotas = append(b.quotas, o.quotas...)
	b.RPM, b.TPM, b.Concurrent = least(b.RPM, o.RPM), least(b.TPM, o.TPM), least(b.Concurrent, o.Concurrent)
	b.Burndown = max(b.Burndown, o.Burndown)
	return b
}

// least is the smaller of two limits, of which 0 is none.
func least[N int | float64](a, b N) N {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
