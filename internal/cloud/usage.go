package cloud

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// The headers in which InvokeModel tells the tokens, whatever the family.
const (
	headerInput      = "X-Amzn-Bedrock-Input-Token-Count"
	headerOutput     = "X-Amzn-Bedrock-Output-Token-Count"
	headerCacheRead  = "X-Amzn-Bedrock-Cache-Read-Input-Token-Count"
	headerCacheWrite = "X-Amzn-Bedrock-Cache-Write-Input-Token-Count"
)

// usageOfHeaders reads the headers; nil where input or output is missing, or any
// of them is no count. A reply without output may leave out its count, and only
// what used a cache tells of it.
func usageOfHeaders(h http.Header, noOutput bool) *record.Usage {
	input, ok1 := plugins.Tokens(first(h, headerInput))
	output, ok2 := plugins.Tokens(first(h, headerOutput))
	if noOutput && first(h, headerOutput) == "" {
		ok2 = true
	}
	read, ok3 := cached(h, headerCacheRead)
	write, ok4 := cached(h, headerCacheWrite)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil
	}
	return &record.Usage{Input: input, Output: output, CacheRead: read, CacheWrite: write}
}

func cached(h http.Header, name string) (int64, bool) {
	text := first(h, name)
	if text == "" {
		return 0, true
	}
	return plugins.Tokens(text)
}

// first is the first value of a header whose name is written as net/http writes
// it: Header.Get looks at every letter of it.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// usageOfConverse reads the counts of Converse; nil where input or output is
// missing, or any of them is negative.
func usageOfConverse(u *types.TokenUsage) *record.Usage {
	if u == nil || u.InputTokens == nil || u.OutputTokens == nil {
		return nil
	}
	var zero int32
	read, write := &zero, &zero
	if u.CacheReadInputTokens != nil {
		read = u.CacheReadInputTokens
	}
	if u.CacheWriteInputTokens != nil {
		write = u.CacheWriteInputTokens
	}
	if min(*u.InputTokens, *u.OutputTokens, *read, *write) < 0 {
		return nil
	}
	return &record.Usage{Input: int64(*u.InputTokens), Output: int64(*u.OutputTokens), CacheRead: int64(*read), CacheWrite: int64(*write)}
}
