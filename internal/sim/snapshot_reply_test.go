package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// wireReply is a reply, of the account or of a snapshot.
type wireReply struct {
	status int
	header http.Header
	body   []byte
}

func (w *recorder) reply() wireReply { return wireReply{w.status, w.header, w.body.Bytes()} }

// readReply reads a response snapshot: a line with the status, headers, an empty
// line, the body.
func readReply(t *testing.T, snapshot string) (r wireReply) {
	t.Helper()
	in := bufio.NewReader(strings.NewReader(snapshot))
	line, err := in.ReadString('\n')
	if err == nil {
		r.status, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err == nil {
		var header textproto.MIMEHeader
		header, err = textproto.NewReader(in).ReadMIMEHeader()
		r.header = http.Header(header)
	}
	if err == nil {
		r.body, err = io.ReadAll(in)
	}
	if err != nil {
		t.Fatalf("the snapshot %q: %v", snapshot, err)
	}
	return r
}

// members reads a body whose type tells its form. What is neither JSON nor CBOR
// has none, and nil is the body that is not there.
func (r wireReply) members(t *testing.T) any {
	t.Helper()
	var v any
	var err error
	switch kind := r.header.Get("Content-Type"); {
	case len(r.body) == 0:
	case strings.Contains(kind, "json"):
		err = json.Unmarshal(r.body, &v)
	case strings.Contains(kind, "cbor"):
		v, err = cbor.Decode(r.body)
		if m, ok := v.(cbor.Map); ok {
			v = map[string]any{}
			for name, member := range m {
				v.(map[string]any)[name] = member
			}
		}
	}
	if err != nil {
		t.Fatalf("%q: %v", r.body, err)
	}
	return v
}

func (r wireReply) has(t *testing.T, member string) bool {
	m, _ := r.members(t).(map[string]any)
	return m[member] != nil
}

// errorType is the name of an error as the SDK finds it: in the header, else in
// the body, without what stands around it.
func (r wireReply) errorType(members any) string {
	name := r.header.Get("X-Amzn-Errortype")
	if m, ok := members.(map[string]any); ok && name == "" {
		name = strings.Trim(fmt.Sprint(m["__type"]), `"`)
	}
	name, _, _ = strings.Cut(name, ":")
	return name[strings.LastIndexByte(name, '#')+1:]
}

// requestHeaders stand in snapshots of responses, and are none of a response.
var requestHeaders = []string{"Accept", "X-Amz-Target", "X-Amzn-Query-Mode"}

// compare checks that a reply has the form of a snapshot: its status, its
// headers (a placeholder stands for any value), and no member that the snapshot
// has not, nor one of another kind.
func compare(t *testing.T, got, want wireReply) {
	t.Helper()
	if got.status != want.status {
		t.Errorf("status %d; the snapshot has %d", got.status, want.status)
	}
	for name := range want.header {
		a, b := got.header.Get(name), want.header.Get(name)
		if !slices.Contains(requestHeaders, name) && a != b && (a == "" || !strings.HasPrefix(b, "__")) {
			t.Errorf("%s: %q; the snapshot has %q", name, a, b)
		}
	}
	if strings.HasPrefix(want.header.Get("Content-Type"), "__") {
		return // the body is the caller's and the model's own
	}
	if want.header.Get("Content-Type") == "" && got.header.Get("Content-Type") != "" {
		t.Errorf("a Content-Type of %q; the snapshot has none", got.header.Get("Content-Type"))
	}
	within(t, "the reply", got.members(t), want.members(t))
}

// within checks that every member of got has one of the same kind in want.
func within(t *testing.T, place string, got, want any) {
	t.Helper()
	if a, b := fmt.Sprintf("%T", got), fmt.Sprintf("%T", want); a != b {
		t.Errorf("%s is a %s; the snapshot has a %s", place, a, b)
		return
	}
	switch got := got.(type) {
	case map[string]any:
		for name, member := range got {
			within(t, place+"."+name, member, want.(map[string]any)[name])
		}
	case cbor.Map:
		for name, member := range got {
			other, ok := want.(cbor.Map)[name]
			if !ok {
				other = want.(cbor.Map)["key0"] // the names of a table are data
			}
			within(t, place+"."+name, member, other)
		}
	case []any:
		for _, item := range got {
			within(t, place, item, want.([]any)[0])
		}
	case cbor.List:
		for _, item := range got {
			within(t, place, item, want.(cbor.List)[0])
		}
	case *cbor.Tag:
		within(t, fmt.Sprint(place, " tag ", got.ID), got.Value, want.(*cbor.Tag).Value)
	}
}

// replyForms are the services whose replies are compared with the response
// snapshots of the SDK. Where a snapshot is that of an operation or an error of
// ours, it needs a row here; TestResponseSnapshots says so.
var replyForms = []struct {
	service, module string // of Operation, and of the SDK
	account         string
	more            map[string]string // of the account file, for one row
	ask             func(s *Server, op, body string) wireReply
	asked           [][]string        // the operation or error; then one request after another (op, body), the last of which is compared
	elsewhere       map[string]string // errors that this service does not send, and why their names stand in the sources
}{
	{
		service: "servicequotas", module: "servicequotas",
		account: manyQuotas(22) + `
  - {code: L-1, name: one, value: 1, adjustable: true}
  - {code: L-2, name: two, value: 1, error: DEPENDENCY_SERVICE_ERROR}
`,
		more: map[string]string{"TooManyRequestsException": "service_quotas: {rate_limits: true}"},
		ask: func(s *Server, op, body string) wireReply {
			return send(s, "POST", "/", body, "X-Amz-Target", serviceQuotas.target+"."+op).reply()
		},
		asked: [][]string{
			{"ListServices", "ListServices", `{}`},
			{"ListServiceQuotas", "ListServiceQuotas", `{"ServiceCode":"bedrock","MaxResults":2}`},
			{"ListAWSDefaultServiceQuotas", "ListAWSDefaultServiceQuotas", `{"ServiceCode":"bedrock"}`},
			{"GetServiceQuota", "GetServiceQuota", `{"ServiceCode":"bedrock","QuotaCode":"L-2"}`},
			{"GetAWSDefaultServiceQuota", "GetAWSDefaultServiceQuota", oneQuota},
			{"RequestServiceQuotaIncrease", "RequestServiceQuotaIncrease", oneQuota},
			{"GetRequestedServiceQuotaChange", "RequestServiceQuotaIncrease", oneQuota, "GetRequestedServiceQuotaChange", `{"RequestId":"` + firstIncrease + `"}`},
			{"ListRequestedServiceQuotaChangeHistory", "RequestServiceQuotaIncrease", oneQuota, "ListRequestedServiceQuotaChangeHistory", `{}`},
			{"ListRequestedServiceQuotaChangeHistoryByQuota", "RequestServiceQuotaIncrease", oneQuota, "ListRequestedServiceQuotaChangeHistoryByQuota", oneQuota},
			{"IllegalArgumentException", "ListServiceQuotas", `{}`},
			{"NoSuchResourceException", "GetServiceQuota", `{"ServiceCode":"bedrock","QuotaCode":"L-3"}`},
			{"InvalidPaginationTokenException", "ListServiceQuotas", `{"ServiceCode":"bedrock","NextToken":"x"}`},
			{"ResourceAlreadyExistsException", "RequestServiceQuotaIncrease", oneQuota, "RequestServiceQuotaIncrease", oneQuota},
			append([]string{"QuotaExceededException"}, manyIncreases(21)...),
			append([]string{"TooManyRequestsException"}, manyIncreases(4)...),
		},
		elsewhere: map[string]string{"AccessDeniedException": "of Bedrock's bearer keys, and of models without access"},
	},
	{
		service: "bedrock-runtime", module: "bedrockruntime",
		account: `
models:
  - {id: anthropic.a, cache: {read_tokens: 10, write_tokens: 10}, latency: {first_token: 0s, per_token: 0s}}
  - {id: anthropic.throttled, limits: {entitled: false}}
  - {id: anthropic.crowded, capacity: [{}]}
  - {id: anthropic.cold, cold_start: 1h}
  - {id: anthropic.refused, access: {agreement: PENDING}}
  - {id: anthropic.ended, lifetime: {end: 2020-01-01}}
`,
		ask: func(s *Server, op, body string) wireReply {
			return send(s, "POST", "/model/anthropic."+op, body, tierHeader, "priority", latencyHeader, "standard").reply()
		},
		asked: [][]string{
			{"Converse", "a/converse", `{"messages":[{"role":"user","content":[{"text":"Hello"}]}],"performanceConfig":{"latency":"standard"},"serviceTier":{"type":"priority"}}`},
			{"InvokeModel", "a/invoke", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}`},
			{"CountTokens", "a/count-tokens", `{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}}}`},
			{"ThrottlingException", "throttled/converse", hello},
			{"ServiceUnavailableException", "crowded/converse", hello},
			{"ModelNotReadyException", "cold/converse", hello},
			{"AccessDeniedException", "refused/converse", hello},
			{"ResourceNotFoundException", "ended/converse", hello},
			{"ValidationException", "nowhere/converse", hello},
		},
	},
	{
		service: "cloudwatch", module: "cloudwatch",
		account: "models: [{id: anthropic.a}]\ntraffic: [{model: anthropic.a, rpm: 10}]",
		ask: func(s *Server, op, body string) wireReply {
			o, err := decodeJSON([]byte(body))
			if err != nil {
				panic(err)
			}
			return send(s, "POST", "/service/"+cloudWatch.target+"/operation/"+op, string(encodeCBOR(o)), "X-Amzn-Query-Mode", "true").reply()
		},
		asked: [][]string{
			{"GetMetricData", "GetMetricData", `{` + lastHour + `,"MaxDatapoints":1,"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{` + oneMetric + `},"Period":60,"Stat":"Sum"}}]}`},
			{"GetMetricStatistics", "GetMetricStatistics", `{` + oneMetric + `,` + lastHour + `,"Period":60,"Statistics":["Sum","Average","Minimum","Maximum","SampleCount"]}`},
			{"GetMetricStatistics", "GetMetricStatistics", `{` + oneMetric + `,` + lastHour + `,"Period":60,"ExtendedStatistics":["p99"]}`},
			{"ListMetrics", "ListMetrics", `{}`},
			{"PutMetricAlarm", "PutMetricAlarm", oneAlarm},
			{"DescribeAlarms", "PutMetricAlarm", oneAlarm, "DescribeAlarms", `{}`},
			{"ListTagsForResource", "PutMetricAlarm", oneAlarm, "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:one"}`},
			{"TagResource", "PutMetricAlarm", oneAlarm, "TagResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:one","Tags":[{"Key":"k","Value":"w"}]}`},
			{"DeleteAlarms", "PutMetricAlarm", oneAlarm, "DeleteAlarms", `{"AlarmNames":["one"]}`},
			{"InvalidNextToken", "DescribeAlarms", `{"NextToken":"x"}`},
			{"InvalidParameterValueException", "ListMetrics", `{"NextToken":"x"}`},
			{"InvalidParameterCombinationException", "GetMetricStatistics", `{` + oneMetric + `,` + lastHour + `,"Period":60,"Statistics":["Sum"],"ExtendedStatistics":["p99"]}`},
			{"MissingRequiredParameterException", "GetMetricStatistics", `{}`},
			{"LimitExceededFault", "PutMetricAlarm", oneAlarm},
			{"InternalServiceFault", "ListMetrics", `{}`},
			{"ResourceNotFoundException", "ListTagsForResource", `{"ResourceARN":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:none"}`},
		},
		more: map[string]string{
			"LimitExceededFault":   "\nfaults: [{what: {error: {status: 400, code: LimitExceeded}}}]",
			"InternalServiceFault": "\nfaults: [{what: {error: {status: 500, code: InternalServiceError}}}]",
		},
		elsewhere: map[string]string{"ValidationException": "of Bedrock; that of CloudWatch belongs to operations which are not here"},
	},
	{service: "sts", module: "sts"},
	{service: "bedrock", module: "bedrock"},
	{service: "pricing", module: "pricing"},
}

