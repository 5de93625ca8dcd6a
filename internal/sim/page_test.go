package sim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
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

// All pages together are what one page would be, whatever their size: with lists
// of series, answers without points, and queries that return nothing.
func TestMetricDataPagesOfAnySize(t *testing.T) {
	s := New(mustParse(t, "models: [{id: anthropic.a}, {id: anthropic.b}]\ntraffic: [{model: anthropic.a, rpm: 10}, {model: anthropic.b, rpm: 0.3}]"))
	end := time.Now().Truncate(time.Minute)
	stat := func(id, model, more string) string {
		return fmt.Sprintf(`{"Id":%[1]q,"Label":%[1]q%[2]s,"MetricStat":{"Period":60,"Stat":"Sum","Metric":{"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":%[3]q}]}}}`, id, more, model)
	}
	queries := []string{
		stat("a", "anthropic.a", ""), stat("none", "anthropic.none", ""), `{"Id":"all","Expression":"METRICS()"}`, stat("hidden", "anthropic.a", `,"ReturnData":false`),
		`{"Id":"no","Expression":"none * 2"}`, stat("b", "anthropic.b", ""), `{"Id":"twice","Expression":"a * 2"}`, stat("last", "anthropic.none", ""),
	}
	type reply struct {
		NextToken         string
		MetricDataResults []struct {
			ID         string `json:"Id"`
			Label      string
			StatusCode string
			Timestamps []float64
			Values     []float64
		}
	}
	read := func(size int, order string) (points map[string][]float64, pages int) {
		points = map[string][]float64{}
		for token := ""; ; pages++ {
			var page reply
			readJSON(t, send(s, "POST", "/", fmt.Sprintf(`{"StartTime":%d,"EndTime":%d,"ScanBy":%q,"MaxDatapoints":%d,"NextToken":%q,"MetricDataQueries":[%s]}`,
				end.Add(-20*time.Minute).Unix(), end.Unix(), order, size, token, strings.Join(queries, ",")), "X-Amz-Target", cloudWatch.target+".GetMetricData"), &page)
			got := 0
			for _, r := range page.MetricDataResults {
				name := r.ID + " " + r.Label
				if old, again := points[name]; again && (pages == 0 || len(old) > 0 && len(r.Values) == 0) {
					t.Errorf("pages of %d: %s is told again", size, name)
				}
				points[name] = append(append(points[name], r.Timestamps...), r.Values...)
				got += len(r.Values)
			}
			if got > size || page.NextToken != "" && got == 0 {
				t.Fatalf("pages of %d: page %d has %d points", size, pages+1, got)
			}
			if token = page.NextToken; token == "" {
				return points, pages + 1
			}
		}
	}
	for _, order := range []string{"TimestampAscending", "TimestampDescending"} {
		whole, _ := read(100_800, order)
		total := 0
		for _, p := range whole {
			total += len(p) / 2
		}
		for _, size := range []int{1, 2, 7, 19, 20, 21, 40, 60, 79, total - 1, total} {
			parts, pages := read(size, order)
			if want := (total + size - 1) / size; pages != want {
				t.Errorf("%d points on %d pages of %d; want %d", total, pages, size, want)
			}
			for name, want := range whole {
				if got := parts[name]; len(got) != len(want) || sum(got) != sum(want) {
					t.Errorf("pages of %d, %s: %s has %d numbers of the sum %v; want %d of %v", size, order, name, len(got), sum(got), len(want), sum(want))
				}
			}
		}
	}
}
