package pacing

import (
	"fmt"
	"time"
)

// A WaitError tells that an attempt waited as long as it may and was not sent.
type WaitError struct {
	Model  string // "" from a limiter without a client
	Waited time.Duration
	Bound  string // what it waited for: rpm, tpm, concurrent, share, adaptive, breaker or queue
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("pacing: not sent: no room%s within %s (%s)", named(" for ", e.Model), e.Waited.Round(time.Millisecond), e.Bound)
}

// A TooLargeError tells that a request never fits: it wants more tokens than the
// limit of a minute, or our share of a limit comes to not one unit.
type TooLargeError struct {
	Model         string
	Tokens, Limit int64  // wanted: input + max_tokens; and the most there is: 0 of another Bound than tpm
	Bound         string // what it does not fit: tpm, or rpm or concurrent
}

func (e *TooLargeError) Error() string {
	if e.Limit == 0 {
		return fmt.Sprintf("pacing: not sent: the limit%s (%s), or our share of it, is less than one: let fewer share it", named(" for ", e.Model), e.Bound)
	}
	return fmt.Sprintf("pacing: not sent: a request%s wants %d tokens (input + max_tokens), and the limit is %d a minute: lower max_tokens", named(" to ", e.Model), e.Tokens, e.Limit)
}

// named puts a model behind a word, where one is known.
func named(word, model string) string {
	if model == "" {
		return ""
	}
	return word + model
}

// A BudgetError tells that a failed attempt was not retried, since retries have
// used up [Policy.Budget].
type BudgetError struct{ Share float64 }

func (e *BudgetError) Error() string {
	return fmt.Sprintf("pacing: not retried: retries are at most %g %% of calls", 100*e.Share)
}
