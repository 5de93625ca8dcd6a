package sim

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/cbor"
	"pgregory.net/rapid"
)

// An operation that is not there is an error in the shape of its protocol, so
// that the SDK understands it.
func TestUnknownOperations(t *testing.T) {
	c := newClients(t, twoModels)
	for name, do := range map[string]func() error{
		"REST": func() error {
			_, err := c.bedrock.ListGuardrails(t.Context(), &bedrock.ListGuardrailsInput{})
			return err
		},
		"JSON": func() error {
			_, err := c.quotas.StartQuotaUtilizationReport(t.Context(), &servicequotas.StartQuotaUtilizationReportInput{})
			return err
		},
		"CBOR": func() error {
			_, err := c.metrics.ListDashboards(t.Context(), &cloudwatch.ListDashboardsInput{})
			return err
		},
		"query": func() error { _, err := c.sts.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{}); return err },
	} {
		err := do()
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" && api.ErrorCode() != "InvalidAction" {
			t.Errorf("%s: an operation that is not there = %v; want an UnknownOperationException or InvalidAction", name, err)
		}
	}
	if n := c.server.Counts().Requests["unknown"]; n != 4 {
		t.Errorf("requests counted as unknown = %d; want 4", n)
	}
}

// Whatever comes, the answer to nonsense is an error with a body that parses.
func TestErrorShapes(t *testing.T) {
	c := newClients(t, twoModels)
	parseJSON := func(b []byte) error { var v map[string]any; return json.Unmarshal(b, &v) }
	parseXML := func(b []byte) error { var v xmlFault; return xml.Unmarshal(b, &v) }
	parseCBOR := func(b []byte) error { _, err := cbor.Decode(b); return err }
	for _, test := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		parse                    func([]byte) error
	}{
		{"root", "GET", "/", "", nil, 404, parseJSON},
		{"method", "DELETE", "/foundation-models", "", nil, 404, parseJSON},
		{"no id", "POST", "/model//invoke", "{}", nil, 404, parseJSON},
		{"slash that is no ARN", "POST", "/model/a/b/invoke", "{}", nil, 404, parseJSON},
		{"wrong service", "POST", "/", "{}", []string{"X-Amz-Target", "DynamoDB_20120810.ListTables"}, 400, parseJSON},
		{"prices", "POST", "/", "{}", []string{"X-Amz-Target", "AWSPriceListService.DescribeServices"}, 400, parseJSON},
		{"no JSON", "POST", "/", "{", []string{"X-Amz-Target", "ServiceQuotasV20190624.ListServiceQuotas"}, 400, parseJSON},
		{"no structure", "POST", "/", "[]", []string{"X-Amz-Target", "ServiceQuotasV20190624.ListServiceQuotas"}, 400, parseJSON},
		{"wrong type", "POST", "/", `{"ServiceCode":7}`, []string{"X-Amz-Target", "ServiceQuotasV20190624.ListServiceQuotas"}, 400, parseJSON},
		{"nothing", "POST", "/", `{}`, []string{"X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData"}, 400, parseJSON},
		{"no CBOR", "POST", "/service/GraniteServiceVersion20100801/operation/GetMetricData", "\xff\xff", nil, 400, parseCBOR},
		{"CBOR service", "POST", "/service/Nonesuch/operation/GetMetricData", "\xa0", nil, 400, parseCBOR},
		{"query", "POST", "/", "Action=Nonesuch&Version=2011-06-15", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, parseXML},
		{"query of CloudWatch", "POST", "/", "Action=GetMetricData&Version=2010-08-01", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, parseXML},
		{"query without an action", "POST", "/", "Version=2011-06-15", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, parseXML},
		{"query in Service Quotas", "POST", "/", "Action=ListServiceQuotas", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, parseXML},
	} {
		w := send(c.server, test.method, test.path, test.body, test.header...)
		if w.status != test.status {
			t.Errorf("%s: status %d; want %d (%q)", test.name, w.status, test.status, &w.body)
		}
		if err := test.parse(w.body.Bytes()); err != nil {
			t.Errorf("%s: the body %q does not parse: %v", test.name, &w.body, err)
		}
		if w.header.Get("X-Amzn-Requestid") == "" || w.header.Get("Content-Type") == "" {
			t.Errorf("%s: headers = %v; want a request id and a content type", test.name, w.header)
		}
		if date, err := http.ParseTime(w.header.Get("Date")); err != nil || time.Since(date).Abs() > time.Minute {
			t.Errorf("%s: Date = %q, %v", test.name, w.header.Get("Date"), err)
		}
	}
}

