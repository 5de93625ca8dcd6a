package cloud

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/eventstream"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

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
		return classify(failedReply(op, reply, err))
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
	var s reading
	if in.API == plugins.APIInvokeStream {
		s = &chunks{reader: readerOf(in), watch: w, reply: plugins.Reply{Served: servedByHeaders(in, reply.Header)}}
	} else {
		s = &events{in: in, watch: w}
	}
	err = readStream(reply.Body, op, w, s)
	r, ended := s.ended()
	return w.finish(ctx, err, ended, r)
}

// readStream hands the events of a stream over until its end. The error is that
// of the SDK; it has none for a stream that is cut off: that its last events are
// missing tells.
func readStream(body io.Reader, op *operation, w *watch, s reading) error {
	f := readFrames(body)
	defer f.done()
	var codec *restjson1.Protocol // of this stream alone: smithy-go, issue 714
	for {
		m, err := f.next()
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return fmt.Errorf("decode event: %w", err)
		}
		w.event()
		if string(m.kind) == eventstream.EventMessageType && s.quick(m.event, m.payload) {
			continue
		}
		if codec == nil {
			codec = restjson1.New(schemas.AmazonBedrockFrontendService)
		}
		e, err := codec.DeserializeEventMessage(op.events, bedrockruntime.TypeRegistry, bytes.NewReader(m.raw))
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.take(e)
	}
}
