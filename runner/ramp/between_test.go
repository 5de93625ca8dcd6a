package ramp_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// Between counts the slots of that time, but for those that stand on its edges.
func TestBetweenCountsSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p ramp.Profile
		rate := rapid.Float64Range(0, 300)
		for range rapid.IntRange(1, 4).Draw(t, "stages") {
			s := ramp.Stage{From: rate.Draw(t, "from"), To: rate.Draw(t, "to"), Length: time.Duration(rapid.IntRange(1, 120).Draw(t, "seconds")) * time.Second}
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 1:
				s = ramp.Stage{Burst: rapid.IntRange(1, 20).Draw(t, "burst"), Length: s.Length}
			case 2:
				s.To, s.Swing, s.Period = s.From, s.From*0.8, 20*time.Second
			}
			p = append(p, s)
		}
		if rapid.Bool().Draw(t, "clipped") {
			p = p.Clip(rapid.Float64Range(50, 250).Draw(t, "most"))
		}
		track := ramp.Track{Profile: p}
		from := time.Duration(rapid.Int64Range(0, int64(p.Length())).Draw(t, "from"))
		to := time.Duration(rapid.Int64Range(int64(from), int64(p.Length())).Draw(t, "to"))
		least, most := 0, 0
		for s := range track.Slots() {
			const edge = 10 * time.Microsecond
			if s.At >= from+edge && s.At < to-edge {
				least++
			}
			if s.At >= from-edge && s.At < to+edge {
				most++
			}
		}
		if n := track.Between(from, to); n < least || n > most {
			t.Fatalf("%+v: %d calls between %s and %s; its slots are %d to %d", p, n, from, to, least, most)
		}
		if n := track.Between(0, p.Length()); n != p.Count() {
			t.Fatalf("%+v: %d calls in its length; it counts %d", p, n, p.Count())
		}
	})
	times := ramp.Track{Times: []ramp.Time{{At: time.Second}, {At: 2 * time.Second}, {At: 2 * time.Second}, {At: 4 * time.Second}}}
	if n := times.Between(2*time.Second, 4*time.Second); n != 2 {
		t.Errorf("%d calls of a replay; want 2", n)
	}
}
