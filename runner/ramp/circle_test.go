package ramp_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// crewOf is so many workers for a time, who call model 0.
func crewOf(workers float64, length time.Duration) ramp.Crew {
	return ramp.Crew{Workers: ramp.Profile{{From: workers, To: workers, Length: length}}, Shares: []ramp.Share{{Part: 1}}}
}

// round is what a closed loop did, by model.
type round struct {
	mu          sync.Mutex
	sends       []sent
	under, most map[int]int
	returned    time.Duration
}

// circle runs closed loops with calls that take a known time; it must be called
// in a bubble.
func circle(ctx context.Context, crews []ramp.Crew, took func(ramp.Slot) time.Duration, d ramp.Driver) *round {
	r := &round{under: map[int]int{}, most: map[int]int{}}
	d.Start = time.Now()
	if d.Drain == 0 {
		d.Drain = time.Hour
	}
	if d.Stop == nil {
		d.Stop = func(ramp.Slot) bool { return false }
	}
	d.Drop = func(s ramp.Slot, reason string) { panic("a closed loop drops nothing") }
	d.Send = func(ctx context.Context, s ramp.Slot, at time.Time) {
		r.mu.Lock()
		i := len(r.sends)
		r.sends = append(r.sends, sent{slot: s, at: at.Sub(d.Start)})
		r.under[s.Model]++
		r.most[s.Model] = max(r.most[s.Model], r.under[s.Model])
		r.mu.Unlock()
		cut := !sleep(ctx, took(s))
		r.mu.Lock()
		r.under[s.Model]--
		r.sends[i].ended, r.sends[i].cut = time.Since(d.Start), cut
		r.mu.Unlock()
	}
	ramp.Circle(ctx, crews, d)
	r.returned = time.Since(d.Start)
	slices.SortFunc(r.sends, func(a, b sent) int { return a.slot.Seq - b.slot.Seq })
	return r
}

// at lists when calls were sent, in ms.
func (r *round) at() (out []int64) {
	for _, s := range r.sends {
		out = append(out, s.at.Milliseconds())
	}
	return out
}

func TestAWorkerCallsWhenItWasAnswered(t *testing.T) {
	tests := []struct {
		name string
		crew ramp.Crew
		want []int64 // ms; workers start a microsecond apart
	}{
		{"one worker", crewOf(1, time.Second), []int64{0, 300, 600, 900}},
		{"two workers", crewOf(2, 700*time.Millisecond), []int64{0, 0, 300, 300, 600, 600}},
		{"that rest", ramp.Crew{Workers: crewOf(1, time.Second).Workers, Think: 200 * time.Millisecond, Shares: []ramp.Share{{Part: 1}}}, []int64{0, 500}},
		{"with so many calls", ramp.Crew{Workers: crewOf(2, time.Hour).Workers, Shares: []ramp.Share{{Part: 1, Calls: 3}}}, []int64{0, 0, 300}},
		{"more of them step by step", ramp.Crew{Workers: ramp.Profile{{From: 0, To: 2, Length: 800 * time.Millisecond}}, Shares: []ramp.Share{{Part: 1}}}, []int64{200, 500, 600}},
		{"fewer of them", ramp.Crew{Workers: ramp.Profile{{From: 2, To: 2, Length: 400 * time.Millisecond}, {From: 1, To: 1, Length: 400 * time.Millisecond}}, Shares: []ramp.Share{{Part: 1}}}, []int64{0, 0, 300, 300, 600}},
		{"none for a while", ramp.Crew{Workers: ramp.Profile{{From: 1, To: 1, Length: 100 * time.Millisecond}, {Length: 500 * time.Millisecond}, {From: 1, To: 1, Length: 100 * time.Millisecond}}, Shares: []ramp.Share{{Part: 1}}}, []int64{0, 600}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := circle(t.Context(), []ramp.Crew{tt.crew}, always(300*time.Millisecond), ramp.Driver{})
				if got := r.at(); !slices.Equal(got, tt.want) {
					t.Errorf("sent at %v ms; want %v", got, tt.want)
				}
			})
		})
	}
}

func TestACrewCallsItsModelsByTheirShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := crewOf(3, time.Hour)
		crew.Shares = []ramp.Share{{Model: 0, Part: 0.7, Calls: 70}, {Model: 1, Part: 0.3, Calls: 30}}
		r := circle(t.Context(), []ramp.Crew{crew}, always(time.Second), ramp.Driver{})
		n := [2]int{}
		for i, s := range r.sends {
			n[s.slot.Model]++
			if off := float64(n[0]) - 0.7*float64(i+1); off < -1 || off > 1 {
				t.Errorf("after %d calls model 0 had %d; want 0.7 of them, give or take one", i+1, n[0])
			}
		}
		if n != [2]int{70, 30} {
			t.Errorf("calls = %v; want 70 and 30", n)
		}
	})
}

func TestAModelThatIsSkippedLeavesItsPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := crewOf(1, 10*time.Second)
		crew.Shares = []ramp.Share{{Model: 0, Part: 0.5}, {Model: 1, Part: 0.5}}
		skip := func(s ramp.Slot) bool { return s.Model == 0 && s.At >= 4*time.Second }
		r := circle(t.Context(), []ramp.Crew{crew}, always(time.Second), ramp.Driver{Skip: skip})
		var models []int
		for _, s := range r.sends {
			models = append(models, s.slot.Model)
		}
		if want := []int{0, 1, 0, 1, 1, 1, 1, 1, 1, 1}; !slices.Equal(models, want) {
			t.Errorf("called models %v; want %v", models, want)
		}
		// Where all are left, there is nothing to wait for.
		all := circle(t.Context(), []ramp.Crew{crewOf(2, time.Hour)}, always(time.Second), ramp.Driver{Skip: func(s ramp.Slot) bool { return s.At > time.Minute }})
		if all.returned > time.Minute+3*time.Second {
			t.Errorf("a loop of which all is skipped after a minute ended after %v", all.returned)
		}
	})
}

func TestAClosedLoopEndsWhenTheContextIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := crewOf(2, time.Hour)
		crew.Think = time.Hour // and nobody waits for that
		r := circle(after(t, 5*time.Second), []ramp.Crew{crew}, always(10*time.Second), ramp.Driver{Drain: 2 * time.Second})
		if len(r.sends) != 2 || !r.sends[0].cut || !r.sends[1].cut || r.returned != 7*time.Second {
			t.Errorf("sends %+v, returned at %v; want two that were cut after 7s", r.sends, r.returned)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := circle(t.Context(), []ramp.Crew{crewOf(2, time.Hour)}, always(time.Second), ramp.Driver{Stop: func(s ramp.Slot) bool { return s.Seq == 5 }})
		if len(r.sends) != 5 {
			t.Errorf("%d calls; want 5, and then the stop", len(r.sends))
		}
	})
}

// What holds for any closed loop: never more calls under way than workers,
// every call on its own tick of the lane, numbered in order, none after the
// end, and the same again.
func TestAnyClosedLoop(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		workers := rapid.SampledFrom([]float64{0, 1, 2, 5})
		var crews []ramp.Crew
		most := map[int]int{}
		end := time.Duration(0)
		for i := range rapid.IntRange(1, 3).Draw(r, "crews") {
			c := ramp.Crew{Think: rapid.SampledFrom([]time.Duration{0, time.Second}).Draw(r, "think"), Shares: []ramp.Share{{Model: i, Part: 1, Calls: rapid.SampledFrom([]int{0, 7}).Draw(r, "calls")}}}
			for range rapid.IntRange(1, 3).Draw(r, "stages") {
				c.Workers = append(c.Workers, ramp.Stage{From: workers.Draw(r, "from"), To: workers.Draw(r, "to"), Length: rapid.SampledFrom([]time.Duration{time.Second, 2500*time.Millisecond + 300}).Draw(r, "length")})
			}
			most[i] = int(c.Workers.Peak())
			end = max(end, c.Workers.Length())
			crews = append(crews, c)
		}
		took := rapid.SliceOfN(rapid.Int64Range(50e6, 3e9), 1, 4).Draw(r, "took")
		lane := ramp.Lane{Index: 1, Of: rapid.IntRange(1, 3).Draw(r, "lanes")}
		tick := time.Duration(lane.Of) * time.Microsecond
		rapid.SyncTest(r, func(r *rapid.T) {
			run := func() *round {
				return circle(context.Background(), crews, func(s ramp.Slot) time.Duration { return time.Duration(took[s.Seq%len(took)]) }, ramp.Driver{Lane: lane})
			}
			got := run()
			last := -tick
			for i, s := range got.sends {
				if s.slot.Seq != i || s.slot.At%tick != 0 || s.slot.At < last+tick || s.at != s.slot.At || s.at >= end {
					r.Fatalf("call %d = %+v after one at %v: want it numbered, on a tick of %v of its own, sent when due, before %v", i, s, last, tick, end)
				}
				last = s.slot.At
			}
			for model, n := range got.most {
				if n > most[model] {
					r.Fatalf("%d calls to model %d were under way at once; want at most %d", n, model, most[model])
				}
			}
			again := run()
			if !slices.Equal(got.sends, again.sends) {
				r.Fatalf("the same loop went another way the second time:\n%v\n%v", got.sends, again.sends)
			}
		})
	})
}
