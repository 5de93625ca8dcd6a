package sim

import (
	"encoding/json"
	"strings"
	"testing"
)

// What does not fit is told in the words that reports of Bedrock show, all of it
// at once: first the keys, then the values.
func TestBodyForm(t *testing.T) {
	form := bodyForm{strict: true, keys: []key{
		need("name", text).within(2, 4), may("p", number).within(0, 0.99), may("n", whole), may("yes", boolean), may("odd", whole).equal(1, 3),
		may("words", list).ofTexts().among("a", "b").within(1, 3).upTo(0), may("short", list).ofTexts().upTo(3),
		may("in", dict).of(need("x", text), may("y", list).of(may("z", number))), may("any", anything),
	}}
	open := bodyForm{keys: form.keys}
	for _, test := range []struct{ body, strict, open string }{
		{`{"name":"ship"}`, "", ""},
		{`{"name":"sh","p":0.5,"n":-3,"yes":false,"odd":3,"words":["a","b"],"short":["abc"],"in":{"x":"","y":[{"z":1.5}]},"any":[7]}`, "", ""},
		{`{"any":null}`, "#: required key [name] not found", "#: required key [name] not found"}, // anything may be null
		{`{"name":null}`, "#/name: expected type: String, found: Null", "#: required key [name] not found"},
		{`{"name":"ship","p":null}`, "#/p: expected type: Number, found: Null", ""},
		{`{"b":1,"a":1,"p":1}`, "#: required key [name] not found#: extraneous key [a] is not permitted#: extraneous key [b] is not permitted#/p: 1 is not less or equal to 0.99",
			"#: required key [name] not found#/p: 1 is not less or equal to 0.99"},
		{`{"name":"ship","prompt":1}`, "#: extraneous key [prompt] is not permitted", "#: extraneous key [prompt] is not permitted"},
		{`{"name":"ship","in":{"x":"a","prompt":1}}`, "#/in: extraneous key [prompt] is not permitted", ""},
		{`{"name":"s"}`, "#/name: expected minLength: 2, actual: 1", "#/name: expected minLength: 2, actual: 1"},
		{`{"name":"éééé"}`, "", ""},
		{`{"name":"ships"}`, "#/name: expected maxLength: 4, actual: 5", "#/name: expected maxLength: 4, actual: 5"},
		{`{"name":"ship","n":1.5}`, "#/n: expected type: Integer, found: BigDecimal", "#/n: expected type: Integer, found: BigDecimal"},
		{`{"name":"ship","n":1e300}`, "#/n: expected type: Integer, found: BigDecimal", "#/n: expected type: Integer, found: BigDecimal"},
		{`{"name":"ship","p":-1}`, "#/p: -1 is not greater or equal to 0", "#/p: -1 is not greater or equal to 0"},
		{`{"name":"ship","odd":2}`, "#/odd: 2 is not a valid enum value", "#/odd: 2 is not a valid enum value"},
		{`{"name":"ship","words":"a"}`, "#/words: expected type: JSONArray, found: String", "#/words: expected type: JSONArray, found: String"},
		{`{"name":"ship","words":[]}`, "#/words: expected minimum item count: 1, found: 0", "#/words: expected minimum item count: 1, found: 0"},
		{`{"name":"ship","words":["a","c",1,"a"]}`, "#/words: expected maximum item count: 3, found: 4#/words/1: c is not a valid enum value#/words/2: expected type: String, found: Integer",
			"#/words: expected maximum item count: 3, found: 4#/words/1: c is not a valid enum value#/words/2: expected type: String, found: Integer"},
		{`{"name":"ship","short":["abcd"]}`, "#/short/0: expected maxLength: 3, actual: 4", "#/short/0: expected maxLength: 3, actual: 4"},
		{`{"name":"ship","in":{"y":[{"z":"a"},7]}}`, "#/in: required key [x] not found#/in/y/0/z: expected type: Number, found: String#/in/y/1: expected type: JSONObject, found: Integer",
			"#/in: required key [x] not found#/in/y/0/z: expected type: Number, found: String#/in/y/1: expected type: JSONObject, found: Integer"},
		{`7`, "#: expected type: JSONObject, found: Integer", "#: expected type: JSONObject, found: Integer"},
		{`null`, "#: expected type: JSONObject, found: Null", "#: expected type: JSONObject, found: Null"},
	} {
		for f, want := range map[*bodyForm]string{&form: test.strict, &open: test.open} {
			got := ""
			if _, bad := f.parse([]byte(test.body)); bad != nil {
				got = strings.TrimSuffix(strings.TrimPrefix(bad.message, "Malformed input request: "), ", please reformat your input and try again.")
			}
			if got != want {
				t.Errorf("strict %t, %s: %q; want %q", f.strict, test.body, got, want)
			}
		}
	}
	if _, bad := form.parse([]byte(`{"name":"ship","words":[` + strings.Repeat("7,", 1_000_000) + `7]}`)); bad == nil || len(bad.message) > 2000 {
		t.Errorf("a million mistakes make a message of %d characters", len(bad.message))
	}
}

// Whatever a body is, a family takes it, with counts that it can have, or refuses
// it as a mistake of its caller; and its reply is JSON.
func FuzzFamilies(f *testing.F) {
	for i, family := range families {
		_, body := goodBody(family.name)
		f.Add(uint8(i), body)
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		family := &families[int(which)%len(families)]
		a, bad := family.parse([]byte(body))
		if bad != nil {
			if bad.status != 400 || bad.code != "ValidationException" || bad.message == "" {
				t.Errorf("%s refuses %q with %+v", family.name, body, bad)
			}
			return
		}
		m := &model{id: family.prefixes[0], maxOutput: 4096}
		in, out := a.inputTokens(), a.outputLimit(m)
		if in < 0 || in > int64(len(body))*imageTokens || out < 0 || out > anyNumber || (out > 0) != (family.yields == yieldsText) {
			t.Fatalf("%s reads %q as %d tokens in and at most %d out", family.name, body, in, out)
		}
		an := &answer{inputTokens: min(in, 100), outputTokens: min(out, 5), id: "0", wanted: a.wanted}
		reply := family.reply(m, an)
		written, ready := reply.(readyJSON)
		if !ready {
			var err error
			if written, err = json.Marshal(reply); err != nil {
				t.Fatal(err)
			}
		}
		if !json.Valid(written) {
			t.Errorf("%s answers %q with %.300q", family.name, body, written)
		}
	})
}
