package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Heat shows an amount by the hour of the day and the day.
type Heat struct {
	Heading string
	Note    string
	Days    []HeatDay // from left to right
	// Name is what an hour counts, and MarkNames what the marks mean, the smallest
	// first; both stand in the legend.
	Name      string
	MarkNames []string
	Empty     string // shown in place of the map
}

// HeatDay is one column.
type HeatDay struct {
	Label string // "Nov 22"; as many are written as have room
	Hours [24]HeatHour
}

// HeatHour is one field.
type HeatHour struct {
	Value *float64 // nil is not known
	Mark  int      // 1 is the first of MarkNames; 0 is none
	// Outside is an hour that the window, or the day, does not have. Nothing is
	// drawn.
	Outside bool
}

// The measures of heat maps, in pixels.
const (
	heatLeft   = 26 // labels of the hours
	heatHour   = 9.0
	heatScale  = 34.0 // width of one level in the scale
	heatBelow  = 52   // labels of days, and the scale
	heatNote   = 16   // height of a note below the heading
	heatApart  = 12.0 // between a heading and the note beside it
	heatWidest = 40.0 // a day
	manyDays   = 31   // above it a map needs the whole width
	narrowDay  = 6.0  // below it fields have nothing between them
)

// heats draws the maps, several beside each other where there is room.
func (b *page) heats(maps []Heat) {
	if maps == nil {
		return
	}
	across := 1
	if !slices.ContainsFunc(maps, func(h Heat) bool { return len(h.Days) > manyDays }) {
		across = min(3, len(maps))
	}
	for across > 1 && slices.ContainsFunc(maps, func(h Heat) bool { return !h.named(heatWide(across)) && h.named(heatWide(1)) }) {
		across--
	}
	wide := heatWide(across)
	head := rowHeading
	if slices.ContainsFunc(maps, func(h Heat) bool { return !h.noted(wide) }) {
		head += heatNote
	}
	b.free(func(c *canvas) {
		b.y = heatLegend(c, maps, b.y)
		for i, h := range maps {
			h.draw(c, rowLeft+float64(i%across)*(wide+2*cellGap), float64(b.y), wide, head)
			if i%across == across-1 || i == len(maps)-1 {
				b.y += head + 24*heatHour + heatBelow
			}
		}
	})
}

// heatWide is how wide each of some maps beside each other is.
func heatWide(across int) float64 {
	return float64(rowRight-rowLeft-(across-1)*2*cellGap) / float64(across)
}

// named tells whether a map so wide has room for its heading, and noted whether
// the note has room beside that.
func (h Heat) named(wide float64) bool { return textWidth(h.Heading, headingSize*boldly) <= wide }

func (h Heat) noted(wide float64) bool {
	return textWidth(h.Heading, headingSize*boldly)+heatApart+textWidth(h.Note, smallSize) <= wide
}

// heatLegend says what holds for all maps, and gives back where they begin.
func heatLegend(c *canvas, maps []Heat, y int) int {
	entries := []entry{
		{"none", func(c *canvas, x, y float64) {
			c.Shape(appendf(nil, "M# #H#V#H#z", x, y+1, x+swatchWidth, y-9, x), paper, border)
			c.Polyline(appendf(nil, "M# #h2", x+swatchWidth/2-1, y-4), muted, 2, "")
		}},
		noData(c.figure),
	}
	for i, name := range maps[0].MarkNames {
		entries = append(entries, entry{name, func(c *canvas, x, y float64) {
			c.Shape(mark(nil, x+swatchWidth/2, y-4, i+1), bad, paper)
		}})
	}
	x, base := float64(rowLeft), float64(y+legendRow-7)
	name := cut("hours of the day by day; "+maps[0].Name, smallSize, 420)
	c.Label(name, x, base, "start", smallSize, muted, false)
	x += textWidth(name, smallSize) + 2*entryGap
	for _, e := range entries {
		e.write(c, x, base)
		x += e.width() + entryGap
	}
	return y + legendRow + rowGap
}

// draw draws a map under a head of some height, which has the note beside the
// heading or below it.
func (h Heat) draw(c *canvas, x, y, wide float64, head int) {
	c.Label(cut(h.Heading, headingSize*boldly, wide), x, y+rowHeading-9, "start", headingSize, ink, true)
	if head == rowHeading {
		c.Label(h.Note, x+wide, y+rowHeading-9, "end", smallSize, ink, false)
	} else {
		c.Label(cut(h.Note, smallSize, wide), x, y+rowHeading-9+heatNote, "start", smallSize, ink, false)
	}
	y += float64(head)
	if h.Empty != "" || len(h.Days) == 0 {
		c.Label(cut(h.Empty, textSize, wide), x, y+20, "start", textSize, muted, false)
		return
	}
	left := x + heatLeft
	pitch := min((wide-heatLeft)/float64(len(h.Days)), heatWidest)
	h.fields(c, left, y, pitch)
	for hour := 0; hour < 24; hour += 6 {
		c.Label(two(hour), left-6, y+(float64(hour)+0.5)*heatHour+4, "end", smallSize, muted, false)
	}
	bottom := y + 24*heatHour
	free := x
	for i, d := range h.Days {
		at := left + (float64(i)+0.5)*pitch
		half := textWidth(d.Label, smallSize) / 2
		if d.Label == "" || at-half < free || at+half > x+wide {
			continue
		}
		c.Label(d.Label, at, bottom+14, "middle", smallSize, muted, false)
		free = at + half + 10
	}
	h.scale(c, left, bottom+22)
}

