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
	// PerMinute counts calls; where Unit is tpm, quota tokens; of a share of a
	// quota it is the share: 0.8 for 80%.
	PerMinute float64
	Unit      string // rpm, rps, tpm, quota, rpm quota or tpm quota
}

// OfQuota says whether the rate is a share of a quota, and of which: rpm, tpm,
// or "" where the scenario does not say.
func (r Rate) OfQuota() (dimension string, ok bool) {
	dimension, ok = strings.CutSuffix(r.Unit, "quota")
	return strings.TrimSpace(dimension), ok
}

// rateUnits are the units a rate can be written in. A new unit is a row.
var rateUnits = []struct {
	name      string
	perMinute float64 // what one of the unit is in a minute
	most      float64 // of the unit; keeps a slip of the hand from planning a billion calls
}{
	{"rpm", 1, maxRate},
	{"rps", 60, maxRate / 60},
	{"tpm", 1, 1000 * maxRate},
}

// maxRate is far above what any account is given, in calls a minute.
const maxRate = 10e6

// maxQuotaShare is as far above a quota as a test of it can mean.
const maxQuotaShare = 1000 // percent

// A number has no leading zeros: some read them as octal.
const plainNumber = `(0|[1-9][0-9]*)(\.[0-9]+)?`

var (
	ratePattern       = regexp.MustCompile(`^(` + plainNumber + `)([kM]?) ?(` + rateNames("|") + `)$`)
	quotaSharePattern = regexp.MustCompile(`^(` + plainNumber + `)% of ((rpm |tpm )?quota)$`)
	percentPattern    = regexp.MustCompile(`^` + plainNumber + `%$`)
	factorPattern     = regexp.MustCompile(`^` + plainNumber + `x$`)
)

// bareNumber is a number of which only the unit is missing.
var bareNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func rateNames(separator string) string {
	names := make([]string, len(rateUnits))
	for i, unit := range rateUnits {
		names[i] = regexp.QuoteMeta(unit.name)
	}
	return strings.Join(names, separator)
}

// RateType is a rate with its unit: 60 rpm, 1.5 rps, 120k tpm, 80% of quota. (The name Rate is the value's.)
func RateType() Type {
	const words = "a rate with a unit"
	return Type{
		shape: shapeScalar, words: words + " (" + rateNames(", ") + ", % of quota)",
		schema: map[string]any{"type": "string", "pattern": ratePattern.String() + "|" + quotaSharePattern.String()},
		read: func(w word, n *Node) *flaw {
			n.text = w.text
			if bareNumber.MatchString(w.text) {
				return &flaw{"missing-unit", fmt.Sprintf("needs %s, not %s", words, w.show()),
					fmt.Sprintf("write %s rpm (requests per minute) or %s rps (requests per second)", w.text, w.text)}
			}
			if percentPattern.MatchString(w.text) {
				return &flaw{"bad-rate", fmt.Sprintf("needs %s, not %s", words, w.show()), fmt.Sprintf("write %s of quota", w.text)}
			}
			if parts := quotaSharePattern.FindStringSubmatch(w.text); parts != nil {
				n.rate = Rate{decimalValue(parts[1]) / 100, parts[4]}
				return within(w, n.rate.PerMinute*100, maxQuotaShare, "% of quota")
			}
			parts := ratePattern.FindStringSubmatch(w.text)
			if parts == nil {
				return &flaw{"bad-rate", fmt.Sprintf("needs %s, not %s", words, w.show()),
					"write a number without sign or leading zeros, and a unit, such as 60 rpm, 1.5 rps, 120k tpm or 80% of quota"}
			}
			value := decimalValue(parts[1]) * map[string]float64{"": 1, "k": 1e3, "M": 1e6}[parts[4]]
			for _, unit := range rateUnits {
				if unit.name == parts[5] {
					n.rate = Rate{value * unit.perMinute, unit.name}
					return within(w, value, unit.most, " "+unit.name)
				}
			}
			return nil
		},
	}
}

// within refuses a quantity above its bound.
func within(w word, value, most float64, unit string) *flaw {
	if value > most {
		return &flaw{"quantity-range", "is out of range: " + w.text, fmt.Sprintf("the most is %s%s", strconv.FormatFloat(math.Floor(most), 'f', -1, 64), unit)}
	}
	return nil
}

// decimalValue reads digits with a point, and nothing else: what is too long is infinite, and above every bound.
func decimalValue(digits string) float64 {
	value, _ := strconv.ParseFloat(digits, 64)
	return value
}

// Percent is a share of a whole, above 0% and at most 100%. Its value is a Float, as a fraction.
func Percent() Type {
	return scaled("a share above 0% and up to 100%, such as 70%", percentPattern, "bad-percent", 100, "the sign %: 70%", 100)
}

// Factor is how many times, up to max: 2x, 0.5x. Its value is a Float.
func Factor(max float64) Type {
	return scaled(fmt.Sprintf("a number of times up to %gx, such as 2x", max), factorPattern, "bad-factor", max, "an x: 2x", 1)
}

// scaled is a number above 0 with one unit behind it.
func scaled(words string, pattern *regexp.Regexp, code string, max float64, unit string, whole float64) Type {
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": "string", "pattern": pattern.String()},
		read: func(w word, n *Node) *flaw {
			n.text = w.text
			if !pattern.MatchString(w.text) {
				return &flaw{code, fmt.Sprintf("needs %s, not %s", words, w.show()), "write a number without sign or leading zeros, and " + unit}
			}
			value := decimalValue(w.text[:len(w.text)-1])
			if value == 0 || value > max {
				return &flaw{"quantity-range", "is out of range: " + w.text, "write " + words}
			}
			n.number = value / whole
			return nil
		},
	}
}

// ModelShares is a mapping of models to the shares that they get: {sonnet: 70%, haiku: 30%}.
func ModelShares() Type {
	t := sized(Map(Percent()), 1)
	t.model = true
	return t
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
