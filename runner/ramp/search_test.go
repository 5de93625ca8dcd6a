package ramp_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// world is an account with a limit, as a search sees it.
type world struct {
	limit    float64
	admitted func(rate float64) float64   // of a rate above the limit; the limit itself if nil
	lies     func(trial int) (wrong bool) // of a verdict; never if nil
}

// search tries until the search is done.
func (w world) search(s ramp.Search) (history []ramp.Trial) {
	for {
		rate, done := s.Next(history)
		if done {
			return history
		}
		t := ramp.Trial{Asked: rate, Offered: rate, Admitted: rate, Held: rate <= w.limit}
		if !t.Held {
			t.Admitted = w.limit
			if w.admitted != nil {
				t.Admitted = w.admitted(rate)
			}
		}
		if w.lies != nil && w.lies(len(history)) {
			t.Held = !t.Held
		}
		history = append(history, t)
	}
}

func drawSearch(t *rapid.T) ramp.Search {
	from := rapid.Float64Range(0.1, 1000).Draw(t, "from")
	return ramp.Search{
		From: from, To: from * rapid.Float64Range(1.2, 1000).Draw(t, "times"),
		Width: rapid.Float64Range(0.01, 0.5).Draw(t, "width"), Trials: 200,
		Guess: rapid.SampledFrom([]float64{0, from / 2, from, 2 * from, 1e6}).Draw(t, "guess"),
	}
}

// drawWorld is an account that may tell anything about what it admits.
func drawWorld(t *rapid.T, s ramp.Search) world {
	w := world{limit: s.From * math.Pow(s.To/s.From, rapid.Float64Range(-0.1, 1.1).Draw(t, "where"))}
	part := rapid.Float64Range(0, 1).Draw(t, "part")
	switch rapid.IntRange(0, 2).Draw(t, "tells") {
	case 1:
		w.admitted = func(float64) float64 { return w.limit * part }
	case 2:
		w.admitted = func(rate float64) float64 { return rate * part }
	}
	return w
}

// bracketed holds the answer against the truth.
func bracketed(t *rapid.T, s ramp.Search, w world, l ramp.Limit) {
	switch {
	case w.limit < s.From && (l.Low != 0 || l.High > s.From*(1+1e-9)):
		t.Fatalf("limit %v below the search from %v: found %+v; want no lower end, and %v as the upper", w.limit, s.From, l, s.From)
	case w.limit >= s.To && (l.Low < s.To*(1-1e-9) || l.High != 0):
		t.Fatalf("limit %v above the search to %v: found %+v; want %v as the lower end, and no upper", w.limit, s.To, l, s.To)
	case w.limit >= s.From && w.limit < s.To && !(l.Low <= w.limit*(1+1e-9) && w.limit < l.High*(1+1e-9) && l.High <= l.Low*(1+s.Width)*(1+1e-9)):
		t.Fatalf("limit %v, found %+v; want it between, and these within %v", w.limit, l, s.Width)
	}
}

func TestSearchBracketsAnyLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSearch(t)
		w := drawWorld(t, s)
		history := w.search(s)
		bracketed(t, s, w, s.Limit(history))
		for _, x := range history {
			if x.Asked < s.From*(1-1e-9) || x.Asked > s.To*(1+1e-9) {
				t.Fatalf("a trial of %v; want all from %v to %v", x.Asked, s.From, s.To)
			}
		}
		// A bisection without any guess, with its two ends and the last rate
		// twice, takes as many at most, and as many again for the steps upward.
		most := 8 + 2*math.Log2(s.To/s.From) + math.Log2(max(1, math.Log(s.To/s.From)/math.Log(1+s.Width)))*2
		if float64(len(history)) > most {
			t.Fatalf("%d trials of %+v for the limit %v; want at most %.0f: %+v", len(history), s, w.limit, most, history)
		}
	})
}

