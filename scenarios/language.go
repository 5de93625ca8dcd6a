package scenarios

import (
	"slices"
	"time"
)

// A Language is what a program adds to the scenario language: the kinds of step and the formats of reports that it has.
type Language struct {
	// Steps has one key for each kind of step. Its type is an Object, or an Either with forms that are. Each such form
	// gets the key `name` besides its own.
	Steps   []Key
	Formats []string
}

// keys is the table of the top level.
func (lang Language) keys() []Key {
	return []Key{
		{Name: "version", Type: version(), Required: true, Example: "1", Doc: "The version of the scenario language."},
		{Name: "name", Type: Line(), Required: true, Example: "throttle-gate", Doc: "What the scenario is called in reports."},
		{Name: "description", Type: Text(), Doc: "What the scenario is for."},
		{Name: "region", Type: region(), Example: "us-east-1", Doc: "The AWS region. A flag or the environment may say it instead."},
		{Name: "expect_account", Type: AccountID(), Example: `"123456789012"`, Doc: "Refuse to run in any other AWS account."},
		{Name: "seed", Type: Integer(0, 1<<53-1), Default: "1", Doc: "Where every random draw starts from."},
		{Name: "budget", Type: Object(budgetKeys...), Doc: "Hard caps on the whole run. A plan above one of them is refused."},
		{Name: "models", Type: sized(Map(Either(ModelID(), Object(modelKeys...))), 1), Required: true,
			Example: "{haiku: anthropic.claude-3-haiku-20240307-v1:0}", Doc: "The models under test: a name of your choice and a model id, or a mapping that says more."},
		{Name: "families", Type: Map(Object(familyKeys...)), Doc: "Families of models of your own: how InvokeModel is asked, and where the replies tell their tokens. One of these wins over a family of the program that matches the same id."},
		requestKey("What a load step asks each model. A model or a step may say otherwise."),
		{Name: "steps", Type: List(stepType(append(lang.stepKeys(), lang.parallel())), 1, maxEntries), Required: true,
			Example: "[{discover: {}}]", Doc: "What the run does, in this order."},
		{Name: "assert", Type: List(Object(assertKeys...), 0, 10*maxEntries), Doc: "What must hold. Each assertion is judged for each model."},
		{Name: "alarms", Type: Object(alarmKeys...), Doc: "The CloudWatch alarms that `loadline alarms` plans for the quotas of the models. A run does nothing with them."},
		{Name: "report", Type: Object(
			Key{Name: "formats", Type: List(Enum(lang.Formats...), 1, 100), Doc: "The reports to write; all of them if left out."},
		), Doc: "What the run leaves behind."},
	}
}

func (lang Language) root() Type {
	root := Object(lang.keys()...)
	root.open = true
	return root
}

// stepKeys are the kinds of step, each with the key that all have in common.
func (lang Language) stepKeys() []Key {
	name := Key{Name: "name", Type: stepName(), Example: "ramp", Doc: "What assertions call the step; the kind of step if left out."}
	named := func(t Type) Type {
		if t.shape == shapeObject {
			return Object(append(slices.Clone(t.keys), name)...)
		}
		return t
	}
	steps := slices.Clone(lang.Steps)
	for i := range steps {
		if steps[i].Type.shape != shapeEither {
			steps[i].Type = named(steps[i].Type)
			continue
		}
		var forms []Type
		for _, form := range steps[i].Type.forms {
			forms = append(forms, named(form))
		}
		steps[i].Type = Either(forms...)
	}
	return steps
}

var budgetKeys = []Key{
	{Name: "requests", Type: Count(1, 1e9), Example: "3000", Doc: "Requests that may be sent."},
	{Name: "tokens", Type: Count(1, 1e12), Example: "2M", Doc: "Quota tokens that may be taken: what calls reserve, or settle at, whichever is more."},
	{Name: "usd", Type: Number(0, 1e6), Example: "8", Doc: "US dollars that may be spent."},
	{Name: "duration", Type: Duration(time.Second, 31*24*time.Hour), Example: "15m", Doc: "How long the run may take."},
}

