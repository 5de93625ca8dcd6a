package report

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// limiterLines are what probes found out, a sentence a model.
func limiterLines(l *record.Load) (out []string) {
	for i := range l.Limiters {
		out = append(out, oneLine(l.Limiters[i].Model)+": "+limiterOf(&l.Limiters[i]))
	}
	return out
}

// limiterOf is "bucket, confidence 0.99: admits 60 (59 to 61) at once and 120
// (119 to 121) a minute, in rpm".
func limiterOf(l *record.Limiter) string {
	if l.Algorithm == record.AlgorithmUnknown || l.Burst == nil || l.Refill == nil || l.Confidence == nil {
		return fmt.Sprintf("how the %s limiter works is unknown (%s)", oneLine(l.Unit), oneLine(l.Why))
	}
	what := "calls"
	if l.Unit == "tpm" {
		what = "quota tokens"
	}
	between := func(v, low, high *float64) string {
		s := digits(*v, 4)
		if low != nil && high != nil {
			s += " (" + digits(*low, 4) + " to " + digits(*high, 4) + ")"
		}
		return s
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the %s limiter is %s, confidence %s; it admits %s %s at once and %s a minute", oneLine(l.Unit), algorithmWord(l), digits(*l.Confidence, 2),
		between(l.Burst, l.BurstLow, l.BurstHigh), what, between(l.Refill, l.RefillLow, l.RefillHigh))
	switch l.Refused {
	case "counted":
		b.WriteString("; calls that are refused take from it")
	case "free":
		b.WriteString("; calls that are refused take nothing from it")
	}
	fmt.Fprintf(&b, " (%s)", oneLine(l.Why))
	return b.String()
}

func algorithmWord(l *record.Limiter) string {
	switch l.Algorithm {
	case record.AlgorithmBucket:
		return "a bucket that refills all the time"
	case record.AlgorithmSliding:
		return "a sliding minute"
	case record.AlgorithmFixed:
		switch {
		case l.Opens == "clock":
			return "a fixed minute of the clock"
		case l.Opens == "call":
			return "a fixed minute that begins with a call"
		case l.Second != nil:
			return "a fixed minute that begins at second " + digits(*l.Second, 2) + " of the clock's"
		}
		return "a fixed minute"
	}
	return oneLine(l.Algorithm)
}

var theoryHead = []string{"model", "theory", "probability", "calls foretold wrongly"}

// theoryRows are the theories that were held against the calls of probes.
func theoryRows(l *record.Load) (out [][]string) {
	for i := range l.Limiters {
		for _, t := range l.Limiters[i].Theories {
			name := oneLine(t.Algorithm)
			if t.Algorithm == record.AlgorithmUnknown {
				name = "no limiter, chance"
			}
			out = append(out, []string{oneLine(l.Limiters[i].Model), name, digits(t.Probability, 2), percent(t.Off)})
		}
	}
	return out
}
