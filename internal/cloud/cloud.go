// Package cloud speaks to AWS through the SDK, and is the only package of the
// program that does. It implements [plugins.AWS].
//
// The real account and a simulated one are reached by the same code. They
// differ in three things only: where the requests go, whose credentials sign
// them, and that a simulated account takes nothing from the environment.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/loadline-dev/loadline/plugins"
)

// Config says which account to reach.
type Config struct {
	Region  string // "" takes the one of the profile or the environment
	Profile string // "" is the default chain of credentials

	// Simulated is the base URL of a simulated account; "" is AWS. With it,
	// profiles, credentials, endpoints, proxies and bearer tokens of the
	// environment are ignored.
	Simulated string
	// Credentials sign the requests to a simulated account; without an access
	// key, a pair made up does, for an account that verifies nothing.
	Credentials Credentials
	// Transport carries the requests to a simulated account; nil is the
	// network.
	Transport http.RoundTripper

	// Cache is the folder that keeps the list of quotas for a day; "" keeps
	// none. A simulated account is never kept: it is quick, and its file changes.
	Cache string
	Fresh bool // reads the list anew, and keeps it

	// SDK sends calls of models through the SDK's own client, and not on the
	// lean path, which does the same for less.
	SDK bool
}

// Credentials are a key pair, with a session token where it is temporary.
type Credentials struct{ AccessKey, SecretKey, SessionToken string }

// Cloud is an account of AWS. It is safe for concurrent use.
type Cloud struct {
	region     string
	cache      string // the folder of kept quotas, or ""
	fresh      bool
	endpoint   string // of Service Quotas, where it is not that of AWS
	limits     limits
	prices     priceList
	bedrock    *bedrock.Client
	runtime    *bedrockruntime.Client
	quotas     *servicequotas.Client
	cloudwatch *cloudwatch.Client
	sts        *sts.Client
	lean       *lean // nil: calls go through the SDK's own client
}

var _ plugins.AWS = (*Cloud)(nil)

// errNoRegion tells the way out.
var errNoRegion = errors.New("no region: say it with --region, with region: in the scenario, or in the AWS profile or environment")

// New makes the clients. It reads the AWS configuration but sends nothing.
func New(ctx context.Context, c Config) (*Cloud, error) {
	cfg, transport, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, errNoRegion
	}
	out := connect(cfg, c.Simulated)
	out.fresh = c.Fresh
	if c.Simulated == "" {
		out.cache = c.Cache
	}
	if !c.SDK {
		out.lean = newLean(out.runtime, newWire(transport))
	}
	return out, nil
}

// From makes the clients out of the configuration of another program, for reading:
// it keeps no files, and calls of models go through the SDK's own client.
func From(cfg aws.Config) *Cloud {
	if cfg.Retryer == nil {
		cfg.Retryer = func() aws.Retryer { return patient(8, 20*time.Second) }
	}
	return connect(cfg, "")
}

// connect makes the clients; simulated is the base URL of a simulated account.
func connect(cfg aws.Config, simulated string) *Cloud {
	out := &Cloud{region: cfg.Region, limits: newLimits(), prices: newPriceList(cfg, simulated)}
	out.bedrock = bedrock.NewFromConfig(cfg, func(o *bedrock.Options) {
		if simulated != "" {
			o.BaseEndpoint, o.BearerAuthTokenProvider, o.AuthSchemePreference = &simulated, nil, sigv4
		}
	})
	out.runtime = bedrockruntime.NewFromConfig(cfg, func(o *bedrockruntime.Options) {
		// A throttle is a measurement: a retry would hide it, and add load.
		o.Retryer = aws.NopRetryer{}
		if simulated != "" {
			o.BaseEndpoint, o.BearerAuthTokenProvider, o.AuthSchemePreference = &simulated, nil, sigv4
		}
	})
	out.quotas = servicequotas.NewFromConfig(cfg, func(o *servicequotas.Options) {
		if simulated != "" {
			o.BaseEndpoint = &simulated
		}
	})
	out.endpoint = aws.ToString(out.quotas.Options().BaseEndpoint)
	out.cloudwatch = cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
		if simulated != "" {
			o.BaseEndpoint = &simulated
		}
	})
	out.sts = sts.NewFromConfig(cfg, func(o *sts.Options) {
		// The first request of a run: a wrong network should show in seconds.
		o.Retryer = patient(3, time.Second)
		if simulated != "" {
			o.BaseEndpoint = &simulated
		}
	})
	return out
}

// Region is where the calls go.
func (c *Cloud) Region() string { return c.region }

// sigv4 keeps a client from a bearer token in the environment, which would go
// to whatever endpoint is set, and which the SDK refuses over plain http.
var sigv4 = []string{"sigv4"}

// load also returns what carries the requests, without what the SDK needs around
// it.
func (c Config) load(ctx context.Context) (aws.Config, http.RoundTripper, error) {
	if c.Simulated != "" {
		transport := c.Transport
		if transport == nil {
			transport = direct()
		}
		keys := c.Credentials
		if keys.AccessKey == "" {
			keys = Credentials{AccessKey: "SIMULATED", SecretKey: "simulated-secret"}
		}
		return aws.Config{
			Region:      c.Region,
			Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKey, keys.SecretKey, keys.SessionToken),
			HTTPClient:  client(transport),
			Retryer:     func() aws.Retryer { return patient(8, 20*time.Second) },
		}, transport, nil
	}
	// The SDK puts the certificates of AWS_CA_BUNDLE into this client, and can do
	// so only with one of its own.
	own := awshttp.NewBuildableClient().WithTransportOptions(tune)
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(own),
		config.WithRetryer(func() aws.Retryer { return patient(8, 20*time.Second) }),
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if bundled, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		own = bundled
	}
	transport := own.GetTransport()
	cfg.HTTPClient = client(transport)
	return cfg, transport, nil
}

// Redirected names the environment variables that send requests for AWS to
// another endpoint.
func Redirected() []string {
	var out []string
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL_SERVICE_QUOTAS", "AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ENDPOINT_URL_STS", envPricing} {
		if os.Getenv(name) != "" {
			out = append(out, name)
		}
	}
	return out
}
