package steps

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

const (
	// watchAfter is how long after a whole minute CloudWatch is read, each minute:
	// the calls that it may have counted in that minute have ended by then. The rest
	// is an instant at which no call goes out or ends.
	watchAfter = 15*time.Second + 250*time.Nanosecond
	// watchReach is how many minutes back are read again, since CloudWatch may add
	// to them.
	watchReach = 15 * time.Minute
	// blindAfter is how many reads in a row may fail before nothing more is sent.
	blindAfter = 3
)

// liveMetrics are what stop_when can read of others, as a ramp goes on.
var liveMetrics = []struct {
	name string
	of   func(*record.Guard) *float64
}{
	{"ambient.throttles", func(g *record.Guard) *float64 { return g.Throttles }},
	{"ambient.rpm", func(g *record.Guard) *float64 { return g.RPM }},
}

// less and more stand for a number of liveMetrics that is not known yet: below
// and above all that it can be.
const less, more = -1, 1e15

func isLive(name string) bool {
	for _, m := range liveMetrics {
		if m.name == name {
			return true
		}
	}
	return false
}

// watches tells whether stop_when asks what others do. Nothing is read unless it
// does.
func (l *load) watches() bool {
	return l.stop.program != nil && slices.ContainsFunc(l.stop.program.Reads(), isLive)
}

// watchNotes say what a plan can say of the live guard.
func (l *load) watchNotes() []string {
	if !l.watches() {
		return nil
	}
	reads := int(l.profile.Length()/time.Minute) + 1
	metrics := len(seriesOf("")) * len(record.EventMetrics)
	return []string{fmt.Sprintf("stop_when asks what others do: CloudWatch is read up to %d times, %d metrics for each id that shares a quota: up to USD %.4f an id, at USD 0.01 for 1,000; it tells of a minute one to three minutes late", reads, metrics, float64(reads*metrics)*1e-5)}
}

// watch is the live guard of a step: what CloudWatch counts of all who share the
// quotas of its models, less the calls of this run.
//
// A call near the edge of a minute can be in either of two at AWS. So sums are
// taken from the first whole minute of the step on, and what is taken off are all
// calls of ours that AWS may have counted by then, clocks apart. What is left is
// the least that others did, and it does not jump at the edges.
type watch struct {
	env   *plugins.Env
	ids   []string // of all targets
	from  time.Time
	blind func(error) // is told that CloudWatch could not be read for too long
	fails int         // reads in a row

	mu   sync.Mutex
	seen []*pool // by target
}

// pool is what is known of the ids that share the quotas of a target.
type pool struct {
	record.Guard
	ids  []string
	own  func(model string) bool   // whether the calls of a model of ours are among it
	told map[time.Time]*[2]float64 // by minute: attempts and throttles of all
}

// watch finds out whom to watch, and whether CloudWatch can be read at all. It
// is nil where stop_when does not ask.
func (l *load) watch(ctx context.Context, env *plugins.Env, now time.Time) (*watch, []string, error) {
	if !l.watches() {
		return nil, nil, nil
	}
	catalog, err := env.AWS.Catalog(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read which ids share the quotas, for stop_when: %w", err)
	}
	var notes []string
	for _, note := range catalog.Notes {
		notes = append(notes, record.CleanLine("stop_when may miss ids that share the quotas: "+note))
	}
	w, all := &watch{env: env}, reachOf(catalog)
	for _, t := range l.targets {
		p := &pool{told: map[time.Time]*[2]float64{}}
		p.Model = t.Name
		for _, s := range sharing(t.ID, catalog, all) {
			p.ids = append(p.ids, s.id)
		}
		for _, id := range p.ids {
			p.IDs = append(p.IDs, record.CleanLine(id))
		}
		p.own = func(model string) bool {
			m := env.Models[model]
			return m != nil && slices.Contains(p.ids, quotas.Series(m.ID))
		}
		w.ids, w.seen = append(w.ids, p.ids...), append(w.seen, p)
	}
	slices.Sort(w.ids)
	w.ids = slices.Compact(w.ids)
	end := now.UTC().Truncate(time.Minute)
	if _, err := w.read(ctx, end.Add(-time.Minute), end); err != nil {
		return nil, nil, fmt.Errorf("read what others do, for stop_when: %w", err)
	}
	return w, notes, nil
}

func (w *watch) read(ctx context.Context, from, to time.Time) ([]plugins.Points, error) {
	return w.env.AWS.Measure(ctx, sumsOf(w.ids, record.EventMetrics), record.Window{Start: from, End: to, Period: record.Duration(time.Minute)})
}

