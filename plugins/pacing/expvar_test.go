package pacing_test

import (
	"encoding/json"
	"expvar"
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// A snapshot goes through expvar and comes back as it was.
func TestSnapshotThroughExpvar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pacing.New(pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 60}}}, pacing.Policy{})
		served := expvar.Func(func() any { return p.Snapshot() })
		for _, calls := range []int64{0, 5} {
			for range calls {
				if err := operations["Converse"](t.Context(), client(account(t, plain), p.Option), -1); err != nil {
					t.Fatal(err)
				}
			}
			var got []pacing.Snapshot
			if err := json.Unmarshal([]byte(served.String()), &got); err != nil {
				t.Fatalf("%v in %s", err, served)
			}
			if want := p.Snapshot(); !reflect.DeepEqual(got, want) || got[0].Calls != calls || (got[0].SuccessRate == nil) != (calls == 0) {
				t.Errorf("expvar tells %s, which is %+v; want %+v", served, got, want)
			}
		}
	})
}
