package report

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// read is one number that a format tells of an assertion.
type read struct {
	name  string
	value record.Reading
}

// readsOf are what the assertions read, in an order.
func readsOf(as []record.Assertion, shown func(*record.Assertion) bool) []read {
	var out []read
	for i := range as {
		if !shown(&as[i]) {
			continue
		}
		for _, name := range sortedNames(as[i].Values) {
			out = append(out, read{name, as[i].Values[name]})
		}
	}
	return out
}

var tags = regexp.MustCompile(`<!-- -->|<[^>]*>`)

// readBack finds the numbers in a text for people: a name that an assertion
// reads, then its value.
func readBack(t *testing.T, text string, names []string) []read {
	t.Helper()
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	var out []read
	for _, m := range regexp.MustCompile(`(`+strings.Join(names, "|")+`)(?: = |\s+)(`+noData+`|[0-9][0-9,.]*(?: s\b)?)`).FindAllStringSubmatch(text, -1) {
		if m[2] == noData {
			out = append(out, read{name: m[1]})
			continue
		}
		digits, inSeconds := strings.CutSuffix(m[2], " s")
		v, err := strconv.ParseFloat(strings.TrimRight(strings.ReplaceAll(digits, ",", ""), "."), 64)
		if err != nil {
			t.Fatal(err)
		}
		if inSeconds && strings.Contains(m[1], "_ms") {
			v *= 1000
		}
		out = append(out, read{m[1], record.Read(v, 0)})
	}
	return out
}

