package sim

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

const (
	converseHi = `{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":9}}`
	pathA      = "/model/anthropic.a/converse"
)

// faulty is an account with one row of faults.
func faulty(row string) string {
	return "models: [{id: anthropic.a, output_tokens: {mean: 9, spread: 0}}, {id: anthropic.b}]\n" +
		"profiles: [{id: us.anthropic.a, models: [anthropic.a]}]\nfaults: [" + row + "]"
}

// Every kind of fault is in the package's documentation, and in the file with everything.
func TestFaultKindsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	a, used := mustParse(t, string(everything(t))), map[string]bool{}
	for _, f := range a.faults {
		used[f.kind.name] = true
	}
	for _, kind := range faultKinds {
		if !strings.Contains(string(doc), "\n//\t"+kind.name+":") {
			t.Errorf("doc.go does not tell of the fault %q", kind.name)
		}
		if !used[kind.name] {
			t.Errorf("testdata/ok/everything.yaml has no fault %q", kind.name)
		}
	}
	first := a.faults[0]
	if first.operation != "bedrock-runtime.*" || first.model != "anthropic.a" || first.headers["X-A"] != "b" || first.nth != 3 || first.every != 1 ||
		first.probability != 0.5 || first.span != (span{time.Second, time.Hour}) || first.delay != time.Second || first.date != -time.Hour {
		t.Errorf("the first fault is read as %+v", *first)
	}
}

// What each kind does to a reply, how long it takes, and whether the operation
// happened.
func TestFaultKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		good := send(New(mustParse(t, faulty(""))), "POST", pathA, converseHi).body.String()
		took := time.Since(began)
		if len(good) < 100 || took < 50*time.Millisecond {
			t.Fatalf("the reply without a fault is %s after %s", good, took)
		}
		whole := fmt.Sprint("Content-Length: ", len(good))
		for _, test := range []struct {
			kind, what string
			status     int
			body       string
			header     string
			happened   bool
			longer     time.Duration // than the reply without a fault, or than no reply
			shift      time.Duration // of the Date header
		}{
			{"error", "{error: {status: 424, code: ModelErrorException, message: no luck}}", 424, `{"message":"no luck"}`,
				"X-Amzn-Errortype: ModelErrorException:http://internal.amazon.com/coral/com.amazon.bedrock/", false, 0, 0},
			{"html", "{html: 502}", 502, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n", "Content-Type: text/html", false, 0, 0},
			{"redirect", `{redirect: "https://elsewhere.invalid/x"}`, 307, "", "Location: https://elsewhere.invalid/x", false, 0, 0},
			{"malformed", "{malformed: true}", 200, "}" + good[1:], whole, true, 0, 0},
			{"empty", "{empty: true}", 200, "", "Content-Length: 0", true, 0, 0},
			{"truncate", "{truncate: 30}", 200, good[:30], whole, true, 0, 0},
			{"truncate", "{truncate: 0}", 200, "", whole, true, 0, 0},
			{"truncate", "{truncate: 1M}", 200, good[:len(good)-1], whole, true, 0, 0}, // in any case
			{"stall", "{stall: {after: 10, for: 60s}}", 200, good, whole, true, time.Minute, 0},
			{"stall", "{stall: {for: 60s}}", 200, good, whole, true, time.Minute, 0},
			{"stall", "{stall: {after: 1M, for: 60s}}", 200, good, whole, true, 0, 0}, // no reply is that long
			{"crc", "{crc: true}", 200, good, whole, true, 0, 0},                      // no event stream
			{"truncate_stream", "{truncate_stream: 1}", 200, good, whole, true, 0, 0}, // likewise
			{"delay", "{delay: 2s}", 200, good, whole, true, 2 * time.Second, 0},
			{"date", "{date: +1h}", 200, good, whole, true, 0, time.Hour},
			{"date", "{date: -5m}", 200, good, whole, true, 0, -5 * time.Minute},
			{"error", "{error: {status: 429, code: X}, delay: 1s, date: 1d}", 429, `{"message":"A fault of the simulated account."}`, "", false, time.Second, 24 * time.Hour},
		} {
			s, began := New(mustParse(t, faulty("{what: "+test.what+"}"))), time.Now()
			w := send(s, "POST", pathA, converseHi)
			name, value, _ := strings.Cut(test.header, ": ")
			if w.status != test.status || w.body.String() != test.body || w.header.Get(name) != value {
				t.Errorf("%s = %d %s, %s: %s; want %d %s, %s", test.what, w.status, &w.body, name, w.header.Get(name), test.status, test.body, test.header)
			}
			longer := time.Since(began)
			if test.happened {
				longer -= took
			}
			if off := longer - test.longer; off < 0 || off > time.Microsecond {
				t.Errorf("%s took %s longer; want %s", test.what, longer, test.longer)
			}
			date, err := http.ParseTime(w.header.Get("Date"))
			if off := date.Sub(began.Add(test.shift)); err != nil || off < -time.Second || off > 2*time.Second {
				t.Errorf("%s: the Date is %s at %s", test.what, date, began)
			}
			c := s.Counts()
			if happened := c.Models["anthropic.a"].OK == 1; happened != test.happened || c.Requests["bedrock-runtime.Converse"] != 1 || c.Faults[test.kind] != 1 {
				t.Errorf("%s: the counts are %+v; the operation happened: want %t", test.what, c, test.happened)
			}
		}
	})
}

