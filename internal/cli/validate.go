package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
)

func (c Command) validateCommand() *cobra.Command {
	var base against
	cmd := &cobra.Command{
		Use: "validate FILE...", Short: "Every problem of a scenario, with its place and a way out; offline", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			plans, err := c.plans(files, target{}, base, nil)
			if err != nil {
				return err
			}
			for _, p := range plans {
				c.tell(p.Lacking())
				fmt.Fprintf(c.Stdout, "%s: ok (%s, %s)\n", record.CleanLine(p.Scenario.File), plural(len(p.Steps), "step"), plural(len(p.Scenario.Assert), "assertion"))
			}
			return nil
		},
	}
	base.flag(cmd)
	return cmd
}
