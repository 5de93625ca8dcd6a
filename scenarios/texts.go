package scenarios

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxText       = 200 << 10 // a prompt
	maxLine       = 1000
	maxExpression = 4 << 10
	maxName       = 100
	maxModelID    = 2048 // the longest that Bedrock takes
)

// A control character in the sense of these patterns is any that a terminal might obey, line breaks among them.
const oneLine = `^[^\x00-\x1f\x7f-\x9f` + "\u2028\u2029" + `]+$`

var (
	keyPattern       = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	modelNamePattern = regexp.MustCompile(oneLine)
)

// word is a scalar as it stands in the file.
type word struct {
	text  string
	tag   string // !!str, !!int, !!float or !!bool: what YAML makes of it
	plain bool   // written without quotes
}

// flaw is what is wrong with one value. The message goes on after the value's path: "needs a number, not ...".
type flaw struct{ code, message, hint string }

// show quotes the word for a message, as YAML understands it.
func (w word) show() string {
	const most = 60
	text := w.text
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	switch w.tag {
	case "!!int", "!!float":
		return "the number " + text
	case "!!bool":
		return text
	}
	return `"` + text + `"`
}

// Text is any text that is not empty. A number or a boolean stands for the text it is written as.
func Text() Type {
	return textRule{words: "a text", loose: true, max: maxText}.make()
}

// Line is a text of one line.
func Line() Type {
	return textRule{words: "a text of one line", loose: true, max: maxLine, pattern: oneLine, code: "bad-line",
		hint: "a line break or another control character cannot stand here"}.make()
}

// Expression is the text of an expression. It is compiled elsewhere; see [Node.Place].
func Expression() Type {
	return textRule{words: "an expression", loose: true, max: maxExpression, pattern: `\S`, code: "empty-value",
		hint: "for example: throttle_rate > 0.5"}.make()
}

// Pattern is a text of a form of its own. Code is that of the problem with a text that does not match, and hint its way out.
func Pattern(words, pattern, code, hint string) Type {
	return textRule{words: words, max: maxName, pattern: pattern, code: code, hint: hint}.make()
}

// Name is the name of a step or the like: a letter, then letters, digits, _ and -.
func Name() Type {
	return textRule{words: "a name", max: maxName, pattern: `^[A-Za-z][A-Za-z0-9_-]*$`, code: "bad-name",
		hint: "a name begins with a letter and has only letters, digits, _ and -"}.make()
}

// ModelRef is the name of a model: a key of the scenario's models.
func ModelRef() Type {
	t := textRule{words: "the name of a model", max: maxName}.make()
	t.model = true
	return t
}

// ModelID is what Bedrock calls a model: a model id, an inference profile id or an ARN.
func ModelID() Type {
	return textRule{words: "a model id", max: maxModelID, code: "bad-model-id",
		pattern: `^([A-Za-z0-9][A-Za-z0-9._:-]*|arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:([0-9]{12})?(:[a-z-]+(/[A-Za-z0-9][A-Za-z0-9._:-]*)+))$`,
		hint:    "write a model id, an inference profile id or an ARN, such as us.anthropic.claude-sonnet-4-5-20250929-v1:0"}.make()
}

// QuotaCode is the code of a quota in Service Quotas.
func QuotaCode() Type {
	return textRule{words: "a quota code", max: maxName, pattern: `^L-[0-9A-Z]{8}$`, code: "bad-quota-code",
		hint: "the code of a quota is L- and eight digits or capital letters, such as L-2DC80978"}.make()
}

// AccountID is the number of an AWS account, as a text, because it may begin with zeros.
func AccountID() Type {
	return textRule{words: "an account number of twelve digits in quotes", max: maxName, pattern: `^[0-9]{12}$`, code: "bad-account",
		hint: `write the twelve digits in quotes, so that leading zeros stay: "012345678901"`}.make()
}

// Enum is one word of a fixed set.
func Enum(values ...string) Type {
	words := "one of " + strings.Join(values, ", ")
	if len(values) == 1 {
		words = values[0]
	}
	return Type{
		shape: shapeScalar, words: words,
		schema: map[string]any{"type": "string", "enum": values},
		read: func(w word, n *Node) *flaw {
			if w.tag == "!!str" && slices.Contains(values, w.text) {
				n.text = w.text
				return nil
			}
			hint := "write " + words
			if near, ok := Closest(w.text, values); ok {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			return &flaw{"bad-value", fmt.Sprintf("needs %s, not %s", words, w.show()), hint}
		},
	}
}

// region is an AWS region.
func region() Type {
	return textRule{words: "an AWS region", max: maxName, pattern: `^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`, code: "bad-region",
		hint: "for example: us-east-1"}.make()
}

// stepName is a name that does not hide one of the names that expressions and run.json have beside the steps.
func stepName() Type {
	reserved := []string{"name", "id", "base_id", "family", "provider", "scope", "quotas", "quota", "capacity", "problems"}
	t := Name()
	t.schema["not"] = map[string]any{"enum": reserved}
	plain := t.read
	t.read = func(w word, n *Node) *flaw {
		if slices.Contains(reserved, w.text) {
			return &flaw{"reserved-name", fmt.Sprintf("cannot be %q: expressions have something else of that name", w.text),
				"choose another name; taken are " + listed(reserved)}
		}
		return plain(w, n)
	}
	return t
}

// textRule describes a kind of text; make turns it into a Type whose loader and schema follow the same rule.
type textRule struct {
	words   string
	loose   bool // a number or a boolean is taken as the text it is written as
	max     int  // characters
	pattern string
	code    string // of a text that does not match
	hint    string
}

func (r textRule) make() Type {
	schema := map[string]any{"type": "string", "minLength": 1, "maxLength": r.max}
	if r.loose {
		schema["type"] = []string{"string", "number", "boolean"}
	}
	var pattern *regexp.Regexp
	if r.pattern != "" {
		schema["pattern"] = r.pattern
		pattern = regexp.MustCompile(r.pattern)
	}
	return Type{shape: shapeScalar, words: r.words, schema: schema, read: func(w word, n *Node) *flaw {
		n.text = w.text
		return r.refuse(w, pattern)
	}}
}

func (r textRule) refuse(w word, pattern *regexp.Regexp) *flaw {
	switch {
	case w.tag != "!!str" && r.loose:
		return nil
	case w.tag != "!!str":
		hint := fmt.Sprintf(`put it in quotes: "%s"`, w.text)
		if pattern != nil && !pattern.MatchString(w.text) {
			hint = r.hint
		}
		return &flaw{cmp.Or(r.code, "bad-type"), fmt.Sprintf("needs %s, not %s", r.words, w.show()), hint}
	case w.text == "":
		return &flaw{"empty-value", "is empty", fmt.Sprintf("write %s, or leave the key out", r.words)}
	case utf8.RuneCountInString(w.text) > r.max:
		return &flaw{"too-long", fmt.Sprintf("has %d characters; at most %d are allowed", utf8.RuneCountInString(w.text), r.max), "make it shorter"}
	case pattern != nil && !pattern.MatchString(w.text):
		return &flaw{r.code, fmt.Sprintf("needs %s, not %s", r.words, w.show()), r.hint}
	}
	return nil
}