// begin watches until stop is called, which waits for it.
func (w *watch) begin(ctx context.Context, start time.Time, blind func(error)) (stop func()) {
	if w == nil {
		return func() {}
	}
	w.blind = blind
	w.from = start.UTC().Add(record.ClockSkew).Truncate(time.Minute).Add(time.Minute)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for to := w.from.Add(time.Minute); sleepUntil(ctx, to.Add(watchAfter)); to = to.Add(time.Minute) {
			w.look(ctx, to)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// look reads the minutes before a whole one, from the first of the step on.
func (w *watch) look(ctx context.Context, to time.Time) {
	from := w.from
	if oldest := to.Add(-watchReach); oldest.After(from) {
		from = oldest
	}
	points, err := w.read(ctx, from, to)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails++
	if err == nil {
		w.fails = 0
	}
	for _, p := range w.seen {
		if err != nil {
			p.Failed++
			continue
		}
		p.Reads++
		p.take(points, from, to)
		p.judge(w.env.Log, w.from, from)
	}
	if err == nil {
		return
	}
	w.env.Report(plugins.Progress{Note: fmt.Sprintf("stop_when cannot see what others do: %s", record.CleanLine(err.Error()))})
	if w.fails == blindAfter {
		w.blind(fmt.Errorf("stop_when could not see what others do: %d reads of CloudWatch in a row failed: %w", w.fails, err))
	}
}

// take keeps what was read of some minutes.
func (p *pool) take(points []plugins.Points, from, to time.Time) {
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		delete(p.told, at)
	}
	for _, x := range points {
		if !slices.Contains(p.ids, x.Dimension(plugins.DimensionModel)) {
			continue
		}
		for i, v := range x.Values {
			at := from.Add(time.Duration(i) * time.Minute)
			if record.Finite(v) == nil || *v < 0 || !at.Before(to) {
				continue
			}
			m := p.told[at]
			if m == nil {
				m = &[2]float64{}
				p.told[at] = m
			}
			m[0] += *v
			if x.Metric == record.MetricThrottles {
				m[1] += *v
			}
		}
	}
}

// judge takes off the calls of this run, at the end of each minute that was read
// anew. Others cannot take back a throttle: the highest number so far holds.
func (p *pool) judge(log *record.Log, first, from time.Time) {
	var newest time.Time
	for at := range p.told {
		if at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() {
		return
	}
	var attempts, throttles, most float64
	if p.Throttles != nil {
		most = *p.Throttles
	}
	p.Minutes = 0
	for at := first; !at.After(newest); at = at.Add(time.Minute) {
		p.Minutes++
		if m := p.told[at]; m != nil {
			attempts, throttles = attempts+m[0], throttles+m[1]
		}
		if at.Before(from) {
			continue
		}
		own := log.Own(p.own, first, at.Add(time.Minute))
		most = max(most, throttles-float64(own.Throttles))
		rpm := max(0, attempts-float64(own.Attempts)) / float64(p.Minutes)
		p.RPM = &rpm
	}
	p.Throttles = &most
}

// live adds to what was measured of a model's calls what is known of others.
func (w *watch) live(target int, measured record.Values) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range liveMetrics {
		if v := m.of(&w.seen[target].Guard); v != nil {
			measured[m.name] = record.Read(*v, w.seen[target].Minutes)
		}
	}
}

// watched adds to a result what was seen of others.
func (s *sending) watched(out *plugins.Result) {
	if s.guard == nil {
		return
	}
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	load := out.Step.Load
	for _, p := range s.guard.seen {
		load.Guard = append(load.Guard, p.Guard)
		for name, v := range p.Values() {
			out.Values[p.Model][name] = v
		}
		note := fmt.Sprintf("%s: CloudWatch told nothing while the step sent, so ambient.* was not known and could not end it", p.Model)
		if p.Throttles != nil {
			throttled := "none of them was seen throttled"
			if *p.Throttles > 0 {
				throttled = fmt.Sprintf("at least %.0f of them were throttled", *p.Throttles)
			}
			note = fmt.Sprintf("%s: others made at least %.4g calls a minute in the %d minutes that CloudWatch had told of as the step sent, and %s", p.Model, *p.RPM, p.Minutes, throttled)
		}
		load.Notes = append(load.Notes, note)
	}
}

// liveNames are the names of liveMetrics, for stop_when.
func liveNames(names expression.Names) expression.Names {
	for _, m := range liveMetrics {
		names[m.name] = expression.Number
	}
	return names
}
