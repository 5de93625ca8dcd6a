// Command bench measures Loadline side by side with other load tools and with
// a bare loop around the AWS SDK: the same server process, rounds that
// alternate, medians of the rounds' ratios. It needs no AWS. See docs/benchmarks.md.
//
//	go run ./bench [-parts cpu,streams] [-rounds 5] [-vegeta FILE] [-write docs/benchmarks.md]
package main

import (
	"cmp"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is a comparison under way.
type bench struct {
	server        *target
	tool, loop    string // our programs: Loadline, and the bare loop
	cache, vegeta string
	dir           string // for files of this comparison
	rounds        int
	have          map[string]bool // peers that can be run
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if err := compare(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func compare() error {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	b := bench{have: map[string]bool{}}
	chosen := flag.String("parts", strings.Join(names, ","), "what to measure")
	write := flag.String("write", "", "also put the tables into this document")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of the parts that take them")
	flag.StringVar(&b.vegeta, "vegeta", os.Getenv("VEGETA"), "the program vegeta, which is left out without it")
	flag.StringVar(&b.cache, "cache", "", "folder that keeps the peers' programs (default: loadline-bench in the user's cache)")
	flag.Parse()

	needed := map[string]bool{}
	var run []part
	for name := range strings.SplitSeq(*chosen, ",") {
		i := slices.Index(names, name)
		if i < 0 {
			return fmt.Errorf("there is no part %s: there are %s", name, strings.Join(names, ", "))
		}
		run = append(run, parts[i])
		for _, n := range parts[i].needs {
			needed[n] = true
		}
	}
	if b.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		b.cache = filepath.Join(dir, "loadline-bench")
	}
	dir, err := os.MkdirTemp("", "loadline-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir, b.tool, b.loop = dir, filepath.Join(dir, "loadline"), filepath.Join(dir, "sdkloop")
	if err := b.build(needed); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if b.server, err = startServer(self, "serve"); err != nil {
		return err
	}
	defer b.server.close()
	for _, p := range run {
		b.log("%s", p.name)
		began, busy := time.Now(), load()
		rows, err := p.run(&b)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		facts := fmt.Sprintf("Measured %s in %.0f s: %d cores, %s/%s, %s; load average %s before, %s after.", began.UTC().Format("2006-01-02 15:04 UTC"),
			time.Since(began).Seconds(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), busy, load())
		text := markdown(p.title, p.note, facts, rows)
		fmt.Println(text)
		if *write != "" {
			if err := put(*write, p.name, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// load is the machine's load average over a minute.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return cmp.Or(first, "unknown")
}

func (b *bench) log(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

// write panics where a file of our own folder cannot be written.
func (b *bench) write(file, text string) {
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		panic(err)
	}
}

// contestant is a client that takes part in every round.
type contestant struct {
	name   string
	client func() client
	how    url.Values // what the server does
	rate   int        // for lateness
	after  func(*used) error
}

// alternate runs the contestants in turn, so many rounds, and returns what each
// took in each round.
func (b *bench) alternate(rounds int, all []contestant) (map[string][]used, error) {
	out := map[string][]used{}
	for range rounds {
		for _, c := range all {
			u, err := b.server.measure(c.client(), c.how, c.rate)
			if err == nil && c.after != nil {
				err = c.after(&u)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			b.log("  %-14s %7d calls %8.0f/s %7.1f us/call %6.0f MB  late %.3f %.3f ms  x%.4f  exit %d", c.name, u.Count, u.PerS, u.perCall(), u.memory, u.P50, u.P99, u.Achieved, u.status)
			out[c.name] = append(out[c.name], u)
		}
	}
	return out, nil
}

// each reads a number of every round.
func each(rounds []used, read func(used) float64) []float64 {
	var out []float64
	for _, u := range rounds {
		out = append(out, read(u))
	}
	return out
}
