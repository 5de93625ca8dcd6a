package sim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// goodBody is a body that the family of a model takes.
func goodBody(family string) (model, body string) {
	for _, test := range append(slices.Clone(nativeCases), nativeCasesWithoutText...) {
		if test.family == family {
			return test.model, test.body
		}
	}
	return "", ""
}

// What a family does not do is refused: Converse of what is no text, streams of
// what has none, token counts of what has no tokens, and InvokeModel of what other
// operations invoke.
func TestOperationsOfFamilies(t *testing.T) {
	const converse = `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`
	const noStream, noConverse, noCount = "unsupported for streaming", "supported text or chat model", "doesn't support counting tokens"
	for _, f := range families {
		model, body := goodBody(f.name)
		if f.instead != "" {
			model, body = f.prefixes[0]+"-v1:0", `{"prompt":"hi"}`
		}
		count := `{"input":{"invokeModel":{"body":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}}}`
		wants := map[string]string{"invoke": "", "invoke-with-response-stream": "", "converse": "", "converse-stream": "", "count-tokens": ""}
		if f.stream == nil || f.unstreamed {
			wants["invoke-with-response-stream"], wants["converse-stream"] = noStream, noStream
		}
		if f.yields != yieldsText || f.noConverse {
			wants["converse"], wants["converse-stream"], wants["count-tokens"] = noConverse, noConverse, noCount
		}
		if f.instead != "" {
			wants["invoke"] = "Use " + f.instead
		}
		for operation, want := range wants {
			sent := body
			switch operation {
			case "converse", "converse-stream":
				sent = converse
			case "count-tokens":
				sent = count
			case "invoke-with-response-stream":
				sent = strings.Replace(body, `"stream":false`, `"stream":true`, 1)
			}
			s := New(mustParse(t, fmt.Sprintf("models: [{id: %q, latency: {first_token: 0s, per_token: 0s}}]", model)))
			w := send(s, "POST", "/model/"+strings.ReplaceAll(model, ":", "%3A")+"/"+operation, sent)
			refused := strings.HasPrefix(w.header.Get("X-Amzn-Errortype"), "ValidationException")
			if want == "" && w.status != 200 || want != "" && (w.status != 400 || !refused || !strings.Contains(w.body.String(), want)) {
				t.Errorf("%s of %s = %d %.300s; want %q", operation, f.name, w.status, &w.body, want)
			}
		}
	}
}

// A family refuses the bodies of others. Those with a form that another has too
// are listed: no service could tell them apart.
func TestBodiesOfOtherFamilies(t *testing.T) {
	alike := [][]string{
		{"chat", "jamba", "mistral-chat", "gpt-oss", "palmyra"}, {"llama", "llama4"}, {"titan-embed", "titan-embed-v2", "titan-embed-image", "titan-text", "titan-text-lite", "titan-text-premier"},
		{"mistral-7b", "mixtral", "mistral-text", "deepseek-r1", "command", "gpt-oss"}, {"cohere-embed-v3", "cohere-embed-v4"},
		{"cohere-rerank", "amazon-rerank"},
	}
	refused := 0
	for _, of := range families {
		_, body := goodBody(of.name)
		for _, to := range families {
			same := of.name == to.name || slices.ContainsFunc(alike, func(a []string) bool { return slices.Contains(a, of.name) && slices.Contains(a, to.name) })
			_, bad := to.parse([]byte(body))
			if bad != nil {
				refused++
			}
			if body != "" && bad == nil && !same {
				t.Errorf("%s takes the body of %s: %s", to.name, of.name, body)
			}
		}
	}
	if refused < 800 {
		t.Errorf("%d bodies were refused; want most of %d", refused, len(families)*len(families))
	}
}

