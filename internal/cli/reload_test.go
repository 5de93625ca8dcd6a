package cli_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// reloaded serves an account, puts another file in the place of its own ("-"
// removes it), sends SIGHUP, and waits for a text. It leaves what the account
// then says of itself in the file state, and ends the command:
// reloaded TEXT NEW OLD COMMAND ARGS...
func reloaded(ts *testscript.TestScript, _ bool, args []string) {
	endpoint := regexp.MustCompile(`AWS_ENDPOINT_URL=(http://\S+)\n`)
	status := run(ts, args[3:], func(p *os.Process, seen func() string) {
		defer p.Signal(syscall.SIGTERM) // also where a step below fails
		until := func(done func(string) bool) string {
			for range 3000 {
				if s := seen(); done(s) {
					return s
				}
				time.Sleep(10 * time.Millisecond) // a real process in real time
			}
			ts.Fatalf("%q: nothing more after half a minute:\n%s", args[3:], seen())
			return ""
		}
		out := until(endpoint.MatchString)
		if old := ts.MkAbs(args[2]); args[1] == "-" {
			ts.Check(os.Remove(old))
		} else {
			ts.Check(os.WriteFile(old, []byte(ts.ReadFile(args[1])), 0o644))
		}
		ts.Check(p.Signal(syscall.SIGHUP))
		until(func(s string) bool { return strings.Contains(s, args[0]) })
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		reply, err := client.Get(endpoint.FindStringSubmatch(out)[1] + "/_loadline/state")
		ts.Check(err)
		defer reply.Body.Close()
		state, err := io.ReadAll(reply.Body)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("state"), state, 0o644))
	})
	if status != 0 {
		ts.Fatalf("%q: exit status %d; want 0\n%s", args[3:], status, ts.ReadFile("stderr"))
	}
}
