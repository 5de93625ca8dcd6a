package cloud

import (
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// denials are the codes by which AWS says that it does not know the caller, or
// not let it: whatever is asked next would be refused as well.
// Source: "Common errors" in the API reference of Bedrock, and of Signature
// Version 4.
var denials = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true, "NotAuthorized": true, "NoCredentials": true, "OptInRequired": true,
	"ExpiredToken": true, "ExpiredTokenException": true, "RequestExpired": true,
	"UnrecognizedClientException": true, "InvalidClientTokenId": true, "MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true,
	"InvalidSignatureException": true, "SignatureDoesNotMatch": true, "IncompleteSignature": true, "IncompleteSignatureException": true,
}

// limitWords are how texts of refusals name a limit, from the narrowest on.
// Source: texts seen, such as "Too many tokens per day, please wait before trying again."
var limitWords = []struct{ word, limit string }{
	{"tokens per day", record.LimitTokensPerDay}, {"tokens per minute", record.LimitTokens}, {"requests per minute", record.LimitRequests},
	{"too many tokens", record.LimitTokens}, {"too many requests", record.LimitRequests},
	{"too many connections", record.LimitConcurrency}, {"too many concurrent", record.LimitConcurrency}, {"concurrent requests", record.LimitConcurrency},
}

// explain adds to a reply what its code and text say of a refusal. A text that
// is not known names no limit.
func explain(r plugins.Reply) plugins.Reply {
	switch r.Outcome {
	case record.ClientError:
		r.Denied = denials[r.Code]
	case record.Throttled, record.Capacity:
		text := strings.ToLower(r.Message)
		for _, w := range limitWords {
			if strings.Contains(text, w.word) {
				r.Limit = w.limit
				break
			}
		}
	}
	return r
}
