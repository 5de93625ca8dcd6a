package cloud

import (
	"bytes"
	"context"
	"errors"
	"math"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// metricPage is a page of GetMetricData, read in place. The SDK makes two lists
// of each series, a point at a time: that takes several times as long, and as
// much memory again as the points. All else of a call is the SDK's: the request,
// its signature, retries, and what it makes of an error.
type metricPage struct {
	smithyhttp.ClientProtocol
	body    *bytes.Buffer
	results []metricResult
	next    string
}

// metricResult is the points of one series on a page, still in CBOR.
type metricResult struct {
	id, status    string
	times, values []byte
	words         []string
}

var errNoPage = errors.New("CloudWatch answered with something that is no page of metric data")

var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readPage sends a request and reads its answer. The page must be closed.
func (c *Cloud) readPage(ctx context.Context, in *cloudwatch.GetMetricDataInput) (*metricPage, error) {
	p := &metricPage{body: pages.Get().(*bytes.Buffer)}
	_, err := c.cloudwatch.GetMetricData(ctx, in, func(o *cloudwatch.Options) {
		p.ClientProtocol, o.Protocol = o.Protocol, p
	})
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *metricPage) close() { pages.Put(p.body) }

// DeserializeResponse reads the answer. One that is an error is left to the SDK.
func (p *metricPage) DeserializeResponse(ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, reply *smithyhttp.Response, out smithy.Deserializable) error {
	if reply.StatusCode/100 != 2 {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, types, reply, out)
	}
	p.body.Reset()
	if n := reply.ContentLength; n > 0 && n < maxPage {
		p.body.Grow(int(n) + bytes.MinRead)
	}
	if _, err := p.body.ReadFrom(reply.Body); err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	if !p.read(p.body.Bytes()) {
		return &smithy.DeserializationError{Err: errNoPage}
	}
	return nil
}

// maxPage is far above the size of a page, which has 19 bytes a point.
const maxPage = 16 << 20

// read finds the results of a page, and says whether it is one.
func (p *metricPage) read(body []byte) bool {
	p.results, p.next = p.results[:0], ""
	r := &cborReader{b: body}
	for n := r.open(cborMap); r.more(&n); {
		switch string(r.text()) {
		case "MetricDataResults":
			p.results = p.results[:0]
			for n := r.open(cborList); r.more(&n); {
				p.results = append(p.results, r.result())
			}
		case "NextToken":
			p.next = r.optional()
		default:
			r.skip()
		}
	}
	return !r.bad && len(r.b) == 0
}

// optional is a text, or null.
func (r *cborReader) optional() string {
	if len(r.b) > 0 && r.b[0] == cborNull {
		r.b = r.b[1:]
		return ""
	}
	return string(r.text())
}

func (r *cborReader) result() (out metricResult) {
	for n := r.open(cborMap); r.more(&n); {
		switch string(r.text()) {
		case "Id":
			out.id = r.optional()
		case "StatusCode":
			out.status = r.optional()
		case "Timestamps":
			out.times = r.skip()
		case "Values":
			out.values = r.skip()
		case "Messages":
			out.words = r.messages()
		default:
			r.skip()
		}
	}
	return out
}

// messages are what CloudWatch says about a series.
func (r *cborReader) messages() (out []string) {
	for n := r.open(cborList); r.more(&n); {
		for n := r.open(cborMap); r.more(&n); {
			if string(r.text()) == "Value" {
				out = append(out, r.optional())
			} else {
				r.skip()
			}
		}
	}
	return out
}

// points yields the times of a result, in milliseconds since 1970, with their
// values. It says whether there were as many of both, and all of them could be
// read. A time without a value is no point.
func (m metricResult) points(put func(at int64, value float64)) bool {
	times, values := listOf(m.times), listOf(m.values)
	n, k := times.open(cborList), values.open(cborList)
	whole := true
	for times.more(&n) {
		at, timed := times.seconds()
		if !values.more(&k) {
			return false
		}
		value, valued := values.number()
		// The negation is for what is no number.
		if !timed || !(math.Abs(at) < farthest) {
			whole = false
		} else if valued {
			put(int64(math.Round(at*1000)), value)
		}
	}
	return whole && !values.more(&k) && !times.bad && !values.bad
}

// farthest is some thousand years, in seconds.
const farthest = 1e11

// listOf reads a list; one that is not there is empty.
func listOf(b []byte) *cborReader {
	if len(b) == 0 || b[0] == cborNull {
		b = []byte{cborList << 5}
	}
	return &cborReader{b: b}
}
