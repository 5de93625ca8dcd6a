package alarms

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/loadline-dev/loadline/plugins"
)

// The resources of a template, with CloudFormation's names.
type (
	cfnTemplate struct {
		Version     string                 `yaml:"AWSTemplateFormatVersion"`
		Description string                 `yaml:"Description"`
		Resources   map[string]cfnResource `yaml:"Resources"`
	}
	cfnResource struct {
		Type       string   `yaml:"Type"`
		Properties cfnAlarm `yaml:"Properties"`
	}
	cfnAlarm struct {
		AlarmName          string     `yaml:"AlarmName"`
		AlarmDescription   string     `yaml:"AlarmDescription"`
		ActionsEnabled     bool       `yaml:"ActionsEnabled"`
		AlarmActions       []string   `yaml:"AlarmActions,omitempty"`
		OKActions          []string   `yaml:"OKActions,omitempty"`
		ComparisonOperator string     `yaml:"ComparisonOperator"`
		Threshold          float64    `yaml:"Threshold"`
		EvaluationPeriods  int        `yaml:"EvaluationPeriods"`
		DatapointsToAlarm  int        `yaml:"DatapointsToAlarm"`
		TreatMissingData   string     `yaml:"TreatMissingData"`
		Metrics            []cfnQuery `yaml:"Metrics"`
		Tags               []cfnTag   `yaml:"Tags"`
	}
	cfnQuery struct {
		ID         string   `yaml:"Id"`
		Expression string   `yaml:"Expression,omitempty"`
		Label      string   `yaml:"Label,omitempty"`
		MetricStat *cfnStat `yaml:"MetricStat,omitempty"`
		ReturnData bool     `yaml:"ReturnData"`
	}
	cfnStat struct {
		Metric cfnMetric `yaml:"Metric"`
		Period int       `yaml:"Period"`
		Stat   string    `yaml:"Stat"`
	}
	cfnMetric struct {
		Namespace  string         `yaml:"Namespace"`
		MetricName string         `yaml:"MetricName"`
		Dimensions []cfnDimension `yaml:"Dimensions"`
	}
	cfnDimension struct {
		Name  string `yaml:"Name"`
		Value string `yaml:"Value"`
	}
	cfnTag struct {
		Key   string `yaml:"Key"`
		Value string `yaml:"Value"`
	}
)

// CloudFormation writes a template with the alarms of a plan. The same plan gives
// the same bytes.
//
// A template has no way to write "{{" as such: CloudFormation would look a secret
// up. A text with it is an error.
func CloudFormation(s Settings, p Plan) ([]byte, error) {
	t := cfnTemplate{Version: "2010-09-09", Description: cut(plain("Alarms of the Loadline scenario "+s.Scenario, textMarks), maxDescription), Resources: map[string]cfnResource{}}
	for _, a := range p.Alarms {
		row := cfnAlarm{
			AlarmName: a.Name, AlarmDescription: a.Description, ActionsEnabled: !a.Disabled, AlarmActions: a.Actions, OKActions: a.OKActions,
			ComparisonOperator: a.Comparison(), Threshold: a.Threshold, EvaluationPeriods: a.Periods, DatapointsToAlarm: a.Breaching, TreatMissingData: a.Missing,
			Metrics: []cfnQuery{{ID: plugins.AlarmResult, Expression: a.Expression, Label: a.Label, ReturnData: true}},
		}
		for _, q := range a.Queries {
			out := cfnQuery{ID: q.ID, Expression: q.Expression}
			if q.Expression == "" {
				out.MetricStat = &cfnStat{
					Metric: cfnMetric{plugins.AlarmNamespace, q.Metric, []cfnDimension{{plugins.AlarmDimension, q.ModelID}}},
					Period: int(q.Period.Seconds()), Stat: plugins.AlarmStatistic,
				}
			}
			row.Metrics = append(row.Metrics, out)
		}
		tags := s.Tags()
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			row.Tags = append(row.Tags, cfnTag{key, tags[key]})
		}
		id := unique(camel(a.Name), func(id string) bool { _, taken := t.Resources[id]; return taken })
		t.Resources[id] = cfnResource{"AWS::CloudWatch::Alarm", row}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(t); err != nil {
		return nil, fmt.Errorf("write the CloudFormation template: %w", err)
	}
	if i := bytes.Index(b.Bytes(), []byte("{{")); i >= 0 {
		return nil, fmt.Errorf("write the CloudFormation template: a text has {{, by which CloudFormation looks up secrets: %.80q", b.Bytes()[i:])
	}
	return b.Bytes(), nil
}

// camel makes the logical id of a resource: letters and digits of ASCII only.
func camel(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	if out := b.String(); out != "" && !unicode.IsDigit(rune(out[0])) {
		return out
	}
	return "Alarm" + b.String()
}

// unique numbers an id that is taken.
func unique(id string, taken func(string) bool) string {
	out := id
	for n := 2; taken(out); n++ {
		out = fmt.Sprintf("%s%d", id, n)
	}
	return out
}
