package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// draw writes the reports of a record into its folder, and gives those that it
// made of the record alone. What is made of every call comes first, since
// run.json tells its digest; where it fails, the others are written all the same.
func draw(root *os.Root, r *record.Run, formats []string) ([]report.File, error) {
	made, failed := report.WriteCalls(root, formats, journalCalls(root))
	listed := *r
	listed.Artifacts = slices.Concat(r.Artifacts, made)
	files, err := report.Folder(&listed, formats)
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	return files, errors.Join(failed, report.Write(root, files))
}

// journalCalls are the calls of the journal in a folder; none where there is no
// journal.
func journalCalls(root *os.Root) iter.Seq2[record.Call, error] {
	return func(yield func(record.Call, error) bool) {
		for _, name := range []string{journalName, plainJournal} {
			f, err := root.Open(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				yield(record.Call{}, pathError(err))
				return
			}
			defer f.Close() // it was only read
			record.ReadJournal(f)(yield)
			return
		}
	}
}

// conclude says the verdict. A job of GitHub reads the worst of it as commands, too.
func (c Command) conclude(r *record.Run) error {
	if err := report.Text(c.Stdout, r); err != nil || c.Getenv("GITHUB_ACTIONS") != "true" {
		return err
	}
	_, err := fmt.Fprint(c.Stdout, report.Annotations(r))
	return err
}

// stepSummary appends the summary to the page of a GitHub job, where there is
// one: the summary that was just drawn, if it was.
func (c Command) stepSummary(r *record.Run, drawn []report.File) error {
	file := c.Getenv("GITHUB_STEP_SUMMARY")
	if file == "" {
		return nil
	}
	format, _ := report.Lookup("markdown")
	drawn = slices.DeleteFunc(slices.Clone(drawn), func(f report.File) bool { return !slices.Contains(format.Files, f.Path) })
	if len(drawn) == 0 {
		var err error
		if drawn, err = format.Render(r); err != nil {
			return err
		}
	}
	w, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("append to GITHUB_STEP_SUMMARY: %w", err)
	}
	for _, f := range drawn {
		if _, err := w.Write(f.Data); err != nil {
			w.Close()
			return fmt.Errorf("append to GITHUB_STEP_SUMMARY: %w", err)
		}
	}
	return w.Close()
}
