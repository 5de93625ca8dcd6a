package sim

import (
	"maps"
	"slices"
	"strings"
)

// A Key is one key of the account file, for documents and editors.
type Key struct {
	Path     string // "models[].limits.rpm"
	Doc      string // a sentence
	Required bool
	Default  any // nil where there is none, or none that a value can say
}

// Keys are all keys of the account file, those of a mapping in the order of
// the alphabet.
func Keys() []Key {
	return keysOf(sketch(), "")
}

// keysOf lists the keys below a schema, each before what is in it.
func keysOf(schema object, path string) []Key {
	if items, ok := schema["items"].(object); ok {
		return keysOf(items, path+"[]")
	}
	properties, _ := schema["properties"].(object)
	required, _ := schema["required"].([]string)
	var all []Key
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		inner := properties[name].(object)
		all = append(all, Key{Path: at, Doc: keyDoc(at), Required: slices.Contains(required, name), Default: inner["default"]})
		all = append(all, keysOf(inner, at)...)
	}
	return all
}

// describeKeys writes the sentence of each key into its schema.
func describeKeys(schema object, path string) {
	if items, ok := schema["items"].(object); ok {
		describeKeys(items, path+"[]")
		return
	}
	properties, _ := schema["properties"].(object)
	for name, inner := range properties {
		at := strings.TrimPrefix(path+"."+name, ".")
		if doc := keyDoc(at); doc != "" {
			inner.(object)["description"] = doc
		}
		describeKeys(inner.(object), at)
	}
}

// keyDoc is the sentence for a path, or for its last two words where they mean
// the same wherever they stand.
func keyDoc(path string) string {
	if doc := keyDocs[path]; doc != "" {
		return doc
	}
	words := strings.Split(path, ".")
	return keyDocs[strings.Join(words[max(0, len(words)-2):], ".")]
}

