package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// What a script of a page needs to tell the numbers under a pointer stands in
// attributes, where the figure asks for it:
//
//	<g data-name="NAME" data-plot="LEFT RIGHT TOP BOTTOM" data-span="FROM TO" data-zone="ZONE">
//	  <g data-series="NAME" data-period="MS" data-values="12,,7:90">
//
// LEFT to BOTTOM are the ends of the plot in the group's own pixels, FROM and TO
// milliseconds since 1970. A plot without a time axis has data-places, its names
// apart by "|"; one that is a number is a percentile. Of the values, one a period, nothing is a gap, and LOW:HIGH are
// the extremes of several.

// mostData is how many values of a series are told: more are joined.
const mostData = 480

// axisData are the attributes of a panel.
func (b *page) axisData(p Panel, f frame) string {
	if p.Heading != "" {
		b.heading = p.Heading
	}
	if !b.data || p.Empty != "" {
		return ""
	}
	top, name := p.top(f), p.Caption
	if b.heading != "" {
		name = b.heading + ", " + name
	}
	out := fmt.Sprintf(` data-name="%s" data-plot="%d %d %d %d" data-span="%d %d"`, escape(name), f.left, f.right, top, top+f.plot, p.Start.UnixMilli(), p.End.UnixMilli())
	if p.Places != nil {
		return out + ` data-places="` + escape(strings.Join(p.Places, "|")) + `"`
	}
	return out + ` data-zone="` + escape(in(p.Start, p.Zone).Location().String()) + `"`
}

// Series draws a series as a group of its own that holds its numbers, where the
// figure asks for it.
func (c *canvas) Series(name string, period time.Duration, values []*float64, draw func()) {
	if !c.data {
		draw()
		return
	}
	k := max(1, (len(values)+mostData-1)/mostData)
	c.series(name, period*time.Duration(k), listed(values, k), draw)
}

// Ranges does the same for a series whose values each have an upper end.
func (c *canvas) Ranges(name string, period time.Duration, values, highs []*float64, draw func()) {
	if !c.data {
		draw()
		return
	}
	ends := make([]*float64, 0, 2*len(values))
	for i, v := range values {
		ends = append(ends, v, at(highs, i))
	}
	c.series(name, period, listed(ends, 2), draw)
}

func (c *canvas) series(name string, period time.Duration, values []byte, draw func()) {
	fmt.Fprintf(&c.out, `<g data-series="%s" data-period="%d" data-values="%s">`, escape(name), period.Milliseconds(), values)
	draw()
	c.out.WriteString("</g>\n")
}

// listed writes k values each as one.
func listed(values []*float64, k int) []byte {
	var out []byte
	for from := 0; from < len(values); from += k {
		if from > 0 {
			out = append(out, ',')
		}
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range values[from:min(from+k, len(values))] {
			if v != nil && usable(*v) {
				low, high = min(low, *v), max(high, *v)
			}
		}
		if low > high {
			continue
		}
		if out = appendValue(out, low); low != high {
			out = appendValue(append(out, ':'), high)
		}
	}
	return out
}

// appendValue writes four digits at least, and all that stand before the point.
func appendValue(out []byte, v float64) []byte {
	if a := math.Abs(v); a >= 1000 || a == math.Trunc(a) {
		return strconv.AppendFloat(out, math.Round(v), 'f', -1, 64)
	}
	return strconv.AppendFloat(out, v, 'g', 4, 64)
}
