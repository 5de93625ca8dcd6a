package runner_test

import (
	"strings"
	"testing"
)

// A body that must ask for a stream itself does so for a stream alone.
func TestABodyKnowsThatItIsStreamed(t *testing.T) {
	for api, want := range map[string]bool{"invoke": false, "invoke-stream": true} {
		_, asked := listen(t, "version: 1\nname: t\nmodels: {command: cohere.command-text-v14}\nrequest: {api: "+api+"}\n"+quick(2), &ears{})
		if len(asked) == 0 {
			t.Errorf("%s: no calls", api)
		}
		for _, in := range asked {
			if got := strings.Contains(string(in.Body), `"stream":true`); got != want {
				t.Errorf("%s of %s; want a stream asked for: %v", api, in.Body, want)
			}
		}
	}
}

// An embedding reserves its input alone, and is asked by InvokeModel unless the
// scenario says otherwise.
func TestAnEmbeddingReservesNoOutput(t *testing.T) {
	p := plan(t, "version: 1\nname: t\nmodels: {embed: amazon.titan-embed-text-v2:0}\nrequest: {input_tokens: 1000, max_tokens: 500}\n"+quick(3))
	if c := p.Cost; c.ReservedTokens != 3000 || c.Tokens != 3000 || c.USD == nil || *c.USD != 0.00006 {
		t.Errorf("the plan is %+v; want 3 x 1,000 tokens reserved and settled, at 0.02 dollars a million", c)
	}
}
