package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// part is something to measure.
type part struct {
	name, title, note string
	needs             []string
	run               func(*bench) ([]row, error)
}

var parts = []part{
	{"cpu", "CPU of a call", "CPU time of the client's process for each call, 64 workers in a closed loop for 3 s. Loadline and the SDK sign; the others send the same body unsigned.", []string{"k6", "fortio", "hey"}, cpu},
	{"streams", "CPU of a stream", "ConverseStream of 24 events, 64 workers, 3 s.", nil, streams},
	{"lateness", "Calls on time", "How late calls arrive at the server, in ms: the nth arrival beyond n intervals, from the schedule's first percentile; 5 s a round.", []string{"k6"}, lateness},
	{"stall", "A server that stalls", "100 calls a second for 10 s; for 2 s in the middle the server holds everything. At most 10 calls are in flight. By the plan, p90 is 1.0 s and p99 1.9 s.", []string{"k6", "fortio", "hey"}, stall},
	{"saturation", "More than it can", "Asked for twice the rate of its own closed loop.", nil, saturation},
	{"memory", "10,000 in flight", "The most memory of the client's process while the server holds 10,000 calls at once.", []string{"k6"}, memory},
	{"growth", "Long runs", "The most memory of the client's process, and the size of the journal.", nil, growth},
	{"monitor", "A day of CloudWatch", "`loadline monitor` of 17 models against `loadline simulate`, with the quotas and whatever else it reads; boto3 calls get_metric_statistics once for each of the same series. Both are whole processes, one after the other in every round.", []string{"boto3"}, monitor},
	{"others", "Clients in other languages", "CPU time of the client for each call, one round each: for the order of magnitude. artillery is asked for 100 new users a second, boto3 has 16 threads.", []string{"artillery", "boto3"}, others},
}

const cpuWorkers, cpuSeconds = 64, 3

func (b *bench) ours(name string, s scenario) contestant {
	return contestant{name: name, client: func() client { return b.loadline(s) }, after: func(u *used) error {
		if u.status != 0 {
			return fmt.Errorf("exit %d: %s", u.status, u.out)
		}
		return nil
	}}
}

func closed(workers, seconds int) string {
	return fmt.Sprintf("{concurrency: %d, for: %ds}", workers, seconds)
}

// theirs are the peers that can be run, of those that are named.
func (b *bench) theirs(all map[string]func() client) []contestant {
	var out []contestant
	for _, name := range []string{"k6", "vegeta", "fortio", "hey", "artillery", "boto3"} {
		if c := all[name]; c != nil && b.have[name] {
			out = append(out, contestant{name: name, client: c})
		}
	}
	return out
}

func cpu(b *bench) ([]row, error) {
	all := append([]contestant{b.ours("loadline", scenario{api: "invoke", ramp: closed(cpuWorkers, cpuSeconds)})}, b.sdkLoops("invoke")...)
	all = append(all, b.theirs(map[string]func() client{
		"k6":     func() client { return b.k6Closed(cpuWorkers, cpuSeconds) },
		"vegeta": func() client { return b.vegetaRun(0, cpuWorkers, cpuSeconds) },
		"fortio": func() client { return b.fortio(0, cpuWorkers, cpuSeconds) },
		"hey":    func() client { return b.hey(0, cpuWorkers, cpuSeconds) },
	})...)
	got, err := b.alternate(b.rounds, all)
	if err != nil {
		return nil, err
	}
	goals := map[string]float64{"k6": 0.4, "sdk loop": 0.4, "sdk loop, GOGC=400": 0.4, "vegeta": 0.75}
	var rows []row
	for _, c := range all[1:] {
		rows = append(rows, ratio("InvokeModel", "us", c.name, each(got["loadline"], used.perCall), each(got[c.name], used.perCall), goals[c.name]))
	}
	return rows, nil
}

var allocations = regexp.MustCompile(`(?m)^BenchmarkCall/converse-stream/lean\S*\s.*\s(\d+) allocs/op`)

func streams(b *bench) ([]row, error) {
	all := append([]contestant{b.ours("loadline", scenario{api: "converse-stream", ramp: closed(cpuWorkers, cpuSeconds)})}, b.sdkLoops("stream")...)
	got, err := b.alternate(b.rounds, all)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range all[1:] {
		rows = append(rows, ratio("ConverseStream, 24 events", "us", c.name, each(got["loadline"], used.perCall), each(got[c.name], used.perCall), 0.3))
	}
	rows = append(rows, row{figure: "calls of the bare loop in the last round", against: "sdk loop " + strings.TrimSpace(got["sdk loop"][b.rounds-1].out)})
	out, err := exec.Command("go", "test", "./internal/cloud", "-run", "^$", "-bench", "^BenchmarkCall$/^converse-stream$/^lean$", "-benchtime", "2000x", "-benchmem").CombinedOutput()
	m := allocations.FindSubmatch(out)
	if err != nil || m == nil {
		return nil, fmt.Errorf("go test -bench: %v: %s", err, out)
	}
	n, _ := strconv.Atoi(string(m[1]))
	rows = append(rows, row{"allocations of a stream, without a network", string(m[1]), "", "", "at most 200", verdict(n <= 200)})
	u, r, err := b.run(scenario{api: "converse-stream", ramp: "{concurrency: 64, for: 10m, calls: 100k}"}, nil, 0)
	if err != nil {
		return nil, err
	}
	l := r.Steps[0].Load
	return append(rows, row{"100,000 streams", fmt.Sprintf("%d ok", l.Outcomes["ok"]), fmt.Sprintf("the server saw %d", u.Count), "", "no error", verdict(l.Outcomes["ok"] == 100000 && u.Count == 100000)}), nil
}

