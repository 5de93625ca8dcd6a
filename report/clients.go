package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/loadline-dev/loadline/record"
)

// clientsTitle is over what sets the clients of a run side by side.
const clientsTitle = "Clients side by side"

// clientsNote says what their numbers are of.
const clientsNote = "Success rate and amplification are of calls; throttle rate is of attempts. Latency is of calls that were ok, from when they were due: waits for a turn and retries are part of it."

// compared are the load steps of a run that have a client, by the load that was
// offered and, where that is the same, in the order of the run.
type compared struct {
	steps []comparedStep
	// ofQuota: loads are shares of the requests per minute that the models may
	// have, since all of these are known. Else they are calls per minute.
	ofQuota bool
}

type comparedStep struct {
	name, label string
	load        float64 // NaN where it is not known
	values      record.Values
}

// comparedClients is false for a run with fewer than two such steps.
func comparedClients(r *record.Run) (compared, bool) {
	c := compared{ofQuota: true}
	var shares []float64
	var clients []*record.Client
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Load == nil || s.Load.Client == nil {
			continue
		}
		rpm := offered(r, s)
		limit, known := limitRPM(r, s)
		c.ofQuota = c.ofQuota && known
		shares = append(shares, rpm/limit)
		c.steps = append(c.steps, comparedStep{name: oneLine(s.Name), load: rpm, values: r.Totals[s.Name]})
		clients = append(clients, s.Load.Client)
	}
	for i, label := range labelsOf(clients) {
		c.steps[i].label = label
	}
	if c.ofQuota {
		for i := range c.steps {
			c.steps[i].load = shares[i] * 100
		}
	}
	slices.SortStableFunc(c.steps, func(a, b comparedStep) int {
		if c.place(a) == c.place(b) {
			return 0
		}
		return cmp.Compare(a.load, b.load)
	})
	return c, len(c.steps) > 1
}

// place is the load as it is shown; loads that look the same are the same.
func (c compared) place(s comparedStep) string {
	if math.IsNaN(s.load) {
		return noData
	}
	return digits(math.Round(s.load), 3)
}

func (c compared) unit() string {
	if c.ofQuota {
		return " %"
	}
	return "/min"
}

// offered are the calls per minute of a step as they were planned or, where its
// stages have no plain rate, as they came due; NaN where neither is known.
func offered(r *record.Run, s *record.Step) float64 {
	calls, length := 0.0, 0.0
	for i := range s.Load.Stages {
		st := &s.Load.Stages[i]
		if burst(st) || closed(st) || st.MostRPM > 0 {
			length = 0
			break
		}
		rate := (st.FromRPM + st.ToRPM) / 2
		if st.Models == nil {
			rate *= float64(len(modelsOf(r, s)))
		}
		calls, length = calls+rate*float64(st.Length), length+float64(st.Length)
	}
	if length > 0 {
		return calls / length
	}
	if v := r.Totals[s.Name]["offered_rpm"]; v.Known {
		return v.Value
	}
	return math.NaN()
}

func modelsOf(r *record.Run, s *record.Step) (out []*record.Model) {
	for i := range r.Models {
		if _, ok := r.Models[i].Steps[s.Name]; ok {
			out = append(out, &r.Models[i])
		}
	}
	return out
}

// limitRPM is how many requests per minute the models of a step may have
// together: by their quotas or, where one of these is not known, by what the client
// was held to. Models that share a quota count once.
func limitRPM(r *record.Run, s *record.Step) (sum float64, known bool) {
	codes := map[string]bool{}
	known = true
	for _, m := range modelsOf(r, s) {
		q, ok := m.Quota("rpm")
		switch {
		case !ok || q.Applied == nil || *q.Applied <= 0:
			known = false
		case q.Code == "" || !codes[q.Code]:
			codes[q.Code] = true
			sum += *q.Applied
		}
	}
	if known && sum > 0 || s.Load.Client.Pacing == nil {
		return sum, known && sum > 0
	}
	sum = 0
	for _, l := range s.Load.Client.Pacing.Limits {
		sum += l.RPM
	}
	return sum, sum > 0
}

// comparedColumns are what is told of each client.
var comparedColumns = clientColumnsOf("success_rate", "throttle_rate", "amplification", "latency_ms.p50", "latency_ms.p95", "wait_ms.p50", "given_up")

// table has a row for each step: clients at the same load stand together.
func (c compared) table() stepTable {
	t := stepTable{Head: []string{"client", "offered load"}}
	for _, column := range comparedColumns {
		t.Head = append(t.Head, column.Heading)
	}
	t.Head = append(t.Head, "step")
	for _, s := range c.steps {
		row := []string{s.label, c.loadText(s)}
		for _, column := range comparedColumns {
			row = append(row, column.text(s.values))
		}
		t.Rows = append(t.Rows, append(row, s.name))
	}
	return t
}

// loadText is "150 %" or "300/min".
func (c compared) loadText(s comparedStep) string {
	if p := c.place(s); p != noData {
		return p + c.unit()
	}
	return noData
}