// Which of 12 requests, one every 10 s, are hit.
func TestFaultWhen(t *testing.T) {
	hits := func(when string) (log string) {
		synctest.Test(t, func(t *testing.T) {
			s := New(mustParse(t, "seed: 1\n"+faulty("{when: {"+when+"}, what: {html: 502}}")))
			for range 12 {
				if send(s, "GET", "/foundation-models", "").status == 502 {
					log += "x"
				} else {
					log += "."
				}
				time.Sleep(10 * time.Second)
			}
		})
		return log
	}
	for _, test := range []struct{ when, want string }{
		{"", "xxxxxxxxxxxx"},
		{"nth: 3", "..x........."},
		{"every: 4", "...x...x...x"},
		{"probability: 0", "............"},
		{"from: 30s", "...xxxxxxxxx"},
		{"for: 30s", "xxx........."},
		{"from: 25s, for: 20s", "...xx......."},
		{"every: 2, from: 60s", ".......x.x.x"}, // requests before the time are counted
		{"nth: 3, from: 60s", "............"},
		{"nth: 8, every: 4, from: 1s, for: 2m, probability: 1", ".......x...."},
	} {
		if got := hits(test.when); got != test.want {
			t.Errorf("when %s: %s; want %s", test.when, got, test.want)
		}
	}
	if first, again := hits("probability: 0.5"), hits("probability: 0.5"); first != again || !strings.Contains(first, "x") || !strings.Contains(first, ".") {
		t.Errorf("a probability of a half hits %s and then %s; want some, twice the same", first, again)
	}
}

// The draws of two rows are apart, and a probability is kept.
func TestFaultProbability(t *testing.T) {
	s := New(mustParse(t, "models: []\nfaults: [{when: {probability: 0.2}, what: {html: 501}}, {when: {probability: 0.2}, what: {html: 502}}]"))
	statuses := map[int]int{}
	const n = 20_000
	for range n {
		statuses[send(s, "GET", "/foundation-models", "").status]++
	}
	for status, want := range map[int]float64{501: 0.2, 502: 0.8 * 0.2, 200: 0.8 * 0.8} {
		if got := float64(statuses[status]) / n; got < want-0.01 || got > want+0.01 {
			t.Errorf("a share of %v has the status %d; want %v", got, status, want)
		}
	}
}

func TestFaultMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const invoke = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`
		requests := []struct{ name, method, path, body string }{
			{"converse a", "POST", "/model/anthropic.a/converse", converseHi},
			{"converse the ARN of a", "POST", "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fanthropic.a/converse", converseHi},
			{"converse the profile of a", "POST", "/model/us.anthropic.a/converse", converseHi},
			{"converse b", "POST", "/model/anthropic.b/converse", converseHi},
			{"converse another", "POST", "/model/anthropic.c/converse", converseHi},
			{"invoke a", "POST", "/model/anthropic.a/invoke", invoke},
			{"list", "GET", "/foundation-models", ""},
			{"unknown", "GET", "/nothing", ""},
		}
		for _, test := range []struct{ match, want string }{
			{"", "xxxxxxxx"},
			{"operation: '*'", "xxxxxxxx"},
			{"operation: bedrock-runtime.Converse", "xxxxx..."},
			{"operation: bedrock-runtime.*", "xxxxxx.."},
			{"operation: bedrock.*", "......x."},
			{"operation: unknown", ".......x"},
			{"model: anthropic.a", "xx...x.."},
			{"model: us.anthropic.a", "..x....."},
			{"model: anthropic.a, operation: bedrock-runtime.InvokeModel", ".....x.."},
			{"header: {X-Case: converse b}", "...x...."},
			{"header: {x-case: converse b, X-Other: there}", "...x...."},
			{"header: {X-Other: here}", "........"},
		} {
			s, got := New(mustParse(t, faulty("{match: {"+test.match+"}, what: {html: 599}}"))), ""
			for _, r := range requests {
				if send(s, r.method, r.path, r.body, "X-Case", r.name, "X-Other", "there").status == 599 {
					got += "x"
				} else {
					got += "."
				}
			}
			if got != test.want {
				t.Errorf("match {%s}: %s; want %s", test.match, got, test.want)
			}
		}
	})
}

// The first row that acts is the only one; the later rows count what matches
// them all the same.
func TestFaultRows(t *testing.T) {
	s, got := New(mustParse(t, `
faults:
  - {when: {every: 2}, what: {html: 501}}
  - {when: {every: 3}, what: {html: 502}}
`)), ""
	for range 12 {
		got += fmt.Sprint(send(s, "GET", "/foundation-models", "").status, " ")
	}
	if want := "200 501 502 501 200 501 200 501 502 501 200 501 "; got != want {
		t.Errorf("the statuses are %s; want %s", got, want)
	}
	if n := s.Counts().Faults["html"]; n != 8 {
		t.Errorf("%d faults counted; want 8", n)
	}
}

// Partial metric data lacks points, and says so; no error, and no token.
func TestFaultPartial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, steady+"faults: [{when: {nth: 1}, what: {partial: true}}]")
		now := time.Now()
		for i, want := range []struct {
			points int
			status types.StatusCode
		}{{30, types.StatusCodePartialData}, {60, types.StatusCodeComplete}} {
			r := read(t, c, now.Add(-time.Hour), now, query("q", "Invocations", "anthropic.a", "Sum", 60), query("none", "Invocations", "other", "Sum", 60))
			if len(r[0].Values) != want.points || len(r[0].Timestamps) != want.points || r[0].StatusCode != want.status || r[1].StatusCode != types.StatusCodeComplete {
				t.Errorf("reading %d: %d points, status %s; want %+v", i+1, len(r[0].Values), r[0].StatusCode, want)
			}
		}
	})
}
