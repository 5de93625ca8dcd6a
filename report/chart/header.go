package chart

import (
	"slices"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// header writes what stands over the plot: heading and note, then caption and
// legend. It is above the plot and not in it, so that it covers no data.
func (p Panel) header(r gochart.Renderer, _ gochart.Box, _ gochart.Style) {
	c := r.(*canvas)
	y := 0.0
	if p.Heading != "" {
		const gap = 24
		note := cut(p.Note, textSize, (plotRight-plotLeft)*0.6)
		room := float64(plotRight-plotLeft) - textWidth(note, textSize) - gap
		c.Label(cut(p.Heading, headingSize*1.1, room), plotLeft, y+headingRow-9, "start", headingSize, ink, true)
		c.Label(note, plotRight, y+headingRow-9, "end", textSize, ink, false)
		y += headingRow
	}
	if p.Empty != "" {
		c.Label(cut(p.Empty, textSize, plotRight-plotLeft), plotLeft, y+20, "start", textSize, muted, false)
		return
	}
	left := p.legend(c, y+captionRow-9)
	c.Label(cut(p.Caption, smallSize, left-plotLeft-12), plotLeft, y+captionRow-9, "start", smallSize, muted, false)
}

// entry is one row of a legend.
type entry struct {
	name string
	draw func(c *canvas, x, y float64)
}

const (
	swatchWidth = 18
	swatchGap   = 5
	entryGap    = 16
)

// legend writes the entries up to the right edge and gives back where they
// begin.
func (p Panel) legend(c *canvas, y float64) float64 {
	entries := p.entries(c.figure)
	x := float64(plotRight)
	for _, e := range entries {
		x -= swatchWidth + swatchGap + textWidth(e.name, smallSize) + entryGap
	}
	x += entryGap
	left := x
	for _, e := range entries {
		e.draw(c, x, y)
		c.Label(e.name, x+swatchWidth+swatchGap, y, "start", smallSize, ink, false)
		x += swatchWidth + swatchGap + textWidth(e.name, smallSize) + entryGap
	}
	return left
}

func (p Panel) entries(figure string) []entry {
	var out []entry
	square := func(name, paint, outline string) {
		out = append(out, entry{name, func(c *canvas, x, y float64) {
			c.Shape(appendf(nil, "M# #H#V#H#z", x, y+1, x+swatchWidth, y-9, x), paint, outline)
		}})
	}
	if p.Columns != nil {
		for _, part := range p.Columns.Parts {
			square(part.Name, part.Look.paint(figure), part.Look.outline())
		}
	}
	for _, l := range p.Lines {
		k := looks[l.Look]
		out = append(out, entry{l.Name, func(c *canvas, x, y float64) {
			c.Polyline(appendf(nil, "M# #H#", x, y-4, x+swatchWidth), k.color, 2, k.dash)
		}})
	}
	for _, n := range p.BarNames {
		if slices.ContainsFunc(p.Bars, func(b Bar) bool { return b.Look == n.Look }) {
			square(n.Name, n.Look.paint(figure), n.Look.outline())
		}
	}
	for _, b := range p.Bands {
		square(b.Name, shade, border)
	}
	for i, s := range p.Shades {
		if i == 0 {
			square(s.Name, shade, border)
		}
	}
	if p.Columns != nil && p.Columns.gaps() {
		square("no data", gap, border)
	}
	return out
}
