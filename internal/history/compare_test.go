package history_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/internal/history"
	"github.com/loadline-dev/loadline/record"
)

var before = shape{name: "monday", seed: 1, calls: 1000, throttle: 0.01, scale: 1, quota: 200}

// after has three times the throttles, slower answers, a lower quota and a failed
// assertion.
var after = shape{name: "friday", seed: 2, after: 96 * time.Hour, calls: 1000, throttle: 0.04, scale: 1.3, quota: 150, edit: func(r *record.Run) {
	r.Target.Region, r.Verdict = "us-west-2", record.Fail
	r.Assertions[0].Verdict, r.Assertions[0].Reason = record.Fail, "ramp.throttle_rate is 0.041"
}}

func finding(t *testing.T, c *history.Comparison, what string) *history.Finding {
	t.Helper()
	for i := range c.Findings {
		if label(&c.Findings[i]) == what {
			return &c.Findings[i]
		}
	}
	t.Fatalf("nothing is told of %q", what)
	return nil
}

func TestWhatChangedIsTold(t *testing.T) {
	c := history.Compare(made(t, before), made(t, after))
	for what, want := range map[string]history.Verdict{
		"rate ramp haiku throttle_rate":    history.Worse,
		"rate ramp haiku error_rate":       history.Same,
		"time ramp sonnet latency_ms.p50":  history.Worse,
		"time ramp sonnet latency_ms.p95":  history.Worse,
		"quota  haiku quota.rpm.applied":   history.Worse,
		"assertion  haiku few throttles":   history.Worse,
		"number ramp haiku input_tokens":   history.Changed,
		"number ramp haiku latency_ms.p99": history.Changed,
	} {
		if f := finding(t, c, what); f.Verdict != want {
			t.Errorf("%s is told as %s (%s); want %s", what, f.Verdict, f.Why, want)
		}
	}
	if len(c.Differences) != 2 || c.Differences[0] != (history.Difference{What: "region", Old: "us-east-1", New: "us-west-2"}) || c.Differences[1].What != "seed" {
		t.Errorf("differences: %v", c.Differences)
	}
	if f := finding(t, c, "rate ramp haiku error_rate"); f.Least == nil || *f.Least <= 0 || f.Confidence <= history.Confidence {
		t.Errorf("error rate: least %v at %v", f.Least, f.Confidence)
	}
	var text, markdown, whole bytes.Buffer
	if err := errors.Join(c.Text(&text), c.Markdown(&markdown), c.JSON(&whole)); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare.txt", text.Bytes())
	golden(t, "compare.md", markdown.Bytes())
	golden(t, "compare.json", whole.Bytes())
}

// alone is a run without its journal.
func alone(t *testing.T, s shape) *history.Side {
	side := made(t, s)
	src, err := json.Marshal(side.Run)
	if err != nil {
		t.Fatal(err)
	}
	r := &record.Run{}
	if err := json.Unmarshal(src, r); err != nil {
		t.Fatal(err)
	}
	return &history.Side{Name: side.Name, Run: r}
}

// What stands in the record alone is compared as well: rates by their counts, and
// times as points.
func TestRecordsAlone(t *testing.T) {
	c := history.Compare(alone(t, before), alone(t, after))
	if f := finding(t, c, "rate ramp haiku throttle_rate"); f.Verdict != history.Worse || f.Old.Samples != 1000 || f.Old.Method != "halved" {
		t.Errorf("%+v", f)
	}
	if f := finding(t, c, "number ramp haiku latency_ms.p95"); f.Verdict != history.Changed || f.Low != nil {
		t.Errorf("%+v", f)
	}
	if len(c.Notes) != 2 || !strings.Contains(c.Notes[0], "no journal") {
		t.Errorf("notes %q", c.Notes)
	}
}

