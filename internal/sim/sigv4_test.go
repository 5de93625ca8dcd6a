package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawn is a request free of any wire form, signed by the SDK's signer.
type drawn struct {
	method, path, query, body, target string
	at                                time.Time
}

func (d drawn) request(t testing.TB) *http.Request {
	u := "http://sim.invalid:4566" + d.path
	if d.query != "" {
		u += "?" + d.query
	}
	return signed(t, d.method, u, d.body, "bedrock", role, d.at, "X-Amz-Target", d.target, "Content-Type", "application/json")
}

// verify checks a signature as checkSignature does.
func verify(t testing.TB, r *http.Request, body string) bool {
	c := &call{r: r.Clone(t.Context())}
	c.raw = []byte(body)
	a, wrong := parseAuthorization(r.Header.Get("Authorization"))
	if wrong != "" {
		t.Fatalf("the SDK's header %q: %s", r.Header.Get("Authorization"), wrong)
	}
	payload, err := c.payload()
	if err != nil {
		t.Fatal(err)
	}
	got, _ := a.sign(role.SecretAccessKey, r.Header.Get("X-Amz-Date"), canonicalRequest(r, a.signed, payload))
	return got == a.signature
}

// Our reading of a request and the SDK's agree, whatever the request; and a
// change of any part that counts breaks the signature.
func TestSignatureProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.StringMatching(`[a-zA-Z0-9 :/%+~._ü&=*-]{0,12}`)
		d := drawn{
			method: rapid.SampledFrom([]string{"GET", "POST", "PUT"}).Draw(rt, "method"),
			path:   "/model/" + url.PathEscape(words.Draw(rt, "path")) + "x/invoke",
			body:   rapid.String().Draw(rt, "body"), target: rapid.StringMatching(`[a-z]{1,3}(  ?[a-z]{1,3})?`).Draw(rt, "target"),
			at: time.Unix(rapid.Int64Range(0, 4e9).Draw(rt, "at"), 0).UTC(),
		}
		parameters := url.Values{}
		for range rapid.IntRange(0, 3).Draw(rt, "parameters") {
			parameters.Add("k"+words.Draw(rt, "key"), words.Draw(rt, "value"))
		}
		d.query = parameters.Encode()
		r := d.request(t)
		if !verify(t, r, d.body) {
			a, _ := parseAuthorization(r.Header.Get("Authorization"))
			rt.Fatalf("the SDK's signature of %+v is refused; we signed\n%s", d, canonicalRequest(r, a.signed, "..."))
		}
		changed, body := r.Clone(t.Context()), d.body
		switch what := rapid.SampledFrom([]string{"method", "path", "query", "host", "header", "body", "date", "token", "length"}).Draw(rt, "change"); what {
		case "method":
			changed.Method = map[string]string{"GET": "POST", "POST": "PUT", "PUT": "GET"}[d.method]
		case "path":
			changed.URL.Path, changed.URL.RawPath = changed.URL.Path+"s", ""
		case "query":
			changed.URL.RawQuery += "&z=1"
		case "host":
			changed.Host = "sim.invalid:4567"
		case "header":
			changed.Header.Set("X-Amz-Target", d.target+"x")
		case "body":
			body += " "
		case "date":
			changed.Header.Set("X-Amz-Date", d.at.Add(time.Second).Format(sigv4Time))
		case "token":
			changed.Header.Set("X-Amz-Security-Token", "another")
		case "length":
			if changed.ContentLength == 0 {
				return // the SDK signs no length of nothing
			}
			changed.ContentLength++
		}
		if verify(t, changed, body) {
			rt.Fatal("a changed request has a valid signature")
		}
	})
}

