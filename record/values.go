package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Reading is one measured number, or the fact that there is none. Missing is
// not zero: the zero Reading is "no data".
type Reading struct {
	Value   float64
	Samples int // observations behind the value
	Known   bool
	// Rate is the counts behind a share of calls; nil for everything else. In
	// run.json it stands in Load.Rates.
	Rate *Rate
}

// Read makes a known reading. A number that is not finite is no data.
func Read(value float64, samples int) Reading {
	if !finite(value) {
		return Reading{Samples: samples}
	}
	return Reading{Value: value, Samples: samples, Known: true}
}

// Finite is nil where a value is no number that JSON could write.
func Finite(v *float64) *float64 {
	if v == nil || !finite(*v) {
		return nil
	}
	return v
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// MarshalJSON writes the number, or null where there is no data or no finite
// number.
func (r Reading) MarshalJSON() ([]byte, error) {
	if !r.Known || !finite(r.Value) {
		return []byte("null"), nil
	}
	return json.Marshal(r.Value)
}

// UnmarshalJSON reads what MarshalJSON wrote. Sample counts are not kept.
func (r *Reading) UnmarshalJSON(b []byte) error {
	*r = Reading{}
	if string(b) == "null" {
		return nil
	}
	r.Known = true
	return json.Unmarshal(b, &r.Value)
}

// Values holds readings by the dotted names of [Metrics] ("latency_ms.p95").
// In JSON the dots become nested objects, so that what is read in run.json is
// what is written in an assertion.
type Values map[string]Reading

// Names lists the names in order.
func (v Values) Names() []string { return slices.Sorted(maps.Keys(v)) }

// MarshalJSON nests dotted names.
func (v Values) MarshalJSON() ([]byte, error) {
	tree := map[string]any{}
	for _, name := range v.Names() {
		at := tree
		parts := strings.Split(name, ".")
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = v[name]
	}
	return json.Marshal(tree)
}

// UnmarshalJSON flattens nested objects to dotted names.
func (v *Values) UnmarshalJSON(b []byte) error {
	*v = Values{}
	return v.flatten("", b)
}

func (v Values) flatten(prefix string, b []byte) error {
	var tree map[string]json.RawMessage
	if err := json.Unmarshal(b, &tree); err != nil {
		return fmt.Errorf("values %q: %w", prefix, err)
	}
	for name, raw := range tree {
		full := name
		if prefix != "" {
			full = prefix + "." + name
		}
		if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
			if err := v.flatten(full, raw); err != nil {
				return err
			}
			continue
		}
		var r Reading
		if err := r.UnmarshalJSON(raw); err != nil {
			return fmt.Errorf("value %q: %w", full, err)
		}
		v[full] = r
	}
	return nil
}
