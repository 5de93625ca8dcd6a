package quotas_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
)

// pair is one model in one scope, and the codes that bind it; "" is none.
type pair struct{ id, rpm, tpm string }

// pairs reads the tables: the account's quotas, its models, and what each of
// the models has in each of the scopes.
func pairs() (rows []plugins.Quota, c plugins.Catalog, all []pair) {
	prefix := map[string]string{"O": "", "X": "us.", "G": "global."}
	words := map[string]string{"O": "On-demand", "X": "Cross-region", "G": "Global cross-region"}
	want := map[string]*pair{}
	var ids []string
	for line := range strings.Lines(strings.TrimSpace(pairModels)) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), " |")
		c.Models = append(c.Models, plugins.FoundationModel{ID: id, Name: strings.TrimSpace(name), Provider: provider(id), InferenceTypes: []string{"ON_DEMAND", "INFERENCE_PROFILE"}})
		for _, p := range prefix {
			ids = append(ids, p+id)
			want[p+id] = &pair{id: p + id}
		}
	}
	for line := range strings.Lines(strings.TrimSpace(pairLabels)) {
		f := strings.Split(strings.TrimSpace(line), "|")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		for _, id := range strings.Fields(f[4]) {
			if f[1] != "-" {
				want[prefix[f[0]]+id].rpm = f[1]
			}
			if f[2] != "-" {
				want[prefix[f[0]]+id].tpm = f[2]
			}
		}
		if f[1] != "-" {
			rows = append(rows, plugins.Quota{Code: f[1], Name: words[f[0]] + " model inference requests per minute for " + f[3]})
		}
		if f[2] != "-" {
			rows = append(rows, plugins.Quota{Code: f[2], Name: words[f[0]] + " model inference tokens per minute for " + f[3]})
		}
	}
	rows = append(rows,
		plugins.Quota{Code: "L-E3F10727", Name: "Cross-Model Max Tokens Per Day"},
		plugins.Quota{Code: "L-2555C05B", Name: "[bedrock-mantle endpoint] Input tokens per minute for GPT-5.6 Sol"},
		plugins.Quota{Code: "L-8A6B31EE", Name: "Records per batch inference job for Claude Sonnet 4"},
		plugins.Quota{Code: "L-02D6293C", Name: "Batch inference job size (in GB) for Claude 3 Haiku"},
		plugins.Quota{Code: "L-9072D6F0", Name: "(Guardrails) On-demand ApplyGuardrail requests per second"})
	slices.Sort(ids)
	for _, id := range ids {
		all = append(all, *want[id])
	}
	return rows, c, all
}

// provider is what the catalog calls the maker of a model.
func provider(id string) string {
	maker, _, _ := strings.Cut(id, ".")
	names := map[string]string{"ai21": "AI21 Labs", "amazon": "Amazon", "anthropic": "Anthropic", "luma": "Luma AI", "mistral": "Mistral AI", "moonshot": "Moonshot AI", "moonshotai": "Moonshot AI", "stability": "Stability AI", "twelvelabs": "TwelveLabs", "zai": "Z.AI"}
	if name := names[maker]; name != "" {
		return name
	}
	return strings.ToUpper(maker)
}

// check compares what is found for every model in every scope.
func check(t *testing.T, rows []plugins.Quota, c plugins.Catalog, all []pair) (right int) {
	t.Helper()
	table := quotas.NewTable(rows, c)
	for _, want := range all {
		got := pair{id: want.id}
		for _, q := range table.Match(quotas.Resolve(want.id, c), quotas.Ask{}, nil).Binds {
			switch q.Dimension {
			case quotas.RPM:
				got.rpm = q.Code
			case quotas.TPM:
				got.tpm = q.Code
			case quotas.AccountTPD:
			default:
				t.Errorf("%s: %s binds %s, which is in no table", want.id, q.Code, q.Dimension)
			}
		}
		if got != want {
			t.Errorf("%s binds rpm=%s tpm=%s; want rpm=%s tpm=%s", want.id, got.rpm, got.tpm, want.rpm, want.tpm)
			continue
		}
		right++
	}
	return right
}

func TestPairs(t *testing.T) {
	rows, c, all := pairs()
	if len(all) < 250 || len(rows) < 200 {
		t.Fatalf("the tables have %d models and scopes, %d rows; they were read wrongly", len(all), len(rows))
	}
	check(t, rows, c, all)
}

func TestPairsInOtherLetterCases(t *testing.T) {
	for _, change := range []func(string) string{strings.ToUpper, strings.ToLower} {
		rows, c, all := pairs()
		for i := range rows {
			rows[i].Name = change(rows[i].Name)
		}
		for i := range c.Models {
			c.Models[i].Name, c.Models[i].Provider = change(c.Models[i].Name), change(c.Models[i].Provider)
		}
		check(t, rows, c, all)
	}
}

// A name may be missing in the catalog; the id is then enough.
func TestPairsWithoutNames(t *testing.T) {
	rows, c, all := pairs()
	for i := range c.Models {
		c.Models[i].Name, c.Models[i].Provider = "", ""
	}
	check(t, rows, c, all)
}

// The whole catalog may be missing; less can be told then, and nothing wrong.
func TestPairsWithoutACatalog(t *testing.T) {
	rows, _, all := pairs()
	check(t, rows, plugins.Catalog{}, all)
}
