package sim

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"time"
)

// purpose keeps the draws of one request apart.
type purpose uint64

const (
	forOutput purpose = iota + 1
	forLatency
	forThrottle
	forRequestID
	forBackground
	forCache
	forCapacity
	forFault
	forMidStream
	forPadding
)

// source returns the random source of one purpose of one request. Two requests
// never share a stream, so the order in which they draw changes nothing.
func source(seed, number uint64, p purpose) *rand.Rand {
	key := mix(seed) + mix(number^uint64(p)<<56)
	return rand.New(rand.NewPCG(mix(key), mix(key+1)))
}

// mix spreads near keys over all values (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// around draws a factor with mean 1 from a log-normal distribution:
//
//	f = exp(s x z - s²/2), z standard normal, s the spread
//
// It is never negative, and latencies are skewed to the right like this.
func around(r *rand.Rand, spread float64) float64 {
	if spread == 0 {
		return 1
	}
	return math.Exp(spread*r.NormFloat64() - spread*spread/2)
}

// quantile is the value that a share q of the draws of around stays below.
func quantile(q, spread float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*q-1)
	return math.Exp(spread*z - spread*spread/2)
}

// waitAround draws a duration. It ends in 1 to 999 ns beyond a whole
// microsecond: arrivals come at whole microseconds, so no completion ever ties
// with one. A mean of zero means no wait at all.
func waitAround(r *rand.Rand, mean time.Duration, spread float64) time.Duration {
	if mean <= 0 {
		return 0
	}
	d := time.Duration(float64(mean) * around(r, spread))
	return d.Truncate(time.Microsecond) + time.Duration(1+r.IntN(999))
}

// requestID has the form of a UUID, and is the same for the same number.
func requestID(seed, number uint64) string {
	key := mix(seed) + mix(number^uint64(forRequestID)<<56)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], mix(key))
	binary.BigEndian.PutUint64(b[8:], mix(key+1))
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], b[:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
