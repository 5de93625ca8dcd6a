package sim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// protocol is one of the wire forms that AWS services speak.
type protocol int

const (
	restJSON protocol = iota // operation in method and path
	awsJSON                  // operation in X-Amz-Target
	rpcCBOR                  // operation in the path, bodies in CBOR
	awsQuery                 // operation in the form's Action, replies in XML
)

// service is a service with operations named on the wire, not by path.
type service struct {
	target  string // prefix of X-Amz-Target, and the service in a CBOR path; "": neither
	version string // Version of the query form; "": not spoken here
	space   string // namespace of its XML
	json    string // content type of its JSON
	signing string // name in the scope of a signature
	query   bool   // spoke query once: errors keep the code of then in a header
}

var (
	serviceQuotas = &service{target: "ServiceQuotasV20190624", signing: "servicequotas", json: "application/x-amz-json-1.1"}
	cloudWatch    = &service{target: "GraniteServiceVersion20100801", signing: "monitoring", json: "application/x-amz-json-1.0", query: true,
		version: "2010-08-01", space: "http://monitoring.amazonaws.com/doc/2010-08-01/"}
	tokenService = &service{version: "2011-06-15", signing: "sts", space: "https://sts.amazonaws.com/doc/2011-06-15/"}
	services     = []*service{serviceQuotas, cloudWatch, tokenService, priceList}
)

// call is one request on its way through the account.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	number   uint64 // of the request, from 1
	id       string // that AWS gives it, out of the number
	protocol protocol
	service  *service // nil for REST, and where no service is known
	op       string   // as named on the wire; "" for REST
	path     string   // escaped
	label    string   // of a REST path: the id between prefix and suffix, unescaped
	form     url.Values
	raw      []byte // the body that the form was read from
	unread   error  // why the form is not whole
	partial  bool   // a fault: of the metric data half is missing
	hasRead  bool   // the request has come in as a whole
	outcome  string // the code of the error that was sent, or the fault in its place; "": none was
}

// newCall finds out which wire form a request has.
func newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{w: w, r: r, path: r.URL.EscapedPath()}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.protocol = awsJSON
		name, op, _ := strings.Cut(target, ".")
		c.service, c.op = serviceNamed(name), op
		return c
	}
	if rest, ok := strings.CutPrefix(c.path, "/service/"); ok {
		c.protocol = rpcCBOR
		name, op, _ := strings.Cut(rest, "/operation/")
		c.service, c.op = serviceNamed(name), op
		return c
	}
	// Anywhere but at the root it is what curl says of any body.
	if r.Method == http.MethodPost && c.path == "/" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		c.protocol = awsQuery
		if c.raw, c.unread = c.body(); c.unread == nil {
			c.form, c.unread = url.ParseQuery(string(c.raw))
		}
		c.op = c.form.Get("Action")
		for _, s := range services {
			if s.version != "" && s.version == c.form.Get("Version") {
				c.service = s
			}
		}
	}
	if c.protocol == awsQuery && c.form.Get("Version") == "" {
		if scope, ok := scopeService(r.Header.Get("Authorization")); ok {
			c.service = serviceSigned(scope)
		}
	}
	return c
}

// serviceSigned is the service that speaks the query protocol and has the name
// in the scope of its signatures, or nil.
func serviceSigned(scope string) *service {
	for _, s := range services {
		if s.version != "" && s.signing == scope {
			return s
		}
	}
	return nil
}

func serviceNamed(name string) *service {
	for _, s := range services {
		if s.target == name && name != "" {
			return s
		}
	}
	return nil
}

// claim returns the API that the request belongs to, or nil.
func (c *call) claim() *API {
	for i := range APIs {
		if APIs[i].match(c) {
			return &APIs[i]
		}
	}
	return nil
}

// rest matches a method and a path with, between prefix and suffix, one id: it
// may be escaped or not, and an ARN may hold slashes. Where the prefix has no
// slash at its end and the suffix is empty, the path is the prefix alone.
func rest(method, prefix, suffix string) func(*call) bool {
	labelled := strings.HasSuffix(prefix, "/")
	return func(c *call) bool {
		if c.protocol != restJSON || c.r.Method != method {
			return false
		}
		if !labelled {
			return c.path == prefix || c.path == prefix+"/"
		}
		middle, ok := strings.CutPrefix(c.path, prefix)
		if !ok {
			return false
		}
		if middle, ok = strings.CutSuffix(middle, suffix); !ok || middle == "" {
			return false
		}
		label, err := url.PathUnescape(middle)
		if err != nil || strings.Contains(middle, "/") && !strings.HasPrefix(label, "arn:") {
			return false
		}
		c.label = label
		return true
	}
}

// rpc matches an operation that is named on the wire, in any protocol that its
// service speaks.
func rpc(s *service, op string) func(*call) bool {
	return func(c *call) bool {
		return c.service == s && c.op == op && c.r.Method == http.MethodPost
	}
}

// maxBody is the most that a request body may have: InvokeModel's limit.
const maxBody = 25_000_000

var errTooLarge = errors.New("body too large")

// body reads the whole request body.
func (c *call) body() ([]byte, error) {
	if c.r.Body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if n := c.r.ContentLength; n > 0 && n <= maxBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(c.r.Body, maxBody+1))
	if err == nil && b.Len() > maxBody {
		err = errTooLarge
	}
	c.hasRead = err == nil
	return b.Bytes(), err
}

// readRest takes in what is left of a request that is refused. Over HTTP/2 a
// reply before that resets the stream, and some clients see the reset alone.
func (c *call) readRest() {
	if c.hasRead || c.r.Body == nil {
		return
	}
	c.hasRead = true
	io.Copy(io.Discard, io.LimitReader(c.r.Body, 4*maxBody)) // an error means that the client is gone: nobody to tell
}