// One trial that failed though its rate holds does not become a bound.
func TestOneBadTrialDoesNotDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSearch(t)
		w := drawWorld(t, s)
		w.admitted = nil
		bad := rapid.IntRange(0, 12).Draw(t, "bad")
		honest := w
		w.lies = func(trial int) bool {
			return trial == bad
		}
		history := w.search(s)
		if bad < len(history) && history[bad].Asked > w.limit {
			t.Skip("it held though it does not: that is believed, as no trial holds by chance")
		}
		bracketed(t, s, honest, s.Limit(history))
	})
}

func TestSearchStopsWhereItMay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSearch(t)
		s.Trials = rapid.IntRange(1, 10).Draw(t, "trials")
		chance := rapid.SliceOfN(rapid.Bool(), s.Trials, s.Trials).Draw(t, "lies")
		w := drawWorld(t, s)
		w.lies = func(trial int) bool { return chance[trial] }
		history := w.search(s)
		if len(history) > s.Trials {
			t.Fatalf("%d trials; want at most %d", len(history), s.Trials)
		}
		if l := s.Limit(history); l.High > 0 && l.Low > l.High {
			t.Fatalf("found %+v; want the lower end below the upper", l)
		}
		if again := w.search(s); !slices.Equal(again, history) {
			t.Fatalf("the same account was tried by %+v and by %+v", history, again)
		}
	})
}

