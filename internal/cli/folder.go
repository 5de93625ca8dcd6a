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
	"path/filepath"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// runFolder is an open run folder. Nothing outside of it is written, whatever
// links it holds.
type runFolder struct{ *os.Root }

// openFolder makes the folder, finds out that it can be written, and clears
// what an earlier run left there. A folder with other files is refused.
func openFolder(dir string, force bool) (*runFolder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, pathError(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, pathError(err)
	}
	f := &runFolder{root}
	if err := f.clear(dir, force); err != nil {
		root.Close()
		return nil, err
	}
	return f, nil
}

func (f *runFolder) clear(dir string, force bool) error {
	entries, err := fs.ReadDir(f.FS(), ".")
	if err != nil {
		return pathError(err)
	}
	old, err := f.ReadFile("run.json")
	ours := err == nil || !errors.Is(err, fs.ErrNotExist)
	for _, name := range []string{journalName, plainJournal} {
		if _, err := f.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			ours = true
		}
	}
	if len(entries) > 0 && !ours && !force {
		return fmt.Errorf("%s holds files that are not of a run: choose another folder with --out, or say --force", dir)
	}
	var r record.Run
	if err == nil && json.Unmarshal(old, &r) == nil {
		for _, a := range r.Artifacts {
			if err := f.Remove(a.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("clear the last run: %w", err)
			}
		}
	}
	for _, name := range []string{"run.json", journalName, plainJournal} {
		if err := f.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear the last run: %w", err)
		}
	}
	return nil
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
