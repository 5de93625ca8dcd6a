package chart

import (
	"math"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// place is the least stretch of a plot that is drawn on its own: one period, or
// as many as begin in one pixel, or in two of a small plot.
type place struct {
	from, to    int // periods, the last not included
	left, right float64
}

// places divides n periods.
func places(p plot, period time.Duration, n int, f frame) []place {
	least := 1.0
	if f.small {
		least = 2 // many small plots are one file
	}
	at := func(i int) float64 { return p.across(time.Duration(i) * period) }
	pitch := at(1) - at(0)
	var out []place
	for from := 0; from < n; {
		if pitch >= least || pitch <= 0 {
			out = append(out, place{from, from + 1, at(from), at(from + 1)})
			from++
			continue
		}
		left := least * math.Floor(at(from)/least)
		to := from + 1
		for to < n && at(to) < left+least {
			to++
		}
		out = append(out, place{from, to, left, left + least})
		from = to
	}
	return out
}

// Known tells for which periods something is known. Where all that share a
// place are nil, the plot is marked as one without data: that is no zero.
type Known struct {
	Period time.Duration // the first begins at the start of the panel
	Values []*float64
}

type gaps struct {
	drawn
	Known
	frame frame
}

func (s gaps) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	missing := func(at place) bool {
		for _, v := range s.Values[at.from:at.to] {
			if v != nil {
				return false
			}
		}
		return true
	}
	var d []byte
	all := places(p, s.Period, len(s.Values), s.frame)
	for i := 0; i < len(all); i++ {
		if !missing(all[i]) {
			continue
		}
		from := max(all[i].left, float64(box.Left))
		for i+1 < len(all) && missing(all[i+1]) {
			i++
		}
		d = appendf(d, "M# #H#V#H#z", from, float64(box.Bottom), min(all[i].right, float64(box.Right)), float64(box.Top), from)
	}
	p.Shape(d, gapPaint(p.figure), "")
}
