package report

import (
	"strconv"
	"strings"

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
		if health := healthOf(&s, r.Totals[s.Name]); health != "" {
			out = append(out, [2]string{"generator in " + oneLine(s.Name), health})
		}
	}
	return out
}

// healthOf is what is known of the generator in a load step, "" where nothing is.
func healthOf(s *record.Step, v record.Values) string {
	var parts []string
	if s.Load.Sick != "" {
		parts = append(parts, oneLine(s.Load.Sick))
	}
	for _, m := range record.Metrics {
		if got := v[m.Name]; m.FromHealth != nil && got.Known {
			parts = append(parts, m.Name+" "+quantity(got, m.Unit))
		}
	}
	return strings.Join(parts, "; ")
}
