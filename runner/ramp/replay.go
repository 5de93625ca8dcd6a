package ramp

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Arrival is one call of a replay. What the file does not tell is empty or 0.
type Arrival struct {
	At     time.Duration // from the start, at the file's own speed
	Model  string
	Input  int64 // tokens of the prompt
	Output int64 // the most tokens of the answer
	Line   int   // of the file, from 1
}

// Bounds of a file of arrivals.
const (
	MaxArrivals    = 1_000_000
	maxArrivalTime = 7 * 24 * time.Hour
	maxTokens      = 10_000_000
)

// LineError is what is wrong with one line of a file of arrivals.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// ReadArrivals reads JSON lines, or CSV with a head, and sorts the calls by
// time; calls of the same time keep their order. The first line that is wrong
// is a *LineError.
func ReadArrivals(data []byte, asCSV bool) ([]Arrival, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // spreadsheets write one
	read := readJSONL
	if asCSV {
		read = readCSV
	}
	var out []Arrival
	err := read(data, func(line int, fields map[string]string) error {
		a, err := arrivalOf(fields)
		if err == nil && len(out) == MaxArrivals {
			err = fmt.Errorf("more than %d calls", MaxArrivals)
		}
		if err != nil {
			return &LineError{line, err}
		}
		a.Line = line
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Arrival) int { return cmp.Compare(a.At, b.At) })
	return out, nil
}

// readJSONL gives each line's object as texts. Empty lines are passed over.
func readJSONL(data []byte, each func(int, map[string]string) error) error {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil || object == nil {
			return &LineError{line, errors.New("not a JSON object")}
		}
		fields := make(map[string]string, len(object))
		for name, raw := range object {
			value := string(raw)
			switch raw[0] {
			case '"':
				if err := json.Unmarshal(raw, &value); err != nil {
					return &LineError{line, fmt.Errorf("%s is no text", name)}
				}
			case '{', '[':
				continue // no field of ours
			case 'n':
				value = "" // null: not told
			}
			fields[name] = value
		}
		if err := each(line, fields); err != nil {
			return err
		}
	}
	return nil
}

func readCSV(data []byte, each func(int, map[string]string) error) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	first, err := r.Read()
	if err == io.EOF {
		return nil
	}
	head := slices.Clone(first)
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	if err == nil && !slices.Contains(head, "at") {
		return &LineError{1, errors.New("the head has no column `at`, the time of a call; columns are parted by commas")}
	}
	fields := make(map[string]string, len(head))
	for err == nil {
		var row []string
		if row, err = r.Read(); err != nil {
			break
		}
		for i, name := range head {
			fields[name] = strings.TrimSpace(row[i])
		}
		line, _ := r.FieldPos(0)
		if err := each(line, fields); err != nil {
			return err
		}
	}
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return &LineError{bad.Line, bad.Err}
	}
	return nil
}

func arrivalOf(fields map[string]string) (Arrival, error) {
	a := Arrival{Model: fields["model"]}
	if !utf8.ValidString(a.Model) {
		return a, errors.New("`model` is not UTF-8")
	}
	at, err := timeOf(fields["at"])
	if err != nil {
		return a, err
	}
	a.At = at
	if a.Input, err = tokensOf(fields, "input_tokens"); err != nil {
		return a, err
	}
	if a.Output, err = tokensOf(fields, "output_tokens"); err != nil {
		return a, err
	}
	most, err := tokensOf(fields, "max_tokens")
	if most > 0 {
		a.Output = most // what was allowed, where both are told, is what the quota counts
	}
	return a, err
}

// timeOf reads seconds (12.5) or a duration (1m30s).
func timeOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, errors.New("`at` is missing: the time of the call, in seconds from the start or as 1m30s")
	}
	d, err := time.ParseDuration(text)
	if seconds, bad := strconv.ParseFloat(text, 64); bad == nil {
		err = nil
		if !(math.Abs(seconds) <= maxArrivalTime.Seconds()) { // also NaN
			seconds = math.Copysign(2*maxArrivalTime.Seconds(), seconds)
		}
		d = time.Duration(math.Round(seconds * float64(time.Second)))
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("`at` is %q: want seconds from the start, or a duration as 1m30s", text)
	case d < 0 || d > maxArrivalTime:
		return 0, fmt.Errorf("`at` is %q: want a time from the start of the replay, 0 to %.0f seconds (7 days)", text, maxArrivalTime.Seconds())
	}
	return d, nil
}

func tokensOf(fields map[string]string, name string) (int64, error) {
	text := fields[name]
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > maxTokens {
		return 0, fmt.Errorf("`%s` is %q: want a whole number from 1 to %d", name, text, maxTokens)
	}
	return n, nil
}

// Faster is the time of the call where the replay goes so many times as fast.
func (a Arrival) Faster(speed float64) time.Duration {
	return time.Duration(float64(a.At) / cmp.Or(speed, 1))
}
