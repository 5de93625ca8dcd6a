package record

import (
	"math"
	"slices"
	"time"
)

// outcomes is as many as there are in Outcomes; a test holds it.
const outcomes = 11

// limits is those of Limits, and one for what is not known.
const limits = 5

// Tally adds up calls of one model: those of a stage, or of any span of time.
// The zero value is empty. Sums are whole numbers, so that neither the order of
// calls nor how they are split over tallies can be seen.
type Tally struct {
	all      [outcomes]int // with the warm-up, by index in Outcomes
	allAgain int           // lines of them after which the call went on

	expected Expected // with the warm-up: where CloudWatch counts them

	measured    [outcomes]int // without the warm-up; so is all that follows
	again       int           // lines after which the call went on
	retries     int           // attempts but the first of a call
	finished    int           // calls that ended, sent or given up
	clients     int           // those of a client
	tries       int           // their attempts
	limited     [limits]int   // throttled calls, by index in Limits; the last is unspecified
	midStream   int           // errors that AWS told in the stream
	midThrottle int           // throttled ones of them
	first, last time.Time     // planned times of the first and last call
	out, lastly time.Time     // when a client sent its first and last attempt
	firstBad    time.Time     // time of the first throttled call, by Call.At
	latency     latency       // planned to end, calls that were ok; so are the next five
	service     latency       // sent to end
	firstByte   latency       // planned to the head of the reply
	ttft        latency       // planned to the first text, of streams
	tpot        latency       // from text to text, by output tokens
	gap         latency       // the longest from text to text in a stream
	lag         latency       // planned to sent, of all that were sent, without what the client held
	wait        latency       // waits for a turn, of the calls of a client
	downgraded  int           // ok, and served another way than asked
	judged      int           // sent in a step with an slo
	good        int           // of them within it
	reserved    int64         // quota tokens, of all that were sent
	asked       int           // calls behind it
	inputs      int64
	outputs     int64
	cached      int64 // read from caches and written to them
	quotaTokens int64
	usages      int   // calls behind the four sums of tokens
	nanoUSD     int64 // whole, so that the order of calls cannot change the sum
	priced      int
}

// index is the place of an outcome in Outcomes. What is none of them is an
// answer that nobody promised.
func index(o Outcome) int {
	if i := slices.Index(Outcomes, o); i >= 0 {
		return i
	}
	return slices.Index(Outcomes, Protocol)
}

// Add counts one call; slo is nil without one.
func (t *Tally) Add(c *Call, slo *SLO) {
	t.count(c, slo)
	t.time(c)
}

// count counts all but the times.
func (t *Tally) count(c *Call, slo *SLO) {
	i := index(c.Outcome)
	t.all[i]++
	if c.Retried {
		t.allAgain++
	}
	t.expected.Add(c)
	if c.Warmup {
		return
	}
	t.measured[i]++
	t.client(c)
	t.first, t.last = earlier(t.first, c.Planned), later(t.last, c.Planned)
	switch c.Outcome {
	case OK:
		if c.Served != "" {
			t.downgraded++
		}
	case Throttled:
		t.throttle(c)
	}
	if c.MidStream {
		t.midStream++
	}
	if c.ReservedTokens > 0 {
		t.reserved += c.ReservedTokens
		t.asked++
	}
	if slo != nil && c.ended() {
		t.judged++
		if slo.Met(c) {
			t.good++
		}
	}
	if u := c.Usage; u != nil {
		t.inputs += u.Input
		t.outputs += u.Output
		t.cached += u.CacheRead + u.CacheWrite
		t.quotaTokens += c.QuotaTokens
		t.usages++
	}
	if c.USD != nil {
		t.nanoUSD += int64(math.Round(*c.USD * 1e9))
		t.priced++
	}
}

// client counts what the client of a step made of its calls.
func (t *Tally) client(c *Call) {
	if c.Retried {
		t.again++
	}
	if c.Attempt > 1 && c.Outcome.Sent() {
		t.retries++
	}
	if c.ended() {
		t.finished++
	}
	if c.Attempt == 0 {
		return
	}
	if c.ended() {
		t.clients++
		t.tries += c.Attempt
		if !c.Outcome.Sent() {
			t.tries--
		}
	}
	if c.Outcome.Sent() {
		t.out, t.lastly = earlier(t.out, c.Sent()), later(t.lastly, c.Sent())
	}
}

// time counts the times of a call.
func (t *Tally) time(c *Call) {
	if c.Warmup || c.Outcome == Dropped {
		return
	}
	if c.Attempt > 0 && c.ended() {
		t.wait.add(c.Waited)
	}
	if !c.Outcome.Sent() {
		return
	}
	t.lag.add(c.Lag - c.Held)
	if c.Outcome != OK {
		return
	}
	t.latency.add(c.Lag + c.Took)
	t.service.add(c.Took)
	if c.FirstByte > 0 {
		t.firstByte.add(c.Lag + c.FirstByte)
	}
	if c.TTFT > 0 {
		t.ttft.add(c.Lag + c.TTFT)
	}
	if d, ok := c.TPOT(); ok {
		t.tpot.add(d)
	}
	if c.Gap > 0 {
		t.gap.add(c.Gap)
	}
}

