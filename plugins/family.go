package plugins

import "github.com/loadline-dev/loadline/record"

// Family is a kind of models that are asked and charged alike.
type Family struct {
	Name, Doc string
	// Match lists the beginnings of base model ids that belong to the family.
	Match []string
	// Text says that the models answer text to text, so that Converse works.
	Text bool
	// Body writes the body of InvokeModel; nil where the family has no known
	// body, and only Converse can be used.
	Body func(Prompt) ([]byte, error)
	// Usage reads the token counts from a reply of InvokeModel; nil where it
	// tells none. Counts in the headers of the reply come first and are read
	// elsewhere.
	Usage func(reply []byte) *record.Usage
}

// Prompt is what a model is asked.
type Prompt struct {
	Text, System string
	MaxTokens    int64
	Temperature  *float64
}