// The numbers that people read in any format are those of the record, as far as
// they are shown: four digits.
func TestAllFormatsTellTheSameNumbers(t *testing.T) {
	r := readRun(t, "typical")
	var names []string
	for i := range r.Assertions {
		names = append(names, sortedNames(r.Assertions[i].Values)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	made := folder(t, r)
	all := func(*record.Assertion) bool { return true }
	xmlText := func(b []byte) string { return html.UnescapeString(tags.ReplaceAllString(string(b), " ")) }
	told := func(a *record.Assertion) bool { return stateOf(a) != passed } // a case that passed has no text
	for _, c := range []struct {
		path string
		text string
		want []read
	}{
		{"verdict.txt", string(made["verdict.txt"]), readsOf(r.Assertions, all)},
		{"summary.md", html.UnescapeString(strings.ReplaceAll(string(made["summary.md"]), `\`, "")), readsOf(worstFirst(r.Assertions), all)},
		{"report.html", xmlText(made["report.html"]), readsOf(worstFirst(r.Assertions), all)},
		{"junit.xml", xmlText(made["junit.xml"]), readsOf(r.Assertions, told)},
		// What is only a warning stands behind the cases there.
		{"junit-strict.xml", xmlText(made["junit-strict.xml"]), slices.Concat(
			readsOf(r.Assertions, func(a *record.Assertion) bool { return told(a) && stateOf(a) != warned }),
			readsOf(r.Assertions, func(a *record.Assertion) bool { return stateOf(a) == warned }))},
		{"annotations.txt", strings.ReplaceAll(string(made["annotations.txt"]), "%0A", "\n"), readsOf(worstFirst(r.Assertions), func(a *record.Assertion) bool { return told(a) && stateOf(a) != skipped })},
	} {
		got := readBack(t, c.text, slices.Clone(names))
		if len(got) != len(c.want) || len(got) == 0 {
			t.Errorf("%s tells %d numbers; want %d\n%v\n%v", c.path, len(got), len(c.want), got, c.want)
			continue
		}
		for i, w := range c.want {
			g := got[i]
			if g.name != w.name || g.value.Known != w.value.Known || math.Abs(g.value.Value-w.value.Value) > 0.0005*math.Abs(w.value.Value) {
				t.Errorf("%s tells %s = %v; the record %s = %v", c.path, g.name, g.value, w.name, w.value)
			}
		}
	}
}

// sample is a line of openmetrics.txt, and label the first of its labels.
var (
	sample  = regexp.MustCompile(`^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$`)
	label   = regexp.MustCompile(`^[a-z_]+="((?:[^"\\]|\\[\\"n])*)"(,|$)`)
	badHelp = regexp.MustCompile(`[^\\]"|\n`)
)

// samples reads a text of OpenMetrics by the standard's grammar: families stand
// together, each with its type before its samples, a unit is the end of a name,
// no sample comes twice, and the last line is # EOF.
func samples(t *testing.T, text []byte) map[string]float64 {
	t.Helper()
	lines := strings.Split(string(text), "\n")
	if n := len(lines); n < 2 || lines[n-1] != "" || lines[n-2] != "# EOF" {
		t.Fatal("does not end with # EOF")
	}
	out, done, family := map[string]float64{}, map[string]bool{}, ""
	for _, line := range lines[:len(lines)-2] {
		words := strings.SplitN(line, " ", 4)
		if words[0] == "#" {
			if words[2] != family && done[words[2]] {
				t.Errorf("%s stands in two places", words[2])
			}
			family, done[words[2]] = words[2], true
			switch {
			case words[1] == "UNIT" && !strings.HasSuffix(family, "_"+words[3]):
				t.Errorf("%s does not end with its unit %s", family, words[3])
			case words[1] == "TYPE" && words[3] != "gauge":
				t.Errorf("%s is a %s", family, words[3])
			case words[1] == "HELP" && badHelp.MatchString(words[3]):
				t.Errorf("%s has a help that is not escaped: %s", family, words[3])
			}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[1] != family {
			t.Fatalf("in the family %s the line %q", family, line)
		}
		rest := m[2]
		for rest != "" {
			one := label.FindString(rest)
			if one == "" {
				t.Fatalf("labels %q in %q", rest, line)
			}
			rest = rest[len(one):]
		}
		key := m[1] + "{" + m[2] + "}"
		if _, twice := out[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		v, err := strconv.ParseFloat(m[3], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %q", key, m[3])
		}
		out[key] = v
	}
	return out
}

// Every number of run.json stands in openmetrics.txt, to the last digit, and
// nothing that is not known.
func TestOpenMetricsHasEveryNumber(t *testing.T) {
	for name := range fixtures {
		r := readRun(t, name)
		got := samples(t, folder(t, r)["openmetrics.txt"])
		if name == "hostile" {
			continue // its names are not those of a scenario; the grammar is what counts
		}
		want := map[string]float64{}
		for i := range r.Steps {
			s := &r.Steps[i]
			if !measures(s) {
				continue
			}
			kind := record.KindMonitor
			if s.Load != nil {
				kind = record.KindLoad
			}
			for _, m := range r.Models {
				for metric, v := range m.Steps[s.Name] {
					if v.Known {
						want["loadline_"+kind+"_"+GaugeName(metric)+`{step="`+s.Name+`",model="`+m.Name+`"}`] = v.Value
					}
				}
			}
			for metric, v := range r.Totals[s.Name] {
				if v.Known {
					want["loadline_"+kind+"_all_"+GaugeName(metric)+`{step="`+s.Name+`"}`] = v.Value
				}
			}
		}
		for key, v := range want {
			if g, ok := got[key]; !ok || g != v {
				t.Errorf("%s: %s is %v (%v); want %v", name, key, g, ok, v)
			}
		}
		numbers := 0
		for key := range got {
			if strings.HasPrefix(key, "loadline_load_") || strings.HasPrefix(key, "loadline_monitor_") {
				numbers++
			}
		}
		if numbers != len(want) {
			t.Errorf("%s has %d numbers of steps; want %d", name, numbers, len(want))
		}
		if v := got[`loadline_run_verdict{verdict="`+string(r.Verdict)+`"}`]; v != 1 {
			t.Errorf("%s: the verdict is not %s", name, r.Verdict)
		}
	}
}

func TestOpenMetricsTellsIntervals(t *testing.T) {
	r := readRun(t, "aborted")
	a := &r.Assertions[0]
	a.Confidence, a.Intervals = 0.95, map[string]record.Interval{"ramp.throttle_rate": {Low: 0.001, High: 0.02, Method: "exact"}}
	made := folder(t, r)
	got := samples(t, made["openmetrics.txt"])
	const labels = `{assertion="throttle rate within budget [sonnet us-east-1]"`
	for key, want := range map[string]float64{"loadline_assertion_low" + labels + `,name="ramp.throttle_rate"}`: 0.001, "loadline_assertion_high" + labels + `,name="ramp.throttle_rate"}`: 0.02, "loadline_assertion_confidence" + labels + "}": 0.95} {
		if got[key] != want {
			t.Errorf("%s = %v; want %v", key, got[key], want)
		}
	}
	for _, path := range []string{"junit.xml", "junit-strict.xml", "annotations.txt", "summary.md", "report.html", "verdict.txt"} {
		if text := strings.ReplaceAll(string(made[path]), "%25", "%"); !strings.Contains(text, "0.1 % to 2 %") {
			t.Errorf("%s does not tell the interval", path)
		}
	}
}

// Series are read back point by point, and gaps as gaps.
func TestSeriesAreReadBack(t *testing.T) {
	for name := range fixtures {
		r := readRun(t, name)
		text := folder(t, r)[seriesFile]
		if bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
			t.Errorf("%s has lines that do not end with CRLF", name)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		at := 1
		for _, s := range r.Series {
			for i, v := range s.Values {
				row := rows[at]
				at++
				when, err := time.Parse(time.RFC3339Nano, row[4])
				if err != nil || !when.Equal(s.Start.Add(time.Duration(i)*time.Duration(s.Period))) || row[2] != oneLine(s.Name) || row[3] != s.Unit {
					t.Fatalf("%s: row %d is %q of %v", name, at, row, err)
				}
				if v == nil {
					if row[5] != "" {
						t.Fatalf("%s: a gap is %q", name, row[5])
					}
				} else if got, err := strconv.ParseFloat(row[5], 64); err != nil || got != *v {
					t.Fatalf("%s: %q is no %v", name, row[5], *v)
				}
			}
		}
		if at != len(rows) {
			t.Errorf("%s has %d rows; want %d", name, len(rows), at)
		}
	}
}

func TestSpreadsheetsComputeNothing(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'=1", "\r\n=1": "'=1", "": "", "a=1": "a=1", " \u00a0=1": "'=1"} {
		if got := CSVText(in); got != want {
			t.Errorf("CSVText(%q) = %q; want %q", in, got, want)
		}
	}
}

// strict are the facts of both schemas: elements with their attributes, and the
// elements that may stand in them, in the order of Ant's. Sources: JUnit.xsd of
// Windy Road, junit-10.xsd of Jenkins' xUnit plugin.
var strict = map[string]struct {
	attributes []string // all are required
	pattern    map[string]string
	inside     []string
	all        bool // every one of inside is required
}{
	"testsuites": {inside: []string{"testsuite"}},
	"testsuite": {attributes: []string{"package", "id", "name", "hostname", "tests", "failures", "errors", "skipped", "time", "timestamp"}, inside: []string{"properties", "testcase", "system-out", "system-err"}, all: true,
		pattern: map[string]string{"id": `\d+`, "name": `.+`, "hostname": `.+`, "tests": `\d+`, "failures": `\d+`, "errors": `\d+`, "skipped": `\d+`, "time": `\d+\.\d{3}`, "timestamp": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`}},
	"properties": {inside: []string{"property"}},
	"property":   {attributes: []string{"name", "value"}, pattern: map[string]string{"name": `.+`}},
	"testcase":   {attributes: []string{"classname", "name", "time"}, inside: []string{"skipped", "error", "failure"}, pattern: map[string]string{"classname": `.+`, "name": `.+`, "time": `\d+\.\d{3}`}},
	"skipped":    {attributes: []string{"type", "message"}},
	"error":      {attributes: []string{"type", "message"}, pattern: map[string]string{"type": `.+`}},
	"failure":    {attributes: []string{"type", "message"}, pattern: map[string]string{"type": `.+`}},
	"system-out": {},
	"system-err": {},
}

// element is any element of XML.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Inside  []element  `xml:",any"`
}

func checkStrict(t *testing.T, e element) {
	t.Helper()
	fact, known := strict[e.XMLName.Local]
	if !known {
		t.Fatalf("an element %s", e.XMLName.Local)
	}
	var names []string
	for _, a := range e.Attrs {
		names = append(names, a.Name.Local)
		if p := fact.pattern[a.Name.Local]; p != "" && !regexp.MustCompile(`^(?s:`+p+`)$`).MatchString(a.Value) {
			t.Errorf("%s %s=%q; want %s", e.XMLName.Local, a.Name.Local, a.Value, p)
		}
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(fact.attributes)); !slices.Equal(names, want) {
		t.Errorf("%s has the attributes %v; want %v", e.XMLName.Local, names, want)
	}
	last, seen := 0, map[string]int{}
	for _, in := range e.Inside {
		at := slices.Index(fact.inside, in.XMLName.Local)
		if at < last {
			t.Errorf("%s holds %s, at a place where it may not", e.XMLName.Local, in.XMLName.Local)
		}
		last = max(last, at)
		seen[in.XMLName.Local]++
		checkStrict(t, in)
	}
	for _, name := range fact.inside {
		if fact.all && name != "testcase" && seen[name] != 1 {
			t.Errorf("%s holds %d %s; want 1", e.XMLName.Local, seen[name], name)
		}
	}
	if e.XMLName.Local == "testcase" && len(e.Inside) > 1 {
		t.Errorf("a case has %d results", len(e.Inside))
	}
}

func TestStrictJUnit(t *testing.T) {
	runs := map[string]*record.Run{"nothing": {}}
	for name, build := range fixtures {
		runs[name] = build()
	}
	for name, r := range runs {
		var root element
		if err := xml.Unmarshal(folder(t, r)["junit-strict.xml"], &root); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkStrict(t, root)
	}
}

func TestAnnotations(t *testing.T) {
	r := readRun(t, "hostile")
	for i := range 30 {
		a := judged(r, "assertion "+strconv.Itoa(i), "m", "a.b <= 1, c: 100 %", record.Fail, "50 % is above,\nso: no", "ramp.throttle_rate")
		r.Assertions = append(r.Assertions, a)
	}
	lines := strings.Split(strings.TrimSuffix(Annotations(r), "\n"), "\n")
	form := regexp.MustCompile(`^::(error|warning|notice) (?:(?:file|line|col|title)=[^:,\r\n]*,?)*::[^\r\n]+$`)
	for _, line := range lines {
		if !form.MatchString(line) {
			t.Errorf("%q is no annotation", line)
		}
		if rest := regexp.MustCompile(`%(25|0A|0D|3A|2C)`).ReplaceAllString(line, ""); strings.Contains(rest, "%") {
			t.Errorf("%q has a %% that is not escaped", line)
		}
	}
	if len(lines) != maxAnnotations+1 || !strings.HasPrefix(lines[maxAnnotations], "::notice ") || !strings.HasSuffix(lines[maxAnnotations], "24 more are not shown here: the report has all") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if got := Annotations(readRun(t, "empty")); got != "" {
		t.Errorf("nothing to tell, and told %q", got)
	}
}

func TestTame(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x": ": :error::x", "a\n \t::error::x\nb": "a\n \t: :error::x\nb", "a ##[group]x": "a ## [group]x", "a::b": "a::b", "": "",
	} {
		if got := Tame(in); got != want || command.MatchString(got) {
			t.Errorf("Tame(%q) = %q; want %q", in, got, want)
		}
	}
}
