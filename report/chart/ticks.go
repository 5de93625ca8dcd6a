package chart

import (
	"math"
	"strconv"
	"strings"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// valueTicks are round numbers from 0 up to the first that is not below top,
// at most six of them. The last is the end of the axis.
func valueTicks(top float64, whole bool) []gochart.Tick {
	if top < 1e-12 {
		return []gochart.Tick{{Value: 0, Label: "0"}, {Value: 1, Label: "1"}}
	}
	step := roundStep(top / 4)
	if whole {
		step = max(step, 1)
	}
	n := max(1, int(math.Ceil(top/step-1e-9)))
	ticks := make([]gochart.Tick, n+1)
	for i := range ticks {
		v := float64(i) * step
		ticks[i] = gochart.Tick{Value: v, Label: tickLabel(v, step, float64(n)*step)}
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
// needs, and in thousands or millions where the top is large.
func tickLabel(v, step, top float64) string {
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

// minimumOverhang is how far a label may reach over the left end of the plot:
// the room that the labels of the y axis take in any case.
const minimumOverhang = gochart.DefaultYAxisMargin + 6

const day = 24 * time.Hour

var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day,
}

// timeTicks are round times in UTC; their values are seconds after start. At
// least one tick comes back, since go-chart makes its own where it gets none.
func timeTicks(start, end time.Time, pixels float64) []gochart.Tick {
	const room = 72 // for one label
	length := end.Sub(start)
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if float64(length)/float64(s)*room <= pixels {
			step = s
			break
		}
	}
	start = start.UTC()
	t := start.Truncate(step)
	if t.Before(start) {
		t = t.Add(step)
	}
	var ticks []gochart.Tick
	for ; !t.After(end); t = t.Add(step) {
		at := t.Sub(start).Seconds()
		label := timeLabel(t, step)
		// A label that would reach over an end is left out, its tick is not:
		// go-chart would shrink the plot for it.
		x := at / length.Seconds() * pixels
		if half := textWidth(label, smallSize)/2 + 1; x+half > pixels || x-half < -minimumOverhang {
			label = ""
		}
		ticks = append(ticks, gochart.Tick{Value: at, Label: label})
	}
	if ticks == nil {
		return []gochart.Tick{{}}
	}
	return ticks
}

func timeLabel(t time.Time, step time.Duration) string {
	switch {
	case t.Equal(t.Truncate(day)):
		return t.Format("Jan 2")
	case step < time.Minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// timeName names the axis by its zone and its days.
func timeName(start, end time.Time) string {
	from, to := start.UTC().Format("2006-01-02"), end.UTC().Format("2006-01-02")
	if from == to {
		return "time (UTC) on " + from
	}
	return "time (UTC), " + from + " to " + to
}
