package cli

import (
	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
)

// against is the earlier run that assertions read as baseline.
type against struct {
	dir    string
	needed bool        // without it, an assertion that reads it is a problem
	run    *record.Run // once it is read; nil without one
}

func (a *against) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.dir, "baseline", "", "run folder of an earlier run, which assertions read as baseline: ramp.ok_rpm >= 0.9 * baseline.ramp.ok_rpm")
}

// read reads the record of the run, before anything is written: it may be of the
// folder that is written to.
func (a *against) read() error {
	if a.dir == "" {
		return nil
	}
	root, r, err := openRecord(a.dir)
	if err != nil {
		return err
	}
	a.run = r
	return root.Close()
}
