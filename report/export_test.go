package report

import "github.com/loadline-dev/loadline/record"

// Fixtures are records for the tests from outside, by name.
func Fixtures() map[string]*record.Run {
	return map[string]*record.Run{"typical": typicalRun(), "hostile": hostileRun(), "empty": emptyRun(), "large": largeRun()}
}
