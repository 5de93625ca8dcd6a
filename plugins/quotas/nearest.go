package quotas

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// near is a row whose label has words of a model's name.
type near struct {
	row
	words []string // of the label, behind the maker
	form  form     // the nearest of the model's
	share float64  // how much is common
	begin int      // how many words are common from the beginning
}

// nearest lists the three rows of a dimension and a scope whose labels have
// most in common with a model's names. None is near without a common word of
// three letters.
func (t *Table) nearest(dimension, scope string, n naming) []near {
	type name struct {
		form          form
		words, sorted []string
	}
	var names []name
	for _, f := range n.forms {
		if words := n.own(f.words); f.tier <= aliased {
			names = append(names, name{f, words, slices.Sorted(slices.Values(words))})
		}
	}
	var all []near
	for _, r := range t.rows {
		if r.dimension != dimension || r.variant != "" || !r.binds(scope) {
			continue
		}
		best := near{row: r, words: n.own(r.tokens)}
		sorted := r.sorted
		if len(best.words) < len(r.tokens) {
			sorted = slices.Sorted(slices.Values(best.words))
		}
		for _, name := range names {
			if v := share(name.sorted, sorted); v > best.share {
				best.share, best.form, best.begin = v, name.form, begin(name.words, best.words)
			}
		}
		if best.share > 0 {
			all = append(all, best)
		}
	}
	slices.SortFunc(all, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(b.begin, a.begin), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return all[:min(3, len(all))]
}

// share is how much of two sorted lists of words is common to both, from 0 to
// 1, and 0 where that is numbers only.
func share(a, b []string) float64 {
	common, word := 0, false
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := cmp.Compare(a[i], b[j]); {
		case c == 0:
			common++
			word = word || wordy(a[i:i+1]) > 0
			i++
			j++
		case c < 0:
			i++
		default:
			j++
		}
	}
	if !word {
		return 0
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

// begin counts the words that two lists have in common from the beginning.
func begin(a, b []string) int {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return i
}

// difference says in which words a label is unlike the model's name.
func (q near) difference(n naming) string {
	model := n.own(q.form.words)
	lacks := func(a, b []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(a), func(w string) bool { return slices.Contains(b, w) }), " ")
	}
	switch more, less := lacks(q.words, model), lacks(model, q.words); {
	case more == "" && less == "":
		return "the label has the same words, and belongs to another maker or is written otherwise"
	case less == "":
		return fmt.Sprintf("the label has %q besides", more)
	case more == "":
		return fmt.Sprintf("the label does not have %q", less)
	default:
		return fmt.Sprintf("the label has %q where the model has %q", more, less)
	}
}
