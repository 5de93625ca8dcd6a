package pacing

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// What AWS says of other things than the rate changes neither, nor does one change
// by what is the other's.
func TestControlsHearTheirOwn(t *testing.T) {
	for _, test := range []struct {
		class       Class
		cut, opened int64
	}{
		{OK, 0, 0}, {Throttle, 1, 0}, {Daily, 0, 0}, {Capacity, 0, 1}, {Transient, 0, 0}, {Cancelled, 0, 0}, {NotSent, 0, 0}, {Final, 0, 0},
	} {
		l := NewLimiter(Limit{Adaptive: &Adaptive{}, Breaker: &Breaker{}}, 1, 0)
		var r Reservation
		if err := l.Acquire(context.Background(), &r); err != nil {
			t.Fatal(err)
		}
		r.Tell(test.class)
		r.Refuse()
		if s := l.Snapshot(); s.Adaptive.Cuts != test.cut || s.Breaker.Opened != test.opened || s.UnderWay != 0 {
			t.Errorf("%s: %d cuts of the adaptive rate, and the breaker opened %d times; want %d and %d", test.class, s.Adaptive.Cuts, s.Breaker.Opened, test.cut, test.opened)
		}
	}
}

// A wait tells which of them it was for, and one that the limit keeps longer is for
// the limit.
func TestControlsBind(t *testing.T) {
	for _, test := range []struct {
		bound string
		of    Limit
		class Class
	}{
		{"adaptive", Limit{Adaptive: &Adaptive{}}, Throttle},
		{"adaptive", Limit{RPM: 600, Adaptive: &Adaptive{}}, Throttle},
		{"breaker", Limit{Breaker: &Breaker{}}, Capacity},
		{"breaker", Limit{Adaptive: &Adaptive{}, Breaker: &Breaker{}}, Capacity},
		{"rpm", Limit{RPM: 1, Adaptive: &Adaptive{}, Breaker: &Breaker{}}, Throttle},
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Hour)
			l := NewLimiter(test.of, 1, 500*time.Millisecond)
			var r Reservation
			if err := l.Acquire(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			r.Tell(test.class)
			r.Refuse()
			var late *WaitError
			if err := l.Acquire(t.Context(), &r); !errors.As(err, &late) || late.Bound != test.bound {
				t.Errorf("%+v: after one of class %s the next ends with %v; want to wait for %s", test.of, test.class, err, test.bound)
			}
		})
	}
}

// Without them the snapshot has none, and Tell does nothing.
func TestNoControls(t *testing.T) {
	var r Reservation
	r.Tell(OK)
	l := NewLimiter(Limit{RPM: 60}, 1, 0)
	if err := l.Acquire(context.Background(), &r); err != nil {
		t.Fatal(err)
	}
	r.Tell(Throttle)
	if s := l.Snapshot(); s.Adaptive != nil || s.Breaker != nil {
		t.Errorf("the snapshot has %+v and %+v", s.Adaptive, s.Breaker)
	}
}

// The rate that is told is never above the limit that is known.
func TestAdaptiveBelowTheLimit(t *testing.T) {
	l := NewLimiter(Limit{RPM: 40, Adaptive: &Adaptive{}}, 0.5, 0)
	if rpm := l.Snapshot().Adaptive.RPM; rpm != 20 {
		t.Errorf("half of a limit of 40 is told as %g; want 20", rpm)
	}
}

// The names for expvar; numbers that are not there are null.
func TestControlsAsJSON(t *testing.T) {
	l := NewLimiter(Limit{Adaptive: &Adaptive{Start: 30}, Breaker: &Breaker{}}, 1, 0)
	s := l.Snapshot()
	for _, test := range []struct {
		of   any
		want string
	}{
		{s.Adaptive, `{"rpm":30,"threshold_rpm":null,"slow_start":true,"cuts":0}`},
		{s.Breaker, `{"state":"closed","rpm":null,"target_rpm":null,"opened":0,"cuts":0}`},
	} {
		if got, err := json.Marshal(test.of); err != nil || string(got) != test.want {
			t.Errorf("%s, %v; want %s", got, err, test.want)
		}
	}
}
