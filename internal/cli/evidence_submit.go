package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/evidence"
)

// anew reads the quotas again, from the account that the runs were of.
func anew(ctx context.Context, a *account, e *evidence.Evidence) error {
	if e.Target.Kind == "simulated" && a.kind != "simulated" {
		return fail(record.ExitEnvironment, "the runs are of a simulated account, which is no evidence for AWS: nothing was filed; --simulate files with the simulated account")
	}
	who, err := a.Identity(ctx)
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if who.Account != e.Target.Account || who.Region != e.Target.Region {
		return fail(record.ExitEnvironment, "the credentials are those of account %s in %s, and the runs are of %s in %s: nothing was filed; use the profile of that account, and no --region", record.CleanLine(who.Account), record.CleanLine(who.Region), e.Target.Account, e.Target.Region)
	}
	var codes []string
	for _, r := range e.Requests {
		codes = append(codes, r.Quota.Code)
	}
	rows, err := a.QuotasByCode(ctx, codes)
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	pending, err := a.Increases(ctx)
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	for i := range e.Requests {
		r := &e.Requests[i]
		found := false
		for _, row := range rows {
			if row.Code == r.Quota.Code {
				found = true
				r.Quota.Applied, r.Quota.Default, r.Quota.Adjustable, r.Quota.Problem = row.Applied, row.Default, row.Adjustable, record.CleanLine(row.Problem)
			}
		}
		if !found {
			return fail(record.ExitEnvironment, "the account has no quota %s (%s) any more: nothing was filed; loadline discover --fresh shows those that it has", r.Quota.Code, r.Quota.Name)
		}
		r.Quota.Pending, r.QuotaFrom = nil, ""
		if p, ok := pending[r.Quota.Code]; ok {
			p.Status = record.CleanLine(p.Status)
			r.Quota.Pending = &p
		}
	}
	e.Tell()
	return nil
}

// fit tells of each request that AWS would refuse, before anything is filed.
func fit(e *evidence.Evidence) error {
	var all []error
	for _, r := range e.Requests {
		q := r.Quota
		current := q.Applied
		if current == nil {
			current = q.Default // it is what holds then
		}
		no := func(form string, args ...any) {
			all = append(all, fmt.Errorf("%s is not asked for: "+form, append([]any{q.Code}, args...)...))
		}
		switch {
		case q.Pending != nil:
			no("a request for %s is open already (%s since %s), and AWS takes one a quota; wait until it is decided, or add %s to its case", grouped(&q.Pending.Desired), q.Pending.Status, q.Pending.Since.UTC().Format(time.DateOnly), evidence.MarkdownFile)
		case current != nil && *current >= r.Wanted:
			no("the value is %s now, and %s is no more than that", grouped(current), grouped(&r.Wanted))
		case !q.Adjustable:
			no("Service Quotas calls it not adjustable; open a support case with %s, or ask for the cross-region tokens per minute of the model, with which support raises the others", evidence.MarkdownFile)
		}
	}
	if len(all) > 0 {
		return errors.Join(append(all, errors.New("nothing was filed"))...)
	}
	return nil
}

// filing says what consent is asked for.
func filing(e *evidence.Evidence, where string) string {
	var parts []string
	for _, r := range e.Requests {
		text := grouped(&r.Wanted)
		if r.Quota.Applied != nil {
			text += " in place of " + grouped(r.Quota.Applied)
		}
		parts = append(parts, fmt.Sprintf("%s for %s (%s)", text, r.Quota.Code, r.Quota.Name))
	}
	return fmt.Sprintf("evidence asks %s, account %s in %s, for %s", where, e.Target.Account, e.Target.Region, strings.Join(parts, ", and "))
}

// file files the requests, and ends with the first that is refused.
func (c Command) file(ctx context.Context, a *account, e *evidence.Evidence) error {
	for i := range e.Requests {
		r := &e.Requests[i]
		filed, err := a.RequestIncrease(ctx, r.Quota.Code, r.Wanted)
		if err != nil {
			return fail(record.ExitEnvironment, "%s: %w\n%d of %s filed", r.Quota.Code, err, i, plural(len(e.Requests), "request"))
		}
		r.Submitted = &evidence.Submitted{ID: record.CleanLine(filed.ID), Status: record.CleanLine(filed.Status), Case: record.CleanLine(filed.Case), Created: filed.Created}
		text := fmt.Sprintf("filed %s: request %s, %s", r.Quota.Code, r.Submitted.ID, r.Submitted.Status)
		if r.Submitted.Case != "" {
			text += ", support case " + r.Submitted.Case
		}
		if _, err := fmt.Fprintln(c.Stdout, text); err != nil {
			return failure{record.ExitEnvironment, err}
		}
	}
	return nil
}
