package ramp_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/runner/ramp"
)

func TestDriveSendsOnTimeWhateverIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(60).Slots(), took: always(10 * time.Minute)}.run(t.Context())
		want := map[int]float64{}
		for i := range 60 {
			want[i] = float64(i) + 0.5
		}
		tr.wantSends(t, want)
		tr.wantDrops(t, "", nil)
		if tr.returned != seconds(659.5) {
			t.Errorf("Drive returned at %v; want 10m59.5s, when the last call ended", tr.returned)
		}
		if tr.most != 60 {
			t.Errorf("%d calls were under way at once; want 60", tr.most)
		}
	})
}

func TestDriveWaitsForAPlaceAndTheLatenessCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(5).Slots(), places: 1, took: always(seconds(1.5))}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 0.5, 1: 2, 2: 3.5, 3: 5, 4: 6.5})
		tr.wantDrops(t, "", nil)
		if tr.most != 1 {
			t.Errorf("%d calls were under way at once; want 1", tr.most)
		}
		last := tr.sends[len(tr.sends)-1]
		if got := last.ended - last.slot.At; got != seconds(3.5) {
			t.Errorf("the last call ended %v after it was planned; want 3.5s: two of waiting and 1.5 of work", got)
		}
	})
}

func TestDriveDropsWhatFindsNoPlaceInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The first call holds the one place from 0.5 s to 10.7 s.
		took := func(s ramp.Slot) time.Duration {
			if s.Seq == 0 {
				return seconds(10.2)
			}
			return seconds(0.1)
		}
		tr := drill{slots: every(12).Slots(), places: 1, maxLateness: 2 * time.Second, took: took}.run(t.Context())
		tr.wantDrops(t, ramp.DropBusy, map[int]float64{1: 3.5, 2: 4.5, 3: 5.5, 4: 6.5, 5: 7.5, 6: 8.5, 7: 9.5, 8: 10.5})
		tr.wantSends(t, map[int]float64{0: 0.5, 9: 10.7, 10: 10.8, 11: 11.5})
	})
}

func TestDriveDropsAsLateWhatItComesTooLateFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The loop itself is held for 5 s at slot 3.
		hold := func(s ramp.Slot) bool {
			if s.Seq == 3 {
				time.Sleep(5 * time.Second)
			}
			return false
		}
		tr := drill{slots: every(10).Slots(), maxLateness: time.Second, stop: hold}.run(t.Context())
		tr.wantDrops(t, ramp.DropLate, map[int]float64{3: 8.5, 4: 8.5, 5: 8.5, 6: 8.5})
		tr.wantSends(t, map[int]float64{0: 0.5, 1: 1.5, 2: 2.5, 7: 8.5, 8: 8.500001, 9: 9.5})
	})
}

func TestDriveBlamesTheLoadWhereItIsLateWithEveryPlaceTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := func(s ramp.Slot) bool {
			if s.Seq == 1 {
				time.Sleep(3 * time.Second)
			}
			return false
		}
		tr := drill{slots: every(2).Slots(), places: 1, maxLateness: time.Second, took: always(time.Minute), stop: hold}.run(t.Context())
		tr.wantDrops(t, ramp.DropBusy, map[int]float64{1: 4.5})
	})
}

func TestDriveSpreadsABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ramp.Profile{{Burst: 3, Length: time.Second}}
		tr := drill{slots: p.Slots(), took: always(time.Second)}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 0, 1: 0.000001, 2: 0.000002})
		tr = drill{slots: merged(p, 2), took: always(time.Second)}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 0, 1: 0.000001, 2: 0.000002, 3: 0.000003, 4: 0.000004, 5: 0.000005})
	})
}

func TestDriveKeepsUpWithABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := func(s ramp.Slot) bool {
			if s.Seq == 0 {
				time.Sleep(5 * time.Second)
			}
			return false
		}
		tr := drill{slots: every(7).Slots(), stop: hold}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 5.5, 1: 5.500001, 2: 5.500002, 3: 5.500003, 4: 5.500004, 5: 5.500005, 6: 6.5})
	})
}

func TestDriveAsksStopOfEverySlotInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: every(10).Slots(), took: always(3 * time.Second), stop: func(s ramp.Slot) bool { return s.Seq == 4 }}.run(t.Context())
		tr.wantSends(t, map[int]float64{0: 0.5, 1: 1.5, 2: 2.5, 3: 3.5})
		tr.wantDrops(t, "", nil)
		if len(tr.asked) != 5 || tr.asked[0] != 0 || tr.asked[4] != 4 {
			t.Errorf("Stop was asked about slots %v; want 0 to 4", tr.asked)
		}
		if tr.returned != seconds(6.5) {
			t.Errorf("Drive returned at %v; want 6.5s, when the last call ended", tr.returned)
		}
		for _, s := range tr.sends {
			if s.cut {
				t.Errorf("slot %d was cut by Stop; want it to end by itself", s.slot.Seq)
			}
		}
	})
}

func TestDriveOfNothingReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := drill{slots: ramp.Profile{}.Slots()}.run(t.Context())
		if tr.returned != 0 || len(tr.sends)+len(tr.drops)+len(tr.asked) != 0 {
			t.Errorf("Drive of no slots took %v, sent %v, dropped %v; want nothing", tr.returned, tr.sends, tr.drops)
		}
		done, cancel := context.WithCancel(t.Context())
		cancel()
		tr = drill{slots: every(5).Slots()}.run(done)
		if tr.returned != 0 || len(tr.sends)+len(tr.drops) != 0 {
			t.Errorf("Drive after its context was done took %v, sent %v, dropped %v; want nothing", tr.returned, tr.sends, tr.drops)
		}
	})
}
