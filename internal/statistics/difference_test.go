package statistics_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/loadline-dev/loadline/internal/statistics"
)

// twin is a pair of runs: how many of the runs of a cell are told to be worse or
// better, where the second truly is times as large.
type twin struct {
	name   string
	counts func(source *rand.PCG, times float64, n int) statistics.Interval
	times  float64
	sizes  []int
	pairs  int
}

// TestChangesAreTold draws pairs of runs. Of those without a change at most 5 %
// may be told to have one. The table is that of the documentation.
func TestChangesAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("cells of up to a thousand pairs; go test without -short runs them")
	}
	sizes := []int{100, 300, 1000, 3000, 10000}
	var twins []twin
	for _, process := range processes {
		for _, rate := range []float64{0.005, 0.01, 0.05} {
			twins = append(twins, twin{fmt.Sprintf("throttle rate %.1f %%, %s", 100*rate, process.name), func(source *rand.PCG, times float64, n int) statistics.Interval {
				return statistics.Between(share(source, process.effect, rate, n), share(source, process.effect, rate*times, n))
			}, 2, sizes, perCell})
		}
	}
	for _, spread := range []struct {
		name  string
		sigma float64
	}{{"independent", 0}, {"minutes differ by 10 %", 0.1}} {
		for _, p := range []float64{0.5, 0.95} {
			twins = append(twins, twin{fmt.Sprintf("p%.0f of latency, %s", 100*p, spread.name), func(source *rand.PCG, times float64, n int) statistics.Interval {
				return statistics.Between(latency(source, spread.sigma, p, 1, n), latency(source, spread.sigma, p, times, n))
			}, 1.25, sizes[:3], 300})
		}
	}
	var table bytes.Buffer
	fmt.Fprintf(&table, "| a pair of runs |")
	for _, n := range sizes {
		fmt.Fprintf(&table, " %d calls |", n)
	}
	fmt.Fprintf(&table, "\n| --- |%s\n", string(bytes.Repeat([]byte(" --- |"), len(sizes))))
	for i, w := range twins {
		fmt.Fprintf(&table, "| %s, x %g |", w.name, w.times)
		for k := range sizes {
			if k >= len(w.sizes) {
				fmt.Fprintf(&table, " |")
				continue
			}
			n := w.sizes[k]
			source := rand.NewPCG(uint64(n), uint64(i))
			alarms, _ := w.told(source, 1, n)
			found, wrong := w.told(source, w.times, n)
			if alarms > tolerated || wrong > tolerated {
				t.Errorf("%s, %d calls: %.3f told without a change, %.3f the wrong way", w.name, n, alarms, wrong)
			}
			fmt.Fprintf(&table, " %.1f / %.1f |", 100*alarms, 100*found)
		}
		fmt.Fprintln(&table)
	}
	inPage(t, "../../docs/compare.md", "found", table.Bytes())
}

// told is the share of pairs that are told to have changed: up, down where the
// truth is up, and either where there is none.
func (w twin) told(source *rand.PCG, times float64, n int) (found, wrong float64) {
	for range w.pairs {
		switch d := w.counts(source, times, n); {
		case d.Low > 0:
			found++
		case d.High < 0:
			wrong++
		}
	}
	if times == 1 {
		return (found + wrong) / float64(w.pairs), 0
	}
	return found / float64(w.pairs), wrong / float64(w.pairs)
}

// share is the rate of a run of ten windows, see cell.
func share(source *rand.PCG, effect, rate float64, n int) statistics.Located {
	run := make([]statistics.Window, windows)
	each := n / windows
	for i := range run {
		p := rate
		if effect > 1 {
			s := float64(each-1)/(effect-1) - 1
			p = distuv.Beta{Alpha: rate * s, Beta: (1 - rate) * s, Src: source}.Rand()
		}
		run[i] = statistics.Window{Hits: int(distuv.Binomial{N: float64(each), P: p, Src: source}.Rand()), Trials: each}
	}
	at, _ := statistics.Share(run, 0.95, false)
	return at
}

