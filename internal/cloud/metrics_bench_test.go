package cloud_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// What a point of CloudWatch costs the client without a network: a day by the
// minute, in pages that are full.
func BenchmarkMeasure(b *testing.B) {
	const pages, perPage, minutes = 7, 70, 1440
	w := record.Window{Start: time.Unix(1_700_006_400, 0).UTC(), Period: record.Duration(time.Minute)}
	w.End = w.Start.Add(minutes * time.Minute)
	c := by(b, false, fullPage(w, perPage))
	var queries []plugins.Query
	for i := range pages * perPage {
		queries = append(queries, sums("Invocations", fmt.Sprintf("us.acme.model-%d-v1:0", i))...)
	}
	b.ReportAllocs()
	began := cpu(b)
	for b.Loop() {
		points, err := c.Measure(context.Background(), queries, w)
		if err != nil || given(points[len(points)-1]) != minutes {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/(pages*perPage*minutes), "cpu-ns/point")
}

// fullPage is a reply with a point in every period, in the form in which the
// service model has it.
func fullPage(w record.Window, series int) canned {
	var results cbor.List
	for i := range series {
		var times, values cbor.List
		for at := w.Start; at.Before(w.End); at = at.Add(time.Duration(w.Period)) {
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(float64(at.Unix()))})
			values = append(values, cbor.Float64(float64(i+1)+0.5))
		}
		results = append(results, cbor.Map{"Id": cbor.String(fmt.Sprintf("q%d", i)), "Label": cbor.String(strings.Repeat("x", 20)), "StatusCode": cbor.String("Complete"), "Timestamps": times, "Values": values})
	}
	body := cbor.Encode(cbor.Map{"MetricDataResults": results, "Messages": cbor.List{}})
	return canned{http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}, "Content-Type": {"application/cbor"}}, body}
}