const (
	oneQuota  = `{"ServiceCode":"bedrock","QuotaCode":"L-1","DesiredValue":5,"MaxResults":1}`
	oneMetric = `"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":"anthropic.a"}]`
	hello     = `{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}`
	oneAlarm  = `{"AlarmName":"one",` + oneMetric + `,"Statistic":"Sum","Period":60,"EvaluationPeriods":1,"DatapointsToAlarm":1,"Threshold":1,
		"ComparisonOperator":"GreaterThanThreshold","AlarmActions":["arn:aws:sns:us-east-1:123456789012:a"],"AlarmDescription":"d","Tags":[{"Key":"k","Value":"v"}]}`
)

var (
	firstIncrease = strings.ReplaceAll(requestID(0, 1), "-", "")
	lastHour      = fmt.Sprintf(`"StartTime":%d,"EndTime":%d`, time.Now().Add(-time.Hour).Unix(), time.Now().Unix())
)

// manyIncreases asks for n quotas of manyQuotas.
func manyIncreases(n int) (asked []string) {
	for i := range n {
		asked = append(asked, "RequestServiceQuotaIncrease", fmt.Sprintf(`{"ServiceCode":"bedrock","QuotaCode":"L-%08X","DesiredValue":5000}`, i))
	}
	return asked
}

