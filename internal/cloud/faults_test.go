package cloud_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// Every way in which the simulated account can fail, over a real connection: the
// class that the call ends up in, and one request for every call. The calls
// between the faulty ones are answered: no fault leaves anything broken behind.
func TestFaults(t *testing.T) {
	const ample, tight = 20 * time.Second, 150 * time.Millisecond
	for _, test := range []struct {
		what     string
		deadline time.Duration
		want     record.Outcome
		code     string
	}{
		{"{reset: before}", ample, record.Connection, "SendFailed"},
		{"{reset: middle}", ample, record.Connection, "ReplyCut"},
		{"{truncate: 30}", ample, record.Protocol, "UnreadableReply"},
		{"{malformed: true}", ample, record.Protocol, "UnreadableReply"},
		{"{empty: true}", ample, record.Protocol, "EmptyReply"},
		{"{html: 200}", ample, record.Protocol, "UnreadableReply"},
		{"{html: 404}", ample, record.Protocol, "NotFound"},
		{"{html: 500}", ample, record.ServerError, "InternalServerError"},
		{"{html: 502}", ample, record.ServerError, "BadGateway"},
		{"{html: 503}", ample, record.Capacity, "ServiceUnavailable"},
		{"{html: 504}", ample, record.ServerError, "GatewayTimeout"},
		{"{html: 429}", ample, record.Throttled, "TooManyRequests"},
		{`{redirect: "http://elsewhere.invalid/"}`, ample, record.Protocol, "TemporaryRedirect"},
		{"{delay: 1h}", tight, record.Timeout, "Deadline"},
		{"{stall: {after: 0, for: 1h}}", tight, record.Timeout, "Deadline"},
		{"{stall: {after: 50, for: 1h}}", tight, record.Timeout, "Deadline"},
		{"{stall: {after: 50, for: 1ms}}", ample, record.OK, ""},
		{"{delay: 1ms}", ample, record.OK, ""},
		{"{date: +1h}", ample, record.OK, ""},
		{"{crc: true}", ample, record.OK, ""},          // of streams alone
		{"{truncate_stream: 1}", ample, record.OK, ""}, // likewise
		{"{error: {status: 429, code: ThrottlingException}}", ample, record.Throttled, "ThrottlingException"},
		{"{error: {status: 429, code: ModelNotReadyException}}", ample, record.Capacity, "ModelNotReadyException"},
		{"{error: {status: 503, code: ServiceUnavailableException}}", ample, record.Capacity, "ServiceUnavailableException"},
		{"{error: {status: 500, code: InternalServerException}}", ample, record.ServerError, "InternalServerException"},
		{"{error: {status: 408, code: ModelTimeoutException}}", ample, record.ServerError, "ModelTimeoutException"},
		{"{error: {status: 424, code: ModelErrorException}}", ample, record.ServerError, "ModelErrorException"},
		{"{error: {status: 400, code: ValidationException}}", ample, record.ClientError, "ValidationException"},
		{"{error: {status: 403, code: AccessDeniedException}}", ample, record.ClientError, "AccessDeniedException"},
		{"{error: {status: 403, code: ExpiredTokenException}, date: -1h}", ample, record.ClientError, "ExpiredTokenException"},
		{"{error: {status: 400, code: SomethingNewException}}", ample, record.ClientError, "SomethingNewException"},
	} {
		for _, api := range []string{plugins.APIInvoke, plugins.APIConverse} {
			account, err := sim.Parse("account.yaml", []byte("models: [{id: amazon.nova-lite-v1:0, latency: {first_token: 1us, per_token: 0s}}]\n"+
				"faults: [{when: {every: 2}, what: "+test.what+"}]"))
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := sim.New(account)
			serving := sim.Serve(l, server)
			c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://" + l.Addr().String()})
			if err != nil {
				t.Fatal(err)
			}
			in := invocation(api)
			in.Body = []byte(`{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`)
			const calls = 4
			for i := range calls {
				want, code, deadline := record.OK, "", ample
				if i%2 == 1 {
					want, code, deadline = test.want, test.code, test.deadline
				}
				ctx, cancel := context.WithTimeout(context.Background(), deadline)
				got := c.Invoke(ctx, in)
				cancel()
				if got.Outcome != want || code != "" && got.Code != code {
					t.Errorf("%s by %s, call %d: %q, code %q, status %d (%s); want %q, %q", test.what, api, i+1, got.Outcome, got.Code, got.Status, got.Message, want, code)
				}
				if (got.Usage != nil) != (want == record.OK) {
					t.Errorf("%s by %s, call %d: %q with the usage %v", test.what, api, i+1, got.Outcome, got.Usage)
				}
			}
			requests := server.Counts().Requests
			if n := requests["bedrock-runtime.InvokeModel"] + requests["bedrock-runtime.Converse"]; n != calls {
				t.Errorf("%s by %s: the account counts %d requests of %d calls", test.what, api, n, calls)
			}
			ctx, cancel := context.WithTimeout(context.Background(), ample)
			if err := serving.Shutdown(ctx); err != nil {
				t.Errorf("%s by %s: Shutdown() = %v", test.what, api, err)
			}
			cancel()
		}
	}
}

// In one process an aborted connection is a failed request, and any other panic
// of a handler is a bug that shows.
func TestInProcessAborts(t *testing.T) {
	account, err := sim.Parse("account.yaml", []byte("models: [{id: amazon.nova-lite-v1:0}]\nfaults: [{what: {reset: before}}]"))
	if err != nil {
		t.Fatal(err)
	}
	if got := reach(t, cloud.InProcess(sim.New(account))).Invoke(context.Background(), invocation(plugins.APIConverse)); got.Outcome != record.Connection || got.Code != "SendFailed" {
		t.Errorf("%q, code %q (%s); want connection, SendFailed", got.Outcome, got.Code, got.Message)
	}
	defer func() {
		if p := recover(); p != "a bug" {
			t.Errorf("recovered %v; want the bug", p)
		}
	}()
	reach(t, cloud.InProcess(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }))).Invoke(context.Background(), invocation(plugins.APIConverse))
	t.Error("a handler's bug was hidden")
}
