package sim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// discard is a ResponseWriter that keeps the headers only.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

func benchInvoke(b *testing.B, account, path, body string, status int) {
	s := New(mustParse(b, account))
	r, err := http.NewRequest("POST", "http://sim.invalid"+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	reader := strings.NewReader(body)
	r.Body = io.NopCloser(reader)
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		reader.Reset(body)
		w := &discard{header: make(http.Header, 8)}
		s.ServeHTTP(w, r)
		if w.status != status {
			b.Fatalf("status %d", w.status)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(float64(b.N)/(processorTime(b)-before).Seconds(), "req/core-s")
}

const instant = "models: [{id: anthropic.a, latency: {first_token: 0s, per_token: 0s}, limits: {rpm: 1G, tpm: 1000G, algorithm: %s}}]"

func BenchmarkInvokeModel(b *testing.B) {
	for _, algorithm := range []string{"bucket", "fixed"} {
		b.Run(algorithm, func(b *testing.B) {
			benchInvoke(b, fmt.Sprintf(instant, algorithm), "/model/anthropic.a/invoke", simpleBody, 200)
		})
	}
}

// Replies of the families that write more than a text: vectors of the dimensions
// that they have by default, ranks and an image.
func BenchmarkInvokeFamilies(b *testing.B) {
	for _, name := range []string{"nova", "llama", "chat", "titan-embed", "titan-embed-v2", "titan-embed-image", "nova-embed", "cohere-embed-v3", "cohere-embed-v4", "marengo", "cohere-rerank", "amazon-image"} {
		model, body := goodBody(name)
		b.Run(name, func(b *testing.B) {
			account := fmt.Sprintf("models: [{id: %q, latency: {first_token: 0s, per_token: 0s}, limits: {rpm: 1G}}]", model)
			benchInvoke(b, account, "/model/"+strings.ReplaceAll(model, ":", "%3A")+"/invoke", body, 200)
		})
	}
}

func BenchmarkConverse(b *testing.B) {
	body := `{"messages":[{"role":"user","content":[{"text":"Summarize this in one sentence: AWS provides cloud computing services."}]}],"inferenceConfig":{"maxTokens":50}}`
	benchInvoke(b, fmt.Sprintf(instant, "bucket"), "/model/anthropic.a/converse", body, 200)
}

// The minutes of series out of background traffic: a day of the metrics of six
// models, and the first of the hundred pages that 15 days of 500 models have.
func BenchmarkGetMetricData(b *testing.B) {
	b.Run("6 models/1d", func(b *testing.B) { benchMetricData(b, 6, 24*time.Hour, metricNames[:]...) })
	b.Run("500 models/15d", func(b *testing.B) { benchMetricData(b, 500, 15*24*time.Hour-2*time.Minute, metricNames[invocations]) })
}

func benchMetricData(b *testing.B, models int, window time.Duration, metrics ...struct{ name, unit string }) {
	account, traffic := "models:\n", "traffic:\n"
	now := time.Now().Truncate(time.Minute)
	var queries []any
	for i := range models {
		account += fmt.Sprintf("  - {id: anthropic.m%d}\n", i)
		traffic += fmt.Sprintf("  - {model: anthropic.m%d, rpm: 10, peak: 100, throttled: 0.1}\n", i)
		for j, m := range metrics {
			queries = append(queries, object{"Id": fmt.Sprintf("q%d_%d", i, j), "MetricStat": object{
				"Period": 60, "Stat": "Sum", "Metric": object{"Namespace": "AWS/Bedrock", "MetricName": m.name,
					"Dimensions": []any{object{"Name": "ModelId", "Value": fmt.Sprintf("anthropic.m%d", i)}}},
			}})
		}
	}
	s := New(mustParse(b, account+traffic))
	body := encodeCBOR(object{"StartTime": now.Add(-window), "EndTime": now, "MetricDataQueries": queries})
	r, err := http.NewRequest("POST", "http://sim.invalid/service/GraniteServiceVersion20100801/operation/GetMetricData", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := &discard{header: http.Header{}}
		s.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatalf("status %d", w.status)
		}
	}
}

// An account with as many quotas and models as Bedrock has.
func BenchmarkParse(b *testing.B) {
	src := []byte(manyQuotas(1100) + "models:\n")
	for i := range 200 {
		src = fmt.Appendf(src, "  - {id: anthropic.m%d, name: Model %d, limits: {rpm: 60, tpm: 200k}}\n", i, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("account.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}

// The longest windows that CloudWatch keeps, of one series out of background
// traffic with a daily cycle, growth and weekends.
func BenchmarkHistory(b *testing.B) {
	s := New(mustParse(b, "models: [{id: anthropic.a}]\ntraffic: [{model: anthropic.a, rpm: 10, peak: 100, growth: 0.001, weekend: 0.3, throttled: 0.1}]"))
	now := time.Now().Truncate(time.Hour)
	for _, window := range []struct {
		name   string
		age    time.Duration
		period int
	}{
		{"15d/1m", 15*24*time.Hour - 2*time.Hour, 60}, {"63d/5m", 63*24*time.Hour - 2*time.Hour, 300}, {"455d/1h", 455*24*time.Hour - 2*time.Hour, 3600},
	} {
		for _, of := range [][2]string{{"Invocations", "Sum"}, {"InvocationLatency", "Average"}, {"InvocationLatency", "p99"}} {
			body := encodeCBOR(object{"StartTime": now.Add(-window.age), "EndTime": now, "MetricDataQueries": []any{object{
				"Id": "q", "MetricStat": object{"Period": window.period, "Stat": of[1], "Metric": object{
					"Namespace": "AWS/Bedrock", "MetricName": of[0], "Dimensions": []any{object{"Name": "ModelId", "Value": "anthropic.a"}},
				}},
			}}})
			b.Run(window.name+"/"+of[0]+"/"+of[1], func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					w := send(s, "POST", "/service/GraniteServiceVersion20100801/operation/GetMetricData", string(body))
					if w.status != 200 || w.body.Len() < 100_000 {
						b.Fatalf("status %d, %d bytes", w.status, w.body.Len())
					}
				}
			})
		}
	}
}
