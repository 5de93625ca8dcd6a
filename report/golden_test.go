package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything is the names of all formats.
func everything() []string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

func folder(t testing.TB, r *record.Run) map[string][]byte {
	t.Helper()
	files, err := Folder(r, everything())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Path] = f.Data
	}
	var text bytes.Buffer
	if err := Text(&text, r); err != nil {
		t.Fatal(err)
	}
	out["verdict.txt"] = text.Bytes()
	return out
}

// The golden files are drawn from the records that lie beside them, so that
// they change with the reports alone, and not with how a record is counted.
func TestGolden(t *testing.T) {
	for name, build := range fixtures {
		t.Run(name, func(t *testing.T) {
			if *update {
				compare(t, goldenPath(name, recordFile), folder(t, build())[recordFile])
			}
			made := folder(t, readRun(t, name))
			for path, data := range made {
				compare(t, goldenPath(name, path), data)
			}
			stale(t, name, made)
		})
	}
}

// goldenPath turns charts/ramp.svg of the typical run into
// testdata/typical.ramp.svg.
func goldenPath(fixture, path string) string {
	return filepath.Join("testdata", fixture+"."+strings.ReplaceAll(strings.TrimPrefix(path, "charts/"), "/", "."))
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	if err := os.WriteFile(golden+".got", got, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s differs from %s.got; if the new form is right, run go test ./report -update", golden, golden)
}

// stale finds golden files that no report makes any more.
func stale(t *testing.T, fixture string, made map[string][]byte) {
	t.Helper()
	have, err := filepath.Glob(filepath.Join("testdata", fixture+".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range have {
		known := strings.HasSuffix(path, ".got")
		for p := range made {
			known = known || goldenPath(fixture, p) == path
		}
		if !known {
			t.Errorf("%s is no longer made", path)
		}
	}
}

// A record that was read back draws the same reports as the one in memory.
func TestRedrawn(t *testing.T) {
	for name, build := range fixtures {
		first := folder(t, build())
		again := folder(t, parseRun(t, first[recordFile]))
		for path, data := range again {
			if !bytes.Equal(data, first[path]) {
				t.Errorf("%s: %s, drawn from the record that was read back, differs", name, path)
			}
		}
		if len(again) != len(first) {
			t.Errorf("%s: %d files were drawn again; want %d", name, len(again), len(first))
		}
	}
}

// failer is what tests and properties have in common.
type failer interface{ Fatal(...any) }

// readRun reads the record of a fixture from its golden file.
func readRun(t failer, fixture string) *record.Run {
	b, err := os.ReadFile(goldenPath(fixture, recordFile))
	if err != nil {
		t.Fatal(err)
	}
	return parseRun(t, b)
}

func parseRun(t failer, b []byte) *record.Run {
	var r record.Run
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}
