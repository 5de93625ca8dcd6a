package record_test

import (
	"slices"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// attempts makes the lines of one call of a client, each sent so long after the
// call came due; the last has the outcome, all before it were throttled.
func attempts(planned time.Duration, last record.Outcome, sent ...time.Duration) (out []record.Call) {
	for i, lag := range sent {
		c := record.Call{Step: "ramp", Model: "haiku", Planned: start.Add(planned), Lag: lag, Held: lag, Attempt: i + 1, Outcome: record.Throttled, Retried: true}
		if i == len(sent)-1 {
			c.Outcome, c.Retried = last, false
		}
		if c.Outcome == record.Dropped {
			c.Lag, c.Held = 0, 0
		}
		out = append(out, c)
	}
	return out
}

// A call that was sent, throttled, and dropped before its retry was called and not
// answered: it counts as an attempt and as a call, or a ramp that was stopped for
// its throttles would have answered all of its calls.
func TestACallThatIsDroppedBeforeItsRetryWasCalled(t *testing.T) {
	var cs []record.Call
	for i := range 10 {
		at := time.Duration(i) * time.Second
		switch {
		case i < 4:
			cs = append(cs, attempts(at, record.OK, 0)...)
		case i < 9:
			cs = append(cs, attempts(at, record.Dropped, 0, 0)...)
		default: // it still waited for its first turn
			cs = append(cs, attempts(at, record.Dropped, 0)...)
		}
	}
	f := record.FoldOf(start, &record.SLO{Latency: record.Duration(time.Second)})
	for i := range cs {
		f.Add(&cs[i])
	}
	v := f.Values()
	for name, want := range map[string]float64{"planned": 10, "calls": 9, "attempts": 9, "dropped": 6, "retry_count": 0, "amplification": 1, "success_rate": 4. / 9, "goodput": 4. / 9, "throttle_rate": 5. / 9, "error_rate": 0} {
		wantReading(t, v, name, want, true, 1e-12)
	}
	for _, name := range []string{"success_rate", "goodput"} {
		if r := v[name].Rate; r.Hits != 4 || r.Trials != 9 {
			t.Errorf("behind %s are %+v; want 4 of 9", name, r)
		}
	}
	if r := v["error_rate"].Rate; r.Hits != 0 || r.Trials != 9 {
		t.Errorf("behind error_rate are %+v; want 0 of 9", r)
	}
}

// A client sends when its limits let it, which may be long after calls came due:
// what is sent a minute, and when throttles came, is told by that time.
func TestAttemptsOfAClientCountWhenTheyAreSent(t *testing.T) {
	var cs []record.Call
	for i := range 240 { // 120 a minute come due, and 60 a minute are sent
		at := time.Duration(i) * time.Second / 2
		last := record.OK
		if i >= 180 { // what is sent in the last minute of four
			last = record.Throttled
		}
		cs = append(cs, attempts(at, last, at)...)
		cs[i].ReservedTokens, cs[i].Usage, cs[i].QuotaTokens = 10, &record.Usage{Input: 5, Output: 5}, 20
	}
	v := folded(cs).Values()
	for name, want := range map[string]float64{"offered_rpm": 120, "attempted_rpm": 60, "ok_rpm": 45, "reserved_tpm": 600, "settled_tpm": 1200, "billed_tpm": 600, "first_throttle_s": 180} {
		wantReading(t, v, name, want, true, 1e-9)
	}
	if r := v["first_throttle_rpm"]; !r.Known || r.Value < 59 || r.Value > 61 {
		t.Errorf("first_throttle_rpm is %+v; want the 60 a minute that were sent then", r)
	}
	want := []record.RateWindow{{Hits: 0, Trials: 60}, {Hits: 0, Trials: 60}, {Hits: 0, Trials: 60}, {Hits: 60, Trials: 60}}
	if r := v["throttle_rate"].Rate; r == nil || !slices.Equal(r.Windows, want) {
		t.Errorf("behind throttle_rate are %+v; want %+v", r, want)
	}
	// Calls count in the minute in which they came due.
	want = []record.RateWindow{{Hits: 120, Trials: 120}, {Hits: 60, Trials: 120}}
	if r := v["success_rate"].Rate; r == nil || !slices.Equal(r.Windows, want) {
		t.Errorf("behind success_rate are %+v; want %+v", r, want)
	}
	// Looking back on the last minute, too.
	recent := record.NewRecent(start, nil, []string{"attempted_rpm", "first_throttle_s"})
	for i := range cs {
		recent.Add(int(cs[i].At().Sub(start)/time.Second), &cs[i])
	}
	wantReading(t, recent.Values(180), "attempted_rpm", 60, true, 1e-9)
}

// While a ramp goes on, and in the journal of a run that died, some calls have not
// ended: what these have sent is no part of the attempts that a call takes.
func TestAmplificationIsOfCallsThatEnded(t *testing.T) {
	var cs []record.Call
	cs = append(cs, attempts(0, record.OK, 0)...)
	cs = append(cs, attempts(time.Second, record.OK, 0, time.Second, 3*time.Second)...)
	cs = append(cs, attempts(2*time.Second, record.GivenUp, 0, time.Second)...)
	wantReading(t, folded(cs).Values(), "amplification", 5./3, true, 1e-12)
	for i := range 20 {
		cs = append(cs, attempts(time.Duration(3+i)*time.Second, record.OK, 0, time.Minute)[0]) // its retry is still to come
	}
	wantReading(t, folded(cs).Values(), "amplification", 5./3, true, 1e-12)
	wantReading(t, folded(cs).Values(), "attempts", 25, true, 0)
}
