package chart

import (
	"slices"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Moment is a point in time that matters: a line from the axis up to a flag, which
// is below the names of stages where there are any. Its name stands in the
// legend, where it covers nothing.
type Moment struct {
	At   time.Time
	Name string
}

func (m Moment) within(p Panel) bool { return !m.At.Before(p.Start) && !m.At.After(p.End) }

// sign draws the line, and its flag at the upper end.
func (m Moment) sign(c *canvas, x, bottom, top float64) {
	c.Polyline(appendf(nil, "M# #V#", x, bottom, top), bad, 1.5, "")
	c.Shape(appendf(nil, "M# #l7 3.5l-7 3.5z", x, top), bad, "")
}

type moment struct {
	drawn
	Moment
	start time.Time
	down  int // how far below the upper edge it ends
}

// momentsDown is how far below the upper edge of the plot moments end: below the
// names of stages where there are any.
func (p Panel) momentsDown() int {
	if slices.ContainsFunc(p.Borders, func(b Border) bool { return b.Name != "" }) {
		return nameLine + 3
	}
	return 0
}

func (s moment) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	at := p.across(s.At.Sub(s.start))
	if at < float64(box.Left) || at > float64(box.Right) {
		return
	}
	s.sign(p.canvas, at, float64(box.Bottom), float64(box.Top+s.down))
}

// placeTicks are at the middle of each of the places, nil without any.
func (p Panel) placeTicks() []gochart.Tick {
	var out []gochart.Tick
	for i, name := range p.Places {
		out = append(out, gochart.Tick{Value: float64(i) + 0.5, Label: name})
	}
	return out
}
