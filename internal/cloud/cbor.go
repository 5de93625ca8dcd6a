package cloud

import (
	"encoding/binary"
	"math"
)

// cborReader reads CBOR (RFC 8949) in place, without making anything of it. It
// knows what the answers of CloudWatch are made of, in every form in which those
// may be written, and passes by the rest. What is malformed sets bad, and
// whatever is read after it is empty.
type cborReader struct {
	b   []byte
	bad bool
}

// The major types, and what stands for "until a break".
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborList
	cborMap
	cborTag
	cborSimple

	indefinite = math.MaxUint64
	maxDepth   = 32

	// First bytes of items that are looked for.
	cborTime   = 0xc1
	cborNull   = 0xf6
	cborDouble = 0xfb
	cborBreak  = 0xff
)

// head reads the beginning of an item: its major type and its argument.
func (r *cborReader) head() (major byte, argument uint64) {
	if len(r.b) == 0 {
		r.bad = true
		return cborSimple, 0
	}
	major, minor := r.b[0]>>5, r.b[0]&31
	r.b = r.b[1:]
	switch {
	case minor < 24:
		return major, uint64(minor)
	case minor == 31:
		return major, indefinite
	case minor > 27 || len(r.b) < 1<<(minor-24):
		r.fail()
		return cborSimple, 0
	}
	switch minor {
	case 24:
		argument = uint64(r.b[0])
	case 25:
		argument = uint64(binary.BigEndian.Uint16(r.b))
	case 26:
		argument = uint64(binary.BigEndian.Uint32(r.b))
	case 27:
		argument = binary.BigEndian.Uint64(r.b)
	}
	r.b = r.b[1<<(minor-24):]
	return major, argument
}

func (r *cborReader) fail() { r.b, r.bad = nil, true }

// items is how many members of a list or mapping are still to be read.
type items struct{ left uint64 }

// open begins a list or mapping: for n := r.open(cborList); r.more(&n); { ... }.
func (r *cborReader) open(major byte) items {
	got, n := r.head()
	if got != major {
		r.fail()
		return items{}
	}
	return items{n}
}

// more tells whether there is another member, which must then be read.
func (r *cborReader) more(n *items) bool {
	switch {
	case r.bad || n.left == 0:
		return false
	case n.left != indefinite:
		n.left--
		return true
	case len(r.b) > 0 && r.b[0] == cborBreak:
		r.b = r.b[1:]
		n.left = 0
		return false
	}
	return true
}

// text is the bytes of a text, in place. A text in pieces is not read.
func (r *cborReader) text() []byte {
	major, n := r.head()
	if major != cborText || n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	text := r.b[:n]
	r.b = r.b[n:]
	return text
}

// number reads a number, of whatever width. It is not ok for null.
func (r *cborReader) number() (v float64, ok bool) {
	if len(r.b) >= 9 && r.b[0] == cborDouble { // as most are
		v = math.Float64frombits(binary.BigEndian.Uint64(r.b[1:]))
		r.b = r.b[9:]
		return v, true
	}
	before := len(r.b)
	major, argument := r.head()
	width := before - len(r.b)
	switch {
	case argument == indefinite && width == 1:
	case major == cborUint:
		return float64(argument), true
	case major == cborNegative:
		return -1 - float64(argument), true
	case major == cborSimple && width == 1 && argument == 22: // null
		return 0, false
	case major == cborSimple && width == 3:
		return half(uint16(argument)), true
	case major == cborSimple && width == 5:
		return float64(math.Float32frombits(uint32(argument))), true
	}
	r.fail()
	return 0, false
}

// half is a number of 16 bits.
func half(b uint16) float64 {
	v := float64(b & 1023)
	switch exponent := int(b >> 10 & 31); exponent {
	case 0:
		v = math.Ldexp(v, -24)
	case 31:
		if v == 0 {
			v = math.Inf(1)
		} else {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(v+1024, exponent-25)
	}
	if b>>15 == 1 {
		return -v
	}
	return v
}

// seconds reads a time: a number behind the tag 1, or a bare one.
func (r *cborReader) seconds() (v float64, ok bool) {
	if len(r.b) > 0 && r.b[0] == cborTime {
		r.b = r.b[1:]
	}
	return r.number()
}

// point passes by a number or a time in the form that most have.
func (r *cborReader) point() bool {
	switch {
	case len(r.b) >= 10 && r.b[0] == cborTime && r.b[1] == cborDouble:
		r.b = r.b[10:]
	case len(r.b) >= 9 && r.b[0] == cborDouble:
		r.b = r.b[9:]
	default:
		return false
	}
	return true
}

// skip passes by an item, and gives its bytes.
func (r *cborReader) skip() []byte { return r.skipped(0) }

func (r *cborReader) skipped(depth int) []byte {
	all := r.b
	if depth > maxDepth || len(all) == 0 {
		r.fail()
		return nil
	}
	switch major := all[0] >> 5; major {
	case cborList, cborMap:
		for n := r.open(major); r.more(&n); {
			if major == cborMap {
				r.skipped(depth + 1)
			} else if r.point() {
				continue
			}
			r.skipped(depth + 1)
		}
	case cborTag:
		if _, n := r.head(); n == indefinite {
			r.fail()
		}
		r.skipped(depth + 1)
	case cborBytes, cborText:
		if _, n := r.head(); n <= uint64(len(r.b)) {
			r.b = r.b[n:]
		} else {
			r.fail()
		}
	default:
		before := len(r.b)
		if _, n := r.head(); n == indefinite && before-len(r.b) == 1 {
			r.fail()
		}
	}
	if r.bad {
		return nil
	}
	return all[:len(all)-len(r.b)]
}
