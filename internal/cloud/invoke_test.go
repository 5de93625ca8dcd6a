package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// reach makes an account out of a handler, without a network.
func reach(t *testing.T, transport http.RoundTripper) *cloud.Cloud {
	t.Helper()
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func invocation(api string) plugins.Invocation {
	return plugins.Invocation{API: api, ModelID: "amazon.nova-lite-v1:0", Prompt: plugins.Prompt{Text: "hi", MaxTokens: 5}, Body: []byte(`{}`)}
}

const converseReply = `{"output":{"message":{"role":"assistant","content":[{"text":"x"}]}},"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"metrics":{"latencyMs":5}}`

func TestOutcomes(t *testing.T) {
	amazon := func(code string) http.Header {
		return http.Header{"X-Amzn-Errortype": {code + ":http://internal.amazon.com/coral/com.amazon.bedrock/"}, "Content-Type": {"application/json"}}
	}
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   record.Outcome
		code   string
	}{
		{"throttled", 429, amazon("ThrottlingException"), `{"message":"Too many tokens, please wait before trying again."}`, record.Throttled, "ThrottlingException"},
		{"throttled, no type", 429, nil, `{"message":"slow down"}`, record.Throttled, "TooManyRequests"},
		{"throttled, no JSON", 429, nil, "slow down", record.Throttled, "TooManyRequests"},
		{"quota exceeded", 400, amazon("ServiceQuotaExceededException"), `{"message":"m"}`, record.Throttled, "ServiceQuotaExceededException"},
		{"capacity", 503, amazon("ServiceUnavailableException"), `{"message":"Too many connections, please wait before trying again."}`, record.Capacity, "ServiceUnavailableException"},
		{"capacity, no type", 503, nil, `<html>`, record.Capacity, "ServiceUnavailable"},
		{"model not ready", 429, amazon("ModelNotReadyException"), `{"message":"m"}`, record.Capacity, "ModelNotReadyException"},
		{"internal", 500, amazon("InternalServerException"), `{"message":"m"}`, record.ServerError, "InternalServerException"},
		{"bad gateway", 502, http.Header{"Content-Type": {"text/html"}}, "<html>502</html>", record.ServerError, "BadGateway"},
		{"model timeout", 408, amazon("ModelTimeoutException"), `{"message":"m"}`, record.ServerError, "ModelTimeoutException"},
		{"model error", 424, amazon("ModelErrorException"), `{"message":"m"}`, record.ServerError, "ModelErrorException"},
		{"validation", 400, amazon("ValidationException"), `{"message":"m"}`, record.ClientError, "ValidationException"},
		{"access", 403, amazon("AccessDeniedException"), `{"message":"m"}`, record.ClientError, "AccessDeniedException"},
		{"expired", 403, amazon("ExpiredTokenException"), `{"message":"m"}`, record.ClientError, "ExpiredTokenException"},
		{"redirect", 307, http.Header{"Location": {"http://elsewhere.invalid/"}}, "", record.Protocol, "TemporaryRedirect"},
		{"empty success", 200, nil, "", record.Protocol, "EmptyReply"},
	} {
		for _, api := range []string{plugins.APIInvoke, plugins.APIConverse} {
			if api == plugins.APIConverse && c.code == "ServiceQuotaExceededException" {
				continue // not an error of Converse
			}
			requests := 0
			got := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))).Invoke(context.Background(), invocation(api))
			if got.Outcome != c.want || got.Code != c.code || got.Status != c.status {
				t.Errorf("%s by %s: outcome %q, code %q, status %d (%s); want %q, %q, %d", c.name, api, got.Outcome, got.Code, got.Status, got.Message, c.want, c.code, c.status)
			}
			if requests != 1 {
				t.Errorf("%s by %s: %d requests were sent for one call", c.name, api, requests)
			}
			if got.Usage != nil {
				t.Errorf("%s by %s: usage %v of a call that failed", c.name, api, got.Usage)
			}
		}
	}
}

func TestBrokenReplies(t *testing.T) {
	for _, c := range []struct{ name, body string }{
		{"no JSON", "<html>hello</html>"},
		{"cut off", converseReply[:40]},
		{"another type", `{"output": 7}`},
		{"no output", `{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}}`},
	} {
		got := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, c.body) }))).Invoke(context.Background(), invocation(plugins.APIConverse))
		if got.Outcome != record.Protocol {
			t.Errorf("a reply with %s is %q; want protocol", c.name, got.Outcome)
		}
	}
}

