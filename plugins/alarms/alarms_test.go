package alarms_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/alarms"
	"github.com/loadline-dev/loadline/record"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

func settings() alarms.Settings {
	return alarms.Settings{Scenario: "gate", Usage: 0.8, Minutes: 3, Actions: []string{"arn:aws:sns:us-east-1:123456789012:pager"}, OKActions: []string{"arn:aws:sns:us-east-1:123456789012:calm"}}
}

func quota(dimension, code, name string, applied float64) record.Quota {
	return record.Quota{Dimension: dimension, Code: code, Name: name, Applied: &applied}
}

func shared(n int, optimized bool) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("id%d", i))
	}
	if optimized {
		for _, id := range slices.Clone(out) {
			out = append(out, id+"+latency-optimized")
		}
	}
	return out
}

// How usage is added up follows from how many ids share the quota.
func TestTheFormulaFitsTheAlarm(t *testing.T) {
	const tokens = "InputTokenCount CacheWriteInputTokenCount OutputTokenCount"
	const attempts = "Invocations InvocationThrottles InvocationClientErrors InvocationServerErrors"
	for _, row := range []struct {
		dimension string
		ids       int
		optimized bool
		metrics   string // of the first id; "" where there is no alarm
		read      int    // metrics of all ids
		unseen    string
	}{
		{"rpm", 1, false, attempts, 4, ""},
		{"rpm", 1, true, attempts, 8, ""},
		{"rpm", 2, false, attempts, 8, ""},
		{"rpm", 2, true, attempts, 8, "calls at optimized latency"},
		{"rpm", 3, false, "Invocations InvocationThrottles", 6, "failed calls"},
		{"rpm", 5, false, "Invocations InvocationThrottles", 10, "failed calls"},
		{"rpm", 6, false, "Invocations", 6, "throttled and failed calls"},
		{"rpm", 10, false, "Invocations", 10, "throttled and failed calls"},
		{"rpm", 11, false, "", 0, ""},
		{"tpm", 1, true, tokens, 6, ""},
		{"tpm", 3, false, tokens, 9, ""},
		{"tpm", 4, false, "EstimatedTPMQuotaUsage", 4, "what AWS does not count"},
		{"tpm", 5, true, "EstimatedTPMQuotaUsage", 10, "what AWS does not count"},
		{"tpm", 6, true, "EstimatedTPMQuotaUsage", 6, "calls at optimized latency"},
		{"tpm", 11, false, "", 0, ""},
		{"tpd", 1, false, tokens, 3, ""},
		{"throttles", 5, true, "InvocationThrottles", 10, ""},
		{"throttles", 6, true, "InvocationThrottles", 6, "calls at optimized latency"},
		{"throttles", 10, false, "InvocationThrottles", 10, ""},
		{"throttles", 11, false, "", 0, ""},
	} {
		m := alarms.Model{Name: "m", Base: "a.b", Scope: "on-demand", Series: shared(row.ids, row.optimized), Optimized: row.optimized, Burndown: 5}
		m.Quotas = []record.Quota{quota(row.dimension, "L-1", "n", 100)}
		p := alarms.Make(settings(), []alarms.Model{m})
		i := slices.IndexFunc(p.Alarms, func(a alarms.Planned) bool { return (a.Quota == nil) == (row.dimension == "throttles") })
		place := fmt.Sprintf("%s of %d ids, optimized %v", row.dimension, row.ids, row.optimized)
		if row.metrics == "" {
			told := fmt.Sprintf("%d ids share it, and an alarm reads 10 metrics at most", row.ids)
			if i >= 0 || !slices.ContainsFunc(p.LeftOut, func(l alarms.LeftOut) bool { return strings.HasPrefix(l.Why, told) }) {
				t.Errorf("%s: %+v; want none, for a reason", place, p)
			}
			continue
		}
		if i < 0 {
			t.Errorf("%s: no alarm: %+v", place, p.LeftOut)
			continue
		}
		a := p.Alarms[i]
		var first []string
		for _, q := range a.Queries {
			if q.ModelID == "id0" {
				first = append(first, q.Metric)
			}
		}
		if got := strings.Join(first, " "); got != row.metrics || a.Metrics() != row.read {
			t.Errorf("%s: reads %q, %d metrics in all; want %q, %d", place, got, a.Metrics(), row.metrics, row.read)
		}
		if (row.unseen == "") != (a.Unseen == "") || !strings.Contains(a.Unseen, row.unseen) || (a.Unseen != "") != strings.Contains(a.Description, "Not seen: ") {
			t.Errorf("%s: does not see %q (%s); want %q", place, a.Unseen, a.Description, row.unseen)
		}
		if n := len(a.Queries) + 1; n > 20 || n-a.Metrics() > 10 {
			t.Errorf("%s: %d queries, %d of them expressions", place, n, n-a.Metrics())
		}
	}
}

