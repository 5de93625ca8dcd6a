package record

// Verdict is the answer to an assertion, or to all of them.
type Verdict string

// The verdicts. Unknown closes a gate as fail does: no data is not a pass.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
	Skipped Verdict = "skipped" // no data, and the assertion asked to be skipped then
)

// The severities of an assertion.
const (
	SeverityFail = "fail"
	SeverityWarn = "warn" // told, but never closes the gate
)

// Assertion is one assertion judged for one model, or for the run.
type Assertion struct {
	Name    string  `json:"name"`
	Model   string  `json:"model"` // "" for scope: run
	Expr    string  `json:"expr"`
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason"` // one sentence; "" for a pass
	// Values holds what each name in the expression read; null where there was
	// no data. Samples holds how many observations stand behind each value.
	Values  map[string]Reading `json:"values"`
	Samples map[string]int     `json:"samples"`
	// Confidence is how sure the verdict is, where it hangs on a rate: at most so
	// few of such verdicts are wrong. 0 is the plain comparison.
	Confidence float64 `json:"confidence,omitempty"`
	// Intervals holds where the rates that were read can truly lie.
	Intervals map[string]Interval `json:"intervals,omitempty"`
	// Words holds what was read that is no number, such as the access to a model.
	Words    map[string]string `json:"words,omitempty"`
	Severity string            `json:"severity"`
	File     string            `json:"file"`
	Line     int               `json:"line"`
	Column   int               `json:"column"`
}

// Interval holds a rate. The true rate is above Low with the assertion's
// confidence, and below High with the same.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Method is how it was found: exact, halved, window, both, direct, sequential
	// or none. The documentation of verdicts tells of each.
	Method string `json:"method"`
	Hits   int    `json:"hits"`
	Trials int    `json:"trials"`
	// Windows is how many minutes the trials fell into, and DesignEffect how many
	// times more than by chance the minutes differ; nil where nothing tells.
	Windows      int      `json:"windows"`
	DesignEffect *float64 `json:"design_effect"`
	// ExactLow and ExactHigh are what holds if calls are independent.
	ExactLow  float64 `json:"exact_low"`
	ExactHigh float64 `json:"exact_high"`
}

// Overall is the verdict of a run: one failed assertion fails it, else one
// unknown makes it unknown. Assertions of severity warn do not count. A run
// without assertions passes.
func Overall(as []Assertion) Verdict {
	v := Pass
	for _, a := range as {
		if a.Severity == SeverityWarn {
			continue
		}
		switch a.Verdict {
		case Fail:
			return Fail
		case Unknown:
			v = Unknown
		}
	}
	return v
}
