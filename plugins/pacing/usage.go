package pacing

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// usage is what AWS told that a call used, in tokens. Tokens read from a cache
// take nothing from the quota.
type usage struct{ input, output, cacheWrite int64 }

// quotaTokens are taken at settlement. Source: "How tokens are counted" in the
// user guide.
func (u *usage) quotaTokens(burndown float64) int64 {
	if burndown == 0 {
		burndown = 1
	}
	return u.input + u.cacheWrite + int64(math.Ceil(float64(u.output)*burndown))
}

// usageOf is the usage that a whole reply tells, nil if it tells none.
func usageOf(result any, m middleware.Metadata) *usage {
	switch out := result.(type) {
	case *bedrockruntime.ConverseOutput:
		if out.Usage == nil || out.Usage.InputTokens == nil {
			return nil
		}
		u := &usage{input: int64(*out.Usage.InputTokens)}
		if n := out.Usage.OutputTokens; n != nil {
			u.output = int64(*n)
		}
		if n := out.Usage.CacheWriteInputTokens; n != nil {
			u.cacheWrite = int64(*n)
		}
		return u
	case *bedrockruntime.InvokeModelOutput:
		// Bodies differ by family; headers tell the same of all.
		raw, ok := awsmiddleware.GetRawResponse(m).(*smithyhttp.Response)
		if !ok {
			return nil
		}
		count := func(header string) (int64, bool) {
			told := raw.Header.Get(header)
			if told == "" {
				return 0, false // an error of ParseInt would cost something
			}
			n, err := strconv.ParseInt(told, 10, 64)
			return n, err == nil && n >= 0
		}
		input, known := count("X-Amzn-Bedrock-Input-Token-Count")
		if !known {
			return nil
		}
		output, _ := count("X-Amzn-Bedrock-Output-Token-Count") // embeddings have none
		written, _ := count("X-Amzn-Bedrock-Cache-Write-Input-Token-Count")
		return &usage{input, output, written}
	}
	return nil
}

// tokenNames are how an event writes a usage: the object, and the counts in it.
type tokenNames struct{ object, input, output, cacheWrite string }

var (
	metadataNames = tokenNames{`"usage":{`, `"inputTokens":`, `"outputTokens":`, `"cacheWriteInputTokens":`}
	chunkNames    = tokenNames{`"` + metricsKey + `":{`, `"inputTokenCount":`, `"outputTokenCount":`, `"cacheWriteInputTokenCount":`}
)

// quick reads a usage as AWS writes it, with nothing nested in it; nil where it
// differs in any way from that. To decode such an event takes as long as all else of
// pacing for a call.
func (n tokenNames) quick(event []byte) *usage {
	_, object, _ := bytes.Cut(event, []byte(n.object))
	object, _, whole := bytes.Cut(object, []byte("}"))
	if !whole || bytes.ContainsAny(object, `{[\`) || !bytes.Contains(object, []byte(n.input)) {
		return nil
	}
	u := &usage{}
	for _, one := range [...]struct {
		name string
		to   *int64
	}{{n.input, &u.input}, {n.output, &u.output}, {n.cacheWrite, &u.cacheWrite}} {
		_, digits, found := bytes.Cut(object, []byte(one.name))
		if !found {
			continue
		}
		digits, _, _ = bytes.Cut(digits, []byte(","))
		v, err := strconv.ParseUint(string(digits), 10, 31)
		if err != nil {
			return nil
		}
		*one.to = int64(v)
	}
	return u
}

// metadataUsage is the usage in the last event of ConverseStream.
func metadataUsage(payload []byte) *usage {
	if u := metadataNames.quick(payload); u != nil {
		return u
	}
	var event struct {
		Usage *struct{ InputTokens, OutputTokens, CacheWriteInputTokens int64 }
	}
	if json.Unmarshal(payload, &event) != nil || event.Usage == nil {
		return nil
	}
	return &usage{event.Usage.InputTokens, event.Usage.OutputTokens, event.Usage.CacheWriteInputTokens}
}

const metricsKey = "amazon-bedrock-invocationMetrics"

// chunkUsage is the usage in the last chunk of InvokeModelWithResponseStream.
func chunkUsage(chunk []byte) *usage {
	if !bytes.Contains(chunk, []byte(metricsKey)) {
		return nil
	}
	if u := chunkNames.quick(chunk); u != nil {
		return u
	}
	var last struct {
		Metrics *struct{ InputTokenCount, OutputTokenCount, CacheWriteInputTokenCount int64 } `json:"amazon-bedrock-invocationMetrics"`
	}
	if json.Unmarshal(chunk, &last) != nil || last.Metrics == nil {
		return nil
	}
	return &usage{last.Metrics.InputTokenCount, last.Metrics.OutputTokenCount, last.Metrics.CacheWriteInputTokenCount}
}
