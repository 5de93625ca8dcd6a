package record

import (
	"net/http"
	"strings"
)

// Expected is where CloudWatch is expected to count calls of this run: by the
// index of a metric in [EventMetrics]. The zero value is that of no call.
type Expected struct {
	// Sure are the calls that AWS answered in a way that has one metric. Unsure are
	// those of which nobody knows how AWS counts them, if at all; they stand where
	// they most likely are.
	Sure, Unsure [events]int
}

// events is as many as there are in EventMetrics; a test holds it.
const events = 4

// EventMetrics are the four metrics of CloudWatch that count calls. AWS counts
// an attempt in one of them: attempts = their sum.
var EventMetrics = eventMetrics

// The indices in EventMetrics.
const (
	eventInvocation = iota
	eventThrottle
	eventClientError
	eventServerError
)

// Add counts a call.
func (e *Expected) Add(c *Call) {
	i, sure, counted := expected(c)
	switch {
	case !counted:
	case sure:
		e.Sure[i]++
	default:
		e.Unsure[i]++
	}
}

// Merge adds what another one has.
func (e *Expected) Merge(f Expected) {
	for i := range e.Sure {
		e.Sure[i] += f.Sure[i]
		e.Unsure[i] += f.Unsure[i]
	}
}

// MayBe counts calls beside those of the step, such as one that fits a prompt:
// how they ended is not kept.
func (e *Expected) MayBe(calls int) { e.Unsure[eventInvocation] += calls }

// Calls are all of them, and those of which it is known where they count.
func (e *Expected) Calls() (all, sure int) {
	for i := range e.Sure {
		all, sure = all+e.Sure[i]+e.Unsure[i], sure+e.Sure[i]
	}
	return all, sure
}

// expected says in which metric AWS counts a call, and whether that is sure.
// A call that was never sent is not counted. Sure is what AWS's own words say
// and the documentation of the metrics has one place for; see
// docs/monitoring-reconcile.md for every outcome.
func expected(c *Call) (event int, sure, counted bool) {
	said := strings.HasSuffix(c.Code, "Exception") && !c.MidStream // AWS's words, and not those of something in between
	wrong := c.Status >= http.StatusBadRequest && c.Status < http.StatusInternalServerError
	switch c.Outcome {
	case Dropped, GivenUp:
		return 0, false, false
	case OK:
		return eventInvocation, true, true
	case Throttled:
		// A quota that is answered with 400 may count as a client error.
		return eventThrottle, said && c.Status == http.StatusTooManyRequests, true
	case ClientError:
		if c.Status == 0 {
			return 0, false, false // without credentials nothing was sent
		}
		// Who may not call, or calls what is not there, may be turned away before AWS
		// knows a model to count it for.
		before := c.Status == http.StatusUnauthorized || c.Status == http.StatusForbidden || c.Status == http.StatusNotFound
		return eventClientError, said && !before, true
	case ServerError, Capacity:
		// A model that was too slow (408), failed (424) or is not loaded (429) is a
		// fault of AWS with the status of a client's.
		if wrong {
			return eventClientError, false, true
		}
		return eventServerError, said, true
	}
	// No answer, half of one, or none that can be read: AWS may have done its part.
	return eventInvocation, false, true
}

// Agreement compares the calls of load steps to one id with what CloudWatch
// counted of that id over the same minutes.
type Agreement struct {
	ID     string   `json:"id"`     // as CloudWatch names it
	Models []string `json:"models"` // of the scenario, that are called by it
	Steps  []string `json:"steps"`  // whose calls are ours
	// Settled: CloudWatch was done counting, by what Why says. Without it nothing is
	// known of how the counts agree.
	Settled bool     `json:"settled"`
	Why     string   `json:"why"`
	Waited  Duration `json:"waited"` // from the start of the monitor step to the reading
	// Unsure are calls of ours of which it is not known how AWS counts them, if at
	// all: those without an answer, and those that failed in the middle of a stream.
	Unsure   int            `json:"unsure"`
	Outcomes []AgreementRow `json:"outcomes"`
}

// AgreementRow is one metric of calls. What CloudWatch told is what we know that
// it has of ours, what may be ours, and what others did, less what is missing:
//
//	cloudwatch = ours + maybe_ours + others - missing
type AgreementRow struct {
	Metric string `json:"metric"`
	Ours   int    `json:"ours"`
	// CloudWatch is nil where it told of no call at all. The rest is nil unless it
	// has settled.
	CloudWatch *float64 `json:"cloudwatch"`
	MaybeOurs  *float64 `json:"maybe_ours"` // unsure calls of ours that are taken to be here
	Others     *float64 `json:"others"`     // other traffic in the account
	Missing    *float64 `json:"missing"`    // lost, or later than was waited for
}

// Agree fills in the rows. told is nil where CloudWatch told of no call at all.
func (a *Agreement) Agree(e Expected, told *[events]float64) {
	all, sure := e.Calls()
	a.Unsure = all - sure
	a.Outcomes = make([]AgreementRow, events)
	for i, name := range EventMetrics {
		a.Outcomes[i] = AgreementRow{Metric: name, Ours: e.Sure[i]}
		if told != nil {
			v := told[i]
			a.Outcomes[i].CloudWatch = &v
		}
	}
	if told == nil || !a.Settled {
		return
	}
	// What CloudWatch has beyond ours is first taken for our unsure calls: where
	// they most likely are, then anywhere. Only what cannot be ours is of others.
	var over, maybe [events]float64
	left := 0.0
	for i := range over {
		over[i] = max(0, told[i]-float64(e.Sure[i]))
		maybe[i] = min(float64(e.Unsure[i]), over[i])
		left += float64(e.Unsure[i]) - maybe[i]
	}
	for i := range a.Outcomes {
		more := min(left, over[i]-maybe[i])
		left -= more
		maybe[i] += more
		others, missing := over[i]-maybe[i], max(0, float64(e.Sure[i])-told[i])
		row := &a.Outcomes[i]
		row.MaybeOurs, row.Others, row.Missing = &maybe[i], &others, &missing
	}
}

// Agreed adds up agreements of different ids. It is settled where all of them
// are.
func Agreed(list []Agreement) Agreement {
	if len(list) == 0 {
		return Agreement{}
	}
	out := Agreement{Settled: true, Outcomes: make([]AgreementRow, events)}
	for i, name := range EventMetrics {
		row := AgreementRow{Metric: name, CloudWatch: new(float64), MaybeOurs: new(float64), Others: new(float64), Missing: new(float64)}
		for _, a := range list {
			from := a.Outcomes[i]
			row.Ours += from.Ours
			row.CloudWatch, row.MaybeOurs = plus(row.CloudWatch, from.CloudWatch), plus(row.MaybeOurs, from.MaybeOurs)
			row.Others, row.Missing = plus(row.Others, from.Others), plus(row.Missing, from.Missing)
		}
		out.Outcomes[i] = row
	}
	for _, a := range list {
		out.Unsure += a.Unsure
		out.Settled = out.Settled && a.Settled
	}
	return out
}

// plus is not known where one of the two is not.
func plus(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	v := *a + *b
	return &v
}

// Sum adds up a column; it is not known where a row is not.
func (a *Agreement) Sum(column func(AgreementRow) *float64) *float64 {
	if len(a.Outcomes) == 0 {
		return nil
	}
	sum := new(float64)
	for _, row := range a.Outcomes {
		sum = plus(sum, column(row))
	}
	return sum
}

// Ours are the calls of which it is known where AWS counts them.
func (a *Agreement) Ours() (n int) {
	for _, row := range a.Outcomes {
		n += row.Ours
	}
	return n
}
