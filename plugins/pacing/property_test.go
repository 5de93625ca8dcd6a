package pacing_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

// Random calls of all operations to an account with faults: the limits hold by a
// book that is kept apart, of what passed the wire and what the hook was told; and
// each call, attempt and reservation ends once.
//
// Virtual time has no wall clock to jump: that the window bears a clock that jumps
// is tested by itself (TestWindowKeepsItsPromise), that the limiter reads one that
// does not (TestTheClockIsMonotonic), and that nothing else reads one by the
// module's TestHouseRules.
func TestClientKeepsItsLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScene(rt)
		synctest.Test(t, func(t *testing.T) { s.play(t, rt) })
	})
}

// Models of the scene: two share a limit, one has one of its own, one has none.
const (
	sharedA, sharedB = "anthropic.a-v1:0", "us.anthropic.a-v1:0"
	alone            = "amazon.b-v1:0"
	free             = "amazon.c-v1:0"
)

type scene struct {
	limits pacing.Limits
	policy pacing.Policy
	shares []float64 // one every twenty seconds
	faults []string
	calls  int
	seed   uint64
}

func drawScene(t *rapid.T) scene {
	limit := func(name string, models ...string) pacing.Limit {
		l := pacing.Limit{Models: models, Burndown: rapid.SampledFrom([]float64{0, 1, 5}).Draw(t, name+" burndown")}
		l.RPM = float64(rapid.SampledFrom([]int{0, 7, 20, 60}).Draw(t, name+" rpm"))
		l.TPM = float64(rapid.SampledFrom([]int{0, 900, 3000, 20_000}).Draw(t, name+" tpm"))
		l.Concurrent = rapid.SampledFrom([]int{0, 1, 3}).Draw(t, name+" concurrent")
		return l
	}
	everyFault := []string{
		"error: {status: 429, code: ThrottlingException, message: Too many requests}",
		"error: {status: 429, code: ThrottlingException, message: Too many tokens per day}",
		"error: {status: 503, code: ServiceUnavailableException, message: no}",
		"error: {status: 400, code: ValidationException, message: no}",
		"reset: before", "reset: middle", "html: 502", "truncate_stream: 2", "truncate: 60", "malformed: true", "empty: true", "crc: true",
		"stall: {after: 1, for: 40s}", "delay: 10s",
	}
	return scene{
		limits: pacing.Limits{
			Of:      []pacing.Limit{limit("shared", sharedA, sharedB), limit("alone", alone)},
			Share:   rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "share"),
			MaxWait: rapid.SampledFrom([]time.Duration{0, 30 * time.Second}).Draw(t, "longest wait"),
		},
		policy: pacing.Policy{
			Backoff:     pacing.Backoff{Jitter: pacing.Jitter(rapid.IntRange(0, int(pacing.Immediate)).Draw(t, "jitter"))},
			MaxAttempts: rapid.IntRange(1, 4).Draw(t, "attempts"), Budget: rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "budget"),
		},
		shares: rapid.SliceOfN(rapid.Float64Range(0.1, 1), 0, 6).Draw(t, "shares"),
		faults: rapid.SliceOfNDistinct(rapid.SampledFrom(everyFault), 0, 4, rapid.ID).Draw(t, "faults"),
		calls:  rapid.IntRange(1, 50).Draw(t, "calls"),
		seed:   rapid.Uint64().Draw(t, "seed"),
	}
}

func (s scene) account() string {
	text := "models:\n"
	for _, id := range []string{sharedA, alone, free} {
		text += fmt.Sprintf("  - {id: %q, burndown: 5, mid_stream_throttle: 0.1, latency: {first_token: 300ms, per_token: 20ms, spread: 0.3}, output_tokens: {mean: 30, spread: 0.5}}\n", id)
	}
	text += fmt.Sprintf("profiles: [{id: %q, models: [%q]}]\n", sharedB, sharedA)
	for i, what := range s.faults {
		if i == 0 {
			text += "faults:\n"
		}
		text += "  - {match: {operation: bedrock-runtime.*}, when: {probability: 0.15}, what: {" + what + "}}\n"
	}
	return text
}

