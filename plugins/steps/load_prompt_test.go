package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/plugins"
)

func TestNoncesAreUnique(t *testing.T) {
	a := &asker{seed: seedOf(7, "ramp", "haiku")}
	seen := map[string]bool{}
	for seq := range 100_000 {
		n := a.word(seq)
		if len(n) != nonceDigits || seen[n] {
			t.Fatalf("call %d has the nonce %q; want %d digits that no other call has", seq, n, nonceDigits)
		}
		seen[n] = true
	}
	if other := (&asker{seed: seedOf(7, "ramp", "nova")}).word(0); seen[other] {
		t.Error("another model has the nonce of one of these calls")
	}
}

func TestWords(t *testing.T) {
	a := &asker{seed: 7}
	long := a.words(5000)
	if n := len(strings.Fields(long)); n != 5000 {
		t.Errorf("words(5000) has %d words", n)
	}
	if !strings.HasPrefix(long, a.words(100)+" ") {
		t.Error("a shorter text is not the beginning of a longer one")
	}
	if a.words(100) == (&asker{seed: 8}).words(100) {
		t.Error("another seed makes the same words")
	}
	counts := map[string]int{}
	for _, w := range strings.Fields(long) {
		counts[w]++
	}
	if len(counts) < len(plainWords)*9/10 {
		t.Errorf("of %d words only %d are drawn", len(plainWords), len(counts))
	}
}

// counter counts tokens as some tokenizer does.
type counter struct {
	plugins.AWS
	frame   int64
	perWord float64
	asked   int
}

func (c *counter) CountTokens(_ context.Context, in plugins.Invocation) (int64, error) {
	c.asked++
	return c.frame + int64(float64(len(strings.Fields(in.Prompt.Text)))*c.perWord), nil
}

// Whatever a tokenizer makes of words, the prompt comes as near as a word or two
// from below, and what is told of it is what the tokenizer counts.
func TestFittingFindsTheLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.Int64Range(20, 5000).Draw(t, "wanted")
		c := &counter{frame: rapid.Int64Range(0, 15).Draw(t, "frame"), perWord: rapid.Float64Range(0.7, 2.5).Draw(t, "tokens of a word")}
		x := target{Model: plugins.Model{Name: "m", ID: "us.acme.m", BaseID: "acme.m"}, asker: &asker{wanted: wanted, prompts: []plugins.Prompt{{MaxTokens: 5}}}}
		before := x.asker
		length := x.fit(context.Background(), c)
		sent := x.call(3, 3)
		tokens, _ := c.CountTokens(context.Background(), sent)
		if length.Tokens != tokens || sent.InputTokens != tokens || length.Wanted != wanted || length.By != byCount || c.asked > maxCounts+1 {
			t.Errorf("told %+v after %d counts, reserving %d; the call has %d tokens", length, c.asked, sent.InputTokens, tokens)
		}
		if off := wanted - tokens; off < 0 || off > 3 {
			t.Errorf("fitted to %d tokens; want %d", tokens, wanted)
		}
		if before.input != 0 || before.prompts[0].Text != "" || x.asker == before {
			t.Error("fitting changed the plan")
		}
	})
}

func TestNearer(t *testing.T) {
	for _, c := range []struct {
		n, best int64
		want    bool
	}{{95, 90, true}, {90, 95, false}, {101, 50, false}, {50, 101, true}, {110, 120, true}, {100, 99, true}, {99, 99, false}} {
		if got := nearer(c.n, c.best, 100); got != c.want {
			t.Errorf("nearer(%d, %d, 100) = %v; want %v", c.n, c.best, got, c.want)
		}
	}
}

// A file of prompts is read or told to be wrong, and what it says is told to
// nobody.
func FuzzReadSet(f *testing.F) {
	f.Add(`{"prompt": "one"}` + "\n" + `{"prompt": "two", "system": null, "max_tokens": 9}` + "\n")
	f.Add("{}\n[]\n\n\xff")
	f.Add(`{"prompt": "x", "max_tokens": 1e3}`)
	f.Fuzz(func(t *testing.T, text string) {
		told := 0
		prompts := readSet(strings.NewReader(text), "p.jsonl", func(hint, message string, args ...any) {
			told++
			if hint == "" || !strings.HasPrefix(fmt.Sprintf(message, args...), "p.jsonl") {
				t.Errorf("told %q with the way out %q", fmt.Sprintf(message, args...), hint)
			}
		})
		if (len(prompts) == 0) != (told > 0) || told > maxSetLines+1 {
			t.Fatalf("%d prompts and %d problems of %q", len(prompts), told, text)
		}
		for _, p := range prompts {
			if p.text == "" || p.maxTokens < 0 || p.maxTokens > maxOutput {
				t.Fatalf("%q has the prompt %+v", text, p)
			}
		}
	})
}

func TestReadSetBounds(t *testing.T) {
	var told []string
	tell := func(_, message string, args ...any) { told = append(told, fmt.Sprintf(message, args...)) }
	if got := readSet(strings.NewReader(strings.Repeat("x\n", 100)), "p", tell); got != nil || len(told) != maxSetLines {
		t.Errorf("100 bad lines: %d prompts, %d problems; want none and the first %d", len(got), len(told), maxSetLines)
	}
	told = nil
	long := `{"prompt": "a"}` + "\n" + `{"prompt": "` + strings.Repeat("x", maxLineBytes) + `"}`
	if got := readSet(strings.NewReader(long), "p", tell); got != nil || len(told) != 1 || !strings.HasPrefix(told[0], "p:2: the line has more than") {
		t.Errorf("a line that is too long: %d prompts, told %v", len(got), told)
	}
}

func BenchmarkCall(b *testing.B) {
	template, err := plugins.ParseTemplate(`{"messages":[{"role":"user","content":"${prompt}"}],"max_tokens":"${max_tokens}"}`)
	if err != nil {
		b.Fatal(err)
	}
	prompt := plugins.Prompt{Text: "Summarize this in one sentence: AWS provides cloud computing services.", MaxTokens: 50}
	many := make([]plugins.Prompt, 1000)
	for i := range many {
		many[i] = prompt
	}
	for _, c := range []struct {
		name  string
		asker *asker
	}{
		{"static", nil},
		{"nonce", &asker{prompts: []plugins.Prompt{prompt}, nonce: true}},
		{"nonce and body", &asker{prompts: []plugins.Prompt{prompt}, nonce: true, body: template.Body}},
		{"a set at random", &asker{prompts: many, random: true, body: template.Body}},
	} {
		t := target{invocation: plugins.Invocation{Prompt: prompt, Body: []byte("{}")}, asker: c.asker}
		b.Run(c.name, func(b *testing.B) {
			seq := 0
			for b.Loop() {
				if in := t.call(seq, seq); in.Prompt.MaxTokens == 0 {
					b.Fatal("no call")
				}
				seq++
			}
		})
	}
}
