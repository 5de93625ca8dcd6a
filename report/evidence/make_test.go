package evidence

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

var began = time.Date(2026, 11, 22, 4, 5, 0, 0, time.UTC)

func known(v float64) record.Reading { return record.Reading{Value: v, Known: true} }

// sonnet is a model with a quota of tokens and one of requests.
func sonnet(name string) record.Model {
	return record.Model{
		Name: name, ID: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", BaseID: "anthropic.claude-sonnet-4-5-20250929-v1:0", Scope: "cross-region", Steps: map[string]record.Values{},
		Quotas: []record.Quota{
			{Dimension: "rpm", Code: "L-4A6BFAB1", Name: "Cross-region model inference requests per minute for Claude", Applied: new(200.0), Default: new(10_000.0), Adjustable: true},
			{Dimension: "tpm", Code: "L-F4DDD3EB", Name: "Cross-region model inference tokens per minute for Claude", Applied: new(5e6), Default: new(5e6), Adjustable: true},
		},
	}
}

// monitored is a run that read CloudWatch, and loaded one that sent calls.
func monitored(days int) Source {
	m := sonnet("sonnet")
	w := record.Window{Start: began.Add(-time.Duration(days) * 24 * time.Hour), End: began, Period: record.Duration(5 * time.Minute)}
	m.Steps["monitor"] = record.Values{
		"rpm.p50": known(300), "rpm.p90": known(520), "peak_rpm": known(610.4), "tpm.p50": known(390_000), "tpm.p90": known(676_000), "peak_tpm": known(793_520),
		"quota_tpm.p50": known(510_000), "quota_tpm.p90": known(884_000), "peak_quota_tpm": known(1_037_680), "utilization.tpm": known(0.207536),
		"attempts": known(6_100_000), "invocations": known(6_000_000), "throttles": known(100_000), "throttle_rate": known(100_000.0 / 6_100_000), "longest_throttled_minutes": known(45),
		"input_tokens": known(7.2e9), "output_tokens": known(6e8), "computed_quota_tokens": known(7.2e9 + 5*6e8), "coverage": known(1), "token_coverage": known(1),
		"growth.tpm.estimate": known(0.0213),
	}
	run := &record.Run{Scenario: record.Scenario{Name: "usage"}, Target: record.Target{Kind: "aws", Account: "123456789012", Region: "us-east-1"}, Started: began, Ended: began.Add(time.Minute), Verdict: record.Pass, Models: []record.Model{m}}
	run.Steps = []record.Step{{Name: "monitor", Kind: record.KindMonitor, Window: &w, Usage: []record.ModelUsage{{
		Model: "sonnet", Parts: []record.Part{{ID: m.ID, Kind: "profile"}, {ID: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc", Kind: "application-profile"}},
		Throttled: &record.Span{Start: began.Add(-30 * time.Hour), End: began.Add(-30*time.Hour + 45*time.Minute)},
	}}}}
	return Source{Folder: "out/usage", Run: run}
}

func loaded() Source {
	m := sonnet("s45")
	m.Steps["ramp"] = record.Values{
		"attempts": known(1000), "ok": known(960), "throttled": known(40), "throttle_rate": known(0.04), "throttled_by.tokens": known(40), "attempted_rpm": known(410.2),
		"reserved_tpm": known(2.1e6), "settled_tpm": known(700e3), "first_throttle_rpm": known(402), "first_throttle_tpm": known(2_050_000), "input_tokens": known(960 * 1200), "output_tokens": known(960 * 100),
	}
	run := &record.Run{Scenario: record.Scenario{Name: "need"}, Target: record.Target{Kind: "aws", Account: "123456789012", Region: "us-east-1"}, Started: began.Add(time.Hour), Ended: began.Add(2 * time.Hour), Verdict: record.Fail, Models: []record.Model{m}}
	run.Steps = []record.Step{{Name: "ramp", Kind: record.KindLoad, Started: began.Add(time.Hour), Ended: began.Add(2 * time.Hour), Load: &record.Load{
		Limits: []record.Limit{{Model: "s45", Unit: "tpm", Low: new(4.8e6), High: new(5.1e6), BoundBy: record.BoundReservation}},
	}}}
	c := &Calls{}
	for i := range 960 {
		u := &record.Usage{Input: 1200, Output: int64(50 + i%101)}
		if i%96 == 0 {
			u.Input, u.CacheRead = 1200, 30_000
		}
		c.Add(&record.Call{Usage: u, QuotaTokens: u.Input + 5*u.Output})
	}
	of := Of{"ramp", "s45"}
	return Source{Folder: "out/need", Run: run, Calls: map[Of]*Calls{of: c}, MaxTokens: map[Of]int64{of: 8000}}
}

func tool() record.Tool { return record.Tool{Name: "loadline", Version: "test"} }

const hostileName = "a `b` |c| <script>alert(1)</script> *d* \x1b[31m\u202E @e https://example.org"

// fixtures are what the golden files are of.
var fixtures = map[string]func() Input{
	"typical": func() Input {
		return Input{Tool: tool(), Sources: []Source{monitored(14), loaded()}, Wants: []Want{{"", "tpm", 10e6}, {"s45", "rpm", 500}}}
	},
	// Only quotas are known.
	"bare": func() Input {
		s := monitored(1)
		s.Run.Steps, s.Run.Models[0].Steps = nil, nil
		s.Run.Models[0].Quotas[1].Default = nil
		return Input{Tool: tool(), Sources: []Source{s}, Wants: []Want{{"sonnet", "tpm", 10e6}}}
	},
	"hostile": func() Input {
		s := loaded()
		of := Of{hostileName, hostileName}
		s.Folder, s.Run.Scenario.Name, s.Run.Problem = hostileName, hostileName, "``` "+hostileName
		m := &s.Run.Models[0]
		m.Steps[hostileName] = m.Steps["ramp"]
		delete(m.Steps, "ramp")
		m.Name, m.ID, m.Scope = hostileName, "id'; "+hostileName, hostileName
		m.Quotas[1].Name, m.Quotas[1].Pending = hostileName+"```", &record.Increase{Desired: 7e6, Status: hostileName, Since: began}
		s.Run.Steps[0].Name, s.Run.Steps[0].Cut, s.Run.Steps[0].Load.Limits[0].Model = hostileName, hostileName, hostileName
		s.Calls[of], s.MaxTokens[of] = s.Calls[Of{"ramp", "s45"}], 8000
		return Input{Tool: tool(), Sources: []Source{s}, Wants: []Want{{"", "tpm", 10e6}}}
	},
}

func made(t interface{ Fatal(...any) }, in Input) (*Evidence, map[string][]byte) {
	e, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	files, err := e.Files()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Path] = f.Data
	}
	return e, out
}

