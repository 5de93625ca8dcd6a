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
		return &bars{container: mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))}
	}
	return &lines{w: w}
}

// heartbeat is how often a quiet run says that it is alive.
const heartbeat = 30 * time.Second

// lines writes one line a stage, one a note, and a heartbeat.
type lines struct {
	mu    sync.Mutex
	w     io.Writer
	stage string
	told  time.Time
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
	if stage == l.stage && now.Sub(l.told) < heartbeat {
		return
	}
	l.stage, l.told = stage, now
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
	}
	return s
}

// bars draws one bar a step over its time. Notes are told above the bars.
type bars struct {
	mu        sync.Mutex
	container *mpb.Progress
	step      string
	bar       *mpb.Bar
	text      *atomic.Value // of the bar, a string; mpb reads it from its own goroutine
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
	if p.Step != b.step {
		b.finish()
		b.begin(p)
	}
	b.text.Store(" " + p.Stage + tally(p))
	// A bar that has reached its total takes no more: completing it is a step of its own.
	b.bar.SetCurrent(min(p.Done.Milliseconds(), p.Total.Milliseconds()-1))
	if p.Done >= p.Total {
		b.bar.SetTotal(-1, true)
	}
}

func (b *bars) begin(p plugins.Progress) {
	text := &atomic.Value{}
	text.Store("")
	b.step, b.text = p.Step, text
	b.bar = b.container.AddBar(p.Total.Milliseconds(),
		mpb.PrependDecorators(decor.Name(p.Step+" ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return text.Load().(string) })))
}

// finish ends the bar under way where it stands: a bar that never ends would
// hold Wait. On a complete bar it does nothing.
func (b *bars) finish() {
	if b.bar != nil {
		b.bar.Abort(false)
		b.bar = nil
	}
}

func (b *bars) close() {
	b.mu.Lock()
	b.finish()
	b.mu.Unlock()
	b.container.Wait()
}
