// Package examples_test runs every example against its simulated account, in
// virtual time, and compares what it leaves with the folder want/.
package examples_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/record"
)

var update = flag.Bool("update", false, "rewrite the want/ folders and the schema")

// exits are the examples that do not pass, on purpose.
var exits = map[string]int{}

func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("[0-9]*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(dir, func(t *testing.T) {
			t.Chdir(dir)
			first := execute(t, exits[dir])
			again := execute(t, exits[dir])
			for name, data := range first {
				if !bytes.Equal(data, again[name]) {
					t.Errorf("%s differs between two runs with the same seed", name)
				}
			}
			fits(t, record.Schema(), first["run.json"])
			scenario, err := os.ReadFile("scenario.yaml")
			if err != nil {
				t.Fatal(err)
			}
			schema, err := os.ReadFile("../scenario.schema.json")
			if err != nil {
				t.Fatal(err)
			}
			var plain any
			if err := yaml.Unmarshal(scenario, &plain); err != nil {
				t.Fatal(err)
			}
			asJSON, err := json.Marshal(plain)
			if err != nil {
				t.Fatal(err)
			}
			fits(t, schema, asJSON)
			delete(first, "calls.jsonl.zst") // its digest stands in run.json
			compare(t, kept(first))
		})
	}
}

// execute runs the example in the current folder and returns its files.
func execute(t *testing.T, exit int) map[string][]byte {
	t.Helper()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		if got := c.Main([]string{"run", "--simulate=account.yaml", "--out", out, "scenario.yaml"}); got != exit {
			t.Errorf("exit status %d; want %d\n%s%s", got, exit, &stdout, &stderr)
		}
	})
	files := map[string][]byte{"verdict.txt": []byte(strings.ReplaceAll(stdout.String(), out, "OUT"))}
	if source, err := os.ReadFile("scenario.yaml"); err != nil || bytes.Contains(source, []byte("\nalarms:")) {
		stdout.Reset()
		c := cli.Command{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, InProcess: true}
		if got := c.Main([]string{"alarms", "--simulate=account.yaml", "--out", out + "/alarms", "scenario.yaml"}); got != 0 {
			t.Errorf("alarms: exit status %d\n%s%s", got, &stdout, &stderr)
		}
		files["alarms.txt"] = []byte(strings.ReplaceAll(stdout.String(), out, "OUT"))
	}
	err := fs.WalkDir(os.DirFS(out), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(out, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// fits holds a document against a JSON Schema.
func fits(t *testing.T, schema, document []byte) {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(v); err != nil {
		t.Errorf("a document does not fit its schema: %v", err)
	}
}

// kept are the files that want/ has. Of an example that sets clients side by side
// that is what people read of them all: its run.json and the charts of its many steps
// are held by their digests, which take no room.
func kept(files map[string][]byte) map[string][]byte {
	const chart = "charts/clients.svg"
	if files[chart] == nil {
		return files
	}
	out, digests := map[string][]byte{}, ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if slices.Contains([]string{"verdict.txt", "summary.md", chart}, name) {
			out[name] = files[name]
			continue
		}
		digests += fmt.Sprintf("%x  %s\n", sha256.Sum256(files[name]), name)
	}
	out["digests.txt"] = []byte(digests)
	return out
}

func compare(t *testing.T, got map[string][]byte) {
	t.Helper()
	if *update {
		if err := os.RemoveAll("want"); err != nil {
			t.Fatal(err)
		}
		for name, data := range got {
			path := filepath.Join("want", name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := 0
	err := fs.WalkDir(os.DirFS("want"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen++
		want, err := os.ReadFile(filepath.Join("want", path))
		if err == nil && !bytes.Equal(got[path], want) {
			t.Errorf("%s is not as in want/ (go test ./examples -update rewrites it):\n%s", path, difference(want, got[path]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(got) {
		t.Errorf("the run left %d files, want/ has %d", len(got), seen)
	}
}

// difference shows the first line that differs.
func difference(want, got []byte) string {
	a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "want " + a[i][:min(len(a[i]), 300)] + "\ngot  " + b[i][:min(len(b[i]), 300)]
		}
	}
	return "one is the beginning of the other"
}

func TestTheCommittedSchemaIsTheProgramsOwn(t *testing.T) {
	var stdout, stderr bytes.Buffer
	c := cli.Command{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }}
	if status := c.Main([]string{"schema"}); status != 0 || !json.Valid(stdout.Bytes()) {
		t.Fatalf("schema: exit %d, %s", status, &stderr)
	}
	if *update {
		if err := os.WriteFile("scenario.schema.json", stdout.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile("scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, stdout.Bytes()) {
		t.Error("scenario.schema.json is not what `loadline schema` prints (go test ./examples -update rewrites it)")
	}
}
