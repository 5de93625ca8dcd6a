package pacing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const s = time.Second

// The tutorial's formula, and the published ones, by a table: delays for draws of
// 0, 1/2 and 1.
func TestDelays(t *testing.T) {
	for _, test := range []struct {
		jitter Jitter
		n      int
		want   [3]time.Duration
	}{
		{Exponential, 1, [3]time.Duration{800 * time.Millisecond, 1 * s, 1200 * time.Millisecond}},
		{Exponential, 2, [3]time.Duration{1600 * time.Millisecond, 2 * s, 2400 * time.Millisecond}},
		{Exponential, 3, [3]time.Duration{3200 * time.Millisecond, 4 * s, 4800 * time.Millisecond}},
		{Exponential, 4, [3]time.Duration{6400 * time.Millisecond, 8 * s, 9600 * time.Millisecond}},
		{Exponential, 5, [3]time.Duration{12800 * time.Millisecond, 16 * s, 19200 * time.Millisecond}},
		{Exponential, 6, [3]time.Duration{16 * s, 20 * s, 24 * s}}, // the cap, with its jitter
		{Exponential, 5000, [3]time.Duration{16 * s, 20 * s, 24 * s}},
		{Full, 1, [3]time.Duration{0, 500 * time.Millisecond, 1 * s}},
		{Full, 3, [3]time.Duration{0, 2 * s, 4 * s}},
		{Full, 60, [3]time.Duration{0, 10 * s, 20 * s}},
		{Equal, 1, [3]time.Duration{500 * time.Millisecond, 750 * time.Millisecond, 1 * s}},
		{Equal, 3, [3]time.Duration{2 * s, 3 * s, 4 * s}},
		{Decorrelated, 1, [3]time.Duration{1 * s, 2 * s, 3 * s}},
		{Decorrelated, 2, [3]time.Duration{1 * s, 3500 * time.Millisecond, 9 * s}},
		{Decorrelated, 3, [3]time.Duration{1 * s, 5750 * time.Millisecond, 20 * s}},
		{NoJitter, 4, [3]time.Duration{8 * s, 8 * s, 8 * s}},
		{Immediate, 4, [3]time.Duration{}},
		{NoRetry, 1, [3]time.Duration{}},
	} {
		for i, draw := range []float64{0, 0.5, 1} {
			got := Backoff{Jitter: test.jitter}.Delay(test.n, func() float64 { return draw })
			if got.Round(time.Microsecond) != test.want[i] {
				t.Errorf("jitter %d, retry %d, draw %v: %s; want %s", test.jitter, test.n, draw, got, test.want[i])
			}
		}
	}
}

func apiError(status int, code, message string, header http.Header) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}
}

