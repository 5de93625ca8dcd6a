package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Signature Version 4, as the "AWS Signature Version 4 for API requests" pages
// of the IAM User Guide have it:
//
//	signature = hex(hmac(key, "AWS4-HMAC-SHA256\n" date "\n" scope "\n" hex(sha256(canonical request))))
//	key       = hmac(hmac(hmac(hmac("AWS4" secret, day), region), service), "aws4_request")
//	scope     = day "/" region "/" service "/aws4_request"

const (
	sigv4       = "AWS4-HMAC-SHA256"
	terminator  = "aws4_request"
	sigv4Time   = "20060102T150405Z"
	payloadHash = "X-Amz-Content-Sha256"
	unsigned    = "UNSIGNED-PAYLOAD"
)

// authorization is a read Authorization header of Signature Version 4.
type authorization struct {
	accessKey, day, region, service string
	signed                          []string // header names, lower-case and in order
	signature                       string   // 64 hexadecimal digits
}

// parseAuthorization reads an Authorization header. The parts may stand in any
// order, with or without space after their commas. What is missing or not in
// its form is reported in the words of AWS; "" means that all is there.
func parseAuthorization(header string) (a authorization, wrong string) {
	rest, ok := strings.CutPrefix(header, sigv4+" ")
	if !ok {
		return a, "Authorization header requires the algorithm " + sigv4 + "."
	}
	names, parts := []string{"Credential", "Signature", "SignedHeaders"}, map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !ok || twice || !slices.Contains(names, name) {
			return a, "Authorization header has a part that is unknown, there twice, or no name and value."
		}
		parts[name] = value
	}
	for _, name := range names {
		if parts[name] == "" {
			return a, "Authorization header requires '" + name + "' parameter."
		}
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || scope[4] != terminator || slices.Contains(scope, "") {
		return a, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
	}
	a = authorization{accessKey: scope[0], day: scope[1], region: scope[2], service: scope[3], signature: parts["Signature"]}
	a.signed = strings.Split(parts["SignedHeaders"], ";")
	if !slices.IsSorted(a.signed) || slices.Contains(a.signed, "") || strings.ToLower(parts["SignedHeaders"]) != parts["SignedHeaders"] {
		return authorization{}, "SignedHeaders must be lower-case names in their order."
	}
	if raw, err := hex.DecodeString(a.signature); err != nil || len(raw) != sha256.Size {
		return authorization{}, "Signature must be 64 hexadecimal digits."
	}
	return a, ""
}

func (a *authorization) scope() string {
	return strings.Join([]string{a.day, a.region, a.service, terminator}, "/")
}

// canonicalRequest is what is signed of a request. Its path is escaped a second
// time, as every service but S3 has it.
func canonicalRequest(r *http.Request, signed []string, payload string) string {
	path, query := wirePath(r)
	var b strings.Builder
	b.WriteString(r.Method + "\n" + escapeAgain(path) + "\n" + canonicalQuery(query) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + payload)
	return b.String()
}

// wirePath is the path and the query as they stood on the wire: Go's URL may
// spell an escape in another way.
func wirePath(r *http.Request) (path, query string) {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, query, _ = strings.Cut(r.RequestURI, "?")
		return path, query
	}
	if path = r.URL.EscapedPath(); path == "" {
		path = "/"
	}
	return path, r.URL.RawQuery
}

// escape writes all but letters, digits and -._~ as %XX.
func escape(s string) string {
	const hexadecimal = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexadecimal[c>>4])
			b.WriteByte(hexadecimal[c&15])
		}
	}
	return b.String()
}

func escapeAgain(path string) string { return strings.ReplaceAll(escape(path), "%2F", "/") }

// canonicalQuery sorts the parameters by name and value, each escaped in the
// one way. A part that can not be unescaped is taken as it is.
func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	type parameter struct{ name, value string }
	var all []parameter
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, parameter{reescape(name), reescape(value)})
	}
	slices.SortFunc(all, func(a, b parameter) int {
		if a.name != b.name {
			return strings.Compare(a.name, b.name)
		}
		return strings.Compare(a.value, b.value)
	})
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = p.name + "=" + p.value
	}
	return strings.Join(parts, "&")
}

func reescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		s = plain
	}
	return escape(s)
}

// canonicalHeader joins the values of a header, their runs of spaces cut to one.
func canonicalHeader(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{hostOf(r)}
	case name == "content-length" && len(values) == 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	cut := make([]string, len(values))
	for i, v := range values {
		cut[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(cut, ",")
}

func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// sign is the signature of a canonical request, and the text that was signed.
func (a *authorization) sign(secret, date, canonical string) (signature, text string) {
	sum := sha256.Sum256([]byte(canonical))
	text = strings.Join([]string{sigv4, date, a.scope(), hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.day, a.region, a.service, terminator, text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key), text
}
