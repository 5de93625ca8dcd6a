package sim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// A token opens the list that it was made for, whole and unchanged.
func TestPageTokens(t *testing.T) {
	token := pageToken("a list", 12)
	if at, ok := openToken("a list", token); at != 12 || !ok {
		t.Errorf("the token opens at %d, %t; want 12", at, ok)
	}
	raw, _ := base64.StdEncoding.DecodeString(token)
	for name, wrong := range map[string]string{
		"made up":       "x",
		"not a token":   base64.StdEncoding.EncodeToString([]byte("12")),
		"longer":        base64.StdEncoding.EncodeToString(append(raw, "00"...)),
		"with a sign":   base64.StdEncoding.EncodeToString(append([]byte("+"), raw...)),
		"with a zero":   base64.StdEncoding.EncodeToString(append([]byte("0"), raw...)),
		"another place": pageToken("a list", 13)[:4] + token[4:],
		"another list":  pageToken("another list", 12),
		"negative":      pageToken("a list", -1),
	} {
		if at, ok := openToken("a list", wrong); ok {
			t.Errorf("a token that is %s opens at %d", name, at)
		}
	}
}

// A token of GetMetricData belongs to its queries: with others it is refused.
func TestMetricDataTokenBelongsToItsQueries(t *testing.T) {
	s := New(mustParse(t, "models: [{id: anthropic.a}, {id: anthropic.b}]\ntraffic: [{model: anthropic.a, rpm: 10}, {model: anthropic.b, rpm: 10}]"))
	end := time.Now().Truncate(time.Minute)
	ask := func(model, stat, more string) *recorder {
		return send(s, "POST", "/", fmt.Sprintf(`{"StartTime":%d,"EndTime":%d,%s"MetricDataQueries":[{"Id":"a","MetricStat":{"Period":60,"Stat":%q,
			"Metric":{"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":%q}]}}}]}`,
			end.Add(-time.Hour).Unix(), end.Unix(), more, stat, model), "X-Amz-Target", cloudWatch.target+".GetMetricData")
	}
	var first struct{ NextToken string }
	readJSON(t, ask("anthropic.a", "Sum", `"MaxDatapoints":10,`), &first)
	next := fmt.Sprintf(`"NextToken":%q,`, first.NextToken)
	if w := ask("anthropic.a", "Sum", next+`"MaxDatapoints":20,`); w.status != 200 {
		t.Errorf("the next page = %d %s", w.status, &w.body)
	}
	for name, w := range map[string]*recorder{
		"another model":     ask("anthropic.b", "Sum", next),
		"another statistic": ask("anthropic.a", "Maximum", next),
		"another order":     ask("anthropic.a", "Sum", next+`"ScanBy":"TimestampAscending",`),
	} {
		if w.status != 400 || w.header.Get("X-Amzn-Errortype") != "InvalidNextToken" {
			t.Errorf("%s = %d %.200s; want an InvalidNextToken", name, w.status, &w.body)
		}
	}
}

func readJSON(t *testing.T, w *recorder, into any) {
	t.Helper()
	if err := json.Unmarshal(w.body.Bytes(), into); err != nil || w.status != 200 {
		t.Fatalf("%d %s: %v", w.status, &w.body, err)
	}
}
