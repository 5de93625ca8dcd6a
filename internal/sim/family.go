package sim

import (
	"math"
	"strings"
)

// family is models whose InvokeModel bodies have one form.
//
// Where a shape is from is said beside it. "User guide" is the page of the
// family under "Inference request parameters and response fields" of the Amazon
// Bedrock user guide, as it was in the autumn of 2026; what no page of AWS shows
// is marked as not documented.
type family struct {
	name     string
	prefixes []string // of the base model id
	yields   yields
	form     bodyForm
	read     func(*ask, body) *fault // counts the prompt, and checks what a form can not say
	caps     []string                // paths of the output limit in a body; the last that is there counts
	unset    int64                   // the limit that is documented for a body without one; 0: the model's maximum
	reply    func(*model, *answer) any
	stream   func(*model, *answer) script // the chunks of a streamed reply; nil: it has no streams

	uncounted  bool   // no token counts anywhere: requests are what is limited, and images what is counted
	unstreamed bool   // no streams unless the account file says so, although there could be some
	untold     bool   // no headers with token counts unless the account file says so: the body tells
	noConverse bool   // text, but not through Converse
	instead    string // the operation that invokes it; "": InvokeModel does
}

// yields is what comes out of a model.
type yields int

const (
	yieldsText yields = iota
	yieldsVectors
	yieldsRanks
	yieldsImages
	yieldsVideo // this and the next through other operations alone
	yieldsSpeech
)

// modality is the output modality in the words of the control plane.
func (y yields) modality() string {
	return [...]string{"TEXT", "EMBEDDING", "TEXT", "IMAGE", "VIDEO", "SPEECH"}[y]
}

func familyOf(modelID string) *family {
	for i := range families {
		for _, p := range families[i].prefixes {
			if strings.HasPrefix(modelID, p) {
				return &families[i]
			}
		}
	}
	return &families[len(families)-1] // not reached: the last prefix is empty
}

// wanted is what a body asks for beside text: as far as its reply needs it.
type wanted struct {
	texts []string // that the reply repeats or ranks
	mixed []body   // inputs that the reply repeats

	inputs     []uint64 // a hash for each vector
	dimensions int
	types      []string // of the vectors

	query string
	top   int // how many ranks

	images int64
	size   string // of an image, WIDTHxHEIGHT
	steps  int64  // that it takes to paint one; 0: not said
	jpeg   bool
}

// parse reads a body: what it asks for, or why it is refused.
func (f *family) parse(raw []byte) (a ask, bad *fault) {
	if f.instead != "" {
		return a, invalid("The model that you provided doesn't support this operation. Use " + f.instead + ".")
	}
	b, bad := f.form.parse(raw)
	if bad != nil {
		return a, bad
	}
	a.yields, a.unset, a.uncounted = f.yields, f.unset, f.uncounted
	for _, path := range f.caps {
		in, name := b.member(path)
		if n := in.number(name); n != nil {
			a.maxTokens = *n
		}
	}
	return a, f.read(&a, b)
}

// ask reads an InvokeModel request: the body and the headers that count.
func (f *family) ask(c *call, raw []byte, streamed bool) (ask, *fault) {
	a, bad := f.parse(raw)
	switch {
	case bad != nil:
	case a.stream != nil && *a.stream != streamed:
		bad = malformed("#/stream: does not fit the operation")
	case a.named != "" && a.named != c.label:
		bad = malformed("#/model: does not fit the model of the request")
	default:
		a.serving = serving{c.r.Header.Get(tierHeader), c.r.Header.Get(latencyHeader)}
		bad = a.serving.check(tierHeader, latencyHeader)
	}
	return a, bad
}

// converses refuses a model that Converse and ConverseStream do not take:
// embeddings, rankings, images and video have InvokeModel alone.
func (m *model) converses() *fault {
	if f := familyOf(m.id); m.isText() && f.yields == yieldsText && !f.noConverse {
		return nil
	}
	return invalid("This action doesn't support the model that you provided. Try again with a supported text or chat model.")
}

// streams refuses a model that answers in one piece only.
func (m *model) streams() *fault {
	if m.streaming && familyOf(m.id).stream != nil {
		return nil
	}
	return invalid("The model is unsupported for streaming.")
}

func malformed(what string) *fault {
	return invalid("Malformed input request: " + what + ", please reformat your input and try again.")
}

func missing(key string) *fault { return malformed("#: required key [" + key + "] not found") }

// anyNumber is the highest of an output limit without a highest.
const anyNumber = math.MaxInt32

// maxTokens is the key of an output limit.
func maxTokens(name string, highest float64) key { return may(name, whole).within(1, highest) }

// prompt reads a family whose prompt is one text.
func prompt(name string) func(*ask, body) *fault {
	return func(a *ask, b body) *fault {
		a.add(b.text(name))
		return nil
	}
}

// firstFault is the first that is one.
func firstFault(all ...*fault) *fault {
	for _, f := range all {
		if f != nil {
			return f
		}
	}
	return nil
}
