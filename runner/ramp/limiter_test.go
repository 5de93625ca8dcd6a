package ramp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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
	return fmt.Sprintf("%s of %.0f (burst %.0f, opened %v, wastes %v, others %.0f, jitter %v, failed %v, refuses %v)", a.algorithm, a.quota, a.burst, a.opened, a.wastes, a.others, a.jitter, a.failed, a.refuses)
}

func TestTry(t *testing.T) {
	named, right, sure, sureRight, n := 0, 0, 0, 0, 0
	var wrong []string
	var skills, nulls []float64
	kinds := map[string][3]int{}
	burstOK, refillOK, in10b, in10r := 0, 0, 0, 0
	noisy := os.Getenv("NOISY") != ""
	for seed := range 480 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 2))
		a := &account{rnd: rnd, quota: math.Round(10 * math.Pow(30, rnd.Float64()))}
		kind := seed % 6
		switch kind {
		case 0, 1:
			a.algorithm, a.wastes = "bucket", kind == 1
			a.burst = max(1, math.Round(a.quota*0.1*math.Pow(30, rnd.Float64())))
		case 2, 3:
			a.algorithm, a.opened, a.burst = "fixed", kind == 3, a.quota
		case 4, 5:
			a.algorithm, a.wastes, a.burst = "sliding", kind == 5, a.quota
		}
		if noisy {
			a.others = a.quota * 0.25 * rnd.Float64()
			a.jitter = time.Duration(rnd.Float64() * float64(500*time.Millisecond))
			a.failed, a.refuses = rnd.Float64()*0.05, rnd.Float64()*0.02
		}
		times := 1.5 * math.Pow(5, rnd.Float64())
		p := ramp.Probing{Rate: times * a.quota, Rest: time.Minute, Clock: time.Duration(rnd.Float64() * float64(time.Minute))}
		samples, from, parts := a.probe(p)
		n++
		k := kinds[fmt.Sprint(kind)]
		k[0]++
		if len(parts) < 5 {
			wrong = append(wrong, fmt.Sprintf("%d parts %v rate %.1f", len(parts), a, times))
			kinds[fmt.Sprint(kind)] = k
			continue
		}
		l := ramp.ReadLimiter(samples, from)
		c := l.Theories[0].Probability
		if l.Algorithm != "unknown" && c >= ramp.LeastConfidence {
			named++
			k[1]++
			ok := l.Algorithm == a.algorithm
			if ok {
				right++
				k[2]++
				free := a.quota - a.others
				if l.Burst.Low <= a.burst && a.burst-a.others <= l.Burst.High {
					burstOK++
				}
				if l.Refill.Low <= free && free <= l.Refill.High {
					refillOK++
				}
				if math.Abs(l.Burst.Value/a.burst-1) < 0.1 || math.Abs(l.Burst.Value-a.burst) <= 1 {
					in10b++
				}
				if math.Abs(l.Refill.Value/free-1) < 0.1 || math.Abs(l.Refill.Value-free) <= 1 {
					in10r++
				}
			}
			null := 0.0
			for _, x := range l.Theories {
				if x.Algorithm == "unknown" {
					null = x.Off
				}
			}
			b := l.Theories[0]
			skill := fmt.Sprintf("off/admitted %.3f off/null %.3f", b.Off, b.Off/null)
			if ok {
				skills = append(skills, b.Off)
				nulls = append(nulls, b.Off/null)
				if !(math.Abs(l.Burst.Value/a.burst-1) < 0.1 || math.Abs(l.Burst.Value-a.burst) <= 1) && !(l.Burst.Low <= a.burst && a.burst-a.others <= l.Burst.High) {
					wrong = append(wrong, fmt.Sprintf("zBURST %s %.1f: %v rate %.1f %s", l.Algorithm, l.Burst, a, times, skill))
				}
				if free := a.quota - a.others; !(math.Abs(l.Refill.Value/free-1) < 0.1 || math.Abs(l.Refill.Value-free) <= 1) && !(l.Refill.Low <= free && free <= l.Refill.High) {
					wrong = append(wrong, fmt.Sprintf("zREFILL %s %.1f: free %.1f %v rate %.1f %s", l.Algorithm, l.Refill, free, a, times, skill))
				}
			}
			if c >= 0.95 {
				sure++
				if ok {
					sureRight++
				}
			}
			if !ok {
				wrong = append(wrong, fmt.Sprintf("%s %.3f: %v rate %.1f %s", l.Algorithm, c, a, times, skill))
			}
		}
		kinds[fmt.Sprint(kind)] = k
	}
	slices.Sort(skills)
	slices.Sort(nulls)
	pick := func(x []float64) (o []float64) {
		for _, p := range []float64{.5, .8, .9, .95, .99} {
			o = append(o, math.Round(x[int(p*float64(len(x)))]*1000)/1000)
		}
		return o
	}
	slices.Sort(wrong)
	t.Log(pick(skills), pick(nulls))
	t.Logf("%d: named %d, right %d; sure %d, right %d; burst covered %d in10 %d refill covered %d in10 %d\n%v\n%s", n, named, right, sure, sureRight, burstOK, in10b, refillOK, in10r, kinds, strings.Join(wrong, "\n"))
}
