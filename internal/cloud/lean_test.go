package cloud_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// paths are the two ways for calls, by their names.
var paths = map[string]bool{"lean": false, "sdk": true}

// by makes an account out of a handler, reached by one of the paths.
func by(t testing.TB, sdk bool, transport http.RoundTripper) *cloud.Cloud {
	t.Helper()
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: transport, SDK: sdk})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// request is one as a server saw it.
type request struct {
	Line    string
	Header  http.Header
	Body    string
	Length  int64
	Coding  []string
	Trailer http.Header
}

// perCall are the headers that differ from call to call.
var perCall = []string{"X-Amz-Date", "Amz-Sdk-Invocation-Id", "Authorization"}

// signature is what tells one signature from another of the same request.
var signature = regexp.MustCompile(`/\d{8}/|Signature=[0-9a-f]{64}`)

// listen serves on loopback, and says where.
func listen(t testing.TB, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := sim.Serve(l, h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := serving.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown() = %v", err)
		}
	})
	return "http://" + l.Addr().String()
}

// requests are calls of every kind: each differs from the one before in one
// thing, so that nothing can be kept that should not be.
func requests() (all []plugins.Invocation) {
	warm, cold := 0.7, 0.0
	for _, api := range apis {
		for _, id := range []string{novaModel, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc def"} {
			in := plugins.Invocation{API: api, ModelID: id, Prompt: plugins.Prompt{Text: "hi <there> & \"you\" \u2028\x01 ü 🙂", MaxTokens: 5}, Body: []byte(`{"a": 1}`)}
			for _, change := range []func(){
				func() {},
				func() { in.Prompt.System = "be brief" },
				func() { in.Prompt.Temperature = &warm },
				func() { in.Prompt.Temperature = &cold },
				func() { in.Prompt.MaxTokens = 6 },
				func() { in.Prompt.Text = "another" },
				func() { in.Body = []byte(`{"a": 2}`) },
				func() { in.Body = bytes.Repeat([]byte("x"), 100_000) },
				func() { in.Tier = "flex" },
				func() { in.Latency = "optimized" },
				func() { in.LongContext = true },
				func() { in.Tier, in.Latency, in.LongContext = "", "", false },
				func() { in.Prompt.Text = strings.Repeat("long ", 10_000) },
				func() { in.Prompt.Text, in.Body = "another", []byte(`{"a": 2}`) }, // once more
				func() { in.Prompt.Text = "" },
			} {
				change()
				all = append(all, in, in)
			}
		}
	}
	return all
}

// What reaches AWS is the same by both paths: method, path, query, headers and
// body, byte for byte, but for the invocation id, the date and the signature.
func TestBothPathsSendTheSame(t *testing.T) {
	var seen request
	at := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen = request{Line: r.Method + " " + r.RequestURI + " " + r.Proto + " " + r.Host, Header: r.Header.Clone(), Body: string(body), Length: r.ContentLength, Coding: r.TransferEncoding, Trailer: r.Trailer}
		w.WriteHeader(400)
	}))
	clouds := map[string]*cloud.Cloud{}
	for name, sdk := range paths {
		c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at + "/below", SDK: sdk})
		if err != nil {
			t.Fatal(err)
		}
		clouds[name] = c
	}
	ids := map[string]bool{}
	for i, in := range requests() {
		got := map[string]request{}
		for name, c := range clouds {
			seen = request{}
			if r := c.Invoke(t.Context(), in); r.Status != 400 {
				t.Fatalf("request %d by %s: %+v", i, name, r)
			}
			for _, h := range perCall {
				if seen.Header.Get(h) == "" {
					t.Errorf("request %d by %s: no %s", i, name, h)
				}
			}
			if id := seen.Header.Get("Amz-Sdk-Invocation-Id"); ids[id] {
				t.Errorf("request %d by %s: the invocation id %s comes again", i, name, id)
			} else {
				ids[id] = true
			}
			seen.Header.Set("Authorization", signature.ReplaceAllString(seen.Header.Get("Authorization"), "*"))
			seen.Header.Del("X-Amz-Date")
			seen.Header.Del("Amz-Sdk-Invocation-Id")
			got[name] = seen
		}
		if lean, sdk := fmt.Sprintf("%+v", got["lean"]), fmt.Sprintf("%+v", got["sdk"]); lean != sdk {
			t.Errorf("request %d (%s %s):\nlean %.2000s\nsdk  %.2000s", i, in.API, in.ModelID, lean, sdk)
		}
	}
}

