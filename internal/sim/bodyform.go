package sim

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// bodyForm is what the body of a family has to look like, as a JSON Schema would
// say it. What does not fit is told in the words of the validator that Bedrock
// answers with, as far as reports show them:
//
//	#: required key [texts] not found
//	#: extraneous key [top_p] is not permitted
//	#/stopSequences: expected type: JSONArray, found: String
//	#/p: 1 is not less or equal to 0.99
type bodyForm struct {
	// strict: keys that are not listed are refused, as AWS is known to do it for
	// the family. Other families refuse only keys that mark the body of another.
	strict bool
	keys   []key
}

// key is one member of a body.
type key struct {
	name      string
	is        shape
	required  bool
	low, high float64   // of a number, of the length of a text, of how many items a list has; both 0: any
	words     []string  // the only texts that it may be, itself or as an item
	numbers   []float64 // the only numbers that it may be
	inner     []key     // the members of an object, or of the objects in a list
	items     shape     // of a list
	longest   float64   // text in a list; 0: any length
}

// shape is a type of JSON, in the validator's words.
type shape string

const (
	anything shape = ""
	text     shape = "String"
	number   shape = "Number"
	whole    shape = "Integer"
	boolean  shape = "Boolean"
	list     shape = "JSONArray"
	dict     shape = "JSONObject"
)

func need(name string, is shape) key { return key{name: name, is: is, required: true} }
func may(name string, is shape) key  { return key{name: name, is: is} }

// within bounds a number, the length of a text, or how many items a list has.
func (k key) within(low, high float64) key {
	k.low, k.high = low, high
	return k
}

// among names the only texts that there are.
func (k key) among(words ...string) key {
	k.words = words
	return k
}

// equal names the only numbers that there are.
func (k key) equal(numbers ...float64) key {
	k.numbers = numbers
	return k
}

// of names the members of an object, or of the objects in a list.
func (k key) of(inner ...key) key {
	k.inner = inner
	if k.is == list {
		k.items = dict
	}
	return k
}

// ofTexts makes it a list of texts.
func (k key) ofTexts() key {
	k.items = text
	return k
}

// upTo bounds the length of the texts in a list.
func (k key) upTo(characters float64) key {
	k.longest = characters
	return k
}

// marks are the keys that tell a family's body from others. A form that does not
// list them refuses them, be it strict or not.
var marks = []string{
	"anthropic_version", "aspect_ratio", "inferenceConfig", "inputPrompt", "inputText", "inputType", "maxTokens", "max_gen_len",
	"max_tokens", "max_tokens_to_sample", "message", "messages", "prompt", "query", "schemaVersion", "singleEmbeddingParams", "taskType", "textGenerationConfig", "text_prompts", "texts",
}

// body is the JSON of a request that fits its form: what is there has its type.
type body map[string]any

// parse reads a body and checks it. A key that is null counts as one that is not
// there, but where the form is strict.
func (f *bodyForm) parse(raw []byte) (body, *fault) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, malformed("the body is not JSON: " + err.Error())
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("#: expected type: JSONObject, found: " + shapeOf(v))
	}
	c := formCheck{strict: f.strict}
	c.object("#", o, f.keys, true)
	if len(c.wrong) > 0 {
		return nil, malformed(strings.Join(c.wrong[:min(len(c.wrong), mostViolations)], ""))
	}
	return o, nil
}

// mostViolations is how many of them are told.
const mostViolations = 16

// formCheck collects what does not fit.
type formCheck struct {
	strict bool
	wrong  []string
}

// place is a member of what stands at a path. The two are joined only where that
// is needed: almost all that is looked at fits.
type place struct{ path, name string }

func (at place) String() string { return at.path + "/" + at.name }

func (c *formCheck) add(path, what string) { c.wrong = append(c.wrong, path+": "+what) }

func (c *formCheck) object(path string, o map[string]any, keys []key, top bool) {
	there := 0
	for i := range keys {
		v, ok := o[keys[i].name]
		if ok {
			there++
		}
		if keys[i].required && (!ok || v == nil && !c.strict) {
			c.add(path, "required key ["+keys[i].name+"] not found")
		}
	}
	if there < len(o) {
		c.extraneous(path, o, keys, top)
	}
	for i := range keys {
		if v, ok := o[keys[i].name]; ok && (v != nil || c.strict) {
			c.value(place{path, keys[i].name}, v, &keys[i])
		}
	}
}

