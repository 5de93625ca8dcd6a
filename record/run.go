package record

import (
	"encoding/json"
	"time"
)

// SchemaVersion is the version of run.json. Changes only add, so it moves only
// when a reader of the old form could be misled.
const SchemaVersion = 1

// Run is the frozen record of one run: the content of run.json.
type Run struct {
	SchemaVersion int       `json:"schema_version"`
	Tool          Tool      `json:"tool"`
	Scenario      Scenario  `json:"scenario"`
	Target        Target    `json:"target"`
	Started       time.Time `json:"started"`
	Ended         time.Time `json:"ended"`
	Seed          uint64    `json:"seed"`
	// Generator is the program that sends, and its settings; nil in virtual time.
	Generator *Generator `json:"generator,omitempty"`
	Aborted   bool       `json:"aborted"`           // cut short by a signal
	Problem   string     `json:"problem,omitempty"` // why the run ended early, if it did
	Exit      int        `json:"exit"`              // the exit status of the process

	Plan  Cost `json:"plan"`  // the worst case, known before anything was sent
	Spent Cost `json:"spent"` // what was really used

	Models     []Model           `json:"models"`
	Totals     map[string]Values `json:"totals"` // by step name, over all models
	Steps      []Step            `json:"steps"`
	Series     []Series          `json:"series"`
	Assertions []Assertion       `json:"assertions"`
	Verdict    Verdict           `json:"verdict"`
	// Baseline is the earlier run that assertions held this one against.
	Baseline  *Baseline  `json:"baseline,omitempty"`
	Artifacts []Artifact `json:"artifacts"`
}

// Tool names the program that made the record.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Scenario tells which file was run. Source is the file itself, so that a
// record explains itself; but the prompts, system texts and bodies in it have x
// for their characters, unless the run was told to keep them.
type Scenario struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	File        string `json:"file"`
	Digest      string `json:"digest"` // "sha256:" and hex, of the file's bytes
	Source      string `json:"source"`
}

// Target is the account under test.
type Target struct {
	Kind    string `json:"kind"` // aws or simulated
	Account string `json:"account"`
	Region  string `json:"region"`
}

// Cost is what a plan can use at most, or a run has used.
type Cost struct {
	Requests int64 `json:"requests"`
	// Tokens are quota tokens at settlement: input + output x burndown.
	Tokens int64 `json:"tokens"`
	// ReservedTokens are quota tokens at admission: input + max_tokens.
	ReservedTokens int64 `json:"reserved_tokens"`
	// USD is nil where a price is unknown; Unpriced then names the models.
	USD      *float64 `json:"usd"`
	Unpriced []string `json:"unpriced,omitempty"`
	Duration Duration `json:"duration"`
	// Until is there in the record of a run that died: the numbers are the most
	// that the calls begun until then can have used, those under way at their
	// worst case. What was begun later is in them only if it ended in time.
	Until *time.Time `json:"until,omitempty"`
}

// Duration is written as a text with units ("4m30s"), as in a scenario.
type Duration time.Duration

// MarshalJSON writes the duration as Go prints it.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}

// Quota is one Service Quotas row that binds a model. Applied and Default are
// nil where AWS gave no value.
type Quota struct {
	Dimension  string   `json:"dimension"` // rpm, tpm, tpd, account_tpd, concurrent, input_tpm, output_tpm
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Applied    *float64 `json:"applied"`
	Default    *float64 `json:"default"`
	Adjustable bool     `json:"adjustable"`
	MatchedBy  string   `json:"matched_by"` // the rule that tied it to the model
	// Pending is the open request for a higher value, if there is one.
	Pending *Increase `json:"pending,omitempty"`
	// Problem is why AWS gave no applied value, where it said so.
	Problem string `json:"problem,omitempty"`
}

// Increase is a request for a higher quota that is not decided yet.
type Increase struct {
	Desired float64   `json:"desired"`
	Status  string    `json:"status"` // PENDING, CASE_OPENED
	Since   time.Time `json:"since"`
}

// Step is one step as it went.
type Step struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	// Cut says why the step did not run to its planned end through no wish of
	// the scenario (signal, budget, refusal by AWS). Verdicts that read such a
	// step are unknown. A stop that the scenario asked for is in Stopped.
	Cut     string `json:"cut,omitempty"`
	Stopped string `json:"stopped,omitempty"`
	// Notes tell what of a discover or monitor step is in doubt: what could not be
	// read, and how old values are.
	Notes []string `json:"notes,omitempty"`

	// The accounts of a load step, over all models and with the warm-up:
	// Planned + Retried = Sent + Dropped + GivenUp (see Counts), and Sent = the sum of the outcomes but dropped.
	// Scheduled is what the plan held; it is larger than Planned where the step
	// ended early.
	Load *Load `json:"load,omitempty"`
	// Window is the time that a monitor step read, and Usage what it found of each
	// model beside its numbers.
	Window *Window      `json:"window,omitempty"`
	Usage  []ModelUsage `json:"usage,omitempty"`
	// Agreement compares the calls of a load step with what CloudWatch counted, where
	// a monitor step reconciles; by id.
	Agreement []Agreement `json:"agreement,omitempty"`

	// Rates are the counts behind the shares of calls, so that a later run can be
	// held against this one.
	Rates []CountedRate `json:"rates,omitempty"`
}

