package chart

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Figure is one SVG file.
type Figure struct {
	// Name begins every id inside, so that several figures can share a page.
	// Characters other than letters, digits, '-' and '_' are replaced.
	Name  string
	Title string
	Desc  string // the numbers in words, for who cannot see the picture
	// Panels are drawn from top to bottom.
	Panels []Panel
	// Rows are drawn below them: small plots for many models at once. Lead is
	// what to know before one looks at them, a line each.
	Rows []Row
	Lead []string
	// Heats are drawn last.
	Heats []Heat
	// Data puts the numbers of every series beside its drawing, for the script of a
	// page.
	Data bool
}

// Panel is one plot. Texts may hold anything: they are shown literally, and
// cut where there is no room.
type Panel struct {
	Heading string // over the panel, in bold; "" continues the panel above
	Note    string // beside the heading, at the right
	Caption string // what the y axis counts

	// Start and End are the ends of the time axis, Zone the one it is read in; nil
	// is UTC.
	Start, End time.Time
	Zone       *time.Location
	// Whole puts y ticks at whole numbers only.
	Whole bool
	// NoTimes leaves out the labels of the time axis: the panel below has them.
	NoTimes bool

	// Places are equal parts of the axis by their names, in place of time: each
	// takes a second after Start. PlacesName says what they are.
	Places     []string
	PlacesName string

	// Known marks what is missing; nil marks nothing.
	Known   *Known
	Shades  []Shade
	Columns *Columns
	Lines   []Line
	Points  []Points
	Groups  *Groups // with Places
	// Marks are values that the data are seen against, such as quotas.
	Marks []Mark
	Bands []Band
	Bars  []Bar
	// BarNames are what the looks of the bars are called in the legend, in its
	// order; a look that no bar has is left out.
	BarNames []BarName
	Borders  []Border
	// Moments are single moments that matter; the legend names them.
	Moments []Moment

	// Empty is shown in place of the plot.
	Empty string
}

// Shade marks a stretch of time.
type Shade struct {
	From, To time.Time
	Name     string
}

// BarName is an entry of the legend.
type BarName struct {
	Name string
	Look Look
}

// Border is a moment at which something new begins.
type Border struct {
	At   time.Time
	Name string
}

// The measures of a figure, in pixels.
const (
	width       = 960
	plotLeft    = 68
	plotRight   = width - 20
	plotHeight  = 132
	emptyHeight = 40
	headingRow  = 28
	captionRow  = 22
	timesRow    = 44 // labels and the name of the axis
	bareRow     = 14 // in place of timesRow
	edge        = 12 // above the first and below the last panel
)

// frame is where the parts of a panel stand, in pixels from its own corner.
type frame struct {
	left, right int // ends of the plot
	plot        int // its height
	// small is a cell of a row: no legend, no heading, no name of the time axis.
	small bool
}

var whole = frame{left: plotLeft, right: plotRight, plot: plotHeight}

// page is what a figure has drawn so far.
type page struct {
	bytes.Buffer
	figure string // identifier
	data   bool   // as in Figure
	// heading is the last one that was drawn.
	heading string
	y       int // where the next part begins
}

// SVG draws the figure. It fails only where go-chart does, which a test rules
// out for every form of data that we know.
func (f Figure) SVG() ([]byte, error) {
	name := identifier(f.Name)
	body := &page{figure: name, data: f.Data, y: edge}
	for i, p := range f.Panels {
		p = p.timed()
		if err := body.panel(p, 0, body.y, whole); err != nil {
			return nil, fmt.Errorf("draw panel %d of %s: %w", i+1, name, err)
		}
		body.y += p.height(whole)
	}
	if err := body.rows(f); err != nil {
		return nil, fmt.Errorf("draw the rows of %s: %w", name, err)
	}
	body.heats(f.Heats)
	height := body.y + edge

	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-desc" font-family="%s">`,
		width, height, width, height, name, name, fontFamily)
	fmt.Fprintf(&out, "\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n", name, escape(f.Title), name, escape(f.Desc))
	writePatterns(&out, name, bytes.Contains(body.Bytes(), []byte(gapPaint(name))))
	fmt.Fprintf(&out, "<path d=\"M0 0H%dV%dH0z\" fill=\"%s\"/>\n", width, height, paper)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes(), nil
}

// panel draws one with its corner at x,y.
func (b *page) panel(p Panel, x, y int, f frame) error {
	fmt.Fprintf(b, "<g transform=\"translate(%d,%d)\"%s>", x, y, b.axisData(p, f))
	if err := p.render(b, newCanvas(b.figure, b.data), f); err != nil {
		return err
	}
	b.WriteString("</g>\n")
	return nil
}

// timed is the panel, or an empty one where its axis has no length.
func (p Panel) timed() Panel {
	if p.Empty == "" && !p.End.After(p.Start) {
		p.Empty = "No time passed."
	}
	return p
}

// free draws what is no plot of go-chart.
func (b *page) free(draw func(c *canvas)) {
	c := &canvas{figure: b.figure}
	draw(c)
	b.Write(c.out.Bytes())
}

func (p Panel) height(f frame) int {
	if p.Empty != "" {
		return p.top(f) + emptyHeight
	}
	return p.top(f) + f.plot + p.below(f)
}

// top is where the plot begins.
func (p Panel) top(f frame) int {
	if f.small {
		return cellCaption
	}
	h := 0
	if p.Heading != "" {
		h += headingRow
	}
	if p.Empty == "" {
		h += captionRow
	}
	return h
}

func (p Panel) below(f frame) int {
	switch {
	case f.small:
		return cellTimes
	case p.NoTimes:
		return bareRow
	}
	return timesRow
}

func identifier(s string) string {
	s = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
	return "fig-" + s
}