// latency is a quantile of a run of ten windows with a heavy tail, whose scale
// differs from window to window.
func latency(source *rand.PCG, sigma, p, times float64, n int) statistics.Located {
	dice := rand.New(source)
	var samples []statistics.Sample
	for i := range windows {
		scale := times * math.Exp(sigma*dice.NormFloat64())
		for range n / windows {
			samples = append(samples, statistics.Sample{Value: scale * math.Exp(0.5*dice.NormFloat64()), Window: int32(i)})
		}
	}
	at, ok := statistics.NewOrder(samples, make([]int, windows)).Quantile(p, 0.95)
	if !ok {
		at.Interval = statistics.Interval{Low: math.Inf(-1), High: math.Inf(1)}
	}
	return at
}

// inPage holds a table of a page against what was computed.
func inPage(t *testing.T, page, name string, table []byte) {
	t.Helper()
	begin, end := []byte("<!-- begin "+name+" -->\n"), []byte("<!-- end "+name+" -->")
	doc, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := bytes.Cut(doc, begin)
	old, tail, closed := bytes.Cut(rest, end)
	switch {
	case !ok || !closed:
		t.Fatalf("%s has no place for the table %s", page, name)
	case bytes.Equal(old, table):
	case !*update:
		t.Fatalf("%s has another table; -update writes it", page)
	default:
		if err := os.WriteFile(page, bytes.Join([][]byte{head, begin, table, end, tail}, nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBetween(t *testing.T) {
	a := statistics.Located{Value: 0.1, Interval: statistics.Interval{Low: 0.07, High: 0.14}}
	b := statistics.Located{Value: 0.3, Interval: statistics.Interval{Low: 0.25, High: 0.36}}
	got, back := statistics.Between(a, b), statistics.Between(b, a)
	// 0.2 - sqrt(0.05^2 + 0.04^2) and 0.2 + sqrt(0.06^2 + 0.03^2), by hand.
	if math.Abs(got.Low-0.135969) > 1e-6 || math.Abs(got.High-0.267082) > 1e-6 {
		t.Errorf("between %v and %v: %v", a, b, got)
	}
	if back.Low != -got.High || back.High != -got.Low {
		t.Errorf("the mirror image of %v is %v", got, back)
	}
}

func TestLeast(t *testing.T) {
	old, e := statistics.Share([]statistics.Window{{Hits: 10, Trials: 1000}}, 0.95, false)
	rise, ok := statistics.Least(old, e.Worth, 0.95)
	if !ok {
		t.Fatal("no rise can be seen")
	}
	shown := func(d float64) bool {
		r := old.Value + d
		return statistics.Between(old, statistics.Located{Value: r, Interval: statistics.ClopperPearson(r*e.Worth, e.Worth, 0.975)}).Low > 0
	}
	if !shown(rise*1.001) || shown(rise*0.999) {
		t.Errorf("%v is not the least rise", rise)
	}
	many, _ := statistics.Share([]statistics.Window{{Hits: 100, Trials: 1000}}, 0.95, false)
	if _, ok := statistics.Least(many, 1, 0.95); ok {
		t.Error("one call shows a rise")
	}
}

func TestQuantile(t *testing.T) {
	one := func(n int) *statistics.Order {
		samples := make([]statistics.Sample, n)
		for i := range samples {
			samples[i] = statistics.Sample{Value: float64(n - i), Window: int32(i % 10)}
		}
		return statistics.NewOrder(samples, make([]int, 10))
	}
	for _, c := range []struct {
		n             int
		p             float64
		low, at, high float64
		known         bool
	}{
		// The ranks of the median of 100: those of the sign test, 40 and 61.
		{100, 0.5, 40, 50, 61, true},
		{1000, 0.95, 936, 950, 964, true},
		{30, 0.95, 0, 29, 0, false},
		{1, 0.5, 0, 1, 0, false},
	} {
		q, known := one(c.n).Quantile(c.p, 0.95)
		if known != c.known || q.Value != c.at || known && (q.Low != c.low || q.High != c.high) {
			t.Errorf("%v-quantile of %d: %v, %v", c.p, c.n, q, known)
		}
	}
	if _, known := one(0).Quantile(0.5, 0.95); known {
		t.Error("nothing has a median")
	}
}
