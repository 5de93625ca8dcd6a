package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

const noData = "no data"

// digits writes a number with n significant digits at least, all digits before
// the point, and commas between thousands.
func digits(v float64, n int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return noData
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return chart.Group(strconv.FormatFloat(v, 'f', 0, 64))
	}
	if a := math.Abs(v); a < 1e-6 || a >= 1e15 {
		return strconv.FormatFloat(v, 'g', n, 64)
	}
	decimals := max(0, n-1-int(math.Floor(math.Log10(math.Abs(v)))))
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return chart.Group(text)
}

// brief writes three digits, in thousands, millions or more where it is large:
// 85, 1,230, 12.3k, 2.5M.
func brief(v float64) string {
	for _, u := range []struct {
		from, unit float64
		suffix     string
	}{{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}} {
		if v >= u.from && v < 1e15 {
			n := v / u.unit
			power := math.Pow(10, max(0, 2-math.Floor(math.Log10(n))))
			return digits(math.Round(n*power)/power, 3) + u.suffix
		}
	}
	return digits(v, 3)
}

func whole[N int | int64](n N) string { return chart.Group(strconv.FormatInt(int64(n), 10)) }

func percent(fraction float64) string { return digits(fraction*100, 3) + " %" }

// quantity writes a reading with its unit, for a table.
func quantity(r record.Reading, unit string) string {
	switch {
	case !r.Known:
		return noData
	case unit == "ms" || unit == "s":
		return digits(r.Value, 3) + " " + unit
	case unit == "fraction/day":
		return percent(r.Value) + perDay
	case strings.HasPrefix(unit, "fraction"): // of what, the metric's name says
		return percent(r.Value)
	case unit == "days" && r.Value >= year:
		return "a year or more"
	case unit == "days":
		return digits(math.Round(r.Value), 3)
	case unit == "USD":
		return usd(&r.Value)
	}
	return digits(r.Value, 4)
}

// year is what a number of days says that no longer tells how many.
const year = record.Horizon

// interval writes a number with the ends of its interval: 36 (28 to 49).
func interval(v record.Values, name string) string {
	part := func(end string) string { return quantity(v[name+"."+end], metricUnit(name+"."+end)) }
	estimate, low, high := part("estimate"), part("low"), part("high")
	if !v[name+".low"].Known || !v[name+".high"].Known || low == estimate && high == estimate {
		return estimate
	}
	return estimate + " (" + strings.TrimSuffix(low, perDay) + " to " + strings.TrimSuffix(high, perDay) + ")"
}

const perDay = " a day"

// unitOf is the unit of a name in an expression, also of a part of a step and of
// an earlier run; "" where it is none of the metrics.
func unitOf(name string) string {
	_, metric, _ := strings.Cut(strings.TrimPrefix(name, "baseline."), ".")
	if i := strings.LastIndex(metric, ")."); i >= 0 {
		metric = metric[i+2:]
	}
	return metricUnit(metric)
}

func metricUnit(metric string) string {
	i := slices.IndexFunc(record.Metrics, func(m record.Metric) bool { return m.Name == metric })
	if i < 0 {
		return ""
	}
	return record.Metrics[i].Unit
}

func usd(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return "USD " + chart.Group(strconv.FormatFloat(*v, 'f', usdDecimals(*v), 64))
}

// usdDecimals shows cents, and more where a cent is too coarse.
func usdDecimals(v float64) int {
	if v != 0 && math.Abs(v) < 1 {
		return 4
	}
	return 2
}

func optional(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return digits(*v, 4)
}

// span writes a duration as people read it: 9m01s, 1h05m00s, 12.5s.
func span(d time.Duration) string {
	if d = d.Round(100 * time.Millisecond); d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
	}
	if d = d.Round(time.Second); d < time.Hour {
		return strconv.Itoa(int(d/time.Minute)) + "m" + two(d%time.Minute/time.Second) + "s"
	}
	if d >= 2*day {
		return days(d.Round(time.Minute))
	}
	return strconv.Itoa(int(d/time.Hour)) + "h" + two(d%time.Hour/time.Minute) + "m" + two(d%time.Minute/time.Second) + "s"
}

const day = 24 * time.Hour

// days writes a long time without what is zero at its end: 14d, 11d13h, 2d0h05m.
func days(d time.Duration) string {
	s := strconv.Itoa(int(d/day)) + "d"
	hours, minutes := d%day/time.Hour, d%time.Hour/time.Minute
	if hours > 0 || minutes > 0 {
		s += strconv.Itoa(int(hours)) + "h"
	}
	if minutes > 0 {
		s += two(minutes) + "m"
	}
	return s
}

// period writes the width of a window: 15 s, 5 min, 1 h.
func period(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return whole(int64(d/time.Hour)) + " h"
	case d%time.Minute == 0:
		return whole(int64(d/time.Minute)) + " min"
	}
	return digits(d.Seconds(), 3) + " s"
}

func two(n time.Duration) string {
	if n < 10 {
		return "0" + strconv.Itoa(int(n))
	}
	return strconv.Itoa(int(n))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return whole(n) + " " + many
}
