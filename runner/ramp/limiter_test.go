package ramp_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/runner/ramp"
)

// account is a limiter as a probe meets it, reckoned in another way than the
// theories are: by the list of all that was taken.
type account struct {
	algorithm    string
	quota, burst float64
	opened       bool
	wastes       bool
	others       float64       // calls a minute of others, at random
	jitter       time.Duration // between sending and arriving
	failed       float64       // part of the calls that show nothing
	refuses      float64       // part of the calls that are refused by chance
	second       time.Duration // at which a fixed minute begins
	rnd          *rand.Rand
	took         []time.Duration
	level        float64
	at, opening  time.Duration
	begun        bool
}

func (a *account) admits(at time.Duration) bool {
	if !a.begun {
		a.begun, a.level, a.at, a.opening = true, a.burst, at, -time.Hour
	}
	switch a.algorithm {
	case "bucket":
		a.level = min(a.burst, a.level+(at-a.at).Minutes()*a.quota)
		a.at = max(a.at, at)
		if a.level >= 1 {
			a.level--
			return true
		}
		if a.wastes {
			a.level = 0
		}
		return false
	case "fixed":
		begun := (at - a.second).Truncate(time.Minute) + a.second
		if a.opened {
			if at >= a.opening+time.Minute {
				a.opening = at
			}
			begun = a.opening
		}
		return a.count(at, begun)
	case "sliding":
		ok := a.count(at, at-time.Minute+1)
		if !ok && a.wastes {
			a.took = append(a.took, at)
		}
		return ok
	case "none":
		return true
	}
	panic(a.algorithm)
}

func (a *account) count(at, from time.Duration) bool {
	a.took = slices.DeleteFunc(a.took, func(t time.Duration) bool { return t < from })
	if float64(len(a.took)) >= a.quota {
		return false
	}
	a.took = append(a.took, at)
	return true
}

// probe makes the sequence against the account.
func (a *account) probe(p ramp.Probing) (samples []ramp.Sample, from int, parts []ramp.ProbePart) {
	now, next := time.Duration(0), time.Duration(0)
	for {
		part, done := p.Next(parts, now)
		if done {
			return samples, from, parts
		}
		if part.Turn == 1 && len(parts) == 4 {
			from = len(samples)
		}
		for s := range ramp.Paced(part.Start, ramp.Lane{}, func(at time.Duration) float64 {
			part.End = at
			if at-part.Start >= part.Length || part.Drains && part.Drained() {
				return 0
			}
			return part.Rate
		}) {
			at := s.At + p.Clock + time.Duration(a.rnd.Float64()*float64(a.jitter))
			for ; a.others > 0 && next < at; next += time.Duration(a.rnd.ExpFloat64() / a.others * float64(time.Minute)) {
				if next > 0 {
					a.admits(next)
				}
			}
			if a.rnd.Float64() < a.failed {
				continue
			}
			ok := a.admits(at) && a.rnd.Float64() >= a.refuses
			samples = append(samples, ramp.Sample{At: s.At + p.Clock, Admitted: ok, Takes: 1, Settled: 1})
			part.Note(s.At, ok)
		}
		now = part.End
		parts = append(parts, part)
	}
}

func (a *account) String() string {
	return fmt.Sprintf("%s of %.0f (burst %.0f, opened %v, refused count %v; others %.0f, jitter %v, failed %.3f, refused by chance %.3f)", a.algorithm, a.quota, a.burst, a.opened, a.wastes, a.others, a.jitter, a.failed, a.refuses)
}

// worlds is how many accounts the probe is tried with: 480 for the experiment of
// decision 0016.
var worlds = flag.Int("worlds", 12, "how many accounts the probe of a limiter is tried with")

// draw is an account of the six kinds, in turn, and a probe of it.
func draw(seed int, noisy bool) (*account, ramp.Probing) {
	rnd := rand.New(rand.NewPCG(uint64(seed), 2))
	a := &account{rnd: rnd, quota: math.Round(10 * math.Pow(30, rnd.Float64()))}
	switch kind := seed % 6; kind {
	case 0, 1:
		a.algorithm, a.wastes = "bucket", kind == 1
		a.burst = max(1, math.Round(a.quota*0.1*math.Pow(30, rnd.Float64())))
	case 2, 3:
		a.algorithm, a.opened, a.burst = "fixed", kind == 3, a.quota
	default:
		a.algorithm, a.wastes, a.burst = "sliding", kind == 5, a.quota
	}
	if noisy {
		a.others = a.quota * 0.25 * rnd.Float64()
		a.jitter = time.Duration(rnd.Float64() * float64(500*time.Millisecond))
		a.failed, a.refuses = rnd.Float64()*0.05, rnd.Float64()*0.02
	}
	rate := a.quota * 1.5 * math.Pow(5, rnd.Float64())
	return a, ramp.Probing{Rate: rate, Rest: time.Minute, Clock: time.Duration(rnd.Float64() * float64(time.Minute))}
}