// What is reserved: input and the limit of the output; the limit that is
// documented for a body without one, and else the model's maximum; where no tokens
// come out the input alone, and nothing of what is not counted.
func TestReservations(t *testing.T) {
	const maximum = 3000
	for _, test := range []struct {
		model, body string
		want        int64
	}{
		{"anthropic.claude-3-haiku-20240307-v1:0", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":70,` + chatMessages + `}`, 73},
		{"amazon.nova-lite-v1:0", `{"messages":[{"role":"user","content":[{"text":"hello there"}]}]}`, 3 + maximum},
		{"amazon.nova-lite-v1:0", `{"messages":[{"role":"user","content":[{"text":"hello there"}]}],"inferenceConfig":{"max_new_tokens":9}}`, 12},
		{"amazon.titan-text-lite-v1", `{"inputText":"hello there"}`, 515},
		{"meta.llama3-8b-instruct-v1:0", `{"prompt":"hello there"}`, 515},
		{"mistral.mixtral-8x7b-instruct-v0:1", `{"prompt":"hello there"}`, 515},
		{"mistral.mistral-large-2402-v1:0", `{"prompt":"hello there"}`, 3 + maximum}, // 8192, but this model has less
		{"mistral.mistral-large-2402-v1:0", `{"prompt":"hello there","max_tokens":8000}`, 8003},
		{"ai21.j2-mid-v1", `{"prompt":"hello there"}`, 203},
		{"cohere.command-text-v14", `{"prompt":"hello there"}`, 23},
		{"writer.palmyra-x4-v1:0", `{` + chatMessages + `}`, 19},
		{"openai.gpt-oss-20b-1:0", `{` + chatMessages + `,"max_tokens":5,"max_completion_tokens":50}`, 53},
		{"qwen.qwen3-32b-v1:0", `{` + chatMessages + `,"max_tokens":5}`, 8},
		{"zai.glm-5", `{` + chatMessages + `}`, 3 + maximum},
		{"twelvelabs.pegasus-1-2-v1:0", `{"inputPrompt":"hello there","mediaSource":{"base64String":"x"},"maxOutputTokens":40}`, 43},
		{"amazon.titan-embed-text-v2:0", `{"inputText":"hello there"}`, 3},
		{"cohere.embed-v4:0", `{"texts":["hello there","hello"],"input_type":"search_query","max_tokens":500}`, 4},
		{"cohere.rerank-v3-5:0", `{"query":"a","documents":["b"],"api_version":2}`, 0},
		{"stability.sd3-5-large-v1:0", `{"prompt":"a ship"}`, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			for _, room := range []int64{test.want, test.want - 1} {
				if room <= 0 {
					continue // 0 is no limit
				}
				c := newClients(t, fmt.Sprintf("models: [{id: %q, max_output: %d, limits: {tpm: %d, tpd: 1M}}]", test.model, maximum, room))
				_, err := c.runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: &test.model, Body: []byte(test.body)})
				var throttled *types.ThrottlingException
				if fits := room == test.want; fits && err != nil || !fits && !errors.As(err, &throttled) {
					t.Errorf("%s with %s into %d tokens: %v; it reserves %d", test.model, test.body, room, err, test.want)
				}
			}
			a, bad := familyOf(test.model).parse([]byte(test.body))
			if got := a.inputTokens() + a.outputLimit(&model{maxOutput: maximum}); bad != nil || got != test.want {
				t.Errorf("%s with %s reserves %d, %v; want %d", test.model, test.body, got, bad, test.want)
			}
		})
	}
}

func invoked(t *testing.T, c clients, model, body string, into any) {
	t.Helper()
	out, err := c.runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: &model, Body: []byte(body)})
	if err == nil {
		err = json.Unmarshal(out.Body, into)
	}
	if err != nil {
		t.Fatalf("%s with %s: %v", model, body, err)
	}
}

// A vector has the length 1; the same text has the same one, whatever else
// happens, and another text, model or seed another.
func TestVectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const v1, v2, cohere = "amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"
		account := func(seed int) clients {
			return newClients(t, fmt.Sprintf("seed: %d\nmodels: [{id: %q}, {id: %q}, {id: %q}]", seed, v1, v2, cohere))
		}
		c := account(1)
		embed := func(c clients, model, text string) []float64 {
			var reply struct{ Embedding []float64 }
			invoked(t, c, model, `{"inputText":"`+text+`"}`, &reply)
			return reply.Embedding
		}
		ship := embed(c, v2, "a ship")
		dot := func(x, y []float64) (sum float64) {
			for i := range x {
				sum += x[i] * y[i]
			}
			return sum
		}
		if got := dot(ship, ship); math.Abs(got-1) > 1e-6 || len(ship) != 1024 {
			t.Errorf("%d dimensions of the length² %v; want 1024 and 1", len(ship), got)
		}
		for name, other := range map[string][]float64{"text": embed(c, v2, "a loaf"), "seed": embed(account(2), v2, "a ship"), "model": embed(c, v1, "a ship")[:1024]} {
			if got := math.Abs(dot(ship, other)); got > 0.2 {
				t.Errorf("the vectors of another %s are alike: %v", name, got)
			}
		}
		if again := embed(c, v2, "a ship"); !slices.Equal(again, ship) {
			t.Error("the same text had another vector")
		}
		var types struct {
			Embeddings struct {
				Float                        [][]float64
				Int8, Uint8, Binary, Ubinary [][]int
			}
		}
		invoked(t, c, cohere, `{"texts":["a","b"],"input_type":"clustering","embedding_types":["float","int8","uint8","binary","ubinary"]}`, &types)
		e := types.Embeddings
		for i, f := range e.Float[1] {
			if bit := e.Ubinary[1][i/8]>>(i%8)&1 == 1; (f > 0) != bit || (e.Int8[1][i] > 0) != bit || (e.Uint8[1][i] > 128) != bit || int8(e.Ubinary[1][i/8]) != int8(e.Binary[1][i/8]) {
				t.Fatalf("dimension %d is %v, %d, %d, and %d in binary", i, f, e.Int8[1][i], e.Uint8[1][i], e.Ubinary[1][i/8])
			}
		}
		if slices.Equal(e.Float[0], e.Float[1]) {
			t.Error("two texts have one vector")
		}
	})
}