func TestUsage(t *testing.T) {
	fromBody := plugins.Usage{Input: []string{"in"}, Output: []string{"out"}}
	const body = `{"in":30,"out":40}`
	for _, c := range []struct {
		name, api     string
		input, output string // headers
		body          string
		want          *record.Usage
	}{
		{"converse", plugins.APIConverse, "", "", converseReply, &record.Usage{Input: 3, Output: 4}},
		{"converse without usage", plugins.APIConverse, "", "", `{"output":{"message":{"role":"assistant","content":[]}}}`, nil},
		{"headers first", plugins.APIInvoke, "8", "9", body, &record.Usage{Input: 8, Output: 9}},
		{"the body second", plugins.APIInvoke, "", "", body, &record.Usage{Input: 30, Output: 40}},
		{"half of the headers", plugins.APIInvoke, "8", "", body, &record.Usage{Input: 30, Output: 40}},
		{"no number", plugins.APIInvoke, "8", "nine", body, &record.Usage{Input: 30, Output: 40}},
		{"negative", plugins.APIInvoke, "-8", "9", body, &record.Usage{Input: 30, Output: 40}},
	} {
		in := invocation(c.api)
		in.Usage = fromBody
		got := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.input != "" {
				w.Header().Set("X-Amzn-Bedrock-Input-Token-Count", c.input)
			}
			if c.output != "" {
				w.Header().Set("X-Amzn-Bedrock-Output-Token-Count", c.output)
			}
			io.WriteString(w, c.body)
		}))).Invoke(context.Background(), in)
		if got.Outcome != record.OK || fmt.Sprint(got.Usage) != fmt.Sprint(c.want) {
			t.Errorf("%s: outcome %q, usage %v; want ok, %v", c.name, got.Outcome, got.Usage, c.want)
		}
	}
}

// A model that gives no output may leave out its count; a wrong count is no
// usage for it either.
func TestUsageWithoutOutput(t *testing.T) {
	for _, c := range []struct {
		noOutput      bool
		input, output string
		want          *record.Usage
	}{
		{true, "8", "", &record.Usage{Input: 8}},
		{true, "8", "0", &record.Usage{Input: 8}},
		{true, "8", "nine", nil},
		{true, "", "", nil},
		{false, "8", "", nil},
	} {
		in := invocation(plugins.APIInvoke)
		in.NoOutput = c.noOutput
		got := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amzn-Bedrock-Input-Token-Count", c.input)
			w.Header().Set("X-Amzn-Bedrock-Output-Token-Count", c.output)
			io.WriteString(w, `{"embedding":[0.1]}`)
		}))).Invoke(context.Background(), in)
		if fmt.Sprint(got.Usage) != fmt.Sprint(c.want) {
			t.Errorf("headers %q and %q, without output %v: usage %v; want %v", c.input, c.output, c.noOutput, got.Usage, c.want)
		}
	}
}

func TestDeadlineAndCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := reach(t, cloud.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Hour):
			}
		})))
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if r := slow.Invoke(ctx, invocation(plugins.APIConverse)); r.Outcome != record.Timeout || r.Code != "Deadline" || time.Since(began) != 3*time.Second {
			t.Errorf("outcome %q, code %q after %s; want timeout, Deadline after 3s", r.Outcome, r.Code, time.Since(began))
		}
		ctx, cut := context.WithCancel(context.Background())
		go func() {
			time.Sleep(time.Second)
			cut()
		}()
		if r := slow.Invoke(ctx, invocation(plugins.APIInvoke)); r.Outcome != record.Timeout || r.Code != "Cut" {
			t.Errorf("outcome %q, code %q; want timeout, Cut", r.Outcome, r.Code)
		}
	})
}

type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestConnectionErrors(t *testing.T) {
	for _, err := range []error{
		&net.OpError{Op: "dial", Err: errors.New("connection refused")},
		&net.DNSError{Err: "no such host", Name: "bedrock-runtime.nowhere.amazonaws.com"},
		io.ErrUnexpectedEOF,
	} {
		if r := reach(t, broken{err}).Invoke(context.Background(), invocation(plugins.APIConverse)); r.Outcome != record.Connection || r.Code != "SendFailed" || !strings.Contains(r.Message, err.Error()) {
			t.Errorf("%v: outcome %q, code %q, message %q; want connection, SendFailed and the cause", err, r.Outcome, r.Code, r.Message)
		}
	}
}
