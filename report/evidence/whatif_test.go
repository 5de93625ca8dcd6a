package evidence

import (
	"math"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

// Worked by hand. The first row is the example of AWS: 2M tokens a minute hold
// 1,333 calls of 500 input tokens at max_tokens 1,000, and 31 where the model's
// 64,000 are reserved.
func TestWhatIf(t *testing.T) {
	thousand := func() *Calls { // 990 replies of 100 tokens and 10 of 1,100: a mean of 110
		c := &Calls{}
		for i := range 1000 {
			out := int64(100)
			if i%100 == 0 {
				out = 1100
			}
			c.Add(&record.Call{Outcome: record.OK, Usage: &record.Usage{Input: 500, Output: out}, QuotaTokens: 500 + 5*out})
		}
		return c
	}
	for name, tt := range map[string]struct {
		c         calls
		maxTokens int64
		want      WhatIf
		cut       float64 // -1: not known
	}{
		"reservation binds":                   {calls{input: 500, output: 200, burndown: 1, applied: 2e6, wanted: 4e6}, 1000, WhatIf{Reserved: 1500, Settled: 700, ReservedRPM: 1333.3333, SettledRPM: 2857.1429, RPM: 1333.3333, WantedRPM: 2666.6667}, -1},
		"the model's maximum":                 {calls{input: 500, output: 200, burndown: 1, applied: 2e6, wanted: 4e6}, 64000, WhatIf{Reserved: 64500, Settled: 700, ReservedRPM: 31.007752, SettledRPM: 2857.1429, RPM: 31.007752, WantedRPM: 62.015504}, -1},
		"settlement binds, since output is 5": {calls{input: 1000, output: 100, burndown: 5, applied: 300e3, wanted: 600e3}, 200, WhatIf{Reserved: 1200, Settled: 1500, ReservedRPM: 250, SettledRPM: 200, RPM: 200, WantedRPM: 400}, -1},
		"replies are cut to it":               {calls{input: 1000, output: 100, burndown: 5, applied: 300e3, wanted: 600e3}, 40, WhatIf{Reserved: 1040, Settled: 1200, ReservedRPM: 288.46154, SettledRPM: 250, RPM: 250, WantedRPM: 500}, -1},
		"the replies are known, some are cut": {calls{input: 500, output: 110, burndown: 5, applied: 1e6, wanted: 2e6, seen: thousand()}, 600, WhatIf{Reserved: 1100, Settled: 1025, ReservedRPM: 909.09091, SettledRPM: 975.60976, RPM: 909.09091, WantedRPM: 1818.1818}, 0.01},
		"the replies are known, none is cut":  {calls{input: 500, output: 110, burndown: 5, applied: 1e6, wanted: 2e6, seen: thousand()}, 1100, WhatIf{Reserved: 1600, Settled: 1050, ReservedRPM: 625, SettledRPM: 952.38095, RPM: 625, WantedRPM: 1250}, 0},
	} {
		got := tt.c.whatIf(tt.maxTokens, "")
		for what, pair := range map[string][2]float64{
			"reserved": {got.Reserved, tt.want.Reserved}, "settled": {got.Settled, tt.want.Settled}, "rpm by reservation": {got.ReservedRPM, tt.want.ReservedRPM},
			"rpm by settlement": {got.SettledRPM, tt.want.SettledRPM}, "rpm": {got.RPM, tt.want.RPM}, "rpm wanted": {got.WantedRPM, tt.want.WantedRPM},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-6*pair[1] {
				t.Errorf("%s: %s = %v; want %v", name, what, pair[0], pair[1])
			}
		}
		if (got.Cut == nil) != (tt.cut < 0) || got.Cut != nil && math.Abs(*got.Cut-tt.cut) > 1e-12 {
			t.Errorf("%s: cut = %v; want %v", name, got.Cut, tt.cut)
		}
	}
}

// A lower max_tokens is enough where it wins as much as the increase, cuts no
// reply that matters, and where what calls settle at fits after it has grown.
func TestEnough(t *testing.T) {
	lengths := func(n int, long int64) *Calls {
		c := &Calls{}
		for i := range n {
			out := int64(100)
			if i == 0 {
				out = long
			}
			c.Add(&record.Call{Usage: &record.Usage{Input: 500, Output: out}})
		}
		return c
	}
	base := calls{input: 500, output: 100, burndown: 1, applied: 1e6, wanted: 2e6}
	with := func(c calls, seen *Calls) calls { c.seen = seen; return c }
	sevenfold, less := base, base
	sevenfold.wanted, less.wanted = 7e6, 1e6
	for name, tt := range map[string]struct {
		c     calls
		asked int64
		peak  *float64
		want  int64 // 0: none
	}{
		// 4,500 reserved now; at 1,000 it is 1,500: 3 times. At 2,000 it is 1.8 times.
		"means alone":                  {base, 4000, nil, 1000},
		"lengths known":                {with(base, lengths(1000, 900)), 4000, nil, 1000},
		"the longest would be cut":     {with(base, lengths(20, 3900)), 4000, nil, 0},
		"less than one in a hundred":   {with(base, lengths(1000, 3900)), 4000, nil, 1000},
		"at the peak it settles too":   {base, 4000, new(600e3), 0},
		"at the peak it would just do": {base, 4000, new(500e3), 1000},
		"not below the mean":           {sevenfold, 4000, nil, 0}, // 4,500 / 7 = 643 < 500 + 200
		"nothing more is wanted":       {less, 4000, nil, 0},
		"nothing to lower":             {base, 100, nil, 0},
	} {
		got := tt.c.enough(tt.c.choices(&tt.asked), tt.peak)
		if (got == nil) != (tt.want == 0) || got != nil && *got != tt.want {
			t.Errorf("%s: enough = %v; want %v", name, integer(got), tt.want)
		}
	}
}

func TestShape(t *testing.T) {
	c := &Calls{}
	for i := range 500 {
		c.Add(&record.Call{Usage: &record.Usage{Input: 20_000, CacheRead: int64(5_000 + i/499), Output: int64(i + 1)}, QuotaTokens: 20_000 + 5*int64(i+1)})
	}
	c.Add(&record.Call{Warmup: true, Usage: &record.Usage{Input: 90_000, Output: 9999}})
	c.Add(&record.Call{Outcome: record.Throttled})
	s := c.shape()
	if s.Calls != 500 || s.Large != 1 || s.LargeShare != 0.002 || s.OutputP50 != 250 || s.OutputP99 == nil || *s.OutputP99 != 495 || s.OutputMax != 500 {
		t.Errorf("the shape is %+v", s)
	}
	if b := c.burndown(); b == nil || *b != 5 {
		t.Errorf("the burndown is %v; want 5", b)
	}
	in, out := c.means()
	if *in != 20_000 || *out != 250.5 {
		t.Errorf("the means are %v and %v", *in, *out)
	}
	few := &Calls{}
	few.Add(&record.Call{Usage: &record.Usage{Input: 1, Output: 1}})
	if few.shape().OutputP99 != nil {
		t.Error("a p99 of one call")
	}
	if in, _ := (&Calls{}).means(); in != nil {
		t.Error("a mean of no call")
	}
}
