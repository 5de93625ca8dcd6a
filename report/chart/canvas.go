package chart

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"

	gochart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// canvas is the renderer of one panel. It has go-chart's methods, for its axes
// and grid, and own ones for our series, which know what go-chart has no words
// for: fractions of pixels, patterns, text that is anchored.
type canvas struct {
	// What a panel does not need (fonts, resolution, rotation, arcs) goes to
	// go-chart's renderer, whose drawing is thrown away.
	gochart.Renderer

	figure string // identifier of the figure, for patterns
	data   bool   // as in Figure
	out    bytes.Buffer

	path        []byte
	stroke      drawing.Color
	fill        drawing.Color
	strokeWidth float64
	textColor   drawing.Color
	textSize    float64
}

func newCanvas(figure string, data bool) gochart.RendererProvider {
	return func(w, h int) (gochart.Renderer, error) {
		rest, err := gochart.SVG(w, h)
		return &canvas{Renderer: rest, figure: figure, data: data}, err
	}
}

// Shape draws a filled path; outline is the colour of a thin border, "" for
// none.
func (c *canvas) Shape(d []byte, paint, outline string) {
	if len(d) == 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path d="%s" fill="%s"`, d, paint)
	if outline != "" {
		fmt.Fprintf(&c.out, ` stroke="%s"`, outline)
	}
	c.out.WriteString("/>\n")
}

// Polyline draws a path without filling it.
func (c *canvas) Polyline(d []byte, color string, width float64, dash string) {
	if len(d) == 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path d="%s" fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round"`, d, color, number(width))
	if dash != "" {
		fmt.Fprintf(&c.out, ` stroke-dasharray="%s"`, dash)
	}
	c.out.WriteString("/>\n")
}

// Dots draws a small disc at each point of a path whose pieces have no length.
func (c *canvas) Dots(d []byte, color string) {
	if len(d) == 0 {
		return
	}
	fmt.Fprintf(&c.out, "<path d=\"%s\" stroke=\"%s\" stroke-width=\"5\" stroke-linecap=\"round\"/>\n", d, color)
}

// Label writes a text. The anchor (start, middle, end) says which part of it
// stands at x, so its place does not depend on the viewer's font.
func (c *canvas) Label(text string, x, y float64, anchor string, size float64, color string, bold bool) {
	if text == "" {
		return
	}
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(&c.out, "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" font-size=\"%s\" fill=\"%s\"%s>%s</text>\n",
		number(x), number(y), anchor, number(size), color, weight, escape(text))
}

// What follows is go-chart's interface.

func (c *canvas) ResetStyle() {
	c.stroke, c.fill, c.textColor = drawing.Color{}, drawing.Color{}, drawing.Color{}
	c.strokeWidth, c.textSize = 0, 0
}

func (c *canvas) SetStrokeColor(k drawing.Color)   { c.stroke = k }
func (c *canvas) SetFillColor(k drawing.Color)     { c.fill = k }
func (c *canvas) SetStrokeWidth(w float64)         { c.strokeWidth = w }
func (c *canvas) SetFontColor(k drawing.Color)     { c.textColor = k }
func (c *canvas) SetFontSize(points float64)       { c.textSize = points }
func (c *canvas) MoveTo(x, y int)                  { c.path = fmt.Appendf(c.path, "M%d %d", x, y) }
func (c *canvas) LineTo(x, y int)                  { c.path = fmt.Appendf(c.path, "L%d %d", x, y) }
func (c *canvas) Fill()                            { c.flush(false) }
func (c *canvas) Stroke()                          { c.flush(true) }
func (c *canvas) FillStroke()                      { c.flush(true) }
func (c *canvas) MeasureText(s string) gochart.Box { return measure(s, c.textSize) }

func (c *canvas) Text(body string, x, y int) {
	c.Label(body, float64(x), float64(y), "start", c.textSize, hex(c.textColor), false)
}

// Save writes the panel's drawing, without an element around it.
func (c *canvas) Save(w io.Writer) error {
	_, err := c.out.WriteTo(w)
	return err
}

func (c *canvas) flush(stroke bool) {
	d := c.path
	c.path = nil
	if stroke && c.stroke.A > 0 {
		c.Polyline(d, hex(c.stroke), c.strokeWidth, "")
	}
}

// measure is the box of a text; its height is that of a digit, the same for
// every text.
func measure(s string, size float64) gochart.Box {
	return gochart.Box{Right: int(math.Ceil(textWidth(s, size))), Bottom: int(math.Ceil(size * 0.72))}
}

// number writes a coordinate with at most one decimal.
func number(v float64) string { return string(appendNumber(nil, v)) }

func appendNumber(d []byte, v float64) []byte {
	return strconv.AppendFloat(d, math.Round(v*10)/10, 'f', -1, 64)
}

// appendf adds to a path; its numbers are coordinates.
func appendf(d []byte, form string, coordinates ...float64) []byte {
	i := 0
	for _, r := range form {
		if r != '#' {
			d = append(d, byte(r))
			continue
		}
		d = appendNumber(d, coordinates[i])
		i++
	}
	return d
}