// What cannot be watched is told, and why; each quota and pool once.
func TestLeftOut(t *testing.T) {
	none := record.Quota{Dimension: "rpm", Code: "L-2", Name: "n"}
	broken := record.Quota{Dimension: "tpm", Code: "L-3", Name: "n", Problem: "access denied"}
	models := []alarms.Model{
		{Name: "bare", Base: "a.bare", Scope: "provisioned", Series: shared(1, true)},
		{Name: "one", Base: "a.b", Scope: "cross-region", Series: shared(1, true), Burndown: 1, Quotas: []record.Quota{
			none, broken, quota("concurrent", "L-4", "n", 10), quota("account_tpd", "L-5", "n", 10), quota("rpm", "L-6", "n", 0),
			quota("tpm", "L-7", "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4 V1 1M Context Length", 10),
		}},
		{Name: "two", Base: "a.b", Scope: "cross-region", Series: shared(1, true), Burndown: 1, Quotas: []record.Quota{quota("account_tpd", "L-5", "n", 10), quota("rpm", "L-8", "n", 7)}},
	}
	p := alarms.Make(settings(), models)
	var got []string
	for _, l := range p.LeftOut {
		got = append(got, l.What+": "+l.Why)
	}
	want := []string{
		"usage of bare: no quota is known that binds it",
		"rpm L-2: AWS gave no applied value",
		"tpm L-3: AWS gave no applied value: access denied",
		"concurrent L-4: CloudWatch has no metric of what it counts",
		"account_tpd L-5: CloudWatch has no metric of what it counts",
		"rpm L-6: the applied value is 0: the account is not entitled",
		"tpm L-7: CloudWatch counts calls with a long context among all others",
	}
	if !slices.Equal(got, want) {
		t.Errorf("left out:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var names []string
	for _, a := range p.Alarms {
		names = append(names, a.Name+" of "+strings.Join(a.Models, "+"))
	}
	if want := []string{"loadline-gate-rpm-a.b-cross-region-L-8 of two", "loadline-gate-throttles-a.bare-provisioned of bare", "loadline-gate-throttles-a.b-cross-region of one+two"}; !slices.Equal(names, want) {
		t.Errorf("alarms %q; want %q", names, want)
	}
}

// A quota of optimized latency counts the calls that get it, and no others.
func TestAQuotaOfOptimizedLatency(t *testing.T) {
	q := quota("rpm", "L-1", "On-demand latency-optimized model inference requests per minute for Anthropic Claude 3.5 Haiku", 100)
	p := alarms.Make(settings(), []alarms.Model{{Name: "m", Base: "a.b", Scope: "cross-region", Series: shared(1, true), Optimized: true, Quotas: []record.Quota{q}, Burndown: 1}})
	for _, query := range p.Alarms[0].Queries {
		if query.ModelID != "id0+latency-optimized" {
			t.Errorf("the alarm reads %s", query.ModelID)
		}
	}
}

// plan is one of everything, for the files that are compared.
func plan() alarms.Plan {
	return alarms.Make(settings(), []alarms.Model{
		{Name: "haiku", Base: "anthropic.claude-3-haiku-20240307-v1:0", Scope: "on-demand", Series: []string{"anthropic.claude-3-haiku-20240307-v1:0"}, Burndown: 1, Quotas: []record.Quota{
			quota("rpm", "L-2DC80978", "On-demand model inference requests per minute for Anthropic Claude 3 Haiku", 1000),
		}},
		{Name: "sonnet", Base: "anthropic.claude-sonnet-4-5-20250929-v1:0", Scope: "cross-region", Series: []string{"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "abcdefghijkl"}, Burndown: 5, Quotas: []record.Quota{
			quota("tpm", "L-F4DDD3EB", "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1", 5e6),
			quota("tpd", "L-381AD9EE", "Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 (doubled for cross-region calls)", 7.2e9),
		}},
	})
}

func files(t *testing.T, s alarms.Settings, p alarms.Plan) (cfn, tf []byte) {
	t.Helper()
	cfn, err := alarms.CloudFormation(s, p)
	if err != nil {
		t.Fatal(err)
	}
	tf, err = alarms.Terraform(s, p)
	if err != nil {
		t.Fatal(err)
	}
	return cfn, tf
}

func TestFiles(t *testing.T) {
	cfn, tf := files(t, settings(), plan())
	for name, got := range map[string][]byte{"testdata/alarms.cfn.yaml": cfn, "testdata/alarms.tf.json": tf} {
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what is written now (-update rewrites it):\n%s", name, got)
		}
	}
}

// back are the alarms of the two files, read by the parsers of their formats.
func back(t interface{ Fatalf(string, ...any) }, cfn, tf []byte) (template []map[string]any, terraform []map[string]any) {
	var c struct {
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(cfn, &c); err != nil {
		t.Fatalf("the template is no YAML: %v", err)
	}
	for id, r := range c.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || id == "" {
			t.Fatalf("a resource %q of the type %s", id, r.Type)
		}
		template = append(template, r.Properties)
	}
	var f struct {
		Resource map[string]map[string]map[string]any
	}
	if err := json.Unmarshal(tf, &f); err != nil {
		t.Fatalf("the configuration is no JSON: %v", err)
	}
	for id, r := range f.Resource["aws_cloudwatch_metric_alarm"] {
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || id == "" || '0' <= id[0] && id[0] <= '9' {
			t.Fatalf("a resource %q", id)
		}
		terraform = append(terraform, r)
	}
	return template, terraform
}

// unescaped is what Terraform reads in a text of its JSON syntax.
var unescaped = strings.NewReplacer("$${", "${", "%%{", "%{").Replace

// Whatever a scenario and AWS call things, both files are well formed, have one
// resource an alarm, say the same, and hold nothing that would be executed; the
// names keep to the bounds of CloudWatch, and two scenarios stay two.
func TestHostileNames(t *testing.T) {
	text := func(string) *rapid.Generator[string] {
		return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"${file(\"/etc/passwd\")}", "%{ if true }x%{ endif }", "{{resolve:secretsmanager:x}}", "!Ref x", "yes", "60:30", "a\nb", "\"", "'", "\\", "- x", "# x", "*x", "&x", "\x00", "\u202e", strings.Repeat("x", 3000), "é", "名前", "$${x}", "0x1", "<<EOF",
		}))
	}
	rapid.Check(t, func(t *rapid.T) {
		s := settings()
		s.Scenario = text("scenario").Draw(t, "scenario")
		other := s
		other.Scenario = text("other").Draw(t, "other")
		q := quota("tpm", text("code").Draw(t, "code"), text("quota").Draw(t, "quota"), 5)
		p := alarms.Make(s, []alarms.Model{{Name: text("name").Draw(t, "name"), Base: text("base").Draw(t, "base"), Scope: text("scope").Draw(t, "scope"), Series: []string{"id"}, Quotas: []record.Quota{q}, Burndown: 5}})
		cfn, err := alarms.CloudFormation(s, p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		tf, err := alarms.Terraform(s, p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		template, terraform := back(t, cfn, tf)
		if len(template) != len(p.Alarms) || len(terraform) != len(p.Alarms) || len(p.Alarms) != 2 {
			t.Fatalf("%d alarms, %d in the template, %d for Terraform", len(p.Alarms), len(template), len(terraform))
		}
		for _, a := range p.Alarms {
			if !utf8.ValidString(a.Name) || len(a.Name) > 255 || !strings.HasPrefix(a.Name, s.NamePrefix()) || len(a.Description) > 1024 || len(s.Owner()) > 256 {
				t.Fatalf("an alarm %q (%q)", a.Name, a.Description)
			}
			if !slices.ContainsFunc(template, func(r map[string]any) bool { return r["AlarmName"] == a.Name && r["AlarmDescription"] == a.Description }) ||
				!slices.ContainsFunc(terraform, func(r map[string]any) bool {
					return r["alarm_name"] == a.Name && r["alarm_description"] == a.Description
				}) {
				t.Fatalf("%q is not in the files as it is:\n%s\n%s", a.Name, cfn, tf)
			}
			for _, text := range []string{a.Name, a.Description, a.Label, s.Owner()} {
				if strings.ContainsAny(text, "${}\"'\\<>&!*`\n\x00") {
					t.Fatalf("a text holds marks with a meaning: %q", text)
				}
			}
		}
		if s.Scenario != other.Scenario && (s.Owner() == other.Owner() || s.NamePrefix() == other.NamePrefix() && !strings.Contains(s.Scenario+other.Scenario, " ")) {
			t.Fatalf("%q and %q are one: %q, %q", s.Scenario, other.Scenario, s.Owner(), s.NamePrefix())
		}
	})
}

// The two texts that are not made plain, the ids and the ARNs of actions, are
// escaped, or refused where a format cannot hold them.
func TestTextsThatArePassedOn(t *testing.T) {
	for text, refused := range map[string]string{
		`${file("x")}`: "", `%{ if x }`: "", `a"b\c`: "", "$5 100%": "",
		"{{resolve:ssm:x}}": "cfn", "$${x}": "tf", "%%{x}": "tf",
	} {
		p := plan()
		p.Alarms = p.Alarms[:1]
		a := &p.Alarms[0]
		a.Actions, a.Queries = []string{text}, []plugins.AlarmQuery{{ID: "m1", Metric: "Invocations", ModelID: text}}
		cfn, cfnErr := alarms.CloudFormation(settings(), p)
		tf, tfErr := alarms.Terraform(settings(), p)
		if (cfnErr != nil) != (refused == "cfn") || (tfErr != nil) != (refused == "tf") {
			t.Errorf("%q: %v, %v; want refused by %q", text, cfnErr, tfErr, refused)
		}
		if refused != "" {
			continue
		}
		template, terraform := back(t, cfn, tf)
		if got := template[0]["AlarmActions"].([]any)[0]; got != text {
			t.Errorf("%q is %q in the template", text, got)
		}
		got := terraform[0]["alarm_actions"].([]any)[0].(string)
		if unescaped(got) != text || strings.Contains(strings.ReplaceAll(got, "$${", ""), "${") || strings.Contains(strings.ReplaceAll(got, "%%{", ""), "%{") {
			t.Errorf("%q is %q for Terraform", text, got)
		}
		id := terraform[0]["metric_query"].([]any)[1].(map[string]any)["metric"].(map[string]any)["dimensions"].(map[string]any)["ModelId"].(string)
		if unescaped(id) != text {
			t.Errorf("the id %q is %q for Terraform", text, id)
		}
	}
}

// Everything that an alarm would lose or gain by being put is a change.
func TestChanges(t *testing.T) {
	s := settings()
	s.Usage = 0.07 // 100 times that is no whole number in floating point
	p := alarms.Make(s, []alarms.Model{{Name: "m", Base: "a.b", Scope: "on-demand", Series: shared(1, false), Quotas: []record.Quota{quota("rpm", "L-1", "n", 100)}, Burndown: 1}})
	p.Alarms = p.Alarms[:1]
	planned := p.Alarms[0]
	if planned.Threshold != 7 {
		t.Errorf("the threshold is %v; want 7", planned.Threshold)
	}
	for name, row := range map[string]struct {
		change func(*plugins.AlarmFound)
		want   string
	}{
		"nothing":     {func(*plugins.AlarmFound) {}, ""},
		"threshold":   {func(f *plugins.AlarmFound) { f.Threshold = 80 }, "threshold: >= 80 -> >= 7"},
		"comparison":  {func(f *plugins.AlarmFound) { f.Above = true }, "threshold: > 7 -> >= 7"},
		"quota":       {func(f *plugins.AlarmFound) { f.Expression = strings.Replace(f.Expression, "/100", "/60", 1) }, "expression: 100*SUM(FILL([m1,m2,m3,m4],0))/60 -> 100*SUM(FILL([m1,m2,m3,m4],0))/100"},
		"points":      {func(f *plugins.AlarmFound) { f.Breaching = 2 }, "points: 2 of 6 -> 3 of 6"},
		"missing":     {func(f *plugins.AlarmFound) { f.Missing = "missing" }, "missing data: missing -> notBreaching"},
		"actions":     {func(f *plugins.AlarmFound) { f.Actions = nil }, "actions:  -> arn:aws:sns:us-east-1:123456789012:pager"},
		"ok_actions":  {func(f *plugins.AlarmFound) { f.OKActions = append(f.OKActions, "x") }, "ok_actions: arn:aws:sns:us-east-1:123456789012:calm, x -> arn:aws:sns:us-east-1:123456789012:calm"},
		"switched":    {func(f *plugins.AlarmFound) { f.Disabled = true }, "actions are: off -> on"},
		"a metric":    {func(f *plugins.AlarmFound) { f.Queries[0].ModelID = "other" }, "metrics: m1 = Invocations of other over 1m0s -> m1 = Invocations of id0 over 1m0s"},
		"the order":   {func(f *plugins.AlarmFound) { slices.Reverse(f.Queries) }, ""},
		"description": {func(f *plugins.AlarmFound) { f.Description = "mine" }, "description: mine -> " + planned.Description},
		"label":       {func(f *plugins.AlarmFound) { f.Label = "mine" }, "label: mine -> " + planned.Label},
		"more":        {func(f *plugins.AlarmFound) { f.Unlike = []string{"a single metric"} }, "a single metric: set -> not set"},
	} {
		f := plugins.AlarmFound{Alarm: planned.Alarm, State: "OK", Tags: s.Tags()}
		f.Queries, f.Actions, f.OKActions = slices.Clone(f.Queries), slices.Clone(f.Actions), slices.Clone(f.OKActions)
		row.change(&f)
		rows := alarms.Compare(s, p, []plugins.AlarmFound{f})
		var got []string
		for _, c := range rows[0].Changes {
			got = append(got, c.Field+": "+c.Old+" -> "+c.New)
		}
		state := alarms.Changed
		if row.want == "" {
			state = alarms.Same
		}
		if strings.Join(got, "; ") != row.want || rows[0].State != state || len(rows) != 1 {
			t.Errorf("%s: %s, %q; want %s, %q", name, rows[0].State, got, state, row.want)
		}
		// Without the tag it is nobody's to change, whatever differs.
		f.Tags = map[string]string{alarms.TagKey: "another"}
		if rows := alarms.Compare(s, p, []plugins.AlarmFound{f}); rows[0].State != alarms.NotOurs || rows[0].Writes() || rows[0].Changes != nil {
			t.Errorf("%s: without the tag it is %+v", name, rows[0])
		}
	}
}
