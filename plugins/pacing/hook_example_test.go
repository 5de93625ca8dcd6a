package pacing_test

import (
	"expvar"
	"fmt"

	"github.com/loadline-dev/loadline/plugins/pacing"
)

// instruments are a counter and a histogram in the shape of OpenTelemetry's, which
// this example does not import: Int64Counter.Add and Float64Histogram.Record take a
// context before, and attributes as metric.WithAttributes(attribute.String(k, v)...).
type instruments struct {
	add    func(name string, n int64, attributes map[string]string)
	record func(name string, value float64, attributes map[string]string)
}

// of is a hook that feeds the instruments. Names and attributes are those of the
// semantic conventions for generative AI (gen_ai.*) and of errors where these have
// one; what only a paced client has stands under loadline.pacing.
//
//	Attempt.Model      gen_ai.request.model
//	Attempt.Operation  gen_ai.operation.name: chat for Converse and its stream, invoke_model else
//	Attempt.Class      error.type, where the attempt failed
//	Attempt.Waited     loadline.pacing.wait, a histogram in s
//	Attempt.Settled    loadline.pacing.tokens, a counter in {token}; not gen_ai.client.token.usage,
//	                   which counts tokens, and not those of the quota
func (i instruments) of(a pacing.Attempt) {
	operation := "invoke_model"
	if a.Operation == "Converse" || a.Operation == "ConverseStream" {
		operation = "chat"
	}
	attributes := map[string]string{"gen_ai.provider.name": "aws.bedrock", "gen_ai.operation.name": operation, "gen_ai.request.model": a.Model}
	i.record("loadline.pacing.wait", a.Waited.Seconds(), attributes)
	if a.Settled != nil {
		i.add("loadline.pacing.tokens", *a.Settled, attributes)
	}
	if a.Class != pacing.OK {
		attributes["error.type"] = string(a.Class)
	}
	i.add("loadline.pacing.attempts", 1, attributes)
}

// The hook feeds instruments, and a snapshot is a variable of expvar, which serves
// it as JSON at /debug/vars.
func Example_statistics() {
	meter := instruments{
		add: func(name string, n int64, attributes map[string]string) {
			fmt.Printf("%s %d %q\n", name, n, attributes["error.type"])
		},
		record: func(name string, value float64, _ map[string]string) { fmt.Println(name, value) },
	}
	pacer := pacing.New(pacing.Limits{
		Of:   []pacing.Limit{{Models: []string{"amazon.nova-lite-v1:0"}, RPM: 60, TPM: 1000}},
		Hook: meter.of,
	}, pacing.Policy{})
	expvar.Publish("pacing", expvar.Func(func() any { return pacer.Snapshot() }))

	// Clients made with pacer.Option tell it this of each attempt:
	settled := int64(62)
	meter.of(pacing.Attempt{Model: "amazon.nova-lite-v1:0", Operation: "Converse", Number: 1, Reserved: 52, Settled: &settled})
	meter.of(pacing.Attempt{Model: "amazon.nova-lite-v1:0", Operation: "Converse", Number: 1, Reserved: 52, Class: pacing.Throttle})
	// Output:
	// loadline.pacing.wait 0
	// loadline.pacing.tokens 62 ""
	// loadline.pacing.attempts 1 ""
	// loadline.pacing.wait 0
	// loadline.pacing.attempts 1 "throttle"
}
