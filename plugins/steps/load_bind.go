package steps

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// bindShares reads the shares of the models, where they have any.
func (l *load) bindShares(b *plugins.Binding, n *scenarios.Node) {
	if len(n.Keys()) == 0 || len(n.Keys()) != len(l.targets) {
		return // a list, or one with problems
	}
	sum := 0.0
	for _, name := range n.Keys() {
		l.shares = append(l.shares, n.Get(name).Float())
		sum += n.Get(name).Float()
	}
	if n.Whole() && math.Abs(sum-1) > 1e-9 {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Code: "bad-shares", Message: fmt.Sprintf("the shares of the models add up to %.6g%%", 100*sum), Hint: "let them add up to 100%"})
	}
}

// bindRamp makes the schedule, as far as it is known before the run. The
// profile is nil where the ramp has problems.
func (l *load) bindRamp(b *plugins.Binding, body *scenarios.Node) {
	n := body.Get("ramp")
	c, ok := courseOf(n)
	l.course = c
	if !ok || !c.check(b) {
		return
	}
	if file := n.Get("replay"); file != nil && !l.readReplay(b, file) {
		return
	}
	if !l.suits(b, body) {
		return
	}
	err := l.plan(nil)
	if err != nil && len(l.targets) > 0 {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Code: "bad-ramp", Message: err.Error(), Hint: "for example ramp: " + c.shape.Example})
		return
	}
	if len(l.tracks) == 0 {
		return // the models have problems
	}
	l.profile = l.tracks[0].Profile
	rate, hangs := c.written(ofQuota)
	if hangs {
		l.tracks = nil
	}
	if !l.open() || l.bounded() {
		return
	}
	p := scenarios.Problem{Pos: n.Pos(), Code: "no-bound", Message: "how many calls this ramp sends is known only as it runs", Hint: "bound it with calls: 1000 in the ramp, or with budget.requests: tokens and usd do not, as calls that are refused use none"}
	if hangs {
		p.Pos, p.Width = rate.Pos(), len([]rune(rate.Text()))
		p.Message, p.Hint = fmt.Sprintf("how many calls %s is will be known only when the quotas have been read", rate.Text()), "bound the run with budget.requests: tokens and usd do not, as calls that are refused use none"
	}
	b.Problem(p)
}

// suits reports what a shape cannot be combined with; false where there is no
// load to be made of it. Of a search it says why: one could well ask for both.
func (l *load) suits(b *plugins.Binding, body *scenarios.Node) bool {
	shape := l.course.shape
	if arrivals := body.Get("arrivals"); l.poisson && (shape.Closed || shape.Search || l.course.arrivals != nil) {
		p := scenarios.Problem{Pos: arrivals.Pos(), Width: len(arrivals.Text()), Code: "no-arrivals",
			Message: fmt.Sprintf("shape %s says itself when calls come", shape.Name), Hint: "leave arrivals out, or use a shape with a rate"}
		if shape.Search && !shape.Probe {
			p.Message = "a search sends evenly: of a Poisson process some calls are refused by chance at any rate near the limit, so that the rate that holds would tell of the bunches in the arrivals, and of the length of a trial, and not of the quota"
			p.Hint = "leave arrivals out; to see how such users fare at the rate that was found, let a step with arrivals: poisson and ramp: {constant: ...} send at it"
		}
		b.Problem(p) // the rest of the ramp is looked at all the same
	}
	if shape.Search && l.shares != nil {
		p := scenarios.Problem{Pos: body.Get("models").Pos(), Code: "no-shares",
			Message: "a search has no rate to share: models have quotas of their own, and each is searched by itself, all at the same time",
			Hint:    "write the models as a list; a mix of them holds at the lowest limit / share of any of its models"}
		if shape.Probe {
			p.Message, p.Hint = "a probe has no rate to share: models have limiters of their own, and each is probed by itself, all at the same time", "write the models as a list"
		}
		b.Problem(p)
		return false
	}
	return true
}

// open tells whether it is known only in the run how much is sent.
func (l *load) open() bool {
	return l.tracks == nil || l.course.shape.Closed && l.course.node.Get("calls") == nil ||
		l.course.shape.Search && !l.course.shape.Probe && l.course.node.Get("trials") == nil && (l.bounded() || l.budget.Tokens.Written() || l.budget.USD.Written())
}

// bounded tells whether the budget bounds the number of calls. Caps on tokens and
// dollars do not: AWS charges nothing for what it refuses.
func (l *load) bounded() bool { return l.budget.Requests.Written() }

