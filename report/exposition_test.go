package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/loadline-dev/loadline/record"
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
	got := Exposition([]Gauges{
		{Name: "a_rate", Help: "Throttles / attempts, in \"fractions\".\nC:\\", Samples: []Sample{
			{Labels: []Label{{Name: "model", Value: `q"u\o` + "\n" + `te`}, {Name: "region", Value: "us-east-1"}}, Value: 0.25},
			{Labels: []Label{{Name: "model", Value: "nan"}}, Value: math.NaN()},
			{Labels: []Label{{Name: "model", Value: "big"}}, Value: 12345678},
		}},
		{Name: "nothing", Help: "Left out."},
		{Name: "infinite", Help: "Left out.", Samples: []Sample{{Value: math.Inf(1)}}},
		{Name: "plain", Help: "No labels.", Samples: []Sample{{Value: -0.5}}},
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
		if got := GaugeName(name); got != want {
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
		text := string(Exposition([]Gauges{
			{Name: "x", Help: "Help: " + help, Samples: []Sample{{Labels: []Label{{Name: "model", Value: label}, {Name: "region", Value: label}}, Value: value}}},
			{Name: "y", Help: "Last.", Samples: []Sample{{Value: 1}}},
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

func TestMonitorGauges(t *testing.T) {
	for name, r := range map[string]*record.Run{"typical": typicalRun(), "hostile": hostileRun(), "empty": emptyRun(), "large": largeRun()} {
		values, err := exposed(string(Exposition(MonitorGauges(r))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		known := 0
		for _, m := range r.Models {
			for _, metric := range record.Metrics {
				if metric.FromTraffic != nil && m.Steps[record.KindMonitor][metric.Name].Known {
					known++
				}
			}
			for _, q := range m.Quotas {
				if q.Applied != nil {
					known++
				}
			}
		}
		for key := range values {
			if strings.Contains(key, `{region="`) || strings.Contains(key, "loadline_monitor_metric{") {
				known++
			}
		}
		if len(values) != known || name == "typical" && known < 20 {
			t.Errorf("%s: %d samples; want one of each of the %d known numbers", name, len(values), known)
		}
	}
}

// No two numbers have the same name.
func TestNamesOfGaugesDiffer(t *testing.T) {
	r := &record.Run{Models: []record.Model{{Name: "m", ID: "i", Steps: map[string]record.Values{record.KindMonitor: {
		"metric.a.b": record.Read(1, 1), "metric.a_b": record.Read(2, 1), "metric.unknown": {},
	}}}}}
	for _, m := range record.Metrics {
		if m.FromTraffic != nil {
			r.Models[0].Steps[record.KindMonitor][m.Name] = record.Read(1, 1)
		}
	}
	values, err := exposed(string(Exposition(MonitorGauges(r))))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(r.Models[0].Steps[record.KindMonitor]); len(values) != want { // without the unknown one, with the time
		t.Errorf("%d samples; want %d", len(values), want)
	}
	if v := values[`loadline_monitor_metric{model="m",id="i",region="",account="",metric="a_b"}`]; v != 2 {
		t.Errorf("a_b is %v; want 2", v)
	}
}
