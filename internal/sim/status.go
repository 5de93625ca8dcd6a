package sim

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed status.html
var statusSource string

var statusPage = template.Must(template.New("status").Funcs(template.FuncMap{
	"percent": func(part float64) string { return strconv.FormatFloat(100*part, 'f', 0, 64) },
	"amount":  amount,
	"clock":   func(t time.Time) string { return t.Format("15:04:05.000") },
	"uptime":  func(ms int64) string { return (time.Duration(ms/1000) * time.Second).String() },
}).Parse(statusSource))

// amount writes a number with thin spaces between thousands.
func amount(v any) string {
	var s string
	switch v := v.(type) {
	case int64:
		s = strconv.FormatInt(v, 10)
	case *float64:
		s = strconv.FormatFloat(*v, 'f', -1, 64)
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	}
	whole, rest, dot := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "\u202f" + whole[at:]
	}
	if dot {
		return whole + "." + rest
	}
	return whole
}

// operate answers what no AWS service has: the status page, for a browser, and
// the state. It reports whether the request was one of these.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet || r.URL.Path != "/" && r.URL.Path != "/_loadline/state" {
		return false
	}
	var b bytes.Buffer
	h := w.Header()
	if r.URL.Path == "/" {
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			return false
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		if err := statusPage.Execute(&b, s.State()); err != nil { // a bug in the template
			panic(err)
		}
	} else {
		h.Set("Content-Type", "application/json")
		encoder := json.NewEncoder(&b)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(s.State()); err != nil { // a bug: texts and finite numbers
			panic(err)
		}
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	w.Write(b.Bytes()) // an error means that the client is gone: nobody to tell
	return true
}
