package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func TestFormats(t *testing.T) {
	r := typicalRun()
	seen := map[string]bool{}
	for _, f := range Formats {
		if seen[f.Name] || !regexp.MustCompile(`^[a-z]+$`).MatchString(f.Name) {
			t.Errorf("the name %q is not unique or not lower case", f.Name)
		}
		seen[f.Name] = true
		if !strings.HasSuffix(f.Doc, ".") || len(f.Files) == 0 {
			t.Errorf("%s: doc %q and files %q say too little", f.Name, f.Doc, f.Files)
		}
		files, err := f.Render(r)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, error %v", f.Name, len(files), err)
		}
		for _, file := range files {
			if !slices.ContainsFunc(f.Files, func(p string) bool { ok, err := path.Match(p, file.Path); return ok && err == nil }) {
				t.Errorf("%s writes %s; its row says %q", f.Name, file.Path, f.Files)
			}
		}
		if got, ok := Lookup(f.Name); !ok || got.Name != f.Name {
			t.Errorf("Lookup(%q) = %q, %v", f.Name, got.Name, ok)
		}
	}
	if _, err := Render(r, []string{"pdf"}); err == nil || !strings.Contains(err.Error(), `"pdf"`) {
		t.Errorf("Render of an unknown format: %v; want an error that names it", err)
	}
}

func TestRenderedTwice(t *testing.T) {
	for name, build := range fixtures {
		a, b := folder(t, build()), folder(t, build())
		for path, data := range a {
			if !bytes.Equal(data, b[path]) {
				t.Errorf("%s: %s differs between two renderings", name, path)
			}
		}
	}
}

func TestFolder(t *testing.T) {
	r := typicalRun()
	before := slices.Clone(r.Artifacts)
	files, err := Folder(r, []string{"svg", "junit", "svg"})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Artifacts, before) {
		t.Error("Folder changed the record")
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	if want := []string{
		"charts/burst.svg", "charts/monitor.svg", "charts/monitor/haiku-calls.svg", "charts/monitor/haiku-rpm.svg", "charts/monitor/haiku-tpm.svg",
		"charts/monitor/sonnet-calls.svg", "charts/monitor/sonnet-rpm.svg", "charts/monitor/sonnet-tpm.svg", "charts/ramp.svg", "junit.xml", "run.json",
	}; !slices.Equal(paths, want) {
		t.Errorf("Folder made %q; want %q", paths, want)
	}
	var got record.Run
	last := files[len(files)-1].Data
	if err := json.Unmarshal(last, &got); err != nil {
		t.Fatal(err)
	}
	want := append(before, artifactsOf(files[:len(files)-1])...)
	slices.SortFunc(want, func(a, b record.Artifact) int { return strings.Compare(a.Path, b.Path) })
	if !reflect.DeepEqual(got.Artifacts, want) {
		t.Errorf("artifacts are %v; want %v", got.Artifacts, want)
	}
	if !bytes.HasSuffix(last, []byte("\n}\n")) || !bytes.HasPrefix(last, []byte("{\n  \"")) {
		t.Error("run.json is not indented by two spaces, or does not end with a newline")
	}
}

func artifactsOf(files []File) []record.Artifact {
	var out []record.Artifact
	for _, f := range files {
		sum := sha256.Sum256(f.Data)
		out = append(out, record.Artifact{Path: f.Path, SHA256: hex.EncodeToString(sum[:])})
	}
	return out
}

func TestRunJSONIsTheRecord(t *testing.T) {
	for name, build := range fixtures {
		r := build()
		files, err := Render(r, []string{"json"})
		if err != nil {
			t.Fatal(err)
		}
		var got record.Run
		if err := json.Unmarshal(files[0].Data, &got); err != nil {
			t.Fatal(err)
		}
		// What JSON cannot hold: samples within values, and empty as against nil.
		for _, run := range []*record.Run{r, &got} {
			for i := range run.Models {
				m := &run.Models[i]
				m.Quotas, m.Notes = list(m.Quotas), list(m.Notes)
				for _, v := range m.Steps {
					dropSamples(v)
				}
			}
			for _, v := range run.Totals {
				dropSamples(v)
			}
			for _, step := range run.Steps {
				for i := 0; step.Load != nil && i < len(step.Load.Stages); i++ {
					s := &step.Load.Stages[i]
					dropSamples(s.Totals)
					if len(s.Totals) == 0 {
						s.Totals = nil
					}
				}
			}
			for i := range run.Assertions {
				dropSamples(run.Assertions[i].Values)
			}
			run.Assertions, run.Artifacts, run.Series = list(run.Assertions), list(run.Artifacts), list(run.Series)
		}
		if name == "hostile" {
			// Its texts are not clean, as those of a record are.
			got.Scenario, r.Scenario = record.Scenario{}, record.Scenario{}
		}
		if !reflect.DeepEqual(&got, r) {
			t.Errorf("%s: the record that was read back differs", name)
		}
	}
}

