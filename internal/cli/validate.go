package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
)

func (c Command) validateCommand() *cobra.Command {
	var format string
	var base against
	cmd := &cobra.Command{
		Use: "validate FILE...", Short: "Every problem of a scenario, with its place and a way out; offline", Args: cobra.MinimumNArgs(1),
		Example: "  loadline validate scenario.yaml\n  loadline validate --format sarif *.yaml > loadline.sarif",
		RunE: func(_ *cobra.Command, files []string) error {
			switch format {
			case "text":
				return c.validate(files, base)
			case "sarif":
				return c.validateSARIF(files, base)
			}
			return fmt.Errorf("--format %s: there are text and sarif", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text (problems on stderr) or sarif (SARIF 2.1.0 on stdout, also where there is none)")
	base.flag(cmd)
	return cmd
}

func (c Command) validate(files []string, base against) error {
	plans, err := c.plans(files, target{}, base, nil)
	if err != nil {
		return err
	}
	for _, p := range plans {
		c.tell(p.Lacking())
		fmt.Fprintf(c.Stdout, "%s: ok (%s, %s)\n", record.CleanLine(p.Scenario.File), plural(len(p.Steps), "step"), plural(len(p.Scenario.Assert), "assertion"))
	}
	return nil
}

// validateSARIF writes the problems of all files. The exit status is that of the
// text.
func (c Command) validateSARIF(files []string, base against) error {
	if err := base.read(); err != nil {
		return err
	}
	var all []found
	bad := 0
	for _, file := range files {
		src, err := readFile(file)
		if err != nil {
			return failure{record.ExitUsage, err}
		}
		p, problems := c.understand(file, src, target{})
		if len(problems) == 0 {
			p.Baseline = base.run
			c.tell(p.Lacking())
		}
		all = append(all, found{file, problems})
		bad += len(problems)
	}
	if err := writeSARIF(c.Stdout, all); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if bad > 0 {
		return failure{record.ExitUsage, errTold}
	}
	return nil
}
