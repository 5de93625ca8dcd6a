package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/loadline-dev/loadline/record"
)

// gogc is how much garbage a run may make before it is collected, in percent
// of what is in use: four times what Go does. It costs some memory, and makes a
// sent call cheaper by a sixth to a quarter.
const gogc = 400

// tune sets the program up for a run, unless GOGC says how it is to be. In a
// test the program is not alone, and nothing is changed. It returns what undoes
// it.
func (c Command) tune() (*record.Generator, func()) {
	if c.InProcess {
		return nil, func() {}
	}
	undo := func() {}
	if c.Getenv("GOGC") == "" {
		before := debug.SetGCPercent(gogc)
		undo = func() { debug.SetGCPercent(before) }
	}
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	g := &record.Generator{GOGC: -1, Procs: runtime.GOMAXPROCS(0)}
	if percent := sample[0].Value.Uint64(); percent < 1<<31 {
		g.GOGC = int(percent) // off is the largest number
	}
	return g, undo
}
