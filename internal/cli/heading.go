package cli

import (
	"slices"
	"strings"
)

// general is the heading of what is of no known family.
const general = "General"

// otherWords lead to a heading whose own words a name does not have.
var otherWords = map[string]string{
	"mixtral": "Mistral", "ministral": "Mistral", "magistral": "Mistral", "pixtral": "Mistral", "voxtral": "Mistral", "devstral": "Mistral",
	"stable": "Stable Diffusion", "stability": "Stable Diffusion", "sd3": "Stable Diffusion", "sdxl": "Stable Diffusion",
	"jamba": "AI21", "twelve": "TwelveLabs",
}

// headingOf finds the heading under which a quota or a model stands that no row
// of the families claims, by the words of its name: General where none is known.
func headingOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	for _, f := range set.Families {
		if f.Group != general && contains(words, strings.Fields(strings.ToLower(f.Group))) {
			return f.Group
		}
	}
	for _, w := range words {
		if h, ok := otherWords[w]; ok {
			return h
		}
	}
	return general
}

// contains says whether the words of part stand in all, one after another.
func contains(all, part []string) bool {
	for i := 0; i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
