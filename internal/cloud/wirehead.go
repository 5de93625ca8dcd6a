package cloud

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxLetter bounds a request that a [wire] carries, in bytes. So much is taken by
// the system at once, so that to write it waits for nobody: net/http reads while
// it writes, for a server that answers before it has read all.
const maxLetter = 16 << 10

// letter is a request as it is written.
type letter struct {
	text  []byte
	names []string // of headers
	zips  bool     // the reply may be compressed
}

var letters = sync.Pool{New: func() any { return new(letter) }}

// head writes the head of a request as net/http does. It is false, and nothing
// was read of the request, where net/http is to send it: where something in it
// would have to be cleaned or refused, or is none of what calls have.
func (q *letter) head(r *http.Request) bool {
	path := r.URL.RequestURI()
	if r.Method != http.MethodPost || r.Close || r.Trailer != nil || r.TransferEncoding != nil || r.ContentLength < 0 || r.ContentLength > maxLetter || r.ContentLength == 0 && r.Body != nil || !isPlain(path) || strings.Contains(path, " ") {
		return false
	}
	q.names = q.names[:0]
	for name, values := range r.Header {
		switch name {
		case "Connection", "Content-Length", "Expect", "Host", "Trailer", "Transfer-Encoding", "Upgrade":
			return false
		}
		if !isName(name) {
			return false
		}
		for _, v := range values {
			if !isPlain(v) {
				return false
			}
		}
		q.names = append(q.names, name)
	}
	slices.Sort(q.names)
	agent := r.Header["User-Agent"]
	if len(agent) != 1 {
		return false
	}
	b := append(q.text[:0], "POST "...)
	b = append(b, path...)
	b = appendHeader(append(b, " HTTP/1.1\r\n"...), "Host", r.Host)
	b = appendHeader(b, "User-Agent", agent[0])
	b = append(b, "Content-Length: "...)
	b = append(strconv.AppendInt(b, r.ContentLength, 10), "\r\n"...)
	for _, name := range q.names {
		if name == "User-Agent" {
			continue
		}
		for _, v := range r.Header[name] {
			b = appendHeader(b, name, v)
		}
	}
	if q.zips = r.Header["Accept-Encoding"] == nil && r.Header["Range"] == nil; q.zips {
		b = appendHeader(b, "Accept-Encoding", "gzip")
	}
	q.text = append(b, "\r\n"...)
	return len(q.text)+int(r.ContentLength) <= maxLetter
}

// body reads the body of a request.
func (q *letter) body(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	defer r.Body.Close()
	head, size := len(q.text), int(r.ContentLength)
	q.text = slices.Grow(q.text, size)[:head+size]
	_, err := io.ReadFull(r.Body, q.text[head:])
	return err
}

func appendHeader(b []byte, name, value string) []byte {
	b = append(append(b, name...), ": "...)
	return append(append(b, value...), "\r\n"...)
}

// isPlain tells whether a text can stand in a head as it is: printable ASCII,
// and no space around it.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// isName tells whether a text is the name of a header, isHost whether it is a
// host with or without a port.
func isName(s string) bool { return consistsOf(s, "-") }
func isHost(s string) bool { return consistsOf(s, "-.:[]") }

func consistsOf(s, more string) bool {
	for i := range len(s) {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return s != ""
}
