// Loadline tells a team how much load its Amazon Bedrock quotas carry, and
// stops a deploy that would not fit.
package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/loadline-dev/loadline/internal/cli"
)

func main() {
	// A reader that goes away early (`| head`) must not end a run before its
	// reports are written: the write fails instead.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "loadline")
	}
	c := cli.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Signals: signals, Exit: os.Exit, CacheDir: cache}
	os.Exit(c.Main(os.Args[1:]))
}
