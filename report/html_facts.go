package report

import (
	"strconv"

	"github.com/loadline-dev/loadline/record"
)

// facts tell where and how the run was made.
func facts(r *record.Run) [][2]string {
	out := [][2]string{
		{"target", oneLine(r.Target.Kind) + " account " + oneLine(r.Target.Account)},
		{"region", oneLine(r.Target.Region)},
		{"started", r.Started.UTC().Format(timeForm)},
		{"ended", r.Ended.UTC().Format(timeForm)},
		{"tool", oneLine(r.Tool.Name) + " " + oneLine(r.Tool.Version)},
		{"seed", strconv.FormatUint(r.Seed, 10)},
		{"exit status", strconv.Itoa(r.Exit)},
		{"scenario", oneLine(r.Scenario.File)},
		{"digest of the scenario", oneLine(r.Scenario.Digest)},
	}
	if g := r.Generator; g != nil {
		out = append(out, [2]string{"generator", "GOGC " + strconv.Itoa(g.GOGC) + ", " + plural(g.Procs, "thread", "threads")})
	}
	for _, s := range r.Steps {
		if s.Load == nil {
			continue
		}
		health := "no sign of trouble"
		if s.Load.Sick != "" {
			health = oneLine(s.Load.Sick)
		}
		if lag := r.Totals[s.Name]["lag_ms.p99"]; lag.Known {
			health += "; calls went out late by " + quantity(lag, "ms") + " (p99)"
		}
		out = append(out, [2]string{"generator in " + oneLine(s.Name), health})
	}
	return out
}
