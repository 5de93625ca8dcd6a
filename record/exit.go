package record

import "slices"

// The exit statuses of the program.
const (
	ExitPass        = 0   // every assertion passed
	ExitFail        = 1   // an assertion was measured and not met
	ExitUsage       = 2   // bad flag or scenario; nothing was sent
	ExitUndecided   = 3   // an assertion could not be decided
	ExitEnvironment = 4   // AWS or the environment refused: credentials, access, wrong account, network, disk
	ExitBudget      = 5   // refused by the budget, or for want of consent
	ExitInterrupt   = 130 // SIGINT; reports are written
	ExitTerminate   = 143 // SIGTERM; reports are written
)

// severity orders the statuses for Worse: a failed assertion wins over an
// unknown one, and an interrupt over all.
var severity = []int{ExitPass, ExitUndecided, ExitEnvironment, ExitBudget, ExitFail, ExitUsage, ExitTerminate, ExitInterrupt}

// Worse is the status of two runs together. A status that is none of ours is
// worse than all.
func Worse(a, b int) int {
	rank := func(status int) int {
		if i := slices.Index(severity, status); i >= 0 {
			return i
		}
		return len(severity) + status
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}
