package steps

import (
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// A throttle of ours near an edge hides one of others for a while, and not what
// is known already; a minute that CloudWatch adds to later counts as it is then.
func TestWhatIsKnownOfOthersIsNotTakenBack(t *testing.T) {
	first := time.Date(2026, 11, 22, 4, 5, 0, 0, time.UTC)
	minute := func(i int) time.Time { return first.Add(time.Duration(i) * time.Minute) }
	log := record.NewLog(nil)
	log.Begin(record.Begun{Step: "s", Models: []string{"m"}, Start: first.Add(-30 * time.Second), Period: record.Duration(time.Second)})
	p := &pool{ids: []string{"id"}, own: func(string) bool { return true }, told: map[time.Time]*[2]float64{}}
	look := func(to int, throttles ...float64) {
		ours := plugins.Points{Query: plugins.Query{Series: plugins.OfModel(record.MetricThrottles, "id")}, Values: make([]*float64, to)}
		for i, v := range throttles {
			if v > 0 {
				ours.Values[i] = &v
			}
		}
		many := 99.0
		another := plugins.Points{Query: plugins.Query{Series: plugins.OfModel(record.MetricThrottles, "another")}, Values: []*float64{&many}}
		p.take([]plugins.Points{ours, another}, first, minute(to))
		p.judge(log, first, first)
	}
	if look(1); p.Throttles != nil || p.RPM != nil {
		t.Fatalf("%v and %v before anything was told", p.Throttles, p.RPM)
	}
	look(1, 10)
	for i := range 4 {
		log.Add(&record.Call{Seq: i, Step: "s", Model: "m", Planned: minute(2).Add(time.Second), Outcome: record.Throttled})
	}
	for _, tt := range []struct {
		told []float64
		want float64
		at   int // minutes
	}{
		{[]float64{10, 1}, 10, 2},       // the 4 may be in the second minute already: 11 - 4
		{[]float64{10, 1, 4}, 11, 3},    // they were in the third
		{[]float64{10, 1, 4, 0}, 11, 3}, // nothing is told of the fourth
		{[]float64{13, 1, 4, 0, 2}, 16, 5},
	} {
		look(len(tt.told), tt.told...)
		if *p.Throttles != tt.want || p.Minutes != tt.at {
			t.Errorf("told %v: %g throttles of others in %d minutes; want %g in %d", tt.told, *p.Throttles, p.Minutes, tt.want, tt.at)
		}
	}
}
