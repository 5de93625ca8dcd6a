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
	characters int     // of all its text
	maxTokens  int64   // 0: unset
	unset      int64   // what it is cut at then; 0: at the model's maximum
	yields     yields  // no tokens come out but for text
	uncounted  bool    // nor go any in
	wanted     *wanted // nil for most text
	stream     *bool   // what the body says of its operation, if anything
	named      string  // and of its model
	serving    serving
}

// add counts a text of the prompt.
func (a *ask) add(text string) { a.characters += utf8.RuneCountInString(text) }

// inputTokens is the account's own rule, near enough to real tokenizers for
// load tests: a token for every four characters begun, and for text one at least.
func (a *ask) inputTokens() int64 {
	n := int64(a.characters+charactersOfToken-1) / charactersOfToken
	switch {
	case a.uncounted:
		return 0
	case a.yields == yieldsText:
		return max(1, n)
	}
	return n
}

const charactersOfToken = 4

// outputLimit is the most tokens that come out, which is reserved: what the body
// sets; what is documented for a body that sets nothing; else the model's maximum.
// Where no tokens come out, the input alone is reserved.
func (a *ask) outputLimit(m *model) int64 {
	switch {
	case a.yields != yieldsText:
		return 0
	case a.maxTokens > 0:
		return a.maxTokens
	case a.unset > 0:
		return min(a.unset, m.maxOutput)
	}
	return m.maxOutput
}

// answer is what the model had to say.
type answer struct {
	inputTokens, outputTokens int64
	latencyMs                 int64
	cut                       bool // it would have been longer than max_tokens
	caches                    bool // the model has a prompt cache: tell of it, be it of zeros
	cached                    cached
	id                        string
	seed                      uint64  // of the account
	wanted                    *wanted // of its ask
	serving                   serving
	pace                      pace
	streamed                  bool
	brokenAt                  int64 // tokens after which a throttle ends its stream; 0: never
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
	a, bad := c.ask(t, read)
	if bad == nil {
		return t, a, true
	}
	s.mu.Lock()
	s.record(series{modelID: t.name}, minuteOf(time.Now()), ended{outcome: clientErrors})
	s.mu.Unlock()
	c.fail(bad)
	return nil, ask{}, false
}

// ask reads what a request wants of a target that is there.
func (c *call) ask(t *target, read func(t *target, body []byte) (ask, *fault)) (a ask, bad *fault) {
	body, err := c.body()
	refused := t.model.refusal(time.Now())
	switch {
	case refused != nil:
		bad = refused
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
	return a, bad
}

// longestOutput is the most tokens that are ever drawn for a reply: 4 MB of text.
const longestOutput = 1 << 20

// delivery lets the time of an answer pass, and for streams sends its tokens
// meanwhile. It reports whether the client is still there.
type delivery func(*answer) (here bool)

// invoke takes a call through admission, delivery and settlement. It returns
// nil where there is nothing more to send: the call was throttled and told so,
// or its client has gone away. A call whose client goes away ends at that moment
// with the tokens it would have used, and counts as a success.
func (s *Server) invoke(c *call, t *target, a ask, deliver delivery) *answer {
	m, reserve := t.model, a.outputLimit(t.model)
	if !s.available(c, t, a.serving) {
		return nil
	}
	in, cached := a.inputTokens(), m.cache.draw(s.account.Seed, c.number)
	s.mu.Lock()
	began := time.Now()
	held, refused := t.admit(&a.serving, began, in+cached.reserved(&m.cache)+reserve)
	slower := held.pool.slowdown(m) * m.pacing(a.serving)
	s.mu.Unlock()
	of := t.series(a.serving)
	if refused != "" {
		s.turnAway(c, of, throttles, &fault{http.StatusTooManyRequests, "ThrottlingException", string(refused)})
		return nil
	}

	drawn := math.Round(m.outputMean * around(source(s.account.Seed, c.number, forOutput), m.outputSpread))
	wanted := int64(max(1, min(longestOutput, drawn)))
	out := min(wanted, reserve) // 0 where no tokens come out
	an := &answer{
		inputTokens: in, outputTokens: out, cut: wanted > reserve, cached: cached, caches: m.cache.used(),
		id: c.id, seed: s.account.Seed, wanted: a.wanted, serving: a.serving,
		pace: newPace(source(s.account.Seed, c.number, forLatency), m, out, slower, began),
	}
	an.latencyMs = milliseconds(an.pace.total)
	var moving *underWay
	if held.moves() {
		s.mu.Lock()
		moving = held.expect(began, an.pace.total, int64(math.Ceil(float64(in+cached.written)+float64(out)*m.burndown)))
		s.mu.Unlock()
	}
	here := deliver(an)

	s.mu.Lock()
	now := time.Now()
	moving.leave(&held)
	end := ended{outcome: invocations, latencyMs: an.latencyMs, inputTokens: in, outputTokens: out, stream: an.streamed, cached: cached}
	if an.brokenAt > 0 {
		out, end.outcome = an.brokenAt, throttles
	}
	end.quotaTokens = float64(in+cached.written) + float64(out)*m.burndown
	end.firstTokenMs = milliseconds(an.pace.at(1))
	if a.yields == yieldsImages {
		end.images = a.wanted
	}
	held.settle(now, int64(math.Ceil(end.quotaTokens)))
	s.record(of, minuteOf(now), end)
	s.mu.Unlock()
	if !here {
		return nil
	}
	return an
}

// turnAway refuses a call, after the few milliseconds that this takes.
func (s *Server) turnAway(c *call, of series, outcome metric, why *fault) {
	const mean, spread = 5 * time.Millisecond, 0.2
	here := c.wait(waitAround(source(s.account.Seed, c.number, forThrottle), mean, spread))
	s.mu.Lock()
	s.record(of, minuteOf(time.Now()), ended{outcome: outcome})
	s.mu.Unlock()
	if here {
		c.fail(why)
	}
}

// whole is the delivery of a reply in one piece.
func (c *call) whole(a *answer) (here bool) { return c.wait(a.pace.total) }

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
func filler(n int64) string { return fillerPart(0, n, n) }

// fillerPart is the tokens from (included) to (excluded) of a text of n. The
// last token ends before its fourth character.
func fillerPart(from, to, n int64) string {
	const characters = charactersOfToken
	at, end := from*characters, min(to*characters, n*characters-1)
	b := make([]byte, 0, end-at)
	for at < end {
		words := fillerWords[at%int64(len(fillerWords)):]
		words = words[:min(int64(len(words)), end-at)]
		b, at = append(b, words...), at+int64(len(words))
	}
	if to == n && b[len(b)-1] == ' ' {
		b[len(b)-1] = '.'
	}
	return string(b)
}
