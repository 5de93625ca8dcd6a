package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const reportCalls = 1_000_000

// reports is what the reports of a million calls take: from the record, from the
// journal of a run that left none, and a line a call.
func reports(b *bench) ([]row, error) {
	_, err := b.alternate(1, []contestant{b.ours("run", scenario{api: "invoke", ramp: fmt.Sprintf("{concurrency: 64, for: 10m, calls: %d}", reportCalls)})})
	if err != nil {
		return nil, err
	}
	ways := []struct {
		name   string
		format string
		fresh  bool // without run.json
	}{{"all reports, from the journal", "json,junit,svg,html,markdown", true}, {"all reports, from run.json", "json,junit,svg,html,markdown", false}, {"calls.csv", "csv", false}}
	cpu, memory := make([][]float64, len(ways)), make([][]float64, len(ways))
	for range b.rounds {
		for i, w := range ways {
			if w.fresh {
				if err := os.Remove(filepath.Join(b.runDir(), "run.json")); err != nil {
					return nil, err
				}
			}
			u, told, err := client{args: []string{b.tool, "report", "--format", w.format, b.runDir()}}.run()
			if err != nil || u.status != 0 {
				return nil, fmt.Errorf("exit %d, %w: %s", u.status, err, told)
			}
			cpu[i], memory[i] = append(cpu[i], float64(u.cpu.Microseconds())/reportCalls), append(memory[i], u.memory)
		}
	}
	var rows []row
	for i, w := range ways {
		times, peak := row{figure: w.name + ": CPU", ours: spread(cpu[i]) + " us a call"}, row{figure: w.name + ": memory", ours: spread(memory[i]) + " MB"}
		if i < 2 { // what vegeta's report is held against
			times.goal, times.met = "at most 1.6", verdict(median(cpu[i]) <= 1.6)
			peak.goal, peak.met = "at most 64", verdict(median(memory[i]) <= 64)
		}
		rows = append(rows, times, peak)
	}
	return rows, nil
}
