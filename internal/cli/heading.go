package cli

import (
	"math"
	"slices"
	"strings"
)

// general is the heading of what is of no known family.
const general = "General"

// headings tells under which heading a quota or a model stands that no row of
// the families claims, by a word of its name. The first row that fits is taken.
var headings = []struct {
	heading string
	words   []string
}{
	{"Claude", []string{"claude"}},
	{"Llama", []string{"llama"}},
	{"Titan", []string{"titan"}},
	{"Nova", []string{"nova"}},
	{"Cohere", []string{"cohere"}},
	{"Mistral", []string{"mistral", "mixtral", "ministral", "magistral", "pixtral", "voxtral", "devstral"}},
	{"Stable Diffusion", []string{"stable", "stability", "sd3", "sdxl"}},
}

// headingOf finds the heading of a name: General where no word of it is known.
func headingOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	for _, h := range headings {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(h.words, w) }) {
			return h.heading
		}
	}
	return general
}

// finite is nil where the value is no number that JSON could write.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}
