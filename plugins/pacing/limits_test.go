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
	run := record.Run{SchemaVersion: record.SchemaVersion, Models: []record.Model{
		{Name: "a", ID: "us.anthropic.a-v1:0", Quotas: []record.Quota{quota("rpm", "L-1", 100), quota("tpm", "L-2", 200_000), quota("tpd", "L-3", 1e9)}},
		{Name: "same", ID: "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.a-v1:0", Quotas: []record.Quota{quota("rpm", "L-1", 100), quota("tpm", "L-2", 200_000)}},
		{Name: "b", ID: "amazon.b", Quotas: []record.Quota{quota("concurrent", "L-4", 7), {Dimension: "rpm", Code: "L-5"}}},
		{Name: "none", ID: "amazon.c"},
	}}
	b, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pacing.FromRun(bytes.NewReader(b))
	want := []pacing.Limit{
		{Models: []string{run.Models[0].ID, run.Models[1].ID}, RPM: 100, TPM: 200_000},
		{Models: []string{"amazon.b"}, Concurrent: 7},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the limits are %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "{", `{"models":[]}`, `{"schema_version":2}`, `[]`} {
		if got, err := pacing.FromRun(strings.NewReader(bad)); err == nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}
