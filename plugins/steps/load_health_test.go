package steps

import (
	"math"
	"runtime/metrics"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

func TestStealIsReadFromTheLineOfAllProcessors(t *testing.T) {
	for _, c := range []struct {
		stat          string
		stolen, total float64
		ok            bool
	}{
		{"cpu  10 1 20 60 2 0 2 5 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 5, 100, true}, // guest time is in user time already
		{"cpu  10 1 20 60 2 0 2 5\n", 5, 100, true},
		{"cpu  10 1 20 60 2 0 2\n", 0, 0, false}, // older than the column
		{"cpu0 10 1 20 60 2 0 2 5\n", 0, 0, false},
		{"cpu  10 1 20 60 2 0 2 x\n", 0, 0, false},
		{"", 0, 0, false},
	} {
		if stolen, total, ok := steal([]byte(c.stat)); ok != c.ok || ok && (stolen != c.stolen || total != c.total) {
			t.Errorf("steal(%q) = %g of %g, %v; want %g of %g, %v", c.stat, stolen, total, ok, c.stolen, c.total, c.ok)
		}
	}
}

func TestTheLongestPauseSinceTheStart(t *testing.T) {
	now := look()
	if now.pauses == nil {
		t.Fatal("this Go does not tell of its pauses")
	}
	// Before: none of the pauses that were since the program began.
	before := machine{pauses: &metrics.Float64Histogram{Counts: make([]uint64, len(now.pauses.Counts)), Buckets: now.pauses.Buckets}}
	last := -1
	for i, n := range now.pauses.Counts {
		if n > 0 {
			last = i
		}
	}
	var h record.Health
	before.since(&h)
	if last >= 0 && (!h.GCPauseMax.Known || h.GCPauseMax.Value < 1000*now.pauses.Buckets[last] || math.IsInf(h.GCPauseMax.Value, 1)) {
		t.Errorf("longest pause %v; want at least %g ms", h.GCPauseMax, 1000*now.pauses.Buckets[last])
	}
	if !h.Procs.Known || h.Procs.Value < 1 || h.Steal.Known {
		t.Errorf("procs %v, steal %v; want some, and no data where nothing was known before", h.Procs, h.Steal)
	}
}
