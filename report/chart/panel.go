package chart

import (
	"io"
	"math"
	"slices"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// render draws the panel with its upper left corner at 0,0.
func (p Panel) render(w io.Writer, canvas gochart.RendererProvider, f frame) error {
	c := gochart.Chart{
		Width: width, Height: p.height(f),
		ColorPalette:   theme{},
		YAxisSecondary: gochart.HideYAxis(),
		Elements:       []gochart.Renderable{p.header(f)},
	}
	// Nothing here needs a font. Without one, go-chart loads its own under a
	// lock that is not safe.
	blank(&c.Font)
	if p.Empty != "" {
		c.XAxis, c.YAxis = gochart.HideXAxis(), gochart.HideYAxis()
		c.XAxis.Range, c.YAxis.Range = &span{max: 1}, &span{max: 1}
		c.Series = []gochart.Series{nothing{}}
		return c.Render(canvas, w)
	}
	p.axes(&c, f)
	if p.Known != nil {
		c.Series = append(c.Series, gaps{Known: *p.Known, frame: f})
	}
	for _, s := range p.Shades {
		c.Series = append(c.Series, shading{Shade: s, start: p.Start})
	}
	for _, b := range p.Bands {
		c.Series = append(c.Series, banding{Band: b})
	}
	for _, b := range p.borders() {
		c.Series = append(c.Series, b)
	}
	for _, m := range p.Moments {
		c.Series = append(c.Series, moment{Moment: m, start: p.Start, down: p.momentsDown()})
	}
	if p.Columns != nil {
		c.Series = append(c.Series, columns{Columns: *p.Columns})
	}
	for _, l := range p.Lines {
		c.Series = append(c.Series, line{Line: l, frame: f})
	}
	for _, s := range p.Points {
		c.Series = append(c.Series, dotted{Points: s, start: p.Start})
	}
	if p.Groups != nil {
		c.Series = append(c.Series, groups{Groups: *p.Groups})
	}
	for _, m := range p.Marks {
		c.Series = append(c.Series, marking{Mark: m})
	}
	if p.Bars != nil {
		c.Series = append(c.Series, bars{list: p.Bars, start: p.Start})
	}
	if c.Series == nil {
		c.Series = []gochart.Series{nothing{}}
	}
	return c.Render(canvas, w)
}

// axes sets both axes so that go-chart puts the plot into the same place in
// every panel: it makes room for the labels inside of the padding, so the
// padding is what is left when the room is taken off.
func (p Panel) axes(c *gochart.Chart, f frame) {
	xs := p.placeTicks()
	if xs == nil {
		xs = timeTicks(p.Start, p.End, p.Zone, float64(f.right-f.left), f.small)
	}
	if p.NoTimes {
		for i := range xs {
			xs[i].Label = ""
		}
	}
	ys := valueTicks(p.highest(f), p.Whole, f.small)
	widest := 0
	for _, t := range ys {
		widest = max(widest, measure(t.Label, smallSize).Width())
	}
	digits := measure("0", smallSize).Height()

	text := gochart.Style{FontSize: smallSize, StrokeWidth: 1}
	rule := gochart.Style{StrokeColor: rgb(grid), StrokeWidth: 1}
	name := gochart.Style{FontSize: smallSize}
	c.Background.Padding = gochart.Box{
		IsSet:  true,
		Left:   f.left - gochart.DefaultYAxisMargin - widest,
		Top:    p.top(f) - digits/2,
		Right:  width - f.right,
		Bottom: p.below(f) - gochart.DefaultXAxisMargin - digits,
	}
	c.XAxis = gochart.XAxis{
		Style: text, NameStyle: name, Ticks: xs, GridLines: lines(xs), GridMajorStyle: rule,
		Range: &span{max: p.End.Sub(p.Start).Seconds()},
	}
	if !p.NoTimes && !f.small {
		if c.XAxis.Name = p.PlacesName; p.Places == nil {
			c.XAxis.Name = timeName(p.Start, p.End, p.Zone)
		}
		c.Background.Padding.Bottom -= gochart.DefaultXAxisMargin + digits
	}
	c.YAxis = gochart.YAxis{
		AxisType: gochart.YAxisSecondary, // draws the axis at the left
		Style:    text, Ticks: ys, GridLines: lines(ys[1:]), GridMajorStyle: rule,
		Zero:  gochart.GridLine{Style: gochart.Hidden()},
		Range: &span{max: ys[len(ys)-1].Value},
	}
}

// highest is the highest value that the y axis must hold.
func (p Panel) highest(f frame) float64 {
	best := p.data()
	for _, m := range p.Marks {
		if m.within(best) {
			best = max(best, m.Value)
		}
	}
	if p.texts() {
		best *= 1 + float64(nameLine+3)/float64(f.plot)
	}
	return best
}

// data is the highest value of what was measured.
func (p Panel) data() float64 {
	best := max(highestPoint(p.Points), p.Groups.highest())
	if p.Columns != nil {
		best = max(best, p.Columns.highest())
	}
	for _, l := range p.Lines {
		for _, v := range l.Values {
			if v != nil && usable(*v) {
				best = max(best, *v)
			}
		}
	}
	for _, b := range p.Bars {
		if usable(b.Value) {
			best = max(best, b.Value)
		}
	}
	for _, b := range p.Bands {
		if usable(b.High) {
			best = max(best, b.High)
		}
	}
	return best
}

// texts tells whether words stand inside of the plot, which need room above
// the data.
func (p Panel) texts() bool {
	named := func(b Border) bool { return b.Name != "" }
	return p.Columns != nil && len(p.Columns.Notes) > 0 || slices.ContainsFunc(p.Borders, named)
}

func lines(ticks []gochart.Tick) []gochart.GridLine {
	out := make([]gochart.GridLine, len(ticks))
	for i, t := range ticks {
		out[i].Value = t.Value
	}
	return out
}

// span is the range of an axis, from 0 to max. Ticks do not stretch it.
type span struct {
	max    float64
	domain int
}

func (s *span) String() string          { return "span" }
func (s *span) IsZero() bool            { return false }
func (s *span) GetMin() float64         { return 0 }
func (s *span) SetMin(float64)          {}
func (s *span) GetMax() float64         { return s.max }
func (s *span) SetMax(float64)          {}
func (s *span) GetDelta() float64       { return s.max }
func (s *span) GetDomain() int          { return s.domain }
func (s *span) SetDomain(pixels int)    { s.domain = pixels }
func (s *span) IsDescending() bool      { return false }
func (s *span) Translate(v float64) int { return int(math.Round(s.at(v))) }

// at is Translate with fractions.
func (s *span) at(v float64) float64 { return v / s.max * float64(s.domain) }

// plot is where a series draws, in the units of the data.
type plot struct {
	*canvas
	box  gochart.Box
	x, y *span
}

func newPlot(r gochart.Renderer, box gochart.Box, x, y gochart.Range) plot {
	return plot{r.(*canvas), box, x.(*span), y.(*span)}
}

func (p plot) across(at time.Duration) float64 { return float64(p.box.Left) + p.x.at(at.Seconds()) }
func (p plot) up(v float64) float64            { return float64(p.box.Bottom) - p.y.at(v) }

// drawn is what every series of ours answers to go-chart.
type drawn struct{}

func (drawn) GetName() string             { return "" }
func (drawn) GetYAxis() gochart.YAxisType { return gochart.YAxisPrimary }
func (drawn) GetStyle() gochart.Style     { return gochart.Style{} }
func (drawn) Validate() error             { return nil }

func blank[T any](p **T) { *p = new(T) }

// usable is false for what is no measurement: not a number, or larger than any
// count. It is drawn as if it were not there.
func usable(v float64) bool { return math.Abs(v) < 1e15 }
