package ramp_test

import (
	"context"
	"iter"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// drill is one use of Drive with calls that take a known time.
type drill struct {
	slots       iter.Seq[ramp.Slot]
	places      int                           // 1000 if 0
	maxLateness time.Duration                 // an hour if 0
	drain       time.Duration                 // an hour if 0
	took        func(ramp.Slot) time.Duration // nothing if nil
	stop        func(ramp.Slot) bool          // never if nil
	skip        func(ramp.Slot) bool          // never if nil
}

// sent is a call as Drive sent it; times count from the start of the drill.
type sent struct {
	slot      ramp.Slot
	at, ended time.Duration
	cut       bool // its context was done before it ended by itself
}

// dropped is a slot that Drive gave up.
type dropped struct {
	slot   ramp.Slot
	at     time.Duration
	reason string
}

// trace is what Drive did.
type trace struct {
	mu       sync.Mutex
	sends    []sent // in the order of the sends
	drops    []dropped
	asked    []int // the slots that Stop was asked about
	under    int
	most     int // calls under way at once
	returned time.Duration
}

// run drives a drill; it must be called in a bubble.
func (d drill) run(ctx context.Context) *trace {
	tr := &trace{}
	start := time.Now()
	driver := ramp.Driver{Start: start, MaxInFlight: d.places, MaxLateness: d.maxLateness, Drain: d.drain, Skip: d.skip}
	if driver.MaxInFlight == 0 {
		driver.MaxInFlight = 1000
	}
	if driver.MaxLateness == 0 {
		driver.MaxLateness = time.Hour
	}
	if driver.Drain == 0 {
		driver.Drain = time.Hour
	}
	driver.Stop = func(s ramp.Slot) bool {
		tr.asked = append(tr.asked, s.Seq)
		return d.stop != nil && d.stop(s)
	}
	driver.Drop = func(s ramp.Slot, reason string) {
		tr.drops = append(tr.drops, dropped{s, time.Since(start), reason})
	}
	driver.Send = func(ctx context.Context, s ramp.Slot, at time.Time) {
		i := tr.begin(sent{slot: s, at: at.Sub(start)})
		cut := d.took != nil && !sleep(ctx, d.took(s))
		tr.end(i, time.Since(start), cut)
	}
	ramp.Drive(ctx, d.slots, driver)
	tr.returned = time.Since(start)
	return tr
}

func (tr *trace) begin(s sent) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.sends = append(tr.sends, s)
	tr.under++
	tr.most = max(tr.most, tr.under)
	return len(tr.sends) - 1
}

func (tr *trace) end(i int, at time.Duration, cut bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.sends[i].ended, tr.sends[i].cut = at, cut
	tr.under--
}

// sleep waits; false if ctx was done before.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// every is a profile of one call every second, the first half a second in.
func every(calls int) ramp.Profile {
	return ramp.Profile{{Name: "every", From: 60, To: 60, Length: time.Duration(calls) * time.Second}}
}

func always(d time.Duration) func(ramp.Slot) time.Duration {
	return func(ramp.Slot) time.Duration { return d }
}

// seconds reads 1.5 as a second and a half.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }

// wantSends compares the times of the sends, by slot.
func (tr *trace) wantSends(t *testing.T, want map[int]float64) {
	t.Helper()
	got := map[int]time.Duration{}
	for _, s := range tr.sends {
		if _, twice := got[s.slot.Seq]; twice {
			t.Errorf("slot %d was sent twice; want once", s.slot.Seq)
		}
		got[s.slot.Seq] = s.at
	}
	for seq, at := range want {
		if g, ok := got[seq]; !ok || g != seconds(at) {
			t.Errorf("slot %d was sent at %v (sent: %v); want %v", seq, g, ok, seconds(at))
		}
	}
	for seq, at := range got {
		if _, ok := want[seq]; !ok {
			t.Errorf("slot %d was sent at %v; want it not sent", seq, at)
		}
	}
}

// wantDrops compares the times and reasons of the drops, by slot.
func (tr *trace) wantDrops(t *testing.T, reason string, want map[int]float64) {
	t.Helper()
	if len(tr.drops) != len(want) {
		t.Errorf("dropped %v; want %d drops", tr.drops, len(want))
	}
	for _, d := range tr.drops {
		at, ok := want[d.slot.Seq]
		if !ok || d.at != seconds(at) || d.reason != reason {
			t.Errorf("slot %d was dropped at %v as %q; want %v as %q (wanted: %v)", d.slot.Seq, d.at, d.reason, seconds(at), reason, ok)
		}
	}
}
