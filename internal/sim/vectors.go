package sim

import (
	"encoding/json"
	"math"
	"strconv"
)

// readyJSON is a reply that is written already.
type readyJSON []byte

// A vector of n dimensions has ±1/√n in each: its length is 1, and the signs
// follow from the account's seed, the model and the input. So the same input has
// always the same vector, two inputs are as good as orthogonal, and a vector
// costs a few bytes a dimension to write and nothing to calculate.

// vectorKey is where the signs of one input come from.
func vectorKey(m *model, a *answer, input uint64) uint64 {
	return mix(a.seed) ^ mix(hashOf(m.id)) ^ mix(input)
}

// hashOf is FNV-1a of a text.
func hashOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// signs yields 64 of them at a time.
type signs struct{ key uint64 }

func (s *signs) next() uint64 {
	s.key = mix(s.key)
	return s.key
}

// appendVector writes a vector as a JSON list. The types are those of Cohere and
// Amazon: float, int8 and uint8 have a number a dimension, bits a 0 or 1, binary
// and ubinary eight dimensions a number.
func appendVector(b []byte, key uint64, n int, kind string) []byte {
	s := signs{key}
	if kind == "binary" || kind == "ubinary" {
		return appendPacked(b, &s, n/8, kind == "binary")
	}
	one := 1 / math.Sqrt(float64(n))
	var plus, minus string
	switch kind {
	case "int8":
		plus = strconv.Itoa(int(math.Round(127 * one)))
		minus = "-" + plus
	case "uint8":
		plus, minus = strconv.Itoa(128+int(math.Round(127*one))), strconv.Itoa(128-int(math.Round(127*one)))
	case "bits":
		plus, minus = "1", "0"
	default:
		plus = strconv.FormatFloat(one, 'g', -1, 32)
		minus = "-" + plus
	}
	b = append(b, '[')
	for i := 0; i < n; i += 64 {
		bits := s.next()
		for range min(64, n-i) {
			if bits&1 == 1 {
				b = append(b, plus...)
			} else {
				b = append(b, minus...)
			}
			b = append(b, ',')
			bits >>= 1
		}
	}
	b[len(b)-1] = ']'
	return b
}

func appendPacked(b []byte, s *signs, n int, signed bool) []byte {
	b = append(b, '[')
	for i := 0; i < n; i += 8 {
		bits := s.next()
		for range min(8, n-i) {
			v := int64(bits & 0xff)
			if signed {
				v = int64(int8(v))
			}
			b = append(strconv.AppendInt(b, v, 10), ',')
			bits >>= 8
		}
	}
	b[len(b)-1] = ']'
	return b
}

// appendVectors writes one vector for each input, as a list.
func appendVectors(b []byte, m *model, a *answer, kind string) []byte {
	b = append(b, '[')
	for i, input := range a.wanted.inputs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendVector(b, vectorKey(m, a, input), a.wanted.dimensions, kind)
	}
	return append(b, ']')
}

// appendJSON writes a text, or a list of texts or of objects out of a request.
func appendJSON(b []byte, v any) []byte {
	more, err := json.Marshal(v)
	if err != nil { // a bug here: it came out of JSON
		panic(err)
	}
	return append(b, more...)
}
