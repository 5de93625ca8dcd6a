package steps_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/steps"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// desk is an account that keeps a note of what it was asked.
type desk struct {
	plugins.AWS
	list    plugins.QuotaList
	fresh   []plugins.Quota // what a new list has
	catalog plugins.Catalog
	access  plugins.Access
	open    map[string]record.Increase
	broken  string // the method that fails
	asked   []string
}

func (d *desk) note(what string) error {
	d.asked = append(d.asked, what)
	if d.broken != "" && strings.HasPrefix(what, d.broken) {
		return errors.New("not allowed")
	}
	return nil
}

func (d *desk) Quotas(_ context.Context, fresh bool) (plugins.QuotaList, error) {
	if fresh {
		return plugins.QuotaList{Rows: d.fresh}, d.note("fresh list")
	}
	l := d.list
	l.Rows = slices.Clone(l.Rows)
	return l, d.note("list")
}

func (d *desk) QuotasByCode(_ context.Context, codes []string) (out []plugins.Quota, err error) {
	for _, q := range d.fresh {
		if slices.Contains(codes, q.Code) {
			out = append(out, q)
		}
	}
	return out, d.note(fmt.Sprintf("codes %v", codes))
}

func (d *desk) Increases(context.Context) (map[string]record.Increase, error) {
	return d.open, d.note("increases")
}

func (d *desk) Catalog(context.Context) (plugins.Catalog, error) { return d.catalog, d.note("catalog") }

func (d *desk) Profile(_ context.Context, id string) (plugins.Profile, error) {
	return plugins.Profile{ID: id[strings.LastIndexByte(id, '/')+1:], ARN: id, Application: true, ModelARNs: []string{"arn:aws:bedrock:us-east-1::foundation-model/" + lite}}, d.note("profile")
}

func (d *desk) Access(_ context.Context, ids []string) []plugins.Access {
	d.asked = append(d.asked, fmt.Sprintf("access %v", ids))
	return slices.Repeat([]plugins.Access{d.access}, len(ids))
}

const lite = "amazon.nova-lite-v1:0"

func rpm(code string, applied float64, model string) plugins.Quota {
	return plugins.Quota{Code: code, Name: "On-demand model inference requests per minute for " + model, Applied: &applied, Default: &applied}
}

func newDesk(age time.Duration) *desk {
	return &desk{
		list:    plugins.QuotaList{Rows: []plugins.Quota{rpm("L-1", 10, "Amazon Nova Lite"), rpm("L-2", 20, "Amazon Nova Pro")}, Age: age},
		fresh:   []plugins.Quota{rpm("L-1", 99, "Amazon Nova Lite"), rpm("L-2", 99, "Amazon Nova Pro")},
		catalog: plugins.Catalog{Models: []plugins.FoundationModel{{ID: lite, Name: "Nova Lite", Provider: "Amazon", InferenceTypes: []string{"ON_DEMAND"}, Lifecycle: "ACTIVE"}}, Profiles: []plugins.Profile{}, Provisioned: []plugins.Provisioned{}},
		access:  plugins.Access{Agreement: "AVAILABLE", Authorization: "AUTHORIZED", Entitlement: "AVAILABLE", Region: "AVAILABLE"},
	}
}

