package plugins

import (
	"encoding/json"
	"strconv"

	"github.com/loadline-dev/loadline/record"
)

// Usage is where a reply tells its tokens: paths in its JSON, like
// usage.input_tokens, or results[].tokenCount for the sum over a list. The
// first path of several that leads to anything is the one that is read.
//
// Without Input the replies tell nothing.
type Usage struct {
	Input, Output         []string
	CacheRead, CacheWrite []string // left out by replies without a cache: 0
}

// maxTokens is more than any call takes; a greater count is a wrong one. The
// sums of a run stay within 64 bits.
const maxTokens = 1_000_000_000_000

// Tokens reads a count of tokens as headers and JSON write it. It is not ok
// where the text is no whole number, negative, or more than a call can take.
func Tokens(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && n <= maxTokens
}

// Read reads the tokens of a reply; nil where it does not tell input and
// output, or where a count is negative, not whole or too large. Of a model that
// gives no output (see [Family]) the reply need not tell that: it is 0 and known.
func (u Usage) Read(reply []byte, noOutput bool) *record.Usage {
	if len(u.Input) == 0 || !json.Valid(reply) {
		return nil
	}
	var c counts
	c.read(reply, u)
	return c.usage(noOutput)
}

// count is one number as far as it is known.
type count struct {
	n          int64
	told, good bool
}

// counts are the numbers of a usage while they are gathered.
type counts struct{ input, output, cacheRead, cacheWrite count }

// read takes over what some valid JSON tells; what it does not tell stays.
func (c *counts) read(value []byte, u Usage) {
	value = value[space(value, 0):]
	c.input.read(value, u.Input)
	c.output.read(value, u.Output)
	c.cacheRead.read(value, u.CacheRead)
	c.cacheWrite.read(value, u.CacheWrite)
}

// read takes the number at the first path that leads to any. An element of a
// list without its number makes the sum unknown.
func (c *count) read(value []byte, paths []string) {
	for _, path := range paths {
		sum, values, bad := int64(0), 0, false
		follow(value, path, func(v []byte) {
			if v == nil {
				bad = true
				return
			}
			n, ok := Tokens(string(v))
			sum, values, bad = sum+n, values+1, bad || !ok || sum > maxTokens
		})
		if values > 0 {
			*c = count{sum, true, !bad && sum <= maxTokens}
			return
		}
	}
}

// usage is what the counts make together; nil where one is wrong or missing.
func (c counts) usage(noOutput bool) *record.Usage {
	output := c.output
	if noOutput && !output.told {
		output = count{0, true, true}
	}
	if !c.input.good || !output.good || c.cacheRead.told && !c.cacheRead.good || c.cacheWrite.told && !c.cacheWrite.good {
		return nil
	}
	return &record.Usage{Input: c.input.n, Output: output.n, CacheRead: c.cacheRead.n, CacheWrite: c.cacheWrite.n}
}
