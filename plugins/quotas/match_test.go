package quotas_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// catalog holds models with the names that ListFoundationModels gives them.
var catalog = plugins.Catalog{Models: []plugins.FoundationModel{
	{ID: "anthropic.claude-3-haiku-20240307-v1:0", Name: "Claude 3 Haiku", Provider: "Anthropic"},
	{ID: "anthropic.claude-3-5-sonnet-20240620-v1:0", Name: "Claude 3.5 Sonnet", Provider: "Anthropic"},
	{ID: "anthropic.claude-3-5-sonnet-20241022-v2:0", Name: "Claude 3.5 Sonnet v2", Provider: "Anthropic"},
	{ID: "anthropic.claude-sonnet-4-20250514-v1:0", Name: "Claude Sonnet 4", Provider: "Anthropic"},
	{ID: "anthropic.claude-sonnet-4-5-20250929-v1:0", Name: "Claude Sonnet 4.5", Provider: "Anthropic"},
	{ID: "anthropic.claude-sonnet-5", Name: "Claude Sonnet 5", Provider: "Anthropic"},
	{ID: "amazon.nova-lite-v1:0", Name: "Nova Lite", Provider: "Amazon"},
	{ID: "amazon.nova-2-lite-v1:0", Name: "Nova 2 Lite", Provider: "Amazon"},
	{ID: "amazon.titan-embed-text-v2:0", Name: "Titan Text Embeddings V2", Provider: "Amazon"},
	{ID: "amazon.nova-sonic-v1:0", Name: "Nova Sonic", Provider: "Amazon"},
	{ID: "meta.llama3-3-70b-instruct-v1:0", Name: "Llama 3.3 70B Instruct", Provider: "Meta"},
	{ID: "deepseek.r1-v1:0", Name: "DeepSeek-R1", Provider: "DeepSeek"},
	{ID: "openai.gpt-oss-120b-1:0", Name: "gpt-oss-120b", Provider: "OpenAI"},
	{ID: "amazon.nameless-v1:0"},
}}

