package sim

import (
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDecodeForm(t *testing.T) {
	for _, test := range []struct {
		form string
		want object // nil: it is refused
	}{
		{"Action=X&Version=2010-08-01", object{}},
		{"A=1&B=", object{"A": formText("1"), "B": formText("")}},
		{"A=1&A=2", object{"A": formText("1")}},
		{"A.B.C=x&A.D=y", object{"A": object{"B": object{"C": formText("x")}, "D": formText("y")}}},
		{"L.member.2=b&L.member.1=a", object{"L": []any{formText("a"), formText("b")}}},
		{"L.member.10=c&L.member.7=b&L.member.1=a", object{"L": []any{formText("a"), formText("b"), formText("c")}}},
		{"L.member.1.Id=a&L.member.1.S.member.1=b", object{"L": []any{object{"Id": formText("a"), "S": []any{formText("b")}}}}},
		{"member=x", object{"member": formText("x")}},
		{"L.member=x", object{"L": object{"member": formText("x")}}},
		{"A=1&A.B=2", nil},
		{"A..B=1", nil},
		{"=1", nil},
		{"L.member.0=a", nil},
		{"L.member.01=a", nil},
		{"L.member.x=a", nil},
		{"L.member.99999999999999999999=a", nil},
		{"L.member=b&L.member.1=a", nil},
		{"A.B.C.D.E.F.G.H.I.J.K.L.M.N.O.P.Q.R.S.T.U.V.W.X.Y.Z.A.B.C.D.E.F.G.H=1", nil},
	} {
		form, err := url.ParseQuery(test.form)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeForm(form)
		if (err == nil) != (test.want != nil) || test.want != nil && !reflect.DeepEqual(got, test.want) {
			t.Errorf("decodeForm(%s) = %v, %v; want %v", test.form, got, err, test.want)
		}
	}
}

// The members of a form have the types that a handler asks for, or are refused.
func TestFormTypes(t *testing.T) {
	o := object{
		"text": formText("x"), "number": formText("60"), "true": formText("true"), "false": formText("false"),
		"iso": formText("2026-03-03T12:00:00Z"), "epoch": formText("1772539200"), "empty": formText(""),
		"texts": []any{formText("a"), formText("b")}, "inf": formText("Inf"),
	}
	noon := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	f := &fields{object: o}
	n, _ := f.number("number")
	iso, _ := f.instant("iso")
	epoch, _ := f.instant("epoch")
	yes, no := false, true
	get(f, "true", &yes)
	get(f, "false", &no)
	if f.text("text") != "x" || n != 60 || !iso.Equal(noon) || !epoch.Equal(noon) || !yes || no ||
		len(f.list("empty")) != 0 || !reflect.DeepEqual(f.texts("texts"), []string{"a", "b"}) || f.bad != nil {
		t.Errorf("a form with the right types is read wrongly: %v", f.bad)
	}
	for name, read := range map[string]func(*fields){
		"a number of letters":  func(f *fields) { f.number("text") },
		"an infinite number":   func(f *fields) { f.number("inf") },
		"a truth of letters":   func(f *fields) { get(f, "text", new(bool)) },
		"a time of letters":    func(f *fields) { f.instant("text") },
		"a list of a text":     func(f *fields) { f.list("text") },
		"structures of texts":  func(f *fields) { f.list("texts") },
		"a structure of texts": func(f *fields) { get(f, "text", new(object)) },
	} {
		f := &fields{object: o}
		if read(f); f.bad == nil || f.bad.code != "SerializationException" {
			t.Errorf("%s = %v; want a SerializationException", name, f.bad)
		}
	}
}

// flatten is the inverse of decodeForm, as a client does it.
func flatten(form url.Values, key string, v any) {
	dot := func(name string) string {
		if key == "" {
			return name
		}
		return key + "." + name
	}
	switch v := v.(type) {
	case formText:
		form.Set(key, string(v))
	case object:
		for name, member := range v {
			flatten(form, dot(name), member)
		}
	case []any:
		for i, item := range v {
			flatten(form, dot("member."+strconv.Itoa(i+1)), item)
		}
	}
}

func drawObject(t *rapid.T, depth int) object {
	o := object{}
	for range rapid.IntRange(1, 3).Draw(t, "members") {
		name := rapid.StringMatching(`[A-Z][a-z]{0,5}`).Filter(func(s string) bool { return s != "Action" }).Draw(t, "name")
		o[name] = drawValue(t, depth)
	}
	return o
}

func drawValue(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	switch {
	case depth > 0 && kind == 1:
		return drawObject(t, depth-1)
	case depth > 0 && kind == 2:
		list := []any{}
		for range rapid.IntRange(1, 12).Draw(t, "items") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	}
	return formText(rapid.String().Draw(t, "text"))
}

func TestDecodeFormInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawObject(t, 3)
		form := url.Values{}
		flatten(form, "", want)
		again, err := url.ParseQuery(form.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeForm(again); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s was decoded to %v, %v; want %v", form.Encode(), got, err, want)
		}
	})
}

// What is decoded is written as a form that is decoded to the same.
func FuzzDecodeForm(f *testing.F) {
	f.Add("Action=GetMetricData&MetricDataQueries.member.1.Id=a&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=ModelId")
	f.Add("L.member.2=b&L.member.1=a&E=")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		o, err := decodeForm(form)
		if err != nil {
			return
		}
		readMetricData(o) // whatever was decoded is safe to look at
		readStatistics(o)
		readAlarm(o, func(string) string { return "arn" }, time.Unix(0, 0))
		again := url.Values{}
		flatten(again, "", o)
		if back, err := decodeForm(again); err != nil || !reflect.DeepEqual(back, o) {
			t.Errorf("%q was decoded to %v, and that again to %v, %v", body, o, back, err)
		}
	})
}
