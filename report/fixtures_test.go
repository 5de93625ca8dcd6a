package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// fixtures are the records behind the golden files, by name.
var fixtures = map[string]func() *record.Run{
	"typical": typicalRun,
	"hostile": hostileRun,
	"empty":   emptyRun,
	"aborted": abortedRun,
	"clients": clientsRun,
}

var began = time.Date(2026, 11, 22, 4, 5, 6, 0, time.UTC)

func at[T any](v T) *T { return &v }

// outcomeAt decides calls without chance: past a limit of calls a minute, some
// are throttled, and a few fail for other reasons.
func outcomeAt(i int, rpm, limit float64) record.Outcome {
	switch {
	case i%211 == 210:
		return record.Dropped
	case i%173 == 172:
		return record.ServerError
	case rpm > limit && float64(i*37%100) < 100*(1-limit/rpm):
		return record.Throttled
	}
	return record.OK
}

// loadStep sends through the stages for each model, and leaves the step, the
// readings and the series in the run.
func loadStep(r *record.Run, name string, start time.Time, warmup time.Duration, limit float64, models []string, stages []record.Stage) {
	end := stages[len(stages)-1].Start + stages[len(stages)-1].Length
	period := record.WindowPeriod(time.Duration(end))
	total := record.NewFold(start, period)
	var spread []record.Distribution
	for mi, model := range models {
		fold := record.NewFold(start, period)
		seq := 0
		for si, s := range stages {
			for _, offset := range sends(s) {
				rate := s.ToRPM
				if burst(&s) {
					rate = 60 * float64(s.Planned)
				}
				planned := start.Add(time.Duration(s.Start) + offset)
				c := &record.Call{Seq: seq, Step: name, Model: model, Stage: si, Planned: planned, Outcome: outcomeAt(seq+mi, rate, limit)}
				c.Warmup = planned.Before(start.Add(warmup))
				if c.Outcome != record.Dropped {
					c.Lag = time.Duration(seq%5) * time.Millisecond
					c.Took = time.Duration(700+300*math.Sin(float64(seq)/9)+float64(seq%17)*60) * time.Millisecond
				}
				if c.Outcome != record.Dropped {
					c.ReservedTokens = 20 + 256
				}
				if c.Outcome == record.OK {
					if mi == 0 {
						c.TTFT = c.Took / 4
					}
					c.Usage = &record.Usage{Input: 20, Output: int64(40 + seq%11)}
					c.QuotaTokens = c.Usage.Input + 5*c.Usage.Output
					c.USD = at(0.0007)
				}
				fold.Add(c)
				seq++
			}
		}
		total.Merge(fold)
		for i := range r.Models {
			if r.Models[i].Name == model {
				r.Models[i].Steps[name] = fold.Values()
			}
		}
		r.Series = append(r.Series, fold.Series(name, model)...)
		spread = append(spread, fold.Distributions(model)...)
	}
	load := &record.Load{Counts: total.Counts(), Warmup: record.Duration(warmup), Distributions: spread}
	load.Scheduled = load.Planned
	for i, s := range stages {
		s.Counts, s.Totals = total.Stage(i), total.StageValues(i)
		load.Stages = append(load.Stages, s)
	}
	r.Totals[name] = total.Values()
	r.Steps = append(r.Steps, record.Step{Name: name, Kind: "load", Started: start, Ended: start.Add(time.Duration(end) + 2*time.Second), Load: load})
}

// sends are the times of a stage's calls: all at once in a burst, else at the
// mean of its two rates.
func sends(s record.Stage) []time.Duration {
	var out []time.Duration
	if burst(&s) {
		return make([]time.Duration, s.Planned)
	}
	mean := (s.FromRPM + s.ToRPM) / 2
	gap := time.Duration(float64(time.Minute) / mean)
	for t := time.Duration(0); t < time.Duration(s.Length); t += gap {
		out = append(out, t)
	}
	return out
}

