package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const priced = `
models:
  - {id: amazon.nova-lite-v1:0, name: Nova Lite, provider: Amazon, price: {input: 0.06, output: 0.24}}
  - {id: anthropic.claude-sonnet-4-5, name: Claude Sonnet 4.5, provider: Anthropic, price: {input: 3, output: 15}}
  - {id: meta.llama, name: Llama, provider: Meta}
`

// offer is an entry of the Price List as a client of AWS reads it.
type offer struct {
	ServiceCode string
	Product     struct {
		SKU        string
		Attributes map[string]string
	}
	Terms struct {
		OnDemand map[string]struct {
			PriceDimensions map[string]struct {
				Unit         string
				PricePerUnit map[string]string
			}
		}
	}
}

// getOffers asks for products page by page, and returns them or an error code.
func getOffers(t *testing.T, s *Server, body string) (all []offer, pages int, code string) {
	for token := ""; ; pages++ {
		request := strings.Replace(body, "{", `{"NextToken":"`+token+`",`, 1)
		w := send(s, "POST", "/", request, "X-Amz-Target", "AWSPriceListService.GetProducts", "Content-Type", "application/x-amz-json-1.1")
		var out struct {
			Type, NextToken, FormatVersion string
			PriceList                      []string
		}
		if err := json.Unmarshal([]byte(strings.Replace(w.body.String(), "__type", "Type", 1)), &out); err != nil {
			t.Fatal(err)
		}
		if w.status != 200 {
			return nil, pages, out.Type
		}
		for _, text := range out.PriceList {
			var o offer
			if err := json.Unmarshal([]byte(text), &o); err != nil || out.FormatVersion != "aws_v1" {
				t.Fatalf("the entry %s of the format %q: %v", text, out.FormatVersion, err)
			}
			all = append(all, o)
		}
		if token = out.NextToken; token == "" {
			return all, pages + 1, ""
		}
	}
}

func TestGetProducts(t *testing.T) {
	s := New(mustParse(t, priced))
	const own, market = `{"ServiceCode":"AmazonBedrock"`, `{"ServiceCode":"AmazonBedrockFoundationModels"`
	filter := func(kind, field, value string) string {
		return fmt.Sprintf(`,"Filters":[{"Type":%q,"Field":%q,"Value":%q}]}`, kind, field, value)
	}
	const novaIn, novaOut = "Nova Lite Input tokens 0.0000600000/1K tokens", "Nova Lite Output tokens 0.0002400000/1K tokens"
	const claudeIn = "Claude Sonnet 4.5 (Amazon Bedrock Edition) us-east-1_InputTokenCount-Units 3.0000000000/Units"
	const claudeOut = "Claude Sonnet 4.5 (Amazon Bedrock Edition) us-east-1_OutputTokenCount-Units 15.0000000000/Units"
	for _, test := range []struct {
		body  string
		want  string // or the error's code
		pages int
	}{
		{own + "}", novaIn + ", " + novaOut, 1},
		{own + `,"MaxResults":1}`, novaIn + ", " + novaOut, 2},
		{market + `,"FormatVersion":"aws_v1"}`, claudeIn + ", " + claudeOut, 1},
		{own + filter("TERM_MATCH", "inferenceType", "Input tokens"), novaIn, 1},
		{own + filter("TERM_MATCH", "regionCode", "eu-west-1"), "", 1},
		{own + filter("TERM_MATCH", "nonesuch", ""), "", 1},
		{market + filter("CONTAINS", "servicename", "Sonnet"), claudeIn + ", " + claudeOut, 1},
		{market + filter("NONE_OF", "usagetype", "us-east-1_InputTokenCount-Units,x"), claudeOut, 1},
		{market + filter("ANY_OF", "ServiceCode", "AmazonBedrock,x"), "", 1},
		{own + filter("MATCHES", "model", "x"), "InvalidParameterException", 0},
		{own + `,"Filters":["x"]}`, "SerializationException", 0},
		{own + `,"MaxResults":101}`, "InvalidParameterException", 0},
		{own + `,"FormatVersion":"aws_v2"}`, "InvalidParameterException", 0},
		{own + `,"NextToken":"MTA="}`, "InvalidNextTokenException", 0},
		{`{"ServiceCode":"AmazonEC2"}`, "NotFoundException", 0},
	} {
		offers, pages, code := getOffers(t, s, test.body)
		var all []string
		skus := map[string]bool{}
		for _, o := range offers {
			skus[o.Product.SKU] = true
			a := o.Product.Attributes
			text := a["model"] + " " + a["inferenceType"]
			if o.ServiceCode == "AmazonBedrockFoundationModels" {
				text = a["servicename"] + " " + a["usagetype"]
			}
			for _, term := range o.Terms.OnDemand {
				for _, p := range term.PriceDimensions {
					text += " " + p.PricePerUnit["USD"] + "/" + p.Unit
				}
			}
			all = append(all, text)
		}
		got := strings.Join(all, ", ") + code
		if got != test.want || pages != test.pages || len(skus) != len(offers) {
			t.Errorf("GetProducts %s = %s on %d pages; want %s on %d", test.body, got, pages, test.want, test.pages)
		}
	}
}
