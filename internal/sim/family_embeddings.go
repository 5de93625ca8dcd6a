package sim

import (
	"slices"
	"strconv"
)

// Embeddings of Amazon: Titan Text G1 and V2, Titan Multimodal, Nova. User guides
// of Titan and of Nova. Their output has no tokens.

// imageTokens is what an image counts where it counts tokens: the account does
// not look at images, so each is one of 448 x 448 pixels by Cohere's rule (pixels
// / 784 x 4).
const imageTokens = 1024

// see counts an image.
func (a *ask) see() { a.characters += imageTokens * charactersOfToken }

// Reports show unknown keys refused, and both bounds of inputText.
var (
	titanEmbedForm = bodyForm{strict: true, keys: []key{need("inputText", text).within(1, 50_000)}}

	titanEmbedV2Form = bodyForm{strict: true, keys: []key{
		need("inputText", text).within(1, 50_000), may("dimensions", whole).equal(256, 512, 1024), may("normalize", boolean),
		may("embeddingTypes", list).ofTexts().among("float", "binary"),
	}}

	titanEmbedImageForm = bodyForm{strict: true, keys: []key{
		may("inputText", text).within(1, 50_000), may("inputImage", text).within(1, maxBody),
		may("embeddingConfig", dict).of(may("outputEmbeddingLength", whole).equal(256, 384, 1024)),
	}}
)

func readTitanEmbed(dimensions int) func(*ask, body) *fault {
	return func(a *ask, b body) *fault {
		said := b.text("inputText")
		a.add(said)
		a.wanted = &wanted{inputs: []uint64{hashOf(said)}, dimensions: dimensions, types: b.texts("embeddingTypes")}
		if n := b.number("dimensions"); n != nil {
			a.wanted.dimensions = int(*n)
		}
		return nil
	}
}

// readTitanEmbedImage makes one vector out of a text, an image or both. The text
// alone is counted.
func readTitanEmbedImage(a *ask, b body) *fault {
	said, image := b.text("inputText"), b.text("inputImage")
	if said == "" && image == "" {
		return missing("inputText")
	}
	a.add(said)
	a.wanted = &wanted{inputs: []uint64{hashOf(said) ^ hashOf(image)}, dimensions: 1024}
	in, name := b.member("embeddingConfig/outputEmbeddingLength")
	if n := in.number(name); n != nil {
		a.wanted.dimensions = int(*n)
	}
	return nil
}

func replyTitanEmbed(m *model, a *answer) any {
	b := append(replyBuffer(a), `{"embedding":`...)
	b = appendVector(b, vectorKey(m, a, a.wanted.inputs[0]), a.wanted.dimensions, "float")
	return titanTokens(b, a)
}

func titanTokens(b []byte, a *answer) any {
	b = strconv.AppendInt(append(b, `,"inputTextTokenCount":`...), a.inputTokens, 10)
	return readyJSON(append(b, '}'))
}

// replyTitanEmbedV2 has the vector twice; embedding is always of floats, and not
// there where only binary was asked for.
func replyTitanEmbedV2(m *model, a *answer) any {
	w := a.wanted
	key := vectorKey(m, a, w.inputs[0])
	types := w.types
	if len(types) == 0 {
		types = []string{"float"}
	}
	b := append(replyBuffer(a), '{')
	if slices.Contains(types, "float") {
		b = append(appendVector(append(b, `"embedding":`...), key, w.dimensions, "float"), ',')
	}
	b = append(b, `"embeddingsByType":{`...)
	for i, t := range []string{"float", "binary"} {
		if !slices.Contains(types, t) {
			continue
		}
		if i > 0 && b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		kind := t
		if t == "binary" {
			kind = "bits"
		}
		b = appendVector(append(b, `"`+t+`":`...), key, w.dimensions, kind)
	}
	return titanTokens(append(b, '}'), a)
}

// replyBuffer has room for the vectors of a reply, as floats.
func replyBuffer(a *answer) []byte {
	const aDimension = 12
	return make([]byte, 0, 256+aDimension*len(a.wanted.inputs)*a.wanted.dimensions)
}

// novaEmbedForm: exactly one of text, image, audio and video.
var (
	novaEmbedForm = bodyForm{keys: []key{
		may("schemaVersion", text).among("nova-multimodal-embed-v1"), need("taskType", text).among("SINGLE_EMBEDDING"),
		need("singleEmbeddingParams", dict).of(
			need("embeddingPurpose", text).among("GENERIC_INDEX", "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL", "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL",
				"DOCUMENT_RETRIEVAL", "AUDIO_RETRIEVAL", "CLASSIFICATION", "CLUSTERING"),
			may("embeddingDimension", whole).equal(256, 384, 1024, 3072),
			may("text", dict).of(may("truncationMode", text).among("START", "END", "NONE"), may("value", text), may("source", dict)),
			may("image", dict).of(may("format", text), may("detailLevel", text).among("STANDARD_IMAGE", "DOCUMENT_IMAGE"), need("source", dict)),
			may("audio", dict).of(may("format", text), need("source", dict)),
			may("video", dict).of(may("format", text), need("source", dict), may("embeddingMode", text).among("AUDIO_VIDEO_COMBINED", "AUDIO_VIDEO_SEPARATE")),
		),
	}}
	novaEmbedInputs = []string{"text", "image", "audio", "video"}
)

func readNovaEmbed(a *ask, b body) *fault {
	params, _ := b["singleEmbeddingParams"].(map[string]any)
	p := body(params)
	a.wanted = &wanted{dimensions: 3072}
	if n := p.number("embeddingDimension"); n != nil {
		a.wanted.dimensions = int(*n)
	}
	for _, name := range novaEmbedInputs {
		in, ok := p[name].(map[string]any)
		if !ok {
			continue
		}
		said := body(in).text("value")
		kinds := []string{map[string]string{"text": "TEXT", "image": "IMAGE", "audio": "AUDIO", "video": "AUDIO_VIDEO_COMBINED"}[name]}
		switch {
		case name == "text" && said == "" && in["source"] == nil:
			return malformed("#/singleEmbeddingParams/text: required key [value] not found")
		case name == "text":
			a.add(said)
		case in["embeddingMode"] == "AUDIO_VIDEO_SEPARATE":
			kinds = []string{"VIDEO", "AUDIO"}
			a.see()
		default:
			a.see()
		}
		for _, kind := range kinds {
			a.wanted.types = append(a.wanted.types, kind)
			a.wanted.inputs = append(a.wanted.inputs, hashOf(kind+string(appendJSON(nil, in))))
		}
	}
	if n := len(a.wanted.inputs); n != 1 && !slices.Equal(a.wanted.types, []string{"VIDEO", "AUDIO"}) {
		return malformed("#/singleEmbeddingParams: exactly one of text, image, audio and video is wanted, found: " + strconv.Itoa(n))
	}
	return nil
}

func replyNovaEmbed(m *model, a *answer) any {
	b := append(replyBuffer(a), `{"embeddings":[`...)
	for i, input := range a.wanted.inputs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"embeddingType":"`+a.wanted.types[i]+`","embedding":`...)
		b = append(appendVector(b, vectorKey(m, a, input), a.wanted.dimensions, "float"), '}')
	}
	return readyJSON(append(b, `]}`...))
}
