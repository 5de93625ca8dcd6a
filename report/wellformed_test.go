package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// wellFormed says what is wrong with an XML document, nil if nothing is.
func wellFormed(b []byte) error {
	if err := clean(b); err != nil {
		return err
	}
	if bytes.Contains(b, []byte("<![CDATA[")) {
		return fmt.Errorf("holds CDATA")
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	roots, depth := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		return fmt.Errorf("has %d roots", roots)
	}
	return nil
}

// clean says which character in a report should not be there.
func clean(b []byte) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("is not UTF-8")
	}
	for _, r := range string(b) {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("holds the character %U", r)
		}
	}
	return nil
}

// live finds what a browser would act on and that no report of ours holds, in
// a tag that is not escaped. Attribute values and style sheets are ours.
var live = regexp.MustCompile(`(?i)<(script|iframe|object|embed|img|link|base|form|a|image|use|foreignObject)[\s/>]|<[^<>]*\son\w+\s*=`)

// inside are links to a part of the page.
var inside = regexp.MustCompile(`<a (?:class="skip" )?href="#(?:verdicts|clients|scenario|environment|(?:line|model|step)-[0-9]+)">`)

// tag is one as a browser reads it, if values hold no angle brackets; quoted is a
// value, which is no markup.
var tag, quoted = regexp.MustCompile(`<[A-Za-z][^<>]*>`), regexp.MustCompile(`="[^"]*"`)

// withoutOurs takes away the one script of the page, byte by byte ours, the
// links within it, and what stands in quotes in a tag.
func withoutOurs(data []byte) []byte {
	data = bytes.Replace(data, []byte("<script>"+pageScript+"</script>"), nil, 1)
	data = inside.ReplaceAll(data, nil)
	return tag.ReplaceAllFunc(data, func(t []byte) []byte { return quoted.ReplaceAll(t, []byte(`=""`)) })
}

func TestLiveMarkupIsFound(t *testing.T) {
	for text, want := range map[string]bool{
		`<g data-series="&#34;/&gt;&lt;svg onload=x&gt;">`: false, `<g data-series=""/><svg onload=x>"`: true, `<a href="#line-7">`: false, `<a href="#x" onclick="y">`: true,
		`<a href="https://example.org">`: true, `<script>alert(1)</script>`: true, "<script>" + pageScript + "</script>": false,
		"<script>" + pageScript + "</script><script>" + pageScript + "</script>": true, `a="<img src=x>"`: true, `<p title="x" onmouseover="y">`: true,
	} {
		if got := live.Match(withoutOurs([]byte(text))); got != want {
			t.Errorf("live markup in %.80q: %v; want %v", text, got, want)
		}
	}
}

