package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
	"github.com/loadline-dev/loadline/scenarios"
)

// rebuild makes the record of a run that died from the journal in its folder;
// it is found where there is one.
func rebuild(root *os.Root, dir string) (_ *record.Run, found bool, _ error) {
	for _, name := range []string{journalName, plainJournal} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, true, failure{record.ExitEnvironment, pathError(err)}
		}
		defer f.Close() // it was only read
		sum := sha256.New()
		r, err := record.Replay(io.TeeReader(f, sum))
		if err != nil {
			return nil, true, fail(record.ExitEnvironment, "%s has no record of a run, and %s cannot stand in for it: %w", dir, name, err)
		}
		if _, err := io.Copy(sum, f); err != nil {
			return nil, true, failure{record.ExitEnvironment, pathError(err)}
		}
		judge(r)
		r.Artifacts = []record.Artifact{{Path: name, SHA256: hex.EncodeToString(sum.Sum(nil))}}
		return r, true, nil
	}
	return nil, false, nil
}

// judge judges a run by the assertions of its scenario, which is in the record.
func judge(r *record.Run) {
	s, problems := scenarios.Load(r.Scenario.File, []byte(r.Scenario.Source), Language())
	if s != nil && len(problems) == 0 {
		then := set
		then.Now = r.Started // what was young enough to be read may not be now
		p, more := runner.NewPlan(s, then)
		if problems = more; len(more) == 0 {
			p.Judge(r)
			return
		}
	}
	r.Problem += "; its assertions cannot be judged, since the scenario is not understood any more: " + record.CleanLine(problems.Error())
	r.Assertions, r.Verdict, r.Exit = []record.Assertion{}, record.Unknown, record.ExitEnvironment
}
