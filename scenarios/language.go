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
		requestKey("What a load step asks each model. A model or a step may say otherwise."),
		{Name: "steps", Type: List(stepType(append(lang.stepKeys(), lang.parallel())), 1, maxEntries), Required: true,
			Example: "[{discover: {}}]", Doc: "What the run does, in this order."},
		{Name: "assert", Type: List(Object(assertKeys...), 0, 10*maxEntries), Doc: "What must hold. Each assertion is judged for each model."},
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
	{Name: "family", Type: Name(), Example: "anthropic", Doc: "The family of models it is asked and charged as, where the id does not tell."},
	{Name: "quotas", Type: Object(quotaKeys...), Doc: "Codes in Service Quotas, for dimensions whose quota is not found by its name."},
	requestKey("What this model is asked, where it differs from the scenario's request."),
	{Name: "price", Type: Object(priceKeys...), Doc: "What the model costs, where it is not known or another price was agreed."},
	{Name: "burndown", Type: Number(0, 100), Example: "5", Doc: "How many tokens of the quota one output token takes, where it differs from the family's."},
}

var quotaKeys = []Key{
	quotaKey("rpm", "requests per minute"),
	quotaKey("tpm", "tokens per minute"),
	quotaKey("tpd", "tokens per day"),
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
}

var requestKeys = []Key{
	{Name: "api", Type: Enum("invoke", "converse"), Default: "converse", Doc: "The operation of Bedrock to call."},
	{Name: "prompt", Type: Text(), Default: "Summarize this in one sentence: AWS provides cloud computing services.", Doc: "What the model is asked."},
	{Name: "system", Type: Text(), Doc: "The system prompt."},
	{Name: "max_tokens", Type: Integer(1, 1e6), Default: "50", Doc: "The most output tokens of a call. Bedrock reserves them from the quota when a call begins."},
	{Name: "input_tokens", Type: Integer(1, 1e7), Example: "400", Doc: "How many tokens the prompt has, where a plan should not estimate it."},
	{Name: "timeout", Type: Duration(time.Second, 15*time.Minute), Default: "60s", Doc: "How long to wait for a reply."},
	{Name: "temperature", Type: Number(0, 1), Example: "0", Doc: "The temperature; not sent if left out."},
}

// RequestKey is the row of the key `request`, for steps that send calls. See [RequestOf].
func RequestKey() Key {
	return requestKey("What this step asks, where it differs from the models' and the scenario's request.")
}

func requestKey(doc string) Key {
	return Key{Name: "request", Type: Object(requestKeys...), Doc: doc}
}

var assertKeys = []Key{
	{Name: "expr", Type: Expression(), Required: true, Example: "load.throttle_rate <= 0.01", Doc: "What must be true."},
	{Name: "name", Type: Line(), Example: "at most 1 % throttled", Doc: "What reports call the assertion; the expression if left out."},
	{Name: "for", Type: List(ModelRef(), 1, maxEntries), Doc: "The models it is judged for; all if left out."},
	{Name: "scope", Type: Enum("model", "run"), Default: "model", Doc: "model: judged for each model. run: judged once, on the totals."},
	{Name: "severity", Type: Enum("fail", "warn"), Default: "fail", Doc: "Whether the run fails with it or only says so."},
	{Name: "on_no_data", Type: Enum("unknown", "skip"), Default: "unknown", Doc: "The verdict where a measurement has no data: unknown closes the gate, skip leaves the assertion out."},
	{Name: "confidence", Type: Enum("none"), Default: "none", Doc: "none: the plain comparison, which is what every assertion uses in this version."},
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
