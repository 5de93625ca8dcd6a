package quotas

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// The tiers of forms: where one of them fits a quota, those behind it are not
// tried.
const (
	exact = iota // the same words and numbers
	aliased
	uninstructed // without Instruct, which AWS writes at some models only
	unsized      // without the size, which AWS leaves out where the name is enough
	tiers
)

// form is a way in which a quota may call a model.
type form struct {
	tier  int
	by    string // the rule that made it
	text  string // what it was made of
	words []string
}

// naming is all that a model may be called.
type naming struct {
	base   string
	stem   string
	makers [][]string // how names write the provider
	forms  []form
	// keys are the bags of words by which labels are found, with the form that
	// each comes from; the best tier, where there are several.
	keys map[string]int
}

// nameModel lists how the quotas may call a model. The name and the provider
// are those of the catalog, and "" where it does not list them.
func nameModel(base, name, provider string) naming {
	maker, part, ok := strings.Cut(base, ".")
	if !ok {
		maker, part = "", base
	}
	n := naming{base: base, stem: stem(base), makers: makers(maker, provider), keys: map[string]int{}}
	version := versionOf(part)
	id := tokens(version.of)
	if words := tokens(name); len(words) > 0 && !older(words, id) {
		// Without it, the versions of a model would have one name.
		if (version.major > 1 || version.major == 1 && version.minor > 0) && !hasVersion.MatchString(name) {
			words = append(words, version.String())
		}
		n.add(exact, "name", name, words)
	}
	if v := version.String(); len(id) > 0 && v != "" {
		id = append(id, v)
	}
	n.add(exact, "id", part, id)
	for _, a := range aliases {
		if strings.EqualFold(a.base, base) {
			n.add(aliased, "alias, "+a.reason, a.label, tokens(a.label))
		}
	}
	for _, f := range n.forms {
		if words := without(f.words, instruction); f.tier == exact && len(words) < len(f.words) {
			n.add(uninstructed, f.by+" without Instruct", f.text, words)
		}
	}
	for _, f := range n.forms {
		if words := without(f.words, size); f.tier != aliased && len(words) < len(f.words) && wordy(words) >= 2 {
			n.add(unsized, f.by+" without its size", f.text, words)
		}
	}
	n.index(tokens(part))
	return n
}

func (n *naming) add(tier int, by, text string, words []string) {
	if len(words) > 0 {
		n.forms = append(n.forms, form{tier, by, text, words})
	}
}

// index finds the keys of the forms: with the maker before the words, as
// written or in place of the one that stands there, and without one where the
// words alone are a name.
func (n *naming) index(id []string) {
	named := len(n.own(id)) < len(id) // the maker's name is part of the model's: Mistral Large
	for i, f := range n.forms {
		bare := n.own(f.words)
		if wordy(f.words) > 0 {
			n.key(i, bag(f.words))
		}
		if wordy(bare) > 0 && !named {
			n.key(i, bag(bare))
		}
		for _, m := range n.makers {
			n.key(i, bag(m, f.words))
			n.key(i, bag(m, bare))
		}
	}
}

// own are the words of a name behind its maker.
func (n *naming) own(words []string) []string {
	for _, m := range n.makers {
		if len(words) > len(m) && slices.Equal(words[:len(m)], m) {
			return words[len(m):]
		}
	}
	return words
}

func (n *naming) key(form int, bag string) {
	if at, ok := n.keys[bag]; !ok || n.forms[form].tier < n.forms[at].tier {
		n.keys[bag] = form
	}
}