// tally is how well limiters were told.
type tally struct{ tried, named, right, sure, sureRight, burst, refill int }

// near tells whether a number was told: within a tenth or a call of what it may
// be, or by an interval that holds some of it. Others, who are refused as well
// while the probe sends too much, take from nothing to all of what they ask for.
func near(e ramp.Estimate, low, high float64) bool {
	return e.Value >= min(low*0.9, low-1) && e.Value <= max(high*1.1, high+1) || e.Low <= high && e.High >= low
}

func tryWorlds(t *testing.T, noisy bool) (all tally) {
	n := *worlds
	if testing.Short() {
		n = min(n, 6)
	}
	for seed := range n {
		a, p := draw(seed, noisy)
		samples, from, _ := a.probe(p)
		l := ramp.ReadLimiter(samples, from)
		all.tried++
		if l.Algorithm == ramp.AlgorithmUnknown {
			if l.Why == "" {
				t.Errorf("seed %d: unknown without a reason: %v", seed, a)
			}
			t.Logf("unknown: %v at %.0f: %s", a, p.Rate, l.Why)
			continue
		}
		all.named++
		right := l.Algorithm == a.algorithm
		if l.Confidence >= 0.95 {
			all.sure++
			if right {
				all.sureRight++
			}
		}
		if !right {
			t.Logf("WRONG: a %s by %.3f: %v at %.0f", l.Algorithm, l.Confidence, a, p.Rate)
			continue
		}
		all.right++
		if a.algorithm != "fixed" && l.Refused == ramp.RefusedCounted && !a.wastes {
			t.Logf("WRONG: refused calls count: %v at %.0f", a, p.Rate)
		}
		low := a.burst
		if a.algorithm != "bucket" {
			low -= a.others // which take part of a window
		}
		if near(l.Burst, low, a.burst) {
			all.burst++
		} else {
			t.Logf("burst %.1f: %v at %.0f", l.Burst, a, p.Rate)
		}
		if near(l.Refill, a.quota-a.others, a.quota) {
			all.refill++
		} else {
			t.Logf("refill %.1f: %v at %.0f", l.Refill, a, p.Rate)
		}
	}
	t.Logf("%+v", all)
	return all
}

// Where nothing disturbs it, a probe names the algorithm, and its numbers.
func TestProbeTellsTheLimiter(t *testing.T) {
	x := tryWorlds(t, false)
	if x.named < x.tried*85/100 || x.right < x.named*95/100 || x.sureRight < x.sure*95/100 || x.burst < x.right*95/100 || x.refill < x.right*95/100 {
		t.Errorf("%+v; want 85 %% named, and of all that is told 95 %% right", x)
	}
}

// Where others use up to a quarter of the quota, calls come late, fail and are
// refused by chance, it names fewer, and what it names is as right.
func TestProbeIsNotSureOfNoise(t *testing.T) {
	x := tryWorlds(t, true)
	if x.named < x.tried*60/100 || x.right < x.named*95/100 || x.sureRight < x.sure*95/100 || x.burst < x.right*90/100 || x.refill < x.right*90/100 {
		t.Errorf("%+v; want 60 %% named, 95 %% of these right, and 90 %% of their numbers", x)
	}
}

// Calls that are refused by chance alone have no limiter.
func TestProbeSeesNoLimiterInChance(t *testing.T) {
	for seed := range 6 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 5))
		a := &account{algorithm: "none", rnd: rnd, refuses: 0.1 + 0.8*rnd.Float64()}
		p := ramp.Probing{Rate: 60 * math.Pow(10, rnd.Float64()), Rest: time.Minute}
		samples, from, _ := a.probe(p)
		if l := ramp.ReadLimiter(samples, from); l.Algorithm != ramp.AlgorithmUnknown {
			t.Errorf("seed %d: %.2f refused at %.0f by chance, and a %s is told with %.3f, off by %.2f", seed, a.refuses, p.Rate, l.Algorithm, l.Confidence, l.Theories[0].Off)
		}
	}
}