// Load is the account of a load step.
type Load struct {
	Counts
	Scheduled int      `json:"scheduled"`
	Warmup    Duration `json:"warmup"`
	Stages    []Stage  `json:"stages"`
	// Phases are the parts that assertions read by themselves.
	Phases []Phase `json:"phases,omitempty"`
	// Distributions tell how latency and the time to the first text spread over
	// the calls, by model.
	Distributions []Distribution `json:"distributions,omitempty"`
	// Notes tell how rates were understood, where that needs a sentence.
	Notes []string `json:"notes,omitempty"`
	// Sick says why the numbers are as much about the program that sent the
	// calls, or its machine, as about AWS; "" where nothing speaks for that.
	Sick string `json:"sick,omitempty"`
	// Halted says, by model, why its ramp ended before its time through no wish of
	// the scenario: tokens of the day that are used up, want of capacity. What
	// holds until then is no pass.
	Halted map[string]string `json:"halted,omitempty"`
	// Behind is the part of it that no verdict survives: calls were not sent, or
	// too late, so that AWS saw another load than the scenario's.
	Behind string `json:"behind,omitempty"`
	// Client is whose calls they were; nil where each is sent once, when it is due.
	Client *Client `json:"client,omitempty"`
	// Prompts tells of each prompt of a wanted length how near it came.
	Prompts []PromptLength `json:"prompts,omitempty"`
	// Leave is the part of the quotas that is left to others, and Ambient what
	// they used; only where the scenario says `leave`.
	Leave   float64   `json:"leave,omitempty"`
	Ambient []Ambient `json:"ambient,omitempty"`
	// Guard is what the step saw of others as it sent, where stop_when asked.
	Guard []Guard `json:"guard,omitempty"`
	// Trials and Limits are those of a search for the highest rate that holds.
	Trials []Trial `json:"trials,omitempty"`
	Limits []Limit `json:"limits,omitempty"`
	// Limiters are what probes have found out; Trials are then their parts.
	Limiters []Limiter `json:"limiters,omitempty"`
	// PromptSets tells of each model that is asked out of a file.
	PromptSets []PromptSet `json:"prompt_sets,omitempty"`
}

// PromptLength is the length of a generated prompt in input tokens.
type PromptLength struct {
	Model  string `json:"model"`
	Wanted int64  `json:"wanted"`
	Tokens int64  `json:"tokens"`
	// By tells how Tokens is known: count_tokens (AWS counted it), call
	// (reckoned from the reply to one like it), estimate (from its bytes).
	By string `json:"by"`
	// Problem is why AWS did not count it.
	Problem string `json:"problem,omitempty"`
}

// PromptSet is the file that a model's prompts came from. What it says is not
// in the record.
type PromptSet struct {
	Model   string `json:"model"`
	File    string `json:"file"`
	Digest  string `json:"digest"` // "sha256:" and hex, of the file's bytes
	Prompts int    `json:"prompts"`
}

// Counts adds up calls by outcome. Each attempt of a call is sent or given up, and
// Retried counts those that the call went on after:
// Planned + Retried = Sent + Dropped + GivenUp.
type Counts struct {
	Planned  int             `json:"planned"`
	Sent     int             `json:"sent"`
	Dropped  int             `json:"dropped"`
	GivenUp  int             `json:"given_up,omitempty"`
	Retried  int             `json:"retried,omitempty"`
	Outcomes map[Outcome]int `json:"outcomes"`
}

// Stage is a straight piece of a ramp as it went.
type Stage struct {
	Name    string   `json:"name"`
	Start   Duration `json:"start"` // after the start of the step
	Length  Duration `json:"length"`
	FromRPM float64  `json:"from_rpm"` // for each model of the step; 0 for a burst
	ToRPM   float64  `json:"to_rpm"`
	// SwingRPM is how far a wave goes above and below the line.
	SwingRPM float64 `json:"swing_rpm,omitempty"`
	// WavePeriod is the length of one wave, which begins upwards with the stage; 0
	// where there is none.
	WavePeriod Duration `json:"wave_period,omitempty"`
	// MostRPM is where the line and its wave are cut off; 0 where they are not.
	MostRPM float64 `json:"most_rpm,omitempty"`
	// Models are the rates of each model where they are not the same; FromRPM,
	// ToRPM, SwingRPM and MostRPM are then those of all models together.
	Models []StageRate `json:"models,omitempty"`
	// FromWorkers and ToWorkers are those of a closed loop, which has no rate.
	FromWorkers float64 `json:"from_workers,omitempty"`
	ToWorkers   float64 `json:"to_workers,omitempty"`
	Counts
	// Values are what was measured in the stage, by model, and Totals over all
	// models: the metrics of calls, without the warm-up. What has no data is left
	// out.
	Values map[string]Values `json:"values,omitempty"`
	Totals Values            `json:"totals,omitempty"`
}

// StageRate is the rate of one model in a stage.
type StageRate struct {
	Model    string  `json:"model"`
	FromRPM  float64 `json:"from_rpm"`
	ToRPM    float64 `json:"to_rpm"`
	SwingRPM float64 `json:"swing_rpm,omitempty"` // as of the stage
	MostRPM  float64 `json:"most_rpm,omitempty"`  // likewise
}

// Window is a span of CloudWatch time: Start included, End not.
type Window struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Period Duration  `json:"period"`
	// Zone is the time zone in which people read it (Europe/Berlin); "" is UTC. The
	// times themselves are in UTC.
	Zone string `json:"zone,omitempty"`
}

// Artifact is a file of the run folder.
type Artifact struct {
	Path   string `json:"path"` // slash-separated, relative to the folder
	SHA256 string `json:"sha256"`
}
