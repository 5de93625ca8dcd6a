package steps

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// back are the times so many minutes before noon.
func back(minutes ...int) (out []time.Time) {
	for _, m := range minutes {
		out = append(out, noon.Add(-time.Duration(m)*time.Minute))
	}
	return out
}

func TestBusiestMinute(t *testing.T) {
	const id, copied = "us.acme.writer-v1:0", "abcdefghijkl"
	row := func(id, metric string, values []float64, minutes ...int) plugins.Points {
		p := plugins.Points{Query: plugins.Query{Series: plugins.OfModel(metric, id)}, Values: make([]*float64, ambientReach)}
		for i, m := range minutes {
			p.Values[ambientReach-m] = &values[i]
		}
		return p
	}
	for _, tt := range []struct {
		name     string
		points   []plugins.Points
		rpm, tpm float64 // -1: not known
		minutes  int
	}{
		{"nothing told", nil, -1, -1, 0},
		{"ids are added up by the minute, and not their peaks", []plugins.Points{
			row(id, record.MetricInvocations, []float64{30, 10}, 4, 3), row(copied, record.MetricInvocations, []float64{5, 20}, 4, 3),
		}, 35, -1, 2},
		{"other ids are others' business", []plugins.Points{
			row(id, record.MetricInvocations, []float64{30}, 4), row("global.acme.writer-v1:0", record.MetricInvocations, []float64{500}, 4),
		}, 30, -1, 1},
		{"all attempts count", []plugins.Points{
			row(id, record.MetricInvocations, []float64{1}, 4), row(id, record.MetricThrottles, []float64{2}, 4), row(id, record.MetricClientErrors, []float64{4}, 4), row(id, record.MetricServerErrors, []float64{8}, 4),
		}, 15, -1, 1},
		{"throttles alone are calls without tokens", []plugins.Points{row(id, record.MetricThrottles, []float64{9}, 4)}, 9, -1, 1},
		{"tokens with burndown and caches", []plugins.Points{
			row(id, record.MetricInvocations, []float64{2}, 4), row(id, record.MetricInputTokens, []float64{100}, 4), row(copied, record.MetricOutputTokens, []float64{20}, 4), row(id, record.MetricCacheWrites, []float64{7}, 4),
		}, 2, 207, 1},
		{"an estimate that is higher", []plugins.Points{
			row(id, record.MetricInvocations, []float64{2}, 4), row(id, record.MetricInputTokens, []float64{100}, 4), row(id, record.MetricQuotaTokens, []float64{400}, 4),
		}, 2, 400, 1},
		{"ten minutes up to the newest one told", []plugins.Points{row(id, record.MetricInvocations, []float64{900, 70, 8}, 25, 24, 15)}, 70, -1, 2},
		{"what is no number", []plugins.Points{row(id, record.MetricInvocations, []float64{math.NaN(), math.Inf(1), -5, 3}, 6, 5, 4, 3)}, 3, -1, 1},
	} {
		a := record.Ambient{IDs: []string{id, copied}}
		useOf(tt.points, a.IDs, noon.Add(-ambientReach*time.Minute)).busiest(&a, quietMinutes(noon, nil), 5)
		value := func(v *float64) float64 {
			if v == nil {
				return -1
			}
			return *v
		}
		if value(a.RPM) != tt.rpm || value(a.TPM) != tt.tpm || a.Minutes != tt.minutes {
			t.Errorf("%s: %g calls, %g tokens, %d minutes; want %g, %g, %d", tt.name, value(a.RPM), value(a.TPM), a.Minutes, tt.rpm, tt.tpm, tt.minutes)
		}
	}
}

func TestQuietMinutes(t *testing.T) {
	step := func(kind string, from, to time.Duration) record.Step {
		return record.Step{Kind: kind, Started: noon.Add(-from), Ended: noon.Add(-to)}
	}
	// The running minute is never whole.
	got := quietMinutes(noon.Add(59*time.Second), nil)
	if len(got) != ambientReach || !got[0].Equal(back(1)[0]) || !got[59].Equal(back(60)[0]) {
		t.Errorf("%d minutes from %v to %v; want 60, from a minute before noon", len(got), got[0], got[len(got)-1])
	}
	ran := []record.Step{step(record.KindLoad, 10*time.Minute, 5*time.Minute), step(record.KindMonitor, 4*time.Minute, 0), step(record.KindLoad, 150*time.Second, 130*time.Second)}
	got = quietMinutes(noon, ran)
	if want := back(1, 2, 4, 11, 12); !slices.Equal(got[:5], want) || len(got) != ambientReach {
		t.Errorf("%d minutes, first %v; want %v: those without a load", len(got), got[:5], want)
	}
	if got := quietMinutes(noon, []record.Step{step(record.KindLoad, 20*24*time.Hour, 0)}); got != nil {
		t.Errorf("after weeks of load %d minutes; want none", len(got))
	}
}

func TestIdsThatShareAQuota(t *testing.T) {
	const base = "anthropic.claude-3-haiku-20240307-v1:0"
	arn := func(region string) string { return "arn:aws:bedrock:" + region + "::foundation-model/" + base }
	us, eu := []string{arn("us-east-1"), arn("us-west-2")}, []string{arn("eu-west-1"), arn("eu-west-3")}
	app := "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/"
	c := plugins.Catalog{
		Models: []plugins.FoundationModel{{ID: base, InferenceTypes: []string{"ON_DEMAND"}}, {ID: "amazon.nova-lite-v1:0"}},
		Profiles: []plugins.Profile{
			{ID: "us." + base, ARN: "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us." + base, ModelARNs: us},
			{ID: "eu." + base, ModelARNs: eu},
			{ID: "global." + base, ModelARNs: []string{"arn:aws:bedrock:::foundation-model/" + base, arn("us-east-1")}},
			{ID: "aaaaaaaaaaaa", ARN: app + "aaaaaaaaaaaa", ModelARNs: us, Application: true},
			{ID: "bbbbbbbbbbbb", ARN: app + "bbbbbbbbbbbb", ModelARNs: us[:1], Application: true},
		},
	}
	for id, want := range map[string][]string{
		base:                 {base, "bbbbbbbbbbbb"},
		"us." + base:         {"us." + base, "aaaaaaaaaaaa", "eu." + base},
		c.Profiles[0].ARN:    {"us." + base, "aaaaaaaaaaaa", "eu." + base}, // once, by whichever name
		app + "aaaaaaaaaaaa": {"aaaaaaaaaaaa", "eu." + base, "us." + base},
		"global." + base:     {"global." + base},
		"no.such.thing":      {"no.such.thing"},
	} {
		for _, id := range want {
			want = append(want, quotas.OptimizedSeries(id))
		}
		var got []string
		for _, s := range sharing(id, c, reachOf(c)) {
			got = append(got, s.id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shares with %q; want %q", id, got, want)
		}
	}
}
