package chart

import (
	"math"
	"testing"
	"time"
)

// long is a chart of 100,000 points: noise with one spike, which must be seen.
func long() Figure {
	const spike = 77_777
	p := lined(time.Minute, made(100_000, func(i int) float64 {
		if i == spike {
			return 5000
		}
		return 500 + 400*math.Sin(float64(i*7919%100_003))
	}), made(100_000, func(i int) float64 { return 50 + float64(i*31%17) }))
	p.Marks, p.Known = []Mark{{"quota 6,000", Limit, 6000}}, &Known{time.Minute, p.Lines[0].Values}
	return Figure{Panels: []Panel{p}}
}

func BenchmarkLong(b *testing.B) {
	f := long()
	b.ReportAllocs()
	for b.Loop() {
		svg, err := f.SVG()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(svg)), "B-written")
	}
}
