// Package prices finds the prices of models in the Price List of AWS.
//
// The Price List has no key for a model: the tie is made by names. What fits
// exactly and tells its unit is a price; all else is told and never guessed.
package prices

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// Listed is what the Price List says of the calls of a model in a scope, in US
// dollars for a million tokens. A side is nil where it has none.
type Listed struct {
	Model  string   `json:"model"` // base id
	Scope  string   `json:"scope"` // on-demand, cross-region, global
	Input  *float64 `json:"input"`
	Output *float64 `json:"output"`
	Unit   string   `json:"unit"` // as found: "1K tokens", "Units (... per Million Input Tokens)"
	SKUs   []string `json:"skus"`
}

// Match ties offers to models. doubts are the offers that look like a price of
// tokens and were not taken, with the reason.
func Match(offers []plugins.Offer, models []plugins.FoundationModel) (found []Listed, doubts []string) {
	rows := map[[2]string]*sides{}
	labels := labelsOf(models)
	for _, o := range offers {
		k, ok := kindOf(o)
		if !ok {
			continue
		}
		usd, unit, why := perMillion(o)
		if why != "" {
			doubts = append(doubts, fmt.Sprintf("%s (%s): %s", o.SKU, nameOf(o), why))
			continue
		}
		ids := labels.of(nameOf(o))
		if len(ids) == 0 {
			doubts = append(doubts, fmt.Sprintf("%s (%s): no model of the account has this name", o.SKU, nameOf(o)))
		}
		for _, id := range ids {
			at := [2]string{id, k.scope}
			if rows[at] == nil {
				rows[at] = &sides{}
			}
			rows[at].add(k.output, usd, unit, o.SKU)
		}
	}
	for _, m := range models {
		for _, scope := range []string{quotas.OnDemand, quotas.CrossRegion, quotas.Global} {
			r := rows[[2]string{m.ID, scope}]
			if r == nil {
				continue
			}
			if why := r.ambiguous(); why != "" {
				doubts = append(doubts, fmt.Sprintf("%s (%s): %s", m.ID, scope, why))
				continue
			}
			found = append(found, Listed{Model: m.ID, Scope: scope, Input: r.one(false), Output: r.one(true), Unit: strings.Join(r.units, ", "), SKUs: r.skus})
		}
	}
	for i := range doubts {
		doubts[i] = record.CleanLine(doubts[i])
	}
	slices.Sort(doubts)
	return found, slices.Compact(doubts)
}

// Of finds the price of a model in a scope: a profile has the price of the
// Region where none of its own is listed. It is nil where a side is missing, and
// for Provisioned Throughput, whose tokens have no price.
func Of(list []Listed, model, scope string) *Listed {
	if scope == quotas.Provisioned {
		return nil
	}
	for _, s := range []string{scope, quotas.OnDemand} {
		i := slices.IndexFunc(list, func(l Listed) bool { return l.Model == model && l.Scope == s })
		if i >= 0 && list[i].Input != nil && list[i].Output != nil {
			return &list[i]
		}
	}
	return nil
}

// sides collects the different prices of a model, for input and output.
type sides struct {
	usd         [2][]float64
	units, skus []string
}

func (s *sides) add(output bool, usd float64, unit, sku string) {
	i := side(output)
	if !slices.Contains(s.usd[i], usd) {
		s.usd[i] = append(s.usd[i], usd)
	}
	if !slices.Contains(s.units, unit) {
		s.units = append(s.units, unit)
	}
	s.skus = append(s.skus, sku)
}

func side(output bool) int {
	if output {
		return 1
	}
	return 0
}

func (s *sides) ambiguous() string {
	for i, name := range []string{"input", "output"} {
		if len(s.usd[i]) > 1 {
			return fmt.Sprintf("several prices for %s tokens: %v (SKUs %s); none is taken", name, s.usd[i], strings.Join(s.skus, ", "))
		}
	}
	return ""
}

func (s *sides) one(output bool) *float64 {
	if v := s.usd[side(output)]; len(v) == 1 {
		return &v[0]
	}
	return nil
}

// kind is what an offer charges for.
type kind struct {
	scope  string
	output bool
}

// other are the words of charges that a normal call of text does not have. The
// Price List writes them with - or _ between, or with capitals.
var other = regexp.MustCompile(`(?i)cache|batch|flex|priority|latency|reserved|provisioned|custom|storage|image|audio|video|speech|lctx|long.?context|tpm|unit-?hour`)