func TestWhatCannotBeCompared(t *testing.T) {
	for why, edit := range map[string]func(*record.Run){
		"cut short in the new run": func(r *record.Run) { r.Steps[0].Cut = "SIGINT" },
		"did not send the load":    func(r *record.Run) { r.Steps[0].Load.Behind = "half was dropped" },
		"no data in the new run":   func(r *record.Run) { r.Models[0].Steps["ramp"] = record.Values{} },
	} {
		s := after
		s.edit = edit
		f := finding(t, history.Compare(made(t, before), made(t, s)), "rate ramp haiku throttle_rate")
		if f.Verdict != history.Unknown || !strings.Contains(f.Why, why) {
			t.Errorf("%s: %s, %q", why, f.Verdict, f.Why)
		}
	}
}

func TestQuotaDriftAndLimits(t *testing.T) {
	limit := func(low, high float64) func(*record.Run) {
		return func(r *record.Run) {
			r.Steps[0].Load.Limits = []record.Limit{{Model: "haiku", Unit: "rpm", Low: &low, High: &high}}
		}
	}
	quota := func(q ...record.Quota) func(*record.Run) { return func(r *record.Run) { r.Models[0].Quotas = q } }
	row := record.Quota{Dimension: "rpm", Code: "L-1", Applied: new(200.0), Default: new(1000.0)}
	with := func(edit func(*record.Quota)) record.Quota { q := row; edit(&q); return q }
	for _, c := range []struct {
		what     string
		old, new func(*record.Run)
		want     history.Verdict
	}{
		{"limit ramp haiku limit", limit(90, 100), limit(60, 70), history.Worse},
		{"limit ramp haiku limit", limit(60, 70), limit(90, 100), history.Better},
		{"limit ramp haiku limit", limit(60, 95), limit(90, 100), history.Same},
		{"limit ramp haiku limit", func(r *record.Run) {
			r.Steps[0].Load.Limits = []record.Limit{{Model: "haiku", Unit: "rpm", High: new(50.0)}}
		}, limit(90, 100), history.Better},
		{"limit ramp haiku limit", func(r *record.Run) { r.Steps[0].Load.Limits = []record.Limit{{Model: "haiku", Unit: "rpm"}} }, limit(90, 100), history.Unknown},
		{"quota  haiku quota.rpm.applied", quota(row), quota(with(func(q *record.Quota) { q.Applied = new(300.0) })), history.Better},
		{"quota  haiku quota.rpm.applied", quota(row), quota(with(func(q *record.Quota) { q.Applied = nil })), history.Changed},
		{"quota  haiku quota.rpm.default", quota(row), quota(with(func(q *record.Quota) { q.Default = new(10.0) })), history.Changed},
		{"quota  haiku quota.rpm.adjustable", quota(row), quota(with(func(q *record.Quota) { q.Adjustable = true })), history.Changed},
		{"quota  haiku quota.tpm", quota(row), quota(row, record.Quota{Dimension: "tpm", Code: "L-2"}), history.Changed},
	} {
		a, b := before, before
		a.edit, b.edit = c.old, c.new
		if f := finding(t, history.Compare(made(t, a), made(t, b)), c.what); f.Verdict != c.want {
			t.Errorf("%s: %s; want %s", c.what, f.Verdict, c.want)
		}
	}
}

