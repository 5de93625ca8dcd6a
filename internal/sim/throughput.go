package sim

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// throughputInfo is Provisioned Throughput in the replies of the control plane.
type throughputInfo struct {
	Name          string     `json:"provisionedModelName"`
	Arn           string     `json:"provisionedModelArn"`
	Model         string     `json:"modelArn"`
	Desired       string     `json:"desiredModelArn"`
	Foundation    string     `json:"foundationModelArn"`
	Units         int64      `json:"modelUnits"`
	DesiredUnits  int64      `json:"desiredModelUnits"`
	Status        string     `json:"status"`
	Commitment    string     `json:"commitmentDuration,omitempty"`
	Created       time.Time  `json:"creationTime"`
	LastModified  time.Time  `json:"lastModifiedTime"`
	CommitmentEnd *time.Time `json:"commitmentExpirationTime,omitempty"`
}

var throughputFilters = []filter{
	{"statusEquals", []string{"Creating", "InService", "Updating", "Failed"}},
	{"sortBy", []string{"CreationTime"}},
	{"sortOrder", []string{"Ascending", "Descending"}},
}

func (s *Server) throughputInfo(p *provisioned) throughputInfo {
	model := s.account.modelARN(p.model)
	info := throughputInfo{
		Name: p.name, Arn: s.account.provisionedARN(p), Model: model, Desired: model, Foundation: model,
		Units: p.units, DesiredUnits: p.units, Status: p.status, Commitment: p.commitment,
		Created: p.created, LastModified: p.created,
	}
	if months := map[string]int{"OneMonth": 1, "SixMonths": 6}[p.commitment]; months > 0 {
		end := p.created.AddDate(0, months, 0)
		info.CommitmentEnd = &end
	}
	return info
}

// listProvisionedModelThroughputs lists the newest first, unless the sort order
// says otherwise; those of one instant stand in the order of the account file.
func (s *Server) listProvisionedModelThroughputs(c *call) {
	query := c.r.URL.Query()
	size, bad := pageSize(query)
	after, badAfter := instantOf(query, "creationTimeAfter")
	before, badBefore := instantOf(query, "creationTimeBefore")
	for _, other := range []*fault{badAfter, badBefore, c.check(throughputFilters)} {
		if bad == nil {
			bad = other
		}
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	status, arn, part := query.Get("statusEquals"), query.Get("modelArnEquals"), query.Get("nameContains")
	all := []throughputInfo{}
	for i := range s.account.provisioned {
		p := s.throughputInfo(&s.account.provisioned[i])
		if (status == "" || p.Status == status) && (arn == "" || p.Model == arn) && strings.Contains(p.Name, part) &&
			(after.IsZero() || p.Created.After(after)) && (before.IsZero() || p.Created.Before(before)) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b throughputInfo) int { return b.Created.Compare(a.Created) })
	order := query.Get("sortOrder")
	if order == "Ascending" {
		slices.Reverse(all)
	}
	scope := strings.Join([]string{"provisioned", status, arn, part, order, after.String(), before.String()}, " ")
	rows, next, ok := page(all, size, scope, query.Get("nextToken"))
	if !ok {
		c.fail(invalid("The provided nextToken is invalid."))
		return
	}
	c.sendPage("provisionedModelSummaries", rows, next)
}

// instantOf reads a query parameter that is a time; the zero time where there
// is none.
func instantOf(query url.Values, name string) (time.Time, *fault) {
	text := query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, invalid("1 validation error detected: Value at '" + name + "' is not a timestamp")
	}
	return t, nil
}

// throughputForm is what the service takes for the identifier of Provisioned
// Throughput.
var throughputForm = regexp.MustCompile(`^(arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:provisioned-model/)?[a-zA-Z0-9_-]+$`)

// getProvisionedModelThroughput finds Provisioned Throughput by name, id or ARN.
func (s *Server) getProvisionedModelThroughput(c *call) {
	if !throughputForm.MatchString(c.label) {
		c.fail(invalid("The provided provisioned model identifier is invalid."))
		return
	}
	for i := range s.account.provisioned {
		p := &s.account.provisioned[i]
		arn := s.account.provisionedARN(p)
		if c.label == arn || c.label == lastSegment(arn) || c.label == p.name {
			c.sendJSON(http.StatusOK, s.throughputInfo(p))
			return
		}
	}
	c.fail(&fault{http.StatusNotFound, "ResourceNotFoundException", "Could not find the provisioned model " + c.label + "."})
}
