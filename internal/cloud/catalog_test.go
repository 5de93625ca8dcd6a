package cloud_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loadline-dev/loadline/internal/cloud"
)

const someModels = `
models:
  - {id: "anthropic.a", name: A, provider: Anthropic, lifecycle: LEGACY, lifetime: {start: 2024-01-01, legacy: 2025-06-01, end: 2027-01-31}, access: {agreement: PENDING}}
  - {id: "amazon.b", name: B, provider: Amazon, price: {input: 0.06, output: 0.24}}
profiles:
  - {id: "us.anthropic.a", models: [anthropic.a]}
  - {id: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", name: team, models: [amazon.b]}
provisioned:
  - {id: "ptptptptptpt", name: reserved, model: amazon.b, units: 3, commitment: OneMonth, created: 2026-01-01}
`

func TestCatalogTellsTheLifeOfModelsAndTheCommitment(t *testing.T) {
	c, err := reach(t, cloud.InProcess(account(t, someModels))).Catalog(context.Background())
	if err != nil || len(c.Models) != 2 || len(c.Profiles) != 2 || len(c.Provisioned) != 1 || len(c.Notes) > 0 {
		t.Fatalf("Catalog() = %+v, %v", c, err)
	}
	if m := c.Models[0]; m.Lifecycle != "LEGACY" || m.Legacy.Format("2006-01-02") != "2025-06-01" || m.EndOfLife.Format("2006-01-02") != "2027-01-31" {
		t.Errorf("the model is %+v", m)
	}
	if m := c.Models[1]; m.EndOfLife != nil || m.Legacy != nil {
		t.Errorf("the model without dates is %+v", m)
	}
	if p := c.Provisioned[0]; p.Units != 3 || p.Status != "InService" || p.Commitment != "OneMonth" || p.CommitmentEnds.Format("2006-01-02") != "2026-02-01" || !strings.HasSuffix(p.BaseARN, "foundation-model/amazon.b") {
		t.Errorf("the Provisioned Throughput is %+v", p)
	}
}

// without refuses the requests whose path begins so.
func without(path string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, path) {
			w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"message":"not yours"}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// One permission that is missing leaves one list out, as unknown.
func TestCatalogWithoutAPermission(t *testing.T) {
	for path, action := range map[string]string{
		"/foundation-models": "bedrock:ListFoundationModels", "/inference-profiles": "bedrock:ListInferenceProfiles", "/provisioned-model-throughputs": "bedrock:ListProvisionedModelThroughputs",
	} {
		c, err := reach(t, cloud.InProcess(without(path, account(t, someModels)))).Catalog(context.Background())
		if err != nil || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "need the action "+action) {
			t.Errorf("without %s: notes %q, %v; want one with the action", action, c.Notes, err)
		}
		unread := 0
		for _, nothing := range []bool{c.Models == nil, c.Profiles == nil, c.Provisioned == nil} {
			if nothing {
				unread++
			}
		}
		if unread != 1 {
			t.Errorf("without %s: %d lists are unknown; want one", action, unread)
		}
	}
	if c, err := reach(t, cloud.InProcess(account(t, "{}"))).Catalog(context.Background()); err != nil || c.Models == nil || c.Profiles == nil || c.Provisioned == nil {
		t.Errorf("an account of nothing: %+v, %v; want empty lists, which are known", c, err)
	}
}

func TestProfileAndAccess(t *testing.T) {
	server := account(t, someModels)
	c := reach(t, cloud.InProcess(server))
	const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl"
	if p, err := c.Profile(context.Background(), arn); err != nil || p.ARN != arn || !p.Application || len(p.ModelARNs) != 1 {
		t.Errorf("Profile() = %+v, %v", p, err)
	}
	if _, err := c.Profile(context.Background(), strings.Replace(arn, "abc", "xyz", 1)); err == nil || !strings.Contains(err.Error(), "bedrock:GetInferenceProfile") {
		t.Errorf("Profile() of none: %v", err)
	}
	got := c.Access(context.Background(), []string{"amazon.b", "amazon.none", "anthropic.a"})
	if len(got) != 3 || got[0].Agreement != "AVAILABLE" || got[0].Authorization != "AUTHORIZED" || got[0].Problem != "" || got[1].Problem == "" || got[1].Agreement != "" || got[2].Agreement != "PENDING" {
		t.Errorf("Access() = %+v", got)
	}
	if got := c.Access(context.Background(), nil); len(got) != 0 {
		t.Errorf("Access() of none = %+v", got)
	}
}

func TestOffers(t *testing.T) {
	server := account(t, someModels)
	offers, err := reach(t, cloud.InProcess(server)).Offers(context.Background())
	if err != nil || len(offers) != 2 || offers[0].Unit != "1K tokens" || offers[0].USD != "0.0000600000" || offers[0].Attributes["model"] != "B" || offers[0].Service != "AmazonBedrock" {
		t.Errorf("Offers() = %+v, %v", offers, err)
	}
	if n := server.count("GetProducts"); n != 2 {
		t.Errorf("%d requests; want one for each service code", n)
	}
}

// The Price List is asked again where AWS is busy, and every page is read.
func TestOffersFollowPagesAndComeBack(t *testing.T) {
	synctest.Test(t, offersFollowPages)
}

func offersFollowPages(t *testing.T) {
	entry := func(sku string) string {
		return `"{\"serviceCode\":\"AmazonBedrock\",\"product\":{\"sku\":\"` + sku + `\",\"attributes\":{\"model\":\"B\"}},\"terms\":{\"OnDemand\":{\"x\":{\"priceDimensions\":{\"y\":{\"unit\":\"1K tokens\",\"pricePerUnit\":{\"USD\":\"1\"}}}}}}}"`
	}
	n := 0
	replies := []struct {
		status int
		body   string
	}{
		{400, `{"__type":"com.amazonaws.pricing#ThrottlingException","Message":"slow down"}`},
		{200, `{"PriceList":[` + entry("ONE") + `],"NextToken":"more"}`},
		{500, `{"__type":"InternalErrorException","Message":"oops"}`},
		{200, `{"PriceList":[` + entry("TWO") + `]}`},
		{200, `{"PriceList":[]}`},
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(b), `"Field":"regionCode"`) || !strings.Contains(r.Header.Get("Authorization"), "/us-east-1/pricing/aws4_request") {
			t.Errorf("request %s, signed %s", b, r.Header.Get("Authorization"))
		}
		if n == 3 && !strings.Contains(string(b), `"NextToken":"more"`) {
			t.Errorf("the second page was asked for by %s", b)
		}
		reply := replies[min(n, len(replies)-1)]
		n++
		w.WriteHeader(reply.status)
		io.WriteString(w, reply.body)
	})
	offers, err := reach(t, cloud.InProcess(handler)).Offers(context.Background())
	if err != nil || len(offers) != 2 || offers[0].SKU != "ONE" || offers[1].SKU != "TWO" || n != 5 {
		t.Errorf("Offers() = %+v, %v after %d requests; want both pages after 5", offers, err, n)
	}
	refusal := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"AccessDeniedException","Message":"not yours"}`)
	})
	if _, err := reach(t, cloud.InProcess(refusal)).Offers(context.Background()); err == nil || !strings.Contains(err.Error(), "need the action pricing:GetProducts") {
		t.Errorf("Offers() error %v; want the IAM action", err)
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); io.WriteString(w, "<html>") })
	if _, err := reach(t, cloud.InProcess(page)).Offers(context.Background()); err == nil {
		t.Error("a page of HTML is taken for a price list")
	}
}
