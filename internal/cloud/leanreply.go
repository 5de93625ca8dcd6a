package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/eventstream"

	"github.com/loadline-dev/loadline/plugins"
)

// invoke sends one request and classifies its end.
func (l *lean) invoke(ctx context.Context, in plugins.Invocation) plugins.Reply {
	op := operations[in.API]
	if op == nil {
		op = operations[plugins.APIConverse]
	}
	if op.events != nil {
		return l.stream(ctx, op, in)
	}
	reply, at, err := l.send(ctx, op, in)
	if err != nil {
		return classify(err)
	}
	defer discard(reply.Body)
	var r plugins.Reply
	if in.API == plugins.APIInvoke {
		r, err = l.replyOfInvoke(op, in, reply)
	} else {
		r, err = l.replyOfConverse(ctx, op, in, reply)
	}
	if err != nil {
		return classify(refused(op, reply, err))
	}
	r.FirstByte = at
	return r
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bodyKept is the size of a body whose buffer is used again.
const bodyKept = 64 << 10

// replyOfInvoke reads the body of the model's own form.
func (l *lean) replyOfInvoke(op *operation, in plugins.Invocation, reply *http.Response) (plugins.Reply, error) {
	buf := bodies.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= bodyKept {
			bodies.Put(buf)
		}
	}()
	if _, err := buf.ReadFrom(reply.Body); err != nil {
		return plugins.Reply{}, &smithy.DeserializationError{Err: err}
	}
	return replyOfInvoke(in, reply.Header, buf.Bytes()), nil
}

func (l *lean) replyOfConverse(ctx context.Context, op *operation, in plugins.Invocation, reply *http.Response) (plugins.Reply, error) {
	var out bedrockruntime.ConverseOutput
	if err := l.read(ctx, op, reply, &out); err != nil {
		return plugins.Reply{}, err
	}
	return replyOfConverse(in, &out), nil
}

// stream sends one request and reads its stream.
func (l *lean) stream(ctx context.Context, op *operation, in plugins.Invocation) plugins.Reply {
	ctx, w := newWatch(ctx, in.Stall)
	defer w.close()
	reply, at, err := l.send(ctx, op, in)
	if err != nil {
		return classify(err)
	}
	// What is left of a stream that broke is not waited for.
	defer reply.Body.Close()
	w.begin(at, true)
	f := readFrames(reply.Body)
	defer f.done()
	var s reading
	if in.API == plugins.APIInvokeStream {
		s = &chunks{reader: readerOf(in), watch: w, reply: plugins.Reply{Served: servedByHeaders(in, reply.Header)}}
	} else {
		s = &events{in: in, watch: w}
	}
	err = readStream(f, op, w, s)
	r, ended := s.ended()
	return w.finish(ctx, err, ended, r)
}

// reading is what takes the events of one operation.
type reading interface {
	// take reads an event; the error says that it cannot be read.
	take(name, payload []byte) error
	// ended tells what the stream told, and whether its last events came.
	ended() (plugins.Reply, bool)
}

// readStream hands the events of a stream over until its end. A stream that is
// cut off has come to its end: that its last events are missing tells.
func readStream(f *frames, op *operation, w *watch, s reading) error {
	for {
		m, err := f.next()
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return fmt.Errorf("decode event: %w", err)
		}
		switch kind := string(m.kind); {
		case m.kind == nil:
			return errors.New("missing :message-type header")
		case kind == eventstream.ExceptionMessageType:
			return exception(op, m)
		case kind == eventstream.ErrorMessageType:
			return &smithy.GenericAPIError{Code: orUnknown(m.code), Message: orUnknown(m.reason)}
		case kind != eventstream.EventMessageType:
			return &eventstream.UnknownMessageError{Type: kind}
		case m.event == nil:
			return errors.New("missing :event-type header")
		}
		w.event()
		if err := s.take(m.event, m.payload); err != nil {
			return fmt.Errorf("deserialize event %s: %w", m.event, err)
		}
	}
}

func orUnknown(text []byte) string {
	if text == nil {
		return "UnknownError"
	}
	return string(text)
}

// exception is the error of the SDK that an exception of a stream stands for.
func exception(op *operation, m message) error {
	if m.exception == nil {
		return errors.New("missing :exception-type header")
	}
	name := string(m.exception)
	id := name
	if member := op.events.Member(name); member != nil {
		id = member.TargetID().String()
	}
	if known, ok := bedrockruntime.TypeRegistry.DeserializableError(id); ok {
		if err := json.Unmarshal(m.payload, known); err != nil {
			return fmt.Errorf("deserialize exception %s: %w", name, err)
		}
		return known
	}
	told := struct{ Message string }{"UnknownError"}
	if err := json.Unmarshal(m.payload, &told); err != nil {
		return &smithy.DeserializationError{Err: fmt.Errorf("get error info: %w", err)}
	}
	return &smithy.GenericAPIError{Code: name, Message: told.Message}
}

// deltas is where the text of ConverseStream stands.
var deltas = plugins.Stream{Text: []string{"delta.text", "delta.reasoningContent.text"}}

// events are those of ConverseStream.
type events struct {
	in       plugins.Invocation
	watch    *watch
	stopped  bool
	metadata *metadata
}

// metadata is what counts of the last event.
type metadata struct {
	Usage             *types.TokenUsage
	PerformanceConfig *types.PerformanceConfiguration
	ServiceTier       *types.ServiceTier
}

var errNoJSON = errors.New("the event is no JSON")

func (e *events) take(name, payload []byte) error {
	switch string(name) {
	case "contentBlockDelta":
		if !json.Valid(payload) {
			return errNoJSON
		}
		if output, _ := deltas.NewReader().Read(payload); output {
			e.watch.token()
		}
	case "messageStop":
		e.stopped = true
	case "metadata":
		e.metadata = new(metadata)
		return json.Unmarshal(payload, e.metadata)
	}
	return nil
}

func (e *events) ended() (plugins.Reply, bool) {
	if e.metadata == nil {
		return plugins.Reply{}, false
	}
	return plugins.Reply{
		Usage:  usageOfConverse(e.metadata.Usage),
		Served: servedByConverse(e.in, e.metadata.PerformanceConfig, e.metadata.ServiceTier),
	}, e.stopped
}

// chunks are the events of InvokeModelWithResponseStream.
type chunks struct {
	reader *plugins.StreamReader
	watch  *watch
	reply  plugins.Reply
	last   bool
}

func (c *chunks) take(name, payload []byte) error {
	if string(name) != "chunk" {
		return nil // of a kind that is not known yet
	}
	var chunk struct{ Bytes []byte }
	if err := json.Unmarshal(payload, &chunk); err != nil {
		return err
	}
	output, last := c.reader.Read(chunk.Bytes)
	if output {
		c.watch.token()
	}
	c.last = c.last || last
	return nil
}

func (c *chunks) ended() (plugins.Reply, bool) {
	c.reply.Usage = c.reader.Usage()
	return c.reply, c.last
}
