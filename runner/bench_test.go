package runner_test

import (
	"context"
	"io"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/runner"
)

// Ten minutes of 200 calls a second against the simulated account, in virtual
// time, with the journal and everything that a run folds: s/run of real time.
func BenchmarkTenVirtualMinutes(b *testing.B) {
	const calls = 120_000
	src := "version: 1\nname: t\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - load: {ramp: {constant: 200 rps, for: 10m}}\n  - monitor: {window: 10m, period: 1m}\nassert: [{expr: load.ok > 0}]\n"
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as in a run of the program
	for b.Loop() {
		synctest.Test(&testing.T{}, func(*testing.T) {
			account, err := sim.Parse("account.yaml", []byte("models: [{id: \"amazon.nova-lite-v1:0\", limits: {rpm: 9000}}]"))
			if err != nil {
				b.Fatal(err)
			}
			aws, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(sim.New(account))})
			if err != nil {
				b.Fatal(err)
			}
			p, problems := understand(src)
			if len(problems) > 0 {
				b.Fatal(problems)
			}
			began := time.Now()
			r := p.Run(context.Background(), aws, runner.Options{Journal: io.Discard, Report: func(plugins.Progress) {}})
			if l := r.Steps[0].Load; r.Exit != 0 || l.Sent != calls || time.Since(began) < 10*time.Minute {
				b.Errorf("exit %d (%s), %d calls sent; want %d", r.Exit, r.Problem, l.Sent, calls)
			}
		})
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/run")
}