// monitorStep fills a day of traffic; a model named in silent has none, and
// all have two hours without a point.
func monitorStep(r *record.Run, name string, end time.Time, period time.Duration, silent string) {
	w := record.Window{Start: end.Add(-24 * time.Hour), End: end, Period: record.Duration(period), Zone: "Europe/Berlin"}
	total := record.NewTraffic(w)
	var usage []record.ModelUsage
	for mi := range r.Models {
		m := &r.Models[mi]
		t := record.NewTraffic(w)
		for i := 0; i < int(24*time.Hour/period); i++ {
			when := w.Start.Add(time.Duration(i) * period)
			hour := when.Sub(w.Start).Hours()
			if m.Name == silent || 7 <= hour && hour < 9 {
				continue
			}
			n := math.Round(60 + 50*math.Sin(hour/24*2*math.Pi+float64(mi)))
			t.Set(record.MetricInvocations, when, n)
			t.Set(record.MetricInputTokens, when, n*200)
			t.Set(record.MetricOutputTokens, when, n*45)
			if n > 100 && i%4 == 0 {
				t.Set(record.MetricThrottles, when, float64(i%13))
			}
		}
		total.Add(t)
		m.Steps[name] = t.Values()
		u := record.ModelUsage{Model: m.Name, Parts: []record.Part{{ID: m.ID, Kind: "profile", Attempts: at(14000.0)}, {ID: "app-" + m.Name, Tier: "priority", Kind: "application-profile"}}}
		if m.Name != silent {
			u.PeakRPM, u.PeakTPM, u.Busiest = at(w.Start.Add(6*time.Hour)), at(w.Start.Add(6*time.Hour+period)), &record.WeekHour{Weekday: "Saturday", Hour: 11}
			if mi == 0 {
				u.Throttled = &record.Span{Start: w.Start.Add(5 * time.Hour), End: w.Start.Add(5*time.Hour + 2*period)}
			}
		}
		usage = append(usage, u)
		r.Series = append(r.Series, t.Series(name, m.Name)...)
	}
	r.Totals[name] = total.Values()
	r.Steps = append(r.Steps, record.Step{Name: name, Kind: "monitor", Started: end, Ended: end.Add(3 * time.Second), Window: &w, Usage: usage})
}

func model(name, id string) record.Model {
	return record.Model{
		Name: name, ID: id, BaseID: strings.TrimPrefix(id, "us."), Family: "anthropic", Scope: "cross-region",
		Quotas: []record.Quota{
			{Dimension: "rpm", Code: "L-4A6BFAB1", Name: "Cross-region model inference requests per minute", Applied: at(200.0), Default: at(200.0), Adjustable: true, MatchedBy: "name"},
			{Dimension: "tpm", Code: "L-59759B4A", Name: "Cross-region model inference tokens per minute", Applied: at(2_500_000.0), Default: nil, Adjustable: false, MatchedBy: "name"},
		},
		Steps: map[string]record.Values{},
	}
}

func baseRun(name string) *record.Run {
	return &record.Run{
		SchemaVersion: record.SchemaVersion,
		Tool:          record.Tool{Name: "loadline", Version: "0.1.0"},
		Scenario: record.Scenario{
			Name: name, Description: "At most 1 % throttled at the rate of launch day.", File: "scenarios/" + name + ".yaml",
			Digest: "sha256:" + strings.Repeat("ab", 32), Source: "version: 1\nname: " + name + "\n",
		},
		Target:  record.Target{Kind: "simulated", Account: "123456789012", Region: "us-east-1"},
		Started: began, Ended: began.Add(9*time.Minute + time.Second), Seed: 7,
		Plan:   record.Cost{Requests: 3000, Tokens: 900_000, ReservedTokens: 1_200_000, USD: at(8.0), Duration: record.Duration(12 * time.Minute)},
		Spent:  record.Cost{Requests: 2489, Tokens: 610_250, ReservedTokens: 880_000, USD: at(1.6875), Duration: record.Duration(9*time.Minute + time.Second)},
		Totals: map[string]record.Values{},
	}
}

// judged is an assertion whose values are read from the run.
func judged(r *record.Run, name, model, expr string, v record.Verdict, why string, names ...string) record.Assertion {
	a := record.Assertion{
		Name: name, Model: model, Expr: expr, Verdict: v, Reason: why, Severity: record.SeverityFail, File: r.Scenario.File,
		Line: 29 + len(r.Assertions), Column: 11, Values: map[string]record.Reading{}, Samples: map[string]int{},
	}
	for _, full := range names {
		step, metric, _ := strings.Cut(full, ".")
		reading := r.Totals[step][metric]
		for _, m := range r.Models {
			if m.Name == model {
				reading = m.Steps[step][metric]
			}
		}
		a.Values[full], a.Samples[full] = reading, reading.Samples
	}
	return a
}

// bounded gives the shares that an assertion read an interval around them.
func bounded(a *record.Assertion) {
	for name, v := range a.Values {
		if unitOf(name) != "fraction" || !v.Known {
			continue
		}
		if a.Intervals == nil {
			a.Confidence, a.Intervals = 0.95, map[string]record.Interval{}
		}
		n := v.Samples
		a.Intervals[name] = record.Interval{
			Low: v.Value * 0.75, High: v.Value * 1.3, Method: "window", Hits: int(math.Round(v.Value * float64(n))), Trials: n, Windows: 6,
			DesignEffect: at(2.4), ExactLow: v.Value * 0.8, ExactHigh: v.Value * 1.2,
		}
	}
}

