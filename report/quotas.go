package report

import (
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// applied is the applied value of a quota, with the open request for more, or
// with the reason why it is not known.
func applied(q *record.Quota) string {
	text := optional(q.Applied)
	if q.Problem != "" {
		text += " (" + oneLine(q.Problem) + ")"
	}
	if p := q.Pending; p != nil {
		text += " (" + digits(p.Desired, 4) + " asked for, " + oneLine(p.Status) + " since " + p.Since.UTC().Format(time.DateOnly) + ")"
	}
	return text
}

// capacity is what AWS has for a model beside quotas, in a line; "" where no
// step looked.
func capacity(c *record.ModelCapacity) string {
	if c == nil {
		return ""
	}
	parts := []string{"access " + word(c.Access), "lifecycle " + word(c.Lifecycle)}
	if c.EndOfLife != nil {
		parts = append(parts, "end of life "+c.EndOfLife.UTC().Format(time.DateOnly))
	}
	parts = append(parts, "Provisioned Throughput: model units in service "+optional(c.ProvisionedUnits))
	return strings.Join(parts, ", ")
}

func word(w string) string {
	if w == "" {
		return "unknown"
	}
	return oneLine(w)
}

// doubts are the notes of all steps: what could not be read, and how old values
// are.
func doubts(r *record.Run) (out []string) {
	for _, s := range r.Steps {
		for _, n := range s.Notes {
			out = append(out, oneLine(s.Name)+": "+oneLine(n))
		}
	}
	return out
}
