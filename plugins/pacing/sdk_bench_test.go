//go:build unix

package pacing_test

import (
	"encoding/binary"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/pacing"
)

// canned answers every call at once with a reply that was heard before, so that
// what is left is the SDK's own work.
type canned struct {
	from   http.RoundTripper // nil: it has heard
	header http.Header
	body   []byte
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	if c.from != nil {
		reply, err := c.from.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		c.from, c.header = nil, reply.Header
		if c.body, err = io.ReadAll(reply.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: 200, Header: c.header.Clone(), Body: io.NopCloser(&pieces{left: c.body, stream: strings.HasSuffix(r.URL.Path, "stream")}), Request: r}, nil
}

// pieces gives a body as it comes over a network: a stream message by message.
type pieces struct {
	message, left []byte
	stream        bool
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.message) == 0 {
		if len(p.left) == 0 {
			return 0, io.EOF
		}
		size := len(p.left)
		if p.stream {
			size = int(binary.BigEndian.Uint32(p.left))
		}
		p.message, p.left = p.left[:size], p.left[size:]
	}
	n := copy(to, p.message)
	p.message = p.message[n:]
	return n, nil
}

// client makes a client with its own can, of the simulated account's reply.
func (c canned) client(b *testing.B, operation string, option func(*bedrockruntime.Options)) *bedrockruntime.Client {
	c.from = cloud.InProcess(account(b, "models: [{id: "+model+", latency: {first_token: 0s, per_token: 0s}, output_tokens: {mean: 60, spread: 0}}]"))
	made := over(&c, option)
	if err := operations[operation](b.Context(), made, -1); err != nil {
		b.Fatal(err)
	}
	return made
}

// pairings are a client as the SDK makes it and a paced one that need not wait.
func pairings(b *testing.B, operation string) (bare, paced *bedrockruntime.Client) {
	limits := pacing.Limits{Of: []pacing.Limit{{Models: []string{model}, RPM: 1e12, TPM: 1e15, Concurrent: 100, Burndown: 5}}}
	bare = canned{}.client(b, operation, func(*bedrockruntime.Options) {})
	paced = canned{}.client(b, operation, pacing.With(limits, pacing.Policy{Backoff: pacing.Backoff{Jitter: pacing.Full}, Budget: 0.1}))
	return bare, paced
}

var measured = []string{"Converse", "InvokeModel", "ConverseStream", "InvokeModelWithResponseStream"}

func BenchmarkCall(b *testing.B) {
	for _, operation := range measured {
		bare, paced := pairings(b, operation)
		for name, c := range map[string]*bedrockruntime.Client{"bare": bare, "paced": paced} {
			b.Run(operation+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := operations[operation](b.Context(), c, -1); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkOverhead compares the two in pairs of batches side by side, which go
// first in turn, by the CPU time of the process: so what else the machine does, and
// how it changes, is in neither or in both. It reports the median of the ratios and
// the quartiles around it, in percent more than bare. -benchtime 300x takes 300 pairs.
func BenchmarkOverhead(b *testing.B) {
	const batch = 400
	for _, operation := range measured {
		bare, paced := pairings(b, operation)
		b.Run(operation, func(b *testing.B) {
			var ratios []float64
			both := [2]*bedrockruntime.Client{bare, paced}
			for i := 0; b.Loop(); i++ {
				var took [2]time.Duration
				for turn := range both {
					which := (turn + i) % 2
					before := cpu(b)
					for range batch {
						if err := operations[operation](b.Context(), both[which], -1); err != nil {
							b.Fatal(err)
						}
					}
					took[which] = cpu(b) - before
				}
				ratios = append(ratios, 100*(float64(took[1])/float64(took[0])-1))
			}
			slices.Sort(ratios)
			for part, name := range map[float64]string{0.25: "%more-p25", 0.5: "%more-p50", 0.75: "%more-p75"} {
				b.ReportMetric(ratios[int(part*float64(len(ratios)-1))], name)
			}
			b.ReportMetric(0, "ns/op") // of two batches; it says nothing
		})
	}
}

// cpu is the processor time that this process has taken.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
