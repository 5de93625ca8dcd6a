package steps

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
)

// What makes a generator sick, and what makes it fall behind. A load test with
// more than a twentieth of its calls missing was another test, and so was one
// whose calls were late by a second: windows and stages are seconds long. A tenth
// of a second is told, and no more: a quota is refilled by the minute.
const (
	sickAchieved = 0.95
	sickLag      = 100.0  // ms, of the 99th percentile
	behindLag    = 1000.0 // likewise
	sickPause    = 100.0  // ms, the longest
	sickSteal    = 0.10
)

// machine is what the program's machine has done up to a moment.
type machine struct {
	pauses       *metrics.Float64Histogram // of the garbage collector, in seconds
	stolen, time float64                   // of all processors, in ticks
	known        bool                      // the system tells these
}

func look() machine {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	var m machine
	if sample[0].Value.Kind() == metrics.KindFloat64Histogram {
		m.pauses = sample[0].Value.Float64Histogram()
	}
	stat, _ := os.ReadFile("/proc/stat") // only Linux has it
	m.stolen, m.time, m.known = steal(stat)
	return m
}

// steal reads the line of all processors: user, nice, system, idle, iowait,
// irq, softirq, steal, and two that are in user and nice already.
func steal(stat []byte) (stolen, total float64, ok bool) {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := strings.Fields(string(line))
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, false
	}
	for i, f := range fields[1:9] {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, 0, false
		}
		total += v
		if i == 7 {
			stolen = v
		}
	}
	return stolen, total, true
}

// since adds to a health what has happened to the machine.
func (before machine) since(h *record.Health) {
	after := look()
	h.Procs = record.Read(float64(runtime.GOMAXPROCS(0)), 1)
	if before.known && after.known && after.time > before.time {
		h.Steal = record.Read((after.stolen-before.stolen)/(after.time-before.time), 1)
	}
	if before.pauses == nil || after.pauses == nil {
		return
	}
	// The buckets only count up; the longest pause is in the last that did.
	h.GCPauseMax = record.Read(0, 1)
	for i, n := range after.pauses.Counts {
		if n > before.pauses.Counts[i] {
			top := after.pauses.Buckets[i+1]
			if math.IsInf(top, 1) {
				top = after.pauses.Buckets[i]
			}
			h.GCPauseMax = record.Read(top*1000, 1)
		}
	}
}

// health adds to the result how well the program could send.
func (s *sending) health(out *plugins.Result) {
	c := out.Step.Load.Counts
	h := record.Health{Planned: c.Planned, Sent: c.Planned - c.Dropped + s.ended, LagP99: out.Totals["lag_ms.p99"]}
	if s.env.Real {
		s.before.since(&h)
	}
	values := h.Values()
	maps.Copy(out.Totals, values)
	for _, v := range out.Values {
		maps.Copy(v, values)
	}
	out.Step.Load.Behind = s.behind(values)
	out.Step.Load.Sick = s.sick(values)
}

// above is a value that is known to be higher than a limit.
func above(v record.Values, name string, limit float64) (float64, bool) {
	return v[name].Value, v[name].Known && v[name].Value > limit
}

// behind tells in words what the generator did not send, or not in time; "" where
// it kept up.
func (s *sending) behind(v record.Values) string {
	return strings.Join(s.missed(v, behindLag), "; ")
}

// missed tells of calls that were not sent, or later than so many ms.
func (s *sending) missed(v record.Values, late float64) (why []string) {
	if a := v["generator.achieved"]; a.Known && a.Value < sickAchieved && s.spent == "" && s.refused == nil {
		why = append(why, fmt.Sprintf("only %.1f %% of the calls that came due were sent: %s", 100*a.Value, s.culprit()))
	}
	if lag, yes := above(v, "generator.lag_ms.p99", late); yes {
		why = append(why, fmt.Sprintf("one call in a hundred went out %.0f ms late or more", lag))
	}
	return why
}

// sick tells in words what is wrong with the generator, whether or not it fell
// behind for it; "" if nothing is.
func (s *sending) sick(v record.Values) string {
	why := s.missed(v, sickLag)
	if pause, yes := above(v, "generator.gc_pause_ms.max", sickPause); yes {
		why = append(why, fmt.Sprintf("the garbage collector stopped the program for %.0f ms", pause))
	}
	if stolen, yes := above(v, "generator.steal", sickSteal); yes {
		why = append(why, fmt.Sprintf("the machine's host gave %.0f %% of its processors to others", 100*stolen))
	}
	return strings.Join(why, "; ")
}

// culprit is why calls were dropped.
func (s *sending) culprit() string {
	if s.busy > 0 {
		return fmt.Sprintf("max_in_flight (%d) held %d back for longer than max_lateness (%s)", s.inFlight, s.busy, s.maxLateness)
	}
	return "the program could not keep up"
}

// dropped counts the drops that the limit of calls under way is the cause of.
func (s *sending) dropped(reason string) {
	if reason == ramp.DropBusy {
		s.busy++
	}
}
