package sim

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// price is what a model costs, in USD for a million tokens.
type price struct{ input, output float64 }

var priceList = &service{target: "AWSPriceListService", signing: "pricing", json: "application/x-amz-json-1.1"}

// The service codes that Bedrock's prices stand under.
const (
	ownModels    = "AmazonBedrock"                 // billed by AWS, for 1,000 tokens
	marketModels = "AmazonBedrockFoundationModels" // billed through the Marketplace, for 1,000,000 tokens
)

// marketProviders are the labels of the model ids that are billed through the
// Marketplace.
var marketProviders = []string{"anthropic", "cohere", "ai21", "writer", "stability", "twelvelabs", "luma"}

// product is an entry of the Price List: flat attributes, and one price.
type product struct {
	service, family, sku string
	attributes           map[string]string
	unit, description    string
	usd                  string
}

// products are the on-demand prices of the models under one service code: two
// for a model, in the order of the account file.
func (s *Server) products(code string) []product {
	var all []product
	for _, m := range s.account.models {
		label, _, _ := strings.Cut(m.id, ".")
		market := slices.Contains(marketProviders, label)
		if m.price == nil || market != (code == marketModels) {
			continue
		}
		all = append(all, s.product(m, code, "Input", m.price.input), s.product(m, code, "Output", m.price.output))
	}
	return all
}

func (s *Server) product(m *model, code, side string, perMillion float64) product {
	region := s.account.Region
	p := product{service: code, family: "Amazon Bedrock", attributes: map[string]string{
		"servicecode": code, "regionCode": region, "location": region, "locationType": "AWS Region",
		"operation": "", "provider": m.provider,
	}}
	if code == marketModels {
		p.attributes["servicename"] = m.name + " (Amazon Bedrock Edition)"
		p.attributes["usagetype"] = region + "_" + side + "TokenCount-Units"
		p.unit, p.usd = "Units", dollars(perMillion)
		p.description = p.usd + " USD per Million " + side + " Tokens"
	} else {
		p.attributes["servicename"] = "Amazon Bedrock"
		p.attributes["model"] = m.name
		p.attributes["feature"] = "On-demand Inference"
		p.attributes["inferenceType"] = side + " tokens"
		p.attributes["usagetype"] = region + "-" + m.id + "-" + strings.ToLower(side) + "-tokens"
		p.unit, p.usd = "1K tokens", dollars(perMillion/1000)
		p.description = p.usd + " USD per 1K " + strings.ToLower(side) + " tokens for " + m.name
	}
	sum := sha256.Sum256([]byte(code + region + m.id + side))
	p.sku = base32.StdEncoding.EncodeToString(sum[:10])
	return p
}

// dollars writes an amount as the Price List does, with ten decimals.
func dollars(usd float64) string { return strconv.FormatFloat(usd, 'f', 10, 64) }

// field is what a filter of that name looks at.
func (p *product) field(name string) (string, bool) {
	switch name {
	case "ServiceCode":
		return p.service, true
	case "productFamily":
		return p.family, true
	case "sku":
		return p.sku, true
	}
	v, ok := p.attributes[name]
	return v, ok
}

// entry is the JSON text of a product in the format aws_v1.
func (p *product) entry() string {
	const term, rate = "JRTCKXETXF", "6YS6EN2CT7" // what AWS calls on demand, and its only step
	offer := p.sku + "." + term
	text, err := json.Marshal(map[string]any{
		"serviceCode": p.service, "version": created.Format("20060102150405"), "publicationDate": created.Format(time.RFC3339),
		"product": map[string]any{"productFamily": p.family, "sku": p.sku, "attributes": p.attributes},
		"terms": map[string]any{"OnDemand": map[string]any{offer: map[string]any{
			"sku": p.sku, "offerTermCode": term, "effectiveDate": created.Format(time.RFC3339), "termAttributes": map[string]any{},
			"priceDimensions": map[string]any{offer + "." + rate: map[string]any{
				"rateCode": offer + "." + rate, "unit": p.unit, "description": p.description, "appliesTo": []string{},
				"beginRange": "0", "endRange": "Inf", "pricePerUnit": map[string]string{"USD": p.usd},
			}},
		}}},
	})
	if err != nil { // a bug here: texts alone
		panic(err)
	}
	return string(text)
}

// getProducts lists the prices of a service code that all filters let through.
func (s *Server) getProducts(c *call) {
	body, bad := c.decode()
	in := &fields{object: body}
	code, token := in.text("ServiceCode"), in.text("NextToken")
	format := orElse(in.text("FormatVersion"), "aws_v1")
	size, sized := in.number("MaxResults")
	if !sized {
		size = 100
	}
	filters := in.list("Filters")
	if bad == nil {
		bad = in.bad
	}
	scope := "products " + code
	var tests []func(*product) bool
	for _, f := range filters {
		test, text, wrong := productFilter(&fields{object: f})
		tests, scope = append(tests, test), scope+" "+text
		if bad == nil {
			bad = wrong
		}
	}
	switch {
	case bad != nil:
	case code != ownModels && code != marketModels:
		bad = &fault{http.StatusBadRequest, "NotFoundException", "The service code " + strconv.Quote(code) + " can't be found."}
	case format != "aws_v1" || size < 1 || size > 100:
		bad = &fault{http.StatusBadRequest, "InvalidParameterException", "FormatVersion is aws_v1, and MaxResults between 1 and 100."}
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	chosen := slices.DeleteFunc(s.products(code), func(p product) bool {
		return slices.ContainsFunc(tests, func(test func(*product) bool) bool { return !test(&p) })
	})
	rows, next, ok := page(chosen, size, scope, token)
	if !ok {
		c.fail(&fault{http.StatusBadRequest, "InvalidNextTokenException", "The pagination token is invalid."})
		return
	}
	list := make([]any, len(rows))
	for i := range rows {
		list[i] = rows[i].entry()
	}
	out := object{"FormatVersion": format, "PriceList": list}
	if next != "" {
		out["NextToken"] = next
	}
	c.reply(out)
}

// productFilter reads one filter, and a text that tells it from others.
func productFilter(in *fields) (test func(*product) bool, text string, bad *fault) {
	kind, name, value := in.text("Type"), in.text("Field"), in.text("Value")
	matches := map[string]func(v string) bool{
		"TERM_MATCH": func(v string) bool { return v == value },
		"EQUALS":     func(v string) bool { return v == value },
		"CONTAINS":   func(v string) bool { return strings.Contains(v, value) },
		"ANY_OF":     func(v string) bool { return slices.Contains(strings.Split(value, ","), v) },
		"NONE_OF":    func(v string) bool { return !slices.Contains(strings.Split(value, ","), v) },
	}[kind]
	switch {
	case in.bad != nil:
		return nil, "", in.bad
	case matches == nil || name == "":
		return nil, "", &fault{http.StatusBadRequest, "InvalidParameterException", "A filter has a Type, a Field and a Value."}
	}
	return func(p *product) bool {
		v, ok := p.field(name)
		return ok && matches(v)
	}, strings.Join([]string{kind, name, value}, "\x00"), nil
}
