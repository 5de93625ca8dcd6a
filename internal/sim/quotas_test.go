package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

const oddQuotas = `
quotas:
  - {code: L-0, name: a new account's, value: 0, default: 2M}
  - {code: L-1, name: adjustable, value: 100, default: 200, adjustable: true}
  - {code: L-2, name: without an applied value, applied: none, default: 50, adjustable: true}
  - {code: L-3, name: throttled, value: 7, error: DEPENDENCY_THROTTLING_ERROR}
  - {code: L-4, name: refused, value: 7, error: {code: DEPENDENCY_ACCESS_DENIED_ERROR, message: not for you}}
`

var bedrockCode = aws.String("bedrock")

// What a quota may be beside a number: 0, nothing, or an error of its own.
func TestQuotaValues(t *testing.T) {
	c := newClients(t, oddQuotas)
	show := func(q types.ServiceQuota) string {
		text := *q.QuotaCode
		if q.Value != nil {
			text += fmt.Sprint(" ", *q.Value)
		}
		if q.ErrorReason != nil {
			text += fmt.Sprint(" ", q.ErrorReason.ErrorCode, " ", *q.ErrorReason.ErrorMessage)
		}
		return text
	}
	var applied, defaults []string
	list, err := c.quotas.ListServiceQuotas(t.Context(), &servicequotas.ListServiceQuotasInput{ServiceCode: bedrockCode})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list.Quotas {
		applied = append(applied, show(q))
		one, err := c.quotas.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{ServiceCode: bedrockCode, QuotaCode: q.QuotaCode})
		if err != nil || show(*one.Quota) != show(q) || *one.Quota.QuotaArn != *q.QuotaArn {
			t.Errorf("GetServiceQuota(%s) = %+v, %v; want what the list shows", *q.QuotaCode, one, err)
		}
	}
	const want = "L-0 0; L-1 100; L-3 DEPENDENCY_THROTTLING_ERROR The applied value can not be read.; L-4 DEPENDENCY_ACCESS_DENIED_ERROR not for you"
	if got := strings.Join(applied, "; "); got != want {
		t.Errorf("the applied quotas = %s; want %s", got, want)
	}
	all, err := c.quotas.ListAWSDefaultServiceQuotas(t.Context(), &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: bedrockCode})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all.Quotas {
		defaults = append(defaults, show(q))
		one, err := c.quotas.GetAWSDefaultServiceQuota(t.Context(), &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: bedrockCode, QuotaCode: q.QuotaCode})
		if err != nil || show(*one.Quota) != show(q) {
			t.Errorf("GetAWSDefaultServiceQuota(%s) = %+v, %v; want what the list shows", *q.QuotaCode, one, err)
		}
	}
	if got := strings.Join(defaults, "; "); got != "L-0 2e+06; L-1 200; L-2 50; L-3 7; L-4 7" {
		t.Errorf("the defaults = %s", got)
	}
}

func TestQuotaResources(t *testing.T) {
	c := newClients(t, oddQuotas)
	services, err := c.quotas.ListServices(t.Context(), &servicequotas.ListServicesInput{MaxResults: aws.Int32(1)})
	if err != nil || len(services.Services) != 1 || *services.Services[0].ServiceCode != "bedrock" || services.NextToken != nil {
		t.Errorf("ListServices = %+v, %v; want Bedrock alone", services, err)
	}
	get := func(service, code, context string) error {
		in := &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code}
		if context != "" {
			in.ContextId = &context
		}
		_, err := c.quotas.GetServiceQuota(t.Context(), in)
		return err
	}
	for name, err := range map[string]error{
		"no applied value": get("bedrock", "L-2", ""), "an unknown quota": get("bedrock", "L-9", ""),
		"an unknown service": get("ec2", "L-1", ""), "a resource": get("bedrock", "L-1", "arn:aws:bedrock:::x"),
	} {
		var none *types.NoSuchResourceException
		if !errors.As(err, &none) {
			t.Errorf("%s = %v; want a NoSuchResourceException", name, err)
		}
	}
	var illegal *types.IllegalArgumentException
	if err := get("bedrock", "", ""); !errors.As(err, &illegal) {
		t.Errorf("no quota code = %v; want an IllegalArgumentException", err)
	}
}

