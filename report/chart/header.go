package chart

import (
	"slices"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// header writes what stands over the plot: heading and note, then caption and
// legend. It is above the plot and not in it, so that it covers no data.
func (p Panel) header(f frame) gochart.Renderable {
	return func(r gochart.Renderer, _ gochart.Box, _ gochart.Style) {
		c := r.(*canvas)
		if f.small {
			p.smallHeader(c, f)
			return
		}
		y := 0.0
		if p.Heading != "" {
			twoTexts(c, p.Heading, p.Note, float64(f.left), float64(f.right), y+headingRow-9)
			y += headingRow
		}
		if p.Empty != "" {
			c.Label(cut(p.Empty, textSize, float64(f.right-f.left)), float64(f.left), y+20, "start", textSize, muted, false)
			return
		}
		left := p.legend(c, y+captionRow-9, f)
		c.Label(cut(p.Caption, smallSize, left-float64(f.left)-12), float64(f.left), y+captionRow-9, "start", smallSize, muted, false)
	}
}

// smallHeader is one line: what is counted, and what is to be known of it. The
// second goes first where there is not enough room.
func (p Panel) smallHeader(c *canvas, f frame) {
	const apart, base = 10, cellCaption - 11
	note := cut(p.Note, smallSize, float64(f.right))
	c.Label(note, float64(f.right), base, "end", smallSize, ink, false)
	c.Label(cut(p.Caption, smallSize, float64(f.right)-textWidth(note, smallSize)-apart), 0, base, "start", smallSize, muted, false)
	c.Label(cut(p.Empty, smallSize, float64(f.right-f.left)), float64(f.left), cellCaption+cellPlot/2, "start", smallSize, muted, false)
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

func (e entry) width() float64 { return swatchWidth + swatchGap + textWidth(e.name, smallSize) }

func (e entry) write(c *canvas, x, y float64) {
	e.draw(c, x, y)
	c.Label(e.name, x+swatchWidth+swatchGap, y, "start", smallSize, ink, false)
}

// square is an entry with a swatch filled with a paint.
func square(name, paint, outline string) entry {
	return entry{name, func(c *canvas, x, y float64) {
		c.Shape(appendf(nil, "M# #H#V#H#z", x, y+1, x+swatchWidth, y-9, x), paint, outline)
	}}
}

// stroke is an entry with a piece of a line.
func stroke(name string, l Look) entry {
	k := looks[l]
	return entry{name, func(c *canvas, x, y float64) {
		c.Polyline(appendf(nil, "M# #H#", x, y-4, x+swatchWidth), k.color, 2, k.dash)
	}}
}

// noData is the entry of gaps.
func noData(figure string) entry { return square("no data", gapPaint(figure), border) }

// legend writes the entries up to the right edge and gives back where they
// begin.
func (p Panel) legend(c *canvas, y float64, f frame) float64 {
	entries := p.entries(c.figure)
	x := float64(f.right)
	for _, e := range entries {
		x -= e.width() + entryGap
	}
	x += entryGap
	left := x
	for _, e := range entries {
		e.write(c, x, y)
		x += e.width() + entryGap
	}
	return left
}

func (p Panel) entries(figure string) []entry {
	var out []entry
	if p.Columns != nil {
		for _, part := range p.Columns.Parts {
			out = append(out, square(part.Name, part.Look.paint(figure), part.Look.outline()))
		}
	}
	out = append(out, p.Groups.entries(figure)...)
	for _, l := range p.Lines {
		out = append(out, stroke(l.Name, l.Look))
	}
	for _, s := range p.Points {
		out = append(out, stroke(s.Name, s.Look))
	}
	for _, m := range p.Marks {
		if p.Beyond(m) {
			out = append(out, entry{m.Name, func(c *canvas, x, y float64) {
				c.Shape(arrow(x+swatchWidth/2, y-8), looks[m.Look].color, "")
			}})
			continue
		}
		out = append(out, stroke(m.Name, m.Look))
	}
	for _, m := range p.Moments {
		if m.within(p) {
			out = append(out, entry{m.Name, func(c *canvas, x, y float64) { m.sign(c, x+swatchWidth/2, y+1, y-9) }})
		}
	}
	for _, n := range p.BarNames {
		if slices.ContainsFunc(p.Bars, func(b Bar) bool { return b.Look == n.Look }) {
			out = append(out, square(n.Name, n.Look.paint(figure), n.Look.outline()))
		}
	}
	for _, b := range p.Bands {
		out = append(out, square(b.Name, shade, border))
	}
	for i, s := range p.Shades {
		if i == 0 {
			out = append(out, square(s.Name, shade, border))
		}
	}
	if p.Known != nil && slices.Contains(p.Known.Values, nil) {
		out = append(out, noData(figure))
	}
	return out
}