// attemptID is an attempt: every call reserves another number of tokens.
type attemptID struct {
	reserved int64
	number   int
}

// sent is an attempt on the wire, in the order of sending.
type sent struct {
	id    attemptID
	model string
	input int64
	at    time.Time
	told  []told
}

type told struct {
	at time.Time
	pacing.Attempt
}

// book is kept by what passed the wire, and by the hook.
type book struct {
	http.RoundTripper // the account
	mu                sync.Mutex
	attempts          []*sent
	byID              map[attemptID]*sent
	unsent            []told // of attempts that are not on the wire
	notes             []string
}

type planned struct {
	model    string
	reserved int64
	input    int64
	way      time.Duration
}

type plannedKey struct{}

func (b *book) RoundTrip(r *http.Request) (*http.Response, error) {
	call := r.Context().Value(plannedKey{}).(planned)
	one := &sent{id: attemptID{reserved: call.reserved}, model: call.model, input: call.input, at: time.Now()}
	if _, err := fmt.Sscanf(r.Header.Get("Amz-Sdk-Request"), "attempt=%d;", &one.id.number); err != nil {
		return nil, err
	}
	b.mu.Lock()
	if b.byID[one.id] != nil {
		b.notes = append(b.notes, fmt.Sprintf("attempt %v is sent twice", one.id))
	}
	b.attempts, b.byID[one.id] = append(b.attempts, one), one
	b.mu.Unlock()
	select {
	case <-time.After(call.way):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return b.RoundTripper.RoundTrip(r)
}

func (b *book) hook(a pacing.Attempt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := told{time.Now(), a}
	if one := b.byID[attemptID{a.Reserved, a.Number}]; one != nil {
		one.told = append(one.told, t)
		return
	}
	b.unsent = append(b.unsent, t)
}

// charged is what an attempt took from the quota in the end: what AWS told that it
// used; nothing where AWS refused it; its input where nobody told; and all that was
// reserved where a reply came without usage.
func (s *sent) charged() (tokens int64, settled bool) {
	a := s.told[0]
	var reply *smithyhttp.ResponseError
	switch {
	case a.Settled != nil:
		return *a.Settled, true
	case a.Class == pacing.OK:
		return s.id.reserved, true
	case !a.MidStream && errors.As(a.Err, &reply) && reply.HTTPStatusCode() >= 300:
		return 0, false
	}
	return s.input, true
}

func (s scene) play(t *testing.T, rt *rapid.T) {
	server := account(t, s.account())
	b := &book{RoundTripper: cloud.InProcess(server), byID: map[attemptID]*sent{}}
	s.limits.Hook = b.hook
	var randomLock sync.Mutex
	random := rand.New(rand.NewPCG(s.seed, 0))
	s.policy.Random = func() float64 {
		randomLock.Lock()
		defer randomLock.Unlock()
		return random.Float64()
	}
	p := pacing.New(s.limits, s.policy)
	began := time.Now()
	var all sync.WaitGroup
	for i, share := range s.shares {
		all.Go(func() {
			time.Sleep(time.Duration(i+1) * 20 * time.Second)
			p.SetShare(share)
		})
	}
	for i := range s.calls {
		r := rand.New(rand.NewPCG(s.seed, uint64(i+1)))
		all.Go(func() {
			time.Sleep(time.Duration(r.Int64N(int64(2 * time.Minute))))
			ctx := t.Context()
			if r.IntN(3) == 0 { // before, while it waits, on the way, in a stream
				var cancel func()
				ctx, cancel = context.WithTimeout(ctx, time.Duration(math.Exp(r.Float64()*24))) // to 26 s
				defer cancel()
			}
			s.call(ctx, over(&http.Client{Transport: b}, p.Option, slowly(time.Duration(r.Int64N(int64(slowest))), r.IntN(20) == 0)), i, r)
		})
	}
	all.Wait()
	synctest.Wait()
	for _, note := range b.notes {
		rt.Error(note)
	}
	for l := range s.limits.Of {
		s.hold(rt, b, began, s.limits.Of[l])
	}
	s.add(rt, b, p.Snapshot())
	for id, m := range server.Counts().Models {
		var on int64
		for _, one := range b.attempts {
			if one.model == id {
				on++
			}
		}
		if m.Attempts > on {
			rt.Errorf("the account saw %d attempts at %s, and %d were sent", m.Attempts, id, on)
		}
	}
}

// slowest is the longest from an attempt's turn to its sending.
const slowest = 80 * time.Millisecond

var errNoCredentials = errors.New("no credentials")

// slowly lets a client take its time to find its credentials, or find none: an
// attempt that has its turn is not sent then.
func slowly(after time.Duration, fails bool) func(*bedrockruntime.Options) {
	return func(o *bedrockruntime.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			time.Sleep(after)
			if fails {
				return aws.Credentials{}, errNoCredentials
			}
			return aws.Credentials{AccessKeyID: "SIMULATED", SecretAccessKey: "simulated-secret"}, ctx.Err()
		})
	}
}

