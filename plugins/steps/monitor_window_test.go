package steps

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

// spanOf reads the keys of a monitor step at a time, with the problems.
func spanOf(t *testing.T, keys string, now time.Time) (span, scenarios.Problems) {
	t.Helper()
	src := "version: 1\nname: t\nmodels: {m: acme.writer}\nsteps:\n  - monitor: {" + keys + "}\n"
	s, problems := scenarios.Load("t.yaml", []byte(src), scenarios.Language{Steps: []scenarios.Key{{Name: Monitor.Name, Doc: Monitor.Doc, Type: Monitor.Type}}})
	b := &plugins.Binding{Problem: func(p scenarios.Problem) { problems = append(problems, p) }}
	return bindSpan(b, s.Steps[0].Body, now), problems
}

func TestWindows(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 3, 30, 0, time.UTC)
	for _, tt := range []struct{ keys, start, end, period string }{
		{"", "2026-11-21T12:00:00Z", "2026-11-22T12:05:00Z", "5m"},
		{"window: 3h", "2026-11-22T09:03:00Z", "2026-11-22T12:04:00Z", "1m"},
		{"window: 14d", "2026-11-08T12:00:00Z", "2026-11-22T13:00:00Z", "1h"},
		{"window: 14d, period: 5m", "2026-11-08T12:00:00Z", "2026-11-22T12:05:00Z", "5m"},
		// The first minute of these would be too old by the time it is asked for.
		{"window: 15d, period: 1m", "2026-11-07T12:05:00Z", "2026-11-22T12:04:00Z", "1m"},
		{"window: 63d, period: 5m", "2026-09-20T12:05:00Z", "2026-11-22T12:05:00Z", "5m"},
		{"window: 455d", "2025-08-24T13:00:00Z", "2026-11-22T13:00:00Z", "1h"},
		{"from: 2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", "2026-11-22T12:04:00Z", "1m"},
		{"from: 2026-11-20, to: 2026-11-21", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "5m"},
		{"from: 2026-11-20, to: 2026-11-21, zone: Europe/Berlin", "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z", "5m"},
		{"to: 2026-11-20, window: 2h", "2026-11-19T22:00:00Z", "2026-11-20T00:00:00Z", "1m"},
		{"from: 2026-11-22T12:00Z, to: 2027-01-01", "2026-11-22T12:00:00Z", "2026-11-22T12:04:00Z", "1m"},
		// The age decides, not the length.
		{"from: 2026-10-22, to: 2026-10-22T01:00", "2026-10-22T00:00:00Z", "2026-10-22T01:00:00Z", "5m"},
		{"from: 2026-08-22, to: 2026-08-22T03:00", "2026-08-22T00:00:00Z", "2026-08-22T03:00:00Z", "1h"},
		{"from: 2026-08-22T00:20Z, to: 2026-08-22T01:40Z", "2026-08-22T00:00:00Z", "2026-08-22T02:00:00Z", "1h"},
	} {
		s, problems := spanOf(t, tt.keys, now)
		w, err := s.at(now)
		if len(problems) > 0 || err != nil || stamp(w.Start) != tt.start || stamp(w.End) != tt.end || short(time.Duration(w.Period)) != tt.period {
			t.Errorf("%s: %s to %s by %s, %v, %v; want %s to %s by %s", tt.keys, stamp(w.Start), stamp(w.End), short(time.Duration(w.Period)), problems, err, tt.start, tt.end, tt.period)
		}
	}
}

