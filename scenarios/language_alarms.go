package scenarios

import (
	"fmt"
	"time"
)

// Alarms are those that the program plans for the quotas of the models. See the command `alarms`.
type Alarms struct {
	Pos       Pos
	Usage     At[float64] // of the applied quota, as a fraction
	For       At[time.Duration]
	Actions   []At[string]
	OKActions []At[string]
	Prefix    At[string] // of names; made of the scenario's name if not written
}

// maxActions is the most that CloudWatch takes for one state of an alarm.
const maxActions = 5

var alarmKeys = []Key{
	{Name: "usage", Type: Percent(), Default: "80%", Doc: "How much of an applied quota may be used before its alarm goes off."},
	{Name: "for", Type: minutes(1, 60), Default: "3m", Doc: "In how many minutes so much is used, or calls are throttled, before an alarm goes off. CloudWatch shows a minute late, so they are looked for among these and three more. A quota of a day is not asked for minutes."},
	{Name: "actions", Type: List(actionARN(), 0, maxActions), Example: `["arn:aws:sns:us-east-1:123456789012:pager"]`, Doc: "What CloudWatch does when an alarm goes off: ARNs, of a topic of SNS for example. It does not look whether they are there."},
	{Name: "ok_actions", Type: List(actionARN(), 0, maxActions), Example: `["arn:aws:sns:us-east-1:123456789012:pager"]`, Doc: "What it does when all is well again."},
	{Name: "prefix", Type: alarmPrefix(), Example: "prod-bedrock", Doc: "How the names of the alarms begin; loadline- and the name of the scenario if left out. Alarms of an earlier prefix are not found any more: prune them before."},
}

// minutes is a duration of whole minutes.
func minutes(min, max int) Type {
	t := Duration(time.Duration(min)*time.Minute, time.Duration(max)*time.Minute)
	plain := t.read
	t.read = func(w word, n *Node) *flaw {
		if wrong := plain(w, n); wrong != nil {
			return wrong
		}
		if n.duration%time.Minute != 0 {
			return &flaw{"quantity-range", "needs whole minutes, not " + w.text, fmt.Sprintf("write %dm", (n.duration+time.Minute-1)/time.Minute)}
		}
		return nil
	}
	return t
}

// actionARN is what an alarm may do: a topic of SNS, a function of Lambda and others.
func actionARN() Type {
	return textRule{words: "an ARN", max: 1024, pattern: `^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:[A-Za-z0-9_.:/#=+@-]+$`, code: "bad-arn",
		hint: "write the ARN of a topic, such as arn:aws:sns:us-east-1:123456789012:pager"}.make()
}

// alarmPrefix leaves room for the rest of a name, which has 255 characters at most.
func alarmPrefix() Type {
	return textRule{words: "the beginning of a name", max: maxName, pattern: `^[A-Za-z0-9][A-Za-z0-9._/-]*$`, code: "bad-prefix",
		hint: "it begins with a letter or a digit, and has only these and . _ / -"}.make()
}

func bindAlarms(n *Node) Alarms {
	f := form{n, alarmKeys}
	return Alarms{
		Pos:       n.Pos(),
		Usage:     number(f.get("usage")),
		For:       length(f.get("for")),
		Actions:   texts(f.get("actions")),
		OKActions: texts(f.get("ok_actions")),
		Prefix:    text(f.get("prefix")),
	}
}
