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
		count := func(kind string) (int64, bool) {
			n, err := strconv.ParseInt(raw.Header.Get("X-Amzn-Bedrock-"+kind+"-Token-Count"), 10, 64)
			return n, err == nil && n >= 0
		}
		input, known := count("Input")
		if !known {
			return nil
		}
		output, _ := count("Output") // embeddings have none
		written, _ := count("Cache-Write-Input")
		return &usage{input, output, written}
	}
	return nil
}

// metadataUsage is the usage in the last event of ConverseStream.
func metadataUsage(payload []byte) *usage {
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
func chunkUsage(payload []byte) *usage {
	var chunk struct{ Bytes []byte }
	if json.Unmarshal(payload, &chunk) != nil || !bytes.Contains(chunk.Bytes, []byte(metricsKey)) {
		return nil
	}
	var last struct {
		Metrics *struct{ InputTokenCount, OutputTokenCount, CacheWriteInputTokenCount int64 } `json:"amazon-bedrock-invocationMetrics"`
	}
	if json.Unmarshal(chunk.Bytes, &last) != nil || last.Metrics == nil {
		return nil
	}
	return &usage{last.Metrics.InputTokenCount, last.Metrics.OutputTokenCount, last.Metrics.CacheWriteInputTokenCount}
}
