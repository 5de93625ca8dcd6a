package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/prices"
	"github.com/loadline-dev/loadline/record"
)

// priceDoubts is what the Price List says that was not taken for a price, and
// where the prices are from.
type priceDoubts struct {
	Source string   `json:"source"`
	Doubts []string `json:"doubts"`
}

// addPrices reads the Price List, sets the prices of the models found, and
// keeps all of them for plans. Those of a simulated account are not kept.
func (c Command) addPrices(ctx context.Context, a *account, catalog plugins.Catalog, f *findings) error {
	offers, err := a.Offers(ctx)
	if err != nil {
		return err
	}
	list, doubts := prices.Match(offers, catalog.Models)
	book := newPriceBook(a.Region(), list)
	for i := range f.Models {
		m := &f.Models[i]
		m.Price = prices.Of(list, m.BaseModel, m.Scope)
	}
	f.Prices = &priceDoubts{Source: book.source(), Doubts: append([]string{}, doubts...)}
	if a.kind == "simulated" {
		return nil
	}
	switch note, err := c.keepPrices(book); {
	case err != nil:
		c.tell([]string{fmt.Sprintf("the prices were not kept for plans: %v", err)})
	default:
		c.tell([]string{note})
	}
	return nil
}

// priceSheet shows the prices of the models; it is empty without any.
func priceSheet(f *findings) sheet {
	s := sheet{head: []string{"MODEL", "USD PER 1M IN", "USD PER 1M OUT", "PRICE OF", "UNIT AS LISTED"}}
	for _, m := range f.Models {
		if p := m.Price; p != nil {
			s.rows = append(s.rows, []string{m.ID, plainNumber(p.Input), plainNumber(p.Output), p.Scope, record.CleanLine(p.Unit)})
		}
	}
	return s
}

// text is what is to be said of the prices in a table: the source, what was not
// taken, and the lines to paste into a scenario.
func (p *priceDoubts) text(f *findings) string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "\nPrices are from the %s", p.Source)
	if n := len(p.Doubts); n > 0 {
		fmt.Fprintf(b, "; %s of it could not be tied to a model (--format json lists why)", plural(n, "price"))
	}
	fmt.Fprintln(b, ".")
	snippet(b, f)
	return b.String()
}

// snippet writes the prices as a scenario has them.
func snippet(w io.Writer, f *findings) {
	first := true
	for i, m := range f.Models {
		if m.Price == nil {
			continue
		}
		if first {
			fmt.Fprintln(w, "\nIn a scenario:\n\nmodels:")
			first = false
		}
		fmt.Fprintf(w, "  model-%d: {id: %q, price: {input: %s, output: %s}}\n", i+1, m.ID, plainNumber(m.Price.Input), plainNumber(m.Price.Output))
	}
}