func typicalRun() *record.Run {
	r := baseRun("throttle-gate")
	r.Models = []record.Model{
		model("sonnet", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
		model("haiku", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
		model("spare", "us.anthropic.claude-3-haiku-20240307-v1:0"),
	}
	r.Models[2].Quotas, r.Models[2].Notes = nil, []string{"no quota row has a name like this model's"}
	r.Models[0].Quotas[1].Pending = &record.Increase{Desired: 5_000_000, Status: "PENDING", Since: began.AddDate(0, 0, -2)}
	r.Models[0].Capacity = &record.ModelCapacity{
		Access: "AVAILABLE", Agreement: "AVAILABLE", Authorization: "AUTHORIZED", Entitlement: "AVAILABLE", Region: "AVAILABLE", Lifecycle: "LEGACY",
		EndOfLife: at(began.AddDate(0, 6, 0)), EndOfLifeDays: at(181.0), InferenceTypes: []string{"INFERENCE_PROFILE"}, OnDemand: at(false),
		Profiles: []string{"us.anthropic.claude-sonnet-4-5-20250929-v1:0"}, ProvisionedUnits: at(2.0),
		Provisioned: []record.Throughput{{ARN: "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl", Name: "night", Status: "InService", Units: 2, Commitment: "OneMonth", Ends: at(began.AddDate(0, 1, 0))}},
	}
	r.Steps = append(r.Steps, record.Step{Name: "discover", Kind: "discover", Started: began, Ended: began.Add(2 * time.Second), Notes: []string{"names of quotas read 3 h ago, values of the 4 that bind the models now; --fresh reads all again"}})
	minute := record.Duration(time.Minute)
	loadStep(r, "ramp", began.Add(2*time.Second), 30*time.Second, 118, []string{"sonnet", "haiku"}, []record.Stage{
		{Name: "climb", Length: 2 * minute, FromRPM: 20, ToRPM: 100},
		{Name: "hold", Start: 2 * minute, Length: 3 * minute, FromRPM: 120, ToRPM: 120},
		{Name: "peak", Start: 5 * minute, Length: minute, FromRPM: 160, ToRPM: 160},
	})
	half := minute / 2
	loadStep(r, "burst", began.Add(6*time.Minute+4*time.Second), 0, 1500, []string{"sonnet"}, []record.Stage{
		{Name: "batch 1", Length: half, Counts: record.Counts{Planned: 10}},
		{Name: "batch 2", Start: half, Length: half, Counts: record.Counts{Planned: 20}},
		{Name: "batch 3", Start: 2 * half, Length: half, Counts: record.Counts{Planned: 30}},
		{Name: "batch 4", Start: 3 * half, Length: half, Counts: record.Counts{Planned: 40}},
	})
	r.Steps[len(r.Steps)-1].Stopped = "more than half of batch 4 was throttled"
	monitorStep(r, "monitor", began.Add(9*time.Minute).Truncate(5*time.Minute), 5*time.Minute, "spare")

	r.Scenario.Source = "version: 1\nname: throttle-gate\n" + strings.Repeat("# why the limits are what they are\n", 25) + "assertions:\n"
	for _, a := range []struct {
		name, model, expr string
		verdict           record.Verdict
		severity, why     string
		names             []string
	}{
		{"throttle rate within budget", "sonnet", "ramp.throttle_rate <= 0.01", record.Fail, "", "ramp.throttle_rate is above 0.01", []string{"ramp.throttle_rate"}},
		{"throttle rate within budget", "haiku", "ramp.throttle_rate <= 0.01", record.Fail, "", "ramp.throttle_rate is above 0.01", []string{"ramp.throttle_rate"}},
		{"answers in time", "sonnet", "ramp.latency_ms.p95 < 3000 and\nramp.ok >= 100", record.Pass, "", "", []string{"ramp.latency_ms.p95", "ramp.ok"}},
		{"yesterday was calm", "spare", "monitor.throttle_rate <= 0.05", record.Unknown, "", "monitor.throttle_rate has no data for spare", []string{"monitor.throttle_rate"}},
		{"yesterday was calm", "haiku", "monitor.throttle_rate <= 0.05", record.Pass, "", "", []string{"monitor.throttle_rate"}},
		{"peak use", "spare", "monitor.peak_tpm <= 2_000_000", record.Skipped, "", "", []string{"monitor.peak_tpm"}},
		{"few errors", "", "ramp.error_rate <= 0.001", record.Fail, record.SeverityWarn, "ramp.error_rate is above 0.001", []string{"ramp.error_rate"}},
	} {
		v := judged(r, a.name, a.model, a.expr, a.verdict, a.why, a.names...)
		if a.severity != "" {
			v.Severity = a.severity
		}
		bounded(&v)
		r.Assertions = append(r.Assertions, v)
		r.Scenario.Source += "  - " + strings.ReplaceAll(a.expr, "\n", " ") + "\n"
	}
	r.Verdict, r.Exit = record.Overall(r.Assertions), 1
	r.Artifacts = []record.Artifact{{Path: "calls.jsonl.zst", SHA256: strings.Repeat("0", 64)}}
	return r
}

// hostileRun has names and messages that would break each of the formats.
func hostileRun() *record.Run {
	r := baseRun("hostile")
	nasty := []string{
		`<script>alert("1")</script>&'`,
		strings.Repeat("a-name-that-goes-on-", 5),
		"bell\a esc\x1b[31m bidi\u202Eevil zero\u200Bwidth",
		"]]>--><svg onload=x>",
		"pipe | tick ` @team [a](https://example.org) *b*\n::error::x",
	}
	for _, n := range nasty {
		m := model(n, "id/"+n)
		m.Quotas[0].Name, m.Quotas[0].Code, m.Notes = n, n, []string{n}
		m.Quotas[0].Problem, m.Quotas[0].Pending = n, &record.Increase{Desired: 5, Status: n, Since: began}
		m.Capacity = &record.ModelCapacity{Access: n, Lifecycle: n}
		r.Models = append(r.Models, m)
	}
	r.Scenario.Name, r.Scenario.Description, r.Scenario.Source = nasty[0], nasty[4], strings.Join(nasty, "\n")
	r.Target.Account, r.Target.Region = nasty[3], nasty[2]
	minute := record.Duration(time.Minute)
	loadStep(r, "ramp", began, 0, 100, nasty[:3], []record.Stage{{Name: nasty[0], Length: minute, FromRPM: 60, ToRPM: 60}, {Name: nasty[4], Start: minute, Length: minute, FromRPM: 120, ToRPM: 120}})
	r.Steps[0].Cut, r.Steps[0].Notes = nasty[4], nasty
	monitorStep(r, "monitor", began, time.Hour, nasty[3])
	for i, n := range nasty {
		a := judged(r, n, n, n, []record.Verdict{record.Fail, record.Unknown, record.Skipped, record.Pass}[i%4], n, "ramp.throttle_rate")
		a.File, a.Values[n] = n, record.Read(float64(i), 1)
		r.Assertions = append(r.Assertions, a)
	}
	r.Problem, r.Verdict, r.Exit = nasty[4], record.Fail, 1
	return r
}

// emptyRun sent nothing and asserts nothing.
func emptyRun() *record.Run {
	r := baseRun("empty")
	r.Models = []record.Model{model("sonnet", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")}
	r.Models[0].Steps["ramp"] = record.NewFold(began, time.Second).Values()
	r.Totals["ramp"] = record.NewFold(began, time.Second).Values()
	r.Steps = []record.Step{{Name: "ramp", Kind: "load", Started: began, Ended: began, Load: &record.Load{Counts: record.Counts{Outcomes: map[record.Outcome]int{}}}}}
	r.Spent = record.Cost{}
	r.Ended, r.Verdict = began, record.Pass
	return r
}

// abortedRun was interrupted in its ramp.
func abortedRun() *record.Run {
	r := baseRun("aborted")
	r.Models = []record.Model{model("sonnet", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")}
	loadStep(r, "ramp", began, 0, 100, []string{"sonnet"}, []record.Stage{{Name: "climb", Length: record.Duration(20 * time.Second), FromRPM: 30, ToRPM: 60}})
	r.Steps[0].Load.Scheduled += 400
	r.Steps[0].Cut = "interrupted by SIGINT"
	r.Assertions = []record.Assertion{judged(r, "throttle rate within budget", "sonnet", "ramp.throttle_rate <= 0.01", record.Unknown, "the step ramp was cut short", "ramp.throttle_rate")}
	r.Aborted, r.Verdict, r.Exit, r.Ended = true, record.Unknown, 130, began.Add(22*time.Second)
	r.Spent.USD, r.Spent.Unpriced = nil, []string{"sonnet"}
	return r
}

// largeRun is the record of an hour with five models, and of the day before.
func largeRun() *record.Run {
	r := baseRun("large")
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("model-%d", i+1))
		r.Models = append(r.Models, model(names[i], "us.anthropic.model-"+names[i]))
	}
	loadStep(r, "ramp", began, time.Minute, 90, names, []record.Stage{
		{Name: "climb", Length: record.Duration(30 * time.Minute), FromRPM: 10, ToRPM: 100},
		{Name: "hold", Start: record.Duration(30 * time.Minute), Length: record.Duration(30 * time.Minute), FromRPM: 100, ToRPM: 100},
	})
	monitorStep(r, "monitor", began, 5*time.Minute, "")
	for i := range 20 {
		r.Assertions = append(r.Assertions, judged(r, fmt.Sprintf("assertion %d", i), names[i%5], "ramp.throttle_rate <= 0.01", record.Fail, "above", "ramp.throttle_rate"))
	}
	r.Verdict = record.Fail
	return r
}
