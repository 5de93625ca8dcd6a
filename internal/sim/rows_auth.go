package sim

import (
	"strings"

	"gopkg.in/yaml.v3"
)

func (p *parser) credential(a *Account, n *yaml.Node) {
	var k credential
	p.object(n, "a credential", []field{
		{name: "access_key", required: true, read: func(n *yaml.Node) {
			p.key(&k.accessKey)(n)
			for _, other := range a.credentials {
				if other.accessKey == k.accessKey && k.accessKey != "" {
					p.add(n, "keep one of the two", "access key %s is given twice", quote(k.accessKey))
				}
			}
		}},
		{name: "secret_key", required: true, read: p.key(&k.secretKey)},
		{name: "session_token", read: p.key(&k.sessionToken)},
		{name: "expires", read: p.instant(&k.expires)},
	})
	a.credentials = append(a.credentials, k)
}

func (p *parser) bearerKey(a *Account, n *yaml.Node) {
	var key string
	if p.key(&key)(n); key != "" {
		a.bearerKeys = append(a.bearerKeys, key)
	}
}

// key reads a text that is fit for a header.
func (r *reader) key(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(textSchema("", object{"pattern": "^[!-~]+$"})) {
			return
		}
		var s string
		r.text(&s)(n)
		if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) {
			r.add(n, "make one up of letters and digits", "a key has no spaces, control characters or letters beyond ASCII")
			return
		}
		*to = s
	}
}