// dropSamples takes off what run.json does not keep.
func dropSamples[M ~map[string]record.Reading](v M) {
	for name, r := range v {
		r.Samples, r.Rate = 0, nil
		v[name] = r
	}
}

// parsed is JUnit as a reader sees it.
type parsed struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name       string         `xml:"name,attr"`
		Timestamp  string         `xml:"timestamp,attr"`
		Tests      int            `xml:"tests,attr"`
		Failures   int            `xml:"failures,attr"`
		Errors     int            `xml:"errors,attr"`
		Skipped    int            `xml:"skipped,attr"`
		Time       string         `xml:"time,attr"`
		Properties []parsedOption `xml:"properties>property"`
		Cases      []struct {
			Class   string        `xml:"classname,attr"`
			Name    string        `xml:"name,attr"`
			Time    string        `xml:"time,attr"`
			Failure []parsedOther `xml:"failure"`
			Error   []parsedOther `xml:"error"`
			Skipped []parsedOther `xml:"skipped"`
			Out     string        `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type parsedOption struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type parsedOther struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Body    string `xml:",chardata"`
}

func parseJUnit(t *testing.T, r *record.Run) parsed {
	t.Helper()
	files, err := renderJUnit(r)
	if err != nil {
		t.Fatal(err)
	}
	var p parsed
	if err := xml.Unmarshal(files[0].Data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJUnitAddsUp(t *testing.T) {
	for name, build := range fixtures {
		p := parseJUnit(t, build())
		if len(p.Suites) != 1 {
			t.Fatalf("%s: %d suites", name, len(p.Suites))
		}
		s := p.Suites[0]
		var failures, errors, skipped int
		names := map[string]bool{}
		total := 0.0
		for _, c := range s.Cases {
			failures, errors, skipped = failures+len(c.Failure), errors+len(c.Error), skipped+len(c.Skipped)
			all := slices.Concat(c.Failure, c.Error, c.Skipped)
			if len(all) > 1 {
				t.Errorf("%s: the case %q has %d outcomes", name, c.Name, len(all))
			}
			for _, o := range all {
				if first, _, _ := strings.Cut(o.Body, "\n"); first != o.Message || o.Type == "" || o.Message == "" {
					t.Errorf("%s: %q has type %q, message %q and first line %q", name, c.Name, o.Type, o.Message, first)
				}
			}
			if names[c.Name] || c.Name == "" {
				t.Errorf("%s: two cases are named %q", name, c.Name)
			}
			names[c.Name] = true
			if strings.ContainsAny(c.Class, "./") || c.Class == "" {
				t.Errorf("%s: classname %q", name, c.Class)
			}
			var v float64
			if _, err := fmt.Sscanf(c.Time, "%f", &v); err != nil || !regexp.MustCompile(`^\d+\.\d{3}$`).MatchString(c.Time) {
				t.Errorf("%s: time %q", name, c.Time)
			}
			total += v
		}
		if fmt.Sprintf("%.3f", total) != s.Time {
			t.Errorf("%s: the times add up to %.3f; the suite says %s", name, total, s.Time)
		}
		counted := [4]int{len(s.Cases), failures, errors, skipped}
		if said := [4]int{s.Tests, s.Failures, s.Errors, s.Skipped}; said != counted {
			t.Errorf("%s: the suite says %v; counted %v", name, said, counted)
		}
		if said := [4]int{p.Tests, p.Failures, p.Errors, p.Skipped}; said != counted {
			t.Errorf("%s: the root says %v; counted %v", name, said, counted)
		}
		if _, err := time.Parse(junitTime, s.Timestamp); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJUnitWithoutAssertions(t *testing.T) {
	r := emptyRun()
	if c := parseJUnit(t, r).Suites[0].Cases; len(c) != 1 || c[0].Name != runCase || c[0].Error != nil {
		t.Errorf("a run without assertions has the cases %+v", c)
	}
	r.Problem = "no credentials"
	if c := parseJUnit(t, r).Suites[0].Cases; len(c) != 1 || len(c[0].Error) != 1 || c[0].Error[0].Message != "no credentials" {
		t.Errorf("a run with a problem has the cases %+v", c)
	}
}

func TestJUnitTypes(t *testing.T) {
	p := parseJUnit(t, abortedRun())
	for _, c := range p.Suites[0].Cases {
		if len(c.Error) != 1 || c.Error[0].Type != "Aborted" {
			t.Errorf("%s of an aborted run: %+v", c.Name, c.Error)
		}
	}
	r := typicalRun()
	r.Assertions = append(r.Assertions, r.Assertions[0])
	cases := parseJUnit(t, r).Suites[0].Cases
	if got, want := cases[len(cases)-1].Name, cases[0].Name+" #2"; got != want {
		t.Errorf("the second of two equal cases is named %q; want %q", got, want)
	}
	for _, c := range cases {
		if strings.HasPrefix(c.Name, "few errors") && (c.Failure != nil || !strings.HasPrefix(c.Out, "warning: ")) {
			t.Errorf("a warning is %+v; want a passed case that tells of it", c)
		}
	}
}

// The same numbers are in all formats.
func TestFormatsAgree(t *testing.T) {
	r := typicalRun()
	made := folder(t, r)
	junit := map[string]string{}
	p := parseJUnit(t, r)
	for _, o := range p.Suites[0].Properties {
		junit[o.Name] = o.Value
	}
	var read record.Run
	if err := json.Unmarshal(made[recordFile], &read); err != nil {
		t.Fatal(err)
	}
	for _, s := range read.Steps {
		if s.Load == nil {
			continue
		}
		if s.Load.Planned != s.Load.Sent+s.Load.Dropped {
			t.Errorf("%s: the record does not add up", s.Name)
		}
		for name, n := range map[string]int{"planned": s.Load.Planned, "sent": s.Load.Sent, "dropped": s.Load.Dropped, "throttled": s.Load.Outcomes[record.Throttled]} {
			if got := junit[s.Name+".load."+name]; got != fmt.Sprint(n) {
				t.Errorf("%s: junit says %s = %s; run.json %d", s.Name, name, got, n)
			}
		}
		sentence := account(s.Load)
		for _, path := range []string{"summary.md", "report.html", "verdict.txt", "charts/" + s.Name + ".svg"} {
			if !strings.Contains(html.UnescapeString(string(made[path])), sentence) {
				t.Errorf("%s does not say %q", path, sentence)
			}
		}
	}
	for _, m := range read.Models {
		for step, v := range m.Steps {
			if rate := v["throttle_rate"]; rate.Known {
				for _, path := range []string{"summary.md", "report.html", "charts/" + step + ".svg"} {
					if !strings.Contains(string(made[path]), percent(rate.Value)) {
						t.Errorf("%s does not show the rate %s of %s in %s", path, percent(rate.Value), m.Name, step)
					}
				}
			}
		}
	}
	if !strings.Contains(string(made["verdict.txt"]), "\n2 failed, 2 passed, 1 not decided, 1 warning, 1 skipped in 9m01s\n") {
		t.Error("the last line of the verdict does not count the assertions")
	}
	if p.Failures != 2 || p.Errors != 1 || p.Skipped != 1 {
		t.Errorf("junit counts %d failures, %d errors, %d skipped", p.Failures, p.Errors, p.Skipped)
	}
}

// A record from elsewhere may lack what ours have.
func TestBareRecord(t *testing.T) {
	for name, r := range map[string]*record.Run{
		"nothing": {},
		"periods without width": {
			Models: []record.Model{{Name: "m", Steps: map[string]record.Values{"load": nil, "monitor": nil}}},
			Steps:  []record.Step{{Name: "load", Load: &record.Load{}}, {Name: "monitor", Window: &record.Window{}}},
			Series: []record.Series{
				{Step: "load", Model: "m", Name: record.SeriesSent, Values: []*float64{at(1.0)}},
				{Step: "monitor", Model: "m", Name: record.MetricInvocations, Values: []*float64{at(1.0)}},
			},
		},
	} {
		if err := checkFolder(folder(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMarkdownStaysSmall(t *testing.T) {
	r := typicalRun()
	long := strings.Repeat("<|@`", 100)
	for range 5000 {
		r.Assertions = append(r.Assertions, judged(r, long, "sonnet", long, record.Fail, long, "ramp.throttle_rate"))
	}
	files, err := renderMarkdown(r)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Data)
	if len(text) > 1_000_000 {
		t.Errorf("the summary has %d bytes", len(text))
	}
	if !regexp.MustCompile(`\n[0-9,]+ rows are left out here: run\.json has all\.\n`).MatchString(text) {
		t.Error("the summary does not say how many rows are left out")
	}
	if !strings.HasPrefix(text, "## throttle-gate: failed\n") {
		t.Errorf("the summary begins with %.60q", text)
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"a|b":               `a\|b`,
		"one\ntwo":          "one two",
		"<script>":          "&lt;script&gt;",
		"`x` \\":            "\\`x\\` \\\\",
		"@team":             "@<!-- -->team",
		"https://evil.test": "https:<!-- -->//evil.test",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q; want %q", in, got, want)
		}
	}
}
