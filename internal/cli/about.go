package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/evidence"
	"github.com/loadline-dev/loadline/scenarios"
)

func (c Command) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema [scenario|run|account|evidence]", Short: "JSON Schema of the scenario file, of run.json, of account.yaml, or of evidence.json", Args: cobra.MaximumNArgs(1), ValidArgs: []string{"scenario", "run", "account", "evidence"},
		RunE: func(_ *cobra.Command, args []string) error {
			var b []byte
			switch what := append(args, "scenario")[0]; what {
			case "scenario":
				b = scenarios.Schema(Language())
			case "run":
				b = record.Schema()
			case "account":
				b = sim.Schema()
			case "evidence":
				b = evidence.Schema()
			default:
				return fmt.Errorf("schema %s: there are scenario, run, account and evidence", what)
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