func lateness(b *bench) ([]row, error) {
	var rows []row
	for _, rate := range []int{100, 1000, 3000} {
		const seconds = 5
		all := append([]contestant{b.ours("loadline", scenario{api: "invoke", ramp: fmt.Sprintf("{constant: %d rps, for: %ds}", rate, seconds)})},
			b.theirs(map[string]func() client{
				"k6":     func() client { return b.k6Open(rate, seconds, 200, 1000) },
				"vegeta": func() client { return b.vegetaRun(rate, 0, seconds) },
			})...)
		for i := range all {
			all[i].rate = rate
		}
		got, err := b.alternate(b.rounds, all)
		if err != nil {
			return nil, err
		}
		p50, p99 := func(u used) float64 { return u.P50 }, func(u used) float64 { return u.P99 }
		for _, c := range all[1:] {
			rows = append(rows, ratio(fmt.Sprintf("p50 at %d/s", rate), "ms", c.name, each(got["loadline"], p50), each(got[c.name], p50), 0.5),
				ratio(fmt.Sprintf("p99 at %d/s", rate), "ms", c.name, each(got["loadline"], p99), each(got[c.name], p99), 1))
		}
		achieved := each(got["loadline"], func(u used) float64 { return u.Achieved })
		rows = append(rows, row{fmt.Sprintf("rate achieved at %d/s", rate), fmt.Sprintf("%.5f", median(achieved)), "",
			fmt.Sprintf("[%.5f to %.5f]", slices.Min(achieved), slices.Max(achieved)), "1, within 0.001", verdict(math.Abs(median(achieved)-1) <= 0.001)})
	}
	return rows, nil
}

func saturation(b *bench) ([]row, error) {
	var most, reached, free, full []float64
	told := ""
	for range min(3, b.rounds) {
		own, err := b.alternate(1, []contestant{b.ours("closed loop", scenario{api: "invoke", ramp: closed(cpuWorkers, cpuSeconds)})})
		if err != nil {
			return nil, err
		}
		most, free = append(most, own["closed loop"][0].PerS), append(free, own["closed loop"][0].perCall())
		twice := int(2 * own["closed loop"][0].PerS)
		u, r, err := b.run(scenario{api: "invoke", ramp: fmt.Sprintf("{constant: %d rps, for: 4s}", twice)}, nil, 0)
		if err != nil {
			return nil, err
		}
		l := r.Steps[0].Load
		b.log("  %d/s, asked for %d/s: %.0f/s, planned %d = sent %d + dropped %d: %s", int(most[len(most)-1]), twice, u.PerS, l.Planned, l.Sent, l.Dropped, l.Sick)
		if l.Planned != l.Sent+l.Dropped || l.Sent != u.Count {
			return nil, fmt.Errorf("planned %d, sent %d, dropped %d, and the server saw %d", l.Planned, l.Sent, l.Dropped, u.Count)
		}
		reached, full = append(reached, u.PerS), append(full, u.perCall())
		if told = l.Sick; told == "" {
			break
		}
	}
	r := ratio("calls a second", "/s", "closed loop", reached, most[:len(reached)], 0)
	var parts []float64
	for i := range reached {
		parts = append(parts, reached[i]/most[i])
	}
	r.goal, r.met = "at least 0.85", verdict(median(parts) >= 0.85)
	return []row{r, ratio("CPU of a call", "us", "closed loop", full, free[:len(full)], 0), {"says that the client was the limit", told, "", "", "in every round", verdict(told != "")}}, nil
}

func memory(b *bench) ([]row, error) {
	const calls = 10000
	how := url.Values{"hold": {strconv.Itoa(calls)}}
	ramp := "{constant: 2500 rps, for: 4s}"
	all := []contestant{b.ours("calls", scenario{api: "invoke", ramp: ramp, inFlight: calls}), b.ours("streams", scenario{api: "converse-stream", ramp: ramp, inFlight: calls})}
	all = append(all, b.theirs(map[string]func() client{
		"k6": func() client {
			return b.k6(fmt.Sprintf(`{"executor":"per-vu-iterations","vus":%d,"iterations":1,"maxDuration":"2m"}`, calls))
		},
		"vegeta": func() client { return b.vegetaRun(2500, 0, 4) },
	})...)
	for i := range all {
		all[i].how = how
		all[i].after = func(u *used) error {
			if u.Peak != calls {
				return fmt.Errorf("the server had %d calls in flight at once; want %d", u.Peak, calls)
			}
			return nil
		}
	}
	got, err := b.alternate(min(3, b.rounds), all)
	if err != nil {
		return nil, err
	}
	mb := func(u used) float64 { return u.memory }
	var rows []row
	for _, c := range all[2:] {
		goals := map[string][2]float64{"k6": {0.3, 0.45}}[c.name]
		rows = append(rows, ratio("InvokeModel", "MB", c.name, each(got["calls"], mb), each(got[c.name], mb), goals[0]),
			ratio("ConverseStream, half received", "MB", c.name+", plain", each(got["streams"], mb), each(got[c.name], mb), goals[1]))
	}
	return rows, nil
}

func others(b *bench) ([]row, error) {
	all := append([]contestant{b.ours("loadline", scenario{api: "invoke", ramp: closed(16, cpuSeconds)})}, b.theirs(map[string]func() client{
		"artillery": func() client { return b.artillery(100, 10) },
		"boto3":     func() client { return b.boto3(16, cpuSeconds) },
	})...)
	got, err := b.alternate(1, all)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range all[1:] {
		rows = append(rows, ratio("a call", "us", c.name, each(got["loadline"], used.perCall), each(got[c.name], used.perCall), 0))
	}
	return rows, nil
}

// decode reads what a peer told as JSON.
func decode(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w in %.300s", err, text)
	}
	return nil
}
