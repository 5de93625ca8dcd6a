package record_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// The throttle rate of a monitor step has the counts of its periods behind it.
func TestTheRateOfATrafficIsToldByPeriod(t *testing.T) {
	got := traffic(point{invocations, 0, 10}, point{throttles, 0, 10}, point{serverErrors, 1, 5}, point{throttles, 7, 3}, point{throttles, 8, 0}).Values()["throttle_rate"]
	want := &record.Rate{Hits: 13, Trials: 28, Windows: []record.RateWindow{{Hits: 10, Trials: 20}, {Trials: 5}, {Hits: 3, Trials: 3}}}
	if !reflect.DeepEqual(got.Rate, want) || got.Samples != 28 {
		t.Errorf("%+v of %d; want %+v", got.Rate, got.Samples, want)
	}
	if r := traffic().Values()["throttle_rate"]; r.Rate != nil {
		t.Errorf("a rate of nothing: %+v", r.Rate)
	}
	// Of two weeks by the minute, neighbours are told together.
	w := record.Window{Start: start, End: start.Add(14 * 24 * time.Hour), Period: record.Duration(time.Minute)}
	long := record.NewTraffic(w)
	for i := range 14 * 24 * 60 {
		long.Set(invocations, start.Add(time.Duration(i)*time.Minute), 2)
	}
	if r := long.Values()["throttle_rate"].Rate; r.Trials != 2*14*24*60 || len(r.Windows) > 240 {
		t.Errorf("%d trials in %d windows; want %d in at most 240", r.Trials, len(r.Windows), 2*14*24*60)
	}
}