func (l load) Estimate() plugins.Estimate {
	if l.profile == nil {
		return plugins.Estimate{} // the ramp has problems
	}
	length := l.profile.Length()
	if l.course.shape.Search && !l.course.shape.Probe && l.tracks == nil {
		length = l.findings[0].LongestAtAll() // low rates take longer
	}
	e := plugins.Estimate{Duration: length, Open: l.open(), Notes: slices.Concat(l.remarks, l.leaveNotes(), l.clientNotes(), l.watchNotes(), l.notes())}
	need := func(action string) {
		if !slices.Contains(e.Reads, action) {
			e.Reads = append(e.Reads, action)
		}
	}
	var fitting time.Duration
	for i, t := range l.targets {
		if plugins.Streams(t.invocation.API) {
			need("bedrock:InvokeModelWithResponseStream")
		} else {
			need("bedrock:InvokeModel")
		}
		c := plugins.CallEstimate{Model: t.Name, Rate: l.rateInWords()}
		if c.Rate == "" {
			c.Peak = l.tracks[i].Profile.Peak()
		}
		var used, largest record.Usage
		add := func(n int64, most record.Usage) {
			largest.Input, largest.Output = max(largest.Input, most.Input), max(largest.Output, most.Output)
			c.Requests += n
			c.Reserved += n * (most.Input + most.Output)
			c.Settled += n * t.Tariff.QuotaTokens(most)
			used.Input, used.Output = used.Input+n*most.Input, used.Output+n*most.Output
		}
		if l.course.arrivals != nil {
			for _, due := range l.tracks[i].Times {
				add(1, t.most(l.course.arrivals[due.Item]))
			}
		} else {
			add(l.callsTo(i), t.invocation.Most())
		}
		c.Calls = c.Requests
		add(l.client.retries(c.Calls), largest)
		if t.wanted() > 0 {
			need("bedrock:CountTokens")
			add(1, t.invocation.Most())
			fitting += t.timeout
			e.Notes = append(e.Notes, fmt.Sprintf("fitting the prompt of %s to %d tokens can take one call more, which is counted here", t.Name, t.wanted()))
		}
		c.USD = t.Tariff.USD(used)
		if e.Open {
			c = l.capped(c)
		}
		e.Calls = append(e.Calls, c)
		// The last calls may take their whole deadline.
		e.Duration = max(e.Duration, length+l.client.longest(t.timeout))
	}
	if len(l.unknown) > 0 {
		e.Reads = append(e.Reads, reachReads...)
	}
	if l.leave > 0 {
		e.Reads = append(e.Reads, leaveReads...)
	}
	if l.watches() {
		e.Reads = append(e.Reads, leaveReads...)
	}
	e.Duration += fitting
	return e
}

// rateInWords is what a plan shows where there is no highest rate to show.
func (l *load) rateInWords() string {
	switch {
	case l.tracks == nil:
		rate, _ := l.course.written(ofQuota)
		return rate.Text()
	case l.course.shape.Closed:
		return fmt.Sprintf("%g at once", l.profile.Peak())
	case l.course.shape.Probe:
		return "probed at up to " + l.course.node.Get("rate").Text()
	case l.course.shape.Search:
		return "searched up to " + l.course.node.Get("to").Text()
	case l.course.arrivals != nil:
		return "as recorded"
	}
	return ""
}

// callsTo is the most calls to a model, of those that are all alike.
func (l *load) callsTo(i int) int64 {
	switch {
	case l.open():
		n := int64(maxSchedule)
		if l.course.shape.Search && l.tracks != nil {
			n = int64(l.due[i])
		}
		if l.bounded() {
			n = min(n, l.budget.Requests.Value)
		}
		return n
	case l.course.shape.Closed:
		return int64(l.calls(int(l.course.node.Get("calls").Int()))[i])
	}
	return int64(l.due[i])
}

// capped is an estimate with no more than the budget allows.
func (l *load) capped(c plugins.CallEstimate) plugins.CallEstimate {
	if l.bounded() {
		c.Requests = min(c.Requests, l.budget.Requests.Value)
	}
	if b := l.budget.Tokens; b.Written() {
		c.Reserved, c.Settled = min(c.Reserved, b.Value), min(c.Settled, b.Value)
	}
	if b := l.budget.USD; b.Written() && c.USD != nil {
		most := min(*c.USD, b.Value)
		c.USD = &most
	}
	return c
}

// notes say what the first rate is that is written in tokens or as a share of a
// quota, for each model: the others are in proportion.
func (l *load) notes() []string {
	out := l.searchNotes()
	n, yes := l.course.written(func(r scenarios.Rate) bool { return measure(r) != "rpm" })
	if !yes {
		return out
	}
	for i, t := range l.targets {
		r := n.Rate()
		dimension, share := r.OfQuota()
		s := fmt.Sprintf("%s for %s", n.Text(), t.Name)
		var quota float64
		switch {
		case share && l.known == nil:
			s += " is known when the quotas have been read"
		case share:
			quota, dimension, _ = t.quotaOf(dimension, l.known) // planned by now, so it is there
			s += fmt.Sprintf(" (%s %.6g)", dimension, quota)
		}
		if !share || l.known != nil {
			v, _ := l.perMinute(t, r, l.known)
			if l.shares != nil {
				v *= l.shares[i]
				s += fmt.Sprintf(", of which it gets %.4g%%,", 100*l.shares[i])
			}
			s += fmt.Sprintf(" is %.4g calls a minute", v)
		}
		if r.Unit == "tpm" || dimension == "tpm" {
			s += fmt.Sprintf(", at %.6g %s tokens a call", t.tokens(l.counts), l.counts)
		}
		out = append(out, s)
	}
	return out
}

// rates are the rates of a stage at its start and end, and how far it swings:
// of each model where they are the same, else of all models together.
func (l *load) rates(stage int) (from, to, swing float64, same bool) {
	first := l.tracks[0].Profile[stage]
	firstFrom, firstTo := first.Ends()
	same = true
	for _, t := range l.tracks {
		s := t.Profile[stage]
		a, b := s.Ends()
		from, to, swing = from+a, to+b, swing+s.Swing
		same = same && a == firstFrom && b == firstTo && s.Swing == first.Swing && s.Most == first.Most
	}
	if same {
		return firstFrom, firstTo, first.Swing, true
	}
	return from, to, swing, false
}
