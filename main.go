// Loadline tells a team how much load its Amazon Bedrock quotas carry, and
// stops a deploy that would not fit.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/loadline-dev/loadline/internal/cli"
)

func main() {
	// A reader that goes away early (`| head`) must not end a run before its
	// reports are written: the write fails instead.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	c := cli.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Signals: signals, Exit: os.Exit}
	os.Exit(c.Main(os.Args[1:]))
}