// keyDocs has a sentence for each key; a test ranges over the keys.
var keyDocs = map[string]string{
	"account": "The account's number: twelve digits, in quotes.",
	"region":  "The Region that the ARNs and quotas are of.",
	"seed":    "Keys every random draw: the same seed and requests give the same replies.",

	"quotas":              "Rows of Service Quotas, of the service bedrock; they are told to clients, and enforced only where limits say so too.",
	"quotas[].code":       "The quota code, like L-2DC80978.",
	"quotas[].name":       "The quota's name, as the Service Quotas console shows it.",
	"quotas[].value":      "The value applied in this account; 0 is an account that is not entitled. Needed, unless applied is none.",
	"quotas[].default":    "What AWS gives without a request; the value, if left out.",
	"quotas[].adjustable": "Whether an increase can be asked for.",

	"models":                       "The foundation models.",
	"models[].id":                  "The model id; its first part tells the family, whose bodies InvokeModel then reads.",
	"models[].name":                "The name for people; the id, if left out.",
	"models[].provider":            "The provider's name; the first part of the id, if left out.",
	"models[].inference_types":     "How the model can be called: ON_DEMAND, PROVISIONED, INFERENCE_PROFILE.",
	"models[].modalities":          "What comes out of it; only TEXT can be invoked through Converse. The default is that of the family.",
	"models[].lifecycle":           "ACTIVE or LEGACY.",
	"models[].streaming":           "Whether it can answer in a stream; of a family that is documented without streams the default is false, and of one that has none it stays so.",
	"models[].token_headers":       "Whether replies of InvokeModel tell the token counts in headers; AI21 is reported without, so its default is false.",
	"models[].burndown":            "How many quota tokens one output token takes at settlement.",
	"models[].max_output":          "The most tokens of a reply, and what is reserved where a call sets no max_tokens.",
	"models[].latency":             "How long a reply takes.",
	"latency.first_token":          "Mean time until the first token.",
	"latency.per_token":            "Mean time for each further token.",
	"latency.spread":               "Standard deviation over mean.",
	"models[].output_tokens":       "How long a reply is where max_tokens does not cut it.",
	"output_tokens.mean":           "Mean number of tokens.",
	"output_tokens.spread":         "Standard deviation over mean.",
	"models[].limits":              "What is enforced for on-demand calls; nothing, if left out.",
	"profiles[].limits":            "What is enforced for the profile's scope; the first profile of a scope that has limits decides, and without any the model's limits do, in a pool of its own.",
	"limits.rpm":                   "Requests a minute; 0 is no limit.",
	"limits.tpm":                   "Quota tokens a minute; 0 is no limit.",
	"limits.tpd":                   "Quota tokens a day; 0 is no limit.",
	"limits.concurrent":            "Calls in flight; 0 is no limit.",
	"limits.algorithm":             "How a quota refills, which AWS does not document: bucket (without a pause), fixed (whole at each clock minute), sliding (what the last minute took).",
	"limits.burst":                 "Capacity of the bucket of requests; rpm, if left out.",
	"limits.burst_tokens":          "Capacity of the bucket of tokens; tpm, if left out.",
	"profiles":                     "Inference profiles, of the system or of the application.",
	"profiles[].id":                "The profile's id; an application-inference-profile ARN makes an application profile.",
	"profiles[].name":              "The name for people; the id, if left out.",
	"profiles[].models":            "Ids of the models behind it; an application profile may name a system profile.",
	"provisioned":                  "Provisioned Throughput.",
	"provisioned[].arn":            "The whole ARN; or else give an id.",
	"provisioned[].id":             "The last part of the ARN.",
	"provisioned[].name":           "The name for people; the ARN or id, if left out.",
	"provisioned[].model":          "Id of the model.",
	"provisioned[].units":          "Model units.",
	"provisioned[].status":         "Creating, InService, Updating or Failed.",
	"provisioned[].commitment":     "OneMonth or SixMonths; none, if left out.",
	"traffic":                      "Background load: CloudWatch history, and quota used while the account runs.",
	"traffic[].model":              "Id of the model, profile or Provisioned Throughput.",
	"traffic[].rpm":                "Attempts a minute; at the trough of the cycle, where peak is set.",
	"traffic[].peak":               "Attempts a minute at the top of the cycle; 0 is no cycle.",
	"traffic[].period":             "Length of the cycle; a day has its trough at midnight UTC.",
	"traffic[].growth":             "Growth of the attempts, as a fraction a day.",
	"traffic[].throttled":          "The fraction of the attempts that is throttled.",
	"traffic[].input_tokens":       "Input tokens of a call that is answered.",
	"traffic[].output_tokens":      "Output tokens of a call that is answered; the model's mean, if left out.",
	"traffic[].latency":            "Mean latency of a call that is answered; as the model's, if left out.",
	"traffic[].since":              "How long before the account's start it began; 0s is always.",
	"traffic[].incidents":          "Times at which the traffic was otherwise.",
	"incidents[].ago":              "How long before the account's start it began.",
	"incidents[].for":              "How long it lasted.",
	"incidents[].throttled":        "The fraction that was throttled meanwhile.",
	"incidents[].rpm":              "Attempts a minute meanwhile.",
	"account_tpd":                  "Quota tokens a day of all models together, Provisioned Throughput apart; unlimited, if left out.",
	"account_tpd_algorithm":        "How the account's day refills, which AWS does not document: bucket, fixed or sliding.",
	"credentials":                  "Who may call: as soon as there are credentials or bearer_keys, every request is verified; loadline itself calls with the first of them.",
	"credentials[].access_key":     "The access key id.",
	"credentials[].secret_key":     "The secret that signs.",
	"credentials[].session_token":  "The token that must come with temporary credentials.",
	"credentials[].expires":        "From when on they are refused as expired; never, if left out.",
	"bearer_keys":                  "Texts that stand for a signature in requests to Bedrock.",
	"service_quotas":               "How the Service Quotas API behaves.",
	"service_quotas.rate_limits":   "Whether it refuses more calls a second than AWS takes.",
	"quotas[].applied":             "none: the account has no applied value, and the row needs a default; value otherwise.",
	"quotas[].error":               "Why the applied value cannot be read: a code of Service Quotas, or a code and a message.",
	"models[].access":              "What GetFoundationModelAvailability says; where one is not its first value, calls are refused.",
	"access.agreement":             "AVAILABLE, PENDING, NOT_AVAILABLE or ERROR.",
	"access.authorization":         "AUTHORIZED or NOT_AUTHORIZED.",
	"access.entitlement":           "AVAILABLE or NOT_AVAILABLE.",
	"access.region":                "AVAILABLE or NOT_AVAILABLE.",
	"models[].lifetime":            "Dates of the model's life, in their order; calls after the end are refused.",
	"lifetime.start":               "When it began.",
	"lifetime.legacy":              "When it became LEGACY.",
	"lifetime.extended_access":     "When public extended access began.",
	"lifetime.end":                 "When it ends.",
	"models[].customizations":      "FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION; for filters of lists.",
	"models[].price":               "What the Price List says; a model without one is not in it.",
	"price.input":                  "US dollars for a million input tokens.",
	"price.output":                 "US dollars for a million output tokens.",
	"models[].mid_stream_throttle": "The fraction of streams that a throttle ends after their beginning.",
	"latency.under_load":           "Factor on the latency where the pool is full; between, it grows with the calls in flight.",
	"models[].optimized":           "How calls with performanceConfig latency=optimized are served.",
	"optimized.limits":             "What they may take, in a pool of their own; what is above is served at standard latency. If left out, they take from the pools of all calls.",
	"optimized.latency":            "Factor on their latency.",
	"models[].cache":               "A prompt cache, of every call beside its input; none, if left out.",
	"cache.read_tokens":            "Tokens that a hit reads.",
	"cache.write_tokens":           "Tokens that a miss writes.",
	"cache.hits":                   "The share of calls that read; the others write both.",
	"cache.spread":                 "Standard deviation over mean.",
	"cache.reserve_reads":          "Whether reads are part of the reservation, on which AWS's pages differ.",
	"models[].capacity":            "Times at which AWS has no room, a 503 apart from the quotas; the first row that holds decides.",
	"capacity[].from":              "When it begins, after the account's start.",
	"capacity[].for":               "How long it lasts; always, if left out.",
	"capacity[].probability":       "The share of calls that are turned away.",
	"models[].cold_start":          "For so long after its first call the model is not ready, a 429 that is no throttle.",
	"limits.adjust":                "How often the reservation of a call under way moves toward its settlement, which AWS does not document; 0s is never.",
	"limits.entitled":              "false: quotas of zero, as new accounts have them; every call is throttled for the tokens of the day.",
	"limits.throttled_consume_rpm": "Whether a throttled call takes from rpm, which AWS does not document.",
	"provisioned[].created":        "The date of its creation.",
	"traffic[].weekend":            "Factor on the attempts on Saturdays and Sundays UTC.",
	"faults":                       "Rows that make requests go wrong on purpose; the first row that acts on a request is the only one.",
	"faults[].match":               "Which requests; all, if left out.",
	"match.operation":              "bedrock-runtime.Converse, bedrock.*, or * for all.",
	"match.model":                  "Id of the model or profile.",
	"match.header":                 "Names of headers and the values that they must have.",
	"faults[].when":                "When, of the requests that match; all that is given has to hold.",
	"when.nth":                     "The one request that is the nth to match, from 1.",
	"when.every":                   "Every so many of them.",
	"when.probability":             "The share of them.",
	"when.from":                    "Not before, after the account's start.",
	"when.for":                     "For how long from then; always, if left out.",
	"faults[].what":                "What goes wrong: one kind, with delay and date or without, or these alone.",
	"what.delay":                   "How long to wait before all else.",
	"what.date":                    "Added to the Date header, with a sign: +1h, -5m.",
	"what.error":                   "An error reply, in the form of the operation's service.",
	"error.status":                 "The HTTP status.",
	"error.code":                   "The error code, like ThrottlingException.",
	"error.message":                "The message.",
	"what.reset":                   "The connection is reset: before any reply, or in the middle of it.",
	"what.html":                    "A page of HTML with this status.",
	"what.redirect":                "A redirect to this URL.",
	"what.stall":                   "The body stops for a while.",
	"stall.after":                  "After so many bytes.",
	"stall.for":                    "For so long.",
	"what.truncate":                "The connection ends after so many bytes of the body.",
	"what.truncate_stream":         "A stream of events ends cleanly after so many of them.",
	"what.crc":                     "true: the second event of a stream has a wrong checksum.",
	"what.malformed":               "true: the body has a wrong first byte.",
	"what.empty":                   "true: there is no body.",
	"what.partial":                 "true: GetMetricData leaves half of the points out, with status PartialData.",
	"metrics":                      "How CloudWatch behaves.",
	"metrics.delay":                "How long after its end CloudWatch shows a minute.",
}
