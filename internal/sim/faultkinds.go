package sim

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"
)

// faultKind is one way in which a request can go wrong: a row of faultKinds.
type faultKind struct {
	name string
	only string // the one operation that it is for; "": all
	read func(p *parser, n *yaml.Node, e *effect)
}

// faultKinds are all kinds of faults but delay and date, which go with any.
var faultKinds = []faultKind{
	{name: "error", read: readErrorFault},
	{name: "reset", read: readResetFault},
	{name: "html", read: readHTMLFault},
	{name: "redirect", read: readRedirectFault},
	{name: "stall", read: readStallFault},
	{name: "truncate", read: func(p *parser, n *yaml.Node, e *effect) {
		after := int64(-1)
		if p.count(&after, 0)(n); after >= 0 {
			e.spoil = func(w *spoiledWriter) { w.cutAt, w.ending = after, endShort }
		}
	}},
	{name: "truncate_stream", read: func(p *parser, n *yaml.Node, e *effect) {
		events := int64(-1)
		if p.count(&events, 0)(n); events >= 0 {
			e.spoil = func(w *spoiledWriter) { w.frames = &frames{cutAfter: events}; w.cutAt = never }
		}
	}},
	{name: "crc", read: readSwitch(func(e *effect) {
		e.spoil = func(w *spoiledWriter) { w.frames = &frames{cutAfter: never, breaks: 2}; w.cutAt = never }
	})},
	{name: "malformed", read: readSwitch(func(e *effect) {
		e.spoil = func(w *spoiledWriter) { w.cutAt, w.garbled = never, true }
	})},
	{name: "empty", read: readSwitch(func(e *effect) {
		e.spoil = func(w *spoiledWriter) { w.cutAt, w.bare = never, true }
	})},
	{name: "partial", only: "cloudwatch.GetMetricData", read: readSwitch(func(e *effect) { e.partial = true })},
}

var (
	codeForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]*$`)
	headerForm = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// readSwitch reads a kind that is only ever switched on.
func readSwitch(on func(*effect)) func(*parser, *yaml.Node, *effect) {
	return func(p *parser, n *yaml.Node, e *effect) {
		if p.sketching(object{"type": "boolean", "const": true}) {
			return
		}
		yes := true
		p.boolean(&yes)(n)
		if !yes {
			p.add(n, "leave the row out", "false is no fault")
			return
		}
		on(e)
	}
}

func readErrorFault(p *parser, n *yaml.Node, e *effect) {
	f := &fault{message: "A fault of the simulated account."}
	status := int64(0)
	p.object(n, "an error", []field{
		{name: "status", required: true, read: p.status(&status, 400)},
		{name: "code", required: true, read: p.pattern(&f.code, codeForm, "a code looks like ThrottlingException")},
		{name: "message", read: p.text(&f.message)},
	})
	f.status = int(status)
	e.instead = func(c *call) { c.fail(f) }
}

func readResetFault(p *parser, n *yaml.Node, e *effect) {
	var when string
	p.choice(&when, "before", "middle")(n)
	if when == "middle" {
		e.spoil = func(w *spoiledWriter) { w.cutAt, w.ending = middle, endReset }
		return
	}
	e.instead = func(c *call) {
		// A client that is still writing would see that its write failed, or
		// the reset, by chance.
		c.readAhead()
		abort(c.w)
	}
}

func readHTMLFault(p *parser, n *yaml.Node, e *effect) {
	status := int64(0)
	p.status(&status, 200)(n)
	e.instead = func(c *call) {
		title := strconv.FormatInt(status, 10) + " " + http.StatusText(int(status))
		c.send(int(status), "text/html", []byte("<html><head><title>"+title+"</title></head><body><h1>"+title+"</h1></body></html>\n"))
	}
}

func readRedirectFault(p *parser, n *yaml.Node, e *effect) {
	var to string
	p.text(&to)(n)
	if u, err := url.Parse(to); to != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		p.add(n, "write it like https://bedrock-runtime.us-west-2.amazonaws.com/", "%s is no URL to redirect to", quote(to))
	}
	e.instead = func(c *call) {
		c.w.Header()["Location"] = []string{to}
		c.send(http.StatusTemporaryRedirect, "text/html", nil)
	}
}

func readStallFault(p *parser, n *yaml.Node, e *effect) {
	var after int64
	var length time.Duration
	p.object(n, "a stall", []field{
		{name: "after", read: p.count(&after, 0)},
		{name: "for", required: true, read: p.duration(&length)},
	})
	e.spoil = func(w *spoiledWriter) { w.cutAt, w.stall = after, length }
}

// status reads an HTTP status of a final reply.
func (p *parser) status(to *int64, lowest float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if p.sketching(numberSchema("integer", 0, lowest, 599)) {
			return
		}
		v := 0.0
		p.number(&v, lowest, 599)(n)
		if v != float64(int64(v)) {
			p.add(n, "a status is a whole number", "%s is not an HTTP status", n.Value)
		}
		*to = int64(v)
	}
}
