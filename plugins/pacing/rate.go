package pacing

import "time"

// A pace lets requests follow each other at a rate that changes. It is pure, as a
// window is: times are given to it.
type pace struct {
	next   time.Duration // when the next request may go
	failed time.Duration // until when the last pause lasts
	pauses int           // in a row, without a success between them
	sent   busy
}

const (
	// paceBurst is which part of a minute's requests may go at once after a while of
	// fewer: that of window.
	paceBurst = minute / burstPart

	// Where a minute's quota is used up, nothing but the next minute helps: so after a
	// refusal nothing goes for a while, which doubles until something is served.
	firstPause = time.Second
	mostPause  = 8 * time.Second
)

func gap(rate float64) time.Duration { return time.Duration(float64(minute) / rate) }

// take lets a request go, and reports whether the rate is used: whether the
// request came before the time of another one had passed unused.
func (p *pace) take(now time.Duration, rate float64) (used bool) {
	one := gap(rate)
	used = now-p.next < one
	p.next = max(p.next, now-max(paceBurst, one)) + one
	p.sent.add(now)
	return used
}

// refused pauses, once for all requests that were on their way together. The first
// few refusals in a row are for nothing.
func (p *pace) refused(now, sent time.Duration, free int) {
	if sent < p.failed {
		return
	}
	if p.pauses++; p.pauses <= free {
		p.failed = now
		return
	}
	p.failed = now + min(firstPause<<min(p.pauses-free-1, 10), mostPause)
	p.next = max(p.next, p.failed)
}

// served ends the pauses. One that was sent before the last pause began tells
// nothing of what comes after it.
func (p *pace) served(sent time.Duration) {
	if sent >= p.failed {
		p.pauses = 0
	}
}

// busy counts requests in parts of a minute, to tell how many there were in the
// busiest of them: a pause within the minute does not make it less.
type busy struct {
	counts [busyParts]int64
	part   int64 // the number of the last part
}

const (
	busyParts = 6
	busyPart  = minute / busyParts
)

func (b *busy) add(now time.Duration) {
	b.advance(now)
	b.counts[b.part%busyParts]++
}

func (b *busy) advance(now time.Duration) {
	part := int64(now / busyPart)
	for forget := min(part-b.part, busyParts); forget > 0; forget-- {
		b.counts[(part-forget+1)%busyParts] = 0
	}
	b.part = max(b.part, part)
}

// rate is that of the busiest part of the last minute, in requests a minute.
func (b *busy) rate(now time.Duration) float64 {
	b.advance(now)
	most := int64(0)
	for _, n := range b.counts {
		most = max(most, n)
	}
	return float64(most * busyParts)
}

// sum is how many there were in the last minute, or up to a part less.
func (b *busy) sum(now time.Duration) (n int64) {
	b.advance(now)
	for _, part := range b.counts {
		n += part
	}
	return n
}