func (c clients) ask(t *testing.T, code string, desired float64, noCase bool) (*types.RequestedServiceQuotaChange, error) {
	in := &servicequotas.RequestServiceQuotaIncreaseInput{ServiceCode: bedrockCode, QuotaCode: &code, DesiredValue: &desired}
	if noCase {
		in.SupportCaseAllowed = aws.Bool(false)
	}
	out, err := c.quotas.RequestServiceQuotaIncrease(t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.RequestedQuota, nil
}

func TestQuotaIncreases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, oddQuotas)
		began := time.Now()
		for _, test := range []struct {
			code    string
			desired float64
			noCase  bool
			want    string
		}{
			{"L-1", 100, false, "IllegalArgumentException"}, // not above the current
			{"L-1", 101, false, "PENDING"},
			{"L-1", 500, false, "ResourceAlreadyExistsException"},
			{"L-2", 50, false, "IllegalArgumentException"}, // the default is what holds
			{"L-2", 51, false, "PENDING"},
			{"L-0", 10, true, "NOT_APPROVED"},
			{"L-0", 10, false, "CASE_OPENED"}, // a closed request keeps none away
			{"L-0", 10, false, "ResourceAlreadyExistsException"},
			{"L-3", 2e10, false, "IllegalArgumentException"},
			{"L-9", 5, false, "NoSuchResourceException"},
		} {
			r, err := c.ask(t, test.code, test.desired, test.noCase)
			got := exceptionOf(err)
			if err == nil {
				got = string(r.Status)
				if *r.DesiredValue != test.desired || !r.Created.Equal(began) || *r.QuotaCode != test.code {
					t.Errorf("the request is %+v", r)
				}
				if (r.CaseId != nil) != (got == "CASE_OPENED") || (r.RequestType == "AutomaticManagement") != (got == "PENDING") {
					t.Errorf("%s: case %v, type %q", got, r.CaseId, r.RequestType)
				}
				again, err := c.quotas.GetRequestedServiceQuotaChange(t.Context(), &servicequotas.GetRequestedServiceQuotaChangeInput{RequestId: r.Id})
				if err != nil || *again.RequestedQuota.Id != *r.Id || again.RequestedQuota.Status != r.Status {
					t.Errorf("GetRequestedServiceQuotaChange = %+v, %v; want %+v", again, err, r)
				}
			}
			if got != test.want {
				t.Errorf("RequestServiceQuotaIncrease(%s, %v) = %s, %v; want %s", test.code, test.desired, got, err, test.want)
			}
		}
		if _, err := c.quotas.GetRequestedServiceQuotaChange(t.Context(),
			&servicequotas.GetRequestedServiceQuotaChangeInput{RequestId: aws.String("nonesuch")}); exceptionOf(err) != "NoSuchResourceException" {
			t.Errorf("an unknown request = %v; want a NoSuchResourceException", err)
		}
		history := func(in servicequotas.ListRequestedServiceQuotaChangeHistoryInput) string {
			var all []string
			for p := servicequotas.NewListRequestedServiceQuotaChangeHistoryPaginator(c.quotas, &in); p.HasMorePages(); {
				out, err := p.NextPage(t.Context())
				if err != nil {
					return exceptionOf(err)
				}
				for _, r := range out.RequestedQuotas {
					all = append(all, *r.QuotaCode+" "+string(r.Status))
				}
			}
			return strings.Join(all, ", ")
		}
		const whole = "L-1 PENDING, L-2 PENDING, L-0 NOT_APPROVED, L-0 CASE_OPENED"
		for _, test := range []struct {
			in   servicequotas.ListRequestedServiceQuotaChangeHistoryInput
			want string
		}{
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{}, whole},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{ServiceCode: bedrockCode, MaxResults: aws.Int32(1)}, whole},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{Status: "PENDING"}, "L-1 PENDING, L-2 PENDING"},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{QuotaRequestedAtLevel: "RESOURCE"}, ""},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{Status: "LOST"}, "IllegalArgumentException"},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{ServiceCode: aws.String("ec2")}, "NoSuchResourceException"},
			{servicequotas.ListRequestedServiceQuotaChangeHistoryInput{NextToken: aws.String("MTA=")}, "InvalidPaginationTokenException"},
		} {
			if got := history(test.in); got != test.want {
				t.Errorf("the history of %+v = %s; want %s", test.in, got, test.want)
			}
		}
		byQuota := 0
		for p := servicequotas.NewListRequestedServiceQuotaChangeHistoryByQuotaPaginator(c.quotas,
			&servicequotas.ListRequestedServiceQuotaChangeHistoryByQuotaInput{ServiceCode: bedrockCode, QuotaCode: aws.String("L-0"), MaxResults: aws.Int32(1)}); p.HasMorePages(); byQuota++ {
			out, err := p.NextPage(t.Context())
			if err != nil || len(out.RequestedQuotas) != 1 || *out.RequestedQuotas[0].QuotaCode != "L-0" {
				t.Fatalf("the history of a quota = %+v, %v", out, err)
			}
		}
		if byQuota != 2 {
			t.Errorf("the history of L-0 has %d requests; want 2", byQuota)
		}
		time.Sleep(91 * 24 * time.Hour)
		if got := history(servicequotas.ListRequestedServiceQuotaChangeHistoryInput{}); got != "" {
			t.Errorf("after 91 days the history is %s; want nothing", got)
		}
	})
}

