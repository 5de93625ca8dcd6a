package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// remarks are the problems or the notes of the models, a line each. Where several
// models share one, it is told once, with how many have it.
func remarks(f *findings, of func(discovered) []string) []string {
	var order []string
	ids := map[string][]string{}
	for _, m := range f.Models {
		for _, text := range of(m) {
			if ids[text] == nil {
				order = append(order, text)
			}
			ids[text] = append(ids[text], m.ID)
		}
	}
	var out []string
	for _, text := range order {
		who := ids[text][0]
		if n := len(ids[text]); n > 1 {
			who += fmt.Sprintf(" and %d more", n-1)
		}
		out = append(out, record.CleanLine(who+": "+strings.TrimPrefix(text, who+" ")))
	}
	return out
}

// unread are the quotas that bind no model shown and have no value.
func unread(f *findings) (out []string) {
	for _, q := range f.Quotas {
		if q.Problem != "" && q.Binds == "" {
			out = append(out, fmt.Sprintf("%s: the applied value is not known: %s", q.Code, q.Problem))
		}
	}
	return out
}

func notes(m discovered) []string { return m.Notes }

// fewUnreachable is up to how many ids that cannot be called are told one by
// one. An account has dozens of models that work only through a profile.
const fewUnreachable = 3

// problemLines are all problems, a line each; of many ids that cannot be called
// it is one line with an example.
func problemLines(f *findings) []string {
	var out []string
	var refused []discovered
	for _, m := range f.Models {
		if m.unreachable != "" {
			refused = append(refused, m)
		}
	}
	many := len(refused) > fewUnreachable
	if many {
		example := refused[0]
		out = append(out, fmt.Sprintf("%d ids cannot be called as they are, such as %s, which %s (--format json tells of each)",
			len(refused), example.ID, strings.TrimPrefix(example.unreachable, example.ID+" ")))
	}
	return slices.Concat(out, remarks(f, func(m discovered) []string {
		return slices.DeleteFunc(slices.Clone(m.Problems), func(p string) bool { return many && p == m.unreachable })
	}), unread(f))
}
