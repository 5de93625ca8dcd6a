package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

var hourWindow = record.Window{Start: noon.Add(-time.Hour), End: noon, Period: record.Duration(20 * time.Minute)}

const sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0"

// metered is an account whose CloudWatch has the series of a table: the first
// periods of each, where a negative number is none. The key is the metric, the
// id and the tier.
type metered struct {
	plugins.AWS
	catalog  plugins.Catalog
	refused  error // of Catalog and Series
	series   map[string][]float64
	measured int
}

func (m *metered) Catalog(context.Context) (plugins.Catalog, error) {
	return m.catalog, m.refused
}

func (m *metered) Series(_ context.Context, namespace, metric string) (out []plugins.Series, _ error) {
	for key := range m.series {
		parts := strings.Split(key, " ")
		if parts[0] != metric || namespace != plugins.NamespaceBedrock {
			continue
		}
		s := plugins.OfModel(metric, parts[1])
		if len(parts) > 2 {
			s.Dimensions = share{id: parts[1], kind: kindTier, tier: parts[2], resolved: parts[2]}.dimensions()
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b plugins.Series) int { return strings.Compare(keyOf(a), keyOf(b)) })
	return out, m.refused
}

func keyOf(s plugins.Series) string {
	return strings.TrimSpace(s.Metric + " " + s.Dimension(plugins.DimensionModel) + " " + s.Dimension(plugins.DimensionTier))
}

func (m *metered) Measure(_ context.Context, queries []plugins.Query, w record.Window) (out []plugins.Points, _ error) {
	m.measured++
	for _, q := range queries {
		p := plugins.Points{Query: q, Values: make([]*float64, int(w.End.Sub(w.Start)/time.Duration(w.Period)))}
		if q.Whole {
			p.Values = make([]*float64, 1)
		}
		for i, v := range m.series[keyOf(q.Series)] {
			if v >= 0 && i < len(p.Values) {
				p.Values[i] = &v
			}
		}
		out = append(out, p)
	}
	return out, nil
}

func accountCatalog() plugins.Catalog {
	arns := []string{"arn:aws:bedrock:us-east-1::foundation-model/" + sonnet, "arn:aws:bedrock:us-west-2::foundation-model/" + sonnet}
	return plugins.Catalog{
		Models: []plugins.FoundationModel{{ID: sonnet, InferenceTypes: []string{"INFERENCE_PROFILE"}}},
		Profiles: []plugins.Profile{
			{ID: "us." + sonnet, ModelARNs: arns},
			{ID: "team", ARN: teamARN, ModelARNs: arns, Application: true},
		},
	}
}

const teamARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/team"

