package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// maxScenario is the largest file that is read, in bytes; the loader refuses
// what is larger, too.
const maxScenario = 1 << 20

// plans loads and binds every file. Problems of all files go to stderr, and
// then there is no plan. refused, where given, is told of each file that has
// problems, with what is wrong.
func (c Command) plans(files []string, t target, base against, refused func(file, why string) error) ([]*runner.Plan, error) {
	if err := base.read(); err != nil {
		return nil, err
	}
	var out []*runner.Plan
	bad := 0
	for _, file := range files {
		src, err := readFile(file)
		if err != nil {
			return nil, failure{record.ExitUsage, err}
		}
		p, problems := c.understand(file, src, t)
		if len(problems) == 0 {
			p.Baseline = base.run
			if base.needed {
				problems = p.WithoutBaseline()
			}
		}
		if len(problems) > 0 {
			bad += len(problems)
			fmt.Fprint(c.Stderr, scenarios.Render(file, src, problems))
			if refused == nil {
				continue
			}
			if err := refused(file, fmt.Sprintf("the scenario has %s:\n%s", plural(len(problems), "problem"), problems.Error())); err != nil {
				return nil, failure{record.ExitEnvironment, err}
			}
			continue
		}
		out = append(out, p)
	}
	if bad > 0 {
		fmt.Fprintf(c.Stderr, "%s; nothing was sent\n", plural(bad, "problem"))
		return nil, failure{record.ExitUsage, errTold}
	}
	return out, nil
}

// understand loads a scenario and binds it; all problems of both together.
func (c Command) understand(file string, src []byte, t target) (*runner.Plan, scenarios.Problems) {
	s, problems := scenarios.Load(file, src, Language())
	if s == nil {
		return nil, problems
	}
	with := set
	if t.simulate == "" {
		with.Prices = c.keptPrices(cmp.Or(t.region, s.Region.Value, c.Getenv("AWS_REGION"), c.Getenv("AWS_DEFAULT_REGION")))
	}
	p, more := runner.NewPlan(s, with)
	return p, append(problems, more...).Sort()
}

// readFile reads a regular file of a bounded size; "-" is not special.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, pathError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > maxScenario {
		return nil, fmt.Errorf("%s:1:1: the file has %d bytes; at most %d are read: split it into several scenarios", name, info.Size(), maxScenario)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, pathError(err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxScenario+1))
	if err != nil {
		return nil, pathError(err)
	}
	return src, nil
}

// pathError leaves the system call out of a message.
func pathError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// writeInto writes files into a folder, which is made.
func writeInto(dir string, files []report.File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return pathError(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return pathError(err)
	}
	defer root.Close()
	return report.Write(root, files)
}
