package cloud

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/loadline-dev/loadline/plugins"
)

func draftAt(t testing.TB, endpoint string, in plugins.Invocation) *draft {
	t.Helper()
	c, err := New(context.Background(), Config{Region: "us-east-1", Simulated: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.lean.draft(context.Background(), operations[in.API], in)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Where our signer would differ from the SDK's, it is not used.
func TestSignersThatDiffer(t *testing.T) {
	in := plugins.Invocation{API: plugins.APIInvoke, ModelID: "amazon.nova-lite-v1:0", Tier: "flex", Body: []byte("{}")}
	for endpoint, used := range map[string]bool{
		"https://bedrock-runtime.us-east-1.amazonaws.com": true,
		"http://127.0.0.1:8080":                           true,
		"http://simulated.invalid/below/this":             true,
		"http://simulated.invalid:80":                     false, // the SDK leaves the port out
		"https://simulated.invalid:443":                   false,
	} {
		if d := draftAt(t, endpoint, in); (d.signer != nil) != used {
			t.Errorf("%s: our signer is used: %v; want %v", endpoint, d.signer != nil, used)
		}
	}
	d := draftAt(t, "http://simulated.invalid", in)
	d.header.Set("X-Spaces", "two  of them") // which the SDK makes one in what it signs
	if newSigner(d, v4.NewSigner()) != nil {
		t.Error("a signature that differs from the SDK's is used")
	}
	d.header.Del("X-Spaces")
	d.auth = bearer
	if newSigner(d, v4.NewSigner()) != nil {
		t.Error("there is a signature beside the token")
	}
}

// Any request is signed as the SDK's signer signs it, by the same signer in turn
// for several keys and days.
func FuzzSignatures(f *testing.F) {
	f.Add("amazon.nova-lite-v1:0", "{}", "AKID", "secret", "", "attempt=1; max=1", int64(1_700_000_000))
	f.Add("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a b%2f", "x", "ASIA", "s/+=", "token//==", "attempt=1; max=1; ttl=20260101T000000Z", int64(1_800_086_400))
	f.Add("ü", "🙂", "", "", "t", "attempt=1", int64(0))
	kept := map[string]*draft{}
	f.Fuzz(func(t *testing.T, model, body, key, secret, token, attempt string, at int64) {
		if model == "" || body == "" || at < 0 || at > 1<<37 || !clean(attempt) || !clean(token) {
			return
		}
		d := kept[model]
		if d == nil {
			d = draftAt(t, "http://simulated.invalid", plugins.Invocation{API: plugins.APIInvoke, ModelID: model, Body: []byte("{}")})
			kept[model] = d
		}
		if d.signer == nil {
			t.Fatalf("no signer of our own for %q", model)
		}
		keys, when, c := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: token}, time.Unix(at, 0), newContent(plugins.Invocation{}, []byte(body))
		ours, p := d.request(context.Background(), c)
		theirs, _ := d.request(context.Background(), c)
		for _, r := range []*http.Request{ours, theirs} {
			r.Header[headerInvocation], r.Header[headerAttempt] = []string{"an-id"}, []string{attempt}
		}
		d.signer.sign(keys, ours, p, c, when)
		// A new one: it keeps its keys by the access key alone.
		if err := v4.NewSigner().SignHTTP(context.Background(), keys, theirs, c.hash, d.service, d.region, when); err != nil {
			t.Fatal(err)
		}
		if !sameHeaders(ours.Header, theirs.Header) {
			t.Errorf("ours %v\nSDK  %v", ours.Header, theirs.Header)
		}
	})
}

// clean values have no spaces at their ends or in a row: the others are of no
// header of ours.
func clean(s string) bool {
	for i, c := range []byte(s) {
		if c <= ' ' && (c != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ') || c == 0x7f {
			return false
		}
	}
	return true
}
