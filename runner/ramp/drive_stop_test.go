package ramp_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// after is a context that is done after a time.
func after(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestDriveDrainsWhenTheContextIsDone(t *testing.T) {
	tests := []struct {
		name         string
		took, drain  time.Duration
		cut          int // calls that were cut
		wantReturned time.Duration
	}{
		{"calls end in time", 3 * time.Second, 10 * time.Second, 0, seconds(7.5)},
		{"calls are cut", time.Hour, 2 * time.Second, 5, seconds(7.2)},
		{"some are cut", 4 * time.Second, 2 * time.Second, 2, seconds(7.2)},
		{"nothing is under way", time.Millisecond, time.Hour, 0, seconds(5.2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := drill{slots: every(10).Slots(), took: always(tt.took), drain: tt.drain}.run(after(t, seconds(5.2)))
				tr.wantSends(t, map[int]float64{0: 0.5, 1: 1.5, 2: 2.5, 3: 3.5, 4: 4.5})
				tr.wantDrops(t, "", nil)
				cut := 0
				for _, s := range tr.sends {
					if s.cut {
						cut++
					}
				}
				if cut != tt.cut || tr.returned != tt.wantReturned {
					t.Errorf("Drive cut %d calls and returned at %v; want %d and %v", cut, tr.returned, tt.cut, tt.wantReturned)
				}
			})
		})
	}
}

func TestDriveCutsWhatOutlivesTheRampWhenTheContextIsDoneLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(2).Slots(), took: always(time.Hour), drain: time.Second}.run(after(t, time.Minute))
		if tr.returned != 61*time.Second {
			t.Errorf("Drive returned at %v; want 1m1s: a second after its context was done", tr.returned)
		}
	})
}

// What came due behind a call that waited is as much due as the call itself.
func TestDriveDropsAllThatWasDueWhenTheContextIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(10).Slots(), places: 1, took: always(time.Hour), drain: time.Second}.run(after(t, seconds(5.2)))
		tr.wantSends(t, map[int]float64{0: 0.5})
		tr.wantDrops(t, ramp.DropBusy, map[int]float64{1: 5.2, 2: 5.2, 3: 5.2, 4: 5.2})
	})
	synctest.Test(t, func(t *testing.T) {
		hold := func(s ramp.Slot) bool {
			if s.Seq == 1 {
				time.Sleep(5 * time.Second)
			}
			return false
		}
		tr := drill{slots: every(10).Slots(), stop: hold}.run(after(t, seconds(5.2)))
		tr.wantSends(t, map[int]float64{0: 0.5})
		tr.wantDrops(t, ramp.DropLate, map[int]float64{1: 6.5, 2: 6.5, 3: 6.5, 4: 6.5, 5: 6.5})
	})
}

func TestDriveLeavesOutWhatItIsToldToSkip(t *testing.T) {
	odd := func(s ramp.Slot) bool { return s.Seq%2 == 1 }
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(5).Slots(), skip: odd}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 0.5, 2: 2.5, 4: 4.5})
		tr.wantDrops(t, "", nil)
	})
	// What is skipped takes no place, waits for none, and is not dropped.
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(10).Slots(), skip: odd, places: 1, took: always(time.Hour), drain: time.Second}.run(after(t, seconds(6.2)))
		tr.wantSends(t, map[int]float64{0: 0.5})
		tr.wantDrops(t, ramp.DropBusy, map[int]float64{2: 6.2, 4: 6.2})
	})
}

// A call may end the ramp and free its place at the same instant.
func TestDriveSendsNothingAfterTheContextIsDone(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			hold := func(s ramp.Slot) bool {
				if s.Seq == 1 {
					cancel()
				}
				return false
			}
			tr := drill{slots: every(3).Slots(), places: 1, stop: hold}.run(ctx)
			tr.wantSends(t, map[int]float64{0: 0.5})
		})
	}
}

// TestDriveAccountsForEverySlot draws loads, limits and a stop, and checks
// what holds for all of them.
func TestDriveAccountsForEverySlot(t *testing.T) {
	rates := []float64{0, 61, 300, 600}
	rapid.Check(t, func(r *rapid.T) {
		p := ramp.Profile{
			{Burst: rapid.IntRange(0, 20).Draw(r, "burst"), Length: time.Second},
			{From: rapid.SampledFrom(rates).Draw(r, "from"), To: rapid.SampledFrom(rates).Draw(r, "to"), Length: 10 * time.Second},
		}
		models := rapid.IntRange(1, 3).Draw(r, "models")
		took := rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 5).Draw(r, "took_ms")
		maxLateness := time.Duration(rapid.IntRange(1, 3000).Draw(r, "lateness_ms")) * time.Millisecond
		places := rapid.IntRange(1, 8).Draw(r, "places")
		held := rapid.IntRange(0, 100).Draw(r, "held")
		// Off the grid of whole microseconds, so that no slot is due just then.
		stop := time.Duration(rapid.IntRange(1, 20_000).Draw(r, "stop_ms"))*time.Millisecond + 500*time.Nanosecond
		rapid.SyncTest(r, func(r *rapid.T) {
			ctx, cancel := context.WithTimeout(context.Background(), stop)
			defer cancel()
			tr := drill{
				slots: merged(p, models), places: places, maxLateness: maxLateness, drain: time.Second,
				took: func(s ramp.Slot) time.Duration { return time.Duration(took[s.Seq%len(took)]) * time.Millisecond },
				stop: func(s ramp.Slot) bool {
					if s.Seq == held {
						time.Sleep(2 * time.Second)
					}
					return false
				},
			}.run(ctx)
			tr.check(r, slices.Collect(merged(p, models)), stop, maxLateness, places)
		})
	})
}

func (tr *trace) check(r *rapid.T, slots []ramp.Slot, stop, maxLateness time.Duration, places int) {
	fate := map[int]int{}
	last := time.Duration(-1)
	for _, s := range tr.sends {
		fate[s.slot.Seq]++
		if s.at <= last {
			r.Errorf("slot %d was sent at %v, the one before at %v; want it later", s.slot.Seq, s.at, last)
		}
		last = s.at
		if late := s.at - s.slot.At; late < 0 || late > maxLateness {
			r.Errorf("slot %d was sent %v late; want 0 to %v", s.slot.Seq, late, maxLateness)
		}
		if s.at > stop {
			r.Errorf("slot %d was sent at %v, after the stop at %v", s.slot.Seq, s.at, stop)
		}
	}
	for _, d := range tr.drops {
		fate[d.slot.Seq]++
		if d.reason != ramp.DropBusy && d.reason != ramp.DropLate {
			r.Errorf("slot %d was dropped for %q; want busy or late", d.slot.Seq, d.reason)
		}
		if d.at < stop && d.at-d.slot.At < maxLateness {
			r.Errorf("slot %d was dropped %v late, before the stop; want %v or more", d.slot.Seq, d.at-d.slot.At, maxLateness)
		}
	}
	for _, s := range slots {
		// A loop that is held over the stop may find that more came due.
		least := 0
		if s.At < stop {
			least = 1
		}
		if fate[s.Seq] < least || fate[s.Seq] > 1 {
			r.Errorf("slot %d, due at %v, was sent or dropped %d times with the stop at %v; want %d, at most 1", s.Seq, s.At, fate[s.Seq], stop, least)
		}
	}
	if tr.most > places {
		r.Errorf("%d calls were under way at once; want at most %d", tr.most, places)
	}
}
