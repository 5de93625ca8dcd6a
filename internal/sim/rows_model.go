package sim

import (
	"time"

	"gopkg.in/yaml.v3"
)

func (p *parser) access(m *model) func(*yaml.Node) {
	const yes, no = "AVAILABLE", "NOT_AVAILABLE"
	return func(n *yaml.Node) {
		p.object(n, "access", []field{
			{name: "agreement", read: p.choice(&m.access.agreement, yes, "PENDING", no, "ERROR")},
			{name: "authorization", read: p.choice(&m.access.authorization, "AUTHORIZED", "NOT_AUTHORIZED")},
			{name: "entitlement", read: p.choice(&m.access.entitlement, yes, no)},
			{name: "region", read: p.choice(&m.access.region, yes, no)},
		})
	}
}

// lifetime reads the dates of a model, which follow one another.
func (p *parser) lifetime(m *model) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var last *time.Time
		var keys []field
		for _, key := range []struct {
			name string
			to   **time.Time
		}{
			{"start", &m.lifetime.start}, {"legacy", &m.lifetime.legacy},
			{"extended_access", &m.lifetime.extended}, {"end", &m.lifetime.end},
		} {
			keys = append(keys, field{name: key.name, read: func(n *yaml.Node) {
				var t time.Time
				if p.instant(&t)(n); !t.IsZero() {
					*key.to = &t
				}
			}})
		}
		p.object(n, "lifetime", keys)
		for _, t := range []*time.Time{m.lifetime.start, m.lifetime.legacy, m.lifetime.extended, m.lifetime.end} {
			if t == nil {
				continue
			}
			if last != nil && t.Before(*last) {
				p.add(n, "the order is start, legacy, extended_access, end", "the dates are not in their order")
				return
			}
			last = t
		}
	}
}

func (p *parser) price(m *model) func(*yaml.Node) {
	return func(n *yaml.Node) {
		m.price = &price{}
		p.object(n, "a price", []field{
			{name: "input", required: true, read: p.number(&m.price.input, 0, 1e6)},
			{name: "output", required: true, read: p.number(&m.price.output, 0, 1e6)},
		})
	}
}

// instant reads a date, or a date and time with its zone.
func (r *reader) instant(to *time.Time) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r.sketching(object{"type": "string", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$`}) {
			return
		}
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			r.wrongType(n, "a date is wanted")
			return
		}
		for _, form := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(form, n.Value); err == nil && t.Year() > 0 {
				*to = t.UTC()
				return
			}
		}
		r.add(n, "write it like 2026-01-31 or 2026-01-31T12:00:00Z", "%s is not a date", quote(n.Value))
	}
}
