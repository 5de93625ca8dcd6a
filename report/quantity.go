package report

import "github.com/loadline-dev/loadline/record"

// Quantity writes a number with its unit as the reports do: 0.8 %, 820 ms,
// 1,230. Units are those of record.Metrics.
func Quantity(v float64, unit string) string {
	return quantity(record.Reading{Value: v, Known: true}, unit)
}

// Table writes a Markdown table; what its cells hold is shown literally.
func Table(head []string, rows [][]string) string {
	var d document
	d.table("", head, len(rows), func(i int) []string { return rows[i] })
	return d.String()
}
