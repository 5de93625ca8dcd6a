package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An increase is a request for a higher quota. It is never decided: what became
// of it is for people at AWS to say. It lives as long as the Server.
type increase struct {
	id, caseID string
	quota      quota // as it was then: a Reload may bring another
	desired    float64
	status     string // PENDING, CASE_OPENED or NOT_APPROVED
	created    time.Time
}

// open reports whether the request keeps others for its quota away.
func (i *increase) open() bool { return i.status != "NOT_APPROVED" }

const (
	maxIncreases   = 20                  // open requests of an account, from the AWS General Reference
	increaseMemory = 90 * 24 * time.Hour // how far back the history goes
)

// requestServiceQuotaIncrease takes a request for a quota that is adjustable as
// PENDING. For another there is a support case, or no approval where the caller
// wants no case.
func requestServiceQuotaIncrease(s *Server, in *fields) (object, *fault) {
	q, bad := s.quotaNamed(in)
	if bad != nil {
		return nil, bad
	}
	desired, cases := -1.0, true
	get(in, "SupportCaseAllowed", &cases)
	current := q.value
	if q.unapplied {
		current = q.byDefault
	}
	switch given := get(in, "DesiredValue", &desired); {
	case in.bad != nil:
		return nil, in.bad
	case !given:
		return nil, illegalArgument("DesiredValue is required.")
	case !(desired >= 0 && desired <= 1e10): // so the API's model; NaN is none
		return nil, illegalArgument("DesiredValue is between 0 and 10000000000.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	open := 0
	for _, other := range s.quotas.increases {
		if !other.open() {
			continue
		}
		if open++; other.quota.code == q.code {
			return nil, &fault{http.StatusBadRequest, "ResourceAlreadyExistsException",
				"Only one open service quota increase request is allowed per quota."}
		}
	}
	if desired <= current {
		return nil, illegalArgument("You must provide a quota value greater than the current quota value.")
	}
	if open >= maxIncreases {
		return nil, &fault{http.StatusConflict, "QuotaExceededException",
			fmt.Sprintf("You have %d open requests, the most that an account can have.", open)}
	}
	number := uint64(len(s.quotas.increases) + 1)
	i := &increase{
		id: strings.ReplaceAll(requestID(s.account.Seed, number), "-", ""), quota: *q, desired: desired,
		status: "PENDING", created: time.Now().UTC(),
	}
	switch {
	case q.adjustable:
	case cases:
		i.status, i.caseID = "CASE_OPENED", fmt.Sprintf("%012d", number)
	default:
		i.status = "NOT_APPROVED"
	}
	s.quotas.increases = append(s.quotas.increases, i)
	return object{"RequestedQuota": s.increaseInfo(i)}, nil
}

func getRequestedServiceQuotaChange(s *Server, in *fields) (object, *fault) {
	id := in.text("RequestId")
	if id == "" {
		return nil, illegalArgument("RequestId is required.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.quotas.increases {
		if i.id == id {
			return object{"RequestedQuota": s.increaseInfo(i)}, nil
		}
	}
	return nil, noSuchResource("The request failed because the specified quota increase request does not exist.")
}

// listServiceQuotaHistory lists the requests of the last 90 days, the oldest
// first: so the pages keep their places while new requests come. AWS documents
// no order.
func listServiceQuotaHistory(s *Server, in *fields) (object, *fault) {
	if in.text("ServiceCode") != "" {
		if bad := quotaService(in); bad != nil {
			return nil, bad
		}
	}
	return s.quotaHistory(in, nil)
}

func listServiceQuotaHistoryByQuota(s *Server, in *fields) (object, *fault) {
	q, bad := s.quotaNamed(in)
	if bad != nil {
		return nil, bad
	}
	return s.quotaHistory(in, q)
}

func (s *Server) quotaHistory(in *fields, of *quota) (object, *fault) {
	status, level := in.text("Status"), in.text("QuotaRequestedAtLevel")
	switch status {
	case "", "PENDING", "CASE_OPENED", "APPROVED", "DENIED", "CASE_CLOSED", "NOT_APPROVED", "INVALID_REQUEST":
	default:
		return nil, illegalArgument("Status has an unknown value.")
	}
	scope := "history " + status + " " + level
	if of != nil {
		scope += " " + of.code
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []*increase
	for _, i := range s.quotas.increases {
		if (of == nil || i.quota.code == of.code) && (status == "" || i.status == status) && level != "RESOURCE" &&
			time.Since(i.created) <= increaseMemory {
			rows = append(rows, i)
		}
	}
	return quotaPage(in, "RequestedQuotas", scope, rows, s.increaseInfo)
}

func (s *Server) increaseInfo(i *increase) object {
	requester, _ := json.Marshal(map[string]string{"accountId": s.account.ID, "callerArn": s.account.callerARN()})
	o := object{
		"Id": i.id, "ServiceCode": bedrockQuotas, "ServiceName": bedrockName,
		"QuotaCode": i.quota.code, "QuotaName": i.quota.name, "QuotaArn": s.account.quotaARN(s.account.ID, i.quota.code),
		"DesiredValue": i.desired, "Status": i.status, "Created": i.created, "LastUpdated": i.created,
		"Requester": string(requester), "GlobalQuota": false, "Unit": "None", "QuotaRequestedAtLevel": "ACCOUNT",
	}
	if i.caseID != "" {
		o["CaseId"] = i.caseID
	}
	if i.quota.adjustable {
		o["RequestType"] = "AutomaticManagement"
	}
	return o
}