func checkFolder(made map[string][]byte) error {
	for path, data := range made {
		var err error
		switch {
		case strings.HasSuffix(path, ".svg"), strings.HasSuffix(path, ".xml"):
			err = wellFormed(data)
		case strings.HasSuffix(path, ".csv"): // whose lines end with CRLF
			err = clean(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
		case path != recordFile:
			err = clean(data)
		}
		if err != nil {
			return fmt.Errorf("%s %w", path, err)
		}
		if strings.HasSuffix(path, ".svg") || strings.HasSuffix(path, ".html") {
			if found := live.Find(withoutOurs(data)); found != nil {
				return fmt.Errorf("%s holds %s", path, found)
			}
		}
	}
	// A line of these files is what it is, whatever texts stand in it.
	for path, form := range map[string]*regexp.Regexp{"annotations.txt": annotationLine, "openmetrics.txt": metricsLine, seriesFile: seriesLine} {
		for i, line := range strings.Split(strings.TrimSuffix(string(made[path]), "\n"), "\n") {
			if line != "" && !form.MatchString(line) {
				return fmt.Errorf("%s:%d: %q", path, i+1, line)
			}
		}
	}
	for i, line := range strings.Split(string(made["verdict.txt"]), "\n") {
		if command.MatchString(line) {
			return fmt.Errorf("verdict.txt:%d is a command of GitHub: %q", i+1, line)
		}
		if !ours.MatchString(line) {
			return fmt.Errorf("verdict.txt:%d begins with text from outside: %q", i+1, line)
		}
	}
	return nil
}

// ours are the beginnings of lines on the terminal.
var ours = regexp.MustCompile(`^(FAIL|\?\?\?\?|WARN|SKIP|PASS|load|read|step|note|    )  |^\d+ failed, |^$`)

var (
	annotationLine = regexp.MustCompile(`^::(error|warning|notice) ((file|line|col|title)=[^:,]*,?)*::[^\r]+$`)
	metricsLine    = regexp.MustCompile(`^(# EOF|# (HELP|TYPE|UNIT) loadline_.*|loadline_[a-z0-9_]+(\{([a-z_]+="([^"\\]|\\[\\"n])*",?)+\})? [-+.e0-9]+)$`)
	seriesLine     = regexp.MustCompile(`^(("(""|[^"=+@-])([^"]|"")*"|[^=+@",-][^",]*|),){4}[0-9T:.Z-]+,[-+.e0-9]*\r$|^step,.*\r$`)
)

// command is what a runner of GitHub acts on in the output of a job.
var command = regexp.MustCompile(`^\s*::|##\[`)

func TestFixturesAreWellFormed(t *testing.T) {
	for name, build := range fixtures {
		if err := checkFolder(folder(t, build())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnyTextIsHarmless(t *testing.T) {
	bad := []string{"<script>alert(1)</script>", `"/><svg onload=x>`, "]]>", "\x1b[31m", "\u202e", "\x00", "\xff", "::error::x", "\n::set-env", "|", "`", "<!--", "-->", "{{.}}", "&amp;", "@team", "</title><img src=x onerror=y>", "</pre>"}
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(bad), rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(bad), 1, 5).Draw(t, "parts"), "")
	}))
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) string { return text.Draw(t, name) }
		r := readRun(t, "aborted")
		r.Tool = record.Tool{Name: draw("tool"), Version: draw("version")}
		r.Scenario = record.Scenario{Name: draw("scenario"), Description: draw("description"), File: draw("file"), Digest: draw("digest"), Source: draw("source")}
		r.Target = record.Target{Kind: draw("kind"), Account: draw("account"), Region: draw("region")}
		r.Problem, r.Spent.Unpriced = draw("problem"), []string{draw("unpriced")}
		m := &r.Models[0]
		old := m.Name
		m.Name, m.ID, m.Scope, m.Notes = draw("model"), draw("id"), draw("scope"), []string{draw("note")}
		m.Quotas[0].Name, m.Quotas[0].Code, m.Quotas[0].Dimension = draw("quota"), draw("code"), draw("dimension")
		m.Quotas[0].Problem, m.Quotas[0].Pending = draw("why"), &record.Increase{Status: draw("status")}
		m.Capacity = &record.ModelCapacity{Access: draw("access"), Lifecycle: draw("lifecycle")}
		for i := range r.Series {
			if r.Series[i].Model == old {
				r.Series[i].Model = m.Name
			}
		}
		s := &r.Steps[0]
		s.Notes = []string{draw("step note")}
		s.Cut, s.Kind, s.Load.Stages[0].Name = draw("cut"), draw("step kind"), draw("stage")
		s.Load.Stages[0].FromRPM, s.Load.Stages[0].ToRPM = 0, 0
		s.Load.Client = &record.Client{Label: draw("client"), Pacing: &record.Pacing{Limits: []record.PacedLimit{{Models: []string{draw("paced")}, RPM: 1}}}}
		r.Steps = append(r.Steps, record.Step{Name: draw("other step"), Kind: "load", Load: &record.Load{Client: &record.Client{Label: draw("other client")}}})
		w := record.Window{Start: began, End: began.Add(20 * 24 * time.Hour), Period: record.Duration(time.Hour), Zone: draw("zone")}
		chosen := chosenPrefix + draw("chosen")
		r.Steps = append(r.Steps, record.Step{Name: "monitor", Kind: draw("monitor"), Window: &w, Usage: []record.ModelUsage{{
			Model: m.Name, Parts: []record.Part{{ID: draw("part"), Kind: draw("part kind"), Tier: draw("tier")}}, Busiest: &record.WeekHour{Weekday: draw("weekday")},
		}}})
		m.Steps["monitor"] = record.Values{chosen: record.Read(1, 1), "throttle_rate": record.Read(0.5, 2)}
		for _, name := range []string{record.MetricInvocations, chosen} {
			r.Series = append(r.Series, record.Series{Step: "monitor", Model: m.Name, Name: name, Start: began, Period: w.Period, Values: make([]*float64, 24)})
			r.Series[len(r.Series)-1].Values[7] = at(4.0)
		}
		a := &r.Assertions[0]
		a.Name, a.Model, a.Expr, a.Reason, a.File = draw("assertion"), draw("for"), draw("expr"), draw("reason"), draw("place")
		a.Values[draw("value")] = record.Read(1, 1)
		a.Verdict = rapid.SampledFrom([]record.Verdict{record.Pass, record.Fail, record.Unknown, record.Skipped}).Draw(t, "verdict")

		files, err := Folder(r, everything())
		if err != nil {
			t.Fatal(err)
		}
		made := map[string][]byte{}
		for _, f := range files {
			made[f.Path] = f.Data
		}
		var out bytes.Buffer
		if err := Text(&out, r); err != nil {
			t.Fatal(err)
		}
		made["verdict.txt"] = out.Bytes()
		if err := checkFolder(made); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHostileNamesAreShown(t *testing.T) {
	made := folder(t, hostileRun())
	for _, path := range []string{"charts/ramp.svg", "charts/monitor.svg", "junit.xml", "report.html", "summary.md"} {
		text := string(made[path])
		if !strings.Contains(text, "&lt;script&gt;alert(") {
			t.Errorf("%s does not show the name with <script>", path)
		}
	}
}