func TestWindowsThatCannotBeRead(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 3, 30, 0, time.UTC)
	for _, tt := range []struct{ keys, at, code, message string }{
		{"window: 20d, period: 1m", "period", "bad-period", "keeps no points of 1m for 20d"},
		{"window: 64d, period: 5m", "period", "bad-period", "keeps no points of 5m for 64d"},
		{"from: 2026-11-01, to: 2026-11-01T02:00, period: 1m", "period", "bad-period", "keeps no points of 1m for 21.5d"},
		{"window: 1h, to: 2026-11-01, period: 1m", "period", "bad-period", "keeps no points of 1m"},
		{"window: 1h, period: 90s", "period", "bad-period", "not in whole minutes"},
		{"window: 1h, period: 2h", "period", "bad-period", "longer than the window"},
		{"from: 2026-11-22T11:30Z, period: 1h", "period", "bad-period", "longer than the window"},
		{"window: 1h, from: 2026-11-20", "window", "bad-window", "both say"},
		{"from: 2026-11-23", "from", "bad-window", "begins in the future"},
		{"from: 2026-11-20, to: 2026-11-20", "to", "bad-window", "not after its beginning"},
		{"from: 2026-11-20, to: 2026-11-19", "to", "bad-window", "not after its beginning"},
		{"from: 2020-01-01", "from", "bad-window", "nothing for longer than 455 days"},
		{"to: 2025-01-01", "to", "bad-window", "nothing for longer than 455 days"},
		{"to: 2026-01-01, window: 300d", "window", "bad-window", "nothing for longer than 455 days"},
	} {
		_, problems := spanOf(t, tt.keys, now)
		line := "  - monitor: {" + tt.keys
		column := strings.Index(line, tt.at+": ") + len(tt.at) + len(": ") + 1
		if len(problems) != 1 || problems[0].Code != tt.code || !strings.Contains(problems[0].Message, tt.message) || problems[0].Hint == "" || problems[0].Pos.Column != column {
			t.Errorf("%s: %+v; want %s at column %d: %s", tt.keys, problems, tt.code, column, tt.message)
		}
	}
}

// What is too old to be read when the step's turn comes is an error, and a
// period that is chosen grows.
func TestWindowsAge(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	said, _ := spanOf(t, "from: 2026-11-07T13:00Z, to: 2026-11-07T15:00Z, period: 1m", now)
	chosen, _ := spanOf(t, "from: 2026-11-07T13:00Z, to: 2026-11-07T15:00Z", now)
	later := now.Add(2 * time.Hour)
	if _, err := said.at(later); err == nil || !strings.Contains(err.Error(), "keeps no points of 1m") {
		t.Errorf("two hours later: %v", err)
	}
	if w, err := chosen.at(later); err != nil || time.Duration(w.Period) != 5*time.Minute {
		t.Errorf("two hours later: %v, %v; want points of 5 minutes", w, err)
	}
}

// Whatever is accepted, CloudWatch has points of when it is asked: by the age of
// the start, in whole periods, and within the window that was meant.
func TestWindowsThatAreAcceptedAreKept(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_800_000_000).Draw(t, "now"), 0).UTC()
		s := span{length: time.Duration(rapid.Int64Range(60, 455*86400).Draw(t, "length")) * time.Second}
		s.period = time.Duration(rapid.SampledFrom([]int{0, 0, 1, 2, 5, 7, 15, 60, 120, 1440}).Draw(t, "period")) * time.Minute
		if rapid.Bool().Draw(t, "ended") {
			s.to = now.Add(-time.Duration(rapid.Int64Range(0, 455*86400).Draw(t, "to")) * time.Second)
		}
		if _, code, _, _ := s.wrong(nil, now); code != "" {
			return
		}
		w, err := s.at(now)
		if err != nil {
			t.Fatal(err)
		}
		accepted++
		begin, end := s.bounds(now)
		period := time.Duration(w.Period)
		for _, r := range []struct{ age, period time.Duration }{{15 * day, time.Minute}, {63 * day, 5 * time.Minute}, {455 * day, time.Hour}} {
			if age := now.Add(onTheWay).Sub(w.Start); age <= r.age {
				if period%r.period != 0 {
					t.Fatalf("%+v: points of %s at the age of %s", s, period, age)
				}
				break
			} else if r.age == 455*day {
				t.Fatalf("%+v: the window begins %s ago", s, age)
			}
		}
		if !w.Start.Before(w.End) || w.Start.Truncate(period) != w.Start || w.End.Truncate(period) != w.End || w.End.Before(end) || w.End.Sub(end) >= period || begin.Sub(w.Start) >= period || w.Start.Sub(begin) > period+onTheWay {
			t.Fatalf("%+v: from %s to %s, meant from %s to %s", s, w.Start, w.End, begin, end)
		}
	})
	if accepted == 0 {
		t.Error("nothing was accepted")
	}
}
