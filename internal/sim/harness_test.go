package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// inProcess carries requests of the AWS SDK to a handler in the caller's
// goroutine, without sockets: so it works inside a synctest bubble.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.RequestURI = r.URL.RequestURI()
	w := &recorder{header: http.Header{}}
	if aborted(t.handler, w, in) {
		return nil, errAborted
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

var errAborted = errors.New("the connection was aborted")

// aborted serves a request, and reports whether the handler asked for an aborted
// connection as net/http has it.
func aborted(h http.Handler, w http.ResponseWriter, r *http.Request) (yes bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			yes = true
		default:
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}
func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// clients are the real SDK clients, pointed at a simulated account.
type clients struct {
	server  *Server
	runtime *bedrockruntime.Client
	bedrock *bedrock.Client
	quotas  *servicequotas.Client
	metrics *cloudwatch.Client
	sts     *sts.Client
}

func newClients(t testing.TB, account string) clients {
	t.Helper()
	return clientsOf(New(mustParse(t, account)))
}

func clientsOf(s *Server) clients {
	cfg := aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://sim.invalid"),
		HTTPClient:   &http.Client{Transport: inProcess{s}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDSIMULATED", SecretAccessKey: "simulated"}, nil
		}),
	}
	return clients{
		server:  s,
		runtime: bedrockruntime.NewFromConfig(cfg),
		bedrock: bedrock.NewFromConfig(cfg),
		quotas:  servicequotas.NewFromConfig(cfg),
		metrics: cloudwatch.NewFromConfig(cfg),
		sts:     sts.NewFromConfig(cfg),
	}
}

func mustParse(t testing.TB, account string) *Account {
	t.Helper()
	a, err := Parse("account.yaml", []byte(account))
	if err != nil {
		t.Fatalf("the account of the test is wrong:\n%v", err)
	}
	return a
}

// send makes one plain request, for what the SDK would not send.
func send(h http.Handler, method, path, body string, header ...string) *recorder {
	r, err := http.NewRequest(method, "http://sim.invalid"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		panic(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := &recorder{header: http.Header{}}
	h.ServeHTTP(w, r)
	return w
}
