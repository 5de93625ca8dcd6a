package cli

import (
	"io"

	"github.com/loadline-dev/loadline/report"
)

// tamed is a writer for messages in a job of GitHub, where a line of them may
// be a command: text from outside must not be.
type tamed struct{ io.Writer }

// Write writes p, which is a whole message, and says that it wrote just that.
func (t tamed) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.Writer, report.Tame(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
