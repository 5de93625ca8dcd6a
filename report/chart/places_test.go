package chart

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
	"pgregory.net/rapid"
)

// A long chart is small, and shows its highest and its lowest point.
func TestLongChart(t *testing.T) {
	svg := draw(t, long())
	if len(svg) > 64<<10 {
		t.Errorf("a chart of 100,000 points has %d bytes", len(svg))
	}
	// The spike is the end of a vertical stroke at 5,000 of 6,000 on the axis.
	p := long().Panels[0]
	top := float64(p.top(whole)) + plotHeight*(1-5000.0/6000)
	x := math.Floor(plotLeft + 77_777.0/100_000*(plotRight-plotLeft))
	y := number(top)
	if !bytes.Contains(svg, []byte(fmt.Sprintf("L%s %s", number(x+0.5), y))) && !strings.Contains(string(svg), "V"+y) {
		t.Errorf("nothing is drawn at %v,%s, where the spike is", x, y)
	}
}

// Whatever the length, places cover each period once, in order, and no extreme
// of a place is lost.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "n")
		f := frame{small: rapid.Bool().Draw(t, "small")}
		period := time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second
		axis := &span{max: float64(max(n, 1)) * period.Seconds(), domain: rapid.IntRange(1, 900).Draw(t, "pixels")}
		p := plot{box: gochart.Box{Left: 60, Right: 60 + axis.domain, Bottom: 100}, x: axis, y: &span{max: 100, domain: 100}}
		values := made(n, func(i int) float64 {
			if i*7919%13 == 0 {
				return math.NaN()
			}
			return float64(i * 31 % 101)
		})
		next, right := 0, math.Inf(-1)
		for _, at := range places(p, period, n, f) {
			if at.from != next || at.to <= at.from || at.right <= at.left || at.left < right-1e-6 {
				t.Fatalf("place %+v comes after period %d and pixel %v", at, next, right)
			}
			next, right = at.to, at.right
			low, high := math.Inf(1), math.Inf(-1)
			for _, v := range values[at.from:at.to] {
				if v != nil {
					low, high = min(low, *v), max(high, *v)
				}
			}
			got := line{Line: Line{Period: period, Values: values}}.point(p, at.from, at.to)
			if got.known != (low <= high) {
				t.Fatalf("place %+v: known is %v", at, got.known)
			}
			if got.known && (max(got.first, got.last) != p.up(low) || min(got.first, got.last) != p.up(high)) {
				t.Fatalf("place %+v shows %v; want %v to %v", at, got, p.up(high), p.up(low))
			}
		}
		if next != n {
			t.Fatalf("the places end at period %d of %d", next, n)
		}
	})
}