// anyRun draws a record, of whatever sense.
func anyRun(t *rapid.T, name string) *history.Side {
	unit := rapid.Float64Range(0, 1)
	r := &record.Run{SchemaVersion: 1, Scenario: record.Scenario{Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scenario")}, Totals: map[string]record.Values{}}
	maybe := func(v float64) *float64 {
		if rapid.IntRange(0, 4).Draw(t, "known") == 0 {
			return nil
		}
		return &v
	}
	for _, model := range []string{"x", "y"} {
		m := record.Model{Name: model, Steps: map[string]record.Values{}}
		for _, d := range []string{"rpm", "tpm"} {
			if rapid.Bool().Draw(t, "quota") {
				m.Quotas = append(m.Quotas, record.Quota{Dimension: d, Code: "L-" + d, Applied: maybe(float64(rapid.IntRange(1, 3).Draw(t, "applied"))), Default: maybe(1), Adjustable: rapid.Bool().Draw(t, "adjustable")})
			}
		}
		v := record.Values{}
		attempts := rapid.IntRange(0, 3000).Draw(t, "attempts")
		throttled := int(float64(attempts) * unit.Draw(t, "throttled"))
		v["attempts"], v["throttled"] = record.Read(float64(attempts), attempts), record.Read(float64(throttled), attempts)
		if attempts > 0 {
			v["throttle_rate"] = record.Read(float64(throttled)/float64(attempts), attempts)
		}
		if rapid.Bool().Draw(t, "goodput") {
			v["goodput"] = record.Read(unit.Draw(t, "good"), attempts)
		}
		m.Steps["ramp"] = v
		r.Models = append(r.Models, m)
	}
	load := &record.Load{}
	low := float64(rapid.IntRange(1, 9).Draw(t, "low"))
	load.Limits = []record.Limit{{Model: "x", Unit: "rpm", Low: maybe(low), High: maybe(low + 2)}}
	if rapid.IntRange(0, 4).Draw(t, "behind") == 0 {
		load.Behind = "behind"
	}
	r.Steps = []record.Step{{Name: "ramp", Kind: record.KindLoad, Load: load}}
	verdict := rapid.SampledFrom([]record.Verdict{record.Pass, record.Fail, record.Unknown, record.Skipped}).Draw(t, "verdict")
	r.Assertions = []record.Assertion{{Name: "n", Verdict: verdict, Severity: rapid.SampledFrom([]string{record.SeverityFail, record.SeverityWarn}).Draw(t, "severity")}}
	return &history.Side{Name: name, Run: r}
}

func TestARunHasNotChangedFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyRun(t, "a")
		c := history.Compare(s, s)
		if n := c.Counts; n.Worse+n.Better+n.Changed > 0 || len(c.Differences) > 0 {
			t.Fatalf("%+v, %v, %+v", n, c.Differences, c.Findings)
		}
	})
}

func TestTheOtherWayRoundIsTheMirrorImage(t *testing.T) {
	other := map[history.Verdict]history.Verdict{history.Worse: history.Better, history.Better: history.Worse}
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRun(t, "a"), anyRun(t, "b")
		there, back := history.Compare(a, b), history.Compare(b, a)
		mirrored := map[string]history.Finding{}
		for i := range back.Findings {
			mirrored[label(&back.Findings[i])] = back.Findings[i]
		}
		if len(mirrored) != len(there.Findings) {
			t.Fatalf("%d there, %d back", len(there.Findings), len(mirrored))
		}
		for i := range there.Findings {
			f := &there.Findings[i]
			m := mirrored[label(f)]
			want := f.Verdict
			if v, ok := other[want]; ok {
				want = v
			}
			if m.Verdict != want || (f.Low == nil) != (m.High == nil) || f.Low != nil && (*f.Low != -*m.High || *f.High != -*m.Low) {
				t.Fatalf("%s: %+v there, %+v back", label(f), f, m)
			}
		}
	})
}

// TestFalseAlarms compares runs of twenty models without a change: chance may be
// told as a change in at most 5 % of the comparisons, however many there are.
func TestFalseAlarms(t *testing.T) {
	const runs, many = 300, 20
	dice := rand.New(rand.NewPCG(3, 3))
	drawn := func() *history.Side {
		r := &record.Run{Steps: []record.Step{{Name: "ramp", Kind: record.KindLoad, Load: &record.Load{}}}}
		for i := range many {
			rate := &record.Rate{}
			for range 10 {
				w := record.RateWindow{Trials: 60}
				p := 0.03 * dice.ExpFloat64() // minutes differ
				for range w.Trials {
					if dice.Float64() < p {
						w.Hits++
					}
				}
				rate.Hits, rate.Trials, rate.Windows = rate.Hits+w.Hits, rate.Trials+w.Trials, append(rate.Windows, w)
			}
			reading := record.Read(float64(rate.Hits)/float64(rate.Trials), rate.Trials)
			reading.Rate = rate
			r.Models = append(r.Models, record.Model{Name: string(rune('a' + i)), Steps: map[string]record.Values{"ramp": {"throttle_rate": reading}}})
		}
		return &history.Side{Run: r}
	}
	alarms := 0
	for range runs {
		if c := history.Compare(drawn(), drawn()); c.Counts.Tested != many {
			t.Fatalf("%d were tested", c.Counts.Tested)
		} else if c.Counts.Worse+c.Counts.Better > 0 {
			alarms++
		}
	}
	if share := float64(alarms) / runs; share > 1-history.Confidence {
		t.Errorf("%.3f of comparisons tell of a change that is not there", share)
	}
}

