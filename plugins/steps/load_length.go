package steps

import (
	"context"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// plainWords are what a generated prompt is made of: words that every tokenizer
// of English has, most of them as one token.
var plainWords = strings.Fields(`the of and a to in is you that it he was for on are as with his they I at be
	this have from or one had by word but not what all were we when your can said there use an each which
	she do how their if will up other about out many then them these so some her would make like him into
	time has look two more write go see number no way could people my than first water been call who oil its
	now find long down day did get come made may part over new sound take only little work know place year
	live me back give most very after thing our just name good sentence man think say great where help through
	much before line right too mean old any same tell boy follow came want show also around form three small
	set put end does another well large must big even such because turn here why ask went men read need land
	different home us move try kind hand picture again change off play spell air away animal house point page`)

// How the length of a prompt was found, as it stands in the record.
const (
	byCount    = "count_tokens" // AWS counted this very prompt
	byCall     = "call"         // reckoned from what one call of a prompt like it told
	byEstimate = "estimate"     // guessed from its bytes
)

// maxCounts is how often AWS is asked to count on the way to a length: each time
// comes much nearer than the last.
const maxCounts = 8

// words are the first of an endless text that the seed draws.
func (a *asker) words(count int) string {
	var b strings.Builder
	b.Grow(count * 5)
	for i := range count {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(plainWords[mix(a.seed, uint64(i))%uint64(len(plainWords))])
	}
	return b.String()
}

// guess is how many words the wanted tokens are if nothing can be asked: few
// enough that a high estimate of their tokens does not go above.
func (a *asker) guess() int {
	const bytesOfWord = 5
	return max(1, int(3*max(0, a.wanted-10)/bytesOfWord))
}

// fit makes the prompt as long as is wanted, as near as AWS tells, and says how
// near that is. It asks AWS to count, which is free; where that cannot be had,
// it sends one call, and reckons from the tokens that its reply tells.
func (t *target) fit(ctx context.Context, aws plugins.AWS) record.PromptLength {
	a := *t.asker
	t.asker = &a
	prompt := a.prompts[0]
	try := func(words int) plugins.Invocation {
		prompt.Text = a.words(words)
		a.prompts = []plugins.Prompt{prompt}
		in := a.call(t.invocation, 0, 0)
		if t.BaseID != "" {
			in.ModelID = t.BaseID // a profile cannot be asked to count
		}
		return in
	}
	out := record.PromptLength{Model: t.Name, Wanted: a.wanted, By: byCount}
	best, words := 0, a.guess()
	for range maxCounts {
		n, err := aws.CountTokens(ctx, try(words))
		if err != nil {
			out.Problem = record.CleanLine(err.Error())
			break
		}
		if best == 0 || nearer(n, out.Tokens, a.wanted) {
			best, out.Tokens = words, n
		}
		next := scale(words, n, a.wanted)
		if n == a.wanted || next == words {
			break
		}
		words = next
	}
	if best == 0 {
		best, out.Tokens, out.By = t.fitByCall(ctx, aws, try)
	}
	try(best)
	if a.input == 0 {
		a.input = max(out.Tokens, 1)
	}
	return out
}

// fitByCall sends the guess once, with the least output.
func (t *target) fitByCall(ctx context.Context, aws plugins.AWS, try func(int) plugins.Invocation) (words int, tokens int64, by string) {
	words = t.asker.guess()
	in := try(words)
	in.ModelID = t.ID
	in.Prompt.MaxTokens = 1
	in.Body, _ = t.asker.bodyOf(in.Prompt) // as in a call
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	u := aws.Invoke(ctx, in).Usage
	if u == nil || u.Input+u.CacheRead+u.CacheWrite == 0 {
		return words, estimateTokens(in.Prompt), byEstimate
	}
	told := u.Input + u.CacheRead + u.CacheWrite
	fitted := scale(words, told, t.asker.wanted)
	return fitted, told * int64(fitted) / int64(words), byCall
}

// scale is how many words are wanted if so many words are so many tokens.
func scale(words int, tokens, wanted int64) int {
	return max(1, int(float64(words)*float64(wanted)/float64(max(tokens, 1))))
}

// nearer reports whether a length is better than the best so far. What does not
// go above the plan is better than what does.
func nearer(n, best, wanted int64) bool {
	if (n <= wanted) != (best <= wanted) {
		return n <= wanted
	}
	return max(n-wanted, wanted-n) < max(best-wanted, wanted-best)
}
