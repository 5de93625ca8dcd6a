package chart

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

var start = time.Date(2026, 11, 21, 22, 17, 0, 0, time.UTC)

// made builds n values.
func made(n int, f func(i int) float64) []*float64 {
	out := make([]*float64, n)
	for i := range out {
		if v := f(i); !math.IsNaN(v) {
			out[i] = &v
		}
	}
	return out
}

func constant(v float64) func(int) float64 { return func(int) float64 { return v } }

func stacked(name string, period time.Duration, ok, throttled []*float64, notes ...Note) Panel {
	known := slices.Clone(ok)
	for i, v := range throttled {
		known[i] = cmp.Or(known[i], v)
	}
	return Panel{
		Known:   &Known{period, known},
		Heading: name, Note: "throttle rate 3.1 % (78 of 2,489)", Caption: "calls per " + period.String(),
		Start: start, End: start.Add(time.Duration(max(1, len(ok))) * period), Whole: true,
		Columns: &Columns{Period: period, Notes: notes, Parts: []Part{{"successful", OK, ok}, {"throttled", Throttled, throttled}}},
	}
}

func lined(period time.Duration, values ...[]*float64) Panel {
	p := Panel{Caption: "ms", Start: start, End: start.Add(time.Duration(max(1, len(values[0]))) * period)}
	for i, v := range values {
		p.Lines = append(p.Lines, Line{Name: fmt.Sprint("line ", i), Look: Median + Look(i%2), Period: period, Values: v})
	}
	return p
}

// forms are the forms that data can take; each once broke a chart somewhere.
func forms() map[string]Figure {
	nan := math.NaN()
	wave := func(i int) float64 { return math.Round(800 + 700*math.Sin(float64(i)/30)) }
	fives := func(i int) float64 {
		if i%37 == 36 {
			return float64(i)
		}
		return 0
	}
	marked := stacked("marked", 15*time.Second, made(40, wave), made(40, fives), Note{36, "4.3 %"})
	marked.Shades = []Shade{{start, start.Add(time.Minute), "warm-up"}}
	marked.Borders = []Border{{start, "climb"}, {start.Add(2 * time.Minute), "hold"}, {start.Add(9 * time.Minute), strings.Repeat("a long name ", 20)}, {start.Add(time.Hour), "outside"}}
	tried := Panel{Heading: "trials", Caption: "rpm", Start: start, End: start.Add(10 * time.Minute), Bands: []Band{{"limit", 98, 103}, {"none", 5, 5}, {"narrow", 300, 300.1}},
		BarNames: []BarName{{"held", OK}, {"did not hold", Throttled}, {"not there", Errors}},
		Bars: []Bar{{start, start.Add(time.Minute), 400, Throttled}, {start.Add(2 * time.Minute), start.Add(4 * time.Minute), 98, OK}, {start.Add(-time.Hour), start.Add(-time.Minute), 103, Throttled},
			{start.Add(9 * time.Minute), start.Add(time.Hour), nan, OK}, {start.Add(time.Hour), start.Add(2 * time.Hour), 50, OK}}}
	return map[string]Figure{
		"points": {Title: "runs", Rows: []Row{{Heading: "runs", Cells: []Panel{dots(fives), dots(constant(nan)), {Start: start, End: start, Points: dots(fives).Points}}}}, Panels: []Panel{dots(fives)}},
		"tried":  {Panels: []Panel{tried}},
		"one":    {Panels: []Panel{stacked("one column", time.Minute, made(1, constant(5)), made(1, constant(1)), Note{0, "17 %"}), lined(time.Minute, made(1, constant(812)))}},
		"zeros":  {Panels: []Panel{stacked("all zeros", time.Minute, made(10, constant(0)), made(10, constant(0))), lined(time.Minute, made(10, constant(0)))}},
		"none":   {Panels: []Panel{{Heading: "haiku", Empty: "No data for haiku"}, {Heading: "no time", Start: start, End: start}, {Start: start, End: start.Add(time.Minute)}}},
		"gaps":   {Panels: []Panel{stacked("only gaps", time.Minute, made(10, constant(nan)), made(10, constant(nan))), lined(time.Minute, made(9, func(i int) float64 { return []float64{1, 2, nan}[i%3] }), made(9, func(i int) float64 { return []float64{4, nan, nan}[i%3] }))}},
		"spike":  {Panels: []Panel{stacked("a spike", time.Minute, made(60, func(i int) float64 { return []float64{3, 3000}[i/30*(i%30+29)/29/2%2] }), made(60, func(i int) float64 { return float64(i % 2) })), lined(time.Minute, made(60, func(i int) float64 { return math.Pow(1000, float64(i/59)) }))}},
		"many":   {Panels: []Panel{stacked("288 columns", 5*time.Minute, made(288, wave), made(288, fives), Note{258, "12 %"}, Note{73, "5 %"}, Note{36, "4 %"})}},
		"huge":   {Panels: []Panel{stacked("millions", time.Hour, made(30, func(i int) float64 { return 2.5e6 * float64(i) / 30 }), made(30, constant(1e5))), lined(time.Second, made(30, constant(math.Inf(1)))), lined(time.Second, made(30, constant(0.00042)))}},
		"marked": {Panels: []Panel{marked}},
		"groups": {Title: "clients", Rows: []Row{{Plot: 170, Cells: []Panel{grouped(3, 7, wave), grouped(1, 2, constant(0)), grouped(2, 40, fives)}}}, Panels: []Panel{grouped(3, 3, constant(nan))}},
		"rows":   {Title: "rows", Lead: []string{"Nearest to a quota: one 50 % of rpm"}, Rows: rowsOf(wave, fives)},
		"heats":  {Title: "hours", Heats: []Heat{heatOf("a week", 7, wave), heatOf("a month", 30, constant(nan)), heatOf("quiet", 14, constant(0)), {Heading: "x", Empty: "No data for x"}}},
		"year":   {Title: "hours", Heats: []Heat{heatOf("a year", 365, wave)}},
		"names":  {Title: hostile, Desc: hostile, Panels: []Panel{stacked(hostile+strings.Repeat("long ", 60), time.Minute, made(3, wave), made(3, fives), Note{1, hostile}), {Heading: "x", Empty: hostile}}},
	}
}