// hostile is text that breaks outputs that trust it.
const hostile = "::error::x\n| `a` \x1b[31m \u202e <script>=1+1"

func TestHostileNames(t *testing.T) {
	s := before
	s.edit = func(r *record.Run) {
		r.Scenario.Name, r.Tool.Version, r.Target.Account, r.Problem, r.Aborted = hostile, hostile, hostile, hostile, true
		r.Models[0].Name, r.Models[0].ID = hostile, hostile
		r.Models[0].Quotas = []record.Quota{{Dimension: hostile, Code: hostile, Applied: new(1.0)}}
		r.Steps[0].Name, r.Steps[0].Cut = hostile, hostile
		r.Models[0].Steps[hostile] = record.Values{hostile: record.Read(1, 1), "throttle_rate": record.Read(2, 1), "attempts": record.Read(-3, 1)}
		r.Assertions[0].Name, r.Assertions[0].Reason = hostile, hostile
	}
	a, b := made(t, s), made(t, after)
	a.Name = hostile
	b.Run.Models[0].Name = hostile
	b.Run.Steps = append(b.Run.Steps, record.Step{Name: hostile, Kind: record.KindLoad, Load: &record.Load{}})
	b.Run.Models[0].Steps[hostile] = record.Values{hostile: record.Read(2, 1), "throttle_rate": record.Read(1e300, 1), "attempts": record.Read(1e18, 1)}
	for _, pair := range [][2]*history.Side{{a, b}, {b, a}, {a, a}} {
		c := history.Compare(pair[0], pair[1])
		var out bytes.Buffer
		if err := errors.Join(c.Text(&out), c.Markdown(&out)); err != nil {
			t.Fatal(err)
		}
		trend := history.NewTrend(pair[:])
		picture, err := trend.Chart("hostile")
		if err := errors.Join(err, trend.Text(&out)); err != nil {
			t.Fatal(err)
		}
		out.Write(picture)
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "::") || strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
				t.Fatalf("%q", line)
			}
		}
		if err := errors.Join(c.JSON(&out), trend.JSON(&out), trend.CSV(&out)); err != nil {
			t.Fatal(err)
		}
	}
}

// Counts that cannot be are those of the record, or none.
func TestCountsThatCannotBe(t *testing.T) {
	for _, w := range []record.RateWindow{{Trials: 0}, {Hits: 5, Trials: 3}, {Hits: -1, Trials: 3}, {Hits: -5, Trials: -3}} {
		s := before
		s.edit = func(r *record.Run) {
			v := r.Models[0].Steps["ramp"]
			reading := v["throttle_rate"]
			reading.Rate = &record.Rate{Windows: []record.RateWindow{w}}
			v["throttle_rate"] = reading
		}
		c := history.Compare(made(t, s), made(t, before))
		if f := finding(t, c, "rate ramp haiku throttle_rate"); f.Old.Samples != 1000 || f.Verdict != history.Same {
			t.Errorf("%v: %+v", w, f)
		}
	}
}

// A record of an early version has few names.
func TestNearlyEmptyRecords(t *testing.T) {
	for _, src := range []string{`{"schema_version":1}`, `{"schema_version":1,"steps":[{"name":"ramp","kind":"load"}],"models":[{"name":"m","ramp":{"throttle_rate":0.1}}]}`} {
		r := &record.Run{}
		if err := json.Unmarshal([]byte(src), r); err != nil {
			t.Fatal(err)
		}
		s := &history.Side{Name: "old", Run: r}
		for _, other := range []*history.Side{s, made(t, before)} {
			var out bytes.Buffer
			c, trend := history.Compare(s, other), history.NewTrend([]*history.Side{s, other})
			_, err := trend.Chart("")
			if err := errors.Join(err, c.Text(&out), c.Markdown(&out), c.JSON(&out), trend.Text(&out), trend.CSV(&out)); err != nil {
				t.Error(err)
			}
		}
	}
}

