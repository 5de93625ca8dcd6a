package sim

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// What the SDK sees of a ConverseStream that a fault harms: whether it ends with
// an error, and whether its last event came. A stream that ends cleanly too soon
// is no error to the SDK.
func TestFaultsOfConverseStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			what         string
			began        bool // the call itself was answered
			failed, last bool
		}{
			{"{delay: 1s}", true, false, true},
			{"{stall: {after: 150, for: 1m}}", true, false, true},
			{"{truncate_stream: 2}", true, false, false},
			{"{crc: true}", true, true, false},
			{"{malformed: true}", true, true, false},
			{"{html: 503}", false, false, false},
			{"{reset: before}", false, false, false},
		} {
			c := newClients(t, faulty("{what: "+test.what+"}"))
			out, err := c.runtime.ConverseStream(t.Context(), converseStreamInput("anthropic.a", "hi", 9))
			if (err == nil) != test.began {
				t.Errorf("%s: ConverseStream() = %v", test.what, err)
			}
			if err != nil {
				continue
			}
			last := false
			for e := range out.GetStream().Events() {
				_, last = e.(*types.ConverseStreamOutputMemberMetadata)
			}
			if err := out.GetStream().Err(); (err != nil) != test.failed || last != test.last || errors.Is(err, io.EOF) {
				t.Errorf("%s: the stream ended with %v, its last event came: %t; want an error: %t", test.what, err, last, test.failed)
			}
			out.GetStream().Close()
			time.Sleep(time.Minute)
			if m := c.server.Counts().Models["anthropic.a"]; m.OK != 1 {
				t.Errorf("%s: the counts are %+v; the operation happened", test.what, m)
			}
		}
	})
}
