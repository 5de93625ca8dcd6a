package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Rate is how much to send in a minute, and the unit it was written in.
type Rate struct {
	PerMinute float64
	Unit      string
}

// rateUnits are the units a rate can be written in. A new unit is a row.
var rateUnits = []struct {
	name      string
	perMinute float64 // what one of the unit is in a minute
}{
	{"rpm", 1},
	{"rps", 60},
}

// maxRate is far above what any account is given, and keeps a slip of the hand from planning a billion calls.
const maxRate = 10e6

// ratePattern has no leading zeros: some read them as octal.
var ratePattern = regexp.MustCompile(`^((?:0|[1-9][0-9]*)(\.[0-9]+)?) ?(` + rateNames("|") + `)$`)

// bareNumber is a number of which only the unit is missing.
var bareNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func rateNames(separator string) string {
	names := make([]string, len(rateUnits))
	for i, unit := range rateUnits {
		names[i] = regexp.QuoteMeta(unit.name)
	}
	return strings.Join(names, separator)
}

// RateType is a rate with its unit: 60 rpm, 1.5 rps. (The name Rate is the value's.)
func RateType() Type {
	const words = "a rate with a unit"
	return Type{
		shape: shapeScalar, words: words + " (" + rateNames(", ") + ")",
		schema: map[string]any{"type": "string", "pattern": ratePattern.String()},
		read: func(w word, n *Node) *flaw {
			n.text = w.text
			if bareNumber.MatchString(w.text) {
				return &flaw{"missing-unit", fmt.Sprintf("needs %s, not %s", words, w.show()),
					fmt.Sprintf("write %s rpm (requests per minute) or %s rps (requests per second)", w.text, w.text)}
			}
			parts := ratePattern.FindStringSubmatch(w.text)
			if parts == nil {
				return &flaw{"bad-rate", fmt.Sprintf("needs %s, not %s", words, w.show()), "write a number without sign or leading zeros, and a unit, such as 60 rpm or 1.5 rps"}
			}
			value, _ := strconv.ParseFloat(parts[1], 64) // digits only, and infinite is above the bound
			for _, unit := range rateUnits {
				if unit.name == parts[3] {
					n.rate = Rate{value * unit.perMinute, unit.name}
				}
			}
			if n.rate.PerMinute > maxRate {
				return &flaw{"quantity-range", "is out of range: " + w.text, fmt.Sprintf("the most is %d rpm", int64(maxRate))}
			}
			return nil
		},
	}
}

// durationUnits are the units of a duration, in the order in which they may follow each other.
var durationUnits = []struct {
	name string
	unit time.Duration
}{
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
}

var durationPattern = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?d)?([0-9]+(\.[0-9]+)?h)?([0-9]+(\.[0-9]+)?m)?([0-9]+(\.[0-9]+)?s)?([0-9]+(\.[0-9]+)?ms)?$`)

// Duration is a length of time with its unit, from min to max: 500ms, 30s, 1m30s, 24h, 14d.
func Duration(min, max time.Duration) Type {
	words := fmt.Sprintf("a duration with a unit, %s to %s", shortDuration(min), shortDuration(max))
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": "string", "pattern": durationPattern.String(), "minLength": 2},
		read: func(w word, n *Node) *flaw {
			n.text = w.text
			if bareNumber.MatchString(w.text) {
				return &flaw{"missing-unit", fmt.Sprintf("needs a duration with a unit, not %s", w.show()),
					fmt.Sprintf("write %ss, %sm or %sh", w.text, w.text, w.text)}
			}
			if w.tag != "!!str" || w.text == "" || !durationPattern.MatchString(w.text) {
				return &flaw{"bad-duration", fmt.Sprintf("needs a duration with a unit, not %s", w.show()),
					"write numbers that are not negative, each with its unit and without blanks: 500ms, 30s, 1m30s, 24h, 14d"}
			}
			nanoseconds := durationOf(w.text)
			if nanoseconds < float64(min) || nanoseconds > float64(max) {
				return &flaw{"quantity-range", "is out of range: " + w.text, "write " + words}
			}
			n.duration = time.Duration(nanoseconds)
			return nil
		},
	}
}

// durationOf adds up the parts of a text that matches durationPattern, in nanoseconds.
func durationOf(text string) float64 {
	parts := durationPattern.FindStringSubmatch(text)
	sum := 0.0
	for i, row := range durationUnits {
		part := strings.TrimSuffix(parts[1+2*i], row.name)
		value, err := strconv.ParseFloat(part, 64)
		if err == nil || math.IsInf(value, 0) {
			sum += math.Round(value * float64(row.unit))
		}
	}
	return sum
}

// shortDuration writes a whole duration in its largest unit.
func shortDuration(d time.Duration) string {
	for _, row := range durationUnits {
		if d >= row.unit && d%row.unit == 0 {
			return fmt.Sprintf("%d%s", d/row.unit, row.name)
		}
	}
	return d.String()
}
