package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// progress shows how far a run is: bars on a terminal, plain lines elsewhere.
type progress interface {
	report(plugins.Progress)
	close()
}

func newProgress(w io.Writer) progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &bars{steps: map[string]*bar{}, container: mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))}
	}
	return &lines{w: w, told: map[string]told{}}
}

// heartbeat is how often a quiet run says that it is alive.
const heartbeat = 30 * time.Second

// lines writes one line a stage, one a note, and a heartbeat.
type lines struct {
	mu   sync.Mutex
	w    io.Writer
	told map[string]told // by step: several may run at the same time
}

// told is what was said last of a step.
type told struct {
	stage string
	at    time.Time
}

func (l *lines) report(p plugins.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	clock := now.UTC().Format("15:04:05")
	if p.Note != "" {
		fmt.Fprintf(l.w, "%s %s  %s\n", clock, p.Step, p.Note)
		return
	}
	stage := p.Step + " " + p.Stage
	if last := l.told[p.Step]; stage == last.stage && now.Sub(last.at) < heartbeat {
		return
	}
	l.told[p.Step] = told{stage, now}
	fmt.Fprintf(l.w, "%s %s%s\n", clock, stage, tally(p))
}

func (*lines) close() {}

// tally is the numbers of a progress in one line.
func tally(p plugins.Progress) string {
	s := ""
	if p.Total > 0 {
		s = fmt.Sprintf("  %3.0f %%", 100*p.Done.Seconds()/p.Total.Seconds())
	}
	if c := p.Counts; c.Planned > 0 {
		other := c.Sent - c.Outcomes[record.OK] - c.Outcomes[record.Throttled]
		s += fmt.Sprintf("  sent %d  ok %d  throttled %d  errors %d  dropped %d", c.Sent, c.Outcomes[record.OK], c.Outcomes[record.Throttled], other, c.Dropped)
		if c.Retried > 0 {
			s += fmt.Sprintf("  retried %d", c.Retried)
		}
		if c.GivenUp > 0 {
			s += fmt.Sprintf("  given up %d", c.GivenUp)
		}
	}
	return s
}

// bars draws one bar a step over its time. Notes are told above the bars.
type bars struct {
	mu        sync.Mutex
	container *mpb.Progress
	steps     map[string]*bar
}

// bar is that of one step.
type bar struct {
	*mpb.Bar
	text atomic.Value // a string; mpb reads it from its own goroutine
}

func (b *bars) report(p plugins.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.Note != "" {
		fmt.Fprintf(b.container, "%s  %s\n", p.Step, p.Note)
		return
	}
	if p.Total == 0 {
		return
	}
	if b.steps[p.Step] == nil {
		b.begin(p)
	}
	x := b.steps[p.Step]
	x.text.Store(" " + p.Stage + tally(p))
	// A bar that has reached its total takes no more: completing it is a step of its own.
	x.SetCurrent(min(p.Done.Milliseconds(), p.Total.Milliseconds()-1))
	if p.Done >= p.Total {
		x.SetTotal(-1, true)
	}
}

func (b *bars) begin(p plugins.Progress) {
	x := &bar{}
	x.text.Store("")
	x.Bar = b.container.AddBar(p.Total.Milliseconds(),
		mpb.PrependDecorators(decor.Name(p.Step+" ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return x.text.Load().(string) })))
	b.steps[p.Step] = x
}

// finish ends the bars where they stand: a bar that never ends would hold Wait.
// On a complete bar it does nothing.
func (b *bars) finish() {
	for _, x := range b.steps {
		x.Abort(false)
	}
}

func (b *bars) close() {
	b.mu.Lock()
	b.finish()
	b.mu.Unlock()
	b.container.Wait()
}