// A new field of an invocation may be one of those that make another request: it
// must then tell kinds apart, and be in requests().
func TestEveryFieldOfAnInvocationIsKnown(t *testing.T) {
	want := "API ModelID Prompt Body Tier Latency LongContext Stall Usage Stream NoOutput Tariff InputTokens"
	if got := strings.Join(fieldsOf(plugins.Invocation{}), " "); got != want {
		t.Errorf("an invocation has the fields %s; known are %s", got, want)
	}
	if got := strings.Join(fieldsOf(plugins.Prompt{}), " "); got != "Text System MaxTokens Temperature Streamed" {
		t.Errorf("a prompt has the fields %s", got)
	}
}

// A server that verifies signatures takes both paths.
func TestBothPathsSignRight(t *testing.T) {
	account := "credentials: [{access_key: SIMULATED, secret_key: simulated-secret}]\nmodels: [{id: " + novaModel + ", latency: {first_token: 1us, per_token: 0s}}]"
	for name, sdk := range paths {
		at := listen(t, simulated(t, account))
		c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: at, SDK: sdk})
		if err != nil {
			t.Fatal(err)
		}
		for _, api := range apis {
			for range 3 {
				if r := c.Invoke(t.Context(), ask(api)); r.Outcome != record.OK {
					t.Errorf("%s by %s: %+v; want ok", api, name, r)
				}
			}
		}
	}
}

// faults are all that the simulated account can do to a call, by name; the
// deadline is for those that never end.
var faults = []struct {
	what  string
	tight bool
}{
	{"{reset: before}", false}, {"{reset: middle}", false}, {"{truncate: 0}", false}, {"{truncate: 30}", false}, {"{truncate: 150}", false},
	{"{truncate_stream: 0}", false}, {"{truncate_stream: 1}", false}, {"{truncate_stream: 3}", false}, {"{crc: true}", false},
	{"{malformed: true}", false}, {"{empty: true}", false},
	{"{html: 200}", false}, {"{html: 204}", false}, {"{html: 301}", false}, {"{html: 404}", false}, {"{html: 413}", false}, {"{html: 429}", false}, {"{html: 500}", false}, {"{html: 502}", false}, {"{html: 503}", false}, {"{html: 504}", false},
	{`{redirect: "http://elsewhere.invalid/"}`, false},
	{"{delay: 1ms}", false}, {"{delay: 1h}", true}, {"{date: +1h}", false}, {"{date: -1h}", false},
	{"{stall: {after: 0, for: 1h}}", true}, {"{stall: {after: 50, for: 1h}}", true}, {"{stall: {after: 150, for: 1h}}", true}, {"{stall: {after: 50, for: 1ms}}", false},
	{"{error: {status: 429, code: ThrottlingException, message: slow down}}", false},
	{"{error: {status: 429, code: ModelNotReadyException}}", false},
	{"{error: {status: 429, code: TooManyRequestsException}}", false},
	{"{error: {status: 503, code: ServiceUnavailableException}}", false},
	{"{error: {status: 500, code: InternalServerException}}", false},
	{"{error: {status: 408, code: ModelTimeoutException}}", false},
	{"{error: {status: 424, code: ModelErrorException}}", false},
	{"{error: {status: 424, code: ModelStreamErrorException}}", false},
	{"{error: {status: 400, code: ValidationException}}", false},
	{"{error: {status: 400, code: ServiceQuotaExceededException}}", false},
	{"{error: {status: 403, code: AccessDeniedException}}", false},
	{"{error: {status: 403, code: ExpiredTokenException}, date: -1h}", false},
	{"{error: {status: 403, code: InvalidSignatureException}, date: +1h}", false},
	{"{error: {status: 404, code: ResourceNotFoundException}}", false},
	{"{error: {status: 400, code: SomethingNewException}}", false},
}

