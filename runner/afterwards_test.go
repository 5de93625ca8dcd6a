package runner_test

import (
	"fmt"
	"strings"
	"testing"
)

// A condition that has no data until the step is over would never stop it.
func TestStopWhenReadsWhatIsKnownThen(t *testing.T) {
	for stop, want := range map[string]string{
		"first_throttle_rpm > 100":                        "never-stops 6:58 stop_when reads first_throttle_rpm, which has no data until the step is over, so it would never stop",
		"throttle_rate > 0.5 or first_throttle_tpm > 100": "never-stops 6:58 stop_when reads first_throttle_tpm, which has no data until the step is over, so it would never stop",
		"first_throttle_s > 1":                            "",
		"nothing > 1":                                     "unknown-name",
	} {
		_, problems := understand("version: 1\nname: t\nmodels:\n  nova: amazon.nova-lite-v1:0\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}, stop_when: " + stop + "}\n")
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s %d:%d %s", p.Code, p.Pos.Line, p.Pos.Column, p.Message))
		}
		if s := strings.Join(got, "\n"); s != want && !(want == "unknown-name" && strings.HasPrefix(s, want)) {
			t.Errorf("%s: got  %s\nwant %s", stop, s, want)
		}
	}
}
