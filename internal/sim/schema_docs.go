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
	"quotas[].value":      "The value applied in this account; 0 is an account that is not entitled.",
	"quotas[].default":    "What AWS gives without a request; the value, if left out.",
	"quotas[].adjustable": "Whether an increase can be asked for.",

	"models":                   "The foundation models.",
	"models[].id":              "The model id; its first part tells the family, whose bodies InvokeModel then reads.",
	"models[].name":            "The name for people; the id, if left out.",
	"models[].provider":        "The provider's name; the first part of the id, if left out.",
	"models[].inference_types": "How the model can be called: ON_DEMAND, PROVISIONED, INFERENCE_PROFILE.",
	"models[].modalities":      "What comes out of it; only TEXT can be invoked through Converse.",
	"models[].lifecycle":       "ACTIVE or LEGACY.",
	"models[].streaming":       "Whether it can answer in a stream.",
	"models[].burndown":        "How many quota tokens one output token takes at settlement.",
	"models[].max_output":      "The most tokens of a reply, and what is reserved where a call sets no max_tokens.",
	"models[].latency":         "How long a reply takes.",
	"latency.first_token":      "Mean time until the first token.",
	"latency.per_token":        "Mean time for each further token.",
	"latency.spread":           "Standard deviation over mean.",
	"models[].output_tokens":   "How long a reply is where max_tokens does not cut it.",
	"output_tokens.mean":       "Mean number of tokens.",
	"output_tokens.spread":     "Standard deviation over mean.",
	"models[].limits":          "What is enforced for on-demand calls; nothing, if left out.",
	"profiles[].limits":        "What is enforced for the profile's scope; the first profile of a scope that has limits decides, and without any the model's limits do, in a pool of its own.",
	"limits.rpm":               "Requests a minute; 0 is no limit.",
	"limits.tpm":               "Quota tokens a minute; 0 is no limit.",
	"limits.tpd":               "Quota tokens a day; 0 is no limit.",
	"limits.concurrent":        "Calls in flight; 0 is no limit.",
	"limits.algorithm":         "How a quota refills, which AWS does not document: bucket (without a pause), fixed (whole at each clock minute), sliding (what the last minute took).",
	"limits.burst":             "Capacity of the bucket of requests; rpm, if left out.",
	"limits.burst_tokens":      "Capacity of the bucket of tokens; tpm, if left out.",
	"profiles":                 "Inference profiles, of the system or of the application.",
	"profiles[].id":            "The profile's id; an application-inference-profile ARN makes an application profile.",
	"profiles[].name":          "The name for people; the id, if left out.",
	"profiles[].models":        "Ids of the models behind it; an application profile may name a system profile.",
	"provisioned":              "Provisioned Throughput.",
	"provisioned[].arn":        "The whole ARN; or else give an id.",
	"provisioned[].id":         "The last part of the ARN.",
	"provisioned[].name":       "The name for people; the ARN or id, if left out.",
	"provisioned[].model":      "Id of the model.",
	"provisioned[].units":      "Model units.",
	"provisioned[].status":     "Creating, InService, Updating or Failed.",
	"provisioned[].commitment": "OneMonth or SixMonths; none, if left out.",
	"traffic":                  "Background load: CloudWatch history, and quota used while the account runs.",
	"traffic[].model":          "Id of the model, profile or Provisioned Throughput.",
	"traffic[].rpm":            "Attempts a minute; at the trough of the cycle, where peak is set.",
	"traffic[].peak":           "Attempts a minute at the top of the cycle; 0 is no cycle.",
	"traffic[].period":         "Length of the cycle; a day has its trough at midnight UTC.",
	"traffic[].growth":         "Growth of the attempts, as a fraction a day.",
	"traffic[].throttled":      "The fraction of the attempts that is throttled.",
	"traffic[].input_tokens":   "Input tokens of a call that is answered.",
	"traffic[].output_tokens":  "Output tokens of a call that is answered; the model's mean, if left out.",
	"traffic[].latency":        "Mean latency of a call that is answered; as the model's, if left out.",
	"traffic[].since":          "How long before the account's start it began; 0s is always.",
	"traffic[].incidents":      "Times at which the traffic was otherwise.",
	"incidents[].ago":          "How long before the account's start it began.",
	"incidents[].for":          "How long it lasted.",
	"incidents[].throttled":    "The fraction that was throttled meanwhile.",
	"incidents[].rpm":          "Attempts a minute meanwhile.",
	"faults":                   "An empty list, for now.",
	"metrics":                  "How CloudWatch behaves.",
	"metrics.delay":            "How long after its end CloudWatch shows a minute.",
}
