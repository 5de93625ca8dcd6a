package report

// Number writes a number as reports show it: with all digits before the point,
// and four significant ones at least.
func Number(v float64) string { return digits(v, 4) }

// Percent writes a share: 0.0234 is 2.34 %.
func Percent(share float64) string { return percent(share) }

// Escape makes a text one line of Markdown in which nothing acts. Unlike [Cell]
// it does not cut it short.
func Escape(s string) string { return markdownEscapes.Replace(oneLine(s)) }
