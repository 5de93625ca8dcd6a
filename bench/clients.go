package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

//go:embed peers/k6.js
var k6Script string

//go:embed peers/boto3_loop.py
var boto3Script string

// client is a program to run against the server.
type client struct {
	args, env []string
	stdin     string
}

// scenario is a run of Loadline with one load step.
type scenario struct {
	api      string // invoke or converse-stream
	ramp     string
	inFlight int // 0: what the language has by default
	sdk      bool
}

// loadline runs a scenario as a user would: planned, signed, journalled, folded
// and reported.
func (b *bench) loadline(s scenario) client {
	limit := ""
	if s.inFlight > 0 {
		limit = fmt.Sprintf(", max_in_flight: %d", s.inFlight)
	}
	file := filepath.Join(b.dir, "scenario.yaml")
	b.write(file, fmt.Sprintf(`version: 1
name: bench
region: us-east-1
models: {nova: "amazon.nova-lite-v1:0"}
request: {api: %s}
budget: {requests: 20M}
steps: [{load: {name: load, ramp: %s%s}}]
report: {formats: [json]}
`, s.api, s.ramp, limit))
	args := []string{b.tool, "run", "--yes", "--out", b.runDir()}
	if s.sdk {
		args = append(args, "--transport", "sdk")
	}
	return client{args: append(args, file), env: b.awsEnv()}
}

func (b *bench) runDir() string { return filepath.Join(b.dir, "run") }

// awsEnv leads an AWS client to the server, whatever else is set.
func (b *bench) awsEnv() []string {
	return []string{"AWS_ENDPOINT_URL=http://" + b.server.at, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDBENCH", "AWS_SECRET_ACCESS_KEY=bench",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true", "XDG_CACHE_HOME=" + b.dir}
}

// record is the part of run.json that is read here.
type record struct {
	Totals struct {
		Load struct {
			Latency struct {
				P90 float64 `json:"p90"`
				P99 float64 `json:"p99"`
			} `json:"latency_ms"`
		} `json:"load"`
	} `json:"totals"`
	Steps []struct {
		Load struct {
			Planned, Sent, Dropped int
			Outcomes               map[string]int
			Sick                   string
		}
	}
}

// ran is what Loadline left of its last run.
func (b *bench) ran() (r record, err error) {
	data, err := os.ReadFile(filepath.Join(b.runDir(), "run.json"))
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err == nil && len(r.Steps) != 1 {
		err = fmt.Errorf("%s has %d steps", b.runDir(), len(r.Steps))
	}
	return r, err
}

// run measures a run of a scenario, and reads what it left.
func (b *bench) run(s scenario, how url.Values, rate int) (used, record, error) {
	u, err := b.server.measure(b.loadline(s), how, rate)
	if err != nil {
		return used{}, record{}, err
	}
	r, err := b.ran()
	return u, r, err
}

// sdk is the bare loop. gogc is how much garbage it may make: 100 is Go's
// default, 400 what Loadline allows itself.
func (b *bench) sdk(api string, workers int, seconds float64, gogc int) client {
	return client{args: []string{b.loop, api, strconv.Itoa(workers), fmt.Sprintf("%gs", seconds)}, env: append(b.awsEnv(), fmt.Sprintf("GOGC=%d", gogc))}
}

// sdkLoops are the bare loop in both ways.
func (b *bench) sdkLoops(api string) []contestant {
	return []contestant{
		{name: "sdk loop", client: func() client { return b.sdk(api, cpuWorkers, cpuSeconds, 100) }},
		{name: "sdk loop, GOGC=400", client: func() client { return b.sdk(api, cpuWorkers, cpuSeconds, 400) }},
	}
}

// k6 runs a scenario of k6: an executor with its options.
func (b *bench) k6(options string) client {
	file := filepath.Join(b.dir, "k6.js")
	b.write(file, k6Script)
	return client{args: []string{b.peer("k6"), "run", "--quiet", "--no-usage-report", "--address", "127.0.0.1:0", "--summary-export", b.summary(), file},
		env: []string{"SCENARIO=" + options, "TARGET=" + b.server.invokeURL(), "BODY=" + body}}
}

func (b *bench) summary() string { return filepath.Join(b.dir, "k6.json") }

// k6Closed has so many workers in a closed loop; k6Open an open loop.
func (b *bench) k6Closed(workers int, seconds float64) client {
	return b.k6(fmt.Sprintf(`{"executor":"constant-vus","vus":%d,"duration":"%gs"}`, workers, seconds))
}

func (b *bench) k6Open(rate int, seconds float64, users, most int) client {
	return b.k6(fmt.Sprintf(`{"executor":"constant-arrival-rate","rate":%d,"timeUnit":"1s","duration":"%gs","preAllocatedVUs":%d,"maxVUs":%d}`, rate, seconds, users, most))
}

func (b *bench) vegetaRun(rate, workers int, seconds float64) client {
	file := filepath.Join(b.dir, "body.json")
	b.write(file, body)
	args := []string{b.vegeta, "attack", "-output", os.DevNull, "-body", file, "-header", "Content-Type: application/json", "-duration", fmt.Sprintf("%gs", seconds), "-rate", strconv.Itoa(rate)}
	if rate == 0 {
		args = append(args, "-workers", strconv.Itoa(workers), "-max-workers", strconv.Itoa(workers))
	}
	return client{args: args, stdin: "POST " + b.server.invokeURL() + "\n"}
}

// fortio and hey take a rate of 0 for none.
func (b *bench) fortio(rate, workers int, seconds float64) client {
	return client{args: []string{b.peer("fortio"), "load", "-quiet", "-json", "-", "-a=false", "-p", "90,99", "-qps", strconv.Itoa(rate), "-c", strconv.Itoa(workers),
		"-t", fmt.Sprintf("%gs", seconds), "-timeout", "60s", "-payload", body, "-content-type", "application/json", b.server.invokeURL()}}
}

func (b *bench) hey(rate, workers int, seconds float64) client {
	args := []string{b.peer("hey"), "-m", "POST", "-T", "application/json", "-d", body, "-t", "60", "-c", strconv.Itoa(workers), "-z", fmt.Sprintf("%gs", seconds)}
	if rate > 0 {
		args = append(args, "-q", strconv.FormatFloat(float64(rate)/float64(workers), 'g', -1, 64))
	}
	return client{args: append(args, b.server.invokeURL())}
}

// artillery has new users at a rate; it has no closed loop that is bounded by
// time.
func (b *bench) artillery(rate int, seconds float64) client {
	file := filepath.Join(b.dir, "artillery.json")
	b.write(file, fmt.Sprintf(`{"config":{"target":"http://%s","phases":[{"duration":%g,"arrivalRate":%d}]},"scenarios":[{"flow":[{"post":{"url":"/model/amazon.nova-lite-v1:0/invoke","json":%s}}]}]}`,
		b.server.at, seconds, rate, body))
	return client{args: []string{b.artilleryProgram(), "run", "--quiet", file}, env: []string{"ARTILLERY_DISABLE_TELEMETRY=true"}}
}

func (b *bench) boto3(workers int, seconds float64) client {
	file := filepath.Join(b.dir, "boto3_loop.py")
	b.write(file, boto3Script)
	return client{args: []string{"python3", file, strconv.Itoa(workers), fmt.Sprint(seconds)}, env: b.awsEnv(), stdin: body}
}
