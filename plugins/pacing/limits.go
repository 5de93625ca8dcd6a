package pacing

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Limits are what binds a client. A model that no limit names is sent as it
// comes, and counted.
type Limits struct {
	Of []Limit
	// Share is the part of each limit that is ours, so that others have the rest:
	// from 0 to 1, 0.8 is 80 %. 0 is all.
	Share float64
	// MaxWait is the longest an attempt waits for its turn; 0 is until its context
	// ends. After it comes a [*WaitError], with nothing sent.
	MaxWait time.Duration
	// Tokens estimates the input tokens of a text of so many bytes. nil is one
	// for every four bytes begun. [WithInputTokens] tells a single call's.
	Tokens func(model string, bytes int) int64
	// Hook is told of each attempt when it ends, by the goroutine that ended it.
	Hook func(Attempt)
}

// An Attempt is what a hook is told: enough for counters and histograms of
// OpenTelemetry or any other.
type Attempt struct {
	Model     string
	Operation string // InvokeModel, Converse, InvokeModelWithResponseStream, ConverseStream
	Number    int    // from 1
	Waited    time.Duration
	Bound     string // what it waited for; "" if for nothing
	Reserved  int64  // quota tokens
	Settled   *int64 // quota tokens by the usage that AWS told; nil if it told none
	Class     Class
	MidStream bool  // it failed after its stream had begun
	Err       error // nil for a stream that ended; errors of its events come from its Err
}

func (l Limits) check() {
	switch {
	case !(l.Share >= 0 && l.Share <= 1):
		panic(fmt.Sprintf("pacing: Share is %v: it is a part, from 0 to 1, as 0.8 for 80 %%", l.Share))
	case l.MaxWait < 0:
		panic(fmt.Sprintf("pacing: MaxWait is %s: it is the longest wait, or 0 for one until the context ends", l.MaxWait))
	}
	for _, of := range l.Of {
		of.check()
	}
}

// check panics for numbers that would bind nothing.
func (of Limit) check() {
	for _, n := range [...]struct {
		name  string
		value float64
	}{
		{"RPM", of.RPM}, {"TPM", of.TPM}, {"Concurrent", float64(of.Concurrent)}, {"Burndown", of.Burndown}, {"MaxOutput", float64(of.MaxOutput)},
	} {
		if !(n.value >= 0 && n.value <= math.MaxFloat64) {
			panic(fmt.Sprintf("pacing: %s of %v is %v: it is a number from 0, which is the default or no limit", n.name, of.Models, n.value))
		}
	}
}

// nameOf is a model id without what stands before it in an ARN, so that the ARN of
// a system profile finds the limit of its id.
func nameOf(id string) string {
	if !strings.HasPrefix(id, "arn:") {
		return id
	}
	for _, kind := range []string{":foundation-model/", ":inference-profile/"} {
		if _, name, ok := strings.Cut(id, kind); ok {
			return name
		}
	}
	return id
}