func TestUsageAddsUpWhatTakesFromTheQuotas(t *testing.T) {
	own := "us." + sonnet
	for _, tt := range []struct {
		name   string
		series map[string][]float64
		want   []float64 // Invocations; -1 for none
		parts  string
	}{
		{"its own id alone", map[string][]float64{"Invocations " + own: {10, 20, -1}}, []float64{10, 20, -1}, own + " profile 30"},
		{"nothing", nil, []float64{-1, -1, -1}, own + " profile -"},
		{"an application's copy", map[string][]float64{"Invocations " + own: {10, 20, -1}, "Invocations team": {5, -1, 7}}, []float64{15, 20, 7}, own + " profile 30, team application-profile 12"},
		{"optimized latency", map[string][]float64{"Invocations " + own: {10, 20, -1}, "Invocations " + own + "+latency-optimized": {1, 1, 1}}, []float64{11, 21, 1}, own + " profile 30, " + own + "+latency-optimized optimized 3"},
		{"other models", map[string][]float64{"Invocations " + own: {10, 20, -1}, "Invocations global." + sonnet: {900, 900, 900}}, []float64{10, 20, -1}, own + " profile 30"},
		{"tiers are parts of their id", map[string][]float64{"Invocations " + own: {10, 20, 30}, "Invocations " + own + " flex": {4, -1, 30}, "Invocations " + own + " priority": {5, 1, -1}},
			[]float64{10, 20, 30}, own + " profile 60, " + own + " flex tier 34, " + own + " priority tier 6"},
		{"tiers that tell of more count", map[string][]float64{"Invocations " + own: {10, -1, 30}, "Invocations " + own + " flex": {8, 3, 30}, "Invocations " + own + " priority": {5, 1, -1}},
			[]float64{13, 4, 30}, own + " profile 40, " + own + " flex tier 41, " + own + " priority tier 6"},
		{"throttles are attempts", map[string][]float64{"Invocations " + own: {10, 20, -1}, "InvocationThrottles " + own: {1, -1, 2}}, []float64{10, 20, -1}, own + " profile 33"},
	} {
		aws := &metered{catalog: accountCatalog(), series: tt.series}
		s, err := readSharers(context.Background(), aws)
		if err != nil || len(s.notes) > 0 {
			t.Fatal(err, s.notes)
		}
		var q inquiry
		u := askUsage(&q, plugins.Model{Name: "sonnet", ID: own}, s.of(own, false), hourWindow)
		if err := q.read(context.Background(), aws, hourWindow); err != nil {
			t.Fatal(err)
		}
		got := u.traffic(&q, hourWindow).Sums[record.MetricInvocations]
		for i, want := range tt.want {
			if (got[i] == nil) != (want < 0) || got[i] != nil && *got[i] != want {
				t.Errorf("%s: period %d is %v; want %g", tt.name, i, got[i], want)
			}
		}
		var parts []string
		for _, p := range u.parts(&q) {
			words := []string{p.ID, p.Tier, p.Kind, "-"}
			if p.Attempts != nil {
				words[3] = short4(*p.Attempts)
			}
			parts = append(parts, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "))
		}
		if strings.Join(parts, ", ") != tt.parts {
			t.Errorf("%s: parts %q; want %q", tt.name, parts, tt.parts)
		}
	}
}

func short4(v float64) string { return strings.TrimSuffix(percent(v/100), "%") }

// Both spellings of cached tokens are asked for; they are never added up.
func TestFormerNamesOfMetrics(t *testing.T) {
	aws := &metered{catalog: accountCatalog(), series: map[string][]float64{
		"CacheReadInputTokenCount us." + sonnet: {5, -1, -1}, "CacheReadInputTokens us." + sonnet: {5, 6, -1}, "CacheWriteInputTokens us." + sonnet: {-1, 8, -1},
	}}
	s, _ := readSharers(context.Background(), aws)
	var q inquiry
	u := askUsage(&q, plugins.Model{Name: "sonnet", ID: "us." + sonnet}, s.of("us."+sonnet, false), hourWindow)
	if err := q.read(context.Background(), aws, hourWindow); err != nil {
		t.Fatal(err)
	}
	sums := u.traffic(&q, hourWindow).Sums
	if reads, writes := total(sums[record.MetricCacheReads]), total(sums[record.MetricCacheWrites]); reads == nil || *reads != 11 || writes == nil || *writes != 8 {
		t.Errorf("read %v, written %v; want 11 and 8", reads, writes)
	}
}

// Percentiles are those of the own id, as they cannot be put together.
func TestLevelsAreOfTheOwnID(t *testing.T) {
	own := "us." + sonnet
	aws := &metered{catalog: accountCatalog(), series: map[string][]float64{"InvocationLatency " + own: {200, 300, -1}, "InvocationLatency team": {900, 900, 900}}}
	s, _ := readSharers(context.Background(), aws)
	for _, tt := range []struct {
		w    record.Window
		want bool // a value over the window
	}{{hourWindow, true}, {record.Window{Start: noon.Add(-31 * day), End: noon, Period: record.Duration(time.Hour)}, false}} {
		var q inquiry
		u := askUsage(&q, plugins.Model{ID: own}, s.of(own, false), tt.w)
		if err := q.read(context.Background(), aws, tt.w); err != nil {
			t.Fatal(err)
		}
		tr := u.traffic(&q, tt.w)
		if p90 := tr.Levels["InvocationLatency.p90"]; *p90[0] != 200 || *p90[1] != 300 || p90[2] != nil {
			t.Errorf("by period %v", p90)
		}
		if all := tr.Overall["InvocationLatency.p90"]; (all != nil) != tt.want || tr.Overall["TimeToFirstToken.p90"] != nil {
			t.Errorf("over %s %v; want one: %v", tt.w.End.Sub(tt.w.Start), all, tt.want)
		}
	}
}

// Models that take from the same quota count it once, in the totals.
func TestTotalsCountNothingTwice(t *testing.T) {
	aws := &metered{catalog: accountCatalog(), series: map[string][]float64{"Invocations us." + sonnet: {10, -1, -1}, "Invocations team": {5, -1, -1}}}
	m := monitor{models: []plugins.Model{{Name: "direct", ID: "us." + sonnet}, {Name: "team", ID: teamARN}}, optimized: []bool{false, false}, span: span{length: time.Hour}}
	m.metrics, _ = metricsOf(t, "[Invocations.Sum, InvocationLatency.p90, {name: Requests, stat: Sum, namespace: MyApp}, {name: Wait, stat: Average, namespace: MyApp}]")
	aws.series["Requests"], aws.series["Wait"], aws.series["InvocationLatency us."+sonnet] = []float64{7}, []float64{3}, []float64{200}
	out, err := m.Run(context.Background(), &plugins.Env{AWS: aws, Report: func(plugins.Progress) {}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"metric.Invocations.Sum": 15, "metric.Requests.Sum": 7, "metric.Wait.Average": 3} {
		if got := out.Totals[name]; !got.Known || got.Value != want || out.Values["team"][name] != got {
			t.Errorf("%s of all is %v, of one %v; want %g", name, got, out.Values["team"][name], want)
		}
	}
	if got := out.Totals["metric.InvocationLatency.p90"]; got.Known || out.Values["direct"]["metric.InvocationLatency.p90"].Value != 200 {
		t.Errorf("a percentile of two models is %v; want no data", got)
	}
	if a, b, all := out.Values["direct"]["invocations"], out.Values["team"]["invocations"], out.Totals["invocations"]; a.Value != 15 || b.Value != 15 || all.Value != 15 || aws.measured != 1 {
		t.Errorf("%v and %v, together %v; want 15 each, and the same 15", a, b, all)
	}
	if parts := out.Step.Usage[1].Parts; parts[0].ID != "team" || parts[1].ID != "us."+sonnet {
		t.Errorf("parts %+v; want the own id first", parts)
	}
}

// Who may read CloudWatch alone gets the usage of the own ids, and is told so.
func TestWithoutTheListsTheOwnIDsAreRead(t *testing.T) {
	aws := &metered{refused: errors.New("bedrock:ListFoundationModels: not allowed"), series: map[string][]float64{"Invocations us." + sonnet: {10, -1, -1}, "Invocations team": {5, -1, -1}}}
	m := monitor{models: []plugins.Model{{Name: "direct", ID: "us." + sonnet}}, optimized: []bool{false}, span: span{length: time.Hour}}
	out, err := m.Run(context.Background(), &plugins.Env{AWS: aws, Report: func(plugins.Progress) {}})
	if err != nil || out.Values["direct"]["invocations"].Value != 10 {
		t.Errorf("%v, %v; want the 10 of its own id", out.Values, err)
	}
	if notes := strings.Join(out.Step.Notes, "\n"); !strings.Contains(notes, "only calls by the models' own ids are counted") || !strings.Contains(notes, "service tiers") {
		t.Errorf("notes %q", notes)
	}
}

func TestOneIDOfEachQuota(t *testing.T) {
	c := accountCatalog()
	for _, tt := range []struct{ called, want string }{
		{"us." + sonnet + " team", "us." + sonnet},
		{"team", "us." + sonnet},
		{"team us." + sonnet + " gone amazon.nova-lite-v1:0 amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0 gone us." + sonnet},
		{"", ""},
	} {
		if got := oneOfEach(strings.Fields(tt.called), c); strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q; want %s", tt.called, got, tt.want)
		}
	}
	c.Profiles = c.Profiles[1:]
	if got := oneOfEach([]string{"team"}, c); len(got) != 1 || got[0] != teamARN {
		t.Errorf("without the system's profile: %q; want the application's", got)
	}
}

// What a quota is, and what an output token takes of it, comes from what is known
// by then.
func TestBurndownAndLimits(t *testing.T) {
	byBase := func(base, scope string) plugins.Tariff {
		if base != sonnet || scope != "cross-region" {
			t.Errorf("asked for %s, %s", base, scope)
		}
		return plugins.Tariff{Burndown: 5}
	}
	for _, tt := range []struct {
		name string
		m    plugins.Model
		want float64
	}{
		{"by its id", plugins.Model{ID: "us." + sonnet, Tariff: plugins.Tariff{Burndown: 3}}, 3},
		{"by what the account tells", plugins.Model{ID: teamARN, Tariff: plugins.Tariff{Burndown: 1}, TariffOf: byBase}, 5},
		{"not known", plugins.Model{ID: teamARN + "x", Tariff: plugins.Tariff{Burndown: 1}, TariffOf: byBase}, 0},
	} {
		if got := (usage{model: tt.m}).burndown(accountCatalog()); got != tt.want {
			t.Errorf("%s: %g; want %g", tt.name, got, tt.want)
		}
	}
	rpm := 400.0
	limits := limitsByDimension(&record.Model{Quotas: []record.Quota{{Dimension: "rpm", Applied: &rpm}, {Dimension: "tpm"}}})
	if _, has := limits["tpm"]; limits["rpm"] != 400 || has || len(limitsByDimension(nil)) != 0 {
		t.Errorf("limits %v; want rpm alone, and none of a model that is not known", limits)
	}
}