// A fixed minute is told with the second at which it begins.
func TestProbeTellsWhereWindowsBegin(t *testing.T) {
	for _, tt := range []struct {
		second time.Duration
		opened bool
		opens  string
		want   float64
	}{{0, false, ramp.OpensClock, 0}, {2 * time.Second, false, ramp.OpensClock, 0}, {41 * time.Second, false, ramp.OpensSecond, 41}, {0, true, ramp.OpensCall, 0}} {
		a := &account{algorithm: "fixed", quota: 100, second: tt.second, opened: tt.opened, rnd: rand.New(rand.NewPCG(1, 1))}
		samples, from, _ := a.probe(ramp.Probing{Rate: 300, Rest: time.Minute, Clock: 23 * time.Second})
		l := ramp.ReadLimiter(samples, from)
		if l.Opens != tt.opens || math.Abs(l.Second-tt.want) > 1.5 {
			t.Errorf("windows of second %v, opened %v: told %q, %.1f; want %q, %.1f", tt.second, tt.opened, l.Opens, l.Second, tt.opens, tt.want)
		}
	}
}

// The sequence stays within its bounds whatever comes back, and its bursts begin
// at their places in the minute after a rest.
func TestProbingStaysWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ramp.Probing{
			Rate: rapid.Float64Range(0.5, 3000).Draw(t, "rate"), Rest: time.Duration(rapid.IntRange(10, 200).Draw(t, "rest")) * time.Second,
			Clock: time.Duration(rapid.IntRange(0, 59999).Draw(t, "clock")) * time.Millisecond,
		}
		a := &account{
			algorithm: rapid.SampledFrom([]string{"bucket", "fixed", "sliding", "none"}).Draw(t, "algorithm"), quota: rapid.Float64Range(0, 2000).Draw(t, "quota"),
			burst: rapid.Float64Range(0, 9000).Draw(t, "burst"), wastes: rapid.Bool().Draw(t, "wastes"), refuses: rapid.Float64Range(0, 1).Draw(t, "refuses"),
			rnd: rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))),
		}
		samples, _, parts := a.probe(p)
		if len(samples) > p.MostCalls() {
			t.Fatalf("%d calls; want at most %d", len(samples), p.MostCalls())
		}
		last := time.Duration(0)
		for _, x := range parts {
			if x.Rate <= 0 || x.Rate > p.Rate {
				t.Fatalf("part %s at %v; want up to %v", x.Name, x.Rate, p.Rate)
			}
			if x.Drains {
				if at := (x.Start + p.Clock) % time.Minute; x.Start < last+p.Rest || at != 15*time.Second && at != 35*time.Second {
					t.Fatalf("a burst at %v, %v into its minute, after %v", x.Start, at, last)
				}
			}
			last = x.End
		}
		if last > p.Longest() {
			t.Fatalf("it takes %v; want at most %v", last, p.Longest())
		}
	})
}

// Whatever comes back, what is told is whole: probabilities, and numbers within
// their intervals.
func FuzzReadLimiter(f *testing.F) {
	f.Add([]byte{10, 1, 5, 0, 200, 1, 3, 0, 250, 1, 9, 1}, 3, 1.0)
	f.Fuzz(func(t *testing.T, raw []byte, from int, settled float64) {
		if len(raw) > 400 || !(settled >= 0 && settled < 1e6) {
			return
		}
		var samples []ramp.Sample
		at := time.Duration(0)
		for i := 0; i+1 < len(raw); i += 2 {
			at += time.Duration(raw[i]) * 100 * time.Millisecond
			samples = append(samples, ramp.Sample{At: at, Admitted: raw[i+1]&1 == 1, Takes: 1 + float64(raw[i+1]>>4), Settled: settled, Ended: at + time.Duration(raw[i+1])*time.Second})
		}
		l := ramp.ReadLimiter(samples, from)
		sum := 0.0
		for _, x := range l.Theories {
			if sum += x.Probability; !(x.Probability >= 0 && x.Probability <= 1 && x.Off >= 0) {
				t.Fatalf("theory %+v", x)
			}
		}
		if sum > 1+1e-9 || (l.Algorithm == ramp.AlgorithmUnknown) != (l.Why != "") {
			t.Fatalf("told %+v", l)
		}
		for _, e := range []ramp.Estimate{l.Burst, l.Refill} {
			if !(e.Low <= e.Value && e.Value <= e.High) {
				t.Fatalf("told %+v", l)
			}
		}
	})
}