func TestGolden(t *testing.T) {
	for name, build := range fixtures {
		_, files := made(t, build())
		for path, data := range files {
			golden := filepath.Join("testdata", name+"."+path)
			if *update {
				if err := os.WriteFile(golden, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(want, data) {
				t.Errorf("%s is not what is made (%v); if the new form is right, run go test ./report/evidence -update", golden, err)
			}
		}
	}
}

// What the typical runs say, by hand.
func TestTypical(t *testing.T) {
	e, _ := made(t, fixtures["typical"]())
	r := e.Requests[0]
	if r.Quota.Code != "L-F4DDD3EB" || r.QuotaFrom != "out/need" || len(r.Models) != 1 || len(r.Usage) != 1 || len(r.LoadTests) != 1 {
		t.Fatalf("the request is %+v", r)
	}
	u := r.Usage[0]
	if *u.MeanInput != 1200 || *u.MeanOutput != 100 || *u.Burndown != 5 || len(u.IDs) != 2 {
		t.Errorf("the usage is %+v", u)
	}
	if c := r.LoadTests[0].Calls; c.Large != 10 || *c.OutputP99 != 149 || c.OutputMax != 150 {
		t.Errorf("the calls are %+v", c)
	}
	// 1,200 + 8,000 reserved: 2,000 would make 9,200 / 3,200 = 2.875 times of it.
	if a := r.Advice; len(a) != 2 || a[0].Asked != nil || a[0].Enough != nil || a[1].Enough == nil || *a[1].Enough != 2000 {
		t.Errorf("the advice is %+v", a)
	}
	if n := e.Requests[1]; n.AdviceNote == "" || len(n.Advice) != 0 {
		t.Errorf("max_tokens is no matter of a quota of requests: %+v", n.Advice)
	}
	in := fixtures["typical"]()
	in.MaxTokens = 8000
	e, _ = made(t, in)
	if !strings.HasPrefix(e.Requests[0].Headline, "Lower max_tokens first") || !strings.Contains(e.Requests[0].Headline, "no increase is needed") {
		t.Errorf("the headline is %s", e.Requests[0].Headline)
	}
}

// The longest window stands first: it is what the headline and the texts are of.
func TestLongestWindowLeads(t *testing.T) {
	short, long := monitored(1), monitored(14)
	long.Folder, long.Run.Ended = "out/long", began.Add(-time.Hour)
	e, _ := made(t, Input{Sources: []Source{short, long}, Wants: []Want{{"", "tpm", 10e6}}})
	if u := e.Requests[0].Usage; len(u) != 2 || u[0].Run != "out/long" {
		t.Errorf("the usages are %+v", u)
	}
	if from := e.Requests[0].QuotaFrom; from != "out/usage" {
		t.Errorf("the quota is from %s; want the newest run", from)
	}
}

// A run that did not read the quota tells of the models that it binds.
func TestRunWithoutQuotas(t *testing.T) {
	load := loaded()
	load.Run.Models[0].Quotas = nil
	e, _ := made(t, Input{Sources: []Source{monitored(14), load}, Wants: []Want{{"", "tpm", 10e6}}})
	if r := e.Requests[0]; len(r.LoadTests) != 1 || len(r.Usage) != 1 || r.QuotaFrom != "out/usage" {
		t.Errorf("the request is %+v", r)
	}
	load.Run.Models[0].ID = "another"
	e, _ = made(t, Input{Sources: []Source{monitored(14), load}, Wants: []Want{{"", "tpm", 10e6}}})
	if r := e.Requests[0]; len(r.LoadTests) != 0 {
		t.Errorf("the request has load tests of another model: %+v", r.LoadTests)
	}
}

func TestRefused(t *testing.T) {
	other := monitored(1)
	other.Run.Target.Region = "eu-west-1"
	two := monitored(1)
	two.Run.Models = append(two.Run.Models, sonnet("other"))
	two.Run.Models[1].Quotas = []record.Quota{{Dimension: "tpm", Code: "L-2"}}
	for name, tt := range map[string]struct {
		in   Input
		want string
	}{
		"another Region":      {Input{Sources: []Source{monitored(1), other}, Wants: []Want{{"", "tpm", 1e7}}}, "one account in one Region"},
		"no such model":       {Input{Sources: []Source{monitored(1)}, Wants: []Want{{"haiku", "tpm", 1e7}}}, "no run has a model haiku; there are sonnet"},
		"no such quota":       {Input{Sources: []Source{monitored(1)}, Wants: []Want{{"", "tpd", 1e7}}}, "there are rpm, tpm"},
		"several such quotas": {Input{Sources: []Source{two}, Wants: []Want{{"", "tpm", 1e7}}}, "--want other:tpm=VALUE (other:tpm, sonnet:tpm)"},
		"one quota twice":     {Input{Sources: []Source{monitored(1)}, Wants: []Want{{"", "tpm", 1e7}, {"sonnet", "tpm", 2e7}}}, "twice"},
		"no runs":             {Input{Wants: []Want{{"", "tpm", 1e7}}}, "no run"},
	} {
		if _, err := Make(tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", name, err, tt.want)
		}
	}
}

// An increase that is there or open is told before everything else.
func TestHeadlines(t *testing.T) {
	pending := monitored(1)
	pending.Run.Models[0].Quotas[1].Pending = &record.Increase{Desired: 9e6, Status: "PENDING", Since: began}
	fixed := monitored(1)
	fixed.Run.Models[0].Quotas[1].Adjustable = false
	zero := monitored(1)
	zero.Run.Models[0].Quotas[1].Applied = new(0.0)
	for want, in := range map[string]Input{
		"No increase is needed: the applied value": {Sources: []Source{pending}, Wants: []Want{{"", "tpm", 5e6}}},
		"asked for already (PENDING since 2026":    {Sources: []Source{pending}, Wants: []Want{{"", "tpm", 1e7}}},
		"not adjustable, so it takes a support":    {Sources: []Source{fixed}, Wants: []Want{{"", "tpm", 1e7}}},
		"Asked for: 10,000,000 tpm.":               {Sources: []Source{zero}, Wants: []Want{{"", "tpm", 1e7}}},
	} {
		e, _ := made(t, in)
		if !strings.Contains(e.Requests[0].Headline, want) {
			t.Errorf("the headline is %q; want %q", e.Requests[0].Headline, want)
		}
	}
}

// Calls without a token reckon nothing, and no number is infinite.
func TestNoTokens(t *testing.T) {
	s := monitored(1)
	v := s.Run.Models[0].Steps["monitor"]
	v["input_tokens"], v["output_tokens"], v["computed_quota_tokens"] = known(0), known(0), record.Reading{}
	e, _ := made(t, Input{Sources: []Source{s}, Wants: []Want{{"", "tpm", 1e7}}, Burndown: func(string) float64 { return 5 }})
	if r := e.Requests[0]; len(r.Advice) != 0 || r.AdviceNote == "" {
		t.Errorf("the advice is %+v", r.Advice)
	}
}

var htmlCell = regexp.MustCompile(`<t[dh](?: scope="col")?>([^<]*)</t[dh]>`)

// sameNumbers reads all three forms back.
func sameNumbers(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, files map[string][]byte) {
	var e Evidence
	if err := json.Unmarshal(files[JSONFile], &e); err != nil {
		t.Fatal(err)
	}
	var cells, mdCells []string
	for _, m := range htmlCell.FindAllStringSubmatch(string(files[PageFile]), -1) {
		cells = append(cells, report.Escape(html.UnescapeString(m[1])))
	}
	for _, l := range strings.Split(string(files[MarkdownFile]), "\n") {
		if strings.HasPrefix(l, "| ") && !strings.HasPrefix(l, "| --- |") {
			row := strings.Split(strings.ReplaceAll(strings.TrimSuffix(l, " |")[1:], `\|`, "\x00"), "|")
			for _, c := range row {
				mdCells = append(mdCells, strings.ReplaceAll(strings.TrimSpace(c), "\x00", `\|`))
			}
		}
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if !slices.Equal(cells, mdCells) {
		for i := range min(len(cells), len(mdCells)) {
			if cells[i] != mdCells[i] {
				t.Errorf("cell %d: HTML %q, Markdown %q", i, cells[i], mdCells[i])
			}
		}
		t.Errorf("HTML has %d cells, Markdown %d", len(cells), len(mdCells))
	}
	has := func(what, number string) {
		if !slices.Contains(cells, report.Escape(number)) {
			t.Errorf("%s, %s, is not in the tables", what, number)
		}
	}
	for _, r := range e.Requests {
		has("wanted", report.Number(r.Wanted))
		for _, v := range []*float64{r.Quota.Applied, r.Quota.Default} {
			if v != nil {
				has("a quota", report.Number(*v))
			}
		}
		for _, a := range r.Advice {
			for _, w := range a.Rows {
				for _, v := range []float64{float64(w.MaxTokens), w.Reserved, w.Settled, w.ReservedRPM, w.SettledRPM, w.RPM, w.WantedRPM} {
					has("a what-if", report.Number(v))
				}
			}
		}
		values := func(facts []fact, v record.Values) {
			for _, f := range facts {
				switch p := v[f.name]; {
				case p.Known && f.share:
					has(f.name, report.Percent(p.Value))
				case p.Known:
					has(f.name, report.Number(p.Value))
				}
			}
			if len(v) != len(facts) {
				t.Errorf("evidence.json has %d values; want %d", len(v), len(facts))
			}
		}
		for _, u := range r.Usage {
			values(usageFacts, u.Values)
		}
		for _, l := range r.LoadTests {
			values(testFacts, l.Values)
		}
		// The paragraph is the same in all three.
		if !strings.Contains(strings.Join(strings.Fields(string(files[MarkdownFile])), " "), strings.Join(strings.Fields(r.Justification), " ")) ||
			!strings.Contains(html.UnescapeString(string(files[PageFile])), r.Justification) {
			t.Errorf("the justification is not in all forms: %s", r.Justification)
		}
	}
}

func TestFormsAgree(t *testing.T) {
	for name, build := range fixtures {
		t.Run(name, func(t *testing.T) {
			_, files := made(t, build())
			sameNumbers(t, files)
		})
	}
}

func TestFormsAgreeOnAnyNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := fixtures["typical"]()
		for i := range in.Sources {
			for _, step := range in.Sources[i].Run.Models[0].Steps {
				for _, name := range step.Names() {
					step[name] = record.Reading{Known: rapid.Bool().Draw(t, "known"), Value: rapid.Float64Range(0, 1e12).Draw(t, name)}
				}
			}
			in.Sources[i].Run.Models[0].Name = rapid.StringN(1, 30, -1).Draw(t, "name")
		}
		in.Sources[1].Calls, in.Sources[1].MaxTokens = nil, nil
		in.Wants = []Want{{"", "tpm", rapid.Float64Range(1, 1e10).Draw(t, "wanted")}}
		in.MaxTokens = rapid.Int64Range(0, 100_000).Draw(t, "max_tokens")
		_, files := made(t, in)
		sameNumbers(t, files)
	})
}

