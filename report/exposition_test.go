package report_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/loadline-dev/loadline/report"
)

var (
	helpLine   = regexp.MustCompile(`^# HELP ([a-z][a-z0-9_]*) ((?:[^\\"]|\\\\|\\n)+)$`)
	typeLine   = regexp.MustCompile(`^# TYPE ([a-z][a-z0-9_]*) gauge$`)
	sampleLine = regexp.MustCompile(`^([a-z][a-z0-9_]*)(?:\{((?:[a-z][a-z0-9_]*="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`([a-z][a-z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)`)
)

// exposed reads an exposition as strictly as both formats together: each metric
// is one group of a HELP line, a TYPE line and samples; no sample is there
// twice, and no label twice in it.
func exposed(text string) (map[string]float64, error) {
	out, closed, current := map[string]float64{}, map[string]bool{}, ""
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("the last line does not end")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; text != "" && i < len(lines); i++ {
		line := lines[i]
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("no UTF-8: %q", line)
		}
		if h := helpLine.FindStringSubmatch(line); h != nil {
			if i+2 >= len(lines) || closed[h[1]] {
				return nil, fmt.Errorf("%s has no samples, or two groups", h[1])
			}
			t := typeLine.FindStringSubmatch(lines[i+1])
			if t == nil || t[1] != h[1] || strings.HasPrefix(lines[i+2], "#") {
				return nil, fmt.Errorf("after %q stands %q", line, lines[i+1])
			}
			current, closed[h[1]] = h[1], true
			i++
			continue
		}
		s := sampleLine.FindStringSubmatch(line)
		if s == nil || s[1] != current {
			return nil, fmt.Errorf("%q is no sample of %s", line, current)
		}
		names, whole := map[string]bool{}, ""
		for _, l := range labelPair.FindAllStringSubmatch(s[2], -1) {
			if names[l[1]] {
				return nil, fmt.Errorf("%q has the label %s twice", line, l[1])
			}
			names[l[1]], whole = true, whole+l[0]
		}
		if whole != s[2] {
			return nil, fmt.Errorf("labels of %q", line)
		}
		v, err := strconv.ParseFloat(s[3], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q has no finite value", line)
		}
		key := strings.TrimSuffix(line, " "+s[3])
		if _, ok := out[key]; ok {
			return nil, fmt.Errorf("%s is there twice", key)
		}
		out[key] = v
	}
	return out, nil
}

func TestExposition(t *testing.T) {
	got := report.Exposition([]report.Gauges{
		{Name: "a_rate", Help: "Throttles / attempts, in \"fractions\".\nC:\\", Samples: []report.Sample{
			{Labels: []report.Label{{Name: "model", Value: `q"u\o` + "\n" + `te`}, {Name: "region", Value: "us-east-1"}}, Value: 0.25},
			{Labels: []report.Label{{Name: "model", Value: "nan"}}, Value: math.NaN()},
			{Labels: []report.Label{{Name: "model", Value: "big"}}, Value: 12345678},
		}},
		{Name: "nothing", Help: "Left out."},
		{Name: "infinite", Help: "Left out.", Samples: []report.Sample{{Value: math.Inf(1)}}},
		{Name: "plain", Help: "No labels.", Samples: []report.Sample{{Value: -0.5}}},
	})
	want := `# HELP a_rate Throttles / attempts, in 'fractions'. C:\\
# TYPE a_rate gauge
a_rate{model="q\"u\\o te",region="us-east-1"} 0.25
a_rate{model="big"} 1.2345678e+07
# HELP plain No labels.
# TYPE plain gauge
plain -0.5
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if values, err := exposed(string(got)); err != nil || len(values) != 3 {
		t.Errorf("%d samples, %v; want 3", len(values), err)
	}
}

func TestGaugeName(t *testing.T) {
	for name, want := range map[string]string{"throttle_rate": "throttle_rate", "latency_ms.p99": "latency_ms_p99", "metric.TimeToFirstToken": "metric_timetofirsttoken", "é-1": "__1"} {
		if got := report.GaugeName(name); got != want {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
	}
}

// Whatever stands in a label or a HELP line, it can be read.
func FuzzExposition(f *testing.F) {
	f.Add("haiku", "A number.", 1.5)
	f.Add("a\"b\\\n", "\\n\"\r", math.Inf(-1))
	f.Add("\xff\u2028{}", "#", math.NaN())
	f.Fuzz(func(t *testing.T, label, help string, value float64) {
		text := string(report.Exposition([]report.Gauges{
			{Name: "x", Help: "Help: " + help, Samples: []report.Sample{{Labels: []report.Label{{Name: "model", Value: label}, {Name: "region", Value: label}}, Value: value}}},
			{Name: "y", Help: "Last.", Samples: []report.Sample{{Value: 1}}},
		}))
		want := 2
		if math.IsNaN(value) || math.IsInf(value, 0) {
			want = 1
		}
		if got, err := exposed(text); err != nil || len(got) != want {
			t.Errorf("%d samples, %v; want %d of\n%s", len(got), err, want, text)
		}
	})
}
