package ramp

import "math"

// Dealer gives calls to those who have parts of them, so that after any number
// of calls each has had its part, give or take one.
type Dealer struct {
	parts []float64 // 0: left
	had   []float64 // calls less what was due since the parts last changed
	total float64   // of the parts
	dealt []int
}

// NewDealer takes the parts, of which only the proportion matters.
func NewDealer(parts []float64) *Dealer {
	d := &Dealer{parts: append([]float64(nil), parts...), had: make([]float64, len(parts)), dealt: make([]int, len(parts))}
	for _, p := range parts {
		d.total += p
	}
	return d
}

// Next is whose turn it is: of those who are furthest behind, the first. It is
// not found where all have left.
func (d *Dealer) Next() (i int, found bool) {
	most := math.Inf(-1)
	for k, part := range d.parts {
		if behind := part/d.total - d.had[k]; part > 0 && behind > most {
			i, most, found = k, behind, true
		}
	}
	return i, found
}

// Deal gives a call, and tells how many that one has had.
func (d *Dealer) Deal(i int) int {
	for k, part := range d.parts {
		d.had[k] -= part / d.total
	}
	d.had[i]++
	d.dealt[i]++
	return d.dealt[i]
}

// Leave takes one out: the others get its part.
func (d *Dealer) Leave(i int) {
	d.total -= d.parts[i]
	d.parts[i], d.had[i] = 0, 0
}
