package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

func (c Command) reportCommand() *cobra.Command {
	var names []string
	cmd := &cobra.Command{
		Use: "report DIR", Short: "Draw the reports of a run again, from its record", Args: cobra.ExactArgs(1),
		Long: `Draw the reports of a run again, from its record (run.json).

A run that died left no record. It is then made from the journal
(calls.jsonl.zst): all calls that had ended up to a second before, aborted, with
verdicts on what there is. What reads a step that had not ended is unknown.`,
		RunE: func(_ *cobra.Command, args []string) error {
			for _, n := range names {
				if _, ok := report.Lookup(n); !ok {
					return fmt.Errorf("--format %s: there is no such format; there are %s", n, strings.Join(Language().Formats, ", "))
				}
			}
			if names == nil {
				names = report.Usual()
			}
			return c.redraw(args[0], names)
		},
	}
	cmd.Flags().StringSliceVar(&names, "format", nil, "formats to draw (default "+strings.Join(report.Usual(), ", ")+")")
	return cmd
}

func (c Command) redraw(dir string, names []string) error {
	root, r, err := openRecord(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	// What is drawn again is told again; only the journal stays.
	r.Artifacts = slices.DeleteFunc(r.Artifacts, func(a record.Artifact) bool { return a.Path != journalName && a.Path != plainJournal })
	if _, err := draw(root, r, names); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if err := report.Text(c.Stdout, r); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	fmt.Fprintf(c.Stdout, "reports: %s\n", dir)
	return nil
}

// openRecord opens a run folder, which is the caller's to close, and reads the
// record in it.
func openRecord(dir string) (*os.Root, *record.Run, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, failure{record.ExitEnvironment, pathError(err)}
	}
	r, err := readRecord(root, dir)
	if err != nil {
		root.Close()
		return nil, nil, err
	}
	return root, r, nil
}

// readRecord reads the record in a run folder; dir is its name for messages.
func readRecord(root *os.Root, dir string) (*record.Run, error) {
	src, err := root.ReadFile("run.json")
	if errors.Is(err, fs.ErrNotExist) {
		if r, found, err := rebuild(root, dir); found {
			return r, err
		}
	}
	if err != nil {
		return nil, fail(record.ExitEnvironment, "%s has no record of a run: %w", dir, pathError(err))
	}
	return parseRecord(src, dir+"/run.json")
}

// parseRecord reads a record; name is that of its file for messages.
func parseRecord(src []byte, name string) (*record.Run, error) {
	r, err := record.ReadRun(src)
	if err != nil {
		return nil, fail(record.ExitEnvironment, "%s is no record of a run: %w", name, err)
	}
	if r.SchemaVersion != record.SchemaVersion {
		return nil, fail(record.ExitEnvironment, "%s has version %d, and this program reads version %d", name, r.SchemaVersion, record.SchemaVersion)
	}
	return r, nil
}