func look(t *testing.T, d *desk, how steps.How, asked ...steps.Asked) *steps.Survey {
	t.Helper()
	s, err := steps.Look(context.Background(), d, asked, how)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is judged is never yesterday's value: the values of the quotas found are
// read once more where the list is an old one.
func TestSurveyReadsOldValuesAnew(t *testing.T) {
	codes := map[string]string{"rpm": "L-1", "tpm": "L-1", "tpd": "L-2"}
	for _, c := range []struct {
		name   string
		age    time.Duration
		how    steps.How
		codes  map[string]string
		broken string
		want   float64 // the applied rpm
		asked  string
		note   string
	}{
		{"a new list", 0, steps.How{Current: true}, nil, "", 10, "catalog|list|increases", ""},
		{"an old one", 3 * time.Hour, steps.How{Current: true}, nil, "", 99, "catalog|list|codes [L-1]|increases", "names of quotas read 3 h ago, values of the 1 that bind"},
		{"an old one, to look at", 3 * time.Hour, steps.How{}, nil, "", 10, "catalog|list|increases", "quotas read 3 h ago; --fresh reads them again"},
		{"an old one, and codes cannot be read", 90 * time.Second, steps.How{Current: true}, nil, "codes", 10, "catalog|list|codes [L-1]|increases", "quotas read 1 min ago; --fresh reads them again|their present values are not known: not allowed"},
		{"every code is named", 3 * time.Hour, steps.How{Current: true}, codes, "", 99, "catalog|codes [L-1 L-2]|increases", "only the quotas named were read"},
		{"every code is named, to look at", 0, steps.How{}, codes, "", 10, "catalog|list|increases", ""},
		{"some codes are named", 0, steps.How{Current: true}, map[string]string{"rpm": "L-1"}, "", 10, "catalog|list|increases", ""},
		{"open requests cannot be read", 0, steps.How{}, nil, "increases", 10, "catalog|list|increases", "open requests for higher quotas are not known: not allowed"},
	} {
		d := newDesk(c.age)
		d.broken = c.broken
		s := look(t, d, c.how, steps.Asked{ID: lite, Codes: c.codes})
		if len(s.Found) != 1 || len(s.Found[0].Binds) == 0 || *s.Found[0].Binds[0].Applied != c.want {
			t.Errorf("%s: found %+v; want rpm %v", c.name, s.Found, c.want)
		}
		asked := slices.DeleteFunc(d.asked, func(a string) bool { return strings.HasPrefix(a, "access") })
		if got := strings.Join(asked, "|"); got != c.asked {
			t.Errorf("%s: asked %s; want %s", c.name, got, c.asked)
		}
		notes := strings.Join(s.Notes, "|")
		if c.note == "" && notes != "" {
			t.Errorf("%s: notes %q; want none", c.name, notes)
		}
		for _, part := range strings.Split(c.note, "|") {
			if !strings.Contains(notes, part) {
				t.Errorf("%s: notes %q; want %q", c.name, notes, part)
			}
		}
	}
}

func TestSurveyReadsManyOldValuesByANewList(t *testing.T) {
	d := newDesk(time.Hour)
	var asked []steps.Asked
	d.list.Rows, d.fresh = nil, nil
	for i := range 21 {
		id, code := fmt.Sprintf("amazon.model-%02d", i), fmt.Sprintf("L-%02d", i)
		asked = append(asked, steps.Asked{ID: id, Codes: map[string]string{"rpm": code}})
		d.list.Rows, d.fresh = append(d.list.Rows, rpm(code, 1, id)), append(d.fresh, rpm(code, 2, id))
	}
	s := look(t, d, steps.How{Current: true}, asked...)
	if got := strings.Join(d.asked[:3], "|"); got != "catalog|list|fresh list" || *s.Found[20].Binds[0].Applied != 2 {
		t.Errorf("asked %s; want a new list, and its values", got)
	}
}

func TestSurveyCompletesProfiles(t *testing.T) {
	const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
	d := newDesk(0)
	s := look(t, d, steps.How{}, steps.Asked{ID: arn}, steps.Asked{ID: lite})
	if !slices.Contains(d.asked, "profile") || len(s.Catalog.Profiles) != 1 || s.Catalog.Profiles[0].ARN != arn {
		t.Errorf("asked %v; want the profile that no list holds", d.asked)
	}
	d = newDesk(0)
	d.catalog.Profiles = []plugins.Profile{{ID: "abcdefghijkl", ARN: arn, Application: true}}
	if look(t, d, steps.How{}, steps.Asked{ID: arn}); slices.Contains(d.asked, "profile") {
		t.Error("a profile that the list holds was asked for")
	}
	d = newDesk(0)
	d.broken = "profile"
	if s := look(t, d, steps.How{}, steps.Asked{ID: arn}); len(s.Notes) != 1 || !strings.Contains(s.Notes[0], arn+": not allowed") {
		t.Errorf("notes %q; want the profile that could not be read", s.Notes)
	}
}

// What a request asks for decides which of a model's quotas bind.
func TestSurveyHeedsWhatARequestAsks(t *testing.T) {
	d := newDesk(0)
	const sonnet = "us.anthropic.claude-sonnet-4-20250514-v1:0"
	row := func(code, more string) plugins.Quota {
		q := rpm(code, 1, "")
		q.Name = "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4 V1" + more
		return q
	}
	d.list.Rows = []plugins.Quota{row("L-NORMAL", ""), row("L-LONG", " 1M Context Length")}
	for long, want := range map[bool]string{false: "L-NORMAL", true: "L-LONG"} {
		var r scenarios.Request
		r.LongContext = scenarios.At[bool]{Value: long, Pos: scenarios.Pos{Line: 1, Column: 1}}
		s := look(t, d, steps.How{}, steps.AskedOf([]plugins.Model{{ID: sonnet, Request: r}}, scenarios.Request{})...)
		if got := s.Found[0].Binds; len(got) != 1 || got[0].Code != want {
			t.Errorf("long context %v: %+v binds; want %s", long, got, want)
		}
	}
}

func TestSurveyTellsOpenRequestsAndBrokenQuotas(t *testing.T) {
	d := newDesk(0)
	d.open = map[string]record.Increase{"L-1": {Desired: 500, Status: "PENDING"}}
	d.list.Rows[0].Applied, d.list.Rows[0].Problem = nil, "DEPENDENCY_SERVICE_ERROR: later\n"
	q := look(t, d, steps.How{}, steps.Asked{ID: lite}).Found[0].Binds[0]
	if q.Pending == nil || q.Pending.Desired != 500 || q.Problem != "DEPENDENCY_SERVICE_ERROR: later " || q.Applied != nil {
		t.Errorf("the quota is %+v", q)
	}
}

func TestCapacity(t *testing.T) {
	end := time.Now().Add(30*24*time.Hour + time.Hour)
	past := time.Now().Add(-25 * time.Hour)
	until := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	provisioned := []plugins.Provisioned{
		{ARN: "arn:aws:bedrock:us-east-1:1:provisioned-model/a", Name: "a", ModelARN: "arn:aws:bedrock:us-east-1::foundation-model/" + lite, Status: "InService", Units: 2, Commitment: "OneMonth", CommitmentEnds: &until},
		{ARN: "arn:aws:bedrock:us-east-1:1:provisioned-model/b", Name: "b", ModelARN: "arn:aws:bedrock:us-east-1:1:custom-model/x", BaseARN: "arn:aws:bedrock:us-east-1::foundation-model/" + lite, Status: "Creating", Units: 4},
		{ARN: "arn:aws:bedrock:us-east-1:1:provisioned-model/c", Name: "c", ModelARN: "arn:aws:bedrock:us-east-1::foundation-model/amazon.other-" + lite, Status: "InService", Units: 8},
	}
	for _, c := range []struct {
		name     string
		change   func(*desk)
		most     int
		id       string
		access   string
		units    string
		problems string // parts, split by |
	}{
		{"all is well", func(d *desk) {}, 1, lite, "AVAILABLE", "0", ""},
		{"too many to ask", func(d *desk) {}, 0, lite, "", "0", ""},
		{"no entitlement", func(d *desk) { d.access.Entitlement = "NOT_AVAILABLE" }, 1, lite, "NOT_AVAILABLE", "0", "access is NOT_AVAILABLE (agreement AVAILABLE, authorization AUTHORIZED, entitlement NOT_AVAILABLE"},
		{"no authorization", func(d *desk) { d.access.Authorization = "NOT_AUTHORIZED" }, 1, lite, "NOT_AVAILABLE", "0", "access is"},
		{"an agreement under way", func(d *desk) { d.access.Agreement = "PENDING" }, 1, lite, "PENDING", "0", "access is PENDING"},
		{"a word of the future", func(d *desk) { d.access.Region = "SOON" }, 1, lite, "", "0", ""},
		{"access cannot be read", func(d *desk) { d.access = plugins.Access{Problem: "not allowed"} }, 1, lite, "", "0", ""},
		{"legacy", func(d *desk) { d.catalog.Models[0].Lifecycle = "LEGACY" }, 1, lite, "AVAILABLE", "0", "the model is LEGACY"},
		{"legacy with an end", func(d *desk) {
			d.catalog.Models[0].Lifecycle, d.catalog.Models[0].EndOfLife = "LEGACY", &end
		}, 1, lite, "AVAILABLE", "0", "the model is LEGACY, and its end of life is on " + end.UTC().Format(time.DateOnly) + ", in 30 days"},
		{"past its end", func(d *desk) { d.catalog.Models[0].EndOfLife = &past }, 1, lite, "AVAILABLE", "0", "its end of life was on " + past.UTC().Format(time.DateOnly) + ": AWS refuses calls"},
		{"provisioned", func(d *desk) { d.catalog.Provisioned = provisioned }, 1, lite, "AVAILABLE", "2", ""}, // what is not in service does not count
		{"one that is not in service", func(d *desk) { d.catalog.Provisioned = provisioned }, 1, provisioned[1].ARN, "", "0", ""},
		{"one provisioned", func(d *desk) { d.catalog.Provisioned = provisioned }, 1, provisioned[0].ARN, "", "2", ""},
		{"provisioned cannot be read", func(d *desk) { d.catalog.Provisioned = nil }, 1, lite, "AVAILABLE", "?", ""},
	} {
		d := newDesk(0)
		c.change(d)
		s := look(t, d, steps.How{Access: c.most}, steps.Asked{ID: c.id})
		f := s.Found[0]
		units := "?"
		if f.Capacity.ProvisionedUnits != nil {
			units = fmt.Sprint(*f.Capacity.ProvisionedUnits)
		}
		if (c.id == lite && f.Capacity.Access != c.access) || units != c.units {
			t.Errorf("%s: access %q and %s units; want %q and %s", c.name, f.Capacity.Access, units, c.access, c.units)
		}
		told := strings.Join(f.Problems, "|")
		if !strings.Contains(told, c.problems) || c.problems == "" && (strings.Contains(told, "access") || strings.Contains(told, "LEGACY")) {
			t.Errorf("%s: problems %q; want %q", c.name, told, c.problems)
		}
		if wants := c.name == "access cannot be read"; wants != strings.Contains(strings.Join(s.Notes, "|"), "the access to "+lite+" is not known: not allowed") {
			t.Errorf("%s: notes %q", c.name, s.Notes)
		}
	}
}

// A code from outside is shown cleaned, and is found by what is shown.
func TestSurveyOfACodeWithWhatIsNotShown(t *testing.T) {
	for _, age := range []time.Duration{0, time.Hour} {
		d := newDesk(age)
		d.list.Rows[0].Code, d.fresh[0].Code = "L-\u202e1", "L-\u202e1"
		d.list.Rows[0].Problem = "ERROR: none"
		s := look(t, d, steps.How{Current: true}, steps.Asked{ID: lite})
		if b := s.Found[0].Binds; len(b) != 1 || strings.Contains(b[0].Code, "\u202e") || b[0].Problem != "ERROR: none" || b[0].Code != s.Quotas[0].Code {
			t.Errorf("of an age of %s it binds %+v", age, b)
		}
	}
}
