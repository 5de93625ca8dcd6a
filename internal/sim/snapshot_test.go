package sim

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const sdkService = "github.com/aws/aws-sdk-go-v2/service/"

// snapshots are the files of one kind that a module of the SDK was published
// with, by operation. It skips the test where the module or the kind is not there.
func snapshots(t *testing.T, service, kind string) map[string]string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sdkService+service).Output()
	if err != nil || strings.TrimSpace(string(dir)) == "" {
		t.Skipf("the module of %s is not in the module cache (%v): `go mod download %s` would bring it", service, err, sdkService+service)
	}
	suffix := "." + kind + ".snap"
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*_snapshot", "*"+suffix))
	if len(files) == 0 {
		t.Skipf("this version of %s comes without %s snapshots", service, kind)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), suffix)] = string(text)
	}
	return all
}

// replay sends a request snapshot: a line with method and path, then headers,
// then the body, with empty lines between.
func replay(t *testing.T, s *Server, snapshot string) *recorder {
	t.Helper()
	head, rest, _ := strings.Cut(snapshot, "\n\n")
	headers, body, _ := strings.Cut(rest, "\n\n")
	method, path, ok := strings.Cut(strings.TrimSpace(head), " ")
	if !ok {
		t.Fatalf("the snapshot begins with %q", head)
	}
	var pairs []string
	for line := range strings.SplitSeq(headers, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			pairs = append(pairs, name, value)
		}
	}
	return send(s, method, path, strings.TrimSpace(body), pairs...)
}

// The requests that the SDK was published with are understood where the account
// has the operation; the others are answered as unknown, never with a success.
func TestRequestSnapshots(t *testing.T) {
	const placeholders = `
quotas: [{code: __QuotaCode__, name: placeholder, value: 1, adjustable: true}]
models: [{id: __modelId__}, {id: __modelIdentifier__}]
`
	known := map[string]bool{}
	for _, api := range APIs {
		known[api.Operation] = true
	}
	for _, service := range []string{"servicequotas", "sts", "bedrock"} {
		t.Run(service, func(t *testing.T) {
			understood := 0
			for op, snapshot := range snapshots(t, service, "request") {
				w := replay(t, New(mustParse(t, placeholders)), snapshot)
				var parsed struct {
					Type string `json:"__type"`
				}
				if service == "sts" {
					var fault xmlFault
					if err := xml.Unmarshal(w.body.Bytes(), &fault); err == nil {
						parsed.Type = fault.Code
					}
				} else if err := json.Unmarshal(w.body.Bytes(), &parsed); err != nil {
					t.Errorf("%s: %v in %s", op, err, &w.body)
				}
				code := orElse(parsed.Type, strings.Split(w.header.Get("X-Amzn-Errortype"), ":")[0])
				unknown := code == "UnknownOperationException" || code == "InvalidAction"
				switch {
				case known[service+"."+op] && (unknown || code == "SerializationException"):
					t.Errorf("%s is not understood: %s", op, &w.body)
				case known[service+"."+op]:
					understood++
				case !unknown:
					t.Errorf("%s = %d %s; want an error of an unknown operation", op, w.status, &w.body)
				}
			}
			if understood == 0 {
				t.Error("no snapshot is that of an operation here")
			}
		})
	}
}

// Converse with every member that the SDK can send is a call like any other. The
// bodies of the other two are placeholders: they reach the reader of bodies.
func TestRuntimeRequestSnapshots(t *testing.T) {
	all := snapshots(t, "bedrockruntime", "request")
	const account = `models: [{id: __ModelId__, inference_types: [ON_DEMAND]}]`
	w := replay(t, New(mustParse(t, account)), all["Converse"])
	var reply struct {
		StopReason  string
		Usage       struct{ InputTokens, OutputTokens int }
		ServiceTier struct{ Type string }
	}
	if err := json.Unmarshal(w.body.Bytes(), &reply); err != nil || w.status != 200 || reply.Usage.InputTokens == 0 || reply.Usage.OutputTokens != 1 || reply.ServiceTier.Type != "priority" {
		t.Errorf("Converse = %d %s (%v); want one token, as maxTokens says, at priority", w.status, &w.body, err)
	}
	for _, op := range []string{"InvokeModel", "CountTokens"} {
		s := New(mustParse(t, account))
		w := replay(t, s, all[op])
		if code, _, _ := strings.Cut(w.header.Get("X-Amzn-Errortype"), ":"); w.status != 400 || code != "ValidationException" || s.Counts().Requests["bedrock-runtime."+op] != 1 {
			t.Errorf("%s with the body \"blob\" = %d %s %s; want a ValidationException of that operation", op, w.status, code, &w.body)
		}
	}
}