// A form is read at the root alone: a body that curl sends to a model without
// saying its type is for the model.
func TestFormsStandAtTheRoot(t *testing.T) {
	s := New(mustParse(t, "models: [{id: anthropic.a, latency: {first_token: 0s, per_token: 0s}}]"))
	w := send(s, "POST", "/model/anthropic.a/converse", hello, "Content-Type", "application/x-www-form-urlencoded")
	if w.status != 200 {
		t.Errorf("Converse with the content type of a form = %d %s", w.status, &w.body)
	}
	for form, want := range map[string]string{
		"Action=Nope&Version=2011-06-15": `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>InvalidAction</Code>`,
		"Action=Nope&Version=2010-08-01": `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>InvalidAction</Code>`,
		"Version=2010-08-01":             `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>MissingAction</Code>`,
		"":                               `<ErrorResponse><Error><Type>Sender</Type><Code>MissingAction</Code>`,
	} {
		if w := send(s, "POST", "/", form, "Content-Type", "application/x-www-form-urlencoded"); w.status != 400 || !strings.HasPrefix(w.body.String(), want) {
			t.Errorf("%q = %d %s; want %s", form, w.status, &w.body, want)
		}
	}
	form := "Action=ListMetrics&Version=2010-08-01&Namespace=" + strings.Repeat("x", maxBody)
	if w := send(s, "POST", "/", form, "Content-Type", "application/x-www-form-urlencoded"); w.status != 400 || !strings.Contains(w.body.String(), "SerializationException") {
		t.Errorf("a form above the limit = %d %.300s; want that it can not be read", w.status, &w.body)
	}
}

// Our encoder and the SDK's decoder agree on any structure.
func TestEncodeCBOR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := object{
			"text":  rapid.String().Draw(t, "text"),
			"flag":  rapid.Bool().Draw(t, "flag"),
			"float": rapid.Float64().Draw(t, "float"),
			"time":  timeOf(float64(rapid.Int32().Draw(t, "time"))),
		}
		list := []any{}
		for range rapid.SampledFrom([]int{0, 1, 23, 24, 300}).Draw(t, "items") {
			list = append(list, object{"item": "x"})
		}
		o["list"] = list
		back, err := decodeCBOR(encodeCBOR(o))
		if err != nil {
			t.Fatal(err)
		}
		if back["text"] != o["text"] || back["flag"] != o["flag"] || back["float"] != o["float"] ||
			!back["time"].(time.Time).Equal(o["time"].(time.Time)) || len(back["list"].([]any)) != len(list) {
			t.Fatalf("encoded %v, decoded %v", o, back)
		}
	})
}

// Both HTTP versions are served on one port, and Shutdown waits.
func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listening := Serve(l, New(mustParse(t, twoModels)))
	for _, major := range []int{1, 2} {
		transport := &http.Transport{Protocols: &http.Protocols{}}
		transport.Protocols.SetHTTP1(major == 1)
		transport.Protocols.SetUnencryptedHTTP2(major == 2)
		r, err := (&http.Client{Transport: transport}).Get("http://" + l.Addr().String() + "/foundation-models")
		if err != nil {
			t.Fatalf("HTTP/%d: %v", major, err)
		}
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		transport.CloseIdleConnections()
		if r.ProtoMajor != major || !strings.Contains(string(body), "modelSummaries") {
			t.Errorf("HTTP/%d was answered with HTTP/%d: %s", major, r.ProtoMajor, body)
		}
	}
	if err := listening.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	select {
	case <-listening.Done():
	default:
		t.Error("Shutdown came back before the serving ended")
	}
}

