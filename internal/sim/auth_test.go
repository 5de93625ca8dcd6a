package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/auth/bearer"
)

// guarded is an account that knows its callers. A bubble begins in the year 2000.
const guarded = twoModels + `
quotas: [{code: L-1, name: one, value: 1}]
credentials:
  - {access_key: AKIDUSER, secret_key: wJalrXUtnFEMI/K7MDENG}
  - {access_key: ASIAROLE, secret_key: other, session_token: "FwoGZXIvYXdz/+=", expires: 2000-01-01T01:00:00Z}
bearer_keys: [ABSKone, ABSKtwo]
`

var (
	user = aws.Credentials{AccessKeyID: "AKIDUSER", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG"}
	role = aws.Credentials{AccessKeyID: "ASIAROLE", SecretAccessKey: "other", SessionToken: "FwoGZXIvYXdz/+="}
)

// callEach calls an operation of every service with SDK clients, and returns
// the code of each error, "" for none.
func callEach(ctx context.Context, endpoint string, transport http.RoundTripper, k aws.Credentials, region string) map[string]string {
	cfg := aws.Config{
		Region: region, BaseEndpoint: &endpoint, HTTPClient: &http.Client{Transport: transport},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return k, nil
		}),
	}
	control, quotas := bedrock.NewFromConfig(cfg), servicequotas.NewFromConfig(cfg)
	_, models := control.ListFoundationModels(ctx, &bedrock.ListFoundationModelsInput{ByProvider: aws.String("a & b/ü+~")})
	_, model := control.GetFoundationModel(ctx, &bedrock.GetFoundationModelInput{
		ModelIdentifier: aws.String("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0")})
	_, listed := quotas.ListServiceQuotas(ctx, &servicequotas.ListServiceQuotasInput{ServiceCode: bedrockCode})
	_, invoked := bedrockruntime.NewFromConfig(cfg).InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId: aws.String("anthropic.claude-3-haiku-20240307-v1:0"), ContentType: aws.String("application/json"),
		Body: []byte(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":10,"messages":[{"role":"user","content":"x"}]}`)})
	now := time.Now()
	_, metrics := cloudwatch.NewFromConfig(cfg).GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-time.Hour)), EndTime: &now, MetricDataQueries: []cwtypes.MetricDataQuery{query("q", "Invocations", "anthropic.a", "Sum", 60)}})
	_, caller := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	codes := map[string]string{}
	for name, err := range map[string]error{"models": models, "model": model, "quotas": listed, "invoke": invoked, "metrics": metrics, "sts": caller} {
		codes[name] = codeOf(err)
	}
	return codes
}

// The SDK's signatures are right for all services, and what is wrong with them
// is told in the words of each.
func TestSignaturesOfTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, guarded))
		expect := func(what string, k aws.Credentials, region, json, query string) {
			t.Helper()
			for name, got := range callEach(t.Context(), "http://sim.invalid:8080", inProcess{s}, k, region) {
				want := json
				if name == "sts" || name == "metrics" {
					want = query
				}
				if got != want {
					t.Errorf("%s: %s = %q; want %q", what, name, got, want)
				}
			}
		}
		expect("a user", user, "us-east-1", "", "")
		expect("a role", role, "us-east-1", "", "")
		expect("a wrong secret", aws.Credentials{AccessKeyID: "AKIDUSER", SecretAccessKey: "guess"}, "us-east-1", "InvalidSignatureException", "SignatureDoesNotMatch")
		expect("an unknown key", aws.Credentials{AccessKeyID: "AKIDNONE", SecretAccessKey: "x"}, "us-east-1", "UnrecognizedClientException", "InvalidClientTokenId")
		expect("a role without its token", aws.Credentials{AccessKeyID: "ASIAROLE", SecretAccessKey: "other"}, "us-east-1", "UnrecognizedClientException", "InvalidClientTokenId")
		elsewhere := callEach(t.Context(), "http://sim.invalid:8080", inProcess{s}, user, "eu-west-1")
		if elsewhere["quotas"] != "InvalidSignatureException" || elsewhere["metrics"] != "SignatureDoesNotMatch" || elsewhere["sts"] != "" {
			t.Errorf("another Region's signatures = %v; want them refused but by STS", elsewhere)
		}
		time.Sleep(time.Hour - time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
		expect("a role after its end", role, "us-east-1", "ExpiredTokenException", "ExpiredToken")
		expect("a user, whose keys stay", user, "us-east-1", "", "")
	})
}

