package record

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Model is one model of the scenario, what is known of it, and what each step
// measured of it.
type Model struct {
	Name   string  // the name in the scenario
	ID     string  // as sent to AWS: model id, profile id or ARN
	BaseID string  // the foundation model behind it, as far as known
	Family string  // models that are asked and charged alike
	Scope  string  // on-demand, cross-region, global, provisioned
	Quotas []Quota // what binds its calls
	// Burndown is how many quota tokens one output token takes at settlement, by
	// the scenario or the tables of the program; 0 where the foundation model is
	// not known.
	Burndown float64
	// Capacity is what AWS has for the model beside quotas; nil where no step
	// looked.
	Capacity *ModelCapacity
	// Notes are doubts about the quotas: several candidates, none, no access.
	Notes []string
	Steps map[string]Values // readings by step name
}

// modelFields are the fixed keys of a model; step names stand beside them, so
// a step cannot have one of these names.
type modelFields struct {
	Name     string         `json:"name"`
	ID       string         `json:"id"`
	BaseID   string         `json:"base_id"`
	Family   string         `json:"family"`
	Scope    string         `json:"scope"`
	Quotas   []Quota        `json:"quotas"`
	Burndown float64        `json:"burndown,omitempty"`
	Capacity *ModelCapacity `json:"capacity,omitempty"`
	Notes    []string       `json:"notes"`
}

// ModelKeys are the keys of a model in run.json that no step may take as its
// name.
var ModelKeys = []string{"name", "id", "base_id", "family", "scope", "quotas", "burndown", "capacity", "notes"}

// MarshalJSON writes the fixed keys first, then one key a step.
func (m Model) MarshalJSON() ([]byte, error) {
	f := modelFields{m.Name, m.ID, m.BaseID, m.Family, m.Scope, m.Quotas, m.Burndown, m.Capacity, m.Notes}
	if f.Quotas == nil {
		f.Quotas = []Quota{}
	}
	if f.Notes == nil {
		f.Notes = []string{}
	}
	head, err := json.Marshal(f)
	if err != nil || len(m.Steps) == 0 {
		return head, err
	}
	tail, err := json.Marshal(m.Steps)
	if err != nil {
		return nil, err
	}
	return append(append(head[:len(head)-1], ','), tail[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Model) UnmarshalJSON(b []byte) error {
	var f modelFields
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*m = Model{Name: f.Name, ID: f.ID, BaseID: f.BaseID, Family: f.Family, Scope: f.Scope, Quotas: f.Quotas, Burndown: f.Burndown, Capacity: f.Capacity, Notes: f.Notes, Steps: map[string]Values{}}
	for key, raw := range all {
		if slices.Contains(ModelKeys, key) {
			continue
		}
		var v Values
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("step %q: %w", key, err)
		}
		m.Steps[key] = v
	}
	return nil
}

// Quota finds the row of one dimension.
func (m *Model) Quota(dimension string) (Quota, bool) {
	i := slices.IndexFunc(m.Quotas, func(q Quota) bool { return q.Dimension == dimension })
	if i < 0 {
		return Quota{}, false
	}
	return m.Quotas[i], true
}