// Replies have the form that the SDK's response snapshots have, and so have the
// errors. A service without snapshots is skipped, and says why.
func TestResponseSnapshots(t *testing.T) {
	sources := ourSources(t)
	for _, f := range replyForms {
		t.Run(f.service, func(t *testing.T) {
			wanted := map[string]string{} // the snapshots that belong to something here
			for op, snapshot := range snapshots(t, f.module, "response") {
				if slices.ContainsFunc(APIs, func(a API) bool { return a.Operation == f.service+"."+op }) {
					wanted[op] = snapshot
				}
			}
			for name, snapshot := range snapshots(t, f.module, "error") {
				if _, ok := f.elsewhere[name]; !ok && strings.Contains(sources, strconv.Quote(name)) {
					wanted[name] = snapshot
				}
			}
			missing := maps.Clone(wanted)
			for _, row := range f.asked {
				delete(missing, row[0])
				t.Run(row[0], func(t *testing.T) {
					if wanted[row[0]] == "" {
						t.Skipf("this version of the module of %s has no snapshot of it", f.module)
					}
					s := New(mustParse(t, f.account+f.more[row[0]]))
					var got wireReply
					for i := 1; i < len(row); i += 2 {
						got = f.ask(s, row[i], row[i+1])
					}
					want := readReply(t, wanted[row[0]])
					compare(t, got, want)
					if want.status >= 300 {
						if a, b := got.errorType(got.members(t)), want.errorType(want.members(t)); a != row[0] || b != row[0] {
							t.Errorf("the type of the error is %q; the snapshot has %q", a, b)
						}
						for _, message := range []string{"message", "Message"} {
							if want.has(t, message) && !got.has(t, message) {
								t.Errorf("the error has no %s", message)
							}
						}
					}
					if t.Failed() {
						t.Logf("%d %v %q", got.status, got.header, got.body)
					}
				})
			}
			for name := range missing {
				t.Errorf("the snapshot of %s has no row in replyForms", name)
			}
		})
	}
}

// ourSources is the code of the package, without its tests.
func ourSources(t *testing.T) string {
	var all strings.Builder
	files, _ := filepath.Glob("*.go")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(src)
	}
	return all.String()
}
