package pacing

import (
	"strings"
	"testing"
)

// A limiter counts from an instant that has a reading of the monotonic clock, by
// which time.Since goes, so that a wall clock that is set changes nothing.
func TestTheClockIsMonotonic(t *testing.T) {
	if at := NewLimiter(Limit{}, 1, 0).start.String(); !strings.Contains(at, " m=") {
		t.Errorf("a limiter counts from %s, which is of the wall clock alone", at)
	}
}