func TestRanks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClients(t, `models: [{id: "cohere.rerank-v3-5:0"}]`)
		var reply struct {
			Results []struct {
				Index int
				Score float64 `json:"relevance_score"`
			}
		}
		body := `{"query":"ships","documents":["keel","oar","mast","rope"],"api_version":2`
		invoked(t, c, "cohere.rerank-v3-5:0", body+`}`, &reply)
		all := slices.Clone(reply.Results)
		var seen []int
		for i, r := range all {
			seen = append(seen, r.Index)
			if r.Score < 0 || r.Score > 1 || i > 0 && r.Score > all[i-1].Score {
				t.Errorf("the ranks are %+v; want scores from 1 down to 0", all)
			}
		}
		if slices.Sort(seen); !slices.Equal(seen, []int{0, 1, 2, 3}) {
			t.Errorf("the documents %v are ranked; want all four", seen)
		}
		invoked(t, c, "cohere.rerank-v3-5:0", body+`,"top_n":2}`, &reply)
		if !slices.Equal(reply.Results, all[:2]) {
			t.Errorf("the first two are %+v; want %+v", reply.Results, all[:2])
		}
		if m := c.server.Counts().Models["cohere.rerank-v3-5:0"]; m.OK != 2 || m.InputTokens != 0 || m.OutputTokens != 0 {
			t.Errorf("counts = %+v; want no tokens", m)
		}
	})
}

