package pacing

import (
	"strings"
	"time"
)

// Limits are what binds a client. A model that no limit names is sent as it
// comes, and counted.
type Limits struct {
	Of []Limit
	// Share is the part of each limit that is ours, so that others have the rest:
	// 0.8 is 80 %. 0 is all.
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
