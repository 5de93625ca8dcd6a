package record_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackageImportsNothingOfOurs(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		for _, i := range f.Imports {
			if strings.Contains(i.Path.Value, "loadline-dev/loadline") {
				t.Errorf("%s imports %s; want nothing of ours, so that a record can be read without the program", file, i.Path.Value)
			}
		}
	}
	if looked == 0 {
		t.Error("no file of the package was looked at")
	}
}
