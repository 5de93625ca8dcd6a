package chart

import (
	"strconv"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Groups are columns side by side: at each place one for each of some kinds, which
// have a number each, so that they are told apart without their colours.
type Groups struct{ Kinds []Kind }

// Kind is one of them. A nil value is a gap, and drawn as one: that is no zero.
type Kind struct {
	Name   string
	Values []*float64 // by place
	// Highs are the ends of a thin line from the top of each column up; nil draws
	// none.
	Highs []*float64
}

// highWidth is how thick the thin lines are, numberHeight how high a column is
// that has room for its number, and kindRoom how wide a name may be in the legend.
const highWidth, numberHeight, kindRoom = 1.25, 12, 280

type groups struct {
	drawn
	Groups
}

func (s groups) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	for k, kind := range s.Kinds {
		p.Ranges(kind.Name, time.Second, kind.Values, kind.Highs, func() { s.draw(p, k) })
	}
}

// draw draws the columns of one kind, with its number at the foot.
func (s groups) draw(p plot, k int) {
	kind, color := s.Kinds[k], kindColor(k)
	bottom, top := float64(p.box.Bottom), float64(p.box.Top)
	var bars, zeros, gaps, lines []byte
	for i, v := range kind.Values {
		left, right := s.sides(p, i, k)
		switch {
		case v == nil || !usable(*v):
			gaps = appendf(gaps, "M# #H#V#H#z", left, bottom, right, top, left)
			continue
		case *v <= 0:
			zeros = appendf(zeros, "M# #H#", left, bottom-1, right)
		default:
			bars = appendf(bars, "M# #H#V#H#z", left, bottom, right, bottom-max(p.y.at(*v), leastHeight), left)
		}
		if high := at(kind.Highs, i); high != nil && usable(*high) && *high > *v {
			mid := (left + right) / 2
			lines = appendf(lines, "M# #V#M# #H#", mid, p.up(max(0, *v)), p.up(*high), mid-whisker, p.up(*high), mid+whisker)
		}
	}
	p.Shape(gaps, gapPaint(p.figure), "")
	p.Shape(bars, color, "")
	p.Polyline(zeros, muted, 1, "")
	p.Polyline(lines, color, highWidth, "")
	for i := range kind.Values {
		s.number(p, i, k)
	}
}

// number writes the number of a kind into the foot of its column, or over it
// where that is too low.
func (s groups) number(p plot, i, k int) {
	left, right := s.sides(p, i, k)
	name := strconv.Itoa(k + 1)
	if right-left < textWidth(name, smallSize) {
		return
	}
	v, high := s.Kinds[k].Values[i], at(s.Kinds[k].Highs, i)
	y, color := float64(p.box.Bottom)-3, paper
	switch {
	case v == nil || !usable(*v):
		color = ink
	case p.y.at(*v) < numberHeight:
		color = ink
		y -= max(0, p.y.at(*v))
		if high != nil && usable(*high) && *high > *v {
			y = p.up(*high) - 3
		}
	}
	p.Label(name, (left+right)/2, y, "middle", smallSize, color, false)
}

// sides are those of a column: a group leaves an eighth of its place free at
// either end, and columns a pixel between them.
func (s groups) sides(p plot, place, kind int) (left, right float64) {
	from, to := p.across(time.Duration(place)*time.Second), p.across(time.Duration(place+1)*time.Second)
	room := (to - from) / 8
	wide := (to - from - 2*room) / float64(len(s.Kinds))
	left = from + room + float64(kind)*wide
	right = left + wide
	if wide >= 4 {
		right--
	}
	return left, right
}

// highest is the highest end of a column or of its line.
func (g *Groups) highest() (best float64) {
	if g == nil {
		return 0
	}
	for _, kind := range g.Kinds {
		for i, v := range kind.Values {
			for _, v := range []*float64{v, at(kind.Highs, i)} {
				if kind.Values[i] != nil && v != nil && usable(*v) {
					best = max(best, *v)
				}
			}
		}
	}
	return best
}

// gaps tells whether anything is missing.
func (g *Groups) gaps() bool {
	for _, kind := range g.Kinds {
		for _, v := range kind.Values {
			if v == nil {
				return true
			}
		}
	}
	return false
}

// entries are the kinds by number and colour.
func (g *Groups) entries(figure string) (out []entry) {
	if g == nil {
		return nil
	}
	for k, kind := range g.Kinds {
		color, number := kindColor(k), strconv.Itoa(k+1)
		out = append(out, entry{cut(kind.Name, smallSize, kindRoom), func(c *canvas, x, y float64) {
			c.Shape(appendf(nil, "M# #H#V#H#z", x, y+2, x+swatchWidth, y-10, x), color, "")
			c.Label(number, x+swatchWidth/2, y, "middle", smallSize, paper, false)
		}})
	}
	if g.gaps() {
		out = append(out, noData(figure))
	}
	return out
}

// at is a value of a list that may be shorter.
func at(values []*float64, i int) *float64 {
	if i >= len(values) {
		return nil
	}
	return values[i]
}
