package sim

import (
	"net/http"
	"time"
)

// bedrockQuotas is the one service whose quotas the account has.
const bedrockQuotas, bedrockName = "bedrock", "Amazon Bedrock"

// quotaRates are the calls a second that Service Quotas takes of each of its
// operations, from the AWS General Reference.
var quotaRates = map[string]int{
	"ListServices": 10, "ListServiceQuotas": 10, "ListAWSDefaultServiceQuotas": 10,
	"GetServiceQuota": 5, "GetAWSDefaultServiceQuota": 5, "GetRequestedServiceQuotaChange": 5,
	"ListRequestedServiceQuotaChangeHistory": 5, "ListRequestedServiceQuotaChangeHistoryByQuota": 5,
	"RequestServiceQuotaIncrease": 3,
}

// quotaState is what Service Quotas remembers. Server.mu guards it.
type quotaState struct {
	increases []*increase            // in the order of their coming
	recent    map[string][]time.Time // of each operation, the calls taken within the last second
}

// admit takes a call where the account limits the rates: at most so many in any
// second. How AWS counts is not documented.
func (q *quotaState) admit(op string, now time.Time) bool {
	if q.recent == nil {
		q.recent = map[string][]time.Time{}
	}
	taken := q.recent[op]
	for len(taken) > 0 && now.Sub(taken[0]) >= time.Second {
		taken = taken[1:]
	}
	ok := len(taken) < quotaRates[op]
	if ok {
		taken = append(taken, now)
	}
	q.recent[op] = taken
	return ok
}

// quotaHandler makes a handler of what answers an operation of Service Quotas:
// it limits the rate, reads the body and reports a member of a wrong type.
func quotaHandler(answer func(*Server, *fields) (object, *fault)) func(*Server, *call) {
	return func(s *Server, c *call) {
		if s.account.quotaRates {
			s.mu.Lock()
			ok := s.quotas.admit(c.op, time.Now())
			s.mu.Unlock()
			if !ok {
				c.fail(&fault{http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded"})
				return
			}
		}
		body, bad := c.decode()
		var out object
		if bad == nil {
			in := &fields{object: body}
			out, bad = answer(s, in)
			if in.bad != nil {
				bad = in.bad
			}
		}
		if bad != nil {
			c.fail(bad)
			return
		}
		c.reply(out)
	}
}

func illegalArgument(message string) *fault {
	return &fault{http.StatusBadRequest, "IllegalArgumentException", message}
}

func noSuchResource(message string) *fault {
	return &fault{http.StatusNotFound, "NoSuchResourceException", message}
}

// quotaService reads the ServiceCode.
func quotaService(in *fields) *fault {
	switch in.text("ServiceCode") {
	case bedrockQuotas:
		return nil
	case "":
		return illegalArgument("ServiceCode is required.")
	}
	return noSuchResource("The request failed because the specified service does not exist.")
}

// quotaNamed finds the quota of a ServiceCode and a QuotaCode. There are no
// quotas of single resources here, so that no ContextId has one.
func (s *Server) quotaNamed(in *fields) (*quota, *fault) {
	if bad := quotaService(in); bad != nil {
		return nil, bad
	}
	code := in.text("QuotaCode")
	if code == "" {
		return nil, illegalArgument("QuotaCode is required.")
	}
	for i := range s.account.quotas {
		if s.account.quotas[i].code == code && in.text("ContextId") == "" {
			return &s.account.quotas[i], nil
		}
	}
	return nil, noSuchResource("The request failed because the specified quota does not exist.")
}

// quotaPage cuts a list of Service Quotas as the request says, and returns the
// reply with the items under name.
func quotaPage[T any](in *fields, name, scope string, all []T, show func(T) object) (object, *fault) {
	size, sized := in.number("MaxResults")
	if sized && (size < 1 || size > 100) {
		return nil, illegalArgument("MaxResults is between 1 and 100.")
	}
	if !sized {
		size = 100 // undocumented by AWS
	}
	rows, next, ok := page(all, size, scope, in.text("NextToken"))
	if !ok {
		return nil, &fault{http.StatusBadRequest, "InvalidPaginationTokenException", "Invalid input: NextToken."}
	}
	items := make([]any, len(rows))
	for i, row := range rows {
		items[i] = show(row)
	}
	out := object{name: items}
	if next != "" {
		out["NextToken"] = next
	}
	return out, nil
}
