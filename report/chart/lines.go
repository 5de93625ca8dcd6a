package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Line joins one value a period, at the middle of the period. A nil is a gap:
// the line ends and begins again. A value without neighbours is a dot. The axis
// begins at zero, and what is below is drawn there. Where several periods share
// a place, the lowest and the highest of them are drawn, so that no spike is
// lost however long the series.
type Line struct {
	Name   string
	Look   Look
	Period time.Duration
	Values []*float64
}

type line struct {
	drawn
	Line
	frame frame
}

func (s line) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	k := looks[s.Look]
	points := s.points(p)
	var d, dots []byte
	for i, at := range points {
		if !at.known {
			continue
		}
		before, after := i > 0 && points[i-1].known, i+1 < len(points) && points[i+1].known
		switch {
		case before:
			d = appendf(d, "L# #", at.x, at.first)
		case after || at.first != at.last:
			d = appendf(d, "M# #", at.x, at.first)
		default:
			dots = appendf(dots, "M# #h0", at.x, at.first)
			continue
		}
		if at.first != at.last {
			d = appendf(d, "V#", at.last)
		}
	}
	weight := 1.75
	if s.frame.small {
		weight = 1.25
	}
	p.Series(s.Name, s.Period, s.Values, func() {
		p.Polyline(d, k.color, weight, k.dash)
		p.Dots(dots, k.color)
	})
}

// point is what a line shows at one place, in pixels: the period's value, or of
// several periods the lowest and the highest in the order in which they came.
type point struct {
	x, first, last float64
	known          bool
}

func (s line) points(p plot) []point {
	var out []point
	for _, place := range places(p, s.Period, len(s.Values), s.frame) {
		at := s.point(p, place.from, place.to)
		at.x = min((place.left+place.right)/2, float64(p.box.Right))
		out = append(out, at)
	}
	return out
}

// point is that of some periods, without its place.
func (s line) point(p plot, from, to int) point {
	low, high := -1, -1
	for i := from; i < to; i++ {
		v := s.Values[i]
		if v == nil || !usable(*v) {
			continue
		}
		if low < 0 || *v < *s.Values[low] {
			low = i
		}
		if high < 0 || *v > *s.Values[high] {
			high = i
		}
	}
	if low < 0 {
		return point{}
	}
	y := func(i int) float64 { return p.up(max(0, *s.Values[i])) }
	return point{first: y(min(low, high)), last: y(max(low, high)), known: true}
}
