package sim

import (
	"slices"
	"strings"
	"time"
)

// throughputInfo is Provisioned Throughput in the replies of the control plane.
type throughputInfo struct {
	Name          string    `json:"provisionedModelName"`
	Arn           string    `json:"provisionedModelArn"`
	Model         string    `json:"modelArn"`
	Desired       string    `json:"desiredModelArn"`
	Foundation    string    `json:"foundationModelArn"`
	Units         int64     `json:"modelUnits"`
	DesiredUnits  int64     `json:"desiredModelUnits"`
	Status        string    `json:"status"`
	Commitment    string    `json:"commitmentDuration,omitempty"`
	Created       time.Time `json:"creationTime"`
	LastModified  time.Time `json:"lastModifiedTime"`
	CommitmentEnd string    `json:"commitmentExpirationTime,omitempty"`
}

var throughputFilters = []filter{
	{"statusEquals", []string{"Creating", "InService", "Updating", "Failed"}},
	{"sortBy", []string{"CreationTime"}},
	{"sortOrder", []string{"Ascending", "Descending"}},
}

// listProvisionedModelThroughputs lists the rows of the account file in their
// order. All were made at the same instant, so the sort order only turns it.
func (s *Server) listProvisionedModelThroughputs(c *call) {
	query := c.r.URL.Query()
	size, badSize := pageSize(query)
	bad := c.check(throughputFilters)
	if bad == nil {
		bad = badSize
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	status, arn, part := query.Get("statusEquals"), query.Get("modelArnEquals"), query.Get("nameContains")
	all := []throughputInfo{}
	for i := range s.account.provisioned {
		p := &s.account.provisioned[i]
		model := s.account.modelARN(p.model)
		if status != "" && p.status != status || arn != "" && arn != model || !strings.Contains(p.name, part) {
			continue
		}
		all = append(all, throughputInfo{
			Name: p.name, Arn: s.account.provisionedARN(p), Model: model, Desired: model, Foundation: model,
			Units: p.units, DesiredUnits: p.units, Status: p.status, Commitment: p.commitment,
			Created: created, LastModified: created,
		})
	}
	order := query.Get("sortOrder")
	if order == "Ascending" {
		slices.Reverse(all)
	}
	rows, next, ok := page(all, size, strings.Join([]string{"provisioned", status, arn, part, order}, " "), query.Get("nextToken"))
	if !ok {
		c.fail(invalid("The provided nextToken is invalid."))
		return
	}
	c.sendPage("provisionedModelSummaries", rows, next)
}
