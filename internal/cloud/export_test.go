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

// NewWire is a transport with connections of our own, over one of net/http.
var NewWire = newWire