// rows are quotas by their codes and real names.
var rows = []plugins.Quota{
	{Code: "L-2DC80978", Name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku"},
	{Code: "L-8CE99163", Name: "On-demand model inference tokens per minute for Anthropic Claude 3 Haiku"},
	{Code: "L-616A3F5B", Name: "Cross-region model inference requests per minute for Anthropic Claude 3 Haiku"},
	{Code: "L-DCADBC78", Name: "Cross-region model inference tokens per minute for Anthropic Claude 3 Haiku"},
	{Code: "L-TPD-HAIKU", Name: "Model invocation max tokens per day for Anthropic Claude 3 Haiku (doubled for cross-region calls)"},
	{Code: "L-254CACF4", Name: "On-demand model inference requests per minute for Anthropic Claude 3.5 Sonnet"},
	{Code: "L-A50569E5", Name: "On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet"},
	{Code: "L-TPD-35V1", Name: "Model invocation max tokens per day for Anthropic Claude 3.5 Sonnet V1 (doubled for cross-region calls)"},
	{Code: "L-79E773B3", Name: "On-demand model inference requests per minute for Anthropic Claude 3.5 Sonnet V2"},
	{Code: "L-AD41C330", Name: "On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet V2"},
	{Code: "L-559DCC33", Name: "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4 V1"},
	{Code: "L-59759B4A", Name: "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4 V1"},
	{Code: "L-534E5E05", Name: "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4 V1 1M Context Length"},
	{Code: "L-1FA095B8", Name: "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4 V1 1M Context Length"},
	{Code: "L-C63AA5DA", Name: "Global cross-region model inference requests per minute for Anthropic Claude Sonnet 4 V1"},
	{Code: "L-97E41E39", Name: "Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4 V1"},
	{Code: "L-4A6BFAB1", Name: "Cross-Region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1"},
	{Code: "L-F4DDD3EB", Name: "Cross-Region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1"},
	{Code: "L-381AD9EE", Name: "Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 (doubled for cross-region calls)"},
	{Code: "L-DB84CE56", Name: "Global cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1"},
	{Code: "L-27C57EE8", Name: "Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1"},
	{Code: "L-BC182137", Name: "Global cross-region model inference tokens per day for Anthropic Claude Sonnet 4.5 V1"},
	{Code: "L-FFFEDD8D", Name: "Records per batch inference job for Claude Sonnet 4.5"},
	{Code: "L-D4FBCF4E", Name: "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 5"},
	{Code: "L-E386A278", Name: "On-demand model inference requests per minute for Amazon Nova Lite"},
	{Code: "L-70423BF8", Name: "On-demand model inference tokens per minute for Amazon Nova Lite"},
	{Code: "L-LATENCY-1", Name: "On-demand latency-optimized model inference tokens per minute for Amazon Nova Lite"},
	{Code: "L-LATENCY-2", Name: "On-Demand, latency-optimized model inference tokens per minute for Amazon Nova Lite"},
	{Code: "L-LATENCY-3", Name: "Model invocation max latency-optimized tokens per day for Amazon Nova Lite"},
	{Code: "L-F06F1187", Name: "Cross-region model inference requests per minute for Amazon Nova 2 Lite"},
	{Code: "L-26C560CE", Name: "On-demand model inference requests per minute for Amazon Titan Text Embeddings V2"},
	{Code: "L-FC3AC7EE", Name: "On-demand InvokeModel concurrent requests for Amazon Nova Sonic"},
	{Code: "L-995EBD81", Name: "On-demand model inference concurrent requests for Amazon Nova 2 Sonic"},
	{Code: "L-DEDE703C", Name: "Cross-region model inference requests per minute for Meta Llama 3.3 70B Instruct"},
	{Code: "L-F52323AB", Name: "Cross-region model inference requests per minute for DeepSeek R1 V1"},
	{Code: "L-25B50707", Name: "On-demand model inference requests per minute for OpenAI GPT OSS 120B"},
	{Code: "L-8528F119", Name: "[bedrock-mantle endpoint] Input tokens per minute for Anthropic Claude Sonnet 5"},
	{Code: "L-CLAUDE-V2", Name: "On-demand model inference requests per minute for Anthropic Claude V2"},
	{Code: "L-CLAUDE-V21", Name: "On-demand model inference requests per minute for Anthropic Claude V2.1"},
	{Code: "L-NO-NAME", Name: "On-demand model inference requests per minute for Amazon V1"},
	{Code: "L-ACCOUNT", Name: "Cross-Model Account-Level Tokens Per Day"},
}

func TestMatchTiesModelsToTheirQuotas(t *testing.T) {
	tests := []struct {
		id   string
		want string // dimension=code, in order
		said string // the beginnings of the problems and notes
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", "rpm=L-2DC80978 tpm=L-8CE99163 tpd=L-TPD-HAIKU", ""},
		{"us.anthropic.claude-3-haiku-20240307-v1:0", "rpm=L-616A3F5B tpm=L-DCADBC78 tpd=L-TPD-HAIKU", ""},
		{"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "rpm=L-2DC80978 tpm=L-8CE99163 tpd=L-TPD-HAIKU", ""},
		{"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0", "rpm=L-616A3F5B tpm=L-DCADBC78 tpd=L-TPD-HAIKU", ""},
		// V1 may be left out, V2 tells models apart.
		{"anthropic.claude-3-5-sonnet-20240620-v1:0", "rpm=L-254CACF4 tpm=L-A50569E5 tpd=L-TPD-35V1", ""},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", "rpm=L-79E773B3 tpm=L-AD41C330", ""},
		// 4 is not 4.5, and the long context has quotas of its own.
		{"us.anthropic.claude-sonnet-4-20250514-v1:0", "rpm=L-559DCC33 tpm=L-59759B4A", ""},
		{"global.anthropic.claude-sonnet-4-20250514-v1:0", "rpm=L-C63AA5DA tpm=L-97E41E39", ""},
		{"eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "rpm=L-4A6BFAB1 tpm=L-F4DDD3EB tpd=L-381AD9EE", ""},
		{"global.anthropic.claude-sonnet-4-5-20250929-v1:0", "rpm=L-DB84CE56 tpm=L-27C57EE8 tpd=L-BC182137", ""},
		// Newer models have no quota for requests; the other endpoint's pool is another.
		{"us.anthropic.claude-sonnet-5", "tpm=L-D4FBCF4E", "rpm: the account has no quota for requests, as is normal"},
		{"us.anthropic.claude-sonnet-5-5", "", "rpm: no quota name fits|tpm: no quota name fits"},
		// Latency-optimized pools are others.
		{"amazon.nova-lite-v1:0", "rpm=L-E386A278 tpm=L-70423BF8", ""},
		{"us.amazon.nova-2-lite-v1:0", "rpm=L-F06F1187", "tpm: the account has no quota for tokens, as is normal"},
		{"us.amazon.nova-lite-v1:0", "", "rpm: no quota|tpm: no quota"},
		{"amazon.titan-embed-text-v2:0", "rpm=L-26C560CE", "tpm: the account"},
		{"amazon.nova-sonic-v1:0", "concurrent=L-FC3AC7EE", "rpm: the account|tpm: the account"},
		{"us.meta.llama3-3-70b-instruct-v1:0", "rpm=L-DEDE703C", "tpm: the account"},
		{"us.deepseek.r1-v1:0", "rpm=L-F52323AB", "tpm: the account"},
		{"openai.gpt-oss-120b-1:0", "rpm=L-25B50707", "tpm: the account"},
		// A revision other than 0 is another model.
		{"anthropic.claude-v2", "rpm=L-CLAUDE-V2", "tpm: the account"},
		{"anthropic.claude-v2:1", "rpm=L-CLAUDE-V21", "tpm: the account"},
		// A context variant is not on demand.
		{"anthropic.claude-v2:1:200k", "", "Provisioned Throughput has no quota for requests or tokens"},
		{"arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl", "", "Provisioned Throughput has no quota for requests or tokens"},
		// What has no name fits no name.
		{"amazon.nameless-v1:0", "", "rpm: no quota|tpm: no quota"},
		{"amazon.v1:0", "", "rpm: no quota|tpm: no quota"},
		{"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl", "", "no quotas can be told for abcdefghijkl: it is not known"},
		{"", "", "no quotas can be told for"},
	}
	for _, tt := range tests {
		found, said := match(tt.id, nil, catalog, rows)
		if got := codes(found); got != tt.want {
			t.Errorf("Match(%q) = %s; want %s", tt.id, got, tt.want)
		}
		wantSaid(t, tt.id, said, tt.said)
	}
}

// match is what Match finds for an id: what binds, and the problems and notes.
func match(id string, overrides map[string]string, c plugins.Catalog, rows []plugins.Quota) ([]record.Quota, []string) {
	m := quotas.Match(quotas.Resolve(id, c), quotas.Ask{}, overrides, rows, c)
	return m.Binds, slices.Concat(m.Problems, m.Notes)
}

// codes lists quotas but for the account's own, which binds every model and
// has a test of its own.
func codes(found []record.Quota) string {
	var out []string
	for _, q := range found {
		if q.Dimension != quotas.AccountTPD {
			out = append(out, q.Dimension+"="+q.Code)
		}
	}
	return strings.Join(out, " ")
}

// wantSaid compares what was said with its beginnings, a bar between each two.
func wantSaid(t *testing.T, id string, said []string, want string) {
	t.Helper()
	var wants []string
	if want != "" {
		wants = strings.Split(want, "|")
	}
	if !slices.EqualFunc(said, wants, strings.HasPrefix) {
		t.Errorf("Match(%q) says %q; want what begins with %q", id, said, wants)
	}
}

func TestTheAccountsDayBindsEveryModel(t *testing.T) {
	for _, name := range []string{"Cross-Model Account-Level Tokens Per Day", "Cross-Model Max Tokens Per Day", "cross-model tokens per day"} {
		day := []plugins.Quota{{Code: "L-E3F10727", Name: name}}
		for id, want := range map[string]int{
			"amazon.nova-lite-v1:0": 1, "us.amazon.nova-lite-v1:0": 1, "global.newco.thing": 1, "newco.thing": 1,
			"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl": 1,
			"arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl":             0,
			"arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl":                0,
		} {
			found, _ := match(id, nil, catalog, day)
			if len(found) != want || want == 1 && (found[0].Dimension != quotas.AccountTPD || found[0].Code != "L-E3F10727") {
				t.Errorf("Match(%q) of %q = %+v; want %d of account_tpd", id, name, found, want)
			}
		}
	}
}

func TestMatchTellsWhatItKnows(t *testing.T) {
	five, nan := 5.0, math.NaN()
	row := plugins.Quota{Code: "L-1", Name: "On-demand model inference requests per minute for Amazon Nova Lite", Applied: &five, Default: &nan, Adjustable: true}
	found, _ := match("amazon.nova-lite-v1:0", nil, catalog, []plugins.Quota{row})
	if len(found) != 1 {
		t.Fatalf("Match found %d quotas; want 1", len(found))
	}
	q := found[0]
	if q.Code != "L-1" || q.Name != row.Name || q.Applied == nil || *q.Applied != 5 || !q.Adjustable || q.MatchedBy == "" {
		t.Errorf("Match = %+v; want what the row tells, and the rule that tied it", q)
	}
	if q.Default != nil {
		t.Errorf("Match keeps a default of %v; want none: it is no number", *q.Default)
	}
}

func TestMatchNeverGuesses(t *testing.T) {
	twins := append(slices.Clone(rows), plugins.Quota{Code: "L-TWIN", Name: "ON-DEMAND MODEL INFERENCE REQUESTS PER MINUTE FOR CLAUDE 3 HAIKU V1"})
	const haiku = "anthropic.claude-3-haiku-20240307-v1:0"
	zero := []plugins.Quota{{Code: "L-ZERO", Name: "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", Applied: new(float64)}}
	tests := []struct {
		name      string
		overrides map[string]string
		rows      []plugins.Quota
		want      string
		said      string
	}{
		{"two candidates", nil, twins, "tpm=L-8CE99163 tpd=L-TPD-HAIKU", "rpm: several quotas fit " + haiku + ": L-TWIN (ON-DEMAND MODEL INFERENCE REQUESTS PER MINUTE FOR CLAUDE 3 HAIKU V1), L-2DC80978 (On-demand model inference requests per minute for Anthropic Claude 3 Haiku); say which one with quotas: {rpm: CODE}"},
		{"two candidates and a word", map[string]string{"rpm": "L-TWIN"}, twins, "rpm=L-TWIN tpm=L-8CE99163 tpd=L-TPD-HAIKU", ""},
		{"a word wins over a match", map[string]string{"rpm": "L-E386A278", "concurrent": "L-FC3AC7EE"}, rows, "rpm=L-E386A278 tpm=L-8CE99163 tpd=L-TPD-HAIKU concurrent=L-FC3AC7EE", ""},
		{"a word of another scope", map[string]string{"rpm": "L-616A3F5B"}, rows, "rpm=L-616A3F5B tpm=L-8CE99163 tpd=L-TPD-HAIKU", "rpm: L-616A3F5B is taken because the scenario names it; by its name its scope is cross-region, and that of the model on-demand"},
		{"a word that tells nothing", map[string]string{"rpm": "L-FFFEDD8D"}, rows, "rpm=L-FFFEDD8D tpm=L-8CE99163 tpd=L-TPD-HAIKU", `rpm: L-FFFEDD8D, "Records per batch inference job for Claude Sonnet 4.5", is taken because the scenario names it`},
		{"a word for another dimension", map[string]string{"tpm": "L-2DC80978"}, rows, "rpm=L-2DC80978 tpd=L-TPD-HAIKU", `tpm: L-2DC80978 is a quota of another dimension (rpm), "On-demand`},
		{"a word for the account's day", map[string]string{"tpd": "L-ACCOUNT"}, rows, "rpm=L-2DC80978 tpm=L-8CE99163", "tpd: L-ACCOUNT is a quota of another dimension (account_tpd)"},
		{"a word for another endpoint", map[string]string{"input_tpm": "L-8528F119"}, rows, "rpm=L-2DC80978 tpm=L-8CE99163 tpd=L-TPD-HAIKU", "input_tpm: L-8528F119 is a quota of the bedrock-mantle endpoint"},
		{"a word that is not there", map[string]string{"rpm": "L-NONE"}, rows, "tpm=L-8CE99163 tpd=L-TPD-HAIKU", "rpm: the account has no quota L-NONE"},
		{"no rows", nil, nil, "", "rpm: no quota name fits " + haiku + " (scope on-demand)|tpm: no quota name fits " + haiku + " (scope on-demand)"},
		{"not entitled", nil, zero, "rpm=L-ZERO", "rpm: the applied value is 0: the account is not entitled to this model|tpm: the account has no quota for tokens"},
	}
	for _, tt := range tests {
		found, said := match(haiku, tt.overrides, catalog, tt.rows)
		if got := codes(found); got != tt.want {
			t.Errorf("%s: Match = %s; want %s", tt.name, got, tt.want)
		}
		wantSaid(t, tt.name, said, tt.said)
	}
}

func TestMatchByTheIDAloneWhereTheCatalogIsSilent(t *testing.T) {
	found, _ := match("us.anthropic.claude-sonnet-4-5-20250929-v1:0", nil, plugins.Catalog{}, rows)
	if got, want := codes(found), "rpm=L-4A6BFAB1 tpm=L-F4DDD3EB tpd=L-381AD9EE"; got != want {
		t.Errorf("Match without a catalog = %s; want %s", got, want)
	}
}

func TestTheNearestAreNamed(t *testing.T) {
	_, said := match("us.anthropic.claude-sonnet-4-6", nil, catalog, rows)
	want := `rpm: no quota name fits us.anthropic.claude-sonnet-4-6 (scope cross-region); the nearest are "Anthropic Claude Sonnet 4.5 V1" (L-4A6BFAB1), "Anthropic Claude Sonnet 4 V1" (L-559DCC33), "Anthropic Claude 3 Haiku" (L-616A3F5B)`
	if len(said) != 2 || said[0] != want {
		t.Errorf("Match says %q; want first %q", said, want)
	}
	if _, said = match("us.newco.thing", nil, catalog, rows); len(said) != 2 || strings.Contains(said[0], "nearest") {
		t.Errorf("Match of a name that shares no word says %q; want no nearest", said)
	}
}

func TestOptimizedLatencyBindsWhenAsked(t *testing.T) {
	latency := slices.Concat(quotasOf("Anthropic Claude 3.5 Haiku", "L-"), []plugins.Quota{
		{Code: "L-R", Name: "On-demand latency-optimized InvokeModel requests per minute for Anthropic Claude 3.5 Haiku"},
		{Code: "L-T", Name: "On-Demand, latency-optimized model inference tokens per minute for Anthropic Claude 3.5 Haiku"},
		{Code: "L-D", Name: "Model invocation max latency-optimized tokens per day for Anthropic Claude 3.5 Haiku V1"},
	})
	for _, id := range []string{"anthropic.claude-3-5-haiku-20241022-v1:0", "us.anthropic.claude-3-5-haiku-20241022-v1:0"} {
		r := quotas.Resolve(id, plugins.Catalog{})
		m := quotas.Match(r, quotas.Ask{LatencyOptimized: true}, nil, latency, plugins.Catalog{})
		if got, want := codes(m.Binds), "rpm=L-R tpm=L-T tpd=L-D"; got != want {
			t.Errorf("Match(%q) asked for latency binds %s; want %s", id, got, want)
		}
		m = quotas.Match(r, quotas.Ask{}, nil, latency, plugins.Catalog{})
		if got, want := codes(m.Related), "rpm=L-R tpm=L-T tpd=L-D"; got != want {
			t.Errorf("Match(%q) is related to %s; want %s", id, got, want)
		}
	}
	// Asked for both where there is a quota for one alone, that one binds.
	long := []plugins.Quota{{Code: "L-LR", Name: "On-demand model inference requests per minute for Anthropic Claude 3.5 Haiku V1 1M Context Length"}}
	m := quotas.Match(quotas.Resolve("anthropic.claude-3-5-haiku-20241022-v1:0", plugins.Catalog{}), quotas.Ask{LatencyOptimized: true, LongContext: true}, nil, slices.Concat(latency, long), plugins.Catalog{})
	if got, want := codes(m.Binds), "rpm=L-LR tpm=L-T tpd=L-D"; got != want || len(m.Notes) != 3 || !strings.Contains(m.Notes[0], "rpm: there is no quota for latency-optimized, long context; that for long context binds") {
		t.Errorf("Match = %s, notes %q; want %s, and a note for each", got, m.Notes, want)
	}
	// Where a model has no quota for it, the normal one binds, and that is said.
	m = quotas.Match(quotas.Resolve("amazon.nova-pro-v1:0", plugins.Catalog{}), quotas.Ask{LatencyOptimized: true}, nil, quotasOf("Amazon Nova Pro", "L-"), plugins.Catalog{})
	if got, want := codes(m.Binds), "rpm=L-1 tpm=L-2 tpd=L-8"; got != want || len(m.Notes) != 3 {
		t.Errorf("Match = %s, notes %q; want %s, and a note for each", got, m.Notes, want)
	}
}

func TestProvisionedThroughputHasModelUnits(t *testing.T) {
	units := []plugins.Quota{
		{Code: "L-EF415EF6", Name: "Model units per provisioned model for Anthropic Claude 3 Haiku 200K"},
		{Code: "L-3BE61D60", Name: "Model units per provisioned model for Anthropic Claude 3 Haiku 48K"},
		{Code: "L-NOVA", Name: "Model units per provisioned model for the 24k context length variant for Amazon Nova Lite"},
		{Code: "L-UNITS", Name: "Model units per provisioned model for Cohere Command R"},
	}
	arn := "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl"
	c := plugins.Catalog{Models: catalog.Models, Provisioned: []plugins.Provisioned{{ARN: arn, ModelARN: "arn:aws:bedrock:us-east-1::foundation-model/cohere.command-r-v1:0"}}}
	for id, want := range map[string]string{
		"anthropic.claude-3-haiku-20240307-v1:0:48k": "model_units=L-3BE61D60",
		"amazon.nova-lite-v1:0:24k":                  "model_units=L-NOVA",
		arn:                                          "model_units=L-UNITS",
		"anthropic.claude-3-haiku-20240307-v1:0":     "",
	} {
		m := quotas.Match(quotas.Resolve(id, c), quotas.Ask{}, nil, units, c)
		if got := codes(m.Related); got != want || len(m.Binds) > 0 {
			t.Errorf("Match(%q) is related to %s and binds %d; want %s and none", id, got, len(m.Binds), want)
		}
	}
}

func TestWhatAWSSaysOfAValue(t *testing.T) {
	row := plugins.Quota{Code: "L-1", Name: "On-demand model inference tokens per minute for Amazon Nova Lite", Problem: "DEPENDENCY_THROTTLING_ERROR"}
	found, said := match("amazon.nova-lite-v1:0", nil, catalog, []plugins.Quota{row, row})
	if codes(found) != "tpm=L-1" || len(said) != 2 || said[0] != "tpm: AWS gave no value: DEPENDENCY_THROTTLING_ERROR" {
		t.Errorf("Match of a row that is listed twice, without a value, = %s, %q", codes(found), said)
	}
}

// Where only AWS can tell what is behind an id, the scenario still can.
func TestAWordForAnUnresolvedID(t *testing.T) {
	const id = "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl"
	found, said := match(id, map[string]string{"rpm": "L-2DC80978"}, catalog, rows)
	if codes(found) != "rpm=L-2DC80978" || len(said) != 1 || !strings.Contains(said[0], "because the scenario names it") {
		t.Errorf("Match(%q) = %s, %q; want what the scenario names", id, codes(found), said)
	}
}

func TestExplainShowsWhatWasLookedAt(t *testing.T) {
	table := quotas.NewTable(rows, catalog)
	e := table.Explain(quotas.Resolve("us.anthropic.claude-sonnet-4-20250514-v1:0", catalog), quotas.Ask{}, map[string]string{"tpm": "L-59759B4A"})
	if len(e.Labels) != 2 || e.Labels[0].By != "name" || e.Labels[1].By != "id" || !slices.Equal(e.Labels[1].Words, []string{"claude", "sonnet", "4"}) {
		t.Errorf("Explain has the labels %+v; want those of the name and of the id", e.Labels)
	}
	var got []string
	for _, d := range e.Dimensions {
		for _, q := range d.Candidates {
			got = append(got, d.Dimension+" "+q.Code)
		}
		for _, r := range d.Refused {
			got = append(got, d.Dimension+" not "+r.Code+": "+r.Why)
		}
	}
	want := []string{
		"rpm L-559DCC33",
		"rpm not L-534E5E05: binds only calls that ask for long context",
		"rpm not L-C63AA5DA: is of the scope global, and the id is cross-region",
		`rpm not L-4A6BFAB1: the label has "4.5" where the model has "4"`,
		`rpm not L-616A3F5B: the label has "3 haiku" where the model has "sonnet 4"`,
		"tpm L-59759B4A",
		`tpd not L-381AD9EE: the label has "4.5" where the model has "4"`,
		`tpd not L-TPD-35V1: the label has "3.5" where the model has "4"`,
		`tpd not L-TPD-HAIKU: the label has "3 haiku" where the model has "sonnet 4"`,
		"account_tpd L-ACCOUNT",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Explain shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if e = table.Explain(quotas.Resolve("", catalog), quotas.Ask{}, nil); len(e.Labels) != 0 || len(e.Problems) != 1 {
		t.Errorf("Explain of nothing = %+v; want a problem and no label", e)
	}
}
