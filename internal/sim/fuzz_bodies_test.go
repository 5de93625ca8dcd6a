package sim

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whatever the body, a call is answered, in JSON or as an event stream, or
// refused as a mistake of its caller; and it is counted once. Every family has a
// model here.
func FuzzRuntimeBodies(f *testing.F) {
	account := "models:\n"
	var ids []string
	for i, family := range families {
		id, body := goodBody(family.name)
		if id == "" {
			id, body = family.prefixes[0]+"-v1:0", `{"prompt":"hi"}`
		}
		ids = append(ids, id)
		account += "  - {id: \"" + id + "\", latency: {first_token: 0s, per_token: 0s}, output_tokens: {mean: 3}, streaming: true}\n"
		for op := range 4 {
			f.Add(uint8(i), uint8(op), body)
		}
		f.Add(uint8(i), uint8(1), `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`)
	}
	f.Fuzz(func(t *testing.T, model, op uint8, body string) {
		id := ids[int(model)%len(ids)]
		operation := []string{"invoke", "converse", "invoke-with-response-stream", "converse-stream"}[op%4]
		s := New(mustParse(t, account))
		w := send(s, "POST", "/model/"+strings.ReplaceAll(id, ":", "%3A")+"/"+operation, body)
		code, _, _ := strings.Cut(w.header.Get("X-Amzn-Errortype"), ":")
		switch {
		case w.status == 200 && strings.Contains(operation, "stream"):
		case w.status == 200 && json.Valid(w.body.Bytes()):
		case w.status == 400 && code == "ValidationException" && json.Valid(w.body.Bytes()):
		default:
			t.Errorf("%s of %s: %d %s %s", operation, id, w.status, code, &w.body)
		}
		if n := s.Counts().Models[id].Attempts; n != 1 {
			t.Errorf("%s of %s is counted %d times", operation, id, n)
		}
	})
}

// Whatever a JSON service is sent, it answers in JSON, and a mistake is the
// caller's.
func FuzzTargetBodies(f *testing.F) {
	var operations []string
	for _, api := range APIs {
		service, op, _ := strings.Cut(api.Operation, ".")
		if prefix := map[string]string{"servicequotas": serviceQuotas.target, "cloudwatch": cloudWatch.target, "pricing": priceList.target}[service]; prefix != "" {
			operations = append(operations, prefix+"."+op)
		}
	}
	for i := range operations {
		f.Add(uint8(i), `{"ServiceCode":"bedrock","QuotaCode":"L-1","MaxResults":1,"DesiredValue":2}`)
		f.Add(uint8(i), `{"Namespace":"AWS/Bedrock","MetricName":"Invocations","StartTime":1,"EndTime":2e3,"Period":60,"Statistics":["Sum"],"AlarmName":"a"}`)
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		target := operations[int(which)%len(operations)]
		s := New(mustParse(t, "quotas: [{code: L-1, name: one, value: 1, adjustable: true}]\nmodels: [{id: a.b, price: {input: 1, output: 2}}]"))
		kind := "application/x-amz-json-1.1"
		if strings.HasPrefix(target, cloudWatch.target) {
			kind = cloudWatch.json
		}
		w := send(s, "POST", "/", body, "X-Amz-Target", target, "Content-Type", kind)
		if w.status >= 500 || w.body.Len() > 0 && !json.Valid(w.body.Bytes()) {
			t.Errorf("%s: %d %s", target, w.status, &w.body)
		}
	})
}