func TestHostileNamesStayText(t *testing.T) {
	_, files := made(t, fixtures["hostile"]())
	for path, data := range files {
		if strings.ContainsAny(string(data), "\x1b\u202E") {
			t.Errorf("%s holds characters that cannot be seen", path)
		}
		if path == PageFile && bytes.Contains(data, []byte("<script")) {
			t.Errorf("%s holds live markup", path)
		}
	}
	// Outside of the fenced paragraph, which Markdown shows as it is, nothing acts.
	md := string(files[MarkdownFile])
	fence := regexp.MustCompile("(?s)\n````+text\n.*?\n````+\n")
	if n := len(fence.FindAllString(md, -1)); n != 1 {
		t.Fatalf("%d fences longer than the backticks in a name; want 1", n)
	}
	outside := fence.ReplaceAllString(md, "")
	for _, live := range []string{"<script", " `b`", " *d*", " @e", "https://"} {
		if strings.Contains(outside, live) {
			t.Errorf("Markdown holds %q", live)
		}
	}
	if want := `--model 'id'\''; a`; !strings.Contains(string(files[JSONFile]), strings.ReplaceAll(want, `\`, `\\`)) {
		t.Errorf("a hostile id is not quoted for a shell: want %s", want)
	}
}

// The schema has every key that is written.
func TestSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for name, build := range fixtures {
		_, files := made(t, build())
		var doc any
		if err := json.Unmarshal(files[JSONFile], &doc); err != nil {
			t.Fatal(err)
		}
		for _, problem := range against(schema, doc, name) {
			t.Error(problem)
		}
	}
}

// against checks required keys, known keys and types.
func against(s map[string]any, doc any, at string) (out []string) {
	if s["$ref"] != nil {
		return nil // values: nested names, which record's own tests hold
	}
	is := "null"
	switch d := doc.(type) {
	case map[string]any:
		is = "object"
		props, _ := s["properties"].(map[string]any)
		if required, ok := s["required"].([]any); ok {
			for _, key := range required {
				if _, there := d[key.(string)]; !there {
					out = append(out, fmt.Sprintf("%s: %s is missing", at, key))
				}
			}
		}
		for key, v := range d {
			p, ok := props[key].(map[string]any)
			if !ok {
				out = append(out, fmt.Sprintf("%s: %s is not in the schema", at, key))
				continue
			}
			out = append(out, against(p, v, at+"."+key)...)
		}
	case []any:
		is = "array"
		items, _ := s["items"].(map[string]any)
		for i, v := range d {
			out = append(out, against(items, v, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case string:
		is = "string"
	case bool:
		is = "boolean"
	case float64:
		is = "number"
	}
	if text := fmt.Sprint(s["type"]); !strings.Contains(text, is) && !(is == "number" && strings.Contains(text, "integer")) {
		out = append(out, fmt.Sprintf("%s: %s is not %s", at, is, text))
	}
	return out
}
