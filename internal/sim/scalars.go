package sim

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The readers of single values. Each returns a function that fits field.read
// and stores what it understood; what it does not understand is a problem, and
// then nothing is stored.

// text reads a text that is not empty.
func (r *reader) text(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(textSchema(*to, nil)) {
			return
		}
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			r.wrongType(n, "a text is wanted")
			return
		}
		if n.Value == "" {
			r.add(n, "write something between the quotes", "the text is empty")
			return
		}
		*to = n.Value
	}
}

// id reads a text that is fit for a URL path and a metric's dimension.
func (r *reader) id(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(textSchema(*to, object{"pattern": `^[^\x00-\x20\x7f]+$`})) {
			return
		}
		var s string
		r.text(&s)(n)
		if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			r.add(n, "an id looks like anthropic.claude-3-haiku-20240307-v1:0", "an id has no spaces or control characters")
			return
		}
		*to = s
	}
}

// choice reads one word of a few.
func (r *reader) choice(to *string, words ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(textSchema(*to, object{"type": "string", "enum": words})) {
			return
		}
		var s string
		r.text(&s)(n)
		if s == "" {
			return
		}
		for _, w := range words {
			if s == w {
				*to = s
				return
			}
		}
		r.add(n, hintFor(s, words), "unknown value %s", quote(s))
	}
}

// choices reads a list with at least one word, out of a few.
func (r *reader) choices(to *[]string, words ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var all []string
		r.list(n, "the value", func(item *yaml.Node) {
			var s string
			r.choice(&s, words...)(item)
			all = append(all, s)
		})
		if r.sketching(object{"minItems": 1, "default": *to}) {
			return
		}
		if len(all) > 0 {
			*to = all
		} else if n.Kind == yaml.SequenceNode {
			r.add(n, "leave the key out to get its default", "the list is empty")
		}
	}
}

// boolean reads true or false, and nothing that other YAML readers take for it.
func (r *reader) boolean(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(object{"type": "boolean", "default": *to}) {
			return
		}
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" || n.Tag == "!!str" {
			r.wrongType(n, "true or false is wanted")
			return
		}
		*to = n.Value == "true"
	}
}

var numberForm = regexp.MustCompile(`^(0|[1-9][0-9_]*)(\.[0-9]+)?([eE]\+?[0-9]{1,2})?([kMG]?)$`)

// number reads a number from lo to hi; 50k, 2M and 1G are understood.
func (r *reader) number(to *float64, lo, hi float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(numberSchema("number", *to, lo, hi)) {
			return
		}
		if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			r.wrongType(n, "a number is wanted")
			return
		}
		m := numberForm.FindStringSubmatch(n.Value)
		if m == nil {
			r.add(n, "write it like 60, 0.25, 50k or 2M", "%s is not a number that is understood here%s", quote(n.Value), whyNot(n.Value))
			return
		}
		v, err := strconv.ParseFloat(strings.ReplaceAll(m[1]+m[2]+m[3], "_", ""), 64)
		v *= map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[m[4]]
		if err != nil || v < lo || v > hi {
			r.add(n, "change it, or leave the key out to get its default", "%s is not between %s and %s", n.Value,
				strconv.FormatFloat(lo, 'f', -1, 64), strconv.FormatFloat(hi, 'f', -1, 64))
			return
		}
		*to = v
	}
}

// whyNot names the usual slips in a number.
func whyNot(s string) string {
	switch low := strings.ToLower(s); {
	case strings.HasPrefix(s, "-"):
		return ": it is negative"
	case strings.Contains(low, "inf"), strings.Contains(low, "nan"):
		return ": it is not finite"
	case len(s) > 1 && s[0] == '0' && s[1] != '.':
		return ": it would be octal or hexadecimal"
	case strings.HasSuffix(s, "%"):
		return ": write a fraction, 0.1 for 10 %"
	}
	return ""
}

// count reads a whole number from lo to 1e12.
func (r *reader) count(to *int64, lo int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(numberSchema("integer", float64(*to), float64(lo), 1e12)) {
			return
		}
		v := -1.0
		r.number(&v, float64(lo), 1e12)(n)
		switch {
		case v < 0:
		case v != float64(int64(v)):
			r.add(n, "round it", "%s is not a whole number", n.Value)
		default:
			*to = int64(v)
		}
	}
}

var dayForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)d$`)

// duration reads a time with its unit (ns, us, ms, s, m, h, d), at most ten years.
func (r *reader) duration(to *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(durationSchema(*to)) {
			return
		}
		if n.Kind != yaml.ScalarNode {
			r.wrongType(n, "a duration is wanted")
			return
		}
		d, err := time.ParseDuration(n.Value)
		if m := dayForm.FindStringSubmatch(n.Value); m != nil {
			days, _ := strconv.ParseFloat(m[1], 64)
			d, err = time.Duration(min(days, 1e5)*24*float64(time.Hour)), nil
		}
		const most = 10 * 365 * 24 * time.Hour
		switch {
		case err != nil && numberForm.MatchString(n.Value):
			r.add(n, "write "+n.Value+"ms, "+n.Value+"s, "+n.Value+"m or "+n.Value+"h", "the duration %s has no unit", quote(n.Value))
		case err != nil:
			r.add(n, "write it like 200ms, 30s, 5m, 6h or 15d", "%s is not a duration", quote(n.Value))
		case d < 0 || d > most || n.Value[0] == '-':
			r.add(n, "write it like 200ms, 30s, 5m, 6h or 15d", "%s is not between 0s and ten years", quote(n.Value))
		case d == 0 && n.Value == "0":
			r.add(n, `write "0s"`, "the duration %s has no unit", quote(n.Value))
		default:
			*to = d
		}
	}
}
