package sim

import (
	"fmt"
	"sort"
	"strings"
)

// didYouMean returns the candidate nearest to a word, or "" if none is near.
func didYouMean(word string, candidates []string) string {
	const longest = 100 // beyond, the distance costs more than the hint is worth
	if len(word) > longest {
		return ""
	}
	best, distance := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if len(c) > longest {
			continue
		}
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// mostHints is how much of a choice a hint shows: all keys of any mapping, but
// not all models of a large account.
const mostHints = 24

// hintFor is the way out for an unknown word: the nearest candidate, and the
// choice or its beginning. It is empty where there is nothing to choose from.
func hintFor(word string, candidates []string) string {
	sorted := append([]string(nil), candidates...)
	sort.Strings(sorted)
	var parts []string
	if near := didYouMean(word, sorted); near != "" {
		parts = append(parts, "did you mean "+quote(near)+"?")
	}
	if more := len(sorted) - mostHints; more > 0 {
		parts = append(parts, fmt.Sprintf("possible: %s and %d more", strings.Join(sorted[:mostHints], ", "), more))
	} else if len(sorted) > 0 {
		parts = append(parts, "possible: "+strings.Join(sorted, ", "))
	}
	return strings.Join(parts, " ")
}

// editDistance is the Damerau-Levenshtein distance (optimal string alignment):
// an insertion, a deletion, a replacement or a swap of neighbours counts one.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before := make([]int, len(y)+1)
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			replace := last[j-1]
			if x[i-1] != y[j-1] {
				replace++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}
