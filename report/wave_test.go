package report

import (
	"math"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// The curve of a wave is that of its formula, of each model, and there is none
// outside of it.
func TestWave(t *testing.T) {
	minutes := func(n float64) record.Duration { return record.Duration(n * float64(time.Minute)) }
	l := &record.Load{Stages: []record.Stage{
		{Name: "warm", Length: minutes(1), FromRPM: 10, ToRPM: 10},
		{Name: "sine", Start: minutes(1), Length: minutes(4), FromRPM: 40, ToRPM: 40, SwingRPM: 20, WavePeriod: minutes(2), MostRPM: 55,
			Models: []record.StageRate{{Model: "a", FromRPM: 30, ToRPM: 30, SwingRPM: 15}, {Model: "b", FromRPM: 10, ToRPM: 10, SwingRPM: 5, MostRPM: 12}, {Model: "c", FromRPM: 10, ToRPM: 10, SwingRPM: 5, MostRPM: 8}}},
	}}
	for _, c := range []struct {
		model string
		at    float64 // minutes
		want  float64 // 0: none
	}{
		{"all", 0.5, 0}, {"all", 1, 40}, {"all", 1.5, 55}, {"all", 2.5, 20}, {"a", 1.5, 45}, {"a", 2.5, 15}, {"a", 3, 30}, {"b", 1.5, 12}, {"b", 2.5, 5}, {"c", 2.5, 0}, {"a", 5, 0},
	} {
		got := waveAt(l, c.model, time.Duration(minutes(c.at)))
		if (got == nil) != (c.want == 0) || got != nil && math.Abs(*got-c.want) > 1e-9 {
			t.Errorf("%s after %g minutes: %v; want %g", c.model, c.at, got, c.want)
		}
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	line, ok := waveOf(l, "a", times{start: start, end: start.Add(5 * time.Minute)})
	if !ok || line.Period != 2*time.Minute/wavePoints || len(line.Values) != 120 || line.Values[0] != nil || line.Values[36] == nil {
		t.Errorf("the curve: %v, a point every %s, %d of them", ok, line.Period, len(line.Values))
	}
	l.Stages[1].WavePeriod = 0
	if _, ok := waveOf(l, "a", times{start: start, end: start.Add(5 * time.Minute)}); ok {
		t.Error("a record that does not tell the period of a wave has a curve of it")
	}
}
