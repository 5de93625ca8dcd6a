package statistics

import "math"

// Located is a number that was measured, and where the true one can lie.
type Located struct {
	Value float64
	Interval
}

// Between holds the true change from one number to another that was measured
// independently of it: their intervals put together by the squares of their arms
// (MOVER: Newcombe 1998, Statistics in Medicine 17; Zou and Donner 2008, the same
// 27). It holds with the confidence with which both intervals do, as two-sided
// ones; see [Each]. Between(b, a) is the mirror image of Between(a, b).
func Between(old, new Located) Interval {
	d := new.Value - old.Value
	return Interval{
		Low:  d - math.Hypot(new.Value-new.Low, old.High-old.Value),
		High: d + math.Hypot(new.High-new.Value, old.Value-old.Low),
	}
}

// Each is the confidence of the one-sided bounds of which two make a two-sided
// interval.
func Each(confidence float64) float64 { return (1 + confidence) / 2 }

// Share is the rate of some windows and its two-sided interval. Windows that all
// have the same share are known to one hit each and no better.
func Share(windows []Window, confidence float64, stopped bool) (Located, Estimate) {
	e := Rate(windows, Each(confidence), stopped)
	s := sum(windows)
	if s.trials == 0 {
		return Located{math.NaN(), e.Interval}, e
	}
	if e.Method == Direct {
		one := float64(s.used) / s.trials
		e.Interval = Interval{max(0, s.rate()-one), min(1, s.rate()+one)}
	}
	return Located{s.rate(), e.Interval}, e
}

// Least is the smallest rise of a rate that the trials of a second run would have
// shown, were it measured there: one that is truly as large is seen half of the
// time. Worth is what the trials of the second run are worth. It is not ok where
// no rise would.
func Least(old Located, worth, confidence float64) (rise float64, ok bool) {
	shown := func(d float64) bool {
		r := old.Value + d
		return Between(old, Located{r, ClopperPearson(r*worth, worth, Each(confidence))}).Low > 0
	}
	low, high := 0.0, 1-old.Value
	if math.IsNaN(old.Value) || worth <= 0 || !shown(high) {
		return 0, false
	}
	for range 30 {
		if mid := (low + high) / 2; shown(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high, true
}
