package sim

import "time"

// A pool is what the calls of one base model and scope share: its on-demand
// calls, those through any geography's profile, or those through the global
// profile. A nil *pool admits everything. Pools are guarded by Server.mu.
type pool struct {
	limits     limits
	rpm        limiter // nil: unlimited
	tpm        limiter
	tpd        limiter
	inFlight   int64
	background []*background // takes its part before any caller
	minute     int64         // for which the background's part was last taken off
	account    *pool         // of the whole account, with tpd alone; nil: unlimited
	underWay   []*underWay   // calls whose reservations move, see adjust.go
}

func newPool(l *limits, now time.Time) *pool {
	return &pool{
		limits: *l,
		rpm:    newLimiter(l.algorithm, l.rpm, l.burst, time.Minute, now),
		tpm:    newLimiter(l.algorithm, l.tpm, l.burstTokens, time.Minute, now),
		tpd:    newLimiter(l.algorithm, l.tpd, 0, 24*time.Hour, now),
	}
}

// refusal says which quota a call did not fit into; "" means that it fitted.
// It is the text that AWS sends.
type refusal string

const (
	tooManyRequests     refusal = "Too many requests, please wait before trying again."
	tooManyTokens       refusal = "Too many tokens, please wait before trying again."
	tooManyTokensPerDay refusal = "Too many tokens per day, please wait before trying again."
)

// reservation is what an admitted call holds until it is settled.
type reservation struct {
	pool             *pool
	tokens           int64
	tpmMark, tpdMark int64
	accountMark      int64
}

// admit takes one request and the tokens to reserve, or no tokens at all. AWS
// does not document whether a throttled call counts as a request: it does not,
// unless the limits say so.
func (p *pool) admit(now time.Time, tokens int64) (reservation, refusal) {
	if p == nil {
		return reservation{}, ""
	}
	p.makeRoom(now)
	p.adjust(now)
	if p.account != nil {
		p.account.makeRoom(now)
	}
	if why := p.refuses(now, tokens); why != "" {
		if p.limits.throttledConsumeRPM && p.rpm != nil {
			p.rpm.waste(now, 1)
		}
		return reservation{}, why
	}
	r := reservation{pool: p, tokens: tokens}
	p.inFlight++
	if p.rpm != nil {
		p.rpm.take(now, 1)
	}
	if p.tpm != nil {
		r.tpmMark = p.tpm.take(now, tokens)
	}
	if p.tpd != nil {
		r.tpdMark = p.tpd.take(now, tokens)
	}
	if p.account != nil {
		r.accountMark = p.account.tpd.take(now, tokens)
	}
	return r, ""
}

// refuses names the first limit that a call does not fit into.
//
// The days are asked first, since AWS is known to answer "tokens per day" where
// every quota of a new account is zero. The text of a refused concurrent call
// is undocumented; it is that of requests.
func (p *pool) refuses(now time.Time, tokens int64) refusal {
	switch {
	case p.limits.notEntitled,
		p.account != nil && !p.account.tpd.fits(now, tokens),
		p.tpd != nil && !p.tpd.fits(now, tokens):
		return tooManyTokensPerDay
	case p.rpm != nil && !p.rpm.fits(now, 1),
		p.limits.concurrent > 0 && p.inFlight >= p.limits.concurrent:
		return tooManyRequests
	case p.tpm != nil && !p.tpm.fits(now, tokens):
		return tooManyTokens
	}
	return ""
}

// settle replaces the reserved tokens by those used. Call it once.
func (r reservation) settle(now time.Time, used int64) {
	if r.pool == nil {
		return
	}
	r.pool.inFlight--
	r.replace(now, used)
}

// replace puts other tokens in the place of those that the reservation holds.
func (r reservation) replace(now time.Time, used int64) {
	p := r.pool
	if p.tpm != nil {
		p.tpm.settle(now, r.tpmMark, r.tokens, used)
	}
	if p.tpd != nil {
		p.tpd.settle(now, r.tpdMark, r.tokens, used)
	}
	if p.account != nil {
		p.account.tpd.settle(now, r.accountMark, r.tokens, used)
	}
}

// makeRoom takes the background's admitted traffic off the quotas, once a minute.
func (p *pool) makeRoom(now time.Time) {
	minute := minuteOf(now)
	if len(p.background) == 0 || minute == p.minute {
		return
	}
	p.minute = minute
	var requests, tokens float64
	for _, t := range p.background {
		attempts, throttled := t.rate(minute)
		ok := attempts * (1 - throttled)
		requests += ok
		tokens += ok * (float64(t.row.inputTokens) + float64(t.row.outputTokens)*t.model.burndown)
	}
	lower := func(l limiter, quota int64, taken float64) {
		if l != nil {
			l.setQuota(now, max(0, float64(quota)-taken))
		}
	}
	lower(p.rpm, p.limits.rpm, requests)
	lower(p.tpm, p.limits.tpm, tokens)
	lower(p.tpd, p.limits.tpd, tokens*24*60)
}

// minuteOf is the number of the clock minute since 1970.
func minuteOf(t time.Time) int64 { return floorDiv(t.Unix(), 60) }

// floorDiv rounds down, also below zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
