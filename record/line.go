package record

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// appendCall writes a call as encoding/json would, in UTC, and in a fifth of the
// time: it is on the path of every call.
func appendCall(b []byte, c *Call) ([]byte, error) {
	b = strconv.AppendInt(append(b, `{"seq":`...), int64(c.Seq), 10)
	b = appendText(append(b, `,"step":`...), c.Step)
	b = appendText(append(b, `,"model":`...), c.Model)
	b = strconv.AppendInt(append(b, `,"stage":`...), int64(c.Stage), 10)
	if c.Warmup {
		b = append(b, `,"warmup":true`...)
	}
	b = c.Planned.UTC().AppendFormat(append(b, `,"planned":"`...), time.RFC3339Nano)
	b = strconv.AppendInt(append(b, `","lag_ns":`...), int64(c.Lag), 10)
	b = strconv.AppendInt(append(b, `,"took_ns":`...), int64(c.Took), 10)
	b = appendNumber(b, `,"held_ns":`, int64(c.Held))
	b = appendNumber(b, `,"waited_ns":`, int64(c.Waited))
	b = appendNumber(b, `,"ttft_ns":`, int64(c.TTFT))
	b = appendNumber(b, `,"first_byte_ns":`, int64(c.FirstByte))
	b = appendNumber(b, `,"gap_ns":`, int64(c.Gap))
	b = appendNumber(b, `,"attempt":`, int64(c.Attempt))
	if c.Retried {
		b = append(b, `,"retried":true`...)
	}
	b = appendText(append(b, `,"outcome":`...), string(c.Outcome))
	b = appendNumber(b, `,"status":`, int64(c.Status))
	for _, t := range [...]struct{ key, text string }{{`,"code":`, c.Code}, {`,"message":`, c.Message}, {`,"limit":`, c.Limit}} {
		if t.text != "" {
			b = appendText(append(b, t.key...), t.text)
		}
	}
	if c.MidStream {
		b = append(b, `,"mid_stream":true`...)
	}
	if c.Served != "" {
		b = appendText(append(b, `,"served":`...), c.Served)
	}
	b = appendNumber(b, `,"reserved_tokens":`, c.ReservedTokens)
	if u := c.Usage; u != nil {
		b = strconv.AppendInt(append(b, `,"usage":{"input":`...), u.Input, 10)
		b = strconv.AppendInt(append(b, `,"output":`...), u.Output, 10)
		b = appendNumber(b, `,"cache_read":`, u.CacheRead)
		b = append(appendNumber(b, `,"cache_write":`, u.CacheWrite), '}')
	}
	b = appendNumber(b, `,"quota_tokens":`, c.QuotaTokens)
	if c.USD != nil {
		if !finite(*c.USD) {
			return nil, fmt.Errorf("call %d costs %v", c.Seq, *c.USD)
		}
		b = strconv.AppendFloat(append(b, `,"usd":`...), *c.USD, 'g', -1, 64)
	}
	return append(b, '}', '\n'), nil
}

// appendNumber leaves zero out.
func appendNumber(b []byte, key string, v int64) []byte {
	if v == 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), v, 10)
}

// appendText writes a string; what is not plain goes to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string cannot fail
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