var modelKeys = []Key{
	{Name: "id", Type: ModelID(), Required: true, Example: "anthropic.claude-3-haiku-20240307-v1:0", Doc: "The model id, the id of an inference profile, or an ARN."},
	{Name: "family", Type: Name(), Example: "claude", Doc: "The family of models it is asked as, of the program or of `families`, where the id does not tell."},
	{Name: "quotas", Type: Object(quotaKeys...), Doc: "Codes in Service Quotas, for dimensions whose quota is not found by its name."},
	requestKey("What this model is asked, where it differs from the scenario's request."),
	{Name: "price", Type: Object(priceKeys...), Doc: "What the model costs, where it is not known or another price was agreed."},
	{Name: "limits", Type: Object(limitKeys...), Doc: "The most tokens of one call, where they are not known or are others. A request above them is a problem of the plan."},
	{Name: "burndown", Type: Number(0, 100), Example: "5", Doc: "How many tokens of the quota one output token takes, where it differs from the family's."},
}

var quotaKeys = []Key{
	quotaKey("rpm", "requests per minute"),
	quotaKey("tpm", "tokens per minute"),
	quotaKey("tpd", "tokens per day"),
	quotaKey("account_tpd", "tokens per day of all models of the account together"),
	quotaKey("concurrent", "concurrent requests"),
	quotaKey("input_tpm", "input tokens per minute"),
	quotaKey("output_tpm", "output tokens per minute"),
}

func quotaKey(dimension, doc string) Key {
	return Key{Name: dimension, Type: QuotaCode(), Example: "L-2DC80978", Doc: "The code of the quota on " + doc + "."}
}

var priceKeys = []Key{
	{Name: "input", Type: Number(0, 1e5), Required: true, Example: "0.25", Doc: "US dollars for a million input tokens."},
	{Name: "output", Type: Number(0, 1e5), Required: true, Example: "1.25", Doc: "US dollars for a million output tokens."},
	{Name: "cache_read", Type: Number(0, 1e5), Example: "0.03", Doc: "US dollars for a million input tokens that are read from a prompt cache."},
	{Name: "cache_write", Type: Number(0, 1e5), Example: "0.3", Doc: "US dollars for a million input tokens that are written to a prompt cache."},
}

var limitKeys = []Key{
	{Name: "context", Type: Count(1, maxTokens), Example: "200k", Doc: "The context window: input and output of a call together."},
	{Name: "output", Type: Count(1, maxTokens), Example: "64k", Doc: "The output of a call."},
}

var assertKeys = []Key{
	{Name: "expr", Type: Expression(), Required: true, Example: "load.throttle_rate <= 0.01", Doc: "What must be true."},
	{Name: "name", Type: Line(), Example: "at most 1 % throttled", Doc: "What reports call the assertion; the expression if left out."},
	{Name: "for", Type: List(ModelRef(), 1, maxEntries), Doc: "The models it is judged for; all if left out."},
	{Name: "scope", Type: Enum("model", "run"), Default: "model", Doc: "model: judged for each model. run: judged once, on the totals."},
	{Name: "severity", Type: Enum("fail", "warn"), Default: "fail", Doc: "Whether the run fails with it or only says so."},
	{Name: "on_no_data", Type: Enum("unknown", "skip"), Default: "unknown", Doc: "The verdict where a measurement has no data: unknown closes the gate, skip leaves the assertion out."},
	{Name: "confidence", Type: Confidence(), Default: "0.95", Doc: "How sure a rate must be shown to hold, or not to; what is neither is unknown. none: the plain comparison of what was measured."},
}

// sized is a free mapping with at least so many entries.
func sized(t Type, min int) Type {
	t.min = min
	return t
}

// version is the one version of the language that there is.
func version() Type {
	t := Integer(1, 1)
	t.words = "1"
	number := t.read
	t.read = func(w word, n *Node) *flaw {
		wrong := number(w, n)
		if wrong != nil {
			wrong.message = "needs 1, not " + w.show()
			wrong.hint = "this program reads version 1 of the scenario language: write version: 1"
		}
		return wrong
	}
	return t
}
