package pacing

import (
	"bytes"
	"cmp"
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// ask is how large a request is.
type ask struct {
	text      int   // bytes of its texts
	pictures  int   // images, documents and the like, whose size in tokens is not known
	maxTokens int64 // 0: it sets none
}

// pictureTokens is reserved for each image, document or video: about what an image
// of a megapixel takes with Claude (width x height / 750). Real sizes differ; tell
// them by [WithInputTokens].
const pictureTokens = 1600

type inputKey struct{}

// WithInputTokens tells the input tokens of the calls made with the context, for
// callers who know them, by CountTokens or from the same prompt before. An estimate
// that is too low ends in throttles, one that is too high in a quota left unused.
func WithInputTokens(ctx context.Context, n int64) context.Context {
	return context.WithValue(ctx, inputKey{}, n)
}

const (
	defaultMaxOutput = 4096
	// mostTokens is more than any model takes, and lets sums be sums.
	mostTokens = 1 << 40
)

// size is how many tokens of input and of output are reserved for a request.
func (p *Pacer) size(ctx context.Context, l *Limiter, model string, a ask) (input, output int64) {
	output = a.maxTokens
	if output <= 0 { // AWS refuses less than 0
		output = cmp.Or(l.of.MaxOutput, defaultMaxOutput)
	}
	return min(p.inputTokens(ctx, model, a), mostTokens), min(output, mostTokens)
}

func (p *Pacer) inputTokens(ctx context.Context, model string, a ask) int64 {
	if n, ok := ctx.Value(inputKey{}).(int64); ok {
		return max(n, 0)
	}
	pictures := int64(a.pictures) * pictureTokens
	if p.limits.Tokens != nil {
		return min(max(p.limits.Tokens(model, a.text), 0), mostTokens) + pictures
	}
	return int64(a.text+3)/4 + pictures
}

func converseAsk(system []types.SystemContentBlock, messages []types.Message, tools *types.ToolConfiguration, c *types.InferenceConfiguration) (a ask) {
	for _, block := range system {
		switch b := block.(type) {
		case *types.SystemContentBlockMemberText:
			a.text += len(b.Value)
		case *types.SystemContentBlockMemberGuardContent:
			a.addGuarded(b.Value)
		}
	}
	for _, m := range messages {
		for _, block := range m.Content {
			a.add(block)
		}
	}
	if tools != nil {
		for _, tool := range tools.Tools {
			if spec, ok := tool.(*types.ToolMemberToolSpec); ok {
				a.text += len(aws.ToString(spec.Value.Name)) + len(aws.ToString(spec.Value.Description))
				if schema, ok := spec.Value.InputSchema.(*types.ToolInputSchemaMemberJson); ok {
					a.addJSON(schema.Value)
				}
			}
		}
	}
	if c != nil && c.MaxTokens != nil {
		a.maxTokens = int64(*c.MaxTokens)
	}
	return a
}

func (a *ask) add(block types.ContentBlock) {
	switch b := block.(type) {
	case *types.ContentBlockMemberText:
		a.text += len(b.Value)
	case *types.ContentBlockMemberToolUse:
		a.text += len(aws.ToString(b.Value.Name))
		a.addJSON(b.Value.Input)
	case *types.ContentBlockMemberToolResult:
		for _, part := range b.Value.Content {
			a.addResult(part)
		}
	case *types.ContentBlockMemberReasoningContent:
		if thought, ok := b.Value.(*types.ReasoningContentBlockMemberReasoningText); ok {
			a.text += len(aws.ToString(thought.Value.Text))
		}
	case *types.ContentBlockMemberGuardContent:
		a.addGuarded(b.Value)
	case *types.ContentBlockMemberSearchResult:
		for _, part := range b.Value.Content {
			a.text += len(aws.ToString(part.Text))
		}
	case *types.ContentBlockMemberCitationsContent:
		for _, part := range b.Value.Content {
			if text, ok := part.(*types.CitationGeneratedContentMemberText); ok {
				a.text += len(text.Value)
			}
		}
	case *types.ContentBlockMemberImage, *types.ContentBlockMemberDocument, *types.ContentBlockMemberVideo, *types.ContentBlockMemberAudio:
		a.pictures++
	}
}

func (a *ask) addResult(part types.ToolResultContentBlock) {
	switch b := part.(type) {
	case *types.ToolResultContentBlockMemberText:
		a.text += len(b.Value)
	case *types.ToolResultContentBlockMemberJson:
		a.addJSON(b.Value)
	case *types.ToolResultContentBlockMemberImage, *types.ToolResultContentBlockMemberDocument, *types.ToolResultContentBlockMemberVideo:
		a.pictures++
	}
}

func (a *ask) addGuarded(block types.GuardrailConverseContentBlock) {
	switch b := block.(type) {
	case *types.GuardrailConverseContentBlockMemberText:
		a.text += len(aws.ToString(b.Value.Text))
	case *types.GuardrailConverseContentBlockMemberImage:
		a.pictures++
	}
}

// addJSON writes a document to know its size, as the SDK does once more to send it.
func (a *ask) addJSON(d document.Interface) {
	if d == nil {
		return
	}
	if b, err := d.MarshalSmithyDocument(); err == nil { // else the SDK tells the caller
		a.text += len(b)
	}
}

// Keys of bodies of InvokeModel. Source: "Inference request parameters" in the
// user guide, model by model.
var (
	maxKeys  = [...]string{"max_tokens", "maxTokens", "max_gen_len", "max_new_tokens", "maxTokenCount", "max_tokens_to_sample", "max_completion_tokens"}
	dataKeys = [...]string{"data", "bytes", "image", "images", "inputImage"} // base64
	// wordKeys have values that are no text of the prompt.
	wordKeys = [...]string{"anthropic_version", "type", "role", "media_type", "format"}
)

// bodyAsk reads a body in one pass, without making anything of it: texts are the
// values between quotes, and the number after a key of maxKeys is the most tokens.
// A body that is no JSON gives an ask of something; AWS refuses it anyway.
func bodyAsk(body []byte) (a ask) {
	var key []byte
	for i := 0; i < len(body); i++ {
		if body[i] != '"' {
			continue
		}
		end := endOfString(body, i+1)
		word := body[i+1 : end]
		i = end
		if after := skipSpace(body, end+1); after < len(body) && body[after] == ':' {
			key = word
			if oneOf(maxKeys[:], key) {
				a.maxTokens = max(a.maxTokens, number(body[skipSpace(body, after+1):]))
			}
			i = after
			continue
		}
		switch {
		case oneOf(dataKeys[:], key) && len(word) > 256:
			a.pictures++
		case !oneOf(wordKeys[:], key):
			a.text += len(word)
		}
	}
	return a
}

// endOfString is where the string that starts at i ends: at its quote, or at the
// end of all.
func endOfString(body []byte, i int) int {
	for i < len(body) {
		n := bytes.IndexByte(body[i:], '"')
		if n < 0 {
			return len(body)
		}
		i += n
		slashes := 0
		for i-slashes > 0 && body[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
		i++
	}
	return len(body)
}

func skipSpace(body []byte, i int) int {
	for i < len(body) && (body[i] == ' ' || body[i] == '\n' || body[i] == '\t' || body[i] == '\r') {
		i++
	}
	return i
}

func oneOf(words []string, word []byte) bool {
	for _, w := range words {
		if w == string(word) {
			return true
		}
	}
	return false
}

// number reads the digits at the start, 0 if there are none or too many.
func number(b []byte) int64 {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(string(b[:n]), 10, 32)
	if err != nil {
		return 0
	}
	return v
}
