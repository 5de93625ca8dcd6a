package evidence

import (
	"math"

	"github.com/loadline-dev/loadline/record"
)

// fact is a value of a step that AWS asks for, or that speaks for itself.
type fact struct {
	name  string // as in run.json
	title string
	share bool
}

// usageFacts and testFacts are the rows of the tables, and what evidence.json has.
var (
	usageFacts = []fact{
		{name: "rpm.p50", title: "steady requests/min (p50)"}, {name: "rpm.p90", title: "peak requests/min (p90)"}, {name: "peak_rpm", title: "busiest period, requests/min"},
		{name: "tpm.p50", title: "steady tokens/min (p50)"}, {name: "tpm.p90", title: "peak tokens/min (p90)"}, {name: "peak_tpm", title: "busiest period, tokens/min"},
		{name: "quota_tpm.p50", title: "steady quota tokens/min (p50)"}, {name: "quota_tpm.p90", title: "peak quota tokens/min (p90)"}, {name: "peak_quota_tpm", title: "busiest period, quota tokens/min"},
		{name: "utilization.rpm", title: "busiest period, of the rpm quota", share: true}, {name: "utilization.tpm", title: "busiest period, of the tpm quota", share: true},
		{name: "attempts", title: "attempts"}, {name: "invocations", title: "successful calls"}, {name: "throttles", title: "throttled attempts"},
		{name: "throttle_rate", title: "throttled, of the attempts", share: true}, {name: "longest_throttled_minutes", title: "longest throttling, minutes"},
		{name: "input_tokens", title: "input tokens"}, {name: "output_tokens", title: "output tokens"},
		{name: "cache_write_tokens", title: "tokens written to caches"}, {name: "cache_read_tokens", title: "tokens read from caches"},
		{name: "growth.rpm.estimate", title: "growth a day, requests/min", share: true}, {name: "growth.tpm.estimate", title: "growth a day, quota tokens/min", share: true},
		{name: "coverage", title: "periods with calls", share: true}, {name: "token_coverage", title: "of these, with tokens", share: true},
	}
	testFacts = []fact{
		{name: "attempts", title: "requests sent"}, {name: "ok", title: "ok"}, {name: "throttled", title: "throttled"}, {name: "throttle_rate", title: "throttled, of the requests sent", share: true},
		{name: "throttled_by.requests", title: "throttled: too many requests"}, {name: "throttled_by.tokens", title: "throttled: too many tokens"},
		{name: "throttled_by.tokens_per_day", title: "throttled: tokens of the day"}, {name: "throttled_by.concurrency", title: "throttled: too many at once"},
		{name: "throttled_by.unspecified", title: "throttled: no limit named"},
		{name: "attempted_rpm", title: "sent, requests/min"}, {name: "ok_rpm", title: "ok, requests/min"},
		{name: "reserved_tpm", title: "reserved, tokens/min"}, {name: "settled_tpm", title: "settled, quota tokens/min"},
		{name: "first_throttle_rpm", title: "at the first throttle, requests/min"}, {name: "first_throttle_tpm", title: "at the first throttle, reserved tokens/min"},
		{name: "input_tokens", title: "input tokens"}, {name: "output_tokens", title: "output tokens"}, {name: "quota_tokens", title: "quota tokens"},
	}
)

// pick keeps the values of the facts; one that the record lacks is there without
// data.
func pick(v record.Values, facts []fact) record.Values {
	out := record.Values{}
	for _, f := range facts {
		r := v[f.name]
		out[f.name] = record.Reading{Value: r.Value, Known: r.Known}
	}
	return out
}

// pointer is a value, or nil without data.
func pointer(r record.Reading) *float64 {
	if !r.Known {
		return nil
	}
	v := r.Value
	return record.Finite(&v)
}

func usageOf(f found, s *record.Step, v record.Values, tariff func(string) float64) Usage {
	u := Usage{Run: line(f.source.Folder), Step: line(s.Name), Model: line(f.model.Name), IDs: []string{}, Window: *s.Window, Values: pick(v, usageFacts)}
	u.Window.Start, u.Window.End, u.Window.Zone = u.Window.Start.UTC(), u.Window.End.UTC(), line(u.Window.Zone)
	for _, mu := range s.Usage {
		if mu.Model != f.model.Name {
			continue
		}
		u.Throttled = mu.Throttled
		for _, p := range mu.Parts {
			u.IDs = append(u.IDs, line(p.ID))
		}
	}
	calls := v["invocations"].Value // no reading is 0, of which there is no mean
	written := v["cache_write_tokens"].Value
	if in := v["input_tokens"]; in.Known {
		u.MeanInput = ratio(in.Value+written, calls)
	}
	if out := v["output_tokens"]; out.Known {
		u.MeanOutput = ratio(out.Value, calls)
	}
	if computed := v["computed_quota_tokens"]; computed.Known {
		u.Burndown = burndown(computed.Value, v["input_tokens"].Value+written, v["output_tokens"].Value)
	}
	u.Burndown = orTariff(u.Burndown, f.model.BaseID, tariff)
	return u
}

func (in *Input) test(f found, s *record.Step, v record.Values) Test {
	t := Test{Run: line(f.source.Folder), Step: line(s.Name), Model: line(f.model.Name), Started: s.Started.UTC(), Ended: s.Ended.UTC(), Values: pick(v, testFacts), Doubts: []string{}}
	of := Of{s.Name, f.model.Name}
	if n, ok := f.source.MaxTokens[of]; ok {
		t.MaxTokens = &n
	}
	if input := v["input_tokens"]; input.Known {
		t.MeanInput = ratio(input.Value, v["ok"].Value)
	}
	if output := v["output_tokens"]; output.Known {
		t.MeanOutput = ratio(output.Value, v["ok"].Value)
	}
	// Without caches the tokens tell the burndown; with them, only single calls do.
	if billed := v["billed_tokens"]; billed.Known && billed.Value == v["input_tokens"].Value+v["output_tokens"].Value {
		t.Burndown = burndown(v["quota_tokens"].Value, v["input_tokens"].Value, v["output_tokens"].Value)
	}
	if c := f.source.Calls[of]; c != nil && c.count > 0 {
		t.Calls, t.seen = c.shape(), c
		t.MeanInput, t.MeanOutput = c.means()
		if b := c.burndown(); b != nil {
			t.Burndown = b
		}
	}
	t.Burndown = orTariff(t.Burndown, f.model.BaseID, in.Burndown)
	for i := range s.Load.Limits {
		if l := s.Load.Limits[i]; l.Model == f.model.Name {
			l.Model, l.Unit, l.BoundBy, l.Why = line(l.Model), line(l.Unit), line(l.BoundBy), line(l.Why)
			t.Limit = &l
		}
	}
	for _, d := range []string{s.Cut, s.Load.Sick, s.Load.Halted[f.model.Name]} {
		if d != "" {
			t.Doubts = append(t.Doubts, line(d))
		}
	}
	return t
}

// burndown is how many quota tokens an output token takes, by sums over calls.
// It is told in thousandths, as sums are whole tokens.
func burndown(quota, input, output float64) *float64 {
	b := ratio(quota-input, output)
	if b == nil || *b <= 0 {
		return nil
	}
	v := math.Round(*b*1000) / 1000
	return record.Finite(&v)
}

func orTariff(b *float64, base string, tariff func(string) float64) *float64 {
	if b != nil || tariff == nil {
		return b
	}
	if v := tariff(base); v > 0 {
		return &v
	}
	return nil
}
