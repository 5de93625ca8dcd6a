package pacing

import (
	"fmt"
	"time"
)

// A WaitError tells that an attempt waited as long as it may and was not sent.
type WaitError struct {
	Model  string
	Waited time.Duration
	Bound  string // what it waited for: rpm, tpm, concurrent, adaptive, breaker or queue
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("pacing: not sent: no room for %s within %s (%s)", e.Model, e.Waited.Round(time.Millisecond), e.Bound)
}

// A TooLargeError tells that a request wants more tokens than the limit of a
// minute, so that it could never be sent.
type TooLargeError struct {
	Model         string
	Tokens, Limit int64 // wanted: input + max_tokens; and the most there is
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("pacing: not sent: a request to %s wants %d tokens (input + max_tokens), and the limit is %d a minute: lower max_tokens", e.Model, e.Tokens, e.Limit)
}

// A BudgetError tells that a failed attempt was not retried, since retries have
// used up [Policy.Budget].
type BudgetError struct{ Share float64 }

func (e *BudgetError) Error() string {
	return fmt.Sprintf("pacing: not retried: retries are at most %g %% of calls", 100*e.Share)
}
