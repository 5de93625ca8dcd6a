package record_test

import (
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func TestLongestThrottled(t *testing.T) {
	tests := []struct {
		name        string
		points      []point
		from, until int // periods; 0, 0: none
	}{
		{"none", []point{{invocations, 0, 5}, {throttles, 1, 0}}, 0, 0},
		{"the longer of two", []point{{throttles, 0, 1}, {invocations, 1, 1}, {throttles, 2, 1}, {throttles, 3, 9}}, 2, 4},
		{"the first of two alike", []point{{throttles, 1, 1}, {throttles, 2, 1}, {invocations, 3, 1}, {throttles, 4, 1}, {throttles, 5, 1}}, 1, 3},
		{"calls without throttles end it", []point{{throttles, 0, 1}, {throttles, 1, 1}, {invocations, 2, 1}, {throttles, 3, 1}}, 0, 2},
		{"so does a period of which nothing is known", []point{{throttles, 0, 1}, {throttles, 2, 1}, {throttles, 3, 1}}, 2, 4},
		{"up to the end of the window", []point{{throttles, 10, 1}, {throttles, 11, 1}}, 10, 12},
	}
	for _, tt := range tests {
		f := traffic(tt.points...).Fold()
		wantReading(t, f.Values(), "longest_throttled_minutes", float64(5*(tt.until-tt.from)), true, 0)
		got := f.Usage("haiku").Throttled
		want := record.Span{Start: start.Add(time.Duration(tt.from) * 5 * time.Minute), End: start.Add(time.Duration(tt.until) * 5 * time.Minute)}
		switch {
		case tt.until == 0 && got != nil, tt.until > 0 && (got == nil || *got != want):
			t.Errorf("%s: the longest run is %v; want %v", tt.name, got, want)
		}
	}
}

func TestUsageTellsWhen(t *testing.T) {
	tr := traffic(point{invocations, 2, 50}, point{throttles, 4, 50}, point{invocations, 5, 10}, point{inputTokens, 7, 9}, point{outputTokens, 8, 8})
	tr.Burndown = 5
	u := tr.Fold().Usage("haiku")
	if want := start.Add(10 * time.Minute); u.Model != "haiku" || u.PeakRPM == nil || !u.PeakRPM.Equal(want) {
		t.Errorf("%s had its most attempts at %v; want haiku, the first of two peaks, at %v", u.Model, u.PeakRPM, want)
	}
	if want := start.Add(35 * time.Minute); u.PeakTPM == nil || !u.PeakTPM.Equal(want) {
		t.Errorf("most tokens at %v; want %v", u.PeakTPM, want)
	}
	if want := start.Add(40 * time.Minute); u.PeakQuotaTPM == nil || !u.PeakQuotaTPM.Equal(want) {
		t.Errorf("most quota tokens at %v; want %v, where the output was", u.PeakQuotaTPM, want)
	}
	if u.Busiest != nil {
		t.Errorf("the busiest hour of the week in a window of an hour is %v", u.Busiest)
	}
	if _, told := u.Samples["cache_read_tokens"]; told || u.Samples["peak_rpm"] != 3 || u.Samples["throttle_rate"] != 110 {
		t.Errorf("samples = %v; want 3 periods behind peak_rpm, 110 attempts behind throttle_rate, and nothing for what is not known", u.Samples)
	}
	if u = traffic().Fold().Usage("haiku"); u.PeakRPM != nil || u.PeakTPM != nil || u.PeakQuotaTPM != nil || u.Throttled != nil {
		t.Errorf("without a point there is %+v", u)
	}
}

func TestBusiestHour(t *testing.T) {
	monday := time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	calls := func(tr *record.Traffic, day, hour int, n float64) {
		tr.Set(invocations, monday.Add(time.Duration(24*day+hour)*time.Hour), n)
	}
	window := func(days int, zone string) *record.Traffic {
		return record.NewTraffic(record.Window{Start: monday, End: monday.AddDate(0, 0, days), Period: record.Duration(time.Hour), Zone: zone})
	}
	tests := []struct {
		name string
		of   func() *record.Traffic
		want record.WeekHour // the zero one: none
		rpm  float64
	}{
		{"a day short of a week", func() *record.Traffic { tr := window(6, ""); calls(tr, 0, 9, 60); return tr }, record.WeekHour{}, 0},
		{"nothing was called", func() *record.Traffic { return window(7, "") }, record.WeekHour{}, 0},
		{"one call", func() *record.Traffic { tr := window(7, ""); calls(tr, 6, 23, 60); return tr }, record.WeekHour{Weekday: "Sunday", Hour: 23}, 1},
		{"of two alike the first from Monday on", func() *record.Traffic { tr := window(7, ""); calls(tr, 6, 1, 60); calls(tr, 1, 2, 60); return tr }, record.WeekHour{Weekday: "Tuesday", Hour: 2}, 1},
		{"an hour that was there twice has no advantage", func() *record.Traffic {
			tr := window(8, "")
			calls(tr, 0, 9, 600)
			calls(tr, 7, 9, 600)
			calls(tr, 3, 9, 900)
			return tr
		}, record.WeekHour{Weekday: "Thursday", Hour: 9}, 15},
		{"a time of which nothing is known does not count", func() *record.Traffic { tr := window(14, ""); calls(tr, 0, 9, 600); return tr }, record.WeekHour{Weekday: "Monday", Hour: 9}, 10},
		{"in the zone of the window", func() *record.Traffic { tr := window(7, "Asia/Tokyo"); calls(tr, 0, 20, 60); return tr }, record.WeekHour{Weekday: "Tuesday", Hour: 5}, 1},
		// On 2026-10-25 Berlin goes from UTC+2 to UTC+1: 10 o'clock is 8 h UTC before, 9 h after.
		{"over a change of the clock", func() *record.Traffic {
			tr := window(14, "Europe/Berlin")
			calls(tr, 4, 8, 600)
			calls(tr, 11, 9, 300)
			calls(tr, 11, 8, 420)
			return tr
		}, record.WeekHour{Weekday: "Friday", Hour: 10}, 7.5},
		{"a zone that is not known", func() *record.Traffic { tr := window(7, "Mars/Olympus"); calls(tr, 0, 20, 60); return tr }, record.WeekHour{Weekday: "Monday", Hour: 20}, 1},
	}
	for _, tt := range tests {
		f := tt.of().Fold()
		got := record.WeekHour{}
		if b := f.Usage("haiku").Busiest; b != nil {
			got = *b
		}
		if got != tt.want {
			t.Errorf("%s: the busiest hour is %v; want %v", tt.name, got, tt.want)
		}
		wantReading(t, f.Values(), "busiest_hour_rpm", tt.rpm, tt.want.Weekday != "", 1e-9)
	}
	days := record.NewTraffic(record.Window{Start: monday, End: monday.AddDate(0, 0, 14), Period: record.Duration(24 * time.Hour)})
	days.Set(invocations, monday, 5)
	if b := days.Fold().Usage("haiku").Busiest; b != nil {
		t.Errorf("points of a day tell the busiest hour: %v", b)
	}
}
