package report

import (
	"encoding/json"

	"github.com/loadline-dev/loadline/record"
)

const recordFile = "run.json"

// renderJSON writes the record as it is. Lists that are empty are written as
// such, so that a reader need not tell null from none.
func renderJSON(r *record.Run) ([]File, error) {
	out := *r
	out.Models = list(out.Models)
	out.Steps = list(out.Steps)
	out.Series = list(out.Series)
	out.Assertions = list(out.Assertions)
	out.Artifacts = list(out.Artifacts)
	if out.Totals == nil {
		out.Totals = map[string]record.Values{}
	}
	b, err := json.MarshalIndent(&out, "", "  ")
	if err != nil {
		return nil, err
	}
	return []File{{Path: recordFile, Data: append(b, '\n')}}, nil
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
