package record

import (
	"bytes"
	"strconv"
	"time"
)

// maxWords bounds the texts that are kept to be used again; codes and messages
// of one journal are mostly the same few.
const maxWords = 4096

// lineReader reads the lines of calls as appendCall writes them, in a fifth of
// the time of encoding/json.
type lineReader struct {
	rest  []byte
	bad   bool
	words map[string]string
	last  Call
}

// call reads a line. It is false for one that appendCall would not have written
// byte by byte, which may be a call all the same: encoding/json decides.
func (l *lineReader) call(line []byte, c *Call) bool {
	l.rest, l.bad = line, false
	l.skip(`{"seq":`)
	c.Seq = int(l.number())
	c.Step = l.text(`,"step":`)
	c.Model = l.text(`,"model":`)
	l.skip(`,"stage":`)
	c.Stage = int(l.number())
	c.Warmup = l.has(`,"warmup":true`)
	c.Planned = l.time(`,"planned":`)
	l.skip(`,"lag_ns":`)
	c.Lag = time.Duration(l.number())
	l.skip(`,"took_ns":`)
	c.Took = time.Duration(l.number())
	c.Held = time.Duration(l.optional(`,"held_ns":`))
	c.Waited = time.Duration(l.optional(`,"waited_ns":`))
	c.TTFT = time.Duration(l.optional(`,"ttft_ns":`))
	c.FirstByte = time.Duration(l.optional(`,"first_byte_ns":`))
	c.Gap = time.Duration(l.optional(`,"gap_ns":`))
	c.Attempt = int(l.optional(`,"attempt":`))
	c.Retried = l.has(`,"retried":true`)
	c.Outcome = Outcome(l.text(`,"outcome":`))
	c.Status = int(l.optional(`,"status":`))
	c.Code = l.known(`,"code":`)
	c.Message = l.known(`,"message":`)
	c.Limit = l.known(`,"limit":`)
	c.MidStream = l.has(`,"mid_stream":true`)
	c.Served = l.known(`,"served":`)
	c.ReservedTokens = l.optional(`,"reserved_tokens":`)
	if l.has(`,"usage":{"input":`) {
		c.Usage = &Usage{Input: l.number()}
		l.skip(`,"output":`)
		c.Usage.Output = l.number()
		c.Usage.CacheRead = l.optional(`,"cache_read":`)
		c.Usage.CacheWrite = l.optional(`,"cache_write":`)
		l.skip(`}`)
	}
	c.QuotaTokens = l.optional(`,"quota_tokens":`)
	if l.has(`,"usd":`) {
		c.USD = l.decimal()
	}
	l.skip("}\n")
	return !l.bad && len(l.rest) == 0
}

func (l *lineReader) has(key string) bool {
	if len(l.rest) < len(key) || string(l.rest[:len(key)]) != key {
		return false
	}
	l.rest = l.rest[len(key):]
	return true
}

func (l *lineReader) skip(key string) {
	if !l.has(key) {
		l.bad = true
	}
}

func (l *lineReader) optional(key string) int64 {
	if l.has(key) {
		return l.number()
	}
	return 0
}

// number reads an integer of up to 18 digits, as JSON writes one.
func (l *lineReader) number() int64 {
	minus := l.has("-")
	n, digits := int64(0), 0
	for digits < len(l.rest) && '0' <= l.rest[digits] && l.rest[digits] <= '9' {
		if digits++; digits > 18 {
			l.bad = true
			return 0
		}
		n = n*10 + int64(l.rest[digits-1]-'0')
	}
	if digits == 0 || digits > 1 && l.rest[0] == '0' {
		l.bad = true
	}
	l.rest = l.rest[digits:]
	if minus {
		return -n
	}
	return n
}

// decimal reads a number as JSON and Go both write one: 12, 0.0003, 7e-05.
func (l *lineReader) decimal() *float64 {
	whole := l.digits(0)
	end := whole
	if l.at(end) == '.' {
		end = l.digits(end + 1)
		l.bad = l.bad || end == whole+1
	}
	if l.at(end) == 'e' {
		sign := end + 1
		if l.at(sign) != '-' && l.at(sign) != '+' {
			l.bad = true
			return nil
		}
		end = l.digits(sign + 1)
		l.bad = l.bad || end == sign+1
	}
	if whole == 0 || whole > 1 && l.rest[0] == '0' || l.bad {
		l.bad = true
		return nil
	}
	v, err := strconv.ParseFloat(string(l.rest[:end]), 64)
	l.rest, l.bad = l.rest[end:], err != nil
	return &v
}

// at is a byte of what is left; 0 behind its end.
func (l *lineReader) at(i int) byte {
	if i < len(l.rest) {
		return l.rest[i]
	}
	return 0
}

// digits is where the digits end that begin at i.
func (l *lineReader) digits(i int) int {
	for '0' <= l.at(i) && l.at(i) <= '9' {
		i++
	}
	return i
}

func (l *lineReader) known(key string) string {
	if !l.has(key) {
		return ""
	}
	return l.word()
}

func (l *lineReader) text(key string) string {
	l.skip(key)
	return l.word()
}

// quoted reads a string without its quotes; one with an escape, or with
// characters beyond ASCII, is not read here.
func (l *lineReader) quoted() []byte {
	if !l.has(`"`) {
		l.bad = true
		return nil
	}
	end := bytes.IndexByte(l.rest, '"')
	if end < 0 {
		l.bad = true
		return nil
	}
	text := l.rest[:end]
	for _, b := range text {
		if b < ' ' || b > '~' || b == '\\' {
			l.bad = true
			return nil
		}
	}
	l.rest = l.rest[end+1:]
	return text
}

func (l *lineReader) word() string {
	text := l.quoted()
	if s, ok := l.words[string(text)]; ok {
		return s
	}
	s := string(text)
	if len(l.words) < maxWords {
		l.words[s] = s
	}
	return s
}

func (l *lineReader) time(key string) (t time.Time) {
	l.skip(key)
	if text := l.quoted(); l.bad || t.UnmarshalText(text) != nil {
		l.bad = true
	}
	return t
}
