package cloud

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// maxConnections keeps a connection for every call that can be under way: the
// SDK's own transport keeps ten, and queues silently beyond 2,048.
const maxConnections = 20000

// connectionBuffer is half of what net/http takes: every connection has two, and
// the head of a request or a reply is smaller. What does not fit passes by.
const connectionBuffer = 2 << 10

// tune fits a transport to a load test.
func tune(t *http.Transport) {
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = maxConnections, maxConnections, 0
	t.ReadBufferSize, t.WriteBufferSize = connectionBuffer, connectionBuffer
}

// direct is the network without proxies.
func direct() http.RoundTripper {
	t := &http.Transport{}
	tune(t)
	return t
}

// client is the HTTP client of every SDK client. A redirect is an answer like
// any other: it is not followed.
func client(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     InMemory(transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// InMemory hands request bodies over as memory. The SDK wraps a body in a
// reader that fails once the SDK has closed it, which it does as soon as the
// reply begins; against a server that answers within microseconds, net/http is
// then still reading the body, sees the failure, and closes the connection
// under the reply.
func InMemory(next http.RoundTripper) http.RoundTripper { return inMemory{next} }

type inMemory struct{ next http.RoundTripper }

func (t inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if closing := r.Body.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	out := *r
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.ContentLength = int64(len(body))
	return t.next.RoundTrip(&out)
}

// patient retries what only reads (quotas, models, metrics): those APIs allow
// few requests a second.
func patient(attempts int, backoff time.Duration) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = backoff
	})
}