// The path on the wire counts, not how Go would spell it.
func TestWirePath(t *testing.T) {
	for _, test := range []struct{ uri, canonical string }{
		{"/model/a%3A0/invoke", "/model/a%253A0/invoke"},
		{"/model/a:0/invoke?x=1", "/model/a%3A0/invoke"},
		{"/model/arn%3Aaws%2Fb/invoke", "/model/arn%253Aaws%252Fb/invoke"},
		{"/", "/"},
	} {
		r, err := http.NewRequest("POST", "http://sim.invalid"+test.uri, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.RequestURI = test.uri
		path, _ := wirePath(r)
		if got := escapeAgain(path); got != test.canonical {
			t.Errorf("the canonical path of %s = %s; want %s", test.uri, got, test.canonical)
		}
	}
	for _, test := range []struct{ query, canonical string }{
		{"b=2&a=1", "a=1&b=2"}, {"a=2&a=1", "a=1&a=2"}, {"a-b=1&a=2", "a=2&a-b=1"}, {"a", "a="}, {"a=%2f+x", "a=%2F%20x"}, {"a=%zz&&", "a=%25zz"}, {"", ""},
	} {
		if got := canonicalQuery(test.query); got != test.canonical {
			t.Errorf("canonicalQuery(%s) = %s; want %s", test.query, got, test.canonical)
		}
	}
}

func TestParseAuthorization(t *testing.T) {
	const credential, headers = "Credential=AKID/20260101/us-east-1/sts/aws4_request", "SignedHeaders=host;x-amz-date"
	signature := "Signature=" + strings.Repeat("0f", 32)
	for _, test := range []struct{ header, wrong string }{
		{credential + ", " + headers + ", " + signature, ""},
		{signature + "," + headers + "," + credential, ""},
		{credential + ", " + signature, "'SignedHeaders'"},
		{credential + ", " + headers, "'Signature'"},
		{headers + ", " + signature, "'Credential'"},
		{credential + ", " + credential + ", " + headers + ", " + signature, "twice"},
		{strings.Replace(credential, "/sts", "", 1) + ", " + headers + ", " + signature, "exactly 5"},
		{strings.Replace(credential, "AKID", "", 1) + ", " + headers + ", " + signature, "exactly 5"},
		{strings.Replace(credential, "aws4_", "aws5_", 1) + ", " + headers + ", " + signature, "exactly 5"},
		{credential + ", SignedHeaders=x-amz-date;host, " + signature, "in their order"},
		{credential + ", SignedHeaders=Host, " + signature, "lower-case"},
		{credential + ", " + headers + ", " + signature + "0", "64"},
	} {
		if a, wrong := parseAuthorization(sigv4 + " " + test.header); !strings.Contains(wrong, test.wrong) || (test.wrong == "") != (wrong == "" && a.service == "sts") {
			t.Errorf("parseAuthorization(%s) = %+v, %q; want %q", test.header, a, wrong, test.wrong)
		}
	}
	if _, wrong := parseAuthorization("Basic x"); !strings.Contains(wrong, sigv4) {
		t.Errorf("another algorithm = %q", wrong)
	}
}

// What is read from a header says the same when it is written again.
func FuzzAuthorization(f *testing.F) {
	f.Add(sigv4 + " Credential=AKID/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0f", 32))
	f.Add(sigv4 + " Signature=" + strings.Repeat("0f", 32) + ",SignedHeaders=host,Credential=AKID/20260101/us-east-1/sts/aws4_request")
	f.Add("Bearer x")
	f.Add(sigv4 + " Credential=a/b/c/d, SignedHeaders=, Signature=")
	f.Fuzz(func(t *testing.T, header string) {
		a, wrong := parseAuthorization(header)
		scope, scoped := scopeService(header)
		if wrong != "" {
			if a.accessKey != "" || a.signature != "" || a.signed != nil {
				t.Errorf("a refused header %q left %+v", header, a)
			}
			return
		}
		if len(a.signature) != 64 || len(a.signed) == 0 || a.accessKey == "" || a.day == "" || a.region == "" || a.service == "" {
			t.Errorf("the header %q was read as %+v", header, a)
		}
		if !scoped || scope != a.service {
			t.Errorf("the header %q has the scope of %q, but was read as %+v", header, scope, a)
		}
		again, wrong := parseAuthorization(sigv4 + " Credential=" + a.accessKey + "/" + a.scope() + ", SignedHeaders=" +
			strings.Join(a.signed, ";") + ", Signature=" + a.signature)
		if wrong != "" || again.accessKey != a.accessKey || again.scope() != a.scope() || again.signature != a.signature || !slices.Equal(again.signed, a.signed) {
			t.Errorf("%q was read as %+v, and written and read again as %+v (%s)", header, a, again, wrong)
		}
	})
}

func BenchmarkSignature(b *testing.B) {
	now := time.Now()
	s := New(mustParse(b, strings.Replace(guarded, "2000-01-01T01:00:00Z", "9999-01-01", 1)))
	r := signed(b, "GET", "http://sim.invalid/foundation-models", "", "bedrock", role, now)
	c := &call{r: r, protocol: restJSON}
	api := &API{Operation: "bedrock.ListFoundationModels"}
	b.ReportAllocs()
	for b.Loop() {
		if refused := s.authenticate(c, api); refused != nil {
			b.Fatal(refused)
		}
	}
}
