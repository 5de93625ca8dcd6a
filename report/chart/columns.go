package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Columns are stacked counts: one column a period, each as high as its count.
type Columns struct {
	Period time.Duration // the first begins at the start of the panel
	// Parts are stacked from the axis up. All have the same number of values.
	Parts []Part
	// Notes are written over columns, as far as there is room: the first in
	// the list go first.
	Notes []Note
}

// Part is one colour of the columns. Where every part is nil there is no column;
// a nil beside other values adds nothing.
type Part struct {
	Name   string
	Look   Look
	Values []*float64
}

// Note is a short text over the column with the index.
type Note struct {
	Column int
	Text   string
}

// leastHeight is how high a part is drawn at least, in pixels, where it is not
// zero: one throttled call among thousands must be seen.
const leastHeight = 1.5

// columns draws them. go-chart's own stacked bars show shares of 100 %, have
// no time axis and leave out zero parts before they choose colours.
type columns struct {
	drawn
	Columns
}

func (s columns) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	tops := make([]float64, s.count())
	for i := range tops {
		tops[i] = float64(box.Bottom)
	}
	pitch := p.across(s.Period) - p.across(0)
	for _, part := range s.Parts {
		var d []byte
		for i, v := range part.Values {
			if v == nil || !usable(*v) || *v <= 0 {
				continue
			}
			h := max(p.y.at(*v), leastHeight)
			left, right := s.sides(p, i)
			d = appendf(d, "M# #H#V#H#z", left, tops[i], right, tops[i]-h, left)
			tops[i] -= h
		}
		outline := ""
		if pitch >= 6 {
			outline = part.Look.outline()
		}
		p.Series(part.Name, s.Period, part.Values, func() { p.Shape(d, part.Look.paint(p.figure), outline) })
	}
	s.drawZeros(p)
	s.drawNotes(p, tops)
}

// sides leaves a fifth of the pitch free between columns that are wide enough.
func (s columns) sides(p plot, i int) (left, right float64) {
	left, right = p.across(time.Duration(i)*s.Period), p.across(time.Duration(i+1)*s.Period)
	if w := right - left; w >= 4 {
		left, right = left+w/10, right-w/10
	}
	return left, min(right, float64(p.box.Right))
}

// drawZeros draws a thin line where the count is known to be zero.
func (s columns) drawZeros(p plot) {
	var d []byte
	for i := range s.count() {
		if s.missing(i) || s.total(i) != 0 {
			continue
		}
		left, right := s.sides(p, i)
		d = appendf(d, "M# #H#", left, float64(p.box.Bottom)-1, right)
	}
	p.Polyline(d, muted, 1, "")
}

// drawNotes writes each note over the highest of the columns that it covers,
// unless it would leave the plot or meet one that is there already.
func (s columns) drawNotes(p plot, tops []float64) {
	const most, height = 12, 12
	type place struct{ left, right, base float64 }
	var taken []place
next:
	for _, n := range s.Notes {
		half := textWidth(n.Text, smallSize)/2 + 2
		left, right := s.sides(p, n.Column)
		at := place{(left+right)/2 - half, (left+right)/2 + half, tops[n.Column]}
		if len(taken) == most || at.left < float64(p.box.Left) || at.right > float64(p.box.Right) {
			continue
		}
		for i, top := range tops {
			if l, r := s.sides(p, i); r > at.left && l < at.right {
				at.base = min(at.base, top)
			}
		}
		at.base -= 3
		if at.base-height < float64(p.box.Top) {
			continue
		}
		for _, t := range taken {
			if at.left < t.right && t.left < at.right && at.base-height < t.base && t.base-height < at.base {
				continue next
			}
		}
		taken = append(taken, at)
		// The paper behind it hides the border of a stage, never a column.
		p.Shape(appendf(nil, "M# #H#V#H#z", at.left, at.base+2, at.right, at.base-height+2, at.left), paper, "")
		p.Label(n.Text, (at.left+at.right)/2, at.base, "middle", smallSize, bad, false)
	}
}

func (c Columns) count() int {
	if len(c.Parts) == 0 {
		return 0
	}
	return len(c.Parts[0].Values)
}

func (c Columns) missing(i int) bool {
	for _, part := range c.Parts {
		if part.Values[i] != nil {
			return false
		}
	}
	return true
}

func (c Columns) total(i int) float64 {
	sum := 0.0
	for _, part := range c.Parts {
		if v := part.Values[i]; v != nil && usable(*v) {
			sum += max(0, *v)
		}
	}
	return sum
}

func (c Columns) highest() float64 {
	best := 0.0
	for i := range c.count() {
		best = max(best, c.total(i))
	}
	return best
}
