package main

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// told is what a client reports of its latency, in seconds.
type told struct{ p90, p99 float64 }

func stall(b *bench) ([]row, error) {
	const rate, places, seconds = 100, 10, 10
	how := url.Values{"stall_after": {"4s"}, "stall_for": {"2s"}}
	said := map[string][]told{}
	balance := ""
	all := []contestant{{name: "loadline", client: func() client {
		return b.loadline(scenario{api: "invoke", ramp: fmt.Sprintf("{constant: %d rps, for: %ds}", rate, seconds), inFlight: places})
	}, after: func(u *used) error {
		r, err := b.ran()
		if err != nil {
			return err
		}
		l, ms := r.Steps[0].Load, r.Totals.Load.Latency
		said["loadline"] = append(said["loadline"], told{ms.P90 / 1000, ms.P99 / 1000})
		balance = fmt.Sprintf("planned %d, sent %d, dropped %d; the server saw %d", l.Planned, l.Sent, l.Dropped, u.Count)
		if l.Planned != l.Sent+l.Dropped || l.Sent != u.Count || l.Planned != rate*seconds || u.Peak > places {
			return fmt.Errorf("%s, %d at once", balance, u.Peak)
		}
		return nil
	}}}
	all = append(all, b.theirs(map[string]func() client{
		"k6":     func() client { return b.k6Open(rate, seconds, places, places) },
		"fortio": func() client { return b.fortio(rate, places, seconds) },
		"hey":    func() client { return b.hey(rate, places, seconds) },
	})...)
	for i, c := range all {
		all[i].how = how
		if read := reading[c.name]; read != nil {
			all[i].after = func(u *used) error {
				t, err := read(b, u)
				said[c.name] = append(said[c.name], t)
				return err
			}
		}
	}
	got, err := b.alternate(min(3, b.rounds), all)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, p := range []struct {
		name          string
		read          func(told) float64
		truth, within float64
	}{{"p90", func(t told) float64 { return t.p90 }, 1.0, 0.05}, {"p99", func(t told) float64 { return t.p99 }, 1.9, 0.02}} {
		for _, c := range all {
			var off []float64
			for _, t := range said[c.name] {
				off = append(off, p.read(t)/p.truth)
			}
			r := row{figure: p.name + " by " + c.name, ours: short(median(off)*p.truth) + " s", against: fmt.Sprintf("truth %g s", p.truth), ratio: spread(off)}
			if c.name == "loadline" {
				r.goal, r.met = fmt.Sprintf("1, within %g", p.within), verdict(math.Abs(median(off)-1) <= p.within)
			}
			rows = append(rows, r)
		}
	}
	rows = append(rows, row{"every call is accounted for", balance, "", "", "planned = sent + dropped", verdict(true)})
	for _, c := range all[1:] {
		rows = append(rows, row{figure: "calls that reached the server, " + c.name, ours: fmt.Sprint(got[c.name][0].Count), against: fmt.Sprintf("asked for %d", rate*seconds)})
	}
	return rows, nil
}

var heyPercentile = regexp.MustCompile(`(90|99)%{1,2} in ([\d.]+) secs`)

// reading is how a peer tells its percentiles.
var reading = map[string]func(*bench, *used) (told, error){
	"k6": func(b *bench, _ *used) (told, error) {
		var s struct {
			Metrics struct {
				Duration map[string]float64 `json:"http_req_duration"`
			}
		}
		text, err := os.ReadFile(b.summary())
		if err == nil {
			err = decode(text, &s)
		}
		return told{s.Metrics.Duration["p(90)"] / 1000, s.Metrics.Duration["p(99)"] / 1000}, err
	},
	"fortio": func(_ *bench, u *used) (t told, err error) {
		var s struct {
			DurationHistogram struct {
				Percentiles []struct{ Percentile, Value float64 }
			}
		}
		err = decode([]byte(u.out), &s)
		for _, p := range s.DurationHistogram.Percentiles {
			if p.Percentile == 90 {
				t.p90 = p.Value
			} else {
				t.p99 = p.Value
			}
		}
		return t, err
	},
	"hey": func(_ *bench, u *used) (t told, err error) {
		found := heyPercentile.FindAllStringSubmatch(u.out, -1)
		if len(found) != 2 {
			return t, fmt.Errorf("no percentiles in %.500s", u.out)
		}
		t.p90, _ = strconv.ParseFloat(found[0][2], 64)
		t.p99, err = strconv.ParseFloat(found[1][2], 64)
		return t, err
	},
}

func growth(b *bench) ([]row, error) {
	var journal float64
	run := func(name string, calls int) contestant {
		c := b.ours(name, scenario{api: "invoke", ramp: fmt.Sprintf("{concurrency: 64, for: 10m, calls: %d}", calls)})
		c.after = func(u *used) error {
			r, err := b.ran()
			if err != nil {
				return err
			}
			files, err := filepath.Glob(filepath.Join(b.runDir(), "calls.jsonl*"))
			if err != nil || len(files) != 1 || u.Count != calls {
				return fmt.Errorf("the server saw %d calls, %d journals, outcomes %v: %v", u.Count, len(files), r.Steps[0].Load.Outcomes, err)
			}
			info, err := os.Stat(files[0])
			if err == nil {
				journal = float64(info.Size()) / float64(calls)
			}
			return err
		}
		return c
	}
	got, err := b.alternate(1, []contestant{run("100k", 100_000), run("1M", 1_000_000)})
	if err != nil {
		return nil, err
	}
	mb := func(u used) float64 { return u.memory }
	r := ratio("memory at 1,000,000 calls", "MB", "at 100,000 calls", each(got["1M"], mb), each(got["100k"], mb), 1.1)
	return []row{r, {"journal", short(journal) + " bytes a call", "", "", "at most 100", verdict(journal <= 100)}}, nil
}
