package cloud

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"

	"github.com/loadline-dev/loadline/plugins"
)

// reading takes the events of a stream. The events that make up most of it are
// read in place, in the form in which AWS writes them; for all others, and for
// what differs from that form in any way, the SDK's codec is asked, which takes
// ten times as long.
type reading interface {
	// quick reads an event in place, or leaves it to the SDK.
	quick(name, payload []byte) bool
	// take is given what the SDK has read.
	take(event smithy.Deserializable)
	// ended tells what the stream told, and whether its last events came.
	ended() (plugins.Reply, bool)
}

// events are those of ConverseStream.
type events struct {
	in       plugins.Invocation
	watch    *watch
	stopped  bool
	metadata *types.ConverseStreamMetadataEvent
}

func (e *events) quick(name, payload []byte) bool {
	switch string(name) {
	case "contentBlockDelta":
		some, ok := deltaText(payload)
		if ok && some {
			e.watch.token()
		}
		return ok
	case "messageStart", "contentBlockStart", "contentBlockStop":
		// Nobody reads what they tell.
		return json.Valid(payload)
	case "messageStop":
		e.stopped = json.Valid(payload)
		return e.stopped
	}
	return false
}

func (e *events) take(event smithy.Deserializable) {
	switch event := event.(type) {
	case *types.ContentBlockDeltaEvent:
		if says(event.Delta) {
			e.watch.token()
		}
	case *types.ConverseStreamMetadataEvent:
		e.metadata = event
	}
}

func (e *events) ended() (plugins.Reply, bool) {
	m := e.metadata
	if m == nil {
		return plugins.Reply{}, false
	}
	return plugins.Reply{Usage: usageOfConverse(m.Usage), Served: servedByConverse(e.in, m.PerformanceConfig, m.ServiceTier)}, e.stopped
}

// chunks are the events of InvokeModelWithResponseStream.
type chunks struct {
	reader *plugins.StreamReader
	watch  *watch
	reply  plugins.Reply
	last   bool
	buf    []byte // of the chunk before
}

func (c *chunks) quick(name, payload []byte) bool {
	if string(name) != "chunk" {
		return false
	}
	coded, ok := chunkBytes(payload)
	if !ok {
		return false
	}
	var err error
	if c.buf, err = base64.StdEncoding.AppendDecode(c.buf[:0], coded); err != nil {
		return false
	}
	c.read(c.buf)
	return true
}

func (c *chunks) take(event smithy.Deserializable) {
	if part, ok := event.(*types.PayloadPart); ok {
		c.read(part.Bytes)
	}
}

func (c *chunks) read(chunk []byte) {
	output, last := c.reader.Read(chunk)
	if output {
		c.watch.token()
	}
	c.last = c.last || last
}

func (c *chunks) ended() (plugins.Reply, bool) {
	c.reply.Usage = c.reader.Usage()
	return c.reply, c.last
}

// deltaText reads {"contentBlockIndex":0,"delta":{"text":"..."},"p":"abc"}, with
// or without p, which AWS pads events with: whether there is some text. It is
// not ok where the payload is anything else.
func deltaText(payload []byte) (some, ok bool) {
	rest, ok := bytes.CutPrefix(payload, []byte(`{"contentBlockIndex":`))
	if !ok {
		return false, false
	}
	digits := 0
	for digits < min(len(rest), maxDigits) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	if rest, ok = bytes.CutPrefix(rest[digits:], []byte(`,"delta":{"text":"`)); !ok || digits == 0 {
		return false, false
	}
	end := bytes.IndexByte(rest, '"')
	for end > 0 && rest[end-1] == '\\' { // perhaps one that belongs to the text
		next := bytes.IndexByte(rest[end+1:], '"')
		if next < 0 {
			return false, false
		}
		end += 1 + next
	}
	if end < 0 || !padded(rest[end+1:], "}") {
		return false, false
	}
	// The texts of such an event are all that is left to be wrong.
	return end > 0, json.Valid(payload)
}

// maxDigits of an index: it surely is one of 32 bits.
const maxDigits = 9

// chunkBytes reads {"bytes":"...","p":"abc"}, with or without p, down to the
// bytes in base64.
func chunkBytes(payload []byte) (coded []byte, ok bool) {
	rest, ok := bytes.CutPrefix(payload, []byte(`{"bytes":"`))
	if !ok {
		return nil, false
	}
	end := bytes.IndexByte(rest, '"')
	if end < 0 || !padded(rest[end+1:], "") {
		return nil, false
	}
	return rest[:end], true
}

// padded tells whether an event ends here: with what closes its parts, and
// perhaps with padding of letters and digits.
func padded(rest []byte, closing string) bool {
	rest, ok := bytes.CutPrefix(rest, []byte(closing))
	if !ok {
		return false
	}
	if inner, has := bytes.CutPrefix(rest, []byte(`,"p":"`)); has {
		for len(inner) > 0 && inner[0] != '"' {
			if c := inner[0]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
				return false
			}
			inner = inner[1:]
		}
		if rest, ok = bytes.CutPrefix(inner, []byte{'"'}); !ok {
			return false
		}
	}
	return string(rest) == "}"
}
