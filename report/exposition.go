package report

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// Gauges is one metric as Prometheus knows it, with its samples. All of ours are
// gauges: what a window or a run counted may be less the next time.
type Gauges struct {
	Name    string // of [a-z0-9_]; [GaugeName] makes one
	Help    string
	Samples []Sample
}

// Sample is one value. The names of its labels are of [a-z0-9_]; their values
// may be anything. Samples of the same metric differ in their labels.
type Sample struct {
	Labels []Label
	Value  float64
}

// Label is a name and a value.
type Label struct{ Name, Value string }

// Exposition writes metrics in what the text format of Prometheus (0.0.4) and
// OpenMetrics 1.0 have in common, in the order given; for OpenMetrics the line
// "# EOF" is still to be added. A metric without samples is left out, and so is
// a sample that is no finite number: what is not known has no line.
func Exposition(metrics []Gauges) []byte {
	var b bytes.Buffer
	for _, m := range metrics {
		headed := false
		for _, s := range m.Samples {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				continue
			}
			if !headed {
				b.WriteString("# HELP " + m.Name + " " + escapeHelp(m.Help) + "\n# TYPE " + m.Name + " gauge\n")
				headed = true
			}
			b.WriteString(m.Name)
			for i, l := range s.Labels {
				b.WriteByte("{,"[min(i, 1)])
				b.WriteString(l.Name + `="` + escapeLabel(l.Value) + `"`)
			}
			if len(s.Labels) > 0 {
				b.WriteByte('}')
			}
			b.WriteString(" " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
		}
	}
	return b.Bytes()
}

// GaugeName is the name of a number of run.json as a part of a metric's name:
// throttle_rate, latency_ms_p99.
func GaugeName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, name)
}

var (
	labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	// Prometheus does not know \" in a HELP line, and OpenMetrics wants it.
	helpEscapes = strings.NewReplacer(`\`, `\\`, `"`, `'`, "\n", `\n`)
)

func escapeLabel(s string) string { return labelEscapes.Replace(record.CleanLine(s)) }
func escapeHelp(s string) string  { return helpEscapes.Replace(record.CleanLine(s)) }
