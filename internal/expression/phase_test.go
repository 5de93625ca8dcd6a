package expression_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/expression"
)

var phases = expression.Phases{
	"ramp": {
		Stages: []string{"climb", "hold", "stage 3", "it's a) \"name\""}, Longest: 4 * time.Minute,
		Names: expression.Names{"throttle_rate": expression.Number, "throttled": expression.Number, "latency_ms.p95": expression.Number},
	},
	"search": {Names: expression.Names{"throttled": expression.Number}},
}

func TestPhasesAreRead(t *testing.T) {
	for _, c := range []struct {
		source string
		reads  string // joined by ", "
		phases string
	}{
		{`ramp.stage("hold").throttle_rate <= 0.01`, `ramp.stage("hold").throttle_rate`, `ramp stage("hold") 0s`},
		{`ramp.stage('hold').latency_ms.p95 < 2 * ramp.stage("climb").latency_ms.p95`, `ramp.stage("hold").latency_ms.p95, ramp.stage("climb").latency_ms.p95`, `ramp stage("hold") 0s, ramp stage("climb") 0s`},
		{`ramp.window(last: 1m).throttled == 0`, `ramp.window(last: 1m).throttled`, `ramp window(last: 1m) 1m0s`},
		{`ramp.window(last 1m).throttled == ramp.window(last: 1m).throttled`, `ramp.window(last: 1m).throttled`, `ramp window(last: 1m) 1m0s`},
		{"ramp . window ( last :\n1m30s ) . latency_ms . p95 > 1", `ramp.window(last: 1m30s).latency_ms.p95`, `ramp window(last: 1m30s) 1m30s`},
		{`ramp.window(last 60s).throttled == ramp.window(last: 1m0s).throttled`, `ramp.window(last: 1m).throttled`, `ramp window(last: 1m) 1m0s`},
		{`ramp.window(last 1500ms).throttled == 0`, `ramp.window(last: 1.5s).throttled`, `ramp window(last: 1.5s) 1.5s`},
		{`0 < ramp.window(last: 1m).throttled < 9 and ramp.stage("stage 3").throttled < 1 < 2`, `ramp.window(last: 1m).throttled, ramp.stage("stage 3").throttled`, `ramp window(last: 1m) 1m0s, ramp stage("stage 3") 0s`},
		{`ramp.stage("it's a) \"name\"").throttled > 1`, `ramp.stage("it's a) \"name\"").throttled`, `ramp stage("it's a) \"name\"") 0s`},
		{`0 < ramp.stage("hold").throttled + 1 < 5`, `ramp.stage("hold").throttled`, `ramp stage("hold") 0s`},
	} {
		p, faults := expression.Compile(c.source, names, phases)
		if len(faults) > 0 {
			t.Errorf("Compile(%q): %v", c.source, faults)
			continue
		}
		if got := strings.Join(p.Reads(), ", "); got != c.reads {
			t.Errorf("%q reads %s; want %s", c.source, got, c.reads)
		}
		var used []string
		for _, x := range p.Phases() {
			used = append(used, x.Of+" "+x.Name+" "+max(x.Last, 0).String())
		}
		if got := strings.Join(used, ", "); got != c.phases {
			t.Errorf("%q has the phases %s; want %s", c.source, got, c.phases)
		}
		values := map[string]any{}
		for i, name := range p.Reads() {
			values[name] = float64(i + 1)
			step, phase, metric := expression.Split(name)
			if !slices.ContainsFunc(p.Phases(), func(x expression.Phase) bool { return x.Of == step && x.Name == phase }) || step+"."+phase+"."+metric != name {
				t.Errorf("Split(%q) = %q, %q, %q", name, step, phase, metric)
			}
		}
		if _, err := p.Eval(values); err != nil {
			t.Errorf("Eval(%q): %v", c.source, err)
		}
	}
	if step, phase, metric := expression.Split("ramp.latency_ms.p95"); step != "ramp" || phase != "" || metric != "latency_ms.p95" {
		t.Errorf("Split = %q, %q, %q", step, phase, metric)
	}
}

