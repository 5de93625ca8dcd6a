package history_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/history"
	"github.com/loadline-dev/loadline/record"
)

// weeks are nine runs, not in order: the throttles grow, the quota falls and rises,
// one run has no step, and one fell behind.
func weeks(t *testing.T) []*history.Side {
	var out []*history.Side
	for _, i := range []int{4, 2, 0, 7, 1, 3, 8, 5, 6} {
		s := shape{name: string(rune('a' + i)), seed: uint64(i), after: time.Duration(i*i) * 24 * time.Hour, calls: 400, throttle: 0.01 * float64(i), scale: 1 + float64(i)/20, quota: 60}
		switch i {
		case 3:
			s.edit = func(r *record.Run) {
				for k := range r.Models {
					r.Models[k].Steps = nil
				}
				r.Steps, r.Aborted = nil, true
			}
		case 5, 6:
			s.quota = 30
		case 7:
			s.edit = func(r *record.Run) { r.Steps[0].Load.Behind = "half was dropped" }
		}
		out = append(out, made(t, s))
	}
	other := made(t, shape{name: "z", seed: 9, calls: 400, throttle: 0.5, scale: 1, edit: func(r *record.Run) { r.Scenario.Name = "another" }})
	return append(out, other)
}

func TestTrend(t *testing.T) {
	trend := history.NewTrend(weeks(t))
	if len(trend.Groups) != 2 || trend.Groups[0].Scenario != "another" || len(trend.Groups[1].Runs) != 9 {
		t.Fatalf("%+v", trend.Groups)
	}
	g := trend.Groups[1]
	if !slices.IsSortedFunc(g.Runs, func(a, b history.Then) int { return a.Started.Compare(b.Started) }) {
		t.Error("the runs are not in order")
	}
	row := g.Rows[0]
	if row.Name != "throttle_rate" || row.Points[3].Value != nil || row.Points[8].Low == nil || *row.Points[8].Low > *row.Points[8].Value {
		t.Errorf("%+v", row)
	}
	if g.Runs[2].Doubtful || !g.Runs[3].Doubtful || !g.Runs[7].Doubtful {
		t.Errorf("doubts: %+v", g.Runs)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	trend.Zone = berlin
	var text, table bytes.Buffer
	picture, err := trend.Chart("Runs over time")
	if err := errors.Join(err, trend.Text(&text), trend.CSV(&table)); err != nil {
		t.Fatal(err)
	}
	golden(t, "trend.txt", text.Bytes())
	golden(t, "trend.csv", table.Bytes())
	golden(t, "trend.svg", picture)
}

// A program that looks for change points needs as many cells in each line, and
// columns that stand still.
func TestTrendAsCSV(t *testing.T) {
	var out bytes.Buffer
	if err := history.NewTrend(weeks(t)).CSV(&out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll() // refuses lines of other lengths
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 11 || !slices.IsSorted(lines[0][9:]) {
		t.Errorf("%d lines, %v", len(lines), lines[0])
	}
}

// One run is a point, and no run nothing; both are charts.
func TestTrendOfFewRuns(t *testing.T) {
	for n, want := range []string{"No run measured anything.", "M"} {
		picture, err := history.NewTrend(weeks(t)[:n]).Chart("few")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(picture), want) {
			t.Errorf("%d runs: %s", n, picture)
		}
		for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// BenchmarkCompare tells what a call of the journals costs: to read, and to compare.
func BenchmarkCompare(b *testing.B) {
	r, journal := written(b, shape{name: "x", seed: 1, calls: 20_000, throttle: 0.01, scale: 1})
	b.ReportAllocs()
	for b.Loop() {
		var sides [2]*history.Side
		for i := range sides {
			calls, err := history.ReadCalls(bytes.NewReader(journal))
			if err != nil {
				b.Fatal(err)
			}
			sides[i] = &history.Side{Name: "x", Run: r, Calls: calls}
		}
		history.Compare(sides[0], sides[1])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/80_000, "ns/call")
}
