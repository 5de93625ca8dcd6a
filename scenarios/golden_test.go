package scenarios

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata")

// Each testdata/err/*.yaml is a mistake, and the .out beside it what is said about it. To add a case, add the file, run with -update
// and read what came out.
func TestMistakes(t *testing.T) {
	files := matches(t, "testdata/err/*.yaml")
	if len(files) < 40 {
		t.Errorf("%d mistakes; want at least 40", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src := read(t, file)
			_, problems := Load(file, src, testLanguage())
			if len(problems) == 0 {
				t.Error("no problem was found")
			}
			for _, p := range problems {
				if p.Hint == "" {
					t.Errorf("%q shows no way out", p.Message)
				}
			}
			golden(t, file, Render(filepath.Base(file), src, problems))
		})
	}
}

// Each testdata/ok/*.yaml is right, and the .out beside it is every value that was bound, with its place.
func TestRightFiles(t *testing.T) {
	for _, file := range matches(t, "testdata/ok/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src := read(t, file)
			s, problems := Load(file, src, testLanguage())
			if len(problems) > 0 {
				t.Fatalf("problems in a right file:\n%s", Render(file, src, problems))
			}
			var out strings.Builder
			dump(&out, "", s.Root)
			golden(t, file, out.String())
		})
	}
}

func dump(out *strings.Builder, path string, n *Node) {
	switch {
	case len(n.entries) > 0:
		for _, e := range n.entries {
			fmt.Fprintf(out, "%s %s.%s:\n", e.pos, path, e.name)
			dump(out, path+"."+e.name, e.value)
		}
	case len(n.items) > 0:
		for i, item := range n.items {
			dump(out, fmt.Sprintf("%s[%d]", path, i), item)
		}
	default:
		fmt.Fprintf(out, "%s %s = %q\n", n.Pos(), path, n.Text())
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	out := strings.TrimSuffix(file, ".yaml") + ".out"
	if *update {
		write(t, out, got)
		return
	}
	want, err := os.ReadFile(out)
	beside := strings.TrimSuffix(file, ".yaml") + ".got"
	if err != nil || string(want) != got {
		write(t, beside, got)
		t.Errorf("differs from %s (see %s beside it, or run with -update):\n%s", out, filepath.Base(beside), got)
		return
	}
	if err := os.Remove(beside); err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

func matches(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s (%v)", pattern, err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
