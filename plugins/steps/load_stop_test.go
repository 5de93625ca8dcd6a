package steps

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// looks is a ramp of a process with a true rate, as stop_when sees it: so many
// calls a second, looked at every second over the last minute.
type looks struct {
	condition  string
	confidence float64
	length     time.Duration
	perSecond  int
	truth      float64
}

// run tells how many calls went out until the ramp was stopped, if it was.
func (l looks) run(t *testing.T, chance *rand.Rand) (calls int, stopped bool) {
	t.Helper()
	program, faults := expression.Compile(l.condition, stopNames(), nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	ramped := load{profile: ramp.Profile{{Length: l.length}}, stopWindow: time.Minute}
	rule := stopRule{program: program, text: l.condition, confidence: l.confidence}.over(ramped.stopParts())
	var seconds [60]int // hits of each
	hits := 0
	for i := range int(l.length / time.Second) {
		hits -= seconds[i%60]
		seconds[i%60] = 0
		for range l.perSecond {
			if chance.Float64() < l.truth {
				seconds[i%60]++
			}
		}
		hits += seconds[i%60]
		n := min(i+1, 60) * l.perSecond
		calls += l.perSecond
		reading := record.Read(float64(hits)/float64(n), n)
		reading.Rate = &record.Rate{Hits: hits, Trials: n}
		if rule.ask(record.Values{"throttle_rate": reading}) != "" {
			return calls, true
		}
	}
	return calls, false
}

// A ramp whose true rate is at the limit is stopped in at most 5 % of runs,
// however often it is looked at; the plain comparison stops nearly all of them.
func TestPeekingStopsFewHealthyRamps(t *testing.T) {
	const runs = 300
	for _, c := range []struct {
		looks
		least, most float64
	}{
		{looks{"throttle_rate > 0.5", 0.95, 10 * time.Minute, 2, 0.5}, 0, 0.05},
		{looks{"throttle_rate > 0.1", 0.95, 10 * time.Minute, 10, 0.1}, 0, 0.05},
		{looks{"throttle_rate > 0.01", 0.95, 5 * time.Minute, 20, 0.01}, 0, 0.05},
		{looks{"throttle_rate > 0.5", 0, 10 * time.Minute, 2, 0.5}, 0.9, 1},
	} {
		chance := rand.New(rand.NewPCG(7, uint64(c.truth*1000)))
		stopped := 0
		for range runs {
			if _, yes := c.run(t, chance); yes {
				stopped++
			}
		}
		share := float64(stopped) / runs
		t.Logf("%s, true rate %v, confidence %v: %.3f of runs were stopped", c.condition, c.truth, c.confidence, share)
		if share < c.least || share > c.most {
			t.Errorf("%s, true rate %v, confidence %v: %.3f of runs were stopped; want %v to %v", c.condition, c.truth, c.confidence, share, c.least, c.most)
		}
	}
}

// One that is clearly above is stopped soon: the mean number of calls.
func TestSickRampsAreStoppedSoon(t *testing.T) {
	const runs = 200
	for _, c := range []struct {
		looks
		most float64 // calls, on average
	}{
		{looks{"throttle_rate > 0.5", 0.95, 10 * time.Minute, 2, 1}, 14},
		{looks{"throttle_rate > 0.5", 0.95, 10 * time.Minute, 2, 0.9}, 35},
		{looks{"throttle_rate > 0.5", 0.95, 10 * time.Minute, 10, 0.7}, 150},
		{looks{"throttle_rate > 0.1", 0.95, 10 * time.Minute, 10, 0.3}, 75},
		{looks{"throttle_rate > 0.01", 0.95, 10 * time.Minute, 10, 0.05}, 260},
	} {
		chance := rand.New(rand.NewPCG(9, uint64(c.truth*1000)))
		sum := 0
		for range runs {
			calls, yes := c.run(t, chance)
			if !yes {
				t.Errorf("%s, true rate %v: not stopped", c.condition, c.truth)
			}
			sum += calls
		}
		mean := float64(sum) / runs
		t.Logf("%s, true rate %v: %.0f calls on average", c.condition, c.truth, mean)
		if mean > c.most {
			t.Errorf("%s, true rate %v: %.0f calls on average; want at most %v", c.condition, c.truth, mean, c.most)
		}
	}
}

func TestStopRulesNeedEvidence(t *testing.T) {
	rate := func(hits, n int) record.Reading {
		r := record.Read(float64(hits)/float64(n), n)
		r.Rate = &record.Rate{Hits: hits, Trials: n}
		return r
	}
	for _, c := range []struct {
		condition  string
		confidence float64
		measured   record.Values
		stops      bool
	}{
		{"throttle_rate > 0.7", 0.95, record.Values{"throttle_rate": rate(3, 4)}, false},
		{"throttle_rate > 0.7", 0, record.Values{"throttle_rate": rate(3, 4)}, true},
		{"throttle_rate > 0.7", 0.95, record.Values{"throttle_rate": rate(20, 20)}, true},
		{"throttle_rate > 0.7", 0.95, record.Values{}, false},
		{"throttle_rate < 0.1", 0.95, record.Values{"throttle_rate": rate(0, 10)}, false},
		{"throttle_rate < 0.1", 0.95, record.Values{"throttle_rate": rate(0, 100)}, true},
		{"throttled > 2", 0.95, record.Values{"throttled": record.Read(3, 4)}, true},
		{"latency_ms.p99 > 100", 0.95, record.Values{"latency_ms.p99": record.Read(900, 10)}, false},
		{"latency_ms.p99 > 100", 0, record.Values{"latency_ms.p99": record.Read(900, 10)}, true},
		{"latency_ms.p99 > 100", 0.95, record.Values{"latency_ms.p99": record.Read(900, 500)}, true},
		{"throttled / attempts > 0.5", 0.95, record.Values{"throttled": record.Read(0, 1), "attempts": record.Read(0, 1)}, false},
	} {
		program, faults := expression.Compile(c.condition, stopNames(), nil)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if why := (stopRule{program, c.condition, c.confidence}).ask(c.measured); (why != "") != c.stops {
			t.Errorf("%s at %v of %v: %q; want it to stop: %v", c.condition, c.confidence, c.measured, why, c.stops)
		}
	}
}
