package chart

import (
	"math"
	"strconv"
	"strings"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// valueTicks are round numbers from 0 up to the first that is not below top,
// at most six of them, or four where the plot is small. The last is the end of
// the axis.
func valueTicks(top float64, whole, small bool) []gochart.Tick {
	if top < 1e-12 {
		return []gochart.Tick{{Value: 0, Label: "0"}, {Value: 1, Label: "1"}}
	}
	parts, thousand := 4.0, math.Inf(1)
	if small {
		parts, thousand = 3, 1e4 // there is no room for more digits
	}
	step := roundStep(top / parts)
	if whole {
		step = max(step, 1)
	}
	n := max(1, int(math.Ceil(top/step-1e-9)))
	ticks := make([]gochart.Tick, n+1)
	for i := range ticks {
		v := float64(i) * step
		ticks[i] = gochart.Tick{Value: v, Label: tickLabel(v, step, float64(n)*step, thousand)}
	}
	return ticks
}

// roundStep is the smallest of 1, 2 and 5 times a power of ten that is not
// below v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// tickLabel writes the ticks of one axis alike: with the digits that the step
// needs, and in millions where the top is large, or in thousands from the one
// that is given.
func tickLabel(v, step, top, thousand float64) string {
	if v == 0 {
		return "0"
	}
	unit, suffix := 1.0, ""
	switch {
	case top >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case top >= 1e9:
		unit, suffix = 1e9, "G"
	case top >= 1e6:
		unit, suffix = 1e6, "M"
	case top >= thousand:
		unit, suffix = 1e3, "k"
	}
	digits := max(0, int(math.Ceil(-math.Log10(step/unit)-1e-9)))
	text := strconv.FormatFloat(v/unit, 'f', digits, 64)
	if digits > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return Group(text) + suffix
}

// Group puts commas between the thousands of a number's digits.
func Group(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, dotted := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		whole += "." + fraction
	}
	return sign + whole
}
