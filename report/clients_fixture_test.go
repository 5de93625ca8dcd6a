package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// testedClients are those of the fixture. The last has a label that would break a
// page, and no call of it came due in its last round.
var testedClients = []record.Client{
	{Label: "none", Retry: record.Retry{Policy: "none", MaxAttempts: 1}},
	{Label: "full-jitter", Retry: record.Retry{Policy: "full-jitter", MaxAttempts: 4, Base: record.Duration(time.Second), Cap: record.Duration(20 * time.Second), Budget: 0.1}},
	{
		Label: "paced at 100 %, full-jitter", Retry: record.Retry{Policy: "full-jitter", MaxAttempts: 2},
		Pacing: &record.Pacing{Share: 1, MaxWait: record.Duration(20 * time.Second), Limits: []record.PacedLimit{{Models: []string{"m3"}, RPM: 60, Concurrent: 20}}},
	},
	{
		Label: `<script>alert("1")</script>& | a label that goes on and on and on and on and on`, Retry: record.Retry{Policy: "none", MaxAttempts: 1},
		Pacing: &record.Pacing{Share: 0.5, Adaptive: true, Limits: []record.PacedLimit{{Models: []string{"m4"}, TPM: 30_000}}},
	},
}

// clientsRun has three rounds of clients beside each other, each with a model of
// its own that takes 60 requests a minute.
func clientsRun() *record.Run {
	r := baseRun("clients")
	for i := range testedClients {
		m := model(fmt.Sprintf("m%d", i+1), fmt.Sprintf("us.anthropic.m%d", i+1))
		m.Quotas[0].Code, m.Quotas[0].Applied = fmt.Sprintf("L-0000000%d", i), at(60.0)
		r.Models = append(r.Models, m)
	}
	for round, percent := range []int{50, 100, 150} {
		start := began.Add(time.Duration(round) * 4 * time.Minute)
		for i, client := range testedClients {
			rpm := 60 * float64(percent) / 100
			stage := record.Stage{Name: "hold", Length: record.Duration(2 * time.Minute), FromRPM: rpm, ToRPM: rpm}
			calls := attempts(client, stage)
			if round == 2 && i == len(testedClients)-1 {
				calls = nil
			}
			clientStep(r, fmt.Sprintf("m%d-%d", i+1, percent), r.Models[i].Name, start, client, stage, calls)
		}
	}
	r.Assertions = []record.Assertion{judged(r, "few are throttled", "m3", "m3-150.throttle_rate <= 0.01", record.Pass, "", "m3-150.throttle_rate")}
	r.Verdict = record.Pass
	return r
}

// clientStep leaves a step of one model in the run.
func clientStep(r *record.Run, name, model string, start time.Time, client record.Client, stage record.Stage, calls []record.Call) {
	fold := record.NewFold(start, record.WindowPeriod(time.Duration(stage.Length)))
	for _, c := range calls {
		c.Step, c.Model = name, model
		c.Planned = start.Add(c.Planned.Sub(time.Time{}))
		fold.Add(&c)
	}
	stage.Counts, stage.Totals = fold.Stage(0), fold.StageValues(0)
	for i := range r.Models {
		if r.Models[i].Name == model {
			r.Models[i].Steps[name] = fold.Values()
		}
	}
	r.Totals[name] = fold.Values()
	r.Series = append(r.Series, fold.Series(name, model)...)
	load := &record.Load{Counts: fold.Counts(), Client: &client, Stages: []record.Stage{stage}, Distributions: fold.Distributions(model)}
	load.Scheduled = load.Planned
	r.Steps = append(r.Steps, record.Step{Name: name, Kind: "load", Started: start, Ended: start.Add(time.Duration(stage.Length)), Load: load})
}

// attempts are those of the calls of a stage against 60 requests in any minute of
// the clock, without chance.
func attempts(client record.Client, stage record.Stage) (out []record.Call) {
	type due struct {
		at   time.Duration
		call record.Call
	}
	var queue []due
	for i, offset := range sends(stage) {
		queue = append(queue, due{offset, record.Call{Seq: i, Planned: time.Time{}.Add(offset), Attempt: 1}})
	}
	slot, used := time.Duration(0), map[time.Duration]int{}
	for len(queue) > 0 {
		slices.SortStableFunc(queue, func(a, b due) int { return int(a.at - b.at) })
		next := queue[0]
		queue = queue[1:]
		c := next.call
		if p := client.Pacing; p != nil {
			slot = max(slot, next.at)
			if wait := slot - next.at; p.MaxWait > 0 && wait > time.Duration(p.MaxWait) {
				c.Outcome, c.Held, c.Waited = record.GivenUp, time.Duration(p.MaxWait), time.Duration(p.MaxWait)
				c.Lag = c.Held
				out = append(out, c)
				continue
			}
			c.Waited += slot - next.at
			next.at, slot = slot, slot+time.Second
		}
		c.Lag = next.at - c.Planned.Sub(time.Time{})
		c.Held = c.Lag
		minute := next.at.Truncate(time.Minute)
		if used[minute]++; used[minute] <= 60 {
			c.Outcome, c.Took = record.OK, time.Duration(600+c.Seq%7*100)*time.Millisecond
			out = append(out, c)
			continue
		}
		c.Outcome, c.Took = record.Throttled, 20*time.Millisecond
		c.Retried = c.Attempt < client.Retry.MaxAttempts
		out = append(out, c)
		if c.Retried {
			c.Attempt++
			c.Retried = false
			queue = append(queue, due{next.at + time.Duration(c.Seq%5+1)<<c.Attempt*500*time.Millisecond, c})
		}
	}
	return out
}