func TestQuotaIncreaseLimit(t *testing.T) {
	c := newClients(t, manyQuotas(60))
	for i := 1; i <= 20; i++ {
		if _, err := c.ask(t, fmt.Sprintf("L-%08X", i), 1e6, false); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	var exceeded *types.QuotaExceededException
	if _, err := c.ask(t, "L-00000015", 1e6, false); !errors.As(err, &exceeded) {
		t.Errorf("the 21st open request = %v; want a QuotaExceededException", err)
	}
}

// Within any second each operation answers as often as AWS documents it.
func TestQuotaRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, oddQuotas+"service_quotas: {rate_limits: true}\n")
		get := func() error {
			_, err := c.quotas.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{ServiceCode: bedrockCode, QuotaCode: aws.String("L-1")})
			return err
		}
		list := func() error {
			_, err := c.quotas.ListServiceQuotas(t.Context(), &servicequotas.ListServiceQuotasInput{ServiceCode: bedrockCode})
			return err
		}
		ask := func() error { _, err := c.ask(t, "L-9", 1, false); return err }
		for _, test := range []struct {
			name  string
			do    func() error
			rate  int
			after string // the code of a call that was taken
		}{{"GetServiceQuota", get, 5, ""}, {"ListServiceQuotas", list, 10, ""}, {"RequestServiceQuotaIncrease", ask, 3, "NoSuchResourceException"}} {
			for i := range 2 * test.rate {
				want := test.after
				if i >= test.rate {
					want = "TooManyRequestsException"
				}
				if got := exceptionOf(test.do()); got != want {
					t.Errorf("%s, call %d of a second = %q; want %q", test.name, i+1, got, want)
				}
			}
		}
		time.Sleep(time.Second - time.Nanosecond)
		var tooMany *types.TooManyRequestsException
		if err := get(); !errors.As(err, &tooMany) {
			t.Errorf("just before the second is over = %v; want a TooManyRequestsException", err)
		}
		time.Sleep(time.Nanosecond)
		if err := get(); err != nil {
			t.Errorf("a second later = %v", err)
		}
		for _, api := range APIs {
			service, op, _ := strings.Cut(api.Operation, ".")
			if service == "servicequotas" && quotaRates[op] == 0 {
				t.Errorf("%s has no rate", op)
			}
		}
	})
}
