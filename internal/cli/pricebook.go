package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/loadline-dev/loadline/internal/keep"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/prices"
)

const (
	priceBookVersion = 1
	priceBookAge     = 30 * 24 * time.Hour // older prices are no better than the built-in table
)

// priceBook is the file of the prices of a Region, for plans.
type priceBook struct {
	Version int             `json:"version"`
	Region  string          `json:"region"`
	Read    time.Time       `json:"read"`
	Prices  []prices.Listed `json:"prices"`
}

func newPriceBook(region string, list []prices.Listed) priceBook {
	return priceBook{priceBookVersion, region, time.Now().UTC(), list}
}

// source says where a price is from, with its date.
func (b priceBook) source() string {
	return fmt.Sprintf("Price List of %s, %s", b.Region, b.Read.Format(time.DateOnly))
}

// regionForm is what a Region looks like: nothing else becomes part of a path.
var regionForm = regexp.MustCompile(`^[a-z0-9-]+$`)

func (c Command) priceFile(region string) string {
	if c.CacheDir == "" || !regionForm.MatchString(region) {
		return ""
	}
	return filepath.Join(c.CacheDir, "prices-"+region+".json")
}

// keepPrices replaces the file as a whole, and says where it is.
func (c Command) keepPrices(b priceBook) (note string, err error) {
	file := c.priceFile(b.Region)
	if file == "" {
		return "", errors.New("there is no cache folder")
	}
	if err := keep.JSON(file, b); err != nil {
		return "", err
	}
	return fmt.Sprintf("plans in %s use these prices for 30 days (%s)", b.Region, file), nil
}

// keptPrices are the prices that plans in a Region use before the built-in
// table; nil where none are kept. What is wrong with the file is told.
func (c Command) keptPrices(region string) func(base, scope string) *plugins.Price {
	file := c.priceFile(region)
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // none were kept
	}
	var b priceBook
	age := time.Duration(0)
	if err := json.Unmarshal(text, &b); err != nil || b.Version != priceBookVersion || b.Region != region {
		c.tell([]string{file + " is not used: it is no list of prices of this program; `loadline discover --prices` writes it anew"})
		return nil
	} else if age = time.Since(b.Read); age > priceBookAge || age < -time.Hour {
		return nil
	}
	return func(base, scope string) *plugins.Price {
		p := prices.Of(b.Prices, base, scope)
		if p == nil {
			return nil
		}
		return &plugins.Price{Input: *p.Input, Output: *p.Output, Source: b.source()}
	}
}
