package sim

import (
	"errors"
	"math"
	"net/http"
	"time"
	"unicode/utf8"
)

// ask is what a request wants of a model, whatever form it came in.
type ask struct {
	characters int   // of all its text
	maxTokens  int64 // 0: unset
}

// add counts a text of the prompt.
func (a *ask) add(text string) { a.characters += utf8.RuneCountInString(text) }

// inputTokens is the account's own rule, near enough to real tokenizers for
// load tests: a token for every four characters begun, and one at least.
func (a *ask) inputTokens() int64 { return max(1, int64(a.characters+3)/4) }

// answer is what the model had to say.
type answer struct {
	inputTokens, outputTokens int64
	latencyMs                 int64
	cut                       bool // it would have been longer than max_tokens
	caches                    bool // the model has a prompt cache: tell of it, be it of zeros
	cached                    cached
	id                        string
}

// text is a reply of as many tokens as the answer has.
func (a *answer) text() string { return filler(a.outputTokens) }

// prepare finds the model of a call and reads the request's body. Where that
// fails it has replied. A mistake of a caller who named a model of this account
// counts as a client error of that model; it takes nothing from the quotas.
func (s *Server) prepare(c *call, read func(t *target, body []byte) (ask, *fault)) (*target, ask, bool) {
	t := s.targets[c.label]
	if t == nil {
		c.fail(invalid("The provided model identifier is invalid."))
		return nil, ask{}, false
	}
	body, err := c.body()
	var a ask
	var bad *fault
	switch {
	case errors.Is(err, errTooLarge):
		bad = invalid("Input is too long for requested model.")
	case err != nil:
		bad = invalid("The request body can not be read.")
	case t.onDemand && !t.model.has("ON_DEMAND"):
		bad = invalid("Invocation of model ID " + c.label + " with on-demand throughput isn’t supported. " +
			"Retry your request with the ID or ARN of an inference profile that contains this model.")
	default:
		a, bad = read(t, body)
	}
	if bad == nil {
		return t, a, true
	}
	s.mu.Lock()
	s.record(t.name, minuteOf(time.Now()), ended{outcome: clientErrors})
	s.mu.Unlock()
	c.fail(bad)
	return nil, ask{}, false
}

// longestOutput is the most tokens that are ever drawn for a reply: 4 MB of text.
const longestOutput = 1 << 20

// invoke takes a call through admission, waiting and settlement. It returns nil
// where there is nothing more to send: the call was throttled and told so, or
// its client has gone away. A call whose client goes away ends at that moment
// with the tokens it would have used, and counts as a success.
func (s *Server) invoke(c *call, t *target, a ask) *answer {
	m, reserve := t.model, a.maxTokens
	if reserve == 0 {
		reserve = m.maxOutput
	}
	if !s.available(c, t) {
		return nil
	}
	in, cached := a.inputTokens(), m.cache.draw(s.account.Seed, c.number)
	s.mu.Lock()
	held, refused := t.pool.admit(time.Now(), in+cached.reserved(&m.cache)+reserve)
	s.mu.Unlock()
	if refused != "" {
		s.throttle(c, t, refused)
		return nil
	}

	drawn := math.Round(m.outputMean * around(source(s.account.Seed, c.number, forOutput), m.outputSpread))
	wanted := int64(max(1, min(longestOutput, drawn)))
	out := min(wanted, reserve)
	wait := waitAround(source(s.account.Seed, c.number, forLatency), m.latencyMean(float64(out)), m.latencySpread)
	here := c.wait(wait)
	ms := (wait + time.Millisecond/2).Milliseconds()

	s.mu.Lock()
	now := time.Now()
	quotaTokens := float64(in+cached.written) + float64(out)*m.burndown
	held.settle(now, int64(math.Ceil(quotaTokens)))
	s.record(t.name, minuteOf(now), ended{
		outcome: invocations, latencyMs: ms, inputTokens: in, outputTokens: out, quotaTokens: quotaTokens,
		cached: cached,
	})
	s.mu.Unlock()
	if !here {
		return nil
	}
	return &answer{
		inputTokens: in, outputTokens: out, latencyMs: ms, cut: wanted > reserve, cached: cached, caches: m.cache.used(),
		id: requestID(s.account.Seed, c.number),
	}
}

// throttle refuses a call because of a quota.
func (s *Server) throttle(c *call, t *target, why refusal) {
	s.turnAway(c, t, throttles, &fault{http.StatusTooManyRequests, "ThrottlingException", string(why)})
}

// turnAway refuses a call, after the few milliseconds that this takes.
func (s *Server) turnAway(c *call, t *target, outcome metric, why *fault) {
	const mean, spread = 5 * time.Millisecond, 0.2
	here := c.wait(waitAround(source(s.account.Seed, c.number, forThrottle), mean, spread))
	s.mu.Lock()
	s.record(t.name, minuteOf(time.Now()), ended{outcome: outcome})
	s.mu.Unlock()
	if here {
		c.fail(why)
	}
}

// wait lets time pass, and reports whether the client is still there. The
// context is asked again after the wait: where both are due, the client is gone.
func (c *call) wait(d time.Duration) (here bool) {
	ctx := c.r.Context()
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// fillerWords are four characters a token, the space included.
const fillerWords = "sea hull tide deck oar mast keel rope bow wind sail helm "

// filler is a text of n tokens by the rule of inputTokens.
func filler(n int64) string {
	const characters = 4
	b := make([]byte, 0, n*characters)
	for int64(len(b)) < n*characters-1 {
		b = append(b, fillerWords...)
	}
	b = b[:n*characters-1] // the last token may end before its fourth character
	if b[len(b)-1] == ' ' {
		b[len(b)-1] = '.'
	}
	return string(b)
}
