package cloud_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
)

// Any reply, with any status, error type and body, is the same to both paths.
func FuzzReplies(f *testing.F) {
	f.Add(uint16(200), "", converseReply)
	f.Add(uint16(200), "", `{"output":{"message":{"role":"assistant","content":[]}},"usage":{"inputTokens":-1,"outputTokens":99999999999}}`)
	f.Add(uint16(429), "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", `{"message":"Too many tokens, please wait before trying again."}`)
	f.Add(uint16(429), "", `{"__type":"com.amazon.bedrock#ThrottlingException","Message":"m"}`)
	f.Add(uint16(503), "", `{"code":"ServiceUnavailableException","message":null}`)
	f.Add(uint16(400), "aws#ValidationException:x", `{"message":7}`)
	f.Add(uint16(424), "ModelErrorException", `{"originalStatusCode":500,"resourceName":"m"}`)
	f.Add(uint16(403), "", "<html>")
	f.Add(uint16(500), "#", "")
	f.Add(uint16(204), "", "")
	f.Fuzz(func(t *testing.T, status uint16, kind, body string) {
		if status < 200 || status > 599 || strings.ContainsAny(kind, "\r\n") {
			return
		}
		reply := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amzn-Requestid", "an-id")
			if kind != "" {
				w.Header().Set("X-Amzn-Errortype", kind)
			}
			w.WriteHeader(int(status))
			w.Write([]byte(body))
		})
		for _, api := range []string{plugins.APIInvoke, plugins.APIConverse, plugins.APIConverseStream} {
			lean, sdk := plain(by(t, false, cloud.InProcess(reply)).Invoke(t.Context(), ask(api))), plain(by(t, true, cloud.InProcess(reply)).Invoke(t.Context(), ask(api)))
			if lean != sdk {
				t.Errorf("%s:\nlean %s\nsdk  %s", api, lean, sdk)
			}
		}
	})
}

// unread are events of which it counts that they came.
var unread = map[string]bool{"messageStart": true, "contentBlockStart": true, "contentBlockStop": true, "messageStop": true}

// Any event in the middle of a stream is the same to both paths.
func FuzzStreams(f *testing.F) {
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"x"}}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"x"}}}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"x\\\"\u00e9"},"p":"ab1"}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"\\"},"p":"ab1"}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":""}}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"x","text":7}}`)
	f.Add("event", "contentBlockDelta", `{"contentBlockIndex":0000,"delta":{"text":"x"}}`)
	f.Add("event", "messageStop", `{"stopReason":7}`)
	f.Add("event", "contentBlockStop", `{"contentBlockIndex":0}`)
	f.Add("event", "metadata", `{"usage":{"inputTokens":-1}}`)
	f.Add("event", "somethingNew", `{`)
	f.Add("event", "chunk", `{"bytes":"e30=","p":"ab"}`)
	f.Add("event", "chunk", `{"bytes":"e30"}`)
	f.Add("exception", "throttlingException", `{"message":"m"}`)
	f.Add("exception", "serviceUnavailableException", `{"Message":"m"}`)
	f.Add("exception", "somethingNewException", `{}`)
	f.Add("exception", "validationException", ``)
	f.Add("error", "InternalError", "broken")
	f.Add("other", "x", "")
	f.Fuzz(func(t *testing.T, kind, name, payload string) {
		if len(kind)+len(name)+len(payload) > 1000 {
			return
		}
		for _, api := range []string{plugins.APIConverseStream, plugins.APIInvokeStream} {
			body := bytes.Join([][]byte{event(kind, name, payload), stream24(api)}, nil)
			reply := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) })
			told := map[string]string{}
			for name, sdk := range paths {
				told[name] = plain(by(t, sdk, cloud.InProcess(reply)).Invoke(t.Context(), ask(api)))
			}
			// What nobody reads of an event may be wrong.
			if unread[name] && json.Valid([]byte(payload)) && strings.Contains(told["sdk"], "BrokenStream") {
				continue
			}
			if lean, sdk := told["lean"], told["sdk"]; lean != sdk {
				t.Errorf("%s:\nlean %s\nsdk  %s", api, lean, sdk)
			}
		}
	})
}
