package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

const (
	// leastEvery is the shortest time between two readings: CloudWatch has one
	// point a minute.
	leastEvery = 30 * time.Second
	// mostFailed is how many readings may fail one after another.
	mostFailed = 3
	// pricePerSeries is what AWS charges for a metric that GetMetricData is asked
	// for, in US dollars. Source: Amazon CloudWatch pricing.
	pricePerSeries = 0.01 / 1000
)

func (w watched) checkWatch(t target) error {
	switch {
	case w.every == 0:
		return nil
	case w.every < leastEvery:
		return fmt.Errorf("--watch %s: CloudWatch has one point a minute; say %s or longer", w.every, leastEvery)
	case w.format == "csv" || w.format == "markdown":
		return fmt.Errorf("--watch goes with --format text, json and prometheus; %s does not tell the time of a reading", w.format)
	case *w.span["to"] != "":
		return errors.New("--watch with --to: a window that ends at a time does not move; leave --to out")
	case t.fresh:
		return errors.New("--watch with --fresh: the list of quotas takes half a minute, each time; read it once, by loadline discover --fresh")
	}
	return nil
}

// monitorEvery reads again and again until a signal comes, which is its proper
// end. The first reading has to succeed; of later ones a few may fail in a row.
func (c Command) monitorEvery(ctx context.Context, a *account, w watched) error {
	if w.out != "" { // a folder of somebody else is refused before anything is read
		f, _, err := ownFolder(w.out, w.force)
		if err != nil {
			return failure{record.ExitEnvironment, err}
		}
		f.Close()
	}
	v := c.newView(w)
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	failed := 0
	for first := true; ; first = false {
		if !first {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
		r, notes, err := c.readOnce(ctx, a, w)
		var stop runner.Interrupt
		switch {
		case first && errors.As(context.Cause(ctx), &stop) && r == nil:
			return fail(stop.Status, "%w before anything was read", stop)
		case ctx.Err() != nil && r == nil:
			return nil
		case first && err != nil:
			io.WriteString(c.Stderr, notes)
			return err
		case err != nil:
			failed++
		default:
			failed = 0
		}
		if first {
			v.price = hourlyPrice(a.asked.Load(), w.every)
			c.say(v.price)
		}
		// A pipe that was closed has no reader any more.
		switch told := v.show(r, notes, failed, err); {
		case errors.Is(told, syscall.EPIPE):
			return nil
		case told != nil:
			return failure{record.ExitEnvironment, told}
		}
		if failed == mostFailed {
			return fail(record.ExitEnvironment, "%d readings in a row failed; the last: %w", failed, err)
		}
	}
}

// readOnce reads, and writes the files. What is told meanwhile is returned: most
// of it is the same each time. The record is nil where nothing could be read.
func (c Command) readOnce(ctx context.Context, a *account, w watched) (*record.Run, string, error) {
	notes := &asides{}
	c.Stderr = notes
	r, err := c.monitor(ctx, a, w)
	if err != nil {
		return nil, notes.String(), err
	}
	err = c.leave(r, w)
	return r, notes.String(), err
}

// asides collects what is told during a reading, also by a timer that tells that
// it takes its time.
type asides struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (a *asides) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.b.Write(p)
}

func (a *asides) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.b.String()
}

func hourlyPrice(series int64, every time.Duration) string {
	hour := float64(time.Hour) / float64(every)
	return fmt.Sprintf("each reading asks CloudWatch for %d metrics: an hour of them costs about USD %.2g on AWS (USD 0.01 per 1,000 metrics)", series, hour*float64(series)*pricePerSeries)
}

// view shows one reading after another: on a terminal in the place of the one
// before, elsewhere below it.
type view struct {
	c     Command
	w     watched
	price string
	// size is that of the terminal, in characters; nil where there is none, or
	// where the format is for programs.
	size func() (width, height int)
	// last is the reading that is shown, and heard the lines told beside it.
	last  *record.Run
	heard []string
	shown bool // something is on stdout
}

func (c Command) newView(w watched) *view {
	v := &view{c: c, w: w}
	if w.format == "text" && c.Getenv("TERM") != "dumb" {
		v.size = terminalSize(c.Stdout)
	}
	return v
}

// show shows a record, or that there is none, or that its files are not written.
func (v *view) show(r *record.Run, notes string, failed int, problem error) error {
	lines := strings.Split(strings.TrimSuffix(notes, "\n"), "\n")
	if notes == "" {
		lines = nil
	}
	told := news(lines, v.heard)
	v.heard = lines
	if problem != nil {
		line := fmt.Sprintf("%s UTC: failed, %d of %d in a row: %s", time.Now().UTC().Format(time.TimeOnly), failed, mostFailed, record.CleanLine(problem.Error()))
		lines, told = append(lines, line), append(told, line)
	}
	if r != nil {
		v.last = r
	}
	if v.size != nil {
		return v.draw(lines)
	}
	for _, line := range told {
		v.c.say(line)
	}
	if r == nil {
		return nil
	}
	if v.w.format == "text" && v.shown {
		fmt.Fprintln(v.c.Stdout)
	}
	v.shown = true
	return v.w.print(v.c.Stdout, r)
}

var digits = regexp.MustCompile(`[0-9]+`)

// news are the lines that were not heard before. One that differs in numbers
// alone, such as the age of the quotas, is the same.
func news(lines, heard []string) []string {
	plain := func(s string) string { return digits.ReplaceAllString(s, "0") }
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.ContainsFunc(heard, func(h string) bool { return plain(h) == plain(line) })
	})
}
