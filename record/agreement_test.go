package record_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/record"
)

// Where CloudWatch is expected to count each kind of end, and whether that is
// sure.
func TestWhereCallsAreExpected(t *testing.T) {
	if len(record.EventMetrics) != 4 {
		t.Fatalf("there are %d metrics of calls; the arrays of Expected have 4", len(record.EventMetrics))
	}
	const inv, thr, cli, srv, none = 0, 1, 2, 3, -1
	for _, tt := range []struct {
		call record.Call
		at   int
		sure bool
	}{
		{record.Call{Outcome: record.OK, Status: 200}, inv, true},
		{record.Call{Outcome: record.Dropped}, none, false},
		{record.Call{Outcome: record.Dropped, Code: "budget"}, none, false},
		{record.Call{Outcome: record.GivenUp, Code: "max_wait", Attempt: 2}, none, false},
		{record.Call{Outcome: record.Throttled, Status: 429, Code: "ThrottlingException"}, thr, true},
		{record.Call{Outcome: record.Throttled, Status: 400, Code: "ServiceQuotaExceededException"}, thr, false},
		{record.Call{Outcome: record.Throttled, Status: 429, Code: "TooManyRequests"}, thr, false}, // a gateway's
		{record.Call{Outcome: record.Throttled, Status: 200, Code: "ThrottlingException", MidStream: true}, thr, false},
		{record.Call{Outcome: record.ClientError, Status: 400, Code: "ValidationException"}, cli, true},
		{record.Call{Outcome: record.ClientError, Status: 403, Code: "AccessDeniedException"}, cli, false},
		{record.Call{Outcome: record.ClientError, Status: 404, Code: "ResourceNotFoundException"}, cli, false},
		{record.Call{Outcome: record.ClientError, Code: "NoCredentials"}, none, false},
		{record.Call{Outcome: record.ServerError, Status: 500, Code: "InternalServerException"}, srv, true},
		{record.Call{Outcome: record.ServerError, Status: 502, Code: "BadGateway"}, srv, false},
		{record.Call{Outcome: record.ServerError, Status: 408, Code: "ModelTimeoutException"}, cli, false},
		{record.Call{Outcome: record.ServerError, Status: 424, Code: "ModelErrorException"}, cli, false},
		{record.Call{Outcome: record.ServerError, Status: 200, Code: "ModelStreamErrorException", MidStream: true}, srv, false},
		{record.Call{Outcome: record.Capacity, Status: 503, Code: "ServiceUnavailableException"}, srv, true},
		{record.Call{Outcome: record.Capacity, Status: 429, Code: "ModelNotReadyException"}, cli, false},
		{record.Call{Outcome: record.Timeout, Code: "Deadline"}, inv, false},
		{record.Call{Outcome: record.Connection, Code: "SendFailed"}, inv, false},
		{record.Call{Outcome: record.Protocol, Status: 200, Code: "UnreadableReply"}, inv, false},
		{record.Call{Outcome: record.Truncated, Status: 200, Code: "NoLastEvent"}, inv, false},
	} {
		var want record.Expected
		switch {
		case tt.at == none:
		case tt.sure:
			want.Sure[tt.at] = 1
		default:
			want.Unsure[tt.at] = 1
		}
		// In a fold as well, the warm-up included.
		c := tt.call
		c.Planned, c.Warmup = start, true
		f := record.NewFold(start, time.Second)
		f.Add(&c)
		if got := f.Expected(); got != want {
			t.Errorf("%s %d %s: %+v; want %+v", c.Outcome, c.Status, c.Code, got, want)
		}
	}
}

