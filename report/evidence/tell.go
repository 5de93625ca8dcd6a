package evidence

import (
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// units are the dimensions of quotas in words.
var units = map[string]string{
	"rpm": "requests per minute", "tpm": "tokens per minute", "tpd": "tokens per day", "account_tpd": "tokens per day of the account",
	"concurrent": "concurrent requests", "input_tpm": "input tokens per minute", "output_tpm": "output tokens per minute",
}

// Dimensions are those that can be wanted.
var Dimensions = []string{"rpm", "tpm", "tpd"}

func (r *Request) tell(t record.Target) {
	r.advise()
	r.miss(t.Region)
	r.Headline = r.headline()
	r.Justification = strings.Join(r.facts(t), " ")
}

// advise reckons what another max_tokens would change: for the calls that
// CloudWatch saw the longest, and for those of the newest load test.
func (r *Request) advise() {
	r.Advice, r.AdviceNote = []Advice{}, ""
	applied := r.Quota.Applied
	switch {
	case r.Quota.Dimension == "rpm":
		r.AdviceNote = "A quota of requests counts calls, whatever max_tokens they ask."
		return
	case r.Quota.Dimension != "tpm":
		r.AdviceNote = "A quota of a day counts what calls took in the end: what they reserve for max_tokens is given back."
		return
	case applied == nil || *applied <= 0:
		r.AdviceNote = "Not known, as the applied value is not."
		return
	}
	c := calls{applied: *applied, wanted: r.Wanted}
	var peak *float64
	for _, u := range r.Usage {
		if !reckons(u.MeanInput, u.MeanOutput, u.Burndown) {
			continue
		}
		peak = pointer(u.Values["peak_quota_tpm"])
		var asked *int64
		if r.maxTokens > 0 {
			asked = &r.maxTokens
		}
		c.input, c.output, c.burndown = *u.MeanInput, *u.MeanOutput, *u.Burndown
		r.Advice = append(r.Advice, c.advice(fmt.Sprintf("the calls of %s that CloudWatch counted %s", u.Model, span(u.Window)), asked, peak))
		break
	}
	best := -1
	for i, t := range r.LoadTests {
		if reckons(t.MeanInput, t.MeanOutput, t.Burndown) && (best < 0 || r.LoadTests[best].Calls == nil && t.Calls != nil) {
			best = i
		}
	}
	if best >= 0 {
		t := r.LoadTests[best]
		c.input, c.output, c.burndown, c.seen = *t.MeanInput, *t.MeanOutput, *t.Burndown, t.seen
		r.Advice = append(r.Advice, c.advice(fmt.Sprintf("the calls of %s in the load test %s of %s", t.Model, t.Step, t.Run), t.MaxTokens, peak))
	}
	if len(r.Advice) == 0 {
		r.AdviceNote = "Not known, as no run tells the tokens of a call."
	}
}

// reckons says whether the tokens of a call are known, and there are any.
func reckons(input, output, burndown *float64) bool {
	return input != nil && output != nil && burndown != nil && *input+*output**burndown > 0
}

func (c calls) advice(from string, asked *int64, peak *float64) Advice {
	a := Advice{From: from, Input: c.input, Output: c.output, Burndown: c.burndown, Asked: asked, Rows: c.choices(asked)}
	a.Enough = c.enough(a.Rows, peak)
	factor := c.wanted / c.applied
	switch {
	case asked == nil:
		a.Sentence = "What these calls ask as max_tokens is not known, so the table says what each choice holds, and not what is won."
	case factor <= 1:
		a.Sentence = "The applied value is as high as what is asked for."
	case a.Enough != nil:
		times := 0.0
		for _, w := range a.Rows {
			if w.MaxTokens == *a.Enough {
				times = *w.Times
			}
		}
		a.Sentence = fmt.Sprintf("A max_tokens of %s in place of %s alone makes room for %s times the calls, where the increase makes room for %s times: no increase is needed", number(float64(*a.Enough)), number(float64(*asked)), number(times), number(factor))
		if c.seen == nil {
			a.Sentence += ", if replies fit into it: their mean is known, their lengths are not."
		} else {
			a.Sentence += ", if your calls are like these; at most one reply in a hundred of them would be cut."
		}
	case peak != nil && *peak*factor > c.applied:
		a.Sentence = fmt.Sprintf("A lower max_tokens alone is not enough: the busiest period took %s quota tokens a minute in the end, and %s times that is above the applied value.", number(*peak), number(factor))
	default:
		a.Sentence = fmt.Sprintf("A lower max_tokens alone does not make room for the %s times that is asked for without cutting replies.", number(factor))
	}
	return a
}

func (r *Request) headline() string {
	q := &r.Quota
	unit := q.Dimension
	switch {
	case q.Applied != nil && *q.Applied >= r.Wanted:
		return fmt.Sprintf("No increase is needed: the applied value of %s is %s %s, and %s is asked for.", q.Code, number(*q.Applied), unit, number(r.Wanted))
	case q.Pending != nil:
		return fmt.Sprintf("An increase of %s to %s %s is asked for already (%s since %s); AWS takes one request a quota at a time.", q.Code, number(q.Pending.Desired), unit, q.Pending.Status, q.Pending.Since.Format(time.DateOnly))
	case len(r.Advice) > 0 && r.Advice[0].Enough != nil:
		return fmt.Sprintf("Lower max_tokens first, by %s. %s", r.Advice[0].From, r.Advice[0].Sentence)
	}
	text := fmt.Sprintf("Asked for: %s %s", number(r.Wanted), unit)
	if q.Applied != nil && *q.Applied > 0 {
		text += fmt.Sprintf(", %s times the %s applied", number(r.Wanted / *q.Applied), number(*q.Applied))
	}
	if !q.Adjustable {
		text += "; Service Quotas calls the quota not adjustable, so it takes a support case"
	}
	return text + "."
}

// facts are the sentences of the justification. What is not known is left out.
func (r *Request) facts(t record.Target) []string {
	q := &r.Quota
	out := []string{fmt.Sprintf("We ask for %s %s (quota %s, %s) for account %s in %s.", number(r.Wanted), unitOf(q.Dimension), q.Code, q.Name, t.Account, t.Region)}
	if ids := r.ids(); len(ids) > 0 {
		out = append(out, "It is used by "+strings.Join(ids, ", ")+".")
	}
	if q.Applied != nil {
		s := "The applied value is " + number(*q.Applied)
		if q.Default != nil {
			s += ", the default of AWS " + number(*q.Default)
			if *q.Applied < *q.Default {
				s += ": the account has less than the default"
			}
		}
		out = append(out, s+".")
	}
	if len(r.Usage) > 0 {
		out = append(out, r.Usage[0].facts()...)
	}
	for _, test := range r.LoadTests {
		out = append(out, test.facts()...)
		break // the newest; the others are in the tables
	}
	for _, a := range r.Advice {
		if a.Asked == nil || a.Enough != nil {
			continue
		}
		out = append(out, fmt.Sprintf("%s ask max_tokens %s at a mean of %s input and %s output tokens.", upper(a.From), number(float64(*a.Asked)), number(a.Input), number(a.Output)))
		break
	}
	return out
}

func (u *Usage) facts() []string {
	v := u.Values
	var out, parts []string
	for _, rate := range []struct{ key, unit string }{{"rpm", "requests"}, {"tpm", "tokens"}, {"quota_tpm", "quota tokens"}} {
		if p50, p90 := v[rate.key+".p50"], v[rate.key+".p90"]; p50.Known && p90.Known {
			parts = append(parts, fmt.Sprintf("%s %s per minute steady (p50) and %s at peak (p90)", number(p50.Value), rate.unit, number(p90.Value)))
		}
	}
	if len(parts) > 0 {
		out = append(out, fmt.Sprintf("%s CloudWatch counted %s.", upper(span(u.Window)), strings.Join(parts, "; ")))
	}
	if u.MeanInput != nil && u.MeanOutput != nil {
		out = append(out, fmt.Sprintf("A call has a mean of %s input and %s output tokens.", number(*u.MeanInput), number(*u.MeanOutput)))
	}
	if th, n := v["throttles"], v["attempts"]; th.Known && n.Known && v["throttle_rate"].Known {
		s := fmt.Sprintf("%s of %s attempts were throttled (%s)", number(th.Value), number(n.Value), report.Percent(v["throttle_rate"].Value))
		if m := v["longest_throttled_minutes"]; m.Known && m.Value > 0 {
			s += fmt.Sprintf(", for %s minutes on end", number(m.Value))
			if u.Throttled != nil {
				s += " from " + u.Throttled.Start.UTC().Format(minuteForm)
			}
		}
		out = append(out, s+".")
	}
	if g := v["growth.tpm.estimate"]; g.Known && g.Value > 0 {
		out = append(out, fmt.Sprintf("The daily peak of quota tokens grows by %s a day.", report.Percent(g.Value)))
	}
	return out
}

func (t *Test) facts() []string {
	v := t.Values
	var out []string
	if n, th := v["attempts"], v["throttled"]; n.Known && th.Known {
		s := fmt.Sprintf("In the load test %s of %s, %s of %s requests were throttled", t.Step, t.Started.Format(time.DateOnly), number(th.Value), number(n.Value))
		if first := v["first_throttle_rpm"]; first.Known {
			s += fmt.Sprintf(", the first at %s requests per minute", number(first.Value))
			if tokens := v["first_throttle_tpm"]; tokens.Known {
				s += fmt.Sprintf(" and %s reserved tokens per minute", number(tokens.Value))
			}
		}
		out = append(out, s+".")
	}
	if l := t.Limit; l != nil && l.Low != nil {
		s := fmt.Sprintf("It held %s %s", number(*l.Low), l.Unit)
		if l.High != nil {
			s += fmt.Sprintf(" and did not hold %s", number(*l.High))
		}
		if l.BoundBy != "" {
			s += ", bound by " + l.BoundBy
		}
		out = append(out, s+".")
	}
	if c := t.Calls; c != nil {
		out = append(out, fmt.Sprintf("%s of its %s calls that told their tokens had more than %s input tokens (%s).", number(float64(c.Large)), number(float64(c.Calls)), number(Large), report.Percent(c.LargeShare)))
	}
	return out
}

// ids are all that take from the quota, as far as the runs tell.
func (r *Request) ids() []string {
	var out []string
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	for _, m := range r.Models {
		add(m.ID)
	}
	for _, u := range r.Usage {
		for _, id := range u.IDs {
			add(id)
		}
	}
	return out
}

const minuteForm = "2006-01-02 15:04 UTC"

// span is a window in words.
func span(w record.Window) string {
	return fmt.Sprintf("from %s to %s", w.Start.Format(minuteForm), w.End.Format(minuteForm))
}

func unitOf(dimension string) string {
	if u, ok := units[dimension]; ok {
		return u
	}
	return dimension
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func number(v float64) string { return report.Number(v) }
