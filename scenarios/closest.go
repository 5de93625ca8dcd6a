package scenarios

import "strings"

// Closest finds the name that a mistyped word was probably meant to be. Letters that changed places count as one
// mistake. It answers no when nothing is near: about one mistake in three letters, and never more than three.
// Of several equally near names the first wins; upper and lower case are the same.
func Closest(word string, among []string) (string, bool) {
	const longest = 64 // nobody mistypes more than that, and the work grows with the square
	typed := []rune(strings.ToLower(word))
	if len(typed) == 0 || len(typed) > longest {
		return "", false
	}
	best, nearest := "", min(3, (len(typed)+2)/3)+1
	for _, name := range among {
		meant := []rune(strings.ToLower(name))
		if len(meant) > longest || max(len(meant)-len(typed), len(typed)-len(meant)) >= nearest {
			continue
		}
		// A word that shares no letter with a name is no slip of it, however short both are.
		if d := distance(typed, meant); d < nearest && d < max(len(typed), len(meant)) {
			best, nearest = name, d
		}
	}
	return best, best != ""
}

// distance is the Damerau-Levenshtein distance (optimal string alignment): insert, drop, replace a letter, or swap two neighbours.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
