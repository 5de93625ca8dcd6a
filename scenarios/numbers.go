package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// decimal is the only notation of numbers: YAML would read 0777 as 511 and 1_000 as 1000.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// Integer is a whole number from min to max, which must be less than 2^53 apart from zero, as JSON numbers are.
func Integer(min, max int64) Type {
	words := "a whole number" + between(float64(min), float64(max))
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": "integer", "minimum": min, "maximum": max},
		read: func(w word, n *Node) *flaw {
			value, wrong := w.number(words, true, float64(min), float64(max))
			n.text, n.number = w.text, value
			return wrong
		},
	}
}

// Number is a number from min to max.
func Number(min, max float64) Type {
	words := "a number" + between(min, max)
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": "number", "minimum": min, "maximum": max},
		read: func(w word, n *Node) *flaw {
			value, wrong := w.number(words, false, min, max)
			n.text, n.number = w.text, value
			return wrong
		},
	}
}

// Confidence is how sure a verdict has to be: a number, or none, which reads as 0.
func Confidence() Type {
	const least, most = 0.5, 0.9999
	words := "a number" + between(least, most) + ", or none"
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": []string{"number", "string"}, "anyOf": []any{map[string]any{"type": "number", "minimum": least, "maximum": most}, map[string]any{"const": "none"}}},
		read: func(w word, n *Node) *flaw {
			if w.tag == "!!str" && w.text == "none" {
				n.text = w.text
				return nil
			}
			value, wrong := w.number(words, false, least, most)
			n.text, n.number = w.text, value
			return wrong
		},
	}
}

// Bool is true or false. The yes, no, on and off of old YAML are refused, as half of the programs read them as texts.
func Bool() Type {
	return Type{
		shape: shapeScalar, words: "true or false",
		schema: map[string]any{"type": "boolean"},
		read: func(w word, n *Node) *flaw {
			if w.tag != "!!bool" {
				return &flaw{"bad-bool", fmt.Sprintf("needs true or false, not %s", w.show()), "write true or false"}
			}
			n.text, n.truth = w.text, strings.EqualFold(w.text, "true")
			return nil
		},
	}
}

// countPattern leaves out what is no whole number, such as 1.0005k.
var countPattern = regexp.MustCompile(`^[0-9]+$|^[0-9]+(\.[0-9]{1,3})?k$|^[0-9]+(\.[0-9]{1,6})?M$`)

// Count is a whole number from min to max that may be written short: 3000, 50k, 2M, 1.5M.
func Count(min, max int64) Type {
	words := "a count" + between(float64(min), float64(max)) + " such as 3000, 50k or 1.5M"
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": []string{"integer", "string"}, "minimum": min, "maximum": max, "pattern": countPattern.String()},
		read: func(w word, n *Node) *flaw {
			n.text = w.text
			if w.tag == "!!int" || w.tag == "!!float" {
				value, wrong := w.number(words, true, float64(min), float64(max))
				n.number = value
				return wrong
			}
			if w.tag != "!!str" || !countPattern.MatchString(w.text) {
				return &flaw{"bad-count", fmt.Sprintf("needs %s, not %s", words, w.show()), "k stands for a thousand, M for a million"}
			}
			n.number = countOf(w.text)
			if n.number < float64(min) || n.number > float64(max) {
				return &flaw{"quantity-range", "is out of range: " + w.text, "write " + words}
			}
			return nil
		},
	}
}

func countOf(text string) float64 {
	unit := 1.0
	switch text[len(text)-1] {
	case 'k':
		unit = 1e3
	case 'M':
		unit = 1e6
	}
	value, _ := strconv.ParseFloat(strings.TrimRight(text, "kM"), 64) // digits only, and infinite is above every bound
	return math.Round(value * unit)
}

// number reads a number as YAML does, and refuses those that YAML reads in a way nobody means.
func (w word) number(words string, whole bool, min, max float64) (float64, *flaw) {
	needs := fmt.Sprintf("needs %s, not %s", words, w.show())
	if w.tag != "!!int" && w.tag != "!!float" {
		return 0, &flaw{"bad-number", needs, w.numberHint()}
	}
	value, _ := w.value()
	switch {
	case whole && value != math.Trunc(value):
		return 0, &flaw{"bad-number", needs, "write a whole number"}
	case value < min || value > max:
		return 0, &flaw{"out-of-range", "is out of range: " + w.text, "write " + words}
	case !decimal.MatchString(w.text) || whole && strings.Contains(w.text, "."):
		return 0, &flaw{"number-notation", fmt.Sprintf("has a number in a notation that is easily misread: %s", w.text),
			"write a plain decimal number, without leading zeros, underscores, prefixes or exponents"}
	}
	return value, nil
}

// value is the number that YAML 1.1 makes of the word; not ok if it is infinite or none.
func (w word) value() (float64, bool) {
	text := strings.ReplaceAll(w.text, "_", "")
	if whole, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(whole), true
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil && !math.IsInf(value, 0) && !math.IsNaN(value)
}

// numberHint is the way out for a text where a number belongs.
func (w word) numberHint() string {
	if value, err := strconv.ParseFloat(w.text, 64); err == nil && !w.plain {
		return fmt.Sprintf("write it without quotes: %s", strconv.FormatFloat(value, 'f', -1, 64))
	}
	return "write a plain decimal number"
}

func between(min, max float64) string {
	return fmt.Sprintf(" from %s to %s", strconv.FormatFloat(min, 'f', -1, 64), strconv.FormatFloat(max, 'f', -1, 64))
}
