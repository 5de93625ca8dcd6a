package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

const seriesFile = "series.csv"

// csvTime has the digits of a nanosecond where there are any.
const csvTime = time.RFC3339Nano

// renderCSV writes the series, a point a line (RFC 4180). A gap has an empty
// value: it is no zero.
func renderCSV(r *record.Run) ([]File, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"step", "model", "name", "unit", "time", "value"}}
	for _, s := range r.Series {
		for i, v := range s.Values {
			value := ""
			if v = record.Finite(v); v != nil {
				value = strconv.FormatFloat(*v, 'g', -1, 64)
			}
			at := s.Start.Add(time.Duration(i) * time.Duration(s.Period)).UTC().Format(csvTime)
			rows = append(rows, []string{CSVText(s.Step), CSVText(s.Model), CSVText(s.Name), CSVText(s.Unit), at, value})
		}
		if err := w.WriteAll(rows); err != nil {
			return nil, err
		}
		rows = rows[:0]
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return []File{{Path: seriesFile, Data: b.Bytes()}}, nil
}

// CSVText makes a text from outside fit for a cell: a spreadsheet computes what
// begins with = + - or @, so that has an apostrophe before it.
func CSVText(s string) string {
	s = oneLine(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
