package chart

import (
	"encoding/xml"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestListed(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		k      int
		want   string
	}{
		{nil, 1, ""}, {[]float64{1, nan, 2.5}, 1, "1,,2.5"}, {[]float64{1, nan, 7, 90, nan, nan, 5}, 2, "1,7:90,,5"},
		{[]float64{1234.56, 0.123456, 123456789, 0}, 1, "1235,0.1235,123456789,0"}, {[]float64{math.Inf(1), -3}, 1, ",-3"},
	} {
		if got := string(listed(made(len(c.values), func(i int) float64 { return c.values[i] }), c.k)); got != c.want {
			t.Errorf("listed(%v, %d) = %q; want %q", c.values, c.k, got, c.want)
		}
	}
}

// A figure with data draws the same picture, and tells the numbers of every
// series; one without has nothing of it.
func TestDataStandsBesideTheDrawing(t *testing.T) {
	for name, f := range forms() {
		f.Name = name
		plain := string(draw(t, f))
		f.Data = true
		full := string(draw(t, f))
		if err := xml.Unmarshal([]byte(full), new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		bare := regexp.MustCompile(` data-[a-z]+="[^"]*"`).ReplaceAllString(full, "")
		drawn := func(s string) string {
			return strings.Join(regexp.MustCompile(`<(?:path|text)[^>]*>`).FindAllString(s, -1), "\n")
		}
		if drawn(bare) != drawn(plain) {
			t.Errorf("%s: the picture differs with data", name)
		}
		if strings.Contains(plain, "data-") {
			t.Errorf("%s: a figure that was not asked has data", name)
		}
		want := 0
		for _, p := range f.Panels {
			if p.Empty == "" && p.End.After(p.Start) {
				want += len(p.Lines)
				if p.Columns != nil {
					want += len(p.Columns.Parts)
				}
			}
		}
		if got := strings.Count(full, "data-series="); f.Rows == nil && got != want {
			t.Errorf("%s: %d series have data; want %d", name, got, want)
		}
	}
}

// A spike of a long series is among the extremes that are told.
func TestDataOfALongSeries(t *testing.T) {
	f := long()
	f.Data = true
	svg := string(draw(t, f))
	if !strings.Contains(svg, ":5000") {
		t.Error("the spike of 5000 is not told")
	}
	if len(svg) > 64<<10 {
		t.Errorf("100,000 points are %d bytes; want at most %d", len(svg), 64<<10)
	}
}

func TestMomentsAndPlaces(t *testing.T) {
	p := lined(time.Minute, made(10, constant(5)))
	p.Moments = []Moment{{start.Add(3 * time.Minute), "first throttle"}, {start.Add(-time.Minute), "before"}, {start.Add(time.Hour), "after"}}
	svg := string(draw(t, Figure{Name: "moments", Panels: []Panel{p}}))
	if !strings.Contains(svg, ">first throttle<") || strings.Contains(svg, ">before<") || strings.Contains(svg, ">after<") {
		t.Error("the legend does not name the one moment within the panel")
	}
	if got := strings.Count(svg, "l7 3.5l-7 3.5z"); got != 2 {
		t.Errorf("%d flags; want 2, in the plot and in the legend", got)
	}
	spread := Panel{Caption: "ms", Start: start, End: start.Add(3 * time.Second), Places: []string{"50", "90", "longest"}, PlacesName: "percent",
		Lines: []Line{{"latency", Median, time.Second, made(3, func(i int) float64 { return float64(i) })}}}
	svg = string(draw(t, Figure{Name: "places", Panels: []Panel{spread}, Data: true}))
	for _, want := range []string{">50<", ">90<", ">longest<", ">percent<", `data-places="50|90|longest"`, `data-values="0,1,2"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("a plot over places lacks %s", want)
		}
	}
}

// The line of a moment ends at its flag, below the names of stages, which it
// would cross out.
func TestMomentLeavesNames(t *testing.T) {
	p := lined(time.Minute, made(10, constant(5)))
	p.Borders = []Border{{At: start, Name: "hold"}}
	p.Moments = []Moment{{start.Add(10 * time.Second), "first throttle"}}
	svg := string(draw(t, Figure{Name: "moments", Panels: []Panel{p}}))
	flag := regexp.MustCompile(`M[0-9.]+ ([0-9.]+)l7 3\.5l-7 3\.5z`).FindAllStringSubmatch(svg, -1)
	line := regexp.MustCompile(`<path d="M[0-9.]+ [0-9.]+V([0-9.]+)" fill="none" stroke="`+bad+`"`).FindAllStringSubmatch(svg, -1)
	if len(flag) != 2 || len(line) != 2 {
		t.Fatalf("%d flags and %d lines; want two of each, in the plot and in the legend", len(flag), len(line))
	}
	p.Borders[0].Name = ""
	if bare := string(draw(t, Figure{Name: "moments", Panels: []Panel{p}})); strings.Contains(bare, flag[0][0]) {
		t.Error("without names the flag is as low as with them, where it is behind what is written over columns")
	}
	for i := range line {
		if line[i][1] != flag[i][1] {
			t.Errorf("a line up to %s with its flag at %s", line[i][1], flag[i][1])
		}
	}
}