// grouped are kinds at some places, with ends of lines; one in eleven is missing,
// and one kind has no lines.
func grouped(places, kinds int, f func(int) float64) Panel {
	p := Panel{Caption: "success rate", Start: start, End: start.Add(time.Duration(places) * time.Second), PlacesName: "offered load", Groups: &Groups{}}
	for i := range places {
		p.Places = append(p.Places, fmt.Sprint(50*(i+1), " %"))
	}
	for k := range kinds {
		kind := Kind{Name: fmt.Sprint("client ", k+1), Values: make([]*float64, places), Highs: make([]*float64, places)}
		for i := range places {
			if v := f(i*kinds + k); !math.IsNaN(v) && (i*kinds+k)%11 != 10 {
				kind.Values[i], kind.Highs[i] = new(v), new(v*1.5)
			}
		}
		if k == 1 {
			kind.Name, kind.Highs = hostile+strings.Repeat("long ", 60), nil
		}
		p.Groups.Kinds = append(p.Groups.Kinds, kind)
	}
	return p
}

// dots are runs over three years, one without a number, one in doubt, one in a time
// that is not shown; and a quota.
func dots(f func(int) float64) Panel {
	p := Panel{Heading: "runs", Caption: "% of calls", Start: start, End: start.AddDate(3, 0, 0), Points: []Points{{Name: "throttled", Look: Throttled}, {Name: "quota", Look: Limit, Steps: true}}}
	quota := []float64{50, 50, 20, 90}
	for i := range 40 {
		at := Point{At: start.AddDate(0, i, i*i%11), Doubtful: i == 9}
		if v := f(i*37 + 36); i != 20 && !math.IsNaN(v) {
			at.Value, at.Low, at.High = new(v), new(v*0.8-9), new(v*1.3)
		}
		p.Points[0].List = append(p.Points[0].List, at)
		p.Points[1].List = append(p.Points[1].List, Point{At: at.At, Value: &quota[i/10]})
	}
	return p
}

// rowsOf are a row of plots, one without anything, and one whose cells lack what
// the others have.
func rowsOf(wave, fives func(int) float64) []Row {
	cell := stacked("", 5*time.Minute, made(288, wave), made(288, fives))
	cell.Note, cell.Heading = "12 % throttled from 15:05", ""
	quota := lined(time.Minute, made(1440, wave))
	quota.Marks, quota.Note = []Mark{{"quota", Limit, 1700}}, "peak 1,500, 88 % of quota 1,700"
	far := lined(time.Minute, made(1440, wave))
	far.Marks, far.Known = []Mark{{"quota, above the scale", Limit, 17e6}}, &Known{time.Minute, made(1440, func(i int) float64 {
		if i%400 < 60 {
			return math.NaN()
		}
		return 1
	})}
	return []Row{
		{Heading: "one", Note: "throttle rate 3 %", Cells: []Panel{cell, quota, far}},
		{Heading: "two", Empty: "No data for two"},
		{Heading: strings.Repeat("three ", 60), Note: strings.Repeat("long ", 60), Cells: []Panel{{Caption: hostile + strings.Repeat("caption ", 20), Note: "a note that goes first", Empty: "no data"}, {Start: start, End: start}, quota}},
	}
}

// heatOf has an hour in seven that is not known, and a day of 23 hours.
func heatOf(name string, days int, f func(int) float64) Heat {
	h := Heat{Heading: name, Note: "busiest: Monday, 14:00 to 15:00", Name: "attempts per hour", MarkNames: []string{"throttled", "5 % throttled", "more"}}
	for d := range days {
		day := HeatDay{Label: start.AddDate(0, 0, d).Format("Jan 2")}
		for i := range day.Hours {
			if n := d*24 + i; n%31 == 0 {
				day.Hours[i].Mark = n/31%3 + 1
			}
			if v := f(d*24 + i); !math.IsNaN(v) && (d+i)%7 != 0 {
				day.Hours[i].Value = &v
			}
			day.Hours[i].Outside = d == 3 && i == 2
		}
		h.Days = append(h.Days, day)
	}
	return h
}

