package report

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return root
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir+"/")] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	root := openRoot(t, dir)
	for _, text := range []string{"first", "second, over the first"} {
		if err := Write(root, []File{{"charts/ramp.svg", []byte(text)}, {"run.json", []byte(text)}}); err != nil {
			t.Fatal(err)
		}
		got := contents(t, dir)
		if len(got) != 2 || got["charts/ramp.svg"] != text || got["run.json"] != text {
			t.Errorf("the folder holds %q", got)
		}
	}
}

func TestWriteNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	// A folder stands where the file should be: this fails for every user, root
	// among them.
	if err := os.MkdirAll(filepath.Join(dir, "junit.xml", "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Write(openRoot(t, dir), []File{{"junit.xml", nil}})
	if err == nil || !strings.Contains(err.Error(), "write junit.xml: ") {
		t.Errorf("the error is %v; want one that names junit.xml", err)
	}
	if got := contents(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
	// A file stands where the folder should be.
	if err := os.WriteFile(filepath.Join(dir, "charts"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = Write(openRoot(t, dir), []File{{"charts/ramp.svg", nil}})
	if err == nil || !strings.Contains(err.Error(), "write charts/ramp.svg: ") {
		t.Errorf("the error is %v; want one that names charts/ramp.svg", err)
	}
}

func TestWriteUnwritable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere: run the test as another user")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	err := Write(openRoot(t, dir), []File{{"run.json", nil}})
	if err == nil || !strings.Contains(err.Error(), "write run.json: ") {
		t.Errorf("the error is %v; want one that names run.json", err)
	}
}

func TestWriteFollowsNoLink(t *testing.T) {
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	if err := os.WriteFile(victim, []byte("untouched"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, target := range map[string]string{"run.json": victim, ".run.json.tmp": victim, "charts": outside} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	root := openRoot(t, dir)
	if err := Write(root, []File{{"run.json", []byte("new")}}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(dir, "run.json")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("run.json is %v, %v; want a file in place of the link", info, err)
	}
	if err := Write(root, []File{{"charts/ramp.svg", []byte("new")}}); err == nil {
		t.Error("a folder that is a link out of the root was followed")
	}
	if got := contents(t, outside); len(got) != 1 || got["victim"] != "untouched" {
		t.Errorf("outside now holds %q", got)
	}
}
