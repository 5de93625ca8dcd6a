package report

import (
	"encoding/xml"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func pageText(t *testing.T, r *record.Run) string {
	t.Helper()
	files, err := renderHTML(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(files[0].Data)
}

// The policy of a page lets a browser take the style and the script that are in
// it, and nothing else.
func TestThePolicyNamesWhatIsThere(t *testing.T) {
	text := pageText(t, hostileRun())
	policy := html.UnescapeString(between(t, text, `http-equiv="Content-Security-Policy" content="`, `"`))
	want := "default-src 'none'; style-src '" + digest(between(t, text, "<style>", "</style>")) + "'; script-src '" + digest(between(t, text, "<script>", "</script>")) + "'; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
	}
	if strings.Contains(text, "style=\"") {
		t.Error("the page has a style attribute, which its policy forbids")
	}
	if asks := regexp.MustCompile(`(?i)\ssrc=|url\((?:[^#)]|#[^f])|@import|https?://[^w"e]`).FindString(text); asks != "" {
		t.Errorf("the page asks for something: %q", asks)
	}
}

func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	found, _, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("the page has no %s ... %s", from, to)
	}
	return found
}

func TestLimitIn(t *testing.T) {
	for _, c := range []struct {
		expr, name string
		want       float64
		known      bool
	}{
		{"ramp.throttle_rate <= 0.01", "ramp.throttle_rate", 0.01, true},
		{"ramp.throttle_rate<0.05 and ramp.ok > 100", "ramp.throttle_rate", 0.05, true},
		{"(ramp.throttle_rate > 0.5) or true", "ramp.throttle_rate", 0.5, true},
		{"ramp.ok >= 2_000", "ramp.ok", 2000, true},
		{"ramp.throttle_rate <= 0.01 * 2", "ramp.throttle_rate", 0, false},
		{"2 * ramp.throttle_rate <= 0.01", "ramp.throttle_rate", 0, false},
		{"1 - ramp.goodput <= 0.01", "ramp.goodput", 0, false},
		{"ramp.throttle_rate <= 0.01 or ramp.throttle_rate > 0.9", "ramp.throttle_rate", 0, false},
		{"ramp.throttle_rate == 0", "ramp.throttle_rate", 0, false},
		{"ramp.throttle_rate_x <= 0.01", "ramp.throttle_rate", 0, false},
		{"my_ramp.throttle_rate <= 0.01", "ramp.throttle_rate", 0, false},
		{"ramp.throttle_rate <= 0.01e5", "ramp.throttle_rate", 0, false},
		{"ramp.throttle_rate <= 0.01", "", 0, false},
		{"", "ramp.throttle_rate", 0, false},
	} {
		if got, known := limitIn(c.expr, c.name); got != c.want || known != c.known {
			t.Errorf("limitIn(%q, %q) = %v, %v; want %v, %v", c.expr, c.name, got, known, c.want, c.known)
		}
	}
}

