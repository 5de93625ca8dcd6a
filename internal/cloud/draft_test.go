package cloud

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
)

// Prompts that never come again do not fill the memory.
func TestDraftsKeepLittle(t *testing.T) {
	c, err := New(t.Context(), Config{Region: "us-east-1", Simulated: "http://simulated.invalid"})
	if err != nil {
		t.Fatal(err)
	}
	in := plugins.Invocation{API: plugins.APIConverse, ModelID: "amazon.nova-lite-v1:0"}
	d, err := c.lean.draft(t.Context(), operations[in.API], in)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		in.Prompt.Text += strings.Repeat("x", 10_000)
		for range 2 {
			body, err := d.contentOf(t.Context(), c.lean.options.Protocol, in)
			if err != nil || !strings.Contains(string(body.bytes), in.Prompt.Text) {
				t.Fatalf("%.100s, %v; want a body with the prompt", body.bytes, err)
			}
		}
		kept := 0
		for _, c := range d.kept {
			kept += len(c.bytes)
		}
		if kept != d.size || kept > maxKept {
			t.Fatalf("%d bytes are kept, and %d counted; want at most %d", kept, d.size, maxKept)
		}
	}
	if len(d.kept) < 2 {
		t.Errorf("%d bodies are kept", len(d.kept))
	}
}
