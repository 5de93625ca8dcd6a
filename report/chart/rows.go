package chart

import (
	"cmp"
	"time"
)

// Row is one line of a dashboard: small plots side by side under one heading.
// What their looks mean stands once above all rows.
type Row struct {
	Heading string // at the left, in bold
	Note    string // at the right
	// Cells are drawn small: of their texts, Caption and Note stand over the plot,
	// and Empty in its place. All rows of a figure have equally many, or none.
	Cells []Panel
	Empty string // shown where there are no cells
	// Plot is how high the plots are; 0 is as in a dashboard.
	Plot int
}

// The measures of rows, in pixels.
const (
	rowLeft     = 16
	rowRight    = width - 16
	rowHeading  = 24
	rowGap      = 8
	cellGap     = 8
	cellLeft    = 42 // labels of the y axis
	cellCaption = 23
	cellPlot    = 56
	cellTimes   = 22
	legendRow   = 20
)

// rows draws the title, the legend and all rows of a figure.
func (b *page) rows(f Figure) error {
	if f.Rows == nil {
		return nil
	}
	b.free(func(c *canvas) { b.y = f.above(c, b.y) })
	for _, r := range f.Rows {
		b.free(func(c *canvas) {
			c.Polyline(appendf(nil, "M# #H#", rowLeft, float64(b.y), rowRight), grid, 1, "")
			twoTexts(c, r.Heading, r.Note, rowLeft, rowRight, float64(b.y+rowHeading-7))
			c.Label(cut(r.Empty, textSize, rowRight-rowLeft), rowLeft, float64(b.y+rowHeading+12), "start", textSize, muted, false)
		})
		if r.Heading != "" || r.Note != "" || r.Empty != "" {
			b.y += rowHeading
		}
		if r.Empty != "" {
			b.y += legendRow + rowGap
			continue
		}
		n, high := len(r.Cells), cmp.Or(r.Plot, cellPlot)
		wide := (rowRight - rowLeft - (n-1)*cellGap) / max(n, 1)
		for i, p := range r.Cells {
			p.Heading = r.Heading // not drawn in a cell
			if err := b.panel(p.timed(), rowLeft+i*(wide+cellGap), b.y, frame{left: cellLeft, right: wide - arrowRoom, plot: high, small: true}); err != nil {
				return err
			}
		}
		b.y += cellCaption + high + cellTimes + rowGap
	}
	return nil
}

// above writes what holds for all rows: the title, the days and zone of the
// time axes, and the legend. It gives back where the rows begin.
func (f Figure) above(c *canvas, y int) int {
	var entries []entry
	known := map[string]bool{}
	when := ""
	for _, r := range f.Rows {
		for _, p := range r.Cells {
			if p.Empty != "" {
				continue
			}
			if when == "" {
				if when = p.PlacesName; p.Places == nil {
					when = timeName(p.Start, p.End, p.Zone)
				}
			}
			for _, e := range p.entries(c.figure) {
				if !known[e.name] {
					known[e.name] = true
					entries = append(entries, e)
				}
			}
		}
	}
	twoTexts(c, f.Title, when, rowLeft, rowRight, float64(y+rowHeading-7))
	y += rowHeading
	for _, text := range f.Lead {
		for _, line := range broken(text, textSize, rowRight-rowLeft) {
			c.Label(line, rowLeft, float64(y+legendRow-6), "start", textSize, ink, false)
			y += legendRow
		}
	}
	x := float64(rowLeft)
	for _, e := range entries {
		if x > rowLeft && x+e.width() > rowRight {
			x, y = rowLeft, y+legendRow
		}
		e.write(c, x, float64(y+legendRow-7))
		x += e.width() + entryGap
	}
	if entries != nil {
		y += legendRow
	}
	return y + rowGap
}

// twoTexts writes one in bold at the left and one at the right of a line; the
// right one goes first where there is not enough room.
func twoTexts(c *canvas, left, right string, from, to, y float64) {
	const apart = 24
	right = cut(right, textSize, (to-from)*0.6)
	room := to - from - textWidth(right, textSize) - apart
	c.Label(cut(left, headingSize*boldly, room), from, y, "start", headingSize, ink, true)
	c.Label(right, to, y, "end", textSize, ink, false)
}

// timeName names the axis by its zone and its days, and tells where the clocks
// change in between.
func timeName(start, end time.Time, zone *time.Location) string {
	start, end = in(start, zone), in(end.Add(-1), zone)
	name := start.Location().String()
	if a, b := abbreviation(start), abbreviation(end); name != "UTC" {
		if name += ", " + a; a != b {
			name += ", then " + b
		}
	}
	from, to := start.Format(time.DateOnly), end.Format(time.DateOnly)
	if from == to {
		return "time (" + name + ") on " + from
	}
	return "time (" + name + "), " + from + " to " + to
}

func abbreviation(t time.Time) string {
	name, _ := t.Zone()
	return name
}

// in is the time as the zone reads it; nil is UTC.
func in(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone)
}
