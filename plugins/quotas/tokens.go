package quotas

import (
	"slices"
	"strings"
)

// tokens are the words and numbers of a model's name in one form of writing,
// whatever the letter case. Each version is one token, so that 4 is not 4.5,
// and so is each size: 1b is not 11b. A hyphen between two short numbers is
// the point of a version, as ids write it: claude-3-5-sonnet.
//
// Left out is what says nothing: v1 and 1.0, the first version, and "and".
func tokens(name string) []string {
	var out []string
	for _, word := range split(strings.ToLower(strings.ReplaceAll(name, "+", " plus "))) {
		if word == "v1" || word == "v1.0" || word == "1.0" || word == "and" {
			continue
		}
		out = append(out, synonym(canonical(word))...)
	}
	return out
}

// split cuts a name into words, numbers, and numbers with their letters: a
// version (v2, 4.5, k2.5, r1) or a size (8b, a22b, 8x7b). It cuts between a
// word of several letters and the number that follows: llama3 is llama 3.
func split(name string) []string {
	var out []string
	for i := 0; i < len(name); {
		switch {
		case letter(name[i]):
			j := i + 1
			for j < len(name) && letter(name[j]) {
				j++
			}
			if j == i+1 && j < len(name) && digit(name[j]) {
				j = numberEnd(name, j)
			}
			out = append(out, name[i:j])
			i = j
		case digit(name[i]):
			j := numberEnd(name, i)
			out = append(out, name[i:j])
			i = j
		default:
			i++
		}
	}
	return joinVersions(name, out)
}

// letter is also true within any letter that is not of ASCII.
func letter(c byte) bool { return 'a' <= c && c <= 'z' || c >= 0x80 }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// numberEnd is where the number ends that begins at i, with the letters that are
// written to it.
func numberEnd(s string, i int) int {
	for i < len(s) && (digit(s[i]) || letter(s[i]) || s[i] == '.' && i+1 < len(s) && digit(s[i-1]) && digit(s[i+1])) {
		i++
	}
	return i
}

// joinVersions writes the versions of ids as names write them: 3-5 as 3.5,
// where both are numbers of one or two digits.
func joinVersions(name string, words []string) []string {
	var out []string
	at := 0 // behind the last word
	for _, w := range words {
		gap := strings.Index(name[at:], w)
		if n := len(out); n > 0 && gap == 1 && name[at] == '-' && short(w) && shortEnd(out[n-1]) {
			out[n-1] += "." + w
		} else {
			out = append(out, w)
		}
		at += gap + len(w)
	}
	return out
}

func short(word string) bool {
	return (len(word) == 1 || len(word) == 2) && digit(word[0]) && digit(word[len(word)-1])
}

// shortEnd is true for a number of one or two digits, with a letter before it
// or none.
func shortEnd(word string) bool {
	if letter(word[0]) {
		word = word[1:]
	}
	return short(word)
}

// canonical is one writing of a number: a year and month as 24.07, no v before
// what a point makes a version anyway, no .0 behind.
func canonical(word string) string {
	whole := strings.TrimSuffix(word, ".0")
	if number := strings.TrimPrefix(whole, "v"); strings.Trim(number, "0123456789") == "" {
		word = whole
	} else if strings.Trim(number, "0123456789.") == "" {
		word = number
	}
	if len(word) == 4 && strings.Trim(word, "0123456789") == "" && word[0] == '2' && word[1] != '0' && "01" <= word[2:] && word[2:] <= "12" {
		return word[:2] + "." + word[2:]
	}
	return word
}

// synonym is a word as the names of quotas write it.
func synonym(word string) []string {
	switch word {
	case "embedding", "embeddings":
		return []string{"embed"}
	case "sd":
		return []string{"stable", "diffusion"}
	case "sdxl":
		return []string{"stable", "diffusion", "xl"}
	}
	return []string{word}
}

// bag is a key of tokens in whatever order: AWS writes Ministral 3 8B and
// Ministral 8B 3.0, Llama 2 Chat 13B and llama2-13b-chat.
func bag(lists ...[]string) string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return strings.Join(all, " ")
}