// Where what is admitted tells the limit, few trials find it.
func TestSearchIsShort(t *testing.T) {
	s := ramp.Search{From: 60, To: 2000, Width: 0.05, Trials: 50, Guess: 700}
	for limit := 61.0; limit < 2000; limit += 7 {
		if n := len(world{limit: limit}.search(s)); n > 6 {
			t.Errorf("limit %v: %d trials; want at most 6", limit, n)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add(60.0, 2000.0, 0.05, 300.0, 100.0, 120.0, 3)
	f.Fuzz(func(t *testing.T, from, to, width, guess, offered, admitted float64, votes int) {
		finding := ramp.Args{
			Rates: map[string]float64{"from": from, "to": to}, Factors: map[string]float64{"width": width}, Counts: map[string]int{},
			Durations: map[string]time.Duration{"trial": time.Minute, "rest": time.Minute},
		}
		x, err := ramp.FindingOf(finding)
		if err != nil || to > 1e9 || from < 1e-6 {
			return
		}
		x.Guess = guess
		var history []ramp.Trial
		for i := range 8 {
			rate, done := x.Next(history)
			if done {
				return
			}
			if !(rate >= from && rate <= to) {
				t.Fatalf("the next rate is %v after %+v; want it from %v to %v", rate, history, from, to)
			}
			history = append(history, ramp.Trial{Asked: rate, Offered: rate, Admitted: min(rate, max(0, admitted)), Held: votes>>i&1 == 1})
		}
	})
}

// How long a trial is, and that the bounds of the plan hold for it.
func TestFindingMeasures(t *testing.T) {
	args := ramp.Args{
		Rates: map[string]float64{"from": 60, "to": 2000}, Factors: map[string]float64{"width": 0.05}, Counts: map[string]int{},
		Durations: map[string]time.Duration{"trial": time.Minute, "rest": time.Minute},
	}
	f, err := ramp.FindingOf(args)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		rate, spread float64
		want         time.Duration
	}{
		{2000, 0, time.Minute}, {100, 0, time.Minute}, {60, 0, 2 * time.Minute}, {20, 0, 5 * time.Minute}, {1, 0, 20 * time.Minute}, {2000, 0.3, time.Minute}, {200, 0.3, 4 * time.Minute},
	} {
		if got := f.Length(tt.rate, tt.spread); got != tt.want {
			t.Errorf("a trial at %v with a spread of %v takes %v; want %v", tt.rate, tt.spread, got, tt.want)
		}
	}
	if f.Length(1e-12, 0) != 20*time.Minute || f.LongestAtAll() != (5+12*(2+1+20))*time.Minute {
		t.Errorf("the longest trial takes %v, and the longest search of any rates %v; want 20m and 4h41m", f.Length(1e-12, 0), f.LongestAtAll())
	}
	if got := f.Longest(); got != (5+12*(2+1+2))*time.Minute {
		t.Errorf("the search takes at most %v; want 1h5m", got)
	}
	if f.Climb(0) != 60 || f.Climb(10*time.Second) != 120 || f.Climb(time.Hour) != 4000 {
		t.Errorf("the burst climbs by %v, %v, %v; want 60, 120, and 4000 in the end", f.Climb(0), f.Climb(10*time.Second), f.Climb(time.Hour))
	}
	for _, bad := range []func(){
		func() { args.Rates["from"] = 2000 }, func() { args.Factors["width"] = 0.9 }, func() { args.Factors["loss"] = 0.02 }, func() { args.Durations["rest"] = time.Second },
	} {
		keep := ramp.Args{Rates: map[string]float64{"from": 60, "to": 2000}, Factors: map[string]float64{"width": 0.05}, Counts: map[string]int{}, Durations: map[string]time.Duration{"trial": time.Minute, "rest": time.Minute}}
		args = keep
		bad()
		if f, err := ramp.FindingOf(args); err == nil {
			t.Errorf("%+v is a search; want an error", f)
		}
	}
}

func TestPaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Duration(rapid.IntRange(0, 1e9).Draw(t, "start"))
		lane := ramp.Lane{Of: rapid.IntRange(1, 9).Draw(t, "lanes")}
		rates := rapid.SliceOfN(rapid.Float64Range(1, 1e9), 0, 50).Draw(t, "rates")
		i := 0
		var got []ramp.Slot
		for s := range ramp.Paced(start, lane, func(time.Duration) float64 {
			if i == len(rates) {
				return 0
			}
			i++
			return rates[i-1]
		}) {
			got = append(got, s)
		}
		if len(got) != len(rates) {
			t.Fatalf("%d slots for %d rates", len(got), len(rates))
		}
		tick := time.Duration(lane.Of) * time.Microsecond
		for k, s := range got {
			if s.Seq != k || s.Own != k || k > 0 && s.At < got[k-1].At+tick {
				t.Fatalf("slot %d is %+v after %+v; want it a tick later at least", k, s, got[k-1])
			}
		}
	})
	// A steady rate is exact, and any span of it holds what its area says.
	n := 0
	for s := range ramp.Paced(0, ramp.Lane{}, func(at time.Duration) float64 {
		if at >= time.Minute {
			return 0
		}
		return 61.5
	}) {
		if want := time.Duration((float64(n) + 0.5) / 61.5 * float64(time.Minute)); (s.At - want).Abs() > 2*time.Microsecond {
			t.Errorf("slot %d at %v; want %v", n, s.At, want)
		}
		n++
	}
	if n != 61 && n != 62 {
		t.Errorf("%d calls in a minute at 61.5; want 61 or 62", n)
	}
}

// A rate just above the limit can hold, by what chance is allowed. The guess,
// which is the limit, must not lead to the same rate again and again.
func TestSearchGoesAboveAGuessThatHeld(t *testing.T) {
	s := ramp.Search{From: 24, To: 800, Width: 0.03, Trials: 50, Guess: 700}
	for limit := 30.0; limit < 700; limit += 11 {
		var history []ramp.Trial
		for {
			rate, done := s.Next(history)
			if done {
				break
			}
			history = append(history, ramp.Trial{Asked: rate, Offered: rate, Admitted: min(rate, limit), Held: rate <= limit*1.016})
		}
		if l := s.Limit(history); len(history) > 9 || l.Low > limit || l.High < limit || l.High > l.Low*1.0301 {
			t.Errorf("limit %v: %+v after %d trials; want a bracket after 9 at most", limit, l, len(history))
		}
	}
}
