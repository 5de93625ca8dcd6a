package statistics_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/internal/statistics"
)

// A rate of answers is as well known as the rate of failures in the same calls.
func TestARateIsTheMirrorOfItsComplement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hits, misses []statistics.Window
		often := rapid.SampledFrom([]int{0, 1, 5, 30, 60}).Draw(t, "most misses of a window")
		for range rapid.IntRange(1, 12).Draw(t, "windows") {
			trials := rapid.IntRange(1, 60).Draw(t, "trials")
			missed := min(trials, rapid.IntRange(0, often).Draw(t, "misses"))
			stage := rapid.IntRange(0, 1).Draw(t, "stage")
			hits, misses = append(hits, statistics.Window{stage, trials - missed, trials}), append(misses, statistics.Window{stage, missed, trials})
		}
		stopped := rapid.Bool().Draw(t, "stopped")
		a, b := statistics.Rate(hits, 0.95, stopped), statistics.Rate(misses, 0.95, stopped)
		if a.Method != b.Method || math.Abs(a.Low+b.High-1) > 1e-6 || math.Abs(a.High+b.Low-1) > 1e-6 {
			t.Fatalf("hits %v: %+v; misses: %+v", hits, a, b)
		}
	})
}

// Windows without a single failure are no rule that there is none: four calls in
// each of five minutes do not show that 99 of 100 are answered.
func TestAnswersAloneShowNoMoreThanTheirNumber(t *testing.T) {
	var all []statistics.Window
	for range 5 {
		all = append(all, statistics.Window{0, 4, 4})
	}
	if e := statistics.Rate(all, 0.95, false); e.Low > 0.8 {
		t.Errorf("%+v; want a lower bound of 20 calls, halved", e)
	}
}
