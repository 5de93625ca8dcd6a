package sim

import (
	"math"

	"gopkg.in/yaml.v3"
)

// cache is the prompt cache of a model. Every call of the model uses it, with
// whatever body, beside the input tokens that the body has: these are counted
// apart by AWS (InputTokenCount excludes what is cached).
type cache struct {
	readTokens, writeTokens int64   // of a hit; a miss writes both
	hits                    float64 // fraction of the calls
	spread                  float64 // standard deviation over mean
	reserveReads            bool
}

func (p *parser) cache(n *yaml.Node, to *cache) {
	*to = cache{hits: 1}
	p.object(n, "cache", []field{
		{name: "read_tokens", read: p.count(&to.readTokens, 0)},
		{name: "write_tokens", read: p.count(&to.writeTokens, 0)},
		{name: "hits", read: p.number(&to.hits, 0, 1)},
		{name: "spread", read: p.number(&to.spread, 0, 3)},
		{name: "reserve_reads", read: p.boolean(&to.reserveReads)},
	})
}

func (k *cache) used() bool { return k.readTokens > 0 || k.writeTokens > 0 }

// cached is what one call read from the cache and wrote to it.
type cached struct{ read, written int64 }

// draw says what a call finds in the cache.
func (k *cache) draw(seed, number uint64) cached {
	if !k.used() {
		return cached{}
	}
	r := source(seed, number, forCache)
	hit := r.Float64() < k.hits
	c := cached{
		read:    int64(math.Round(float64(k.readTokens) * around(r, k.spread))),
		written: int64(math.Round(float64(k.writeTokens) * around(r, k.spread))),
	}
	if !hit {
		c = cached{written: c.read + c.written}
	}
	return c
}

// reserved is the part of the cached tokens that a call reserves. What it writes
// is input like any other. Whether it reserves what it reads is contradictory in
// the documents of AWS, so it is an option; at settlement reads never count.
func (c cached) reserved(k *cache) int64 {
	if k.reserveReads {
		return c.read + c.written
	}
	return c.written
}
