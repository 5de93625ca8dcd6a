package sim

import (
	"cmp"
	"slices"
	"time"
)

// A State is what an account is and does at one moment: the JSON that it
// serves at /_loadline/state. Requests for it and for the status page are no
// part of any count.
type State struct {
	Account  string           `json:"account"`
	Region   string           `json:"region"`
	Time     time.Time        `json:"time"`
	UptimeMs int64            `json:"uptime_ms"` // since New
	Quotas   []QuotaState     `json:"quotas"`
	Pools    []PoolState      `json:"pools"`
	Free     []string         `json:"unlimited"` // ids whose calls no limiter holds back
	Requests map[string]int64 `json:"requests"`  // as in Counts
	Models   []ModelState     `json:"models"`    // sorted by id
	Calls    []RecentCall     `json:"calls"`     // the last 50, newest first
}

// QuotaState is a row of Service Quotas.
type QuotaState struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Applied    *float64 `json:"applied"`         // null: there is none, or it can not be read
	Error      string   `json:"error,omitempty"` // why it can not be read
	Default    float64  `json:"default"`
	Adjustable bool     `json:"adjustable"`
}

// PoolState is what the calls of one base model and scope share.
type PoolState struct {
	Model    string         `json:"model"` // the base model
	Scope    string         `json:"scope"` // on-demand, geo, global or latency-optimized; account for the day of all models
	IDs      []string       `json:"ids"`   // that take from it, sorted
	InFlight int64          `json:"in_flight"`
	Limits   []LimiterState `json:"limits"`
	// NotEntitled means that every quota is zero, whatever the limits.
	NotEntitled bool `json:"not_entitled,omitempty"`
}

// LimiterState is one limit of a pool.
type LimiterState struct {
	Name      string `json:"name"`  // rpm, tpm, tpd or concurrent
	Limit     int64  `json:"limit"` // as in the account file
	Algorithm string `json:"algorithm,omitempty"`
	// Available is how much would be admitted at this moment, in one call.
	Available int64 `json:"available"`
	// Capacity is the most that Available can be: the limit, or the burst.
	Capacity int64 `json:"capacity"`
}

// Fill is the part of the capacity that is taken, from 0 to 1.
func (l LimiterState) Fill() float64 {
	return max(0, min(1, 1-float64(l.Available)/float64(max(1, l.Capacity))))
}

// ModelState is what ModelCounts has of one model id.
type ModelState struct {
	Model        string `json:"model"`
	Attempts     int64  `json:"attempts"`
	OK           int64  `json:"ok"`
	Throttled    int64  `json:"throttled"`
	ClientErrors int64  `json:"client_errors"`
	ServerErrors int64  `json:"server_errors"`
	InputTokens  int64  `json:"input_tokens"`
	OutputTokens int64  `json:"output_tokens"`
	OutputImages int64  `json:"output_images,omitempty"` // of image models
}

// RecentCall is one request that has ended.
type RecentCall struct {
	Time      time.Time `json:"time"`            // of its beginning
	Model     string    `json:"model,omitempty"` // as the path named it, shortened where it is long
	Operation string    `json:"operation"`       // as in Counts.Requests
	Outcome   string    `json:"outcome"`         // ok, the code of the error, the kind of the fault in its place, or "client gone"
	LatencyMs float64   `json:"latency_ms"`
}

// State returns the state as it is now.
func (s *Server) State() State {
	s = s.present()
	counts := s.Counts()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	st := State{
		Account: s.account.ID, Region: s.account.Region, Time: now.UTC(), UptimeMs: now.Sub(s.started).Milliseconds(),
		Quotas: []QuotaState{}, Pools: []PoolState{}, Free: []string{}, Models: []ModelState{},
		Requests: counts.Requests, Calls: s.calls.newestFirst(),
	}
	for _, q := range s.account.quotas {
		shown := QuotaState{Code: q.code, Name: q.name, Default: q.byDefault, Adjustable: q.adjustable}
		switch {
		case q.failed != nil:
			shown.Error = q.failed.code
		case !q.unapplied:
			shown.Applied = &q.value
		}
		st.Quotas = append(st.Quotas, shown)
	}
	for id, m := range counts.Models {
		st.Models = append(st.Models, ModelState{
			id, m.Attempts, m.OK, m.Throttled, m.ClientErrors, m.ServerErrors, m.InputTokens, m.OutputTokens, m.OutputImages,
		})
	}
	slices.SortFunc(st.Models, func(a, b ModelState) int { return cmp.Compare(a.Model, b.Model) })
	s.pools(now, &st)
	return st
}

