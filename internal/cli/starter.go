package cli

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/scenarios"
)

// starter is the scenario that init writes; modelsMark is the line that the models
// take.
//
//go:embed starter.yaml
var starter string

const modelsMark = "  MODELS\n"

func (c Command) initCommand() *cobra.Command {
	var ids []string
	cmd := &cobra.Command{
		Use: "init [FILE]", Short: "A scenario to begin with", Args: cobra.MaximumNArgs(1),
		Long: `Writes a scenario to begin with: the quotas of the models, a minute of load, the
last day in CloudWatch, and what must hold. FILE is scenario.yaml if left out; a
file that is there is never written over; - is stdout.`,
		Example: "  loadline init\n  loadline init --model us.anthropic.claude-sonnet-4-5-20250929-v1:0 gate.yaml",
		RunE: func(_ *cobra.Command, args []string) error {
			file := "scenario.yaml"
			if len(args) > 0 {
				file = args[0]
			}
			return c.begin(file, ids)
		},
	}
	cmd.Flags().StringArrayVar(&ids, "model", []string{"amazon.nova-lite-v1:0"}, "model id, inference profile id or ARN; may be given several times")
	return cmd
}

// begin writes the starter. It is understood as any scenario is before it is
// written, so that a model that cannot be asked is refused here.
func (c Command) begin(file string, ids []string) error {
	text := starterOf(ids)
	name := file
	if file == "-" {
		name = "scenario.yaml"
	}
	if _, problems := c.understand(name, []byte(text), target{}); len(problems) > 0 {
		fmt.Fprint(c.Stderr, scenarios.Render(name, []byte(text), problems))
		return fail(record.ExitUsage, "no scenario was written")
	}
	if file == "-" {
		if _, err := io.WriteString(c.Stdout, text); err != nil {
			return failure{record.ExitEnvironment, err}
		}
		return nil
	}
	if _, err := os.Lstat(file); err == nil {
		return fail(record.ExitUsage, "%s is there already: give another name, as in: loadline init gate.yaml", file)
	}
	if err := writeInto(filepath.Dir(file), []report.File{{Path: filepath.Base(file), Data: []byte(text)}}); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	shown := record.CleanLine(file)
	fmt.Fprintf(c.Stderr, "wrote %s; next:\n  loadline run --simulate %s   on the simulated account\n  loadline plan %s             what it would do and at most cost\n", shown, shown, shown)
	return nil
}

// starterOf puts models into the starter, each by a name made of its id.
func starterOf(ids []string) string {
	var models strings.Builder
	taken := map[string]bool{}
	for _, id := range ids {
		base := nameOf(id)
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[name] = true
		fmt.Fprintf(&models, "  %s: %s\n", name, strconv.Quote(id))
	}
	return strings.Replace(starter, modelsMark, models.String(), 1)
}

// modelName finds the words of an id between its provider and its date or version.
var modelName = regexp.MustCompile(`^[a-z0-9]+\.([a-z][a-z0-9-]*?)(-\d{8})?(-v\d+)?(:[\w:]*)?$`)

// nameOf is a short name for a model: claude-sonnet-4-5-us for
// us.anthropic.claude-sonnet-4-5-20250929-v1:0.
func nameOf(id string) string {
	known := quotas.Identify(id)
	m := modelName.FindStringSubmatch(known.Base)
	if m == nil {
		return "model"
	}
	if known.Geography != "" {
		return m[1] + "-" + known.Geography
	}
	return m[1]
}
