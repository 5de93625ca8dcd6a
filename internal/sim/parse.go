package sim

import (
	"regexp"
	"time"

	"gopkg.in/yaml.v3"
)

// maxSource is the most that an account file may have: ten times what an
// account with every quota and model there is needs.
const maxSource = 4 << 20

// Parse reads an account file. The error is of type [Problems] and holds all
// that is wrong, in the order of the file; file is only the name shown in it.
// Where there is an error there is no account.
func Parse(file string, src []byte) (*Account, error) {
	p := &parser{reader: reader{file: file}}
	if len(src) > maxSource {
		p.at(1, 1, "leave out the quotas and models that no test needs", "the file has %d bytes, more than %d", len(src), maxSource)
		return nil, p.problems
	}
	a := p.account(src)
	if len(p.problems) > 0 {
		p.problems.sort()
		return nil, p.problems
	}
	return a, nil
}

// parser turns nodes into an account, and remembers where names stand.
type parser struct {
	reader
	quotaCodes map[string]*yaml.Node
	ids        map[string]*yaml.Node // of models, profiles and provisioned throughput
	modelIDs   []string
	profileIDs []string
	uses       []use
}

// use is a name that has to be that of something else in the file.
type use struct {
	node  *yaml.Node
	name  string
	of    string // what it should be
	among func(p *parser) []string
}

func (p *parser) account(src []byte) *Account {
	root := p.document(src)
	if root == nil {
		return nil
	}
	a := p.rows(root)
	p.resolve()
	p.complete(a)
	return a
}

// rows reads every row, and nothing that one part of the file says of another.
func (p *parser) rows(root *yaml.Node) *Account {
	p.quotaCodes, p.ids = map[string]*yaml.Node{}, map[string]*yaml.Node{}
	a := &Account{ID: "123456789012", Region: "us-east-1", tpdAlgorithm: "bucket"}
	var seed int64
	p.object(root, "an account", []field{
		{name: "account", read: p.pattern(&a.ID, accountForm, `write twelve digits in quotes, like "123456789012"`)},
		{name: "region", read: p.pattern(&a.Region, regionForm, "a Region looks like us-east-1")},
		{name: "seed", read: p.count(&seed, 0)},
		{name: "quotas", read: func(n *yaml.Node) { p.list(n, "quotas", func(n *yaml.Node) { p.quota(a, n) }) }},
		{name: "models", read: func(n *yaml.Node) { p.list(n, "models", func(n *yaml.Node) { p.model(a, n) }) }},
		{name: "profiles", read: func(n *yaml.Node) { p.list(n, "profiles", func(n *yaml.Node) { p.profile(a, n) }) }},
		{name: "provisioned", read: func(n *yaml.Node) { p.list(n, "provisioned", func(n *yaml.Node) { p.provisioned(a, n) }) }},
		{name: "traffic", read: func(n *yaml.Node) { p.list(n, "traffic", func(n *yaml.Node) { p.traffic(a, n) }) }},
		{name: "credentials", read: func(n *yaml.Node) { p.list(n, "credentials", func(n *yaml.Node) { p.credential(a, n) }) }},
		{name: "bearer_keys", read: func(n *yaml.Node) { p.list(n, "bearer_keys", func(n *yaml.Node) { p.bearerKey(a, n) }) }},
		{name: "service_quotas", read: func(n *yaml.Node) {
			p.object(n, "service_quotas", []field{{name: "rate_limits", read: p.boolean(&a.quotaRates)}})
		}},
		{name: "account_tpd", read: p.count(&a.tpd, 1)},
		{name: "account_tpd_algorithm", read: p.choice(&a.tpdAlgorithm, "bucket", "fixed", "sliding")},
		{name: "faults", read: func(n *yaml.Node) { p.list(n, "faults", func(n *yaml.Node) { p.fault(a, n) }) }},
		{name: "metrics", read: func(n *yaml.Node) {
			p.object(n, "metrics", []field{{name: "delay", read: p.duration(&a.metricsDelay)}})
		}},
	})
	a.Seed = uint64(seed)
	return a
}

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
)

// pattern reads a text of one form.
func (p *parser) pattern(to *string, form *regexp.Regexp, hint string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if p.sketching(textSchema(*to, object{"pattern": form.String()})) {
			return
		}
		var s string
		p.text(&s)(n)
		if s != "" && !form.MatchString(s) {
			p.add(n, hint, "%s has the wrong form", quote(s))
			return
		}
		if s != "" {
			*to = s
		}
	}
}

// unique reports a name that stands in the file already.
func (p *parser) unique(among map[string]*yaml.Node, n *yaml.Node, name, what string) {
	if name == "" {
		return
	}
	if first := among[name]; first != nil {
		p.add(n, "keep one of the two", "%s %s is given twice, first at line %d, column %d", what, quote(name), first.Line, first.Column)
		return
	}
	among[name] = n
}

// refers reads a name that is checked once the whole file is known.
func (p *parser) refers(to *string, of string, among func(*parser) []string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.text(to)(n)
		if *to != "" {
			p.uses = append(p.uses, use{node: n, name: *to, of: of, among: among})
		}
	}
}

// resolve reports the names that refer to nothing.
func (p *parser) resolve() {
	for _, u := range p.uses {
		candidates := u.among(p)
		known := false
		for _, c := range candidates {
			known = known || c == u.name
		}
		if !known {
			hint := hintFor(u.name, candidates)
			if hint == "" {
				hint = "add it, or use one that is there"
			}
			p.add(u.node, hint, "there is no %s %s in this account", u.of, quote(u.name))
		}
	}
}

// complete fills what one part of the file takes from another.
func (p *parser) complete(a *Account) {
	byID := map[string]*model{}
	for _, m := range a.models {
		byID[m.id] = m
	}
	for _, t := range a.traffic {
		m := byID[a.baseModel(t.model)]
		if m == nil {
			continue
		}
		f := familyOf(m.id)
		switch {
		case f.uncounted:
			t.inputTokens, t.outputTokens = 0, 0
		case f.yields != yieldsText:
			t.outputTokens = 0
		case t.outputTokens < 0:
			t.outputTokens = max(1, int64(m.outputMean))
		}
		if t.latency < 0 {
			t.latency = m.latencyMean(float64(t.outputTokens))
		}
	}
}

// baseModel is the base model id behind a model, profile or provisioned id, or
// "". Of a profile with several models it is the first.
func (a *Account) baseModel(id string) string {
	for range 3 { // application profile -> system profile -> model
		next := ""
		for _, m := range a.models {
			if m.id == id {
				return id
			}
		}
		for _, p := range a.profiles {
			if p.id == id && len(p.models) > 0 {
				next = p.models[0]
			}
		}
		for _, p := range a.provisioned {
			if p.arn == id {
				next = p.model
			}
		}
		id = next
	}
	return ""
}

const defaultPeriod = 24 * time.Hour
