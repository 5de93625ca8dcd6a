package cli

import (
	"errors"
	"io/fs"
	"os"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/evidence"
	"github.com/loadline-dev/loadline/scenarios"
)

// callsOf adds up the calls of the journal in a run folder; nil without one.
func callsOf(root *os.Root, dir string) (map[evidence.Of]*evidence.Calls, error) {
	for _, name := range []string{journalName, plainJournal} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, failure{record.ExitEnvironment, pathError(err)}
		}
		defer f.Close() // it was only read
		out := map[evidence.Of]*evidence.Calls{}
		for call, err := range record.ReadJournal(f) {
			if err != nil {
				return nil, fail(record.ExitEnvironment, "%s/%s: %w", dir, name, err)
			}
			of := evidence.Of{Step: call.Step, Model: call.Model}
			if out[of] == nil {
				out[of] = &evidence.Calls{}
			}
			out[of].Add(&call)
		}
		return out, nil
	}
	return nil, nil
}

// askedOf is the max_tokens that the scenario of a run asks, by load step and
// model. It leaves out what asks different ones, or one that nobody wrote.
func askedOf(r *record.Run) map[evidence.Of]int64 {
	out := map[evidence.Of]int64{}
	s, _ := scenarios.Load(r.Scenario.File, []byte(r.Scenario.Source), Language())
	if s == nil {
		return out
	}
	for _, step := range s.Steps {
		if step.Kind.Value != record.KindLoad {
			continue
		}
		own, ramp := scenarios.RequestOf(step.Body.Get("request")), step.Body.Get("ramp")
		for _, m := range s.Models {
			asked := own.Over(m.Request.Over(s.Request))
			searches := ramp.Get("find") != nil || ramp.Get("probe") != nil
			if asked.Prompt.File.Written() || ramp.Get("replay") != nil || searches && !asked.MaxTokens.Written() {
				continue
			}
			out[evidence.Of{Step: step.Name.Value, Model: m.Name.Value}] = asked.MaxTokens.Value
		}
	}
	return out
}