// makers are the ways in which names of quotas write a provider: the first
// label of the id and the provider of the catalog, with AI or Labs written
// apart, added or left out. The longest come first.
func makers(label, provider string) [][]string {
	var out [][]string
	add := func(words ...string) {
		if len(words) > 0 && !slices.ContainsFunc(out, func(w []string) bool { return slices.Equal(w, words) }) {
			out = append(out, words)
		}
	}
	for _, name := range []string{label, provider} {
		words := tokens(name)
		if len(words) == 0 {
			continue
		}
		add(words...)
		last := len(words) - 1
		for _, tail := range []string{"ai", "labs"} {
			add(append(slices.Clone(words), tail)...)
			if head, ok := strings.CutSuffix(words[last], tail); ok && head != "" {
				apart := append(slices.Clone(words[:last]), head)
				add(apart...)
				add(append(apart, tail)...)
			} else if ok && last > 0 {
				add(words[:last]...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b []string) int { return len(b) - len(a) })
	return out
}

// wordy counts the words of three letters and more: what has none, such as r1
// or 3 32b, is no name without its maker.
func wordy(words []string) (n int) {
	for _, w := range words {
		if len(w) >= 3 && !strings.ContainsAny(w, "0123456789") {
			n++
		}
	}
	return n
}

// instruction are words that say that a model was trained to follow
// instructions; size is a number of parameters, all or active; month is a year
// and a month.
var (
	instruction = regexp.MustCompile(`^(?:instruct|it)$`)
	size        = regexp.MustCompile(`^[ae]?[0-9]+(?:\.[0-9]+)?(?:x[0-9]+(?:\.[0-9]+)?)?b$`)
	month       = regexp.MustCompile(`^2[1-9]\.(?:0[1-9]|1[0-2])$`)
	hasVersion  = regexp.MustCompile(`(?i)\bv[0-9]|[0-9]\.[0-9]`)
)

// older is true for a name that lacks a number of the id, as Ministral 3B does
// of ministral-3-3b: it could be that of an older model. A version in place of
// the id's month is no lack.
func older(name, id []string) bool {
	numbered := slices.ContainsFunc(name, number)
	return slices.ContainsFunc(id, func(w string) bool {
		return number(w) && !slices.Contains(name, w) && !(numbered && month.MatchString(w))
	})
}

// number is true for a version without a letter, such as 3 or 4.5.
func number(word string) bool { return strings.Trim(word, "0123456789.") == "" }

func without(words []string, what *regexp.Regexp) []string {
	return slices.DeleteFunc(slices.Clone(words), what.MatchString)
}

// version is the end of an id: v2:0 is major 2, minor 0. The first version is
// not written in names.
type version struct {
	of           string // the id without it, and without its date
	major, minor int    // 1, 0 where the id has none
}

// idVersion is a date, then a version and a revision. A version with a hyphen,
// such as rerank-v3-5, is part of the name.
var idVersion = regexp.MustCompile(`^(.*?)(?:-(?:[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}))?(?:-v([0-9]{1,3})|-([0-9]{1,3})(:[0-9]{1,3}))?(:[0-9]{1,3})?$`)

func versionOf(part string) version {
	m := idVersion.FindStringSubmatch(strings.ToLower(part))
	if m == nil {
		return version{of: part, major: 1}
	}
	v := version{of: m[1], major: 1}
	major, minor := m[2]+m[3], strings.TrimPrefix(m[4]+m[5], ":")
	if m[3] != "" && versioned.MatchString(m[1]) {
		v.of, major = m[1]+"-"+m[3], ""
	}
	if n, err := strconv.Atoi(major); err == nil {
		v.major = n
	}
	if n, err := strconv.Atoi(minor); err == nil {
		v.minor = n
	}
	return v
}

var versioned = regexp.MustCompile(`-v[0-9]+$`)

// String is the version as names write it.
func (v version) String() string {
	switch {
	case v.minor > 0:
		return fmt.Sprintf("%d.%d", v.major, v.minor)
	case v.major == 1:
		return ""
	}
	return fmt.Sprintf("v%d", v.major)
}

// stem is an id without its revision: ids that differ in nothing else have one
// name.
func stem(base string) string {
	head, _, _ := strings.Cut(strings.ToLower(base), ":")
	return head
}

// listed finds a model of the catalog, also by an id whose revision it leaves
// out: the context variant x-v3:0:512 is of the model x-v3.
func listed(base string, c plugins.Catalog) *plugins.FoundationModel {
	for i := range c.Models {
		if strings.EqualFold(c.Models[i].ID, base) {
			return &c.Models[i]
		}
	}
	if head, _, ok := strings.Cut(base, ":"); ok {
		for i := range c.Models {
			if strings.EqualFold(c.Models[i].ID, head) {
				return &c.Models[i]
			}
		}
	}
	return nil
}
