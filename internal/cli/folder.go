package cli

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

const recordName = "run.json"

// runFolder is an open run folder. Nothing outside of it is written, whatever
// links it holds.
type runFolder struct{ *os.Root }

// openFolder makes the folder, finds out that it can be written, and clears
// what an earlier run left there. A folder with other files is refused.
func openFolder(dir string, force bool) (*runFolder, error) {
	f, old, err := ownFolder(dir, force)
	if err != nil {
		return nil, err
	}
	if err := f.removeAll(append(old, recordName)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ownFolder opens the folder without a change to what is in it, and lists what
// an earlier run left there. A folder with other files is refused.
func ownFolder(dir string, force bool) (f *runFolder, old []string, _ error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, pathError(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, pathError(err)
	}
	f = &runFolder{root}
	if old, err = f.left(dir, force); err != nil {
		root.Close()
		return nil, nil, err
	}
	return f, old, nil
}

// left lists what an earlier run left in the folder, but for its run.json.
func (f *runFolder) left(dir string, force bool) ([]string, error) {
	entries, err := fs.ReadDir(f.FS(), ".")
	if err != nil {
		return nil, pathError(err)
	}
	old, err := f.ReadFile(recordName)
	ours := err == nil || !errors.Is(err, fs.ErrNotExist)
	for _, name := range []string{journalName, plainJournal} {
		if _, err := f.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			ours = true
		}
	}
	if len(entries) > 0 && !ours && !force {
		return nil, fmt.Errorf("%s holds files that are not of a run: choose another folder with --out, or say --force", dir)
	}
	files := []string{journalName, plainJournal}
	var r record.Run
	if err == nil && json.Unmarshal(old, &r) == nil {
		for _, a := range r.Artifacts {
			files = append(files, a.Path)
		}
	}
	return files, nil
}

func (f *runFolder) removeAll(files []string) error {
	for _, name := range files {
		if err := f.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear the last run: %w", err)
		}
	}
	return nil
}

// replace puts a record and its reports in the place of what an earlier run left
// in a folder. A reader sees each file as it was or as it is, and only what there
// is no longer goes away; run.json, which says what belongs to it, comes last.
func replace(dir string, force bool, files []report.File) error {
	f, old, err := ownFolder(dir, force)
	if err != nil {
		return err
	}
	defer f.Close()
	gone := slices.DeleteFunc(old, func(name string) bool {
		return slices.ContainsFunc(files, func(f report.File) bool { return f.Path == path.Clean(name) })
	})
	last := len(files) - 1
	if err := report.Write(f.Root, files[:last]); err != nil {
		return err
	}
	if err := f.removeAll(gone); err != nil {
		return err
	}
	return report.Write(f.Root, files[last:])
}

// refuse leaves the reports of a run that was refused before anything was
// sent: a CI that looks for them must not take their absence for health.
func refuse(status int, file, why, dir string, force bool) error {
	f, err := openFolder(dir, force)
	if err != nil {
		return err
	}
	defer f.Close()
	now := time.Now().UTC()
	r := &record.Run{
		Started: now, Ended: now,
		SchemaVersion: record.SchemaVersion, Tool: record.Tool{Name: "loadline", Version: version()},
		Scenario: record.Scenario{Name: record.CleanLine(filepath.Base(file)), File: record.CleanLine(filepath.ToSlash(file))},
		Problem:  record.Clean(why), Exit: status, Verdict: record.Unknown,
		Models: []record.Model{}, Totals: map[string]record.Values{}, Steps: []record.Step{}, Series: []record.Series{}, Assertions: []record.Assertion{}, Artifacts: []record.Artifact{},
	}
	files, err := report.Folder(r, []string{"junit", "markdown"})
	if err != nil {
		return err
	}
	return report.Write(f.Root, files)
}

// journalFile is the journal under way. Its digest grows with it.
type journalFile struct {
	file *os.File
	sum  hash.Hash
	io.Writer
}

// journal creates the journal, which also shows that the folder can be
// written, before anything is sent.
func (f *runFolder) journal() (*journalFile, error) {
	file, err := f.OpenFile(journalName, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create the journal: %w", err)
	}
	j := &journalFile{file: file, sum: sha256.New()}
	j.Writer = io.MultiWriter(file, j.sum)
	return j, nil
}

func (j *journalFile) close() error {
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
