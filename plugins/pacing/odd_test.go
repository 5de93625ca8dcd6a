package pacing

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// However odd the numbers that a caller gives, what is reserved is not less than
// nothing, and fits into a sum.
func TestOddRequests(t *testing.T) {
	for _, test := range []struct {
		name   string
		of     Limit
		tokens func(string, int) int64
		input  any // of WithInputTokens
		most   int32
		want   int64
	}{
		{"usual", Limit{}, nil, nil, 50, 2 + 50},
		{"max_tokens below 0 is none", Limit{}, nil, nil, -50, 2 + defaultMaxOutput},
		{"more input than a number holds", Limit{}, nil, int64(math.MaxInt64), 50, mostTokens + 50},
		{"by the estimate, too", Limit{}, func(string, int) int64 { return math.MaxInt64 }, nil, 50, mostTokens + 50},
		{"and output", Limit{MaxOutput: math.MaxInt64}, nil, int64(math.MaxInt64), 0, 2 * mostTokens},
		{"input below 0", Limit{}, nil, int64(-5), 50, 50},
	} {
		test.of.Models = []string{"a"}
		p := New(Limits{Of: []Limit{test.of}, Tokens: test.tokens}, Policy{})
		ctx := context.Background()
		if n, ok := test.input.(int64); ok {
			ctx = WithInputTokens(ctx, n)
		}
		a := converseAsk(nil, []types.Message{{Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "hi there"}}}}, nil, &types.InferenceConfiguration{MaxTokens: &test.most})
		input, output := p.size(ctx, p.all[0], "a", a)
		if got := input + output; got != test.want {
			t.Errorf("%s: %d tokens are reserved; want %d", test.name, got, test.want)
		}
	}
}

// Neither a settlement nor a reservation of less than nothing makes room for others.
func TestOddSettlements(t *testing.T) {
	for _, test := range []Reservation{{Tokens: 100}, {Tokens: 0}, {Tokens: -1000}} {
		for _, used := range []int64{-1000, math.MinInt64, 0} {
			l := NewLimiter(Limit{TPM: 100}, 1, 0)
			r := test
			if err := l.Acquire(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if l.tokens.sum < 0 {
				t.Errorf("%d tokens reserved: %d are taken", test.Tokens, l.tokens.sum)
			}
			if r.Settle(used); l.tokens.sum != 0 || l.Snapshot().TokensSettled != 0 {
				t.Errorf("%d tokens reserved, %d used: %d are taken, %d settled", test.Tokens, used, l.tokens.sum, l.Snapshot().TokensSettled)
			}
		}
	}
}

// Limits that make no sense would bind nothing, the opposite of what was asked for.
func TestSenselessLimits(t *testing.T) {
	named := func(of Limit) Limits { of.Models = []string{"a"}; return Limits{Of: []Limit{of}} }
	nan := math.NaN()
	for _, test := range []struct {
		limits Limits
		want   string // part of the panic; "" is none
	}{
		{named(Limit{}), ""},
		{named(Limit{RPM: 0.5, TPM: math.MaxFloat64, Concurrent: math.MaxInt, Burndown: 100}), ""},
		{Limits{Of: []Limit{{Models: []string{"a"}}}, Share: 1}, ""},
		{named(Limit{RPM: -1}), "RPM of [a] is -1"},
		{named(Limit{TPM: nan}), "TPM of [a] is NaN"},
		{named(Limit{Concurrent: -3}), "Concurrent of [a] is -3"},
		{named(Limit{Burndown: -5}), "Burndown of [a] is -5"},
		{named(Limit{Burndown: math.Inf(1)}), "Burndown of [a] is +Inf"},
		{named(Limit{MaxOutput: -7}), "MaxOutput of [a] is -7"},
		{Limits{Of: []Limit{{RPM: 60}}}, "names no model"},
		{Limits{Of: []Limit{{Models: []string{"a"}}}, Share: 80}, "Share is 80"},
		{Limits{Of: []Limit{{Models: []string{"a"}}}, Share: -0.1}, "Share is -0.1"},
		{Limits{Of: []Limit{{Models: []string{"a"}}}, Share: nan}, "Share is NaN"},
		{Limits{Share: 80}, "Share is 80"},
		{Limits{Of: []Limit{{Models: []string{"a"}}}, MaxWait: -time.Second}, "MaxWait is -1s"},
		{Limits{Of: []Limit{{Models: []string{"a", "b"}}, {Models: []string{"b"}}}}, `two limits name the model "b"`},
	} {
		func() {
			defer func() {
				got, _ := recover().(string)
				if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
					t.Errorf("%+v: the panic is %q; want %q", test.limits, got, test.want)
				}
			}()
			New(test.limits, Policy{})
		}()
	}
}

// What a call used beyond all measure is waited for, and neither for ever nor with
// a time that is beyond a number.
func TestUsedBeyondMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{TPM: 1}, 1, 0)
		for range 3 {
			r := Reservation{Tokens: 1}
			if err := l.Acquire(t.Context(), &r); err != nil || r.Waited > 4*24*time.Hour {
				t.Fatalf("after %s: %v", r.Waited, err)
			}
			r.Settle(math.MaxInt64)
			if l.tokens.sum < 0 || l.tokens.next < 0 {
				t.Fatalf("the sum is %d, and the next may go at %s", l.tokens.sum, l.tokens.next)
			}
		}
	})
}

// A reservation that is used twice at a time is a mistake of the program, which
// does not stop the others.
func TestReservationInUse(t *testing.T) {
	l := NewLimiter(Limit{}, 1, 0)
	var r Reservation
	if err := l.Acquire(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a reservation is acquired twice")
			}
		}()
		l.Acquire(t.Context(), &r)
	}()
	if !l.mu.TryLock() {
		t.Fatal("the lock is held after the panic")
	}
	l.mu.Unlock()
}

// One whose context has ended waited for nothing, whatever the one before it did.
func TestWaitOfAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(Limit{RPM: 1}, 1, 0)
		var r Reservation
		for range 2 {
			if err := l.Acquire(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			r.Refuse()
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if err := l.Acquire(ended, &r); err == nil || r.Waited != 0 || r.Bound != "" {
			t.Errorf("%v, after %s for %q", err, r.Waited, r.Bound)
		}
	})
}
