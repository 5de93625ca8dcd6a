package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// wire carries the small requests of a load over HTTP/1.1 connections that their
// callers write to and read from themselves. net/http has two goroutines for
// every connection, and hands each call to them and back, which takes most of
// what it takes. Everything else goes to net/http as before: requests that are
// large or not plain, whatever goes through a proxy, and servers that speak
// HTTP/2. See docs/decisions/0017-connections.md.
//
// A call whose connection turns out to be closed before anything was written to
// it is sent over another one. No other call is sent twice: as with net/http,
// which does so for a POST in no other case either.
type wire struct {
	next *http.Transport
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	head int64 // the most bytes of the head of a reply, 1xx and all

	mu    sync.RWMutex
	hosts map[origin]*host
}

type origin struct{ scheme, host string }

// host is a server, and its connections that nobody uses.
type host struct {
	wire    *wire
	address string
	tls     *tls.Config // nil: none
	how     atomic.Int32

	mu   sync.Mutex
	idle []*conn // the one that was used last comes last
}

// How requests to a host go.
const (
	byNext  = iota // by net/http
	byReply        // by net/http, until the first reply tells whether HTTP/1.1 is spoken
	byWire         // by the callers themselves
)

// maxHead is what net/http takes where a transport says nothing.
const maxHead = 10 << 20

// newWire returns the transport itself where it is none of net/http, or is set
// up for something that is not done here.
func newWire(t http.RoundTripper) http.RoundTripper {
	next, ok := t.(*http.Transport)
	if !ok || !canLook || next.DialTLSContext != nil || next.DisableKeepAlives || next.DisableCompression || next.MaxConnsPerHost != 0 || next.ResponseHeaderTimeout != 0 || next.Protocols != nil {
		return t
	}
	w := &wire{next: next, dial: next.DialContext, head: next.MaxResponseHeaderBytes, hosts: map[origin]*host{}}
	if w.dial == nil {
		w.dial = (&net.Dialer{}).DialContext
	}
	if w.head <= 0 {
		w.head = maxHead
	}
	return w
}

// RoundTrip sends a request.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	h := w.host(r)
	if how := h.how.Load(); how != byWire {
		reply, err := w.next.RoundTrip(r)
		if how == byReply && err == nil {
			h.learn(reply)
		}
		return reply, err
	}
	q := letters.Get().(*letter)
	defer letters.Put(q)
	if !q.head(r) {
		return w.next.RoundTrip(r)
	}
	if err := q.body(r); err != nil {
		return nil, err
	}
	ctx := r.Context()
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c := h.take()
		used := c != nil
		if !used {
			var err error
			if c, err = h.connect(ctx); err != nil {
				return nil, err
			}
		}
		reply, sent, err := c.exchange(r, q)
		if err == nil || sent || !used {
			return reply, err
		}
	}
}

// host is that of a request; a new one where it was not seen before.
func (w *wire) host(r *http.Request) *host {
	o := origin{r.URL.Scheme, r.URL.Host}
	w.mu.RLock()
	h := w.hosts[o]
	w.mu.RUnlock()
	if h != nil {
		return h
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if h = w.hosts[o]; h == nil {
		h = w.newHost(r)
		w.hosts[o] = h
	}
	return h
}

func (w *wire) newHost(r *http.Request) *host {
	h := &host{wire: w}
	if w.next.Proxy != nil {
		if proxy, err := w.next.Proxy(r); err != nil || proxy != nil {
			return h
		}
	}
	if r.Host != r.URL.Host || !isHost(r.Host) {
		return h
	}
	port := r.URL.Port()
	switch r.URL.Scheme {
	case "http":
		if port == "" {
			port = "80"
		}
		h.how.Store(byWire)
	case "https":
		if port == "" {
			port = "443"
		}
		h.tls = &tls.Config{}
		if c := w.next.TLSClientConfig; c != nil {
			h.tls = c.Clone()
		}
		if h.tls.ServerName == "" {
			h.tls.ServerName = r.URL.Hostname()
		}
		h.tls.NextProtos = []string{"http/1.1"}
		h.how.Store(byReply)
	}
	h.address = net.JoinHostPort(r.URL.Hostname(), port)
	return h
}

// learn is told the first reply of a host: whoever was offered HTTP/2 and did
// not take it will not take it from others.
func (h *host) learn(reply *http.Response) {
	if reply.ProtoMajor == 1 {
		h.how.Store(byWire)
	} else {
		h.how.Store(byNext)
	}
}

var errHandshake = errors.New("TLS handshake timeout")

// connect makes a connection.
func (h *host) connect(ctx context.Context) (*conn, error) {
	plain, err := h.wire.dial(ctx, "tcp", h.address)
	if err != nil {
		return nil, err
	}
	if h.tls == nil {
		return newConn(h, plain, plain), nil
	}
	shaken := ctx
	if limit := h.wire.next.TLSHandshakeTimeout; limit > 0 {
		var cancel context.CancelFunc
		shaken, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	c := tls.Client(plain, h.tls)
	if err := c.HandshakeContext(shaken); err != nil {
		plain.Close()
		if shaken.Err() != nil && ctx.Err() == nil {
			err = errHandshake // and not a deadline of the call
		}
		return nil, err
	}
	return newConn(h, c, plain), nil
}

// take is the connection that was used last, of those that are still good; nil
// where there is none.
func (h *host) take() *conn {
	for {
		h.mu.Lock()
		last := len(h.idle) - 1
		if last < 0 {
			h.mu.Unlock()
			return nil
		}
		c := h.idle[last]
		h.idle[last] = nil
		h.idle = h.idle[:last]
		h.mu.Unlock()
		if limit := h.wire.next.IdleConnTimeout; (limit == 0 || time.Since(c.since) < limit) && c.quiet() {
			return c
		}
		c.Close()
	}
}

// keep takes back a connection, and closes those that nobody needed for long.
func (h *host) keep(c *conn) {
	var old []*conn
	h.mu.Lock()
	if limit := h.wire.next.IdleConnTimeout; limit > 0 {
		c.since = time.Now()
		n := 0
		for n < len(h.idle) && c.since.Sub(h.idle[n].since) >= limit {
			n++
		}
		old = slices.Clone(h.idle[:n])
		h.idle = slices.Delete(h.idle, 0, n)
	}
	if most := h.wire.next.MaxIdleConnsPerHost; len(h.idle) < most {
		h.idle = append(h.idle, c)
	} else {
		old = append(old, c)
	}
	h.mu.Unlock()
	for _, c := range old {
		c.Close()
	}
}
