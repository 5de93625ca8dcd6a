package cloud

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/loadline-dev/loadline/plugins"
)

// The Price List API is one operation for us, so it is spoken to with the SDK's
// signer and retries, and without a module of its own.
const (
	priceRegion   = "us-east-1" // one of the few Regions that have the API; it knows the prices of all
	priceEndpoint = "https://api.pricing.us-east-1.amazonaws.com"
	priceTarget   = "AWSPriceListService.GetProducts"
	pricePage     = 100      // the most that a page holds
	maxPricePage  = 16 << 20 // bytes
	envPricing    = "AWS_ENDPOINT_URL_PRICING"
)

// priceServices are the service codes that Bedrock's prices stand under: models
// billed by AWS, and those billed through the Marketplace.
var priceServices = []string{"AmazonBedrock", "AmazonBedrockFoundationModels"}

// priceList is the client of the Price List API.
type priceList struct {
	endpoint    string
	credentials aws.CredentialsProvider
	client      aws.HTTPClient
	retryer     aws.Retryer
	signer      *v4.Signer
}

func newPriceList(cfg aws.Config, simulated string) priceList {
	endpoint := simulated
	if endpoint == "" {
		endpoint = cmp.Or(os.Getenv(envPricing), aws.ToString(cfg.BaseEndpoint), priceEndpoint)
	}
	return priceList{strings.TrimSuffix(endpoint, "/") + "/", cfg.Credentials, cfg.HTTPClient, cfg.Retryer(), v4.NewSigner()}
}

// Offers lists what the Price List says of Bedrock in this Region.
func (c *Cloud) Offers(ctx context.Context) ([]plugins.Offer, error) {
	var out []plugins.Offer
	for _, code := range priceServices {
		for token := ""; ; {
			in := map[string]any{
				"ServiceCode": code, "FormatVersion": "aws_v1", "MaxResults": pricePage,
				"Filters": []map[string]string{{"Type": "TERM_MATCH", "Field": "regionCode", "Value": c.region}},
			}
			if token != "" {
				in["NextToken"] = token
			}
			var page struct {
				PriceList []string
				NextToken string
			}
			if err := c.prices.send(ctx, in, &page); err != nil {
				return nil, told("pricing:GetProducts", err)
			}
			for _, text := range page.PriceList {
				found, err := offers(text)
				if err != nil {
					return nil, fmt.Errorf("pricing:GetProducts: an entry of %s cannot be read: %w", code, err)
				}
				out = append(out, found...)
			}
			if page.NextToken == "" || page.NextToken == token {
				break
			}
			token = page.NextToken
		}
	}
	return out, nil
}

// offers reads an entry of the Price List: a JSON text within JSON.
func offers(text string) ([]plugins.Offer, error) {
	var entry struct {
		ServiceCode string
		Product     struct {
			SKU        string
			Attributes map[string]string
		}
		Terms struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					Unit, Description string
					PricePerUnit      map[string]string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &entry); err != nil {
		return nil, err
	}
	var out []plugins.Offer
	for _, term := range entry.Terms.OnDemand {
		for _, d := range term.PriceDimensions {
			out = append(out, plugins.Offer{Service: entry.ServiceCode, SKU: entry.Product.SKU, Attributes: entry.Product.Attributes, Unit: d.Unit, Description: d.Description, USD: d.PricePerUnit["USD"]})
		}
	}
	return out, nil
}

// send asks, and asks again where the SDK's rules say so.
func (p priceList) send(ctx context.Context, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := p.try(ctx, body, out)
		if err == nil || attempt == p.retryer.MaxAttempts() || !p.retryer.IsErrorRetryable(err) {
			return err
		}
		delay, none := p.retryer.RetryDelay(attempt, err)
		if none != nil {
			return err
		}
		if err := smithytime.SleepWithContext(ctx, delay); err != nil {
			return err
		}
	}
}

func (p priceList) try(ctx context.Context, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", priceTarget)
	who, err := p.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("get credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := p.signer.SignHTTP(ctx, who, r, hex.EncodeToString(sum[:]), "pricing", priceRegion, time.Now()); err != nil {
		return err
	}
	reply, err := p.client.Do(r)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(io.LimitReader(reply.Body, maxPricePage))
	if err != nil {
		return err
	}
	if reply.StatusCode != http.StatusOK {
		return refused(reply, b)
	}
	return json.Unmarshal(b, out)
}

// refused is the error of a reply, as the SDK's own clients have it.
func refused(reply *http.Response, body []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string
	}
	var cause error = errors.New("the reply is no error of AWS")
	if json.Unmarshal(body, &e) == nil && e.Type != "" {
		cause = &smithy.GenericAPIError{Code: e.Type[strings.LastIndexByte(e.Type, '#')+1:], Message: e.Message}
	}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: reply}, Err: cause}
}
