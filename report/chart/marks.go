package chart

import gochart "github.com/wcharczuk/go-chart/v2"

// Mark is a value that the data are seen against, drawn as a line over the
// whole time. One far above the data would press them flat: it lies beyond the
// scale, and a small arrow beside the upper end of the plot points to it. Its
// name stands in the legend, so the one who gives it says the value there.
type Mark struct {
	Name  string
	Look  Look
	Value float64
}

// farAbove is how many times the highest value a mark may be at most to lie
// within the scale: a fifth of the plot still shows the form of the data.
const farAbove = 5

// within tells whether the mark lies within the scale of data that go so high.
func (m Mark) within(highest float64) bool {
	return usable(m.Value) && m.Value <= highest*farAbove
}

// Beyond tells whether the mark lies above the scale of the panel.
func (p Panel) Beyond(m Mark) bool { return !m.within(p.data()) }

type marking struct {
	drawn
	Mark
}

func (s marking) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	k := looks[s.Look]
	if !usable(s.Value) || s.Value < 0 {
		return
	}
	if s.Value <= p.y.max {
		p.Polyline(appendf(nil, "M# #H#", float64(box.Left), p.up(s.Value), float64(box.Right)), k.color, 1.5, k.dash)
		return
	}
	p.Shape(arrow(float64(box.Right)+arrowRoom/2, float64(box.Top)-1), k.color, "")
}

// arrowRoom is the room for an arrow at the right of a plot.
const arrowRoom = 12

// arrow points up, with its tip at x,y.
func arrow(x, y float64) []byte { return appendf(nil, "M# #l5 7h-10z", x, y) }
