package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

func (c Command) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema [scenario|run]", Short: "JSON Schema of the scenario file, or of run.json", Args: cobra.MaximumNArgs(1), ValidArgs: []string{"scenario", "run"},
		RunE: func(_ *cobra.Command, args []string) error {
			b := scenarios.Schema(Language())
			if len(args) == 1 && args[0] == "run" {
				b = record.Schema()
			} else if len(args) == 1 && args[0] != "scenario" {
				return fmt.Errorf("schema %s: there are scenario and run", args[0])
			}
			if _, err := c.Stdout.Write(b); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
}

func (c Command) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "The version of this program", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(c.Stdout, map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			fmt.Fprintf(c.Stdout, "loadline %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// version is the module's version, as the go command recorded it in the binary.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
