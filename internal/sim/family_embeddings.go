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

// mostTitanTokens is the context of Titan Text Embeddings. Reports show the refusal.
const mostTitanTokens = 8192

func readTitanEmbed(dimensions int) func(*ask, body) *fault {
	return func(a *ask, b body) *fault {
		said := b.text("inputText")
		a.add(said)
		if n := a.inputTokens(); n > mostTitanTokens {
			return invalid("400 Bad Request: Too many input tokens. Max input tokens: " + strconv.Itoa(mostTitanTokens) +
				", request input token count: " + strconv.FormatInt(n, 10))
		}
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
	var floats []byte
	if slices.Contains(types, "float") {
		b = append(b, `"embedding":`...)
		from := len(b)
		b = appendVector(b, key, w.dimensions, "float")
		floats = b[from:]
		b = append(b, ',')
	}
	b = append(b, `"embeddingsByType":{`...)
	if floats != nil {
		b = append(append(b, `"float":`...), floats...)
	}
	if slices.Contains(types, "binary") {
		if floats != nil {
			b = append(b, ',')
		}
		b = appendVector(append(b, `"binary":`...), key, w.dimensions, "bits")
	}
	return titanTokens(append(b, '}'), a)
}

// replyBuffer has room for the vectors of a reply, as floats.
func replyBuffer(a *answer) []byte {
	const aDimension = 14
	return make([]byte, 0, 256+aDimension*len(a.wanted.inputs)*a.wanted.dimensions*max(1, len(a.wanted.types)))
}

// novaEmbedForm: exactly one of text, image, audio and video.
var (
	novaEmbedForm = bodyForm{keys: []key{
		may("schemaVersion", text).among("nova-multimodal-embed-v1"), need("taskType", text).among("SINGLE_EMBEDDING"),
		need("singleEmbeddingParams", dict).of(
			need("embeddingPurpose", text).among("GENERIC_INDEX", "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL", "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL",
				"DOCUMENT_RETRIEVAL", "AUDIO_RETRIEVAL", "CLASSIFICATION", "CLUSTERING"),
			may("embeddingDimension", whole).equal(256, 384, 1024, 3072),
			may("text", dict).of(need("truncationMode", text).among("START", "END", "NONE"), may("value", text).within(0, 8192), may("source", dict)),
			may("image", dict).of(need("format", text).among("png", "jpeg", "gif", "webp"), may("detailLevel", text).among("STANDARD_IMAGE", "DOCUMENT_IMAGE"), need("source", dict)),
			may("audio", dict).of(need("format", text).among("mp3", "wav", "ogg"), need("source", dict)),
			may("video", dict).of(need("format", text).among("mp4", "mov", "mkv", "webm", "flv", "mpeg", "mpg", "wmv", "3gp"), need("source", dict),
				need("embeddingMode", text).among("AUDIO_VIDEO_COMBINED", "AUDIO_VIDEO_SEPARATE")),
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
