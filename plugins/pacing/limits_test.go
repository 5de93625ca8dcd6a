package pacing_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins/pacing"
	"github.com/loadline-dev/loadline/record"
)

// Limits are read out of the record as record writes it, though pacing does not
// import it.
func TestFromRun(t *testing.T) {
	quota := func(dimension, code string, applied float64) record.Quota {
		return record.Quota{Dimension: dimension, Code: code, Applied: &applied}
	}
	const copied = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.a-v1:0"
	run := record.Run{SchemaVersion: record.SchemaVersion, Models: []record.Model{
		{Name: "a", ID: "us.anthropic.a-v1:0", Burndown: 5, Quotas: []record.Quota{quota("rpm", "L-1", 100), quota("tpm", "L-2", 200_000), quota("tpd", "L-3", 1e9)}},
		{Name: "same", ID: copied, Burndown: 5, Quotas: []record.Quota{quota("rpm", "L-1", 100), quota("tpm", "L-2", 200_000)}},
		{Name: "again", ID: "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.a-v1:0", Quotas: []record.Quota{quota("rpm", "L-1", 100)}},
		{Name: "b", ID: "amazon.b", Quotas: []record.Quota{quota("concurrent", "L-4", 7), {Dimension: "rpm", Code: "L-5"}}},
		{Name: "none", ID: "amazon.c"},
		{Name: "apart", ID: "amazon.d", Quotas: []record.Quota{quota("input_tpm", "L-6", 1000), quota("output_tpm", "L-7", 100)}},
		// An id twice, as with and without a long context; and quotas that are shared in part.
		{Name: "short", ID: "us.e", Burndown: 1, Quotas: []record.Quota{quota("rpm", "L-8", 10), quota("tpm", "L-9", 100)}},
		{Name: "f", ID: "us.f", Quotas: []record.Quota{quota("rpm", "L-10", 5), quota("concurrent", "L-11", 2)}},
		{Name: "long", ID: "us.e", Burndown: 2, Quotas: []record.Quota{quota("rpm", "L-10", 5), quota("tpm", "L-12", 50)}},
	}}
	b, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pacing.FromRun(bytes.NewReader(b))
	want := []pacing.Limit{
		{Models: []string{"us.anthropic.a-v1:0", copied}, RPM: 100, TPM: 200_000, Burndown: 5},
		{Models: []string{"amazon.b"}, Concurrent: 7},
		{Models: []string{"amazon.d"}, TPM: 100},
		{Models: []string{"us.e", "us.f"}, RPM: 5, TPM: 50, Concurrent: 2, Burndown: 2},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the limits are %+v, %v; want %+v", got, err, want)
	}
	pacing.New(pacing.Limits{Of: got}, pacing.Policy{}) // no model is named twice
	run.Models[4].Quotas = []record.Quota{quota("rpm", "L-13", 0)}
	if b, err = json.Marshal(run); err != nil {
		t.Fatal(err)
	}
	if got, err := pacing.FromRun(bytes.NewReader(b)); err == nil || !strings.Contains(err.Error(), "the applied rpm of amazon.c is 0") {
		t.Errorf("a quota of 0 gives %+v, %v", got, err)
	}
	for _, bad := range []string{"", "{", `{"models":[]}`, `{"schema_version":2}`, `[]`} {
		if got, err := pacing.FromRun(strings.NewReader(bad)); err == nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}