// call makes one call, whose stream it reads to the end or leaves.
func (s scene) call(ctx context.Context, c *bedrockruntime.Client, i int, r *rand.Rand) {
	most := int32(1 + r.IntN(60))
	one := planned{model: []string{sharedA, sharedB, alone, free}[r.IntN(4)], reserved: int64(61 + 17*i), way: time.Duration(r.Int64N(int64(80 * time.Millisecond)))}
	one.input = one.reserved - int64(most)
	ctx = context.WithValue(pacing.WithInputTokens(ctx, one.input), plannedKey{}, one)
	leave, linger := -1, time.Duration(0)
	if r.IntN(3) == 0 {
		leave, linger = r.IntN(5), time.Duration(r.Int64N(int64(5*time.Second)))
	}
	id, config := aws.String(one.model), &types.InferenceConfiguration{MaxTokens: &most}
	body := fmt.Appendf(nil, `{"max_tokens": %d, "messages": [{"role": "user", "content": "hi"}], "anthropic_version": "bedrock-2023-05-31"}`, most)
	if !strings.Contains(one.model, "anthropic") {
		body = fmt.Appendf(nil, `{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":%d}}`, most)
	}
	switch r.IntN(4) {
	case 0:
		c.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: id, Body: body})
	case 1:
		c.Converse(ctx, &bedrockruntime.ConverseInput{ModelId: id, Messages: messages(), InferenceConfig: config})
	case 2:
		if out, err := c.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: id, Body: body}); err == nil {
			read(out.GetStream(), leave, linger)
		}
	case 3:
		if out, err := c.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{ModelId: id, Messages: messages(), InferenceConfig: config}); err == nil {
			read(out.GetStream(), leave, linger)
		}
	}
}

func read[E any](s interface {
	Events() <-chan E
	Close() error
}, leave int, linger time.Duration) {
	defer s.Close()
	for range s.Events() {
		if leave == 0 {
			time.Sleep(linger)
			return
		}
		leave--
	}
}

