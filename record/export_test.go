package record

import "time"

// FoldOf is an empty fold of a step with an slo.
func FoldOf(start time.Time, slo *SLO) *Fold {
	f := NewFold(start, time.Second)
	f.slo = slo
	return f
}
