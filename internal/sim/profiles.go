package sim

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// profileInfo is an inference profile in the replies of the control plane.
type profileInfo struct {
	Name    string     `json:"inferenceProfileName"`
	Arn     string     `json:"inferenceProfileArn"`
	ID      string     `json:"inferenceProfileId"`
	Models  []modelRef `json:"models"`
	Status  string     `json:"status"`
	Type    string     `json:"type"`
	Created time.Time  `json:"createdAt"`
	Updated time.Time  `json:"updatedAt"`
}

type modelRef struct {
	Arn string `json:"modelArn"`
}

// created is when everything in a simulated account was made: nothing is known.
var created = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// geographies are some Regions that a geographic profile sends calls to. Which
// ones is not for clients to rely on: but there is more than one.
var geographies = map[string][]string{
	"us":     {"us-east-1", "us-east-2", "us-west-2"},
	"eu":     {"eu-central-1", "eu-west-1", "eu-west-3"},
	"apac":   {"ap-northeast-1", "ap-south-1", "ap-southeast-2"},
	"jp":     {"ap-northeast-1", "ap-northeast-3"},
	"au":     {"ap-southeast-2", "ap-southeast-4"},
	"ca":     {"ca-central-1", "ca-west-1"},
	"in":     {"ap-south-1", "ap-south-2"},
	"us-gov": {"us-gov-east-1", "us-gov-west-1"},
}

func (s *Server) profileInfo(p *profile) profileInfo {
	info := profileInfo{
		Name: p.name, Arn: s.account.profileARN(p), ID: lastSegment(p.id),
		Status: "ACTIVE", Type: profileType(p), Created: created, Updated: created,
	}
	source := p
	for _, other := range s.account.profiles { // an application profile may copy a system profile
		if p.isApplication() && other.id == p.models[0] {
			source = other
		}
	}
	for _, id := range source.models {
		for _, region := range s.regions(source) {
			info.Models = append(info.Models, modelRef{s.account.arn(region, "", "foundation-model/"+id)})
		}
	}
	return info
}

// regions are those that a profile sends calls to. A global profile lists its
// model a second time, with no Region at all.
func (s *Server) regions(p *profile) []string {
	own := []string{s.account.Region}
	if p.isApplication() {
		return own
	}
	if scopeOf(p.id) == global {
		return append(own, "")
	}
	prefix, _, _ := strings.Cut(p.id, ".")
	for _, region := range geographies[prefix] {
		if region != s.account.Region {
			own = append(own, region)
		}
	}
	return own
}

func profileType(p *profile) string {
	if p.isApplication() {
		return "APPLICATION"
	}
	return "SYSTEM_DEFINED"
}

// listInferenceProfiles lists the system's profiles unless the type says
// otherwise.
func (s *Server) listInferenceProfiles(c *call) {
	query := c.r.URL.Query()
	kind := orElse(query.Get("type"), "SYSTEM_DEFINED")
	bad := c.check([]filter{{"type", []string{"SYSTEM_DEFINED", "APPLICATION"}}})
	size, badSize := pageSize(query)
	if bad == nil {
		bad = badSize
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	var chosen []*profile
	for _, p := range s.account.profiles {
		if profileType(p) == kind {
			chosen = append(chosen, p)
		}
	}
	chosen, next, ok := page(chosen, size, "profiles "+kind, query.Get("nextToken"))
	if !ok {
		c.fail(invalid("The provided nextToken is invalid."))
		return
	}
	summaries := []profileInfo{}
	for _, p := range chosen {
		summaries = append(summaries, s.profileInfo(p))
	}
	c.sendPage("inferenceProfileSummaries", summaries, next)
}

// profileForm is what the service takes for the identifier of a profile.
var profileForm = regexp.MustCompile(`^(arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:(application-)?inference-profile/)?[a-zA-Z0-9.:_-]+$`)

// getInferenceProfile finds a profile by its id or its ARN.
func (s *Server) getInferenceProfile(c *call) {
	if !profileForm.MatchString(c.label) {
		c.fail(invalid("The provided inference profile identifier is invalid."))
		return
	}
	for _, p := range s.account.profiles {
		if c.label == s.account.profileARN(p) || c.label == lastSegment(p.id) {
			c.sendJSON(http.StatusOK, s.profileInfo(p))
			return
		}
	}
	c.fail(&fault{http.StatusNotFound, "ResourceNotFoundException", "Could not find the inference profile " + c.label + "."})
}

// pageSize reads maxResults: 1 to 1000, 100 where it is not given.
func pageSize(query url.Values) (int, *fault) {
	text := query.Get("maxResults")
	if text == "" {
		return 100, nil // undocumented by AWS
	}
	size, err := strconv.Atoi(text)
	if err != nil || size < 1 || size > 1000 {
		return 0, invalid("1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 1000")
	}
	return size, nil
}

func (c *call) sendPage(name string, items any, next string) {
	body := map[string]any{name: items}
	if next != "" {
		body["nextToken"] = next
	}
	c.sendJSON(http.StatusOK, body)
}