// pools describes every pool, and the ids that have none. Server.mu is held.
func (s *Server) pools(now time.Time, st *State) {
	at := map[*pool]int{} // index in st.Pools
	of := func(p *pool) *PoolState {
		i, known := at[p]
		if !known {
			i = len(st.Pools)
			at[p] = i
			st.Pools = append(st.Pools, p.state(now))
		}
		return &st.Pools[i]
	}
	add := func(id string, scope scope, system bool) {
		t := s.targets[id]
		if t.optimized != nil {
			p := of(t.optimized)
			p.IDs, p.Model, p.Scope = append(p.IDs, id), t.model.id, string(latencyOptimizedScope)
		}
		if t.pool == nil {
			st.Free = append(st.Free, id)
			return
		}
		p := of(t.pool)
		if p.IDs = append(p.IDs, id); system {
			p.Model, p.Scope = t.model.id, string(scope)
		}
	}
	for _, m := range s.account.models {
		add(m.id, onDemand, true)
	}
	for _, p := range s.account.profiles {
		add(p.id, scopeOf(p.id), !p.isApplication())
	}
	for i := range s.account.provisioned {
		add(s.account.provisionedARN(&s.account.provisioned[i]), "", false)
	}
	for _, p := range st.Pools {
		slices.Sort(p.IDs)
	}
	for p := range at {
		if p.account != nil { // the same of all
			day := p.account.state(now)
			day.Model, day.Scope, day.IDs = "all models", "account", []string{}
			st.Pools = append(st.Pools, day)
			break
		}
	}
	slices.Sort(st.Free)
}

// state is the pool's limits and how full they are. Server.mu is held.
func (p *pool) state(now time.Time) PoolState {
	p.makeRoom(now)
	p.adjust(now)
	st := PoolState{InFlight: p.inFlight, Limits: []LimiterState{}, NotEntitled: p.limits.notEntitled}
	for _, l := range []struct {
		name         string
		limit, burst int64
		limiter      limiter
	}{
		{"rpm", p.limits.rpm, p.limits.burst, p.rpm},
		{"tpm", p.limits.tpm, p.limits.burstTokens, p.tpm},
		{"tpd", p.limits.tpd, 0, p.tpd},
	} {
		if l.limiter == nil {
			continue
		}
		capacity := l.limit
		if p.limits.algorithm == "bucket" && l.burst > 0 {
			capacity = l.burst
		}
		st.Limits = append(st.Limits, LimiterState{
			Name: l.name, Limit: l.limit, Algorithm: p.limits.algorithm,
			Available: available(l.limiter, now, capacity), Capacity: capacity,
		})
	}
	if c := p.limits.concurrent; c > 0 {
		st.Limits = append(st.Limits, LimiterState{Name: "concurrent", Limit: c, Available: max(0, c-p.inFlight), Capacity: c})
	}
	if st.NotEntitled {
		for i := range st.Limits {
			st.Limits[i].Available = 0
		}
	}
	return st
}

// available is the most that fits now, found by halves: a limiter answers
// nothing but whether an amount fits.
func available(l limiter, now time.Time, most int64) int64 {
	fits, not := int64(0), most+1 // where not even 0 fits, 0 is the answer too
	for not-fits > 1 {
		if middle := fits + (not-fits)/2; l.fits(now, middle) {
			fits = middle
		} else {
			not = middle
		}
	}
	return fits
}
