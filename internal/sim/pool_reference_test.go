package sim

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// deed is something that was done to a limit: a taking that may have been
// settled, or the waste of a refused call.
type deed struct {
	at      time.Time
	n, used int64 // used is n until it is settled
	settled time.Time
	waste   bool
}

// reference is a limit that remembers everything and decides by looking through
// all of it, each time anew.
type reference struct {
	algorithm    string
	quota, burst int64
	window       time.Duration
	deeds        []*deed
	order        []change // of a bucket's level, in the order of the deeds
	wastes       map[int]bool
}

func (r *reference) take(now time.Time, n int64, waste bool) *deed {
	if r.quota == 0 {
		return nil
	}
	d := &deed{at: now, n: n, used: n, waste: waste}
	r.deeds = append(r.deeds, d)
	r.wastes[len(r.order)] = waste
	r.order = append(r.order, change{now, -float64(n)})
	return d
}

func (r *reference) settle(now time.Time, d *deed, used int64) {
	if d != nil {
		d.used, d.settled = used, now
		r.order = append(r.order, change{now, float64(d.n - used)})
	}
}

// room is how much fits now.
func (r *reference) room(now time.Time) float64 {
	if r.algorithm == "bucket" {
		level, at := float64(r.burst), epoch
		for i, c := range append(r.order[:len(r.order):len(r.order)], change{now, 0}) {
			level = min(float64(r.burst), level+float64(r.quota)*float64(c.at.Sub(at))/float64(r.window))
			if floor := min(level, 0); r.wastes[i] {
				level = max(floor, level+c.by)
			} else {
				level = min(float64(r.burst), level+c.by)
			}
			at = c.at
		}
		return level
	}
	counts := func(at time.Time) bool {
		if r.algorithm == "fixed" {
			return at.Truncate(r.window).Equal(now.Truncate(r.window))
		}
		return now.Sub(at) < r.window
	}
	gone := func(d *deed) bool { // when it was settled
		if r.algorithm == "fixed" {
			return !d.settled.Truncate(r.window).Equal(d.at.Truncate(r.window))
		}
		return d.settled.Sub(d.at) >= r.window
	}
	room := r.quota
	for _, d := range r.deeds {
		switch late := !d.settled.IsZero() && gone(d); {
		case late && counts(d.settled):
			room -= max(0, d.used-d.n)
		case !late && counts(d.at):
			room -= d.used
		}
	}
	return float64(room)
}

// fits tells whether n more fit; sure is false where floating point decides.
func (r *reference) fits(now time.Time, n int64) (fits, sure bool) {
	if r.quota == 0 {
		return true, true
	}
	spare := r.room(now) - float64(n)
	return spare >= 0, r.algorithm != "bucket" || spare > 1e-3 || spare < -1e-3 || spare == 0
}