// extraneous refuses keys that are not listed. In the members of an object a form
// that is not strict takes them all.
func (c *formCheck) extraneous(path string, o map[string]any, keys []key, top bool) {
	var found []string
	for name := range o {
		listed := slices.ContainsFunc(keys, func(k key) bool { return k.name == name })
		if !listed && (c.strict && keys != nil || top && slices.Contains(marks, name)) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	for _, name := range found {
		c.add(path, "extraneous key ["+name+"] is not permitted")
	}
}

func (c *formCheck) value(at place, v any, k *key) {
	if k.is != anything && !fits(v, k.is) {
		c.add(at.String(), "expected type: "+string(k.is)+", found: "+shapeOf(v))
		return
	}
	switch v := v.(type) {
	case string:
		if k.words != nil && !slices.Contains(k.words, v) {
			c.add(at.String(), v+" is not a valid enum value")
		}
		c.count(at, utf8.RuneCountInString(v), k, "expected minLength: ", "expected maxLength: ", ", actual: ")
	case float64:
		c.bounds(at, v, k)
	case map[string]any:
		if k.inner != nil {
			c.object(at.String(), v, k.inner, false)
		}
	case []any:
		c.items(at, v, k)
	}
}

func (c *formCheck) bounds(at place, v float64, k *key) {
	say := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch {
	case k.numbers != nil && !slices.Contains(k.numbers, v):
		c.add(at.String(), say(v)+" is not a valid enum value")
	case k.low == 0 && k.high == 0:
	case v < k.low:
		c.add(at.String(), say(v)+" is not greater or equal to "+say(k.low))
	case v > k.high:
		c.add(at.String(), say(v)+" is not less or equal to "+say(k.high))
	}
}

// count checks how many characters or items there are.
func (c *formCheck) count(at place, n int, k *key, least, most, found string) {
	switch {
	case k.low == 0 && k.high == 0:
	case float64(n) < k.low:
		c.add(at.String(), least+strconv.Itoa(int(k.low))+found+strconv.Itoa(n))
	case float64(n) > k.high:
		c.add(at.String(), most+strconv.Itoa(int(k.high))+found+strconv.Itoa(n))
	}
}

func (c *formCheck) items(at place, v []any, k *key) {
	c.count(at, len(v), k, "expected minimum item count: ", "expected maximum item count: ", ", found: ")
	if k.items == anything {
		return
	}
	path := at.String()
	item := key{is: k.items, words: k.words, inner: k.inner, high: k.longest}
	for i, one := range v {
		if len(c.wrong) >= mostViolations {
			return
		}
		c.value(place{path, strconv.Itoa(i)}, one, &item)
	}
}

func fits(v any, is shape) bool {
	switch v := v.(type) {
	case string:
		return is == text
	case float64:
		return is == number || is == whole && v == math.Trunc(v) && math.Abs(v) < 1<<53
	case bool:
		return is == boolean
	case []any:
		return is == list
	case map[string]any:
		return is == dict
	}
	return false
}

// shapeOf names the type of a value as the validator does.
func shapeOf(v any) string {
	switch v := v.(type) {
	case string:
		return string(text)
	case float64:
		if fits(v, whole) {
			return string(whole)
		}
		return "BigDecimal"
	case bool:
		return string(boolean)
	case []any:
		return string(list)
	case map[string]any:
		return string(dict)
	}
	return "Null"
}

// text, number, texts, objects and member read what the form has checked; what
// is not there is empty.
func (b body) text(name string) string {
	s, _ := b[name].(string)
	return s
}

// number reads a whole number, nil where there is none.
func (b body) number(name string) *int64 {
	v, ok := b[name].(float64)
	if !ok {
		return nil
	}
	n := int64(v)
	return &n
}

func (b body) texts(name string) (all []string) {
	items, _ := b[name].([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func (b body) objects(name string) (all []body) {
	items, _ := b[name].([]any)
	for _, item := range items {
		if o, ok := item.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}

// member follows a path of objects, like "inferenceConfig/maxTokens", to the
// object that has its last name.
func (b body) member(path string) (in body, name string) {
	for {
		first, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			return b, path
		}
		o, _ := b[first].(map[string]any)
		b, path = o, rest
	}
}
