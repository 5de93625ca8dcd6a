package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner"
)

// stopEvery is how often a stop file is looked for.
const stopEvery = time.Second

// stoppable is a context that the appearance of a file cancels, as SIGINT does;
// without a path it is the given one. A file that is there already, or that
// could never be seen, is refused: whoever names one relies on it.
func (c Command) stoppable(ctx context.Context, path string) (context.Context, func(), error) {
	if path == "" {
		return ctx, func() {}, nil
	}
	shown := record.CleanLine(path)
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
		return nil, nil, fail(record.ExitUsage, "--stop-file %s: its folder is not there: make it, or name another", shown)
	}
	switch _, err := os.Lstat(path); {
	case err == nil:
		return nil, nil, fail(record.ExitUsage, "--stop-file %s: the file is there already, and nothing was sent: remove it first", shown)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, fail(record.ExitUsage, "--stop-file %s: %w", shown, pathError(err))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	tick := time.NewTicker(stopEvery)
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if _, err := os.Lstat(path); err == nil {
				fmt.Fprintf(c.Stderr, "\nthe stop file %s is there: no further call is sent; calls under way may end, then reports are written.\n", shown)
				cancel(runner.Interrupt{Signal: "the stop file " + shown, Status: record.ExitInterrupt})
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }, nil
}
