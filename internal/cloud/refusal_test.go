package cloud

import (
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

func TestRefusalsNameTheirLimit(t *testing.T) {
	for _, c := range []struct {
		outcome record.Outcome
		message string
		want    string
	}{
		{record.Throttled, "Too many requests, please wait before trying again.", record.LimitRequests},
		{record.Throttled, "Your request was denied due to exceeding the account limits for requests. You have sent too many requests.  Wait before trying again.", record.LimitRequests},
		{record.Throttled, "Too many tokens, please wait before trying again.", record.LimitTokens},
		{record.Throttled, "Too many tokens per day, please wait before trying again.", record.LimitTokensPerDay},
		{record.Capacity, "Too many connections, please wait before trying again.", record.LimitConcurrency},
		{record.Capacity, "Bedrock is unable to process your request.", ""},
		{record.Throttled, "Rate exceeded", ""},
		{record.Throttled, "", ""},
		{record.ClientError, "400 Bad Request: Too many tokens. Max input tokens: 8192", ""}, // the prompt's length, no quota
		{record.OK, "Too many requests", ""},
	} {
		if got := explain(plugins.Reply{Outcome: c.outcome, Message: c.message}); got.Limit != c.want || got.Denied {
			t.Errorf("%s %q names the limit %q (denied: %v); want %q", c.outcome, c.message, got.Limit, got.Denied, c.want)
		}
	}
}

func TestDenialsAreOfTheCaller(t *testing.T) {
	for code, want := range map[string]bool{"ExpiredTokenException": true, "AccessDeniedException": true, "NoCredentials": true, "InvalidSignatureException": true, "ValidationException": false, "ResourceNotFoundException": false, "": false} {
		if got := explain(plugins.Reply{Outcome: record.ClientError, Code: code}); got.Denied != want {
			t.Errorf("a client error with the code %q is a denial: %v; want %v", code, got.Denied, want)
		}
	}
	if explain(plugins.Reply{Outcome: record.Throttled, Code: "AccessDeniedException"}).Denied {
		t.Error("a throttle is a denial; want only client errors to be")
	}
}
