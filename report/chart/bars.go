package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Bar is a value that held for a stretch of time: a thick line from From to To.
type Bar struct {
	From, To time.Time
	Value    float64
	Look     Look
}

// Band marks the values from Low to High over the whole time.
type Band struct {
	Name      string
	Low, High float64
}

// barHeight is how thick a bar is drawn, and barWidth how long at least.
const barHeight, barWidth = 5.0, 4.0

type bars struct {
	drawn
	list  []Bar
	start time.Time
}

func (s bars) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	for _, b := range s.list {
		if !usable(b.Value) {
			continue
		}
		left := min(max(p.across(b.From.Sub(s.start)), float64(box.Left)), float64(box.Right)-barWidth)
		right := min(max(p.across(b.To.Sub(s.start)), left+barWidth), float64(box.Right))
		mid := p.up(max(0, b.Value))
		p.Shape(appendf(nil, "M# #H#V#H#z", left, mid+barHeight/2, right, mid-barHeight/2, left), b.Look.paint(p.figure), b.Look.outline())
	}
}

type banding struct {
	drawn
	Band
}

func (s banding) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	if !usable(s.Low) || !usable(s.High) || s.High <= s.Low {
		return
	}
	top, bottom := max(p.up(s.High), float64(box.Top)), min(p.up(max(0, s.Low)), float64(box.Bottom))
	// A narrow band must be seen as well.
	middle, half := (top+bottom)/2, max((bottom-top)/2, 1.5)
	p.Shape(appendf(nil, "M# #H#V#H#z", float64(box.Left), middle+half, float64(box.Right), middle-half, float64(box.Left)), shade, border)
}