// Signatures also hold as they come over both versions of HTTP.
func TestSignaturesOnTheWire(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listening := Serve(l, New(mustParse(t, guarded)))
	for _, major := range []int{1, 2} {
		transport := &http.Transport{Protocols: &http.Protocols{}}
		transport.Protocols.SetHTTP1(major == 1)
		transport.Protocols.SetUnencryptedHTTP2(major == 2)
		for name, got := range callEach(t.Context(), "http://"+l.Addr().String(), transport, user, "us-east-1") {
			if got != "" {
				t.Errorf("HTTP/%d: %s = %q; want no error", major, name, got)
			}
		}
		transport.CloseIdleConnections()
	}
	if err := listening.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
}

// Without credentials in the account file everyone may call.
func TestNothingVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, twoModels))
		for name, got := range callEach(t.Context(), "http://sim.invalid:8080", inProcess{s}, aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, "mars-north-1") {
			if got != "" {
				t.Errorf("%s = %q; want no error", name, got)
			}
		}
		if w := send(s, "GET", "/foundation-models", "", "Authorization", "nonsense"); w.status != 200 {
			t.Errorf("a strange Authorization = %d; want 200", w.status)
		}
	})
}

func TestBearerKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, guarded))
		for key, want := range map[string]string{"ABSKone": "", "ABSKtwo": "", "ABSK": "AccessDeniedException", "ABSKone2": "AccessDeniedException"} {
			client := bedrock.New(bedrock.Options{
				Region: "us-east-1", BaseEndpoint: aws.String("https://sim.invalid"), HTTPClient: &http.Client{Transport: inProcess{s}},
				Retryer: aws.NopRetryer{}, AuthSchemePreference: []string{"httpBearerAuth"},
				BearerAuthTokenProvider: bearer.StaticTokenProvider{Token: bearer.Token{Value: key}},
			})
			if _, err := client.ListFoundationModels(t.Context(), &bedrock.ListFoundationModelsInput{}); codeOf(err) != want {
				t.Errorf("the bearer key %s = %v; want %q", key, err, want)
			}
		}
		w := send(s, "POST", "/", "{}", "X-Amz-Target", "ServiceQuotasV20190624.ListServices", "Authorization", "Bearer ABSKone")
		if got := w.header.Get("X-Amzn-Errortype"); got != "IncompleteSignatureException" {
			t.Errorf("a bearer key in another service = %q; want an IncompleteSignatureException", got)
		}
	})
}

