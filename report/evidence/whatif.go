package evidence

import (
	"math"
	"slices"

	"github.com/loadline-dev/loadline/record"
)

// Advice is what another max_tokens would change, for the calls of one source.
type Advice struct {
	From string `json:"from"` // whose calls these are
	// Input and Output are means of a call, in tokens.
	Input    float64 `json:"mean_input_tokens"`
	Output   float64 `json:"mean_output_tokens"`
	Burndown float64 `json:"burndown"`
	// Asked is the max_tokens of these calls; nil where it is not known.
	Asked *int64   `json:"max_tokens"`
	Rows  []WhatIf `json:"rows"`
	// Enough is the highest max_tokens below the one asked that gives as much
	// headroom as the increase would and cuts no reply that was seen; nil where
	// none does, or where it is not known.
	Enough   *int64 `json:"enough"`
	Sentence string `json:"sentence"`
}

// WhatIf is a row of the table. Rates are calls a minute.
type WhatIf struct {
	MaxTokens int64  `json:"max_tokens"`
	Why       string `json:"why"`
	// Reserved is what a call holds from its start: input + max_tokens. Settled is
	// what it took in the end: input + output x burndown.
	Reserved float64 `json:"reserved_tokens"`
	Settled  float64 `json:"settled_tokens"`
	// ReservedRPM and SettledRPM are the applied quota over these; RPM, the lower
	// one, is sure to fit. What does fit lies between RPM and SettledRPM, the
	// higher the sooner calls end and give back what they did not use.
	ReservedRPM float64 `json:"reserved_rpm"`
	SettledRPM  float64 `json:"settled_rpm"`
	RPM         float64 `json:"rpm"`
	// WantedRPM is the same as RPM under the quota that is asked for.
	WantedRPM float64 `json:"wanted_rpm"`
	// Times is RPM over that of max_tokens as asked; nil where that is not known.
	Times *float64 `json:"times"`
	// Cut is the share of the replies seen that are longer; nil where it is not
	// known.
	Cut *float64 `json:"cut_share"`
}

// calls are what a what-if is reckoned for: means of a call in tokens, and the
// quota in tokens a minute.
type calls struct {
	input, output, burndown float64
	applied, wanted         float64
	seen                    *Calls // nil: only the means are known
}

// whatIf reckons one max_tokens. Replies that are longer are cut. Where only
// their mean is known, the mean of what is left is at most the lower one of both,
// so that calls are told to settle too high rather than too low.
func (c calls) whatIf(maxTokens int64, why string) WhatIf {
	w := WhatIf{MaxTokens: maxTokens, Why: why}
	output := min(c.output, float64(maxTokens))
	if c.seen != nil {
		mean, cut := c.seen.cut(maxTokens)
		output, w.Cut = mean, &cut
	}
	w.Reserved = c.input + float64(maxTokens)
	w.Settled = c.input + output*c.burndown
	w.ReservedRPM, w.SettledRPM = c.applied/w.Reserved, c.applied/w.Settled
	w.RPM = min(w.ReservedRPM, w.SettledRPM)
	w.WantedRPM = min(c.wanted/w.Reserved, c.wanted/w.Settled)
	return w
}

// finite says whether JSON could write the row: what a file tells need not make
// sense.
func (w *WhatIf) finite() bool {
	for _, v := range []float64{w.Reserved, w.Settled, w.ReservedRPM, w.SettledRPM, w.RPM, w.WantedRPM} {
		if record.Finite(&v) == nil {
			return false
		}
	}
	return true
}

// choices are the values of max_tokens that are worth a row: the one asked, what
// the replies seen need, and round numbers between.
func (c calls) choices(asked *int64) (out []WhatIf) {
	least := int64(math.Ceil(c.output))
	type choice struct {
		n   int64
		why string
	}
	var all []choice
	if asked != nil {
		all = append(all, choice{*asked, "as asked"})
	}
	if c.seen != nil {
		s := c.seen.shape()
		if s.OutputP99 != nil {
			all = append(all, choice{*s.OutputP99, "99 % of the replies seen fit"})
		}
		all = append(all, choice{s.OutputMax, "all replies seen fit"})
		least = s.OutputMax
		if s.OutputP99 != nil {
			least = *s.OutputP99
		}
	}
	rounds := 0
	for n := range roundNumbers {
		if n <= least || asked != nil && n >= *asked {
			continue
		}
		if rounds++; rounds > 8 {
			break
		}
		all = append(all, choice{n, "round"})
	}
	slices.SortStableFunc(all, func(a, b choice) int { return int(b.n - a.n) })
	all = slices.CompactFunc(all, func(a, b choice) bool { return a.n == b.n })
	for _, ch := range all {
		if ch.n <= 0 || asked != nil && ch.n > *asked {
			continue
		}
		if w := c.whatIf(ch.n, ch.why); w.finite() {
			out = append(out, w)
		}
	}
	if asked != nil && len(out) > 0 && out[0].MaxTokens == *asked {
		now := out[0].RPM
		for i := range out {
			times := out[i].RPM / now
			out[i].Times = record.Finite(&times)
		}
	}
	return out
}

// roundNumbers yields 10, 20, 50, 100 and so on, up to a million.
func roundNumbers(yield func(int64) bool) {
	for unit := int64(10); unit <= 1_000_000; unit *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if !yield(n * unit) {
				return
			}
		}
	}
}

// enough finds the highest max_tokens below the one asked that multiplies the
// rate as the increase does. Peak is the quota tokens a minute of the busiest
// time, or nil: a lower max_tokens changes nothing of what calls settle at, so
// that has to fit the applied quota after it grew by as much.
func (c calls) enough(rows []WhatIf, peak *float64) *int64 {
	factor := c.wanted / c.applied
	if factor <= 1 || peak != nil && *peak*factor > c.applied {
		return nil
	}
	for _, w := range rows { // the highest first
		switch {
		case w.Times == nil || *w.Times < factor:
		case w.Cut != nil && *w.Cut > mayCut, w.Cut == nil && float64(w.MaxTokens) < c.output:
		default:
			return &w.MaxTokens
		}
	}
	return nil
}

// mayCut is the share of replies that may be cut: those above the 99th percentile.
const mayCut = 0.01
