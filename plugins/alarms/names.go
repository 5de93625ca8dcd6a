package alarms

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loadline-dev/loadline/plugins"
)

// TagKey is the tag by which the alarms of a scenario are known again; its value is
// [Settings.Owner]. An alarm without it is not touched.
const TagKey = "loadline:scenario"

// The marks that are kept beside letters and digits. None of them means anything
// to CloudFormation, Terraform, YAML or a shell within quotes.
const (
	tagMarks  = " +-=._:/@" // all that AWS takes in a tag
	nameMarks = "+-=._:/@"
	textMarks = tagMarks + "(),%"
)

// The most bytes of each.
const (
	maxName        = 255
	maxTag         = 256
	maxDescription = 1024
)

// Owner is the value of the tag: the name of the scenario.
func (s Settings) Owner() string { return fitted(s.Scenario, tagMarks, maxTag) }

// NamePrefix is how the names of all alarms of a scenario begin.
func (s Settings) NamePrefix() string {
	if s.Prefix != "" {
		return s.Prefix + "-"
	}
	return fitted("loadline-"+strings.ReplaceAll(s.Scenario, " ", "-"), nameMarks, 120) + "-"
}

// name is the name of one alarm. What can change while the alarm stays the same,
// such as the value of the quota, is not in it.
func (s Settings) name(parts ...string) string {
	return fitted(s.NamePrefix()+strings.ReplaceAll(strings.Join(parts, "-"), " ", "-"), nameMarks, maxName)
}

// describe is the description of an alarm.
func (s Settings) describe(what, unseen string) string {
	text := what + ". Planned by the Loadline scenario " + s.Scenario + "."
	if unseen != "" {
		text += " Not seen: " + unseen + "."
	}
	return cut(plain(text, textMarks), maxDescription)
}

// plain replaces what is no letter, digit or one of the marks.
func plain(text, marks string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(marks, r) {
			return '-'
		}
		return r
	}, text)
}

// fitted makes a text plain and short enough. One that is changed by it gets a
// digest of what it was, so that two stay two.
func fitted(text, marks string, most int) string {
	out := plain(text, marks)
	if out == text && len(out) <= most {
		return out
	}
	sum := sha256.Sum256([]byte(text))
	digest := "-" + hex.EncodeToString(sum[:4])
	return cut(out, most-len(digest)) + digest
}

// cut shortens a text to so many bytes, between two runes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// Tags are those that an alarm is put with.
func (s Settings) Tags() map[string]string { return map[string]string{TagKey: s.Owner()} }

// Owns says whether an alarm of the account is one of the scenario's.
func (s Settings) Owns(a plugins.AlarmFound) bool { return a.Tags[TagKey] == s.Owner() }
