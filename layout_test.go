package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/loadline-dev/loadline"

// pkg is what `go list` tells of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func (p pkg) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// ours are the packages of this module among some imports.
func ours(imports []string) (out []string) {
	for _, i := range imports {
		if strings.HasPrefix(i, module+"/") {
			out = append(out, strings.TrimPrefix(i, module+"/"))
		}
	}
	return out
}

func packages(t *testing.T) []pkg {
	t.Helper()
	b, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []pkg
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

// may lists what of ours each package may import. What is not listed is new:
// say here where it stands, and why.
var may = map[string][]string{
	"":                     {"internal/cli"},
	"internal/cli":         {"internal/cloud", "internal/history", "internal/keep", "internal/sim", "plugins", "plugins/alarms", "plugins/families", "plugins/prices", "plugins/quotas", "plugins/steps", "record", "report", "report/evidence", "runner", "scenarios"},
	"internal/cloud":       {"internal/keep", "plugins", "plugins/pacing", "record"}, // pacing: what a reply asks to wait is read in one place
	"internal/expression":  {"scenarios"},
	"internal/history":     {"internal/statistics", "record", "report", "report/chart"}, // runs held against each other: with chance, which report knows nothing of
	"internal/keep":        {},                                                          // cloud and cli keep files by the same rules
	"internal/sim":         {},
	"internal/statistics":  {},
	"plugins":              {"internal/expression", "record", "scenarios"},
	"plugins/alarms":       {"plugins", "plugins/quotas", "record"},
	"plugins/families":     {"plugins", "record"},
	"plugins/pacing":       {}, // other people's programs import it
	"plugins/pacing/lease": {}, // by itself, so that pacing brings no Redis along
	"plugins/prices":       {"plugins", "plugins/quotas", "record"},
	"plugins/quotas":       {"plugins", "record"},
	"plugins/steps":        {"internal/expression", "internal/statistics", "plugins", "plugins/pacing", "plugins/quotas", "record", "runner/ramp", "scenarios"}, // statistics: a ramp is ended on evidence alone; pacing: the client of a load is the one that users have
	"record":               {},
	"report":               {"record", "report/chart"},
	"report/chart":         {"record"},
	"report/evidence":      {"record", "report"},
	"runner":               {"internal/expression", "internal/statistics", "plugins", "plugins/families", "plugins/quotas", "record", "scenarios"},
	"runner/ramp":          {},
	"scenarios":            {},
	// Programs that measure the others from outside: they know nothing of ours.
	"bench":                       {},
	"bench/sdkloop":               {},
	"docs":                        {},
	"examples/quota-aware-client": {"plugins/pacing"},
	"examples":                    {},
	// Limits for plugins/pacing, which itself imports nothing of ours: reads what
	// discover reads, by the same code.
	"plugins/pacing/discovered": {"internal/cloud", "plugins/families", "plugins/pacing", "plugins/quotas", "record"},
}

func TestDependenciesPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := may[p.name()]
		if !known {
			t.Errorf("package %s is not in the list of this test: dependencies point one way, main -> cli -> runner, report, cloud, sim", p.name())
			continue
		}
		for _, i := range ours(p.Imports) {
			if !slices.Contains(allowed, i) {
				t.Errorf("%s imports %s; it may import only %v", p.name(), i, allowed)
			}
		}
	}
}

func TestOnlyTheCloudSpeaksToAWS(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() == "internal/cloud" || p.name() == "plugins/pacing" || p.name() == "examples/quota-aware-client" || p.name() == "bench/sdkloop" {
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/aws/aws-sdk-go-v2/service/") {
				t.Errorf("%s imports %s: only internal/cloud (and plugins/pacing, which wraps the SDK's client, the example of a program that does so, and bench/sdkloop, which is what ours is measured against) may, so that there is one place where the SDK's faults are handled", p.name(), i)
			}
		}
	}
}

func TestOnlyTheLeaseSpeaksToRedis(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/redis/") && p.name() != "plugins/pacing/lease" {
				t.Errorf("%s imports %s: only plugins/pacing/lease may, so that who shares no quota has no Redis in the program", p.name(), i)
			}
		}
	}
}

func TestTheSimulatorSharesNothingWithTheClient(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() != "internal/sim" {
			continue
		}
		if used := ours(slices.Concat(p.Imports, p.TestImports, p.XTestImports)); len(slices.DeleteFunc(used, func(s string) bool { return s == "internal/sim" })) > 0 {
			t.Errorf("internal/sim imports %v: it imports nothing of ours, so that client and simulator cannot share one mistake", used)
		}
	}
}

func TestReportsNeedOnlyTheRecord(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() != "report" && !strings.HasPrefix(p.name(), "report/") {
			continue
		}
		for _, i := range ours(p.Imports) {
			if i != "record" && i != "report" && !strings.HasPrefix(i, "report/") {
				t.Errorf("report imports %s: it imports only record, so that a report can be drawn again years later without credentials", i)
			}
		}
	}
}

// goFiles yields every Go file of the module, parsed.
func goFiles(t *testing.T, visit func(path string, src *ast.File, files *token.FileSet)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		files := token.NewFileSet()
		src, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(path), src, files)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// clocks are the files that may read the time. Everything else takes times as
// values, so that it can be tested and drawn again.
var clocks = regexp.MustCompile(`^(bench/[a-z/]+\.go|runner/run\.go|runner/ramp/(drive|circle|wait|wait_linux)\.go|plugins/pacing/(limiter|lease/lease)\.go|plugins/steps/(capacity|load|load_client_run|load_health|load_run|load_turns|monitor|patience|settle|wait)\.go|internal/cli/(progress|folder|pricebook|stopfile|monitor|monitor_watch)\.go|internal/cloud/(lean|pricelist|quotacache|watch|wire)\.go|internal/sim/[a-z_]+\.go)$`)

func TestHouseRules(t *testing.T) {
	goFiles(t, func(path string, src *ast.File, files *token.FileSet) {
		test := strings.HasSuffix(path, "_test.go")
		if lines := files.Position(src.FileEnd).Line; !test && lines > 400 {
			t.Errorf("%s has %d lines: a file holds one idea, in 400 lines at most", path, lines)
		}
		for _, g := range src.Comments {
			if text := g.Text(); strings.Contains(text, "nolint") && !test {
				t.Errorf("%s: a lint exemption: mend the code", files.Position(g.Pos()))
			}
		}
		ast.Inspect(src, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: an init function: what a program is made of is in tables that can be read", files.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if ok && x.Name == "time" && !test && !clocks.MatchString(path) && slices.Contains([]string{"Now", "Sleep", "After", "AfterFunc", "Since", "Until", "Tick", "NewTimer", "NewTicker"}, n.Sel.Name) {
					t.Errorf("%s: time.%s outside of the files that may read the clock", files.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	})
}