// The drawing of an interval says in words what it shows, and keeps within its
// frame whatever a record says.
func TestDrawInterval(t *testing.T) {
	a := &record.Assertion{Expr: "ramp.throttle_rate <= 0.01", Values: map[string]record.Reading{"ramp.throttle_rate": record.Read(0.008, 1000)}}
	for _, i := range []record.Interval{{Low: 0.004, High: 0.02}, {}, {Low: 1, High: 1}, {Low: -5, High: 1e300}, {Low: 3, High: 2}} {
		a.Intervals = map[string]record.Interval{"ramp.throttle_rate": i}
		got := string(drawInterval("ramp.throttle_rate", a))
		if err := xml.Unmarshal([]byte("<p>"+got+"</p>"), new(struct{})); err != nil {
			t.Fatalf("%+v: %v in %s", i, err, got)
		}
		if want := "can truly be " + percent(i.Low) + " to " + percent(i.High) + "; the limit is 1 %"; strings.Count(got, want) != 2 {
			t.Errorf("%+v: %s does not say %q to both readers", i, got, want)
		}
		for _, m := range regexp.MustCompile(`\s(?:x|cx|width)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
			if v, err := strconv.ParseFloat(m[1], 64); err != nil || v < 0 || v > intervalWidth {
				t.Errorf("%+v: %s leaves the frame", i, m[0])
			}
		}
	}
}

// What a verdict opens to: expression, values, samples, interval, method, place.
func TestAVerdictOnThePage(t *testing.T) {
	r := typicalRun()
	p, err := pageOf(r)
	if err != nil {
		t.Fatal(err)
	}
	v := p.Verdicts[0]
	if v.Line != 29 || v.Place != "scenarios/throttle-gate.yaml:29:11" || !v.Open || v.Confidence == "" || len(v.Drawings) != 1 {
		t.Errorf("the first verdict is %+v", v)
	}
	if got := strings.Join(v.Readings.Head, ","); got != "name,read,samples,can truly be,method" {
		t.Errorf("its columns are %s", got)
	}
	if got, want := strings.Join(v.Readings.Rows[0], ","), "ramp.throttle_rate,0.08237 (8.24 %),50 of 607,6.18 % to 10.7 %,window, over 6 windows, design effect 2.4"; got != want {
		t.Errorf("it read %s; want %s", got, want)
	}
	r.Assertions[0].Line = 4000
	if got := pageVerdictOf(r, &r.Assertions[0], len(p.Source)).Line; got != 0 {
		t.Errorf("a line that the scenario does not have is linked as %d", got)
	}
	r.Assertions[1].File = "elsewhere.yaml"
	if got := pageVerdictOf(r, &r.Assertions[1], len(p.Source)).Line; got != 0 {
		t.Errorf("a line of another file is linked as %d", got)
	}
}

// Every model has its quotas and its load, by all that is known of it.
func TestTheSectionOfAModel(t *testing.T) {
	text := html.UnescapeString(pageText(t, typicalRun()))
	_, sonnet, _ := strings.Cut(text, `<h2 id="model-1">`)
	sonnet, haiku, _ := strings.Cut(sonnet, `<h2 id="model-2">`)
	haiku, _, _ = strings.Cut(haiku, `<h2 id="model-3">`)
	for _, want := range []string{"Quotas of sonnet", ">quota 200<", ">first throttle 04:07:34<", ">planned<", ">reserved<", ">taken<", "time to the first text", "how the times spread", "Step burst"} {
		if !strings.Contains(sonnet, want) {
			t.Errorf("the section of sonnet lacks %q", want)
		}
	}
	for _, no := range []string{"time to the first text", "Step burst"} {
		if strings.Contains(haiku, no) {
			t.Errorf("the section of haiku has %q, of which it has no data", no)
		}
	}
}

func TestFirstThrottle(t *testing.T) {
	got := firstThrottle(record.Values{"first_throttle_s": record.Read(61.5, 3)}, times{start: began})
	if len(got) != 1 || !got[0].At.Equal(began.Add(61500*time.Millisecond)) || got[0].Name != "first throttle 04:06:07" {
		t.Errorf("firstThrottle = %+v", got)
	}
	if got := firstThrottle(record.Values{}, times{start: began}); got != nil {
		t.Errorf("without a throttle: %+v", got)
	}
}

// What is not known of a generator is not said.
func TestHealthOf(t *testing.T) {
	s := &record.Step{Load: &record.Load{}}
	if got := healthOf(s, record.Values{"generator.steal": {}}); got != "" {
		t.Errorf("without data: %q", got)
	}
	s.Load.Sick = "calls\nwere late"
	want := "calls were late; generator.achieved 98 %; generator.lag_ms.p99 4 ms"
	if got := healthOf(s, record.Values{"generator.achieved": record.Read(0.98, 100), "generator.lag_ms.p99": record.Read(4, 100)}); got != want {
		t.Errorf("healthOf = %q; want %q", got, want)
	}
}

// Tables scroll by themselves on a narrow screen, and not the page; that of the
// facts breaks its lines instead.
func TestTablesScrollByThemselves(t *testing.T) {
	r := typicalRun()
	r.Generator = &record.Generator{GOGC: 400, Procs: 16}
	page, err := renderHTML(r)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page[0].Data), "<table")
	if len(parts) < 6 {
		t.Fatalf("the page has %d tables", len(parts)-1)
	}
	for i, after := range parts[1:] {
		lines := strings.Split(parts[i], "\n")
		if !strings.HasPrefix(after, ` class="facts"`) && !strings.Contains(lines[len(lines)-1], `<div class="wide" tabindex="0" role="group" aria-label=`) {
			t.Errorf("a table does not scroll: <table%.120s", after)
		}
	}
}
