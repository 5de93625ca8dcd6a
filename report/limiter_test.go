package report

import (
	"testing"

	"github.com/loadline-dev/loadline/record"
)

func TestLimiterInWords(t *testing.T) {
	v := func(x float64) *float64 { return &x }
	whole := record.Limiter{Unit: "rpm", Algorithm: record.AlgorithmBucket, Confidence: v(0.99), Burst: v(60), BurstLow: v(59), BurstHigh: v(61), Refill: v(120), RefillLow: v(119), RefillHigh: v(121), Why: "900 calls"}
	with := func(change func(*record.Limiter)) record.Limiter {
		l := whole
		change(&l)
		return l
	}
	for _, tt := range []struct {
		l    record.Limiter
		want string
	}{
		{whole, "the rpm limiter is a bucket that refills all the time, confidence 0.99; it admits 60 (59 to 61) calls at once and 120 (119 to 121) a minute (900 calls)"},
		{with(func(l *record.Limiter) { l.Refused = "counted" }), "the rpm limiter is a bucket that refills all the time, confidence 0.99; it admits 60 (59 to 61) calls at once and 120 (119 to 121) a minute; calls that are refused take from it (900 calls)"},
		{with(func(l *record.Limiter) {
			l.Algorithm, l.Opens, l.BurstLow, l.Unit = record.AlgorithmFixed, "clock", nil, "tpm"
		}), "the tpm limiter is a fixed minute of the clock, confidence 0.99; it admits 60 quota tokens at once and 120 (119 to 121) a minute (900 calls)"},
		{with(func(l *record.Limiter) { l.Algorithm, l.Opens, l.Second = record.AlgorithmFixed, "second", v(41) }), "the rpm limiter is a fixed minute that begins at second 41 of the clock's, confidence 0.99; it admits 60 (59 to 61) calls at once and 120 (119 to 121) a minute (900 calls)"},
		{with(func(l *record.Limiter) { l.Algorithm, l.Opens = record.AlgorithmFixed, "call" }), "the rpm limiter is a fixed minute that begins with a call, confidence 0.99; it admits 60 (59 to 61) calls at once and 120 (119 to 121) a minute (900 calls)"},
		{record.Limiter{Unit: "rpm", Algorithm: record.AlgorithmUnknown, Why: "nothing was\nthrottled"}, "how the rpm limiter works is unknown (nothing was throttled)"},
		{record.Limiter{Unit: "rpm", Algorithm: record.AlgorithmBucket, Why: "a file of another making"}, "how the rpm limiter works is unknown (a file of another making)"},
	} {
		if got := limiterOf(&tt.l); got != tt.want {
			t.Errorf("%+v reads\n%s; want\n%s", tt.l, got, tt.want)
		}
	}
}
