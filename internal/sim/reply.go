package sim

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

// fault is an error as an AWS service reports it.
type fault struct {
	status  int
	code    string // the exception's name
	message string
}

func invalid(message string) *fault {
	return &fault{http.StatusBadRequest, "ValidationException", message}
}

// notAmong is the answer to a word that a member does not take.
func notAmong(name string, words []string) *fault {
	return invalid("1 validation error detected: Value at '" + name +
		"' failed to satisfy constraint: Member must satisfy enum value set: [" + strings.Join(words, ", ") + "]")
}

// unknown is the answer to an operation or a service that is not there.
func (c *call) unknown() *fault {
	switch {
	case c.unread != nil:
		return unreadable(c.unread)
	case c.protocol == awsQuery && c.op == "":
		return &fault{http.StatusBadRequest, "MissingAction", "The request is missing an action."}
	case c.protocol == awsQuery:
		return &fault{http.StatusBadRequest, "InvalidAction",
			"The action " + c.op + " is not valid for this endpoint."}
	case c.protocol == restJSON:
		return &fault{http.StatusNotFound, "UnknownOperationException",
			"No operation of the simulated account answers " + c.r.Method + " " + c.path}
	}
	return &fault{http.StatusBadRequest, "UnknownOperationException",
		"The simulated account has no operation " + strconv.Quote(c.op) + " of this service."}
}

// coral is what AWS appends to the error type of Bedrock.
const coral = ":http://internal.amazon.com/coral/com.amazon.bedrock/"

// fail answers with an error in the shape of the call's protocol.
func (c *call) fail(f *fault) {
	c.outcome = f.code
	h := c.w.Header()
	shape, message := f.code, "message"
	switch {
	case c.protocol == awsQuery:
	case c.service != nil && c.service.query:
		h.Set("X-Amzn-Query-Error", f.code+";"+c.culprit(f))
		shape, message = cloudWatchError(f.code)
	case c.protocol == awsJSON:
		message = "Message"
	}
	switch c.protocol {
	case rpcCBOR:
		c.send(f.status, "application/cbor", encodeCBOR(object{"__type": shape, message: f.message}))
	case awsQuery:
		answer := xmlFault{Type: c.culprit(f), Code: f.code, Message: f.message, RequestID: h.Get("X-Amzn-Requestid")}
		if c.service != nil {
			answer.Space = c.service.space
		}
		c.sendXML(f.status, answer)
	case awsJSON:
		h.Set("X-Amzn-Errortype", shape)
		c.sendJSON(f.status, map[string]string{"__type": shape, message: f.message})
	default:
		h.Set("X-Amzn-Errortype", shape+coral)
		c.sendJSON(f.status, map[string]string{message: f.message})
	}
}

// culprit is who is to blame, in the words of the query protocol.
func (c *call) culprit(f *fault) string {
	if f.status >= 500 {
		return "Receiver"
	}
	return "Sender"
}

// reply answers an operation named on the wire, in the call's protocol. That of
// an operation without any output is nil: in CBOR it has no body at all.
func (c *call) reply(o object) {
	if c.partial {
		partialData(o)
	}
	if c.protocol == rpcCBOR && o == nil {
		c.send(http.StatusOK, "", nil)
		return
	}
	if c.protocol == rpcCBOR {
		c.send(http.StatusOK, "application/cbor", encodeCBOR(o))
		return
	}
	if c.protocol == awsQuery {
		c.send(http.StatusOK, "text/xml", encodeXML(c.service.space, c.op, c.w.Header().Get("X-Amzn-Requestid"), o))
		return
	}
	c.sendJSON(http.StatusOK, jsonReady(o))
}

// sendJSON answers with any value in the JSON of the call's protocol.
func (c *call) sendJSON(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a bug here: replies are made of texts and finite numbers
		panic(err)
	}
	contentType := "application/json"
	if c.protocol == awsJSON {
		contentType = "application/x-amz-json-1.1"
		if c.service != nil {
			contentType = c.service.json
		}
	}
	c.send(status, contentType, body)
}

// sendXML answers in the XML of the query protocol.
func (c *call) sendXML(status int, v any) {
	body, err := xml.Marshal(v)
	if err != nil { // a bug here: the values are structs of texts
		panic(err)
	}
	c.send(status, "text/xml", body)
}

// send replies, once the whole request is there; a body that is not there has no
// type.
func (c *call) send(status int, contentType string, body []byte) {
	c.readRest()
	h := c.w.Header()
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if c.protocol == rpcCBOR {
		h["Smithy-Protocol"] = []string{"rpc-v2-cbor"}
	}
	c.w.WriteHeader(status)
	c.w.Write(body) // an error means that the client is gone: nobody to tell
}

// xmlFault is the error shape of the query protocol.
type xmlFault struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Space     string   `xml:"xmlns,attr,omitempty"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}