// What a field shows beside the levels from 0 up.
const (
	outside = -3 + iota
	unknown
	zero
)

// shows is a level, or what else the hour is.
func (h HeatHour) shows(limits []float64) int {
	switch {
	case h.Outside:
		return outside
	case h.Value == nil || !usable(*h.Value):
		return unknown
	case *h.Value <= 0:
		return zero
	}
	i, _ := slices.BinarySearch(limits, *h.Value)
	return min(i, len(limits)-1)
}

// fields draws each level as the strokes of one path. Where days are narrow,
// those that show the same are one stroke.
func (h Heat) fields(c *canvas, left, top, pitch float64) {
	paths := map[int][]byte{}
	var marks []byte
	limits := h.limits()
	between, most := 1.0, 1
	if pitch < narrowDay {
		between, most = 0, len(h.Days)
	}
	for hour := range 24 {
		mid := top + (float64(hour)+0.5)*heatHour
		for i := 0; i < len(h.Days); {
			what, n := h.Days[i].Hours[hour].shows(limits), 1
			for n < most && what != zero && i+n < len(h.Days) && h.Days[i+n].Hours[hour].shows(limits) == what {
				n++
			}
			x, wide := left+float64(i)*pitch, float64(n)*pitch-between
			if what == zero {
				x, wide = x+wide/2-1, min(2, wide)
			}
			paths[what] = appendf(paths[what], "M# #h#", x, mid, wide)
			i += n
		}
		for i, d := range h.Days {
			if o := d.Hours[hour]; o.Mark > 0 && !o.Outside {
				marks = mark(marks, left+float64(i)*pitch+(pitch-between)/2, mid, o.Mark)
			}
		}
	}
	c.Polyline(paths[unknown], gapPaint(c.figure), heatHour, "")
	for k, l := range heatLevels {
		c.Polyline(paths[k], l.Light, heatHour-1, "")
	}
	c.Polyline(paths[zero], muted, 2, "")
	c.Shape(marks, bad, paper)
}

// scale tells which counts a colour stands for: each number is the most that
// the colour at its left holds.
func (h Heat) scale(c *canvas, x, y float64) {
	limits := h.limits()
	for k, limit := range limits {
		at := x + float64(k)*heatScale
		c.Polyline(appendf(nil, "M# #h#", at, y+5, heatScale), heatLevels[k].Light, 10, "")
		c.Label(short(limit), at+heatScale, y+21, "middle", smallSize, muted, false)
	}
	if limits != nil {
		c.Label("0", x, y+21, "middle", smallSize, muted, false)
	}
}

// limits are the upper ends of the levels: quarters of what all but a twentieth
// of the hours keep below, so that one spike does not make the others equal,
// and the highest of all. They are round, and rise.
func (h Heat) limits() []float64 {
	var all []float64
	for _, d := range h.Days {
		for _, o := range d.Hours {
			if o.Value != nil && usable(*o.Value) && *o.Value > 0 {
				all = append(all, *o.Value)
			}
		}
	}
	if all == nil {
		return nil
	}
	slices.Sort(all)
	common := all[(len(all)-1)*95/100]
	var out []float64
	for k := 1; k <= 4; k++ {
		out = append(out, roundUp(common*float64(k)/4))
	}
	out = append(out, roundUp(all[len(all)-1]))
	return slices.Compact(out)
}

// roundUp is the next number of two digits.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v))-1)
	n := math.Ceil(v/power - 1e-9)
	if power < 1 {
		return n / math.Round(1/power) // without the rests of a multiplication by 0.1
	}
	return n * power
}

// short writes a round number, in thousands, millions or more where it is large.
func short(v float64) string {
	for _, u := range []struct {
		from, unit float64
		suffix     string
	}{{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}} {
		if v >= u.from {
			return strconv.FormatFloat(v/u.unit, 'g', 4, 64) + u.suffix
		}
	}
	return Group(strconv.FormatFloat(v, 'f', -1, 64))
}

// mark is a diamond, the larger the higher its number.
func mark(d []byte, x, y float64, number int) []byte {
	r := 1.1 + 0.9*float64(min(number, 3))
	return appendf(d, "M# #l# #l# #l# #z", x-r, y, r, -r, r, r, -r, r)
}

func two(n int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", 2-len(s)) + s
}
