package scenarios

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // a container of this program alone has no zones of its own
)

// instantPattern is a day, or a time of one, with or without its offset from UTC.
var instantPattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$`)

// instantForms are what matches instantPattern. Those without an offset are read in a zone.
var instantForms = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}

// Instant is a time: 2026-11-20T08:00:00Z, 2026-11-20T09:00+01:00, or without an offset, in a zone that something else says.
// See [Node.Time].
func Instant() Type {
	const hint = "write a day or a time of one, such as 2026-11-20, 2026-11-20T08:00 or 2026-11-20T08:00:00Z"
	t := textRule{words: "a time", max: maxName, pattern: instantPattern.String(), code: "bad-time", hint: hint}.make()
	form := t.read
	t.read = func(w word, n *Node) *flaw {
		if wrong := form(w, n); wrong != nil {
			return wrong
		}
		if _, ok := instantOf(w.text, time.UTC); !ok {
			return &flaw{"quantity-range", "is out of range: " + w.text, "no calendar or clock has it; " + hint}
		}
		return nil
	}
	return t
}

// Time is the value of an Instant; one without an offset is that of a zone.
func (n *Node) Time(in *time.Location) time.Time {
	at, _ := instantOf(n.Text(), in)
	return at
}

func instantOf(text string, in *time.Location) (time.Time, bool) {
	if len(text) > len(time.DateOnly) {
		text = text[:len(time.DateOnly)] + "T" + text[len(time.DateOnly)+1:]
	}
	for _, form := range instantForms {
		if at, err := time.ParseInLocation(form, text, in); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// Zone is the name of a time zone in the IANA database. Its value is a Text; see [Node.Location].
func Zone() Type {
	t := textRule{words: "a time zone", max: maxName, pattern: `^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`, code: "bad-zone",
		hint: "write its name in the IANA database, such as Europe/Berlin or UTC"}.make()
	form := t.read
	t.read = func(w word, n *Node) *flaw {
		if wrong := form(w, n); wrong != nil {
			return wrong
		}
		if _, err := time.LoadLocation(w.text); err != nil || w.text == "Local" {
			return &flaw{"bad-zone", fmt.Sprintf("needs a time zone, and %s is none that is known", w.show()), "write its name in the IANA database, such as Europe/Berlin or UTC"}
		}
		return nil
	}
	return t
}

// Location is the value of a Zone; UTC where none is written.
func (n *Node) Location() *time.Location {
	if in, err := time.LoadLocation(n.Text()); err == nil {
		return in
	}
	return time.UTC
}
