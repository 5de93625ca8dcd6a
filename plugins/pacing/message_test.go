package pacing

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/smithy-go/eventstream"
	"pgregory.net/rapid"
)

// What pacing finds in a message by its own reading is what the SDK's decoder finds.
func TestHeadersAsTheSDKReadsThem(t *testing.T) {
	values := []eventstream.Value{
		eventstream.BoolValue(true), eventstream.BoolValue(false), eventstream.Int8Value(1), eventstream.Int16Value(2), eventstream.Int32Value(3), eventstream.Int64Value(4),
		eventstream.BytesValue("bytes"), eventstream.StringValue("text"), eventstream.StringValue(""), eventstream.TimestampValue{}, eventstream.UUIDValue{},
	}
	rapid.Check(t, func(t *rapid.T) {
		var m eventstream.Message
		for i, v := range rapid.SliceOfN(rapid.SampledFrom(values), 0, 8).Draw(t, "values") {
			m.Headers.Set(fmt.Sprintf("h%d", i), v)
		}
		var frame bytes.Buffer
		if err := eventstream.NewEncoder().Encode(&frame, m); err != nil {
			t.Fatal(err)
		}
		part := frame.Bytes()[preludeSize : frame.Len()-4]
		for _, h := range m.Headers {
			want, _ := h.Value.(eventstream.StringValue)
			if got := string(headers(part).get(h.Name)); got != string(want) {
				t.Errorf("header %s is %q; want %q of %v", h.Name, got, want, m.Headers)
			}
		}
		// Of what is cut short nothing is found beyond it, and nothing panics.
		for cut := range part {
			headers(part[:cut]).get("h7")
		}
	})
}

// However the bytes of a stream come in pieces, the last whole message that may tell
// is kept, also when what comes after it is none.
func TestLastMessageIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all, last []byte
		var ends []int
		var kinds []string
		for i := range rapid.IntRange(0, 6).Draw(t, "messages") {
			m := eventstream.Message{Payload: bytes.Repeat([]byte{byte(i)}, rapid.IntRange(0, 3000).Draw(t, "size"))}
			kind := rapid.SampledFrom([]string{"chunk", "metadata", "contentBlockDelta", "somethingNew", ""}).Draw(t, "kind")
			if kind != "" {
				m.Headers.Set(":event-type", eventstream.StringValue(kind))
			}
			kinds = append(kinds, kind)
			var frame bytes.Buffer
			if err := eventstream.NewEncoder().Encode(&frame, m); err != nil {
				t.Fatal(err)
			}
			all = append(all, frame.Bytes()...)
			ends = append(ends, len(all))
		}
		left := all[:rapid.IntRange(0, len(all)).Draw(t, "cut")]
		broken := rapid.Bool().Draw(t, "broken")
		if broken {
			left = append(bytes.Clone(all), "this is not a message"...)
		}
		start := 0
		for i, end := range ends {
			if kind := kinds[i]; end <= len(left) && (kind == "chunk" || kind == "metadata" || kind == "") {
				last = all[start:end]
			}
			start = end
		}
		s := &stream{}
		for len(left) > 0 {
			n := rapid.IntRange(1, len(left)).Draw(t, "piece")
			s.see(left[:n])
			left = left[n:]
		}
		if got := s.seen[:s.whole]; !bytes.Equal(got, last) || s.broken != broken {
			t.Errorf("%d bytes are kept, broken: %t; want %d bytes", len(got), s.broken, len(last))
		}
	})
}

// Usages as AWS writes them, and in forms that are only to be read by a decoder.
func TestUsageOfEvents(t *testing.T) {
	for _, test := range []struct {
		payload string
		want    *usage
	}{
		{`{"metrics":{"latencyMs":5},"p":"abc","usage":{"inputTokens":2,"outputTokens":12,"totalTokens":14}}`, &usage{2, 12, 0}},
		{`{"usage":{"cacheReadInputTokens":9,"cacheWriteInputTokens":7,"inputTokens":2,"outputTokens":12}}`, &usage{2, 12, 7}},
		{`{"usage":{"cacheDetails":[{"inputTokens":7,"ttl":"5m"}],"cacheWriteInputTokens":7,"inputTokens":2,"outputTokens":12}}`, &usage{2, 12, 7}},
		{`{"trace":{"guardrail":{"usage":{"topicPolicyUnits":1}}},"usage":{"inputTokens":2,"outputTokens":12}}`, &usage{2, 12, 0}},
		{`{"trace":{"usage":"\"usage\":{\"inputTokens\":99}"},"usage":{"inputTokens":2,"outputTokens":12}}`, &usage{2, 12, 0}},
		{` { "usage" : { "inputTokens" : 2, "outputTokens" : 12 } } `, &usage{2, 12, 0}},
		{`{"usage":{"inputTokens":2, "outputTokens":12}}`, &usage{2, 12, 0}},
		{`{"usage":{"inputTokens":2,"outputTokens":99999999999}}`, &usage{2, 99999999999, 0}},
		{`{"usage":{"inputTokens":2}}`, &usage{2, 0, 0}},
		{`{"metrics":{}}`, nil},
		{`{"usage":{"inputTokens":-`, nil},
		{``, nil},
	} {
		if got := metadataUsage([]byte(test.payload)); (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("%s tells %+v; want %+v", test.payload, got, test.want)
		}
	}
	for _, test := range []struct {
		chunk string
		want  *usage
	}{
		{`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":12,"invocationLatency":5}}`, &usage{2, 12, 0}},
		{`{"amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":12,"cacheReadInputTokenCount":1,"cacheWriteInputTokenCount":7}}`, &usage{2, 12, 7}},
		{`{"amazon-bedrock-invocationMetrics": {"inputTokenCount": 2, "outputTokenCount": 12}}`, &usage{2, 12, 0}},
		{`{"text":"the \"amazon-bedrock-invocationMetrics\" of a reply"}`, nil},
		{`{"text":"hello"}`, nil},
	} {
		for _, form := range []string{`{"bytes":%s,"p":"ab"}`, `{ "p": "ab", "bytes": %s }`} {
			b, err := json.Marshal(base64.StdEncoding.EncodeToString([]byte(test.chunk)))
			if err != nil {
				t.Fatal(err)
			}
			payload := fmt.Sprintf(form, b)
			if got := chunkUsage([]byte(payload)); (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("%s of %s tells %+v; want %+v", payload, test.chunk, got, test.want)
			}
		}
	}
}
