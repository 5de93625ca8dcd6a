package plugins

import "time"

// What every alarm of this program has in common.
const (
	AlarmNamespace = "AWS/Bedrock"
	AlarmDimension = "ModelId"
	AlarmStatistic = "Sum"
	AlarmResult    = "result" // the id of what the alarm watches
)

// Alarm is a metric alarm of CloudWatch, as far as this program writes it.
type Alarm struct {
	Name, Description string
	// Expression is what the alarm watches: metric math over Queries, by their
	// ids. Label is what a chart calls it.
	Expression, Label string
	Queries           []AlarmQuery
	// It goes off where the expression is at or above the threshold (above it,
	// where Above is set) in Breaching of the last Periods points.
	Threshold          float64
	Above              bool
	Periods, Breaching int
	// Missing is how a point that is not there counts, in CloudWatch's words:
	// breaching, notBreaching, ignore, missing.
	Missing            string
	Actions, OKActions []string
	Disabled           bool // its actions are switched off
}

// AlarmQuery is one input of the expression of an alarm: the Sum of an
// AWS/Bedrock metric of one ModelId, or, where Expression is set, something
// calculated from the others.
type AlarmQuery struct {
	ID              string
	Metric, ModelID string
	Period          time.Duration
	Expression      string
}

// Metrics counts what CloudWatch charges for, and bounds: the queries that read a
// metric.
func (a Alarm) Metrics() (n int) {
	for _, q := range a.Queries {
		if q.Expression == "" {
			n++
		}
	}
	return n
}

// Comparison is CloudWatch's word for how a point is held against the threshold.
func (a Alarm) Comparison() string {
	if a.Above {
		return "GreaterThanThreshold"
	}
	return "GreaterThanOrEqualToThreshold"
}

// AlarmFound is an alarm that the account has.
type AlarmFound struct {
	Alarm
	State string // OK, ALARM, INSUFFICIENT_DATA
	Tags  map[string]string
	// Unlike names what the alarm has that this program never writes, so that to
	// put one in its place would take that away.
	Unlike []string
}
