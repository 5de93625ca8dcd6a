package statistics_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/loadline-dev/loadline/internal/statistics"
)

var update = flag.Bool("update", false, "write the table of the documentation")

// What every cell is held against: the share of wrong verdicts that the stated
// confidence of 95 % allows.
const (
	limit     = 0.01
	perCell   = 1000
	windows   = 10
	tolerated = 0.05
)

// processes are how throttles fall. In the bursty ones the rate of a window is
// drawn from a beta distribution around the true one, so that calls are worth as
// many times fewer as the design effect says.
var processes = []struct {
	name   string
	effect float64
}{{"independent", 1}, {"bursty, design effect 2", 2}, {"bursty, design effect 3", 3}}

var (
	rates = []float64{0.002, 0.005, 0.008, 0.012, 0.02, 0.05}
	sizes = []int{100, 300, 1000, 3000, 10000}
)

// TestCoverage runs every cell, and holds wrong passes and wrong fails against
// the stated confidence.
func TestCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("ninety cells of a thousand runs; go test without -short runs them")
	}
	var table bytes.Buffer
	fmt.Fprintf(&table, "| process | true rate |")
	for _, n := range sizes {
		fmt.Fprintf(&table, " %d calls |", n)
	}
	fmt.Fprintf(&table, "\n| --- | --- |%s\n", string(bytes.Repeat([]byte(" --- |"), len(sizes))))
	for _, process := range processes {
		for _, rate := range rates {
			fmt.Fprintf(&table, "| %s | %.1f %% |", process.name, 100*rate)
			for _, n := range sizes {
				pass, fail := cell(process.effect, rate, n)
				wrong := pass
				if rate <= limit {
					wrong = fail
				}
				if wrong > tolerated {
					t.Errorf("%s, true rate %v, %d calls: wrong in %.3f of runs", process.name, rate, n, wrong)
				}
				fmt.Fprintf(&table, " %.1f / %.1f / %.1f |", 100*pass, 100*fail, 100*(1-pass-fail))
			}
			fmt.Fprintln(&table)
		}
	}
	const page, begin, end = "../../docs/verdicts.md", "<!-- begin coverage -->\n", "<!-- end coverage -->"
	doc, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := bytes.Cut(doc, []byte(begin))
	old, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", page)
	}
	if bytes.Equal(old, table.Bytes()) {
		return
	}
	if !*update {
		t.Fatalf("%s has another table; -update writes it", page)
	}
	whole := bytes.Join([][]byte{head, []byte(begin), table.Bytes(), []byte(end), tail}, nil)
	if err := os.WriteFile(page, whole, 0o644); err != nil {
		t.Fatal(err)
	}
}

// cell is the share of runs that pass and that fail "rate <= limit".
func cell(effect, rate float64, n int) (pass, fail float64) {
	source := rand.NewPCG(uint64(n), uint64(rate*1e6)+uint64(effect)<<32)
	each := n / windows
	for range perCell {
		run := make([]statistics.Window, windows)
		for i := range run {
			p := rate
			if effect > 1 {
				within := (effect - 1) / float64(each-1) // the correlation of two calls of a window
				s := 1/within - 1
				p = distuv.Beta{Alpha: rate * s, Beta: (1 - rate) * s, Src: source}.Rand()
			}
			run[i] = statistics.Window{Hits: int(distuv.Binomial{N: float64(each), P: p, Src: source}.Rand()), Trials: each}
		}
		e := statistics.Rate(run, 0.95, false)
		switch {
		case e.High <= limit:
			pass++
		case e.Low > limit:
			fail++
		}
	}
	return pass / perCell, fail / perCell
}