func TestEveryKindOfFaultIsKnown(t *testing.T) {
	var known, kinds []string
	for _, f := range faults {
		known = append(known, regexp.MustCompile(`[{ ]([a-z_]+):`).FindStringSubmatch(f.what)[1])
	}
	for _, k := range sim.Keys() {
		if name, ok := strings.CutPrefix(k.Path, "faults[].what."); ok && !strings.Contains(name, ".") {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) < 10 {
		t.Fatalf("kinds of faults: %v", kinds)
	}
	for _, kind := range kinds {
		if kind != "partial" && !slices.Contains(known, kind) { // partial is of CloudWatch alone
			t.Errorf("the fault %q is not compared", kind)
		}
	}
}

// plain is a reply without what differs from call to call: times, and the ports
// of connections.
func plain(r plugins.Reply) string {
	usage := "unknown"
	if r.Usage != nil {
		usage = fmt.Sprint(*r.Usage)
	}
	message := regexp.MustCompile(`(127\.0\.0\.1|\[::1\]):\d+`).ReplaceAllString(r.Message, "HOST")
	return fmt.Sprintf("%s, status %d, code %q, message %q, usage %s, served %q, first byte %v, first token %v, mid-stream %v",
		r.Outcome, r.Status, r.Code, message, usage, r.Served, !r.FirstByte.IsZero(), !r.FirstToken.IsZero(), r.MidStream)
}

// Whatever the simulated account does to calls over a real connection, both
// paths tell the same of it, and the account sees one request a call.
func TestBothPathsTellTheSame(t *testing.T) {
	const calls = 4
	for _, f := range faults {
		for _, api := range apis {
			got := map[string][]string{}
			for name, sdk := range paths {
				server := simulated(t, "models: [{id: "+novaModel+", latency: {first_token: 1us, per_token: 0s}}]\nfaults: [{when: {every: 2}, what: "+f.what+"}]")
				c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: listen(t, server), SDK: sdk})
				if err != nil {
					t.Fatal(err)
				}
				for i := range calls {
					deadline := 20 * time.Second
					if f.tight && i%2 == 1 {
						deadline = 100 * time.Millisecond
					}
					ctx, cancel := context.WithTimeout(context.Background(), deadline)
					got[name] = append(got[name], plain(c.Invoke(ctx, ask(api))))
					cancel()
				}
				n := 0
				for operation := range maps.Keys(server.Counts().Requests) {
					n += int(server.Counts().Requests[operation])
				}
				if n != calls {
					t.Errorf("%s by %s, %s: the account counts %d requests of %d calls", f.what, api, name, n, calls)
				}
			}
			for i := range calls {
				if got["lean"][i] != got["sdk"][i] {
					t.Errorf("%s by %s, call %d:\nlean %s\nsdk  %s", f.what, api, i+1, got["lean"][i], got["sdk"][i])
				}
			}
		}
	}
}

func fieldsOf(v any) (names []string) {
	for f := range reflect.TypeOf(v).Fields() {
		names = append(names, f.Name)
	}
	return names
}

// Wherever a stream is cut, both paths tell the same end of it.
func TestBothPathsEndStreamsAlike(t *testing.T) {
	const step = 11
	for _, api := range []string{plugins.APIConverseStream, plugins.APIInvokeStream} {
		whole := stream24(api)
		for cut := 0; cut < len(whole)+step; cut += step {
			body, told := whole[:min(cut, len(whole))], map[string]string{}
			for name, sdk := range paths {
				told[name] = plain(by(t, sdk, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) }))).Invoke(t.Context(), ask(api)))
			}
			want := "truncated, "
			if len(body) == len(whole) {
				want = "ok, "
			}
			if told["lean"] != told["sdk"] || !strings.HasPrefix(told["lean"], want) {
				t.Errorf("%s after %d of %d bytes, want %s\nlean %s\nsdk  %s", api, len(body), len(whole), want, told["lean"], told["sdk"])
			}
		}
	}
}

// The lean path takes the endpoint that the SDK finds for the environment.
func TestEndpoints(t *testing.T) {
	for _, test := range []struct {
		words map[string]string
		want  string
	}{
		{nil, "bedrock-runtime.us-east-1.amazonaws.com"},
		{map[string]string{"AWS_REGION": "eu-central-1"}, "bedrock-runtime.eu-central-1.amazonaws.com"},
		{map[string]string{"AWS_REGION": "cn-north-1"}, "bedrock-runtime.cn-north-1.amazonaws.com.cn"},
		{map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "bedrock-runtime-fips.us-east-1.amazonaws.com"},
		{map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "bedrock-runtime.us-east-1.api.aws"},
		{map[string]string{"AWS_ENDPOINT_URL": "https://elsewhere.invalid"}, "elsewhere.invalid"},
	} {
		clean(t, map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s"})
		for name, value := range test.words {
			t.Setenv(name, value)
		}
		got, err := cloud.EndpointOf(deployed(t, false), ask(plugins.APIConverse))
		if err != nil || got != "https://"+test.want+"/model/amazon.nova-lite-v1%3A0/converse" {
			t.Errorf("%v: %s, %v; want the endpoint %s", test.words, got, err, test.want)
		}
		for name := range test.words {
			os.Unsetenv(name)
		}
	}
}
