package steps

import (
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// formerNames are metrics under the names that older pages of the user guide
// have for them. CloudWatch answers either with nothing where it has the other.
var formerNames = map[string]string{
	record.MetricCacheReads:  "CacheReadInputTokens",
	record.MetricCacheWrites: "CacheWriteInputTokens",
}

// longestWhole is the longest window of which one percentile is asked for: it
// takes one period as long as the window, and this is the longest that the
// console of CloudWatch offers.
const longestWhole = 30 * day

// usage is where the answers about one model are: the sums by share and metric,
// the levels by name.
type usage struct {
	model  plugins.Model
	shares []share
	sums   []map[string]int // of each share
	levels map[string]int
	whole  map[string]int // -1: not asked for
}

// askUsage asks for what a model's quotas were used.
func askUsage(q *inquiry, m plugins.Model, shares []share, w record.Window) usage {
	u := usage{model: m, shares: shares, levels: map[string]int{}, whole: map[string]int{}}
	u.askSums(q)
	// Percentiles of several series cannot be put together: these are of the
	// model's own id.
	for _, l := range record.CloudWatchLevels {
		x := plugins.Query{Series: plugins.OfModel(l.Metric, shares[0].id), Stat: l.Stat}
		u.levels[l.Name()] = q.ask(x)
		u.whole[l.Name()] = askWhole(q, x, w)
	}
	return u
}

// askSums asks for the sums of all shares.
func (u *usage) askSums(q *inquiry) {
	for _, s := range u.shares {
		at := map[string]int{}
		for _, metric := range record.CloudWatchMetrics {
			at[metric] = q.ask(sumOf(s, metric))
			if former := formerNames[metric]; former != "" {
				at[former] = q.ask(sumOf(s, former))
			}
		}
		u.sums = append(u.sums, at)
	}
}

// together is the usage of all models: a share that several of them have counts
// once.
func together(usages []usage) (all usage) {
	type series struct{ id, tier, resolved string }
	seen := map[series]bool{}
	for _, u := range usages {
		for i, s := range u.shares {
			if of := (series{s.id, s.tier, s.resolved}); !seen[of] {
				seen[of] = true
				all.shares, all.sums = append(all.shares, s), append(all.sums, u.sums[i])
			}
		}
	}
	return all
}

func sumOf(s share, metric string) plugins.Query {
	return plugins.Query{Series: plugins.Series{Namespace: plugins.NamespaceBedrock, Metric: metric, Dimensions: s.dimensions()}, Stat: "Sum"}
}

// askWhole asks for a statistic of the whole window; -1 where it is too long.
func askWhole(q *inquiry, x plugins.Query, w record.Window) int {
	if w.End.Sub(w.Start) > longestWhole {
		return -1
	}
	x.Whole = true
	return q.ask(x)
}

// traffic puts the answers together.
func (u usage) traffic(q *inquiry, w record.Window) *record.Traffic {
	t := record.NewTraffic(w)
	for _, metric := range record.CloudWatchMetrics {
		if sum := u.sum(q, metric); sum != nil {
			t.Sums[metric] = sum
		}
	}
	t.Levels, t.Overall = map[string][]*float64{}, map[string]*float64{}
	for name, at := range u.levels {
		t.Levels[name], t.Overall[name] = q.values(at), q.whole(u.whole[name])
	}
	return t
}

// sum adds a metric up over all ids. The series of an id is taken for the sum of
// its service tiers, as AWS documents ModelId as a dimension of every metric;
// where the tiers tell of more, it is not, and they count.
func (u usage) sum(q *inquiry, metric string) (all []*float64) {
	tiers := map[string][]*float64{}
	for i, s := range u.shares {
		if s.kind == kindTier {
			tiers[s.id] = merge(tiers[s.id], u.of(q, i, metric), plus)
		}
	}
	for i, s := range u.shares {
		if s.kind != kindTier {
			all = merge(all, merge(u.of(q, i, metric), tiers[s.id], greater), plus)
		}
	}
	return all
}

// of is a metric of one share, by either of its names.
func (u usage) of(q *inquiry, share int, metric string) []*float64 {
	values := q.values(u.sums[share][metric])
	if former := formerNames[metric]; former != "" {
		return merge(values, q.values(u.sums[share][former]), either)
	}
	return values
}

// parts are the shares that had calls, and the model's own.
func (u usage) parts(q *inquiry) (out []record.Part) {
	for i, s := range u.shares {
		p := s.part()
		for _, metric := range record.CloudWatchMetrics[:attemptMetrics] {
			if n := total(u.of(q, i, metric)); n != nil {
				p.Attempts = folded([]*float64{p.Attempts, n}, plus)
			}
		}
		if i == 0 || p.Attempts != nil {
			out = append(out, p)
		}
	}
	return out
}

// burndown is how many quota tokens an output token of the model takes, with what
// the account tells of its id.
func (u usage) burndown(c plugins.Catalog) float64 {
	if u.model.TariffOf == nil {
		return u.model.Tariff.Burndown
	}
	r := quotas.Resolve(u.model.ID, c)
	if r.Base == "" {
		return 0
	}
	return u.model.TariffOf(r.Base, r.Scope).Burndown
}

// commonBurndown is that of all models where they have the same, else 0: it is
// not known then what the sum of their output takes.
func commonBurndown(usages []usage, c plugins.Catalog) float64 {
	if len(usages) == 0 {
		return 0
	}
	first := usages[0].burndown(c)
	for _, u := range usages[1:] {
		if u.burndown(c) != first {
			return 0
		}
	}
	return first
}

// limitsByDimension are the applied quotas of a model, as far as a step has read
// them.
func limitsByDimension(m *record.Model) map[string]float64 {
	out := map[string]float64{}
	if m == nil {
		return out
	}
	for _, q := range m.Quotas {
		if q.Applied != nil {
			out[q.Dimension] = *q.Applied
		}
	}
	return out
}
