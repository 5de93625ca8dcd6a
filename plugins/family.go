package plugins

// Family is a kind of models that are asked and charged alike.
type Family struct {
	Name string // lower case, unique: claude, titan-text, cohere-embed
	// Group is the heading that people know the models by: Claude, Nova, Llama.
	// Several families may share one.
	Group string
	Doc   string
	// Match lists the beginnings of base model ids that belong to the family.
	Match []string
	// Text says that the models answer text to text, so that Converse works.
	Text bool
	// Body writes the body of InvokeModel; nil where the family has no known
	// body, and only Converse can be used.
	Body func(Prompt) ([]byte, error)
	// Cap is where in Body's JSON the most output tokens stand, as a path of
	// names with points between them; "" with NoOutput.
	Cap string
	// Usage is where the replies of InvokeModel tell their tokens. Counts in
	// the headers of the reply come first and are read elsewhere.
	Usage Usage
	// Stream is how a chunk of InvokeModelWithResponseStream is read; nil where
	// the models do not stream by it.
	Stream *Stream
	// NoOutput says that the models give no output tokens (embeddings, ranks,
	// images): there is nothing to limit, so Prompt.MaxTokens is not sent, and
	// not reserved.
	NoOutput bool
}

// Prompt is what a model is asked.
type Prompt struct {
	Text, System string
	MaxTokens    int64
	Temperature  *float64
	// Streamed says that the body is for a stream: some bodies must say so too.
	Streamed bool
}
