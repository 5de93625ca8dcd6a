package cloud_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
)

// dialling counts the connections that a transport makes by itself, and those
// that are made for it.
type dialling struct {
	*http.Transport
	count atomic.Int64
}

func newDialling(own *http.Transport) *dialling {
	d := &dialling{Transport: own}
	own.MaxIdleConnsPerHost = 10
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		d.count.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return d
}

// Over TLS the first reply tells what the server speaks: HTTP/2 stays with
// net/http, whose one connection serves all; HTTP/1.1 goes over our own.
func TestWireOverTLS(t *testing.T) {
	for _, test := range []struct {
		h2    bool
		proto string
		count int64
	}{{true, "HTTP/2.0", 1}, {false, "HTTP/1.1", 2}} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			io.WriteString(w, r.Proto+" "+r.Host+" "+string(body))
		}))
		s.EnableHTTP2 = test.h2
		s.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		d := newDialling(&http.Transport{ForceAttemptHTTP2: true, TLSHandshakeTimeout: time.Minute, TLSClientConfig: &tls.Config{RootCAs: roots}})
		by := cloud.NewWire(d.Transport)
		for i := range 5 {
			want := test.proto + " " + strings.TrimPrefix(s.URL, "https://") + " {}"
			if got := told(by, post(t.Context(), s.URL, "{}")); !strings.HasPrefix(got, test.proto+" 200 OK") || !strings.Contains(got, want) {
				t.Errorf("request %d: %s; want %s", i, got, want)
			}
		}
		if n := d.count.Load(); n != test.count {
			t.Errorf("%s: %d connections; want %d", test.proto, n, test.count)
		}
		// Nobody whom the certificate does not name is spoken to.
		d.TLSClientConfig.ServerName = "elsewhere.invalid"
		var wrong x509.HostnameError
		other := cloud.NewWire(newDialling(&http.Transport{TLSClientConfig: d.TLSClientConfig}).Transport)
		if _, err := other.RoundTrip(post(t.Context(), s.URL, "{}")); !errors.As(err, &wrong) {
			t.Errorf("a server of another name: %v", err)
		}
		d.CloseIdleConnections()
		s.CloseClientConnections()
		s.Close()
	}
}

// A server that accepts and does not greet fails the call, and not as one that
// ran out of its own time.
func TestWireGivesUpGreeting(t *testing.T) {
	silent := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer s.Close()
	own := s.Client().Transport.(*http.Transport).Clone()
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if silent {
			client, server := net.Pipe()
			go io.Copy(io.Discard, server)
			return client, nil
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	by := cloud.NewWire(own)
	if got := told(by, post(t.Context(), s.URL, "{}")); !strings.Contains(got, "200 OK") {
		t.Fatal(got)
	}
	silent, own.TLSHandshakeTimeout = true, 20*time.Millisecond
	if _, err := by.RoundTrip(post(t.Context(), s.URL, "{}")); err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "TLS handshake timeout") {
		t.Errorf("%v; want a timeout of the handshake", err)
	}
	own.TLSHandshakeTimeout = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := by.RoundTrip(post(ctx, s.URL, "{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v; want the deadline of the call", err)
	}
}

// What is not plain is net/http's: it goes over a connection of its own.
func TestWireLeavesTheRestToNetHTTP(t *testing.T) {
	var seen *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		seen = r.Clone(context.Background())
	}))
	defer s.Close()
	for _, test := range []struct {
		name   string
		change func(*http.Request, *http.Transport)
		own    bool // goes over a connection of ours
		fails  bool
	}{
		{"plain", func(*http.Request, *http.Transport) {}, true, false},
		{"no body", func(r *http.Request, _ *http.Transport) { r.Body, r.ContentLength = nil, 0 }, true, false},
		{"as large as may be", func(r *http.Request, _ *http.Transport) { fill(r, 16<<10-400) }, true, false},
		{"large", func(r *http.Request, _ *http.Transport) { fill(r, 16<<10) }, false, false},
		{"a long head", func(r *http.Request, _ *http.Transport) { r.Header.Set("X", strings.Repeat("x", 17<<10)) }, false, false},
		{"a length that is not known", func(r *http.Request, _ *http.Transport) { r.ContentLength = -1 }, false, false},
		{"another method", func(r *http.Request, _ *http.Transport) { r.Method = "PUT" }, false, false},
		{"closes", func(r *http.Request, _ *http.Transport) { r.Close = true }, false, false},
		{"expects", func(r *http.Request, _ *http.Transport) { r.Header.Set("Expect", "100-continue") }, false, false},
		{"no agent", func(r *http.Request, _ *http.Transport) { r.Header.Del("User-Agent") }, false, false},
		{"text that is not ASCII", func(r *http.Request, _ *http.Transport) { r.Header.Set("X", "ü") }, false, false},
		{"space to be cleaned", func(r *http.Request, _ *http.Transport) { r.Header.Set("X", " x ") }, false, false},
		{"a line break", func(r *http.Request, _ *http.Transport) { r.Header.Set("X", "x\r\nY: z") }, false, true},
		{"a name that is none", func(r *http.Request, _ *http.Transport) { r.Header["X Y"] = []string{"z"} }, false, true},
		{"another host", func(r *http.Request, _ *http.Transport) { r.Host = "elsewhere.invalid" }, false, false},
		{"a proxy", func(r *http.Request, own *http.Transport) {
			own.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(s.URL) }
			r.URL.Host, r.Host = "elsewhere.invalid", "elsewhere.invalid"
		}, false, false},
		{"no proxy for it", func(_ *http.Request, own *http.Transport) {
			own.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
		}, true, false},
		{"a proxy that cannot be found", func(_ *http.Request, own *http.Transport) {
			own.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy") }
		}, false, true},
	} {
		got := map[string]*http.Request{}
		for _, name := range []string{"wire", "net/http"} {
			d := newDialling(&http.Transport{})
			r := post(t.Context(), s.URL, `{"a": 1}`)
			test.change(r, d.Transport)
			by := http.RoundTripper(d.Transport)
			if name == "wire" {
				by = cloud.NewWire(d.Transport)
			}
			seen = nil
			if text := told(by, r); strings.Contains(text, "200 OK") == test.fails {
				t.Errorf("%s by %s: %s", test.name, name, text)
			}
			got[name] = seen
			// A connection that net/http has made serves its next request.
			if !test.fails {
				plain := post(t.Context(), s.URL, "{}")
				plain.URL.Host, plain.Host = r.URL.Host, r.URL.Host
				told(d.Transport, plain)
				want := int64(1)
				if name == "wire" && test.own || r.Close {
					want = 2
				}
				if n := d.count.Load(); n != want {
					t.Errorf("%s by %s: %d connections; want %d", test.name, name, n, want)
				}
			}
			d.CloseIdleConnections()
		}
		wire, other := got["wire"], got["net/http"]
		if (wire == nil) != (other == nil) || wire != nil && (wire.Method != other.Method || wire.RequestURI != other.RequestURI || wire.Host != other.Host || wire.ContentLength != other.ContentLength || !sameHeader(wire.Header, other.Header)) {
			t.Errorf("%s:\nwire     %+v\nnet/http %+v", test.name, wire, other)
		}
	}
}

// fill gives a request a body of n bytes.
func fill(r *http.Request, n int) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", n))), int64(n)
}

func sameHeader(a, b http.Header) bool {
	var x, y strings.Builder
	a.Write(&x)
	b.Write(&y)
	return x.String() == y.String()
}
