// Package evidence makes, out of the records of runs, what AWS asks for in a
// request for a higher quota. It is a pure function of the records: what they do
// not hold is missing, and told as that with the command that would fill it.
package evidence

import (
	"reflect"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// SchemaVersion is the version of evidence.json. Changes only add, so it moves
// only when a reader of the old form could be misled.
const SchemaVersion = 1

// Evidence is the content of evidence.json.
type Evidence struct {
	SchemaVersion int         `json:"schema_version"`
	Tool          record.Tool `json:"tool"`
	// Target is the account that all runs were of.
	Target   record.Target `json:"target"`
	Runs     []Run         `json:"runs"`
	Requests []Request     `json:"requests"` // one a quota, in the order they were asked for
}

// Run is a record that was read.
type Run struct {
	Folder   string         `json:"folder"`
	Scenario string         `json:"scenario"`
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended"`
	Verdict  record.Verdict `json:"verdict"`
	Problem  string         `json:"problem,omitempty"` // why it ended early
}

// Request is what is asked for one quota, and what speaks for it.
type Request struct {
	Headline string       `json:"headline"`
	Wanted   float64      `json:"wanted"`
	Quota    record.Quota `json:"quota"`
	// QuotaFrom is the run that read the quota; "" where it was read anew.
	QuotaFrom string  `json:"quota_from"`
	Models    []Model `json:"models"` // those that the quota binds
	// Advice comes first of all: a lower max_tokens takes effect at once. AdviceNote
	// says why there is none.
	Advice     []Advice  `json:"max_tokens_advice"`
	AdviceNote string    `json:"max_tokens_note,omitempty"`
	Usage      []Usage   `json:"usage"`
	LoadTests  []Test    `json:"load_tests"`
	Missing    []Missing `json:"missing"`
	// Justification is a paragraph of facts for a support case.
	Justification string `json:"justification"`
	// Submitted is there once the request was filed.
	Submitted *Submitted `json:"submitted,omitempty"`

	maxTokens int64 // what the application asks; 0 is not known
}

// Model is one that takes from the quota.
type Model struct {
	Name  string `json:"name"`
	ID    string `json:"id"`
	Base  string `json:"base_id"`
	Scope string `json:"scope"`
}

// Usage is what CloudWatch told of a model in one monitor step.
type Usage struct {
	Run    string        `json:"run"`
	Step   string        `json:"step"`
	Model  string        `json:"model"`
	IDs    []string      `json:"ids"` // whose series were added up
	Window record.Window `json:"window"`
	// Values are those of run.json, by the same names.
	Values record.Values `json:"values"`
	// MeanInput is input + cache writes of a call, as the quota counts them.
	MeanInput  *float64 `json:"mean_input_tokens"`
	MeanOutput *float64 `json:"mean_output_tokens"`
	Burndown   *float64 `json:"burndown"`
	// Throttled is the longest run of throttled periods; nil without one.
	Throttled *record.Span `json:"longest_throttled"`
}

// Test is a load step as it went for a model.
type Test struct {
	Run     string        `json:"run"`
	Step    string        `json:"step"`
	Model   string        `json:"model"`
	Started time.Time     `json:"started"`
	Ended   time.Time     `json:"ended"`
	Values  record.Values `json:"values"`
	// MeanInput and MeanOutput are those of the calls that told their tokens: by the
	// journal where there is one, else by the sums and the calls that were ok.
	MeanInput  *float64 `json:"mean_input_tokens"`
	MeanOutput *float64 `json:"mean_output_tokens"`
	Burndown   *float64 `json:"burndown"`
	MaxTokens  *int64   `json:"max_tokens"` // as the scenario asks
	// Calls is what the journal tells; nil without one.
	Calls *Shape `json:"calls"`
	// Limit is what a search found; nil where none was made.
	Limit *record.Limit `json:"limit"`
	// Doubts say why the numbers may not be about AWS alone.
	Doubts []string `json:"doubts"`

	seen *Calls // behind Calls
}

// Shape tells the sizes of calls.
type Shape struct {
	Calls int `json:"calls"` // measured, and told their tokens
	// Large is how many had more than 25,000 input tokens, those of caches included.
	Large      int     `json:"above_25k"`
	LargeShare float64 `json:"above_25k_share"`
	OutputP50  int64   `json:"output_tokens_p50"`
	// OutputP99 is nil with fewer than 500 calls: it would be that of a handful.
	OutputP99 *int64 `json:"output_tokens_p99"`
	OutputMax int64  `json:"output_tokens_max"`
}

// Missing is what AWS asks for and the records do not hold.
type Missing struct {
	What string `json:"what"`
	Why  string `json:"why"`
	// Way is a command, or what else fills it.
	Way string `json:"way"`
}

// Submitted is the request as AWS took it.
type Submitted struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Case    string    `json:"case,omitempty"` // of support, where one was opened
	Created time.Time `json:"created"`
}

// Schema is the JSON Schema of evidence.json (draft 2020-12).
func Schema() []byte {
	return record.SchemaOf(reflect.TypeFor[Evidence](), "Loadline evidence for a quota increase (evidence.json)")
}