// tokens are the words of the sides.
var (
	outputTokens = regexp.MustCompile(`(?i)(?:output|response)[-_ ]?(?:text[-_ ]?)?token`)
	inputTokens  = regexp.MustCompile(`(?i)input[-_ ]?(?:text[-_ ]?)?token`)
	global       = regexp.MustCompile(`(?i)global`)
	crossRegion  = regexp.MustCompile(`(?i)cross[-_ ]?region`)
)

// kindOf tells what an offer charges for; not ok for all but the tokens of
// normal calls.
func kindOf(o plugins.Offer) (kind, bool) {
	// A name such as that of an image model is no word about the charge.
	usage := strings.NewReplacer(o.Attributes["model"], "", o.Attributes["titanModel"], "").Replace(o.Attributes["usagetype"])
	text := strings.Join([]string{usage, o.Attributes["inferenceType"], o.Attributes["feature"], o.Attributes["service_tier"]}, " ")
	k := kind{scope: quotas.OnDemand}
	switch {
	case other.MatchString(text):
		return k, false
	case outputTokens.MatchString(text):
		k.output = true
	case !inputTokens.MatchString(text):
		return k, false
	}
	switch {
	case global.MatchString(text):
		k.scope = quotas.Global
	case crossRegion.MatchString(text):
		k.scope = quotas.CrossRegion
	}
	return k, true
}

// The ways in which a unit or a description writes how many tokens it is for.
var (
	thousand = regexp.MustCompile(`(?i)\b1k\b|\b1,?000\b|\bthousand\b`)
	million  = regexp.MustCompile(`(?i)\b1m\b|\b1,?000,?000\b|\bmillion\b`)
)

// perMillion is the price of a million tokens. The size of the unit is read
// where it is written, and never told by the size of the price.
func perMillion(o plugins.Offer) (usd float64, unit, why string) {
	usd, err := strconv.ParseFloat(o.USD, 64)
	const most = 1e6 // no token is dearer than a dollar; it also keeps the sums finite
	if err != nil || !(usd >= 0 && usd <= most) {
		return 0, "", fmt.Sprintf("%q is no price in US dollars", o.USD)
	}
	for _, text := range []string{o.Unit, o.Description} {
		k, m := thousand.MatchString(text), million.MatchString(text)
		unit = o.Unit
		if text != o.Unit {
			unit += " (" + o.Description + ")"
		}
		switch {
		case k && m:
			return 0, "", fmt.Sprintf("%q speaks of thousands and of millions", text)
		case k:
			return round(usd * 1000), unit, ""
		case m:
			return round(usd), unit, ""
		}
	}
	return 0, "", fmt.Sprintf("neither the unit %q nor the description %q says how many tokens it is for", o.Unit, o.Description)
}

// round takes the noise of floats off a price: 0.00006 x 1000 is 0.06.
func round(usd float64) float64 { return math.Round(usd*1e9) / 1e9 }

// nameOf is the model's name in an offer.
func nameOf(o plugins.Offer) string {
	for _, key := range []string{"model", "titanModel", "servicename"} {
		if name := o.Attributes[key]; name != "" {
			return strings.TrimSuffix(name, " (Amazon Bedrock Edition)")
		}
	}
	return ""
}

// labels are the words of the models' names, without the provider's.
type labels []label

type label struct {
	id              string
	words, provider []string
}

func labelsOf(models []plugins.FoundationModel) labels {
	var out labels
	for _, m := range models {
		p := words(m.Provider)
		out = append(out, label{m.ID, without(words(m.Name), p), p})
	}
	return out
}

// of lists the models that have exactly this name. Several ids with one name
// are versions and context variants of one model.
func (l labels) of(name string) (ids []string) {
	all := words(name)
	for _, m := range l {
		if w := without(all, m.provider); len(w) > 0 && slices.Equal(w, m.words) {
			ids = append(ids, m.id)
		}
	}
	return ids
}

var wordPattern = regexp.MustCompile(`[a-z]+|[0-9]+(?:\.[0-9]+)*[a-z]*`)

// words splits a name; a version with a point is one word, so that 4 is not 4.5.
func words(name string) []string { return wordPattern.FindAllString(strings.ToLower(name), -1) }

func without(words, drop []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(drop, w) })
}