func (t *Tally) throttle(c *Call) {
	t.firstBad = earlier(t.firstBad, c.At())
	i := slices.Index(Limits, c.Limit)
	if i < 0 {
		i = limits - 1
	}
	t.limited[i]++
	if c.MidStream {
		t.midThrottle++
	}
}

// Merge adds what another tally counted.
func (t *Tally) Merge(u *Tally) {
	t.sum(u, 1)
	t.span(u)
	t.expected.Merge(u.expected)
}

// sum adds the sums of another tally so many times: once, or -1 times, which
// takes away what was added before.
func (t *Tally) sum(u *Tally, times int) {
	t.latency.merge(u.latency, times)
	t.service.merge(u.service, times)
	t.firstByte.merge(u.firstByte, times)
	t.ttft.merge(u.ttft, times)
	t.tpot.merge(u.tpot, times)
	t.gap.merge(u.gap, times)
	t.lag.merge(u.lag, times)
	t.wait.merge(u.wait, times)
	for i := range t.all {
		t.all[i] += times * u.all[i]
		t.measured[i] += times * u.measured[i]
	}
	t.allAgain += times * u.allAgain
	t.again += times * u.again
	t.retries += times * u.retries
	t.finished += times * u.finished
	t.clients += times * u.clients
	t.tries += times * u.tries
	for i := range t.limited {
		t.limited[i] += times * u.limited[i]
	}
	t.midStream += times * u.midStream
	t.midThrottle += times * u.midThrottle
	t.downgraded += times * u.downgraded
	t.judged += times * u.judged
	t.good += times * u.good
	t.reserved += int64(times) * u.reserved
	t.asked += times * u.asked
	t.inputs += int64(times) * u.inputs
	t.outputs += int64(times) * u.outputs
	t.cached += int64(times) * u.cached
	t.quotaTokens += int64(times) * u.quotaTokens
	t.usages += times * u.usages
	t.nanoUSD += int64(times) * u.nanoUSD
	t.priced += times * u.priced
}

// span takes the first and the last of both: what cannot be taken away.
func (t *Tally) span(u *Tally) {
	t.first, t.last = earlier(t.first, u.first), later(t.last, u.last)
	t.out, t.lastly = earlier(t.out, u.out), later(t.lastly, u.lastly)
	t.firstBad = earlier(t.firstBad, u.firstBad)
}

// counts is the account of all calls, with the warm-up.
func (t *Tally) counts() Counts {
	c := newCounts()
	c.Planned, c.Retried = -t.allAgain, t.allAgain
	for i, n := range t.all {
		c.Planned += n
		if n > 0 {
			c.add(Outcomes[i], n)
		}
	}
	return c
}

// of is how many measured calls ended so.
func (t *Tally) of(o Outcome) int { return t.measured[index(o)] }

// due is the number of measured calls that came due.
func (t *Tally) due() int { return t.lines() - t.again }

// lines counts the attempts of measured calls, and the calls not sent.
func (t *Tally) lines() int {
	n := 0
	for _, k := range t.measured {
		n += k
	}
	return n
}

// attempts is how often measured calls were sent.
func (t *Tally) attempts() int { return t.lines() - t.of(Dropped) - t.of(GivenUp) }

// failed counts sent calls that were neither ok nor throttled.
func (t *Tally) failed() int { return t.attempts() - t.of(OK) - t.of(Throttled) }

// earlier is the earlier of two times; the zero time is "none".
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// latency is a distribution of durations with an exact sum. The zero value is
// empty: what is not measured takes no memory.
type latency struct {
	hist *histogram // nil while empty
	sum  time.Duration
}

func (l *latency) open() *histogram {
	if l.hist == nil {
		l.hist = newHistogram(time.Microsecond, wholeDigits)
	}
	return l.hist
}

func (l *latency) add(d time.Duration) {
	l.sum += d
	l.open().add(d)
}

func (l *latency) merge(m latency, times int) {
	if m.hist != nil {
		l.sum += time.Duration(times) * m.sum
		l.open().merge(m.hist, times)
	}
}

func (l *latency) count() int {
	if l.hist == nil {
		return 0
	}
	return int(l.hist.n)
}

// quantile is the nearest-rank quantile in ms; no data where there is none.
func (l *latency) quantile(percent int) Reading {
	if l.count() == 0 {
		return Reading{}
	}
	return Read(float64(l.hist.quantile(percent))/1e6, l.count())
}

func (l *latency) mean() Reading {
	if l.count() == 0 {
		return Reading{}
	}
	return Read(float64(l.sum)/float64(l.count())/1e6, l.count())
}
