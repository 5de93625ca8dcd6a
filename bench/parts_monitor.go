package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed peers/boto3_metrics.py
var boto3Metrics string

// monitorModels times the series of each model are near 500.
const monitorModels = 17

// ownSeries are those that a monitor step reads of each model by itself, and
// moreSeries what it is asked for besides.
var (
	ownSeries = [][2]string{
		{"Invocations", "Sum"}, {"InvocationThrottles", "Sum"}, {"InvocationClientErrors", "Sum"}, {"InvocationServerErrors", "Sum"}, {"InputTokenCount", "Sum"}, {"OutputTokenCount", "Sum"},
		{"EstimatedTPMQuotaUsage", "Sum"}, {"CacheReadInputTokenCount", "Sum"}, {"CacheReadInputTokens", "Sum"}, {"CacheWriteInputTokenCount", "Sum"}, {"CacheWriteInputTokens", "Sum"},
		{"InvocationLatency", "p50"}, {"InvocationLatency", "p90"}, {"InvocationLatency", "p99"}, {"TimeToFirstToken", "p50"}, {"TimeToFirstToken", "p90"}, {"TimeToFirstToken", "p99"},
	}
	moreSeries = [][2]string{
		{"InputTokenCount", "SampleCount"}, {"InputTokenCount", "Average"}, {"InputTokenCount", "Minimum"}, {"InputTokenCount", "Maximum"},
		{"OutputTokenCount", "SampleCount"}, {"OutputTokenCount", "Average"}, {"OutputTokenCount", "Minimum"}, {"OutputTokenCount", "Maximum"},
		{"InvocationLatency", "SampleCount"}, {"InvocationLatency", "Average"}, {"InvocationLatency", "Minimum"}, {"InvocationLatency", "Maximum"},
	}
)

// simulated is a simulated account in a process of its own.
type simulated struct {
	at  string // its URL
	cmd *exec.Cmd
}

// simulate starts the account of some models, each of them used all day.
func (b *bench) simulate() (*simulated, []string, error) {
	var models []string
	account := "account: \"123456789012\"\nregion: us-east-1\nmodels:\n"
	traffic := "traffic:\n"
	for i := range monitorModels {
		id := fmt.Sprintf("amazon.nova-lite-v%d:0", i+1)
		models = append(models, id)
		account += fmt.Sprintf("  - {id: %q, name: Nova Lite %d, provider: Amazon}\n", id, i+1)
		traffic += fmt.Sprintf("  - {model: %q, rpm: 60, throttled: 0.1, input_tokens: 200, output_tokens: 50}\n", id)
	}
	file := filepath.Join(b.dir, "account.yaml")
	b.write(file, account+traffic)
	cmd := exec.Command(b.tool, "simulate", "--account", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "export AWS_ENDPOINT_URL="); ok {
			return &simulated{at, cmd}, models, nil
		}
	}
	return nil, nil, fmt.Errorf("the simulated account did not start: %w", cmd.Wait())
}

func (s *simulated) close() {
	s.cmd.Process.Signal(os.Interrupt)
	s.cmd.Wait()
}

// requests is how many requests of an operation the account has counted.
func (s *simulated) requests(operation string) (int, error) {
	r, err := http.Get(s.at + "/_loadline/state")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	var state struct {
		Requests map[string]int `json:"requests"`
	}
	err = json.NewDecoder(r.Body).Decode(&state)
	return state.Requests[operation], err
}

// monitor compares a day by the minute of about 500 series, of which those have
// points that the account's traffic makes.
func monitor(b *bench) ([]row, error) {
	s, models, err := b.simulate()
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := append(ownSeries[:len(ownSeries):len(ownSeries)], moreSeries...)
	asked, err := json.Marshal(map[string]any{"models": models, "series": all})
	if err != nil {
		return nil, err
	}
	script := filepath.Join(b.dir, "boto3_metrics.py")
	b.write(script, boto3Metrics)
	args := []string{b.tool, "monitor", "--window", "24h", "--period", "1m", "--format", "csv"}
	for _, id := range models {
		args = append(args, "--model", id)
	}
	for _, m := range moreSeries {
		args = append(args, "--metric", m[0]+"."+m[1])
	}
	env := append(b.awsEnv(), "AWS_ENDPOINT_URL="+s.at)
	ours := client{args: args, env: env}
	theirs := client{args: []string{"python3", script}, env: env, stdin: string(asked)}

	var wall, cpu, memory, boto []float64
	most, points := 0, 0
	for range b.rounds {
		before, err := s.requests("cloudwatch.GetMetricData")
		if err != nil {
			return nil, err
		}
		u, err := ran(ours)
		if err != nil {
			return nil, err
		}
		after, err := s.requests("cloudwatch.GetMetricData")
		if err != nil {
			return nil, err
		}
		most = max(most, after-before)
		wall, cpu, memory = append(wall, u.wall.Seconds()), append(cpu, float64(u.cpu.Nanoseconds())), append(memory, u.memory)
		b.log("  %-14s %.3f s, %.3f s of CPU, %.0f MB, %d requests", "loadline", u.wall.Seconds(), u.cpu.Seconds(), u.memory, after-before)
		if !b.have["boto3"] {
			continue
		}
		if u, err = ran(theirs); err != nil {
			return nil, err
		}
		var told struct{ Points, Calls int }
		if err := decode([]byte(u.out), &told); err != nil {
			return nil, err
		}
		points = told.Points
		boto = append(boto, u.wall.Seconds())
		b.log("  %-14s %.3f s, %.3f s of CPU, %.0f MB, %d requests, %d points", "boto3", u.wall.Seconds(), u.cpu.Seconds(), u.memory, told.Calls, told.Points)
	}
	series := len(all) * len(models)
	rows := []row{{figure: fmt.Sprintf("requests for %d series x 1,440 periods", series), ours: fmt.Sprint(most), against: fmt.Sprintf("boto3 %d", series), goal: "at most 8", met: verdict(most <= 8)}}
	if len(boto) > 0 {
		rows = append(rows, ratio("time until the end", "s", "boto3", wall, boto, 0.02))
		each := make([]float64, len(cpu))
		for i := range cpu {
			each[i] = cpu[i] / float64(points)
		}
		rows = append(rows, row{figure: "CPU of a point, with the start of the program", ours: short(median(each)) + " ns", ratio: spread(each), against: fmt.Sprintf("%d points that there are", points), goal: "at most 250", met: verdict(median(each) <= 250)})
	}
	return append(rows, row{figure: "memory", ours: short(median(memory)) + " MB", ratio: spread(memory), goal: "at most 64", met: verdict(median(memory) <= 64)}), nil
}

// ran runs a client that has to end well.
func ran(c client) (used, error) {
	u, told, err := c.run()
	if err == nil && u.status != 0 {
		err = fmt.Errorf("%s: exit %d: %.2000s", filepath.Base(c.args[0]), u.status, told)
	}
	return u, err
}