var phaseFaults = []struct {
	source, code string
	at           string // the part of the source that is marked
	hint         string
}{
	{`ramp.stage("hodl").throttled == 0`, "unknown-stage", `"hodl"`, `"hold"`},
	{`ramp.stage("").throttled == 0`, "unknown-stage", `""`, "climb, hold"},
	{`ramp.stage("hold").throtled == 0`, "unknown-name", "throtled", `"throttled"`},
	{`ramp.stage("hold").latency_ms == 0`, "not-a-value", "latency_ms", "p95"},
	{`ramp.stage("hold").throttled.x == 0`, "unknown-name", "throttled.x", "has no parts"},
	{`ramp.stage("hold") == 0`, "not-a-value", "ramp", "throttle_rate"},
	{`ramp.stage(hold).throttled == 0`, "bad-stage", "ramp", `ramp.stage("climb")`},
	{`ramp.stage().throttled == 0`, "bad-stage", "ramp", `ramp.stage("climb")`},
	{`ramp.stage("hold", "climb").throttled == 0`, "bad-stage", "ramp", ""},
	{`ramp.stage.throttled == 0`, "unknown-name", "stage", `ramp.stage("NAME")`},
	{`ramp.window.throttled == 0`, "unknown-name", "window", "window(last: 1m)"},
	{`ramp.window(last: 5m).throttled == 0`, "bad-window", "last: 5m", "warm-up"},
	{`ramp.window(last: 60).throttled == 0`, "bad-window", "last: 60", "unit"},
	{`ramp.window(last: 0s).throttled == 0`, "bad-window", "last: 0s", "unit"},
	{`ramp.window(last: -1m).throttled == 0`, "bad-window", "last: -1m", "unit"},
	{`ramp.window(last1m).throttled == 0`, "bad-window", "last1m", "last 1m"},
	{`ramp.window(first: 1m).throttled == 0`, "bad-window", "first: 1m", "last: 1m"},
	{`ramp.window(1m).throttled == 0`, "bad-window", "1m", "last: 1m"},
	{`ramp.window("1m").throttled == 0`, "bad-window", "ramp", "last: 1m"},
	{`ramp.window().throttled == 0`, "bad-window", "ramp", "last: 1m"},
	{`ramp.window(last: 1m).attempts == 0`, "unknown-name", "attempts", "throttle"},
	{`ramp.window(last: 1m).throttled <=`, "bad-expression", "", ""},
	{`search.stage("a").throttled == 0`, "no-phases", "search", "search"},
	{`search.window(last: 1m).throttled == 0`, "bad-window", "last: 1m", "whole"},
	{`quota.stage("a").applied == 0`, "no-phases", "quota", "load step"},
	{`rmap.stage("hold").throttled == 0`, "unknown-name", "rmap", `"ramp"`},
	{`ramp.stage("hold")?.throttled == 0`, "bad-expression", "", ""},
	{`ramp.stage("hold").throttled() == 0`, "bad-expression", "", ""},
	{`stage("hold").throttled == 0`, "bad-expression", "", ""},
	{`ramp.first("hold").throttled == 0`, "bad-expression", "", ""},
	{`ramp.stage("hold").stage("climb").throttled == 0`, "bad-expression", "", ""},
}

func TestPhasesThatAreNot(t *testing.T) {
	for _, c := range phaseFaults {
		p, faults := expression.Compile(c.source, names, phases)
		if p != nil || len(faults) != 1 {
			t.Errorf("Compile(%q): faults %v; want one", c.source, faults)
			continue
		}
		f := faults[0]
		runes := []rune(c.source)
		if f.Offset+f.Width > len(runes) {
			t.Errorf("Compile(%q): place %d+%d is outside", c.source, f.Offset, f.Width)
			continue
		}
		if marked := string(runes[f.Offset : f.Offset+f.Width]); f.Code != c.code || c.at != "" && marked != c.at || !strings.Contains(f.Message+" "+f.Hint, c.hint) {
			t.Errorf("Compile(%q): %s at %q: %s (%s); want %s at %q, with %q", c.source, f.Code, marked, f.Message, f.Hint, c.code, c.at, c.hint)
		}
	}
}