// signed makes a request with a signature of the SDK's signer.
func signed(t testing.TB, method, url, body, service string, k aws.Credentials, at time.Time, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	if r.Header.Get(payloadHash) != "" {
		hash = r.Header.Get(payloadHash)
	}
	if err := v4.NewSigner().SignHTTP(context.Background(), k, r, hash, service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSignatureRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, now := New(mustParse(t, guarded+"\n")), time.Now()
		const models = "http://sim.invalid/foundation-models"
		get := func(at time.Time) *http.Request { return signed(t, "GET", models, "", "bedrock", user, at) }
		post := func(service string, header ...string) *http.Request {
			return signed(t, "POST", "http://sim.invalid/", "{}", service, user, now, header...)
		}
		with := func(r *http.Request, change func(http.Header)) *http.Request {
			change(r.Header)
			return r
		}
		replace := func(old, by string) func(http.Header) {
			return func(h http.Header) { h.Set("Authorization", strings.Replace(h.Get("Authorization"), old, by, 1)) }
		}
		const target, quotas = "X-Amz-Target", "ServiceQuotasV20190624.ListServices"
		for _, test := range []struct {
			name    string
			request *http.Request
			status  int
			code    string
			message string // a part of it
		}{
			{"now", get(now), 200, "", ""},
			{"5 minutes ago", get(now.Add(-maxSkew)), 200, "", ""},
			{"5 minutes ahead", get(now.Add(maxSkew)), 200, "", ""},
			{"more than 5 minutes ago", get(now.Add(-maxSkew - time.Second)), 403, wrongSignature, "Signature expired: "},
			{"more than 5 minutes ahead", get(now.Add(maxSkew + time.Second)), 403, wrongSignature, "Signature not yet current: "},
			{"no authentication", with(get(now), func(h http.Header) { h.Del("Authorization") }), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
			{"no date", with(get(now), func(h http.Header) { h.Del("X-Amz-Date") }), 403, "IncompleteSignatureException", "X-Amz-Date"},
			{"another day", with(get(now), replace("/20000101/", "/20000102/")), 403, wrongSignature, "Date in Credential scope does not match"},
			{"no signed headers", with(get(now), replace("SignedHeaders=", "SignedHeaders=,Rest=")), 403, "IncompleteSignatureException", "unknown"},
			{"an unsigned header", with(get(now), func(h http.Header) { h.Set("X-Amz-Other", "1") }), 403, wrongSignature, "'x-amz-other' must be"},
			{"an unsigned host", with(get(now), replace("host;", "")), 403, wrongSignature, "'Host'"},
			{"a wrong signature", with(get(now), replace("Signature=", "Signature=00")), 403, "IncompleteSignatureException", "64"},
			{"JSON", post("servicequotas", target, quotas), 200, "", ""},
			{"JSON, another service's scope", post("sts", target, quotas), 400, wrongSignature, "correct service: 'servicequotas'"},
			{"JSON, another operation", with(post("servicequotas", target, quotas), func(h http.Header) {
				h.Set(target, "ServiceQuotasV20190624.ListServiceQuotas")
			}), 400, wrongSignature, "The Canonical String for this request should have been"},
			{"REST, another service's scope", signed(t, "GET", models, "", "servicequotas", user, now), 403, wrongSignature, "correct service: 'bedrock'"},
			{"an unsigned payload", signed(t, "GET", models, "x", "bedrock", user, now, payloadHash, unsigned), 200, "", ""},
			{"a wrong hash", signed(t, "GET", models, "x", "bedrock", user, now, payloadHash, strings.Repeat("0", 64)), 403, wrongSignature, "does not match"},
			{"prices, of any Region", signed(t, "POST", "http://sim.invalid/", `{"ServiceCode":"AmazonBedrock"}`, "pricing", user, now,
				target, "AWSPriceListService.GetProducts"), 200, "", ""},
		} {
			w := &recorder{header: http.Header{}}
			s.ServeHTTP(w, test.request)
			code, _, _ := strings.Cut(w.header.Get("X-Amzn-Errortype"), ":")
			if w.status != test.status || code != test.code || !strings.Contains(w.body.String(), test.message) {
				t.Errorf("%s = %d %q %s; want %d %q with %q", test.name, w.status, code, &w.body, test.status, test.code, test.message)
			}
		}
	})
}

// The scope of a signature chooses the service where nothing else does, and it
// has to be the right one also where no signature is verified.
func TestScopes(t *testing.T) {
	s := New(mustParse(t, twoModels))
	scope := func(service string) string {
		return sigv4 + " Credential=AKID/20260101/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=" + strings.Repeat("0", 64)
	}
	const form = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, method, path, body, service string
		status                            int
		part                              string
	}{
		{"a form without a version", "POST", "/", "Action=GetCallerIdentity", "sts", 200, "<Account>"},
		{"another service's form", "POST", "/", "Action=GetCallerIdentity", "ec2", 400, "InvalidAction"},
		{"a form with a version", "POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", "ec2", 403, "SignatureDoesNotMatch"},
		{"a path", "GET", "/foundation-models", "", "bedrock", 200, "modelSummaries"},
		{"another service's path", "GET", "/foundation-models", "", "s3", 403, "Credential should be scoped to correct service: 'bedrock'"},
	} {
		w := send(s, test.method, test.path, test.body, "Content-Type", form, "Authorization", scope(test.service))
		if w.status != test.status || !strings.Contains(w.body.String(), test.part) {
			t.Errorf("%s: %d %s; want %d with %q", test.name, w.status, &w.body, test.status, test.part)
		}
	}
}