const hostile = "<script>alert(\"1\")</script>&' \a\x1b[31m \u202E ]]> \xff"

func TestForms(t *testing.T) {
	for name, f := range forms() {
		t.Run(name, func(t *testing.T) {
			f.Name = name
			got := draw(t, f)
			golden := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				if err := os.WriteFile(golden+".got", got, 0o644); err != nil {
					t.Fatal(err)
				}
				t.Errorf("%s differs from %s.got", golden, golden)
			}
		})
	}
}

// draw draws a figure twice and checks what holds for all.
func draw(t interface {
	Helper()
	Fatalf(string, ...any)
}, f Figure) []byte {
	t.Helper()
	got, err := f.SVG()
	if err != nil {
		t.Fatalf("%v", err)
	}
	again, err := f.SVG()
	if err != nil || !bytes.Equal(got, again) {
		t.Fatalf("the second drawing differs from the first (error: %v)", err)
	}
	d := xml.NewDecoder(bytes.NewReader(got))
	roots, depth := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			switch e.Name.Local {
			case "script", "style", "foreignObject", "a", "image", "use":
				t.Fatalf("has an element %s", e.Name.Local)
			}
			for _, a := range e.Attr {
				for _, bad := range []string{"NaN", "Inf"} {
					if strings.Contains(a.Value, bad) {
						t.Fatalf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		t.Fatalf("has %d roots", roots)
	}
	for _, r := range string(got) {
		if unicode.IsControl(r) && r != '\n' || r >= 0x202A && r <= 0x202E {
			t.Fatalf("has the character %U", r)
		}
	}
	return got
}

func TestAnyData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Custom(func(t *rapid.T) *float64 {
			if rapid.Bool().Draw(t, "gap") {
				return nil
			}
			v := rapid.Float64().Draw(t, "value")
			return &v
		})
		n := rapid.IntRange(0, 40).Draw(t, "n")
		list := rapid.SliceOfN(value, n, n)
		text := rapid.String()
		period := time.Duration(rapid.IntRange(1, 3600).Draw(t, "seconds")) * time.Second
		p := stacked(text.Draw(t, "heading"), period, list.Draw(t, "ok"), list.Draw(t, "throttled"))
		p.Note, p.Caption = text.Draw(t, "note"), text.Draw(t, "caption")
		p.Borders = []Border{{p.Start, text.Draw(t, "stage")}}
		if n > 0 {
			p.Columns.Notes = []Note{{rapid.IntRange(0, n-1).Draw(t, "column"), text.Draw(t, "over")}}
		}
		l := lined(period, list.Draw(t, "line"))
		l.Lines[0].Name = text.Draw(t, "name")
		small := l
		small.Marks, small.Known = []Mark{{text.Draw(t, "mark"), Limit, rapid.Float64().Draw(t, "quota")}}, &Known{period, list.Draw(t, "known")}
		heat := Heat{Heading: text.Draw(t, "map"), Note: text.Draw(t, "busiest"), Name: text.Draw(t, "counts"), Days: make([]HeatDay, n)}
		for i, v := range list.Draw(t, "hours") {
			heat.Days[i].Label = text.Draw(t, "day")
			heat.Days[i].Hours[i%24] = HeatHour{Value: v, Mark: i % 5}
		}
		many := grouped(max(n, 1), 1+n%9, func(int) float64 { return *cmp.Or(value.Draw(t, "column"), new(0.0)) })
		many.Groups.Kinds[0].Highs, many.Groups.Kinds[0].Name = list.Draw(t, "ends"), text.Draw(t, "kind")
		draw(t, Figure{
			Name: text.Draw(t, "id"), Title: text.Draw(t, "title"), Desc: text.Draw(t, "desc"), Panels: []Panel{p, l}, Lead: []string{text.Draw(t, "lead")},
			Rows: []Row{{Heading: text.Draw(t, "row"), Cells: []Panel{p, small, many}}}, Heats: []Heat{heat},
		})
	})
}

func TestPlotsAreAligned(t *testing.T) {
	// Panels over one time axis share it only if their plots begin and end at
	// the same place, whatever the labels.
	for _, p := range []Panel{
		stacked("a", time.Minute, made(60, constant(3)), made(60, constant(0))),
		stacked("b", time.Minute, made(60, constant(2.5e6)), made(60, constant(0))),
		lined(time.Minute, made(60, constant(0.001))),
	} {
		for _, noTimes := range []bool{false, true} {
			p.NoTimes = noTimes
			svg := string(draw(t, Figure{Panels: []Panel{p}}))
			top, bottom := p.top(whole), p.top(whole)+plotHeight
			for _, want := range []string{
				fmt.Sprintf("M%d %dL%d %d", plotLeft, bottom, plotRight, bottom), // the time axis
				fmt.Sprintf("M%d %dL%d %d", plotLeft-1, bottom, plotLeft-1, top), // the value axis, one pixel to its left
			} {
				if !strings.Contains(svg, want) {
					t.Errorf("%s: no axis at %s", p.Heading, want)
				}
			}
		}
	}
}