// Minutes count from the start of a step, as the record counts them: the second of
// the clock at which a run began changes nothing.
func TestTheClockChangesNothing(t *testing.T) {
	spans := func(after time.Duration) (out []string) {
		a := made(t, shape{name: "a", seed: 1, after: after, calls: 300, throttle: 0.05, scale: 1})
		b := made(t, shape{name: "b", seed: 2, after: after + time.Hour, calls: 300, throttle: 0.05, scale: 1.3})
		for _, f := range history.Compare(a, b).Findings {
			if f.Low != nil {
				out = append(out, fmt.Sprintf("%s %s %v to %v", label(&f), f.Verdict, *f.Low, *f.High))
			}
		}
		return out
	}
	whole := spans(0)
	for _, after := range []time.Duration{time.Second, 30 * time.Second, 59 * time.Second} {
		if got := spans(after); !slices.Equal(got, whole) || len(got) == 0 {
			t.Errorf("begun %s into a minute:\n%s\nwant\n%s", after, strings.Join(got, "\n"), strings.Join(whole, "\n"))
		}
	}
}

// Of a client the share of calls that were answered is a rate, and more is better.
func TestClientsAreComparedByTheirCalls(t *testing.T) {
	by := func(answered int) func(r *record.Run) {
		return func(r *record.Run) {
			for i := range r.Models {
				v := r.Models[i].Steps["ramp"]
				v["calls"], v["success_rate"] = record.Read(400, 400), record.Read(float64(answered)/400, 400)
			}
			r.Steps[0].Load.Client = &record.Client{Label: "full-jitter"}
		}
	}
	old, new := before, after
	old.edit, new.edit = by(398), by(300)
	c := history.Compare(alone(t, old), alone(t, new))
	if f := finding(t, c, "rate ramp haiku success_rate"); f.Verdict != history.Worse || f.Old.Samples != 400 || f.New.Samples != 400 {
		t.Errorf("success rate: %+v; want it worse, of 400 calls each", f)
	}
	for _, f := range c.Findings {
		if f.Name == "success_rate" && f.Kind == history.KindNumber {
			t.Errorf("success_rate is told twice: %+v", f)
		}
	}
}

// Runs over time tell of clients what they are judged by, and of other runs nothing
// more than before; a comparison shows it in its text.
func TestWhatIsToldOfClients(t *testing.T) {
	client := func(r *record.Run) {
		for i := range r.Models {
			v := r.Models[i].Steps["ramp"]
			v["calls"], v["success_rate"] = record.Read(400, 400), record.Read(0.9, 400)
			v["amplification"], v["wait_ms.p50"] = record.Read(1.5, 400), record.Read(70, 400)
		}
		r.Steps[0].Load.Client = &record.Client{Label: "full-jitter"}
	}
	with := before
	with.edit = client
	columns := func(sides ...*history.Side) (out []string) {
		for _, r := range history.NewTrend(sides).Groups[0].Rows {
			if r.Step == "ramp" && r.Model == "haiku" {
				out = append(out, r.Name)
			}
		}
		return out
	}
	plain, both := columns(alone(t, before)), columns(alone(t, before), alone(t, with))
	if want := append(slices.Clone(plain), "success_rate", "amplification", "wait_ms.p50"); !slices.Equal(both, want) || slices.Contains(plain, "success_rate") {
		t.Errorf("a trend has %q, and with a client %q; want %q", plain, both, want)
	}
	old, new := alone(t, with), alone(t, with)
	for i := range new.Run.Models {
		new.Run.Models[i].Steps["ramp"]["amplification"] = record.Read(2.5, 400)
	}
	var text bytes.Buffer
	if err := history.Compare(old, new).Text(&text); err != nil || !strings.Contains(text.String(), "ramp.amplification (haiku)") {
		t.Errorf("a comparison does not tell that the amplification is another: %v\n%s", err, &text)
	}
}