// hold holds what was sent against a limit: at each sending, what was sent in the
// 60 s until then is within the share that held as it had its turn. Of what happened
// at one instant, the order is not known: ends count first, and of two shares the
// larger.
func (s scene) hold(t *rapid.T, b *book, began time.Time, of pacing.Limit) {
	ours := slices.DeleteFunc(slices.Clone(b.attempts), func(a *sent) bool { return !slices.Contains(of.Models, a.model) })
	for i, now := range ours {
		share := s.shareAt(now.at.Sub(began))
		var requests, tokens, underWay int64
		for _, a := range ours[:i+1] {
			if len(a.told) == 0 { // told elsewhere
				continue
			}
			end := a.told[0].at
			charged, _ := a.charged()
			ended := a != now && !end.After(now.at)
			if now.at.Sub(a.at) < time.Minute {
				requests++
				if ended {
					tokens += min(charged, a.id.reserved)
				} else {
					tokens += a.id.reserved
				}
			}
			if ended && end.Before(now.at) && now.at.Sub(end) < time.Minute {
				tokens += max(0, charged-a.id.reserved)
			}
			if !ended {
				underWay++
			}
		}
		within := func(what string, n int64, limit float64) {
			if most := max(1, math.Floor(limit*share)); limit > 0 && float64(n) > most {
				t.Errorf("%s: %d %s at %s after attempt %v; the limit is %g, the share %g", of.Models, n, what, now.at.Sub(began), now.id, limit, share)
			}
		}
		within("requests in 60 s", requests, of.RPM)
		within("tokens in 60 s", tokens, of.TPM)
		within("calls under way", underWay, float64(of.Concurrent))
	}
}

func (s scene) shareAt(at time.Duration) float64 {
	share := cmp.Or(s.limits.Share, 1)
	for i, next := range s.shares {
		switch from := time.Duration(i+1) * 20 * time.Second; {
		case at >= from && at <= from+slowest:
			share = max(share, next)
		case at > from:
			share = next
		}
	}
	return share
}

// add adds up: each attempt that was sent was told once, and calls, attempts and
// tokens of the snapshots are those of the book.
func (s scene) add(t *rapid.T, b *book, snapshots []pacing.Snapshot) {
	var calls, ended int64
	for _, snap := range snapshots {
		var want pacing.Snapshot
		for _, a := range b.attempts {
			if !slices.Contains(snap.Models, a.model) {
				continue
			}
			if len(a.told) != 1 {
				t.Errorf("attempt %v was told %d times: %+v", a.id, len(a.told), a.told)
				continue
			}
			want.Attempts++
			want.TokensReserved += a.id.reserved
			if a.id.number > 1 {
				want.Retries++
			}
			end := a.told[0]
			switch end.Class {
			case pacing.OK:
				want.Successful++
			case pacing.Throttle:
				want.Throttled++
			case pacing.Daily:
				want.Throttled++
				want.Daily++
			case pacing.Capacity:
				want.Capacity++
			}
			if end.MidStream && (end.Class == pacing.Throttle || end.Class == pacing.Daily) {
				want.MidStream++
			}
			if charged, settled := a.charged(); settled {
				want.TokensSettled += charged
			}
		}
		if snap.UnderWay != 0 || snap.Waiting != 0 || snap.Calls != snap.Successful+snap.Failed {
			t.Errorf("after the end: %+v", snap)
		}
		if snap.Attempts != want.Attempts || snap.Retries != want.Retries || snap.Successful != want.Successful || snap.Throttled != want.Throttled || snap.Daily != want.Daily ||
			snap.Capacity != want.Capacity || snap.MidStream != want.MidStream || snap.TokensSettled != want.TokensSettled || snap.TokensReserved < want.TokensReserved {
			t.Errorf("the snapshot is\n%+v; by the book it is\n%+v", snap, want)
		}
		calls, ended = calls+snap.Calls, ended+snap.Successful+snap.Failed
	}
	if calls != int64(s.calls) || ended != calls {
		t.Errorf("%d calls were made; %d are counted, and %d ended", s.calls, calls, ended)
	}
	seen := map[attemptID]bool{}
	for _, a := range b.unsent {
		id := attemptID{a.Reserved, a.Number}
		if seen[id] || a.Class != pacing.NotSent && a.Class != pacing.Cancelled && !errors.Is(a.Err, errNoCredentials) || a.Settled != nil {
			t.Errorf("of an attempt that was not sent, the hook was told %+v", a)
		}
		seen[id] = true
	}
}
