package plugins

import (
	"encoding/json"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// Stream is how the chunks of InvokeModelWithResponseStream are read: paths as
// in [Usage], in the JSON of a chunk.
type Stream struct {
	// Text is where output stands: a chunk with text there is output, and the
	// first such chunk is the first token.
	Text []string
	// Usage is where chunks tell tokens. Counts add up at the model: of several
	// chunks that tell one, the last counts.
	Usage Usage
	// Last is what the last chunk has: a path that leads to something, or
	// path=text. Without it a stream is cut off.
	Last []string
}

// metrics is the member that AWS adds to the last chunk of every family, and
// where in it the tokens are.
const metrics = "amazon-bedrock-invocationMetrics"

var metricsUsage = Usage{
	Input: []string{"inputTokenCount"}, Output: []string{"outputTokenCount"},
	CacheRead: []string{"cacheReadInputTokenCount"}, CacheWrite: []string{"cacheWriteInputTokenCount"},
}

// StreamReader reads the chunks of one stream.
type StreamReader struct {
	stream        Stream
	aws, provider counts
}

// NewReader begins to read a stream.
func (s Stream) NewReader() *StreamReader { return &StreamReader{stream: s} }

// Read reads the next chunk, and tells whether it is output, and whether it is
// the last one. What is no JSON is neither.
func (r *StreamReader) Read(chunk []byte) (output, last bool) {
	if !json.Valid(chunk) {
		return false, false
	}
	value := chunk[space(chunk, 0):]
	r.provider.read(value, r.stream.Usage)
	for _, path := range r.stream.Text {
		output = output || leads(value, path, "")
	}
	if m := member(value, metrics); m != nil && m[0] == '{' {
		r.aws.read(m, metricsUsage)
		last = true
	}
	for _, want := range r.stream.Last {
		path, text, _ := strings.Cut(want, "=")
		last = last || leads(value, path, text)
	}
	return output, last
}

// Usage is what the chunks have told so far: AWS's own metrics first, the
// provider's counts second; nil where neither is whole.
func (r *StreamReader) Usage() *record.Usage {
	if u := r.aws.usage(false); u != nil {
		return u
	}
	return r.provider.usage(false)
}

// leads tells whether a path leads to a text that is wanted; to anything but
// an empty text where want is "".
func leads(value []byte, path, want string) (found bool) {
	follow(value, path, func(v []byte) {
		switch {
		case v == nil:
		case want == "":
			found = found || string(v) != `""`
		default:
			found = found || v[0] == '"' && named(v, want)
		}
	})
	return found
}