// Images are images, and CloudWatch counts them, by model and by size and steps;
// nothing counts tokens that there are not.
func TestImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const canvas, sdxl, sd3 = "amazon.nova-canvas-v1:0", "stability.stable-diffusion-xl-v1", "stability.sd3-5-large-v1:0"
		c := newClients(t, fmt.Sprintf("models: [{id: %q}, {id: %q}, {id: %q}, {id: %q}]", canvas, sdxl, sd3, "amazon.titan-embed-text-v1"))
		began := time.Now()
		format := func(encoded string) string {
			_, name, err := image.DecodeConfig(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
			if err != nil {
				t.Errorf("the image %q: %v", encoded, err)
			}
			return name
		}
		var reply struct {
			Images    []string
			Artifacts []struct{ Base64 string }
		}
		invoked(t, c, canvas, `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a"},"imageGenerationConfig":{"numberOfImages":3,"width":512,"height":768}}`, &reply)
		invoked(t, c, canvas, `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a"}}`, &reply)
		if len(reply.Images) != 1 || format(reply.Images[0]) != "png" {
			t.Errorf("Canvas painted %+v", reply)
		}
		invoked(t, c, sdxl, `{"text_prompts":[{"text":"a"}],"steps":51}`, &reply)
		if format(reply.Artifacts[0].Base64) != "png" {
			t.Errorf("SDXL painted %+v", reply)
		}
		invoked(t, c, sd3, `{"prompt":"a","output_format":"jpeg"}`, &reply)
		if format(reply.Images[0]) != "jpeg" {
			t.Errorf("Stable Diffusion painted %+v", reply)
		}
		invoked(t, c, "amazon.titan-embed-text-v1", `{"inputText":"hello there"}`, &struct{}{})
		sum := func(metric string, dimensions ...string) string {
			m := &cwtypes.Metric{Namespace: aws.String("AWS/Bedrock"), MetricName: &metric}
			for i := 0; i < len(dimensions); i += 2 {
				m.Dimensions = append(m.Dimensions, cwtypes.Dimension{Name: &dimensions[i], Value: &dimensions[i+1]})
			}
			out, err := c.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{StartTime: &began, EndTime: aws.Time(began.Add(time.Hour)),
				MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("q"), MetricStat: &cwtypes.MetricStat{Metric: m, Period: aws.Int32(3600), Stat: aws.String("Sum")}}}})
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(out.MetricDataResults[0].Values)
		}
		for _, test := range []struct {
			got, want string
		}{
			{sum("OutputImageCount", "ModelId", canvas), "[4]"},
			{sum("OutputImageCount", "ModelId", canvas, "ImageSize", "512x768", "BucketedStepSize", "50"), "[3]"},
			{sum("OutputImageCount", "BucketedStepSize", "50", "ImageSize", "1024x1024", "ModelId", canvas), "[1]"},
			{sum("OutputImageCount", "ModelId", sdxl, "ImageSize", "1024x1024", "BucketedStepSize", "150"), "[1]"},
			{sum("OutputImageCount", "ModelId", canvas, "ImageSize", "512x768"), "[]"},
			{sum("OutputImageCount", "ModelId", canvas, "ModelId", canvas, "ImageSize", "512x768"), "[]"},
			{sum("Invocations", "ModelId", canvas), "[2]"},
			{sum("Invocations", "ModelId", canvas, "ImageSize", "512x768", "BucketedStepSize", "50"), "[]"},
			{sum("InputTokenCount", "ModelId", canvas) + sum("OutputTokenCount", "ModelId", canvas) + sum("EstimatedTPMQuotaUsage", "ModelId", canvas), "[][][]"},
			{sum("InputTokenCount", "ModelId", "amazon.titan-embed-text-v1") + sum("OutputTokenCount", "ModelId", "amazon.titan-embed-text-v1"), "[3][]"},
			{sum("EstimatedTPMQuotaUsage", "ModelId", "amazon.titan-embed-text-v1") + sum("OutputImageCount", "ModelId", "amazon.titan-embed-text-v1"), "[3][]"},
		} {
			if test.got != test.want {
				t.Errorf("CloudWatch has %s; want %s", test.got, test.want)
			}
		}
		list, err := c.metrics.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{MetricName: aws.String("OutputImageCount"),
			Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("ModelId"), Value: aws.String(canvas)}, {Name: aws.String("ImageSize")}}})
		if err != nil || len(list.Metrics) != 2 || len(list.Metrics[0].Dimensions) != 3 || *list.Metrics[0].Dimensions[2].Value != "1024x1024" {
			t.Errorf("ListMetrics = %+v, %v; want the two sizes", list, err)
		}
		if st := c.server.State().Models[0]; st.Model != canvas || st.OutputImages != 4 {
			t.Errorf("the state says %+v; want 4 images", st)
		}
		if m := c.server.Counts().Models[canvas]; m.OutputImages != 4 || m.InputTokens != 0 {
			t.Errorf("counts = %+v; want 4 images", m)
		}
	})
}

// The account file decides what AWS leaves open: streams of Llama 4, headers of
// AI21; other families have defaults of their own.
func TestWhatTheFileSaysOfAFamily(t *testing.T) {
	a := mustParse(t, `
models:
  - {id: meta.llama4-a}
  - {id: meta.llama4-b, streaming: true}
  - {id: ai21.jamba-a}
  - {id: ai21.jamba-b, token_headers: true}
  - {id: amazon.titan-embed-text-v1}
  - {id: cohere.rerank-v3-5, streaming: true}
  - {id: amazon.nova-canvas-v1}
`)
	for i, want := range []string{"false true TEXT", "true true TEXT", "true false TEXT", "true true TEXT", "false true EMBEDDING", "false true TEXT", "false true IMAGE"} {
		m := a.models[i]
		if got := fmt.Sprint(m.streams() == nil, " ", m.tokenHeaders, " ", m.modalities[0]); got != want {
			t.Errorf("%s: streams, headers and modality = %s; want %s", m.id, got, want)
		}
	}
}

// Background traffic has the tokens that its model has.
func TestBackgroundOfFamilies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(mustParse(t, `
models: [{id: cohere.embed-v4}, {id: stability.sd3-a}, {id: cohere.rerank-v3}]
traffic: [{model: cohere.embed-v4, rpm: 10}, {model: stability.sd3-a, rpm: 10}, {model: cohere.rerank-v3, rpm: 10, output_tokens: 5}]
`))
		for id, want := range map[string]string{"cohere.embed-v4": "10 2000 0 2000 0", "stability.sd3-a": "10 0 0 0 10", "cohere.rerank-v3": "10 0 0 0 0"} {
			h := s.background[id][0].reader()
			minute := minuteOf(time.Now()) - 60
			var got []float64
			for _, m := range []metric{invocations, inputTokens, outputTokens, quotaUsage, outputImages} {
				got = append(got, h.over(minute, minute+1, m).sum)
			}
			if said := strings.Trim(fmt.Sprint(got), "[]"); said != want {
				t.Errorf("a minute of %s has %s; want %s", id, said, want)
			}
		}
	})
}
