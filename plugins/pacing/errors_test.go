package pacing

import (
	"testing"
	"time"
)

// An error says what was not sent, why, and the way out, with the model where one is
// known.
func TestErrorsInWords(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&WaitError{"nova", 1500 * time.Millisecond, "tpm"}, "pacing: not sent: no room for nova within 1.5s (tpm)"},
		{&WaitError{"", time.Second, "queue"}, "pacing: not sent: no room within 1s (queue)"},
		{&TooLargeError{"nova", 900, 500, "tpm"}, "pacing: not sent: a request to nova wants 900 tokens (input + max_tokens), and the limit is 500 a minute: lower max_tokens"},
		{&TooLargeError{"", 900, 0, "rpm"}, "pacing: not sent: the limit (rpm), or our share of it, is less than one: let fewer share it"},
		{&BudgetError{0.1}, "pacing: not retried: retries are at most 10 % of calls"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%#v says %q; want %q", test.err, got, test.want)
		}
	}
}
