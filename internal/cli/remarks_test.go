package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An account has dozens of base ids that work only through a profile: one line
// tells of them, and JSON of each.
func TestDiscoverTellsOfManyUncallableIdsInOneLine(t *testing.T) {
	for models, wantLines := range map[int]int{3: 3, 4: 1, 40: 1} {
		b := &strings.Builder{}
		b.WriteString("models:\n")
		for i := range models {
			fmt.Fprintf(b, "  - {id: \"acme.model-%d\", name: Model %d, provider: Acme, inference_types: [INFERENCE_PROFILE]}\n", i, i)
		}
		b.WriteString("profiles:\n")
		for i := range models {
			fmt.Fprintf(b, "  - {id: \"us.acme.model-%d\", models: [\"acme.model-%d\"]}\n", i, i)
		}
		file := filepath.Join(t.TempDir(), "account.yaml")
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"table", "markdown", "json"} {
			_, stdout, _ := inProcess("discover", "--simulate="+file, "--format", format)
			want := wantLines
			if format == "json" {
				want = models
			}
			if got := strings.Count(stdout, "works only through an inference profile; use us.acme.model-"); got != want {
				t.Errorf("%d models, %s: told %d times; want %d\n%s", models, format, got, want, stdout)
			}
			if counted := strings.Contains(stdout, fmt.Sprintf("%d ids cannot be called as they are, such as acme.model-0, which works", models)); counted != (models > want) {
				t.Errorf("%d models, %s: counted: %v", models, format, counted)
			}
		}
	}
}