// Whatever the numbers: each row adds up, nothing is negative, no call of ours
// is named others', and what was made of the counts is what was sent.
func TestAgreementsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []record.Agreement
		for k := range rapid.IntRange(1, 3).Draw(t, "ids") {
			var e record.Expected
			var others, lost, counted [4]int
			told := &[4]float64{}
			free, bound := 0, 0 // unsure calls counted somewhere; at most the unsure ones
			for i := range told {
				e.Sure[i], e.Unsure[i] = rapid.IntRange(0, 50).Draw(t, "sure"), rapid.IntRange(0, 5).Draw(t, "unsure")
				bound += e.Unsure[i]
			}
			for i := range told {
				others[i], lost[i] = rapid.IntRange(0, 30).Draw(t, "others"), rapid.IntRange(0, e.Sure[i]).Draw(t, "lost")
				counted[i] = rapid.IntRange(0, bound-free).Draw(t, "counted")
				free += counted[i]
				told[i] = float64(e.Sure[i] - lost[i] + counted[i] + others[i])
			}
			a := record.Agreement{ID: fmt.Sprint(k), Settled: true}
			a.Agree(e, told)
			var of, missing, maybe, trueOthers, trueLost float64
			for i, row := range a.Outcomes {
				if *row.CloudWatch != float64(row.Ours)+*row.MaybeOurs+*row.Others-*row.Missing || min(*row.MaybeOurs, *row.Others, *row.Missing) < 0 {
					t.Fatalf("%+v: %g %g %g %g", row, *row.CloudWatch, *row.MaybeOurs, *row.Others, *row.Missing)
				}
				of, missing, maybe = of+*row.Others, missing+*row.Missing, maybe+*row.MaybeOurs
				trueOthers, trueLost = trueOthers+float64(others[i]), trueLost+float64(lost[i])
			}
			if maybe > float64(a.Unsure) || of > trueOthers || missing > trueLost {
				t.Fatalf("%g maybe of %d unsure, %g of others of %g, %g missing of %g", maybe, a.Unsure, of, trueOthers, missing, trueLost)
			}
			if trueLost == 0 && of < trueOthers-float64(a.Unsure) {
				t.Fatalf("%g of others; %g there are, and %d unsure", of, trueOthers, a.Unsure)
			}
			if v := a.Values()["agreement"]; a.Ours() > 0 && (v.Value < 0 || v.Value > 1 || v.Samples != a.Ours()) || a.Ours() == 0 && v.Known {
				t.Fatalf("agreement %+v of %d", v, a.Ours())
			}
			list = append(list, a)
		}
		total := record.Agreed(list)
		v := total.Values()
		var of, missing, unsure float64
		for i := range list {
			w := list[i].Values()
			of, missing, unsure = of+w["others.calls"].Value, missing+w["missing"].Value, unsure+w["unsure"].Value
		}
		if v["others.calls"].Value != of || v["missing"].Value != missing || v["unsure"].Value != unsure || !v["others.calls"].Known {
			t.Fatalf("the total %+v is not the sum", v)
		}
	})
}

// One id that has not settled leaves the whole unknown; so does one of which
// nothing was told.
func TestAgreementThatIsNotKnown(t *testing.T) {
	var good, late, silent, sent record.Agreement
	e := record.Expected{Sure: [4]int{10}}
	good.Settled, silent.Settled, sent.Settled = true, true, true
	good.Agree(e, &[4]float64{12})
	late.Agree(e, &[4]float64{5})
	silent.Agree(e, nil)
	sent.Agree(record.Expected{}, &[4]float64{3})
	for name, tt := range map[string]struct {
		list                      []record.Agreement
		agreement, others, unsure bool
	}{
		"all":     {[]record.Agreement{good, good}, true, true, true},
		"late":    {[]record.Agreement{good, late}, false, false, true},
		"silent":  {[]record.Agreement{silent, good}, false, false, true},
		"nothing": {[]record.Agreement{sent}, false, true, false},
		"none":    {nil, false, false, false},
	} {
		total := record.Agreed(tt.list)
		v := total.Values()
		if v["agreement"].Known != tt.agreement || v["others.calls"].Known != tt.others || v["others.throttles"].Known != tt.others || v["unsure"].Known != tt.unsure {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Own counts every call that AWS may have counted in some minutes, clocks apart,
// and none that it cannot have.
func TestOwnCallsByTheMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := record.NewLog(nil)
		begin := start.Add(time.Duration(rapid.IntRange(0, 59_999).Draw(t, "begin")) * time.Millisecond)
		log.Begin(record.Begun{Step: "s", Models: []string{"a", "b"}, Start: begin, Period: record.Duration(time.Second)})
		first := begin.Truncate(time.Minute).Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "first")) * time.Minute)
		last := first.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "last")) * time.Minute)
		var attempts, throttles int
		for i := range rapid.IntRange(0, 40).Draw(t, "calls") {
			// Near the edge of a minute, or anywhere in it.
			sent := begin.Truncate(time.Minute).Add(time.Duration(rapid.IntRange(0, 7).Draw(t, "minute"))*time.Minute + time.Duration(rapid.IntRange(-6_000, 54_000).Draw(t, "at"))*time.Millisecond)
			if sent.Before(begin) {
				sent = begin
			}
			c := &record.Call{Seq: i, Step: "s", Model: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "model"), Planned: sent,
				Took: time.Duration(rapid.IntRange(0, 90_000).Draw(t, "took")) * time.Millisecond, Outcome: rapid.SampledFrom([]record.Outcome{record.OK, record.Throttled, record.Dropped}).Draw(t, "outcome")}
			log.Add(c)
			if c.Model == "b" || c.Outcome == record.Dropped || !c.Sent().Before(last.Add(record.ClockSkew)) || c.End().Before(first.Add(-record.ClockSkew)) {
				continue
			}
			attempts++
			if c.Outcome == record.Throttled {
				throttles++
			}
		}
		if got := log.Own(func(m string) bool { return m == "a" }, first, last); got != (record.Own{Attempts: attempts, Throttles: throttles}) {
			t.Fatalf("%+v; want %d attempts, of which %d were throttled", got, attempts, throttles)
		}
	})
}
