package steps

import (
	"hash/fnv"
	"math/bits"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// asker makes the calls of a target: what each asks, and how. It does not
// change while a step sends, so calls may use it side by side.
type asker struct {
	prompts []plugins.Prompt                     // at least one
	body    func(plugins.Prompt) ([]byte, error) // nil for operations without one
	random  bool                                 // drawn by the seed, not one after the other
	nonce   bool
	seed    uint64
	input   int64 // the input tokens of each call, where the scenario says or it was counted; 0: estimated
	wanted  int64 // the input tokens that the prompt is to be fitted to; 0: none

	set record.PromptSet // the file of the prompts, if there is one
}

// varies reports whether two calls can differ, or are not known yet.
func (a *asker) varies() bool { return a.set.Prompts > 0 || a.nonce || a.wanted > 0 }

// call fills in what differs between calls.
func (a *asker) call(in plugins.Invocation, seq, own int) plugins.Invocation {
	in.Prompt = a.prompts[a.pick(own)]
	if a.nonce {
		in.Prompt.Text = a.word(seq) + " " + in.Prompt.Text
	}
	in.InputTokens = a.tokens(in.Prompt)
	// Every prompt was tried when the step was bound, and a nonce cannot
	// change what a text is.
	in.Body, _ = a.bodyOf(in.Prompt)
	return in
}

// pick is which prompt a model's call gets.
func (a *asker) pick(own int) int {
	n := len(a.prompts)
	if !a.random {
		return own % n
	}
	high, _ := bits.Mul64(mix(a.seed, ^uint64(own)), uint64(n))
	return int(high)
}

// word is the nonce of a call: no two calls of a step have the same.
func (a *asker) word(seq int) string {
	text := strconv.FormatUint(mix(a.seed, uint64(seq)), 16)
	return strings.Repeat("0", nonceDigits-len(text)) + text
}

const nonceDigits = 16

func (a *asker) bodyOf(p plugins.Prompt) ([]byte, error) {
	if a.body == nil {
		return nil, nil
	}
	return a.body(p)
}

func (a *asker) tokens(p plugins.Prompt) int64 {
	switch {
	case a.input > 0:
		return a.input
	case a.wanted > 0:
		return a.wanted
	}
	return estimateTokens(p)
}

// most is an invocation that uses as much as any call can.
func (a *asker) most(in plugins.Invocation) plugins.Invocation {
	in.Prompt = a.prompts[0]
	for i := range a.prompts {
		one := a.one(in, i)
		in.InputTokens = max(in.InputTokens, one.InputTokens)
		in.Prompt.MaxTokens = max(in.Prompt.MaxTokens, one.Prompt.MaxTokens)
	}
	return in
}

// one is an invocation with a prompt, without its body.
func (a *asker) one(in plugins.Invocation, prompt int) plugins.Invocation {
	in.Prompt = a.prompts[prompt]
	if a.nonce {
		in.Prompt.Text = a.word(0) + " " + in.Prompt.Text
	}
	in.InputTokens = a.tokens(in.Prompt)
	return in
}

// seedOf keys the draws of a model in a step.
func seedOf(seed uint64, step, model string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(step + "\x00" + model)) // a hash takes all that it gets
	return mix(seed, h.Sum64())
}

// mix is a draw for a number: for one seed, two numbers never have the same.
// It is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable
// Pseudorandom Number Generators, 2014).
func mix(seed, n uint64) uint64 {
	z := seed + n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
