package alarms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/loadline-dev/loadline/plugins"
)

// The resources of a configuration, with the names of Terraform's AWS provider.
type (
	tfFile struct {
		Comment  string `json:"//"`
		Resource struct {
			Alarms map[string]tfAlarm `json:"aws_cloudwatch_metric_alarm,omitempty"`
		} `json:"resource"`
	}
	tfAlarm struct {
		Name        string            `json:"alarm_name"`
		Description string            `json:"alarm_description"`
		Enabled     bool              `json:"actions_enabled"`
		Actions     []string          `json:"alarm_actions,omitempty"`
		OKActions   []string          `json:"ok_actions,omitempty"`
		Comparison  string            `json:"comparison_operator"`
		Threshold   float64           `json:"threshold"`
		Periods     int               `json:"evaluation_periods"`
		Breaching   int               `json:"datapoints_to_alarm"`
		Missing     string            `json:"treat_missing_data"`
		Queries     []tfQuery         `json:"metric_query"`
		Tags        map[string]string `json:"tags"`
	}
	tfQuery struct {
		ID         string    `json:"id"`
		Expression string    `json:"expression,omitempty"`
		Label      string    `json:"label,omitempty"`
		Metric     *tfMetric `json:"metric,omitempty"`
		Return     bool      `json:"return_data"`
	}
	tfMetric struct {
		Namespace  string            `json:"namespace"`
		Name       string            `json:"metric_name"`
		Dimensions map[string]string `json:"dimensions"`
		Period     int               `json:"period"`
		Stat       string            `json:"stat"`
	}
)

// Terraform writes a configuration with the alarms of a plan, in Terraform's JSON
// syntax: its quoting is that of JSON, so that no name can break it, but for the
// two sequences that begin a template, which are escaped. What an escape would
// make of them behind one more $ or % differs between versions, so that is an
// error. The same plan gives the same bytes.
func Terraform(s Settings, p Plan) ([]byte, error) {
	var f tfFile
	f.Comment = plain("Alarms of the Loadline scenario "+s.Scenario, textMarks)
	f.Resource.Alarms = map[string]tfAlarm{}
	for _, a := range p.Alarms {
		row := tfAlarm{
			Name: literal(a.Name), Description: literal(a.Description), Enabled: !a.Disabled, Actions: literals(a.Actions), OKActions: literals(a.OKActions),
			Comparison: a.Comparison(), Threshold: a.Threshold, Periods: a.Periods, Breaching: a.Breaching, Missing: a.Missing,
			Queries: []tfQuery{{ID: plugins.AlarmResult, Expression: literal(a.Expression), Label: literal(a.Label), Return: true}},
			Tags:    map[string]string{},
		}
		for _, q := range a.Queries {
			out := tfQuery{ID: q.ID, Expression: literal(q.Expression)}
			if q.Expression == "" {
				out.Metric = &tfMetric{
					Namespace: plugins.AlarmNamespace, Name: literal(q.Metric), Dimensions: map[string]string{plugins.AlarmDimension: literal(q.ModelID)},
					Period: int(q.Period.Seconds()), Stat: plugins.AlarmStatistic,
				}
			}
			row.Queries = append(row.Queries, out)
		}
		for key, value := range s.Tags() {
			row.Tags[literal(key)] = literal(value)
		}
		id := unique(underscored(a.Name), func(id string) bool { _, taken := f.Resource.Alarms[id]; return taken })
		f.Resource.Alarms[id] = row
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return nil, fmt.Errorf("write the Terraform configuration: %w", err)
	}
	for _, odd := range []string{"$$${", "%%%{"} {
		if i := bytes.Index(b.Bytes(), []byte(odd)); i >= 0 {
			return nil, fmt.Errorf("write the Terraform configuration: a text has %s, which cannot be written: %.80q", odd[1:], b.Bytes()[i:])
		}
	}
	return b.Bytes(), nil
}

// literal keeps Terraform from reading a template into a text.
var literal = strings.NewReplacer("${", "$${", "%{", "%%{").Replace

func literals(texts []string) (out []string) {
	for _, t := range texts {
		out = append(out, literal(t))
	}
	return out
}

// underscored makes the name of a resource: letters and digits of ASCII, and _.
func underscored(name string) string {
	out := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return '_'
		}
		return r
	}, name)
	if out == "" || unicode.IsDigit(rune(out[0])) {
		return "_" + out
	}
	return out
}
