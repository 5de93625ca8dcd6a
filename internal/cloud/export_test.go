package cloud

import (
	"context"

	"github.com/loadline-dev/loadline/plugins"
)

// Direct is the transport to a simulated account over a network.
var Direct = direct

// EndpointOf is where the lean path would send a call. Nothing is sent.
func EndpointOf(c *Cloud, in plugins.Invocation) (string, error) {
	d, err := c.lean.draft(context.Background(), operations[in.API], in)
	if err != nil {
		return "", err
	}
	return d.url.String(), nil
}

// PageOf reads a page of metric data: the points of its results, in their order.
func PageOf(body []byte) (series [][]Point, next string, ok bool) {
	p := &metricPage{}
	if !p.read(body) {
		return nil, "", false
	}
	for _, r := range p.results {
		list := []Point{}
		if !r.points(func(at int64, value float64) { list = append(list, Point{at, value}) }) {
			return nil, "", false
		}
		series = append(series, list)
	}
	return series, p.next, true
}

// Point is a value at a time in milliseconds.
type Point struct {
	At    int64
	Value float64
}

// NewWire is a transport with connections of our own, over one of net/http.
var NewWire = newWire
