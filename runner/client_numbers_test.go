package runner_test

import (
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

// What a report tells of a client is what went over the wire: no more a minute than
// its limits, though calls that came due before are sent for long after.
func TestAPacedLoadTellsTheRateThatItSent(t *testing.T) {
	src := strings.Replace(client("api: converse-stream, max_tokens: 30", "models: [haiku, twin], ramp: {constant: 50 rpm, for: 90s}", "{pacing: {max_wait: 1m}, retry: {}}"), "models:\n", "models:\n  twin: {id: \"anthropic.claude-3-haiku-20240307-v1:0\"}\n", 1)
	o := simulate(t, src, haikuAccount, nil)
	o.accounts(t, o.Steps[1])
	v := o.Totals["load"]
	if v["offered_rpm"].Value < 99 || v["attempted_rpm"].Value < 57 || v["attempted_rpm"].Value > 60 || v["ok_rpm"].Value > 60 {
		t.Errorf("offered %v, attempted %v, ok %v; want 100 a minute offered, and at most the 60 of the quota sent", v["offered_rpm"], v["attempted_rpm"], v["ok_rpm"])
	}
}

// A ramp that is stopped for what its retries do has numbers that say so when it is
// over: those that wait for a retry then were not answered, and their attempts are
// not those of others.
func TestAStoppedRampKeepsItsNumbers(t *testing.T) {
	for stop, holds := range map[string]func(record.Values) bool{
		"amplification > 2.5": func(v record.Values) bool { return v["amplification"].Value > 2.4 && v["amplification"].Value <= 4 },
		"throttled >= 30, stop_confidence: none": func(v record.Values) bool {
			return v["success_rate"].Value < 0.8 && v["amplification"].Value == v["attempts"].Value/v["calls"].Value
		},
	} {
		o := simulate(t, client("max_tokens: 30", "models: [haiku], ramp: {constant: 240 rpm, for: 5m}, stop_when: "+stop, "{retry: {policy: full-jitter}}"), haikuAccount, nil)
		o.accounts(t, o.Steps[1])
		if v := o.Totals["load"]; o.Steps[1].Stopped == "" || !holds(v) {
			t.Errorf("%s: stopped %q with a success rate of %v, amplification %v of %v attempts and %v calls", stop, o.Steps[1].Stopped, v["success_rate"], v["amplification"], v["attempts"], v["calls"])
		}
	}
}