func TestClasses(t *testing.T) {
	for _, test := range []struct {
		err     error
		want    Class
		retried bool
	}{
		{nil, OK, false},
		{apiError(429, "ThrottlingException", "Too many requests, please wait before trying again.", nil), Throttle, true},
		{apiError(429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", nil), Daily, false},
		{apiError(429, "ModelNotReadyException", "", nil), Capacity, true},
		{apiError(429, "UnknownError", "", nil), Throttle, true},
		{apiError(503, "ServiceUnavailableException", "", nil), Capacity, true},
		{apiError(503, "UnknownError", "", nil), Capacity, true},
		{apiError(500, "InternalServerException", "", nil), Transient, true},
		{apiError(502, "UnknownError", "", nil), Transient, true},
		{apiError(424, "ModelErrorException", "", nil), Final, false},
		{apiError(400, "ValidationException", "", nil), Final, false},
		{apiError(403, "AccessDeniedException", "", nil), Final, false},
		{&smithyhttp.RequestSendError{Err: errors.New("connection refused")}, Transient, true},
		{&smithyhttp.RequestSendError{Err: context.Canceled}, Cancelled, false},
		{&smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", Err: context.DeadlineExceeded}}, Transient, true}, // http.Client.Timeout
		{&smithy.CanceledError{Err: context.DeadlineExceeded}, Cancelled, false},
		{fmt.Errorf("call: %w", context.DeadlineExceeded), Cancelled, false},
		{&WaitError{}, NotSent, false},
		{&TooLargeError{}, NotSent, false},
		{errors.New("anything"), Final, false},
	} {
		if got := Classify(test.err); got != test.want {
			t.Errorf("%v is of class %q; want %q", test.err, got, test.want)
		}
		r := newRetryer(&Policy{Backoff: Backoff{Jitter: Full}})
		if got := test.err != nil && r.IsErrorRetryable(test.err); got != test.retried {
			t.Errorf("%v is retried: %t; want %t", test.err, got, test.retried)
		}
		if test.err != nil && newRetryer(&Policy{}).IsErrorRetryable(test.err) {
			t.Errorf("the zero policy retries %v", test.err)
		}
	}
	only := newRetryer(&Policy{Backoff: Backoff{Jitter: Full}, Classes: map[Class]Backoff{Capacity: {}, Daily: {Jitter: Full}}})
	for class, retried := range map[Class]bool{Throttle: true, Capacity: false, Daily: false} {
		err := map[Class]error{Throttle: apiError(429, "ThrottlingException", "", nil), Capacity: apiError(503, "", "", nil), Daily: apiError(429, "ThrottlingException", "Too many tokens per day", nil)}[class]
		if got := only.IsErrorRetryable(err); got != retried {
			t.Errorf("with a policy of its own, %s is retried: %t; want %t", class, got, retried)
		}
	}
}

// The longer of the policy's delay and what AWS asks for.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		header http.Header
		want   time.Duration
	}{
		{http.Header{}, 1 * s},
		{http.Header{"Retry-After": {"7"}}, 7 * s},
		{http.Header{"Retry-After": {"0"}}, 1 * s},
		{http.Header{"Retry-After": {"-3"}}, 1 * s},
		{http.Header{"Retry-After": {"soon"}}, 1 * s},
		{http.Header{"Retry-After": {"99999999999"}}, 1 * s},
		{http.Header{"X-Amz-Retry-After": {"2500"}}, 2500 * time.Millisecond},
		{http.Header{"Retry-After": {"Sun, 22 Nov 2026 10:00:30 GMT"}, "Date": {"Sun, 22 Nov 2026 10:00:00 GMT"}}, 30 * s},
		{http.Header{"Retry-After": {"Sun, 22 Nov 2026 10:00:30 GMT"}}, 1 * s},
	} {
		r := newRetryer(&Policy{Backoff: Backoff{Jitter: NoJitter}})
		if got, err := r.RetryDelay(1, apiError(429, "ThrottlingException", "", test.header)); err != nil || got != test.want {
			t.Errorf("with %v the delay is %s, %v; want %s", test.header, got, err, test.want)
		}
	}
}

// Retries are at most a share of the calls, and ten.
func TestBudget(t *testing.T) {
	r := newRetryer(&Policy{Budget: 0.1})
	retries := 0
	for range 10_000 {
		r.budget.earn()
		if _, err := r.GetRetryToken(context.Background(), nil); err == nil {
			retries++
		} else if !errors.As(err, new(*BudgetError)) {
			t.Fatal(err)
		}
	}
	if retries < 1009 || retries > 1010 {
		t.Errorf("%d retries of 10,000 calls; want 10 %% and ten", retries)
	}
	for range 100_000 { // a long good time
		r.budget.earn()
	}
	for retries = 0; r.budget.spend() == nil; retries++ {
	}
	if retries != budgetFloor+budgetCalls/10 {
		t.Errorf("%d retries are saved up; want %d", retries, budgetFloor+budgetCalls/10)
	}
	if free := newRetryer(&Policy{}); free.budget.spend() != nil {
		t.Error("a policy without a budget has one")
	}
}

// contend is Amazon's experiment: clients start at once, and each wants to write a
// row under a version check, over a network of 10 ms with a deviation of 2 ms: it
// reads the version, writes, and has failed if another wrote in between. It
// returns how many attempts that took and how long.
func contend(t *testing.T, b Backoff, n int, seed uint64) (calls int, took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		version := 0
		began := time.Now()
		var all sync.WaitGroup
		for client := range n {
			r := rand.New(rand.NewPCG(seed, uint64(client)))
			network := func() { time.Sleep(max(0, time.Duration(float64(time.Millisecond)*(10+2*r.NormFloat64())))) }
			all.Go(func() {
				var last time.Duration
				for attempt := 1; ; attempt++ {
					network()
					mu.Lock()
					read := version
					mu.Unlock()
					network()
					network()
					mu.Lock()
					calls++
					won := read == version
					if won {
						version++
					}
					mu.Unlock()
					network()
					if won {
						return
					}
					if b.Jitter == Decorrelated {
						last = b.after(last, r.Float64)
					} else {
						last = b.Delay(attempt, r.Float64)
					}
					time.Sleep(last)
				}
			})
		}
		all.Wait()
		took = time.Since(began)
	})
	return calls, took
}

// The published order holds for our delays: full jitter takes the fewest calls,
// decorrelated ends soonest of the jitters, backoff without jitter takes by far
// the longest, and no backoff the most calls.
func TestJitterOrder(t *testing.T) {
	const runs, clients = 10, 100
	calls, took := map[Jitter]float64{}, map[Jitter]time.Duration{}
	names := map[Jitter]string{Immediate: "none", NoJitter: "exponential", Equal: "equal", Full: "full", Decorrelated: "decorrelated"}
	for jitter, name := range names {
		for seed := range uint64(runs) {
			c, d := contend(t, Backoff{jitter, 5 * time.Millisecond, 2 * time.Second}, clients, seed)
			calls[jitter] += float64(c) / runs
			took[jitter] += d / runs
		}
		t.Logf("%-12s %6.0f calls, %6d ms", name, calls[jitter], took[jitter].Milliseconds())
	}
	for _, order := range []struct{ few, many Jitter }{{Full, Equal}, {Equal, Decorrelated}, {Decorrelated, NoJitter}, {NoJitter, Immediate}} {
		if calls[order.few] >= calls[order.many] {
			t.Errorf("%s takes %.0f calls and %s %.0f", names[order.few], calls[order.few], names[order.many], calls[order.many])
		}
	}
	for _, order := range []struct{ soon, late Jitter }{{Decorrelated, Full}, {Full, Equal}, {Equal, NoJitter}} {
		if took[order.soon] >= took[order.late] {
			t.Errorf("%s takes %s and %s %s", names[order.soon], took[order.soon], names[order.late], took[order.late])
		}
	}
}
