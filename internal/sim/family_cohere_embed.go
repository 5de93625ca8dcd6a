package sim

import "slices"

// Embeddings of Cohere. User guide of Embed v3 and v4; the bodies have no token
// counts.

var cohereTypes = []string{"float", "int8", "uint8", "binary", "ubinary"}

var (
	cohereEmbedV3Form = bodyForm{strict: true, keys: []key{ // reports show unknown keys refused
		need("input_type", text).among("search_document", "search_query", "classification", "clustering", "image"),
		may("texts", list).ofTexts().within(1, 96).upTo(2048), may("images", list).ofTexts().within(1, 1),
		may("truncate", text).among("NONE", "START", "END"), may("embedding_types", list).ofTexts().within(1, 5).among(cohereTypes...),
	}}
	cohereEmbedV4Form = bodyForm{strict: true, keys: []key{
		need("input_type", text).among("search_document", "search_query", "classification", "clustering", "image"),
		may("texts", list).ofTexts().within(1, 96), may("images", list).ofTexts().within(1, 96),
		may("inputs", list).within(1, 96).of(need("content", list).of(
			need("type", text).among("text", "image_url"), may("text", text), may("image_url", dict).of(need("url", text), may("detail", text)))),
		may("truncate", text).among("NONE", "LEFT", "RIGHT", "START", "END"), may("embedding_types", list).ofTexts().within(1, 5).among(cohereTypes...),
		may("output_dimension", whole).equal(256, 512, 1024, 1536),
		may("max_tokens", whole).within(1, 128_000), // what an input is cut at, no limit of the output
	}}
)

// readCohereEmbed takes exactly one kind of input.
func readCohereEmbed(dimensions int) func(*ask, body) *fault {
	return func(a *ask, b body) *fault {
		w := &wanted{dimensions: dimensions, types: b.texts("embedding_types"), texts: b.texts("texts")}
		a.wanted = w
		kinds := 0
		for _, name := range []string{"texts", "images", "inputs"} {
			if b[name] != nil {
				kinds++
			}
		}
		switch {
		case kinds == 0:
			return missing("texts")
		case kinds > 1:
			return malformed("#: only one of [texts], [images] and [inputs] is permitted")
		}
		for _, t := range w.texts {
			a.add(t)
			w.inputs = append(w.inputs, hashOf(t))
		}
		for _, image := range b.texts("images") {
			a.see()
			w.inputs = append(w.inputs, hashOf(image))
		}
		for _, in := range b.objects("inputs") {
			for _, part := range in.objects("content") {
				if part.text("type") == "text" {
					a.add(part.text("text"))
				} else {
					a.see()
				}
			}
			w.inputs = append(w.inputs, hashOf(string(appendJSON(nil, in))))
			w.mixed = append(w.mixed, in)
		}
		if n := b.number("output_dimension"); n != nil {
			w.dimensions = int(*n)
		}
		return nil
	}
}

// replyCohereEmbed has lists of floats, or where embedding_types are asked for a
// list for each of them. Of a single type float the page of v4 says the first and
// shows the second: here it is the second.
func replyCohereEmbed(m *model, a *answer) any {
	w := a.wanted
	b := append(replyBuffer(a), `{"id":"`+a.id+`",`...)
	if len(w.types) == 0 {
		b = appendVectors(append(b, `"response_type":"embeddings_floats","embeddings":`...), m, a, "float")
	} else {
		b = append(b, `"response_type":"embeddings_by_type","embeddings":`...)
		open := byte('{')
		for _, t := range cohereTypes {
			if slices.Contains(w.types, t) {
				b = appendVectors(append(append(b, open), `"`+t+`":`...), m, a, t)
				open = ','
			}
		}
		b = append(b, '}')
	}
	switch {
	case w.mixed != nil:
		b = appendJSON(append(b, `,"inputs":`...), w.mixed)
	default:
		b = appendJSON(append(b, `,"texts":`...), append([]string{}, w.texts...))
	}
	return readyJSON(append(b, '}'))
}
