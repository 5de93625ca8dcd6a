package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// callsFile has a line a call, or attempt of it, out of the journal.
const callsFile = "calls.csv"

// callColumns are the names of the journal, in its order; those of usage stand
// among the others.
const callColumns = "seq,step,model,stage,warmup,planned,lag_ns,took_ns,held_ns,waited_ns,ttft_ns,first_byte_ns,gap_ns,attempt,retried,outcome,status,code,message,limit,mid_stream,served," +
	"reserved_tokens,input,output,cache_read,cache_write,quota_tokens,usd\r\n"

// WriteCalls writes the files of the named formats that are made of every call,
// and tells their digests. Calls go by one after the other, so memory does not
// grow with them. Where none of the formats has such a file, calls is not read.
// As with [Write] the old file is there until the new one is whole.
func WriteCalls(root *os.Root, formats []string, calls iter.Seq2[record.Call, error]) ([]record.Artifact, error) {
	var out []record.Artifact
	for _, f := range Formats {
		if f.Calls == nil || !slices.Contains(formats, f.Name) {
			continue
		}
		sum := sha256.New()
		path := f.Files[len(f.Files)-1]
		err := replaceFile(root, path, func(w io.Writer) error { return f.Calls(io.MultiWriter(w, sum), calls) })
		if err != nil {
			return out, fmt.Errorf("write %s: %w", path, err)
		}
		out = append(out, record.Artifact{Path: path, SHA256: hex.EncodeToString(sum.Sum(nil))})
	}
	return out, nil
}

// writeCalls writes a line a call. Unknown is empty, as 0 is where the journal
// leaves that out.
func writeCalls(w io.Writer, calls iter.Seq2[record.Call, error]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString(callColumns); err != nil {
		return err
	}
	var line []byte
	for c, err := range calls {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		line = appendCallLine(line[:0], &c)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

func appendCallLine(b []byte, c *record.Call) []byte {
	b = append(strconv.AppendInt(b, int64(c.Seq), 10), ',')
	b = appendCell(b, c.Step)
	b = appendCell(b, c.Model)
	b = append(strconv.AppendInt(b, int64(c.Stage), 10), ',')
	b = append(strconv.AppendBool(b, c.Warmup), ',')
	b = append(c.Planned.UTC().AppendFormat(b, csvTime), ',')
	b = append(strconv.AppendInt(b, int64(c.Lag), 10), ',')
	b = append(strconv.AppendInt(b, int64(c.Took), 10), ',')
	for _, d := range [...]time.Duration{c.Held, c.Waited, c.TTFT, c.FirstByte, c.Gap} {
		b = appendKnown(b, int64(d))
	}
	b = appendKnown(b, int64(c.Attempt))
	b = append(strconv.AppendBool(b, c.Retried), ',')
	b = appendCell(b, string(c.Outcome))
	b = appendKnown(b, int64(c.Status))
	for _, text := range [...]string{c.Code, c.Message, c.Limit} {
		b = appendCell(b, text)
	}
	b = append(strconv.AppendBool(b, c.MidStream), ',')
	b = appendCell(b, c.Served)
	b = appendKnown(b, c.ReservedTokens)
	if u := c.Usage; u != nil {
		for _, n := range [...]int64{u.Input, u.Output, u.CacheRead, u.CacheWrite, c.QuotaTokens} {
			b = append(strconv.AppendInt(b, n, 10), ',')
		}
	} else {
		b = append(b, ",,,,,"...)
	}
	if c.USD != nil {
		b = strconv.AppendFloat(b, *c.USD, 'g', -1, 64)
	}
	return append(b, '\r', '\n')
}

func appendKnown(b []byte, n int64) []byte {
	if n != 0 {
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, ',')
}

// appendCell adds a text and a comma, in quotes where it needs them.
func appendCell(b []byte, s string) []byte {
	if s = CSVText(s); strings.ContainsAny(s, ",\"") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return append(append(b, s...), ',')
}
