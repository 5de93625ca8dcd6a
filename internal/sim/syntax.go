package sim

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax reports an error of the YAML parser, which knows no column, and of the
// line often only where the surrounding block begins.
func (r *reader) syntax(src []byte, err error) {
	line, column, text := 1, 1, err.Error()
	if m := yamlError.FindStringSubmatch(strings.SplitN(text, "\n", 2)[0]); m != nil {
		text = m[2]
		line, _ = strconv.Atoi(m[1]) // 0 where there is none
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		name = "*" + strings.TrimSuffix(name, "' referenced")
		line, column = r.find(func(s string) int { return strings.Index(s, name) })
	} else if strings.Contains(text, "control characters") {
		line, column = r.find(func(s string) int {
			return strings.IndexFunc(s, func(c rune) bool { return c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 })
		})
	} else if found := firstBadLine(src); found > 0 {
		line = found
	}
	line = max(1, min(line, len(r.lines)))
	r.at(line, column, "look at the indentation, colons, brackets and quotes from here on", "this is not YAML: %s", text)
}

// find returns the first place for which index is not negative, or 1:1.
func (r *reader) find(index func(string) int) (line, column int) {
	for i, l := range r.lines {
		if at := index(l); at >= 0 {
			return i + 1, 1 + utf8.RuneCountInString(l[:at])
		}
	}
	return 1, 1
}

// firstBadLine returns the line after the longest beginning of the file that is
// YAML, or 0 where the file is too long to try. It searches by halves; since the
// beginning of a good bracket or quote over several lines is no YAML either, a
// beginning only counts as bad if a few more lines do not mend it.
func firstBadLine(src []byte) int {
	const longest, mending = 256 << 10, 5
	if len(src) > longest {
		return 0
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	ends := make([]int, len(lines)+1)
	for i, l := range lines {
		ends[i+1] = ends[i] + len(l)
	}
	bad := func(n int) bool {
		for more := n; more <= min(n+mending, len(lines)); more++ {
			if isYAML(src[:ends[more]]) {
				return false
			}
		}
		return true
	}
	good, wrong := 0, len(lines)
	for wrong-good > 1 {
		if middle := (good + wrong) / 2; bad(middle) {
			wrong = middle
		} else {
			good = middle
		}
	}
	return wrong
}

func isYAML(src []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			return err == io.EOF
		}
	}
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		c, size := utf8.DecodeRune(src[i:])
		if c == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(src)
}
