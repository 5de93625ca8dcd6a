package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// shading marks a stretch of time behind the data.
type shading struct {
	drawn
	Shade
	start time.Time
}

// nameLine is how far below the upper edge of the plot names are written.
const nameLine = 11

func (s shading) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	left := max(p.across(s.From.Sub(s.start)), float64(box.Left))
	right := min(p.across(s.To.Sub(s.start)), float64(box.Right))
	if right <= left {
		return
	}
	p.Shape(appendf(nil, "M# #H#V#H#z", left, float64(box.Bottom), right, float64(box.Top), left), shade, "")
}

// borderline is the moment at which a stage begins, with its name to the right
// of it as far as there is room before the next.
type borderline struct {
	drawn
	Border
	after time.Duration // after the start of the panel
	room  time.Duration // until the next, or the end
}

// borders are those within the panel. At its very start only the name is
// drawn: the axis is there.
func (p Panel) borders() []borderline {
	var out []borderline
	for _, b := range p.Borders {
		if b.At.Before(p.Start) || !b.At.Before(p.End) {
			continue
		}
		if n := len(out); n > 0 {
			out[n-1].room = b.At.Sub(out[n-1].At)
		}
		out = append(out, borderline{Border: b, after: b.At.Sub(p.Start), room: p.End.Sub(b.At)})
	}
	return out
}

func (b borderline) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	at := p.across(b.after)
	if b.after > 0 {
		p.Polyline(appendf(nil, "M# #V#", at, float64(box.Bottom), float64(box.Top)), border, 1, "3 3")
	}
	room := p.across(b.room) - p.across(0) - 6
	name := cut(b.Name, smallSize, room)
	if name == "" {
		return
	}
	p.Label(name, at+4, float64(box.Top+nameLine), "start", smallSize, muted, false)
}

// nothing is the series of a panel without any: go-chart wants one.
type nothing struct{ drawn }

func (nothing) Render(gochart.Renderer, gochart.Box, gochart.Range, gochart.Range, gochart.Style) {}