// A pool decides as the references of its limits do together, in any mixture of
// limits, through bursts, settlements below and above what was reserved, and
// refused calls that consume requests. The account's day is one of the limits.
func TestPoolAgainstReference(t *testing.T) {
	refusals := map[refusal]int{}
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string, hi int64) int64 {
			return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, hi)).Draw(t, name)
		}
		l := &limits{
			algorithm: rapid.SampledFrom([]string{"bucket", "fixed", "sliding"}).Draw(t, "algorithm"),
			rpm:       amount("rpm", 20), tpm: amount("tpm", 2000), tpd: amount("tpd", 20_000), concurrent: amount("concurrent", 10),
			burst: amount("burst", 30), burstTokens: amount("burst tokens", 3000),
			throttledConsumeRPM: rapid.Bool().Draw(t, "throttled consume"),
		}
		day := amount("account tpd", 20_000)
		dayAlgorithm := rapid.SampledFrom([]string{"bucket", "fixed", "sliding"}).Draw(t, "account algorithm")
		p := newPool(l, epoch)
		if day > 0 {
			p.account = newPool(&limits{tpd: day, algorithm: dayAlgorithm}, epoch)
		}
		limit := func(algorithm string, quota, burst int64, window time.Duration) *reference {
			if burst == 0 {
				burst = quota
			}
			return &reference{algorithm: algorithm, quota: quota, burst: burst, window: window, wastes: map[int]bool{}}
		}
		rpm, tpm := limit(l.algorithm, l.rpm, l.burst, time.Minute), limit(l.algorithm, l.tpm, l.burstTokens, time.Minute)
		tpd, account := limit(l.algorithm, l.tpd, 0, 24*time.Hour), limit(dayAlgorithm, day, 0, 24*time.Hour)

		type running struct {
			held  reservation
			deeds [4]*deed
		}
		var flying []running
		now := epoch
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			step := rapid.SampledFrom([]int{0, 1, 1_000_003, 7_000_001, 59_999_999, 60_000_000, 4*3600e6 + 7, 24 * 3600e6}).Draw(t, "µs")
			now = now.Add(time.Duration(step) * time.Microsecond)
			if len(flying) > 0 && rapid.Bool().Draw(t, "settles") {
				r, used := flying[0], rapid.Int64Range(0, 1000).Draw(t, "used")
				flying = flying[1:]
				r.held.settle(now, used)
				for i, limit := range []*reference{tpm, tpd, account} {
					limit.settle(now, r.deeds[i], used)
				}
				continue
			}
			n := rapid.Int64Range(1, 500).Draw(t, "tokens")
			want, certain := refusal(""), true
			check := func(r *reference, n int64, why refusal) {
				fits, sure := r.fits(now, n)
				certain = certain && (sure || want != "")
				if want == "" && !fits {
					want = why
				}
			}
			check(account, n, tooManyTokensPerDay)
			check(tpd, n, tooManyTokensPerDay)
			check(rpm, 1, tooManyRequests)
			if want == "" && l.concurrent > 0 && int64(len(flying)) >= l.concurrent {
				want = tooManyRequests
			}
			check(tpm, n, tooManyTokens)
			held, got := p.admit(now, n)
			if got != want && certain {
				t.Fatalf("%d tokens at %s: %q; want %q", n, now, got, want)
			}
			refusals[got]++
			if got != "" {
				if l.throttledConsumeRPM {
					rpm.take(now, 1, true)
				}
				continue
			}
			rpm.take(now, 1, false)
			flying = append(flying, running{held, [4]*deed{tpm.take(now, n, false), tpd.take(now, n, false), account.take(now, n, false)}})
		}
	})
	for _, why := range []refusal{"", tooManyRequests, tooManyTokens, tooManyTokensPerDay} {
		if refusals[why] < 20 && !testing.Short() { // which draws a fifth of the traffic
			t.Errorf("only %d answers %q: the traffic shows too little", refusals[why], why)
		}
	}
}

// However the profiles are mixed, every geography of a base model shares one
// pool, and on-demand, global and other models have their own.
func TestPoolsOfScopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account, names := "models:\n", map[string][2]string{} // by id: base model and scope
		for _, base := range []string{"anthropic.a", "anthropic.b"} {
			account += fmt.Sprintf("  - {id: %s, limits: {rpm: 10}}\n", base)
			names[base] = [2]string{base, "on-demand"}
		}
		account += "profiles:\n"
		prefixes := []string{"us", "eu", "apac", "jp", "au", "ca", "in", "us-gov", "global"}
		for _, base := range []string{"anthropic.a", "anthropic.b"} {
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(prefixes)-1), 1, len(prefixes), rapid.ID[int]).Draw(t, "profiles") {
				id, scope := prefixes[i]+"."+base, "geo"
				if prefixes[i] == "global" {
					scope = "global"
				}
				account += fmt.Sprintf("  - {id: %s, models: [%s]", id, base)
				if rapid.Bool().Draw(t, "has limits") {
					account += fmt.Sprintf(", limits: {rpm: %d}", rapid.IntRange(1, 99).Draw(t, "rpm"))
				}
				account += "}\n"
				names[id] = [2]string{base, scope}
			}
		}
		a, err := Parse("account.yaml", []byte(account))
		if err != nil {
			t.Fatal(err)
		}
		all := newTargets(a, epoch)
		for one, of := range names {
			for other, ofOther := range names {
				if shared := all[one].pool == all[other].pool; shared != (of == ofOther) {
					t.Errorf("%s and %s share a pool: %t", one, other, shared)
				}
			}
		}
	})
}
