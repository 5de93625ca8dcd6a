package steps

import (
	"fmt"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// refuseAfterwards refuses a stop_when that reads what is only known when the
// step is over: it would never stop.
func (l *load) refuseAfterwards(b *plugins.Binding, n *scenarios.Node) {
	if n == nil || l.stop.program == nil {
		return
	}
	reads := l.stop.program.Reads()
	for _, m := range record.Metrics {
		for _, name := range reads {
			if m.Afterwards && m.Name == name {
				b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: "never-stops",
					Message: fmt.Sprintf("stop_when reads %s, which has no data until the step is over, so it would never stop", name),
					Hint:    "stop on throttled, throttle_rate, attempted_rpm or first_throttle_s, and read " + name + " in an assertion"})
			}
		}
	}
}
