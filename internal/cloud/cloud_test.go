package cloud_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// A simulated account must be safe to use in a shell that is set up for a real
// one: nothing of the environment may reach it, and nothing may go elsewhere.
func TestASimulatedAccountIgnoresTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://elsewhere.invalid", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://elsewhere.invalid", "AWS_ENDPOINT_URL_STS": "http://elsewhere.invalid",
		"AWS_ENDPOINT_URL_CLOUDWATCH": "http://elsewhere.invalid", "AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://elsewhere.invalid", "AWS_ENDPOINT_URL_BEDROCK": "http://elsewhere.invalid",
		"AWS_PROFILE": "no-such-profile", "AWS_BEARER_TOKEN_BEDROCK": "secret-bearer", "AWS_ACCESS_KEY_ID": "AKIAREALREALREAL", "AWS_SECRET_ACCESS_KEY": "real-secret",
		"AWS_SESSION_TOKEN": "real-session", "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "adaptive", "HTTP_PROXY": "http://elsewhere.invalid", "http_proxy": "http://elsewhere.invalid",
	} {
		t.Setenv(name, value)
	}
	account, err := sim.Parse("built-in", sim.Default())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var foreign atomic.Int64
	server := sim.New(account)
	s := sim.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=SIMULATED/") || !strings.Contains(auth, "/us-east-1/") || r.Header.Get("X-Amz-Security-Token") != "" {
			foreign.Add(1)
			t.Errorf("%s %s is signed as %q", r.Method, r.URL.Path, auth)
		}
		server.ServeHTTP(w, r)
	}))
	defer s.Shutdown(context.Background())
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if who, err := c.Identity(ctx); err != nil || who.Account != "123456789012" || who.Region != "us-east-1" {
		t.Errorf("Identity() = %v, %v", who, err)
	}
	if list, err := c.Quotas(ctx, false); err != nil || len(list.Rows) == 0 {
		t.Errorf("Quotas() = %d rows, %v", len(list.Rows), err)
	}
	if catalog, err := c.Catalog(ctx); err != nil || len(catalog.Models) == 0 || len(catalog.Profiles) == 0 {
		t.Errorf("Catalog() = %d models, %d profiles, %v", len(catalog.Models), len(catalog.Profiles), err)
	}
	if r := c.Invoke(ctx, invocation(plugins.APIConverse)); r.Outcome != record.OK || r.Usage == nil {
		t.Errorf("Invoke() = %+v", r)
	}
	end := time.Now().UTC().Truncate(time.Minute)
	w := record.Window{Start: end.Add(-time.Hour), End: end, Period: record.Duration(5 * time.Minute)}
	if points, err := c.Measure(ctx, sums("Invocations", "anthropic.claude-3-haiku-20240307-v1:0"), w); err != nil || given(points[0]) == 0 {
		t.Errorf("Measure() = %v, %v", points, err)
	}
}

// brittle is a body that cannot be read once it was closed, as the SDK's own.
type brittle struct {
	io.Reader
	closed *bool
}

func (b brittle) Close() error { *b.closed = true; return nil }

func (b brittle) Read(p []byte) (int, error) {
	if *b.closed {
		return 0, errors.New("read after close")
	}
	return b.Reader.Read(p)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestBodiesAreHandedOverInMemory(t *testing.T) {
	closed := false
	carrier := cloud.InMemory(roundTrip(func(r *http.Request) (*http.Response, error) {
		if !closed {
			t.Error("the SDK's body is still open when the request goes out")
		}
		for range 2 { // once, and again as a redirect or a new connection would
			got, err := io.ReadAll(r.Body)
			if err != nil || string(got) != "hello" || r.ContentLength != 5 {
				t.Errorf("body %q (%d), %v; want hello (5)", got, r.ContentLength, err)
			}
			if r.Body, err = r.GetBody(); err != nil {
				t.Error(err)
			}
		}
		return nil, errors.New("done")
	}))
	r, err := http.NewRequest(http.MethodPost, "http://simulated.invalid", brittle{bytes.NewReader([]byte("hello")), &closed})
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 5
	if _, err := carrier.RoundTrip(r); err == nil || err.Error() != "done" {
		t.Errorf("RoundTrip: %v", err)
	}
}

func TestARefusalNamesTheAction(t *testing.T) {
	c := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"AccessDeniedException","Message":"not yours"}`)
	})))
	if _, err := c.Quotas(context.Background(), false); err == nil || !strings.Contains(err.Error(), "need the action servicequotas:ListServiceQuotas") {
		t.Errorf("Quotas() error %v; want the IAM action", err)
	}
}

func TestNoRegionIsSaid(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	if _, err := cloud.New(context.Background(), cloud.Config{}); err == nil || !strings.Contains(err.Error(), "--region") {
		t.Errorf("New() error %v; want the ways to say a region", err)
	}
}

// The credentials of the account sign every request to it.
func TestCredentialsOfASimulatedAccount(t *testing.T) {
	account, err := sim.Parse("account.yaml", []byte("models: [{id: anthropic.a}]\ncredentials: [{access_key: AKIDTEST, secret_key: right, session_token: token}]"))
	if err != nil {
		t.Fatal(err)
	}
	for want, keys := range map[string]cloud.Credentials{
		"":                      {AccessKey: "AKIDTEST", SecretKey: "right", SessionToken: "token"},
		"SignatureDoesNotMatch": {AccessKey: "AKIDTEST", SecretKey: "wrong", SessionToken: "token"},
		"InvalidClientTokenId":  {},
	} {
		c, err := cloud.New(t.Context(), cloud.Config{
			Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(account)), Credentials: keys,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Identity(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v; want %q", keys, err, want)
		}
	}
}
