package keep_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/loadline-dev/loadline/internal/keep"
)

func TestJSONReplacesTheFileAsAWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "folder", "x.json")
	for _, value := range []string{"a long first value", "b"} {
		if err := keep.JSON(file, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep.JSON(file, math.NaN()); err == nil {
		t.Error("what is no JSON was written")
	}
	b, err := os.ReadFile(file)
	if err != nil || string(b) != `"b"` {
		t.Errorf("the file is %s, %v", b, err)
	}
	for path, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v; want the file alone", left, err)
	}
}

func TestJSONLeavesNothingBehindWhereItFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := keep.JSON(filepath.Join(dir, "x.json"), "a"); err == nil {
		t.Error("a folder was replaced")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v", left, err)
	}
}
