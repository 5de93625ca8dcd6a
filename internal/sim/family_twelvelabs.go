package sim

// TwelveLabs: Pegasus, which tells of a video, and the embeddings of Marengo as
// far as InvokeModel makes them: of texts and images. User guide. A video counts
// no tokens here: no page says how many it has.

var mediaKey = need("mediaSource", dict).of(
	may("base64String", text), may("s3Location", dict).of(need("uri", text), may("bucketOwner", text)))

var pegasusForm = bodyForm{keys: []key{
	need("inputPrompt", text), mediaKey, may("temperature", number).within(0, 1), may("responseFormat", dict), maxTokens("maxOutputTokens", 4096),
}}

func readPegasus(a *ask, b body) *fault {
	a.add(b.text("inputPrompt"))
	return media(b, "#")
}

// media refuses a source that is not exactly one of the two kinds.
func media(b body, at string) *fault {
	source, _ := b["mediaSource"].(map[string]any)
	if (source["base64String"] == nil) == (source["s3Location"] == nil) {
		return malformed(at + "/mediaSource: exactly one of base64String and s3Location is wanted")
	}
	return nil
}

type pegasusReply struct {
	Message string  `json:"message"`
	Reason  *string `json:"finishReason,omitempty"`
}

func replyPegasus(_ *model, a *answer) any { return pegasusReply{a.text(), stopReason(a)} }

// streamPegasus: that the chunks have the members of the reply is not documented.
func streamPegasus(_ *model, a *answer) script {
	return script{
		delta: func(text string, _ int64) streamEvent { return streamEvent{body: pegasusReply{Message: text}} },
		close: []streamEvent{{body: pegasusReply{"", stopReason(a)}}},
	}
}

var (
	marengo2Form = bodyForm{keys: []key{
		need("inputType", text).among("text", "image"), may("inputText", text).within(1, anyNumber), may("textTruncate", text).among("end", "none"),
		optional(mediaKey), may("embeddingOption", anything),
	}}
	marengo3Form = bodyForm{keys: []key{
		need("inputType", text).among("text", "image", "text_image", "multi_input"), may("inferenceId", text),
		may("text", dict).of(need("inputText", text).within(1, anyNumber)), may("image", dict).of(mediaKey),
		may("text_image", dict).of(need("inputText", text).within(1, anyNumber), mediaKey),
		may("multi_input", dict).of(may("inputText", text), need("mediaSources", list).within(1, anyNumber).of(need("mediaType", text).among("image"))),
	}}
)

func optional(k key) key {
	k.required = false
	return k
}

// readMarengo2 finds its input at the top.
func readMarengo2(a *ask, b body) *fault {
	a.wanted = &wanted{dimensions: 1024, inputs: []uint64{hashOf(string(appendJSON(nil, b)))}}
	switch {
	case b.text("inputType") == "text" && b.text("inputText") == "":
		return missing("inputText")
	case b.text("inputType") == "image" && b["mediaSource"] == nil:
		return missing("mediaSource")
	case b.text("inputType") == "image":
		return media(b, "#")
	}
	return nil
}

// readMarengo3 finds its input in the object that is named as the type.
func readMarengo3(a *ask, b body) *fault {
	kind := b.text("inputType")
	in, ok := b[kind].(map[string]any)
	if !ok {
		return missing(kind)
	}
	a.wanted = &wanted{dimensions: 512, inputs: []uint64{hashOf(string(appendJSON(nil, b)))}}
	if _, has := in["mediaSource"]; has {
		return media(in, "#/"+kind)
	}
	return nil
}

// replyMarengo is a list with the one vector. The page of 3.0 shows an object in
// its place; it says list of several, and clients in use read a list.
func replyMarengo(m *model, a *answer) any {
	b := append(replyBuffer(a), `{"data":[{"embedding":`...)
	b = appendVector(b, vectorKey(m, a, a.wanted.inputs[0]), a.wanted.dimensions, "float")
	return readyJSON(append(b, `}]}`...))
}
