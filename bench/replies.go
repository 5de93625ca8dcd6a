package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// body is what peers send that know nothing of Bedrock.
const body = `{"messages":[{"role":"user","content":[{"text":"Summarize this in one sentence: AWS provides cloud computing services."}]}],"inferenceConfig":{"maxTokens":50}}`

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDABENCH</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

var (
	invokeReply = []byte(`{"output":{"message":{"role":"assistant","content":[{"text":"AWS offers computing over the internet."}]}},"stopReason":"end_turn","usage":{"inputTokens":14,"outputTokens":9,"totalTokens":23}}`)
	streamReply = events()
)

// events is a ConverseStream of 24 events.
func events() []byte {
	out := event("messageStart", `{"p":"abcdefghijk","role":"assistant"}`)
	for i := range 20 {
		out = append(out, event("contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":0,"delta":{"text":" some words %d"},"p":"abcdefghijklmno"}`, i))...)
	}
	out = append(out, event("contentBlockStop", `{"contentBlockIndex":0,"p":"abcdefgh"}`)...)
	out = append(out, event("messageStop", `{"p":"abcdefg","stopReason":"end_turn"}`)...)
	return append(out, event("metadata", `{"metrics":{"latencyMs":512},"p":"abcdef","usage":{"inputTokens":14,"outputTokens":20,"totalTokens":34}}`)...)
}

// event is one frame of application/vnd.amazon.eventstream: lengths and their
// checksum, headers (of the type text, 7), payload, checksum of it all.
func event(name, payload string) []byte {
	var headers []byte
	for _, h := range [][2]string{{":event-type", name}, {":content-type", "application/json"}, {":message-type", "event"}} {
		headers = append(append(headers, byte(len(h[0]))), h[0]...)
		headers = append(binary.BigEndian.AppendUint16(append(headers, 7), uint16(len(h[1]))), h[1]...)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(16+len(headers)+len(payload)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(headers)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = bytes.Join([][]byte{b, headers, []byte(payload)}, nil)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}
