package chart

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/wcharczuk/go-chart/v2/drawing"
)

// Color is one colour of all figures, and what a dark page shows in its place.
type Color struct {
	Light, Dark string // #rrggbb
}

// The colours by what they mean. No two are equal in the light form, since a
// page finds them by it.
const (
	paper       = "#ffffff"
	ink         = "#24292f"
	muted       = "#59636e"
	grid        = "#e4e7eb"
	axis        = "#8c959f"
	gap         = "#f2f3f5"
	gapStripe   = "#b6bec8"
	shade       = "#fdf3d8"
	border      = "#7d8590"
	good        = "#2f9e6e"
	bad         = "#d23c2a"
	badStripe   = "#7f1408"
	errorful    = "#b58a4c"
	errorfulDot = "#6e4f20"
	plan        = "#6a737d"
	blue        = "#1f6fb5"
	purple      = "#8a3fa0"
)

// heatLevels go from little to much.
var heatLevels = []Color{
	{"#d3e4f3", "#17324c"}, {"#a6cce4", "#1f4f7a"}, {"#68a9d3", "#2f74ad"}, {"#2f7fbc", "#5b9fd8"}, {"#0b4f94", "#a9d2f7"},
}

// kindColors are those of kinds that mean nothing by themselves, in their order.
// White is read on each, and on the dark form the paper of a dark page.
var kindColors = []Color{
	{"#57606b", "#a9b4c0"}, {"#a85a00", "#e89a4a"}, {"#1b66b8", "#6cb0ff"}, {"#00757a", "#45c4c0"},
	{"#7a3fb0", "#c193f5"}, {"#3d7a14", "#8fce5f"}, {"#b0306f", "#f386b9"}, {"#7d6400", "#d9bd4a"},
}

// kindColor is that of a kind by its index; after the last the first comes again.
func kindColor(k int) string { return kindColors[k%len(kindColors)].Light }

// Palette lists every colour that a figure can hold.
var Palette = slices.Concat([]Color{
	{paper, "#161b22"},
	{ink, "#e6edf3"},
	{muted, "#9ba5b0"},
	{grid, "#2b323b"},
	{axis, "#6e7781"},
	{gap, "#21272f"},
	{gapStripe, "#4a535e"},
	{shade, "#3a331d"},
	{border, "#8b949e"},
	{good, "#3fb37f"},
	{bad, "#ef5a48"},
	{badStripe, "#7a1a10"},
	{errorful, "#c79a5b"},
	{errorfulDot, "#5f4419"},
	{plan, "#a3adb8"},
	{blue, "#58a6ff"},
	{purple, "#d08be6"},
}, heatLevels, kindColors)

// DarkCSS are the rules by which a page shows the figures inside the elements
// that the selector names in dark colours.
func DarkCSS(selector string) string {
	var b strings.Builder
	for _, c := range Palette {
		fmt.Fprintf(&b, "%s [fill=\"%s\"]{fill:%s}%s [stroke=\"%s\"]{stroke:%s}\n", selector, c.Light, c.Dark, selector, c.Light, c.Dark)
	}
	return b.String()
}

// Look is how a series is drawn. Each differs from the others by more than its
// colour: by a pattern, or by dashes.
type Look int

// The looks.
const (
	OK        Look = iota // plain green
	Throttled             // red, striped
	Errors                // ochre, dotted
	Planned               // grey, dashed
	Sent                  // blue
	Median                // blue
	High                  // purple, dashed
	Limit                 // dark, long dashes
)

type look struct {
	color  string
	stripe string // colour of the pattern; "" for plain
	tile   string // path of the pattern within 5 x 5
	dash   string
}

var looks = map[Look]look{
	OK:        {color: good},
	Throttled: {color: bad, stripe: badStripe, tile: "M0 2.5H5"},
	Errors:    {color: errorful, stripe: errorfulDot, tile: "M1.5 2.5H3.5"},
	Planned:   {color: plan, dash: "6 4"},
	Sent:      {color: blue},
	Median:    {color: blue},
	High:      {color: purple, dash: "7 3"},
	Limit:     {color: ink, dash: "10 3 2 3"},
}

// paint is the value of a fill attribute.
func (l Look) paint(figure string) string {
	k := looks[l]
	if k.stripe == "" {
		return k.color
	}
	return fmt.Sprintf("url(#%s-p%d)", figure, l)
}

// gapPaint fills what is not known: thin stripes the other way than those of
// [Throttled], so that it is told apart without its colour.
func gapPaint(figure string) string { return "url(#" + figure + "-gap)" }

// outline is the colour of a thin border around a column, where it has one.
func (l Look) outline() string { return looks[l].stripe }

func writePatterns(out *bytes.Buffer, figure string, gaps bool) {
	out.WriteString("<defs>")
	for _, l := range []Look{Throttled, Errors} {
		k := looks[l]
		fmt.Fprintf(out, `<pattern id="%s-p%d" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0H5V5H0z" fill="%s"/><path d="%s" stroke="%s" stroke-width="1.5"/></pattern>`,
			figure, l, k.color, k.tile, k.stripe)
	}
	if gaps {
		fmt.Fprintf(out, `<pattern id="%s-gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0H6V6H0z" fill="%s"/><path d="M0 3H6" stroke="%s" stroke-width="1"/></pattern>`, figure, gap, gapStripe)
	}
	out.WriteString("</defs>\n")
}

// theme keeps go-chart from painting boxes behind a panel.
type theme struct{}

func (theme) BackgroundColor() drawing.Color       { return drawing.Color{} }
func (theme) BackgroundStrokeColor() drawing.Color { return drawing.Color{} }
func (theme) CanvasColor() drawing.Color           { return drawing.Color{} }
func (theme) CanvasStrokeColor() drawing.Color     { return drawing.Color{} }
func (theme) AxisStrokeColor() drawing.Color       { return rgb(axis) }
func (theme) TextColor() drawing.Color             { return rgb(muted) }
func (theme) GetSeriesColor(int) drawing.Color     { return rgb(ink) }

// rgb reads "#rrggbb", hex writes it.
func rgb(s string) drawing.Color { return drawing.ColorFromHex(strings.TrimPrefix(s, "#")) }

func hex(c drawing.Color) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
