package chart

import (
	"time"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Points are numbers at times of their own, such as those of runs. A thin line
// joins neighbours.
type Points struct {
	Name string
	Look Look
	// Steps: a number holds until the next, as a quota does.
	Steps bool
	List  []Point // in order
}

// Point is one of them. A nil value is a gap: the line ends and begins again. So is
// a time outside of the panel.
type Point struct {
	At    time.Time
	Value *float64
	// Low and High are the ends of a whisker; nil draws none.
	Low, High *float64
	// Doubtful is drawn as a cross in place of a dot.
	Doubtful bool
}

// whisker is half the width of its ends, in pixels, and cross that of a cross.
const whisker, cross = 2.5, 3.0

type dotted struct {
	drawn
	Points
	start time.Time
}

func (s dotted) Render(r gochart.Renderer, box gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p := newPlot(r, box, x, y)
	k := looks[s.Look]
	var line, arms, dots, crosses []byte
	joined := false
	for _, at := range s.List {
		x := p.across(at.At.Sub(s.start))
		if at.Value == nil || !usable(*at.Value) || x < float64(box.Left) || x > float64(box.Right) {
			joined = false
			continue
		}
		y := p.up(max(0, *at.Value))
		switch {
		case !joined:
			line = appendf(line, "M# #", x, y)
		case s.Steps:
			line = appendf(line, "H#V#", x, y)
		default:
			line = appendf(line, "L# #", x, y)
		}
		joined = true
		if at.Low != nil && at.High != nil && usable(*at.Low) && usable(*at.High) {
			low, high := p.up(max(0, *at.Low)), p.up(max(0, *at.High))
			arms = appendf(arms, "M# #h#m# 0V#m# 0h#", x-whisker, low, 2*whisker, -whisker, high, -whisker, 2*whisker)
		}
		if at.Doubtful {
			crosses = appendf(crosses, "M# #l# #m# 0l# #", x-cross, y-cross, 2*cross, 2*cross, -2*cross, 2*cross, -2*cross)
		} else {
			dots = appendf(dots, "M# #h0", x, y)
		}
	}
	p.Polyline(arms, k.color, 1, "")
	p.Polyline(line, k.color, 1, k.dash)
	p.Polyline(crosses, k.color, 1.5, "")
	p.Dots(dots, k.color)
}

// highestPoint is the highest value that is drawn of some points.
func highestPoint(list []Points) (best float64) {
	for _, s := range list {
		for _, at := range s.List {
			for _, v := range []*float64{at.Value, at.High} {
				if at.Value != nil && v != nil && usable(*v) {
					best = max(best, *v)
				}
			}
		}
	}
	return best
}