func TestAPIs(t *testing.T) {
	names, operations := map[string]bool{}, map[string]bool{}
	for _, api := range APIs {
		service, op, ok := strings.Cut(api.Operation, ".")
		if api.Name == "" || api.Name != strings.ToLower(api.Name) || names[api.Name] {
			t.Errorf("the name %q is not lower-case and unique", api.Name)
		}
		if !ok || service == "" || op == "" || operations[api.Operation] {
			t.Errorf("%s: the operation %q is not service.Operation and unique", api.Name, api.Operation)
		}
		if !strings.HasSuffix(api.Doc, ".") || api.match == nil || api.handle == nil {
			t.Errorf("%s: wants a sentence, a match and a handler", api.Name)
		}
		names[api.Name], operations[api.Operation] = true, true
	}
}

func FuzzDecodeCBOR(f *testing.F) {
	f.Add(encodeCBOR(object{"a": []any{object{"b": 1.5}}, "t": time.Unix(1, 0)}))
	f.Add([]byte("\xbf\x61a\x9f\xff\xff"))
	f.Add([]byte("\xbf\x61a\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00\xff"))    // NaN
	f.Add([]byte("\xbf\x61a" + strings.Repeat("\xc1", 100) + "\x01\xff")) // a tag of a tag of a tag ...
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := decodeCBOR(body)
		if err != nil {
			return
		}
		readMetricData(o) // whatever was decoded is safe to look at
		readStatistics(o)
		readAlarm(o, func(string) string { return "arn" }, time.Unix(0, 0))
		if _, err := json.Marshal(jsonReady(o)); err != nil {
			t.Errorf("decoded something that is no JSON: %v", err)
		}
	})
}

// Whatever is refused, and however early: first the whole request has come in.
// Over HTTP/2 a reply before that resets the stream, and a client may see
// nothing of it but the reset.
func TestRefusalsReadTheBody(t *testing.T) {
	const keys = "\ncredentials: [{access_key: AKIDME, secret_key: s}]"
	long := strings.Repeat(" ", 1<<20)
	for name, test := range map[string]struct {
		account, path string
		header        []string
		status        int
	}{
		"a model that is not there":     {twoModels, "/model/anthropic.nowhere/invoke", nil, 400},
		"a model that counts no tokens": {twoModels, "/model/anthropic.nowhere/count-tokens", nil, 400},
		"a path that is not there":      {twoModels, "/model/a/b/invoke", nil, 404},
		"an operation that is not":      {twoModels, "/", []string{"X-Amz-Target", "ServiceQuotasV20190624.Nothing"}, 400},
		"nobody":                        {twoModels + keys, "/model/anthropic.nowhere/invoke", nil, 403},
		"a page of HTML":                {faulty("{what: {html: 502}}"), pathA, nil, 502},
		"an error":                      {faulty("{what: {error: {status: 500, code: A}}}"), pathA, nil, 500},
	} {
		body := strings.NewReader(long)
		r, err := http.NewRequest("POST", "http://sim.invalid"+test.path, io.NopCloser(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(test.header); i += 2 {
			r.Header.Set(test.header[i], test.header[i+1])
		}
		w := &recorder{header: http.Header{}}
		New(mustParse(t, test.account)).ServeHTTP(w, r)
		if w.status != test.status || body.Len() > 0 {
			t.Errorf("%s: status %d, %d bytes of the request are left; want %d and none", name, w.status, body.Len(), test.status)
		}
	}
}
