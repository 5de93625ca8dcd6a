package steps

import (
	"slices"
	"time"

	"github.com/loadline-dev/loadline/plugins"
)

// Stages implements [plugins.Course]. A search makes its stages as it goes.
func (l load) Stages() []plugins.Piece {
	if l.course.shape.Search {
		return nil
	}
	var out []plugins.Piece
	var at time.Duration
	for _, s := range l.profile {
		out = append(out, plugins.Piece{Name: s.Name, Of: s.Of, Start: at, Length: s.Length})
		at += s.Length
	}
	return out
}

// Warmup implements [plugins.Course].
func (l load) Warmup() time.Duration { return l.warmup }

// Due implements [plugins.Course].
func (l load) Due(model string, from, to time.Duration) (calls int64, ok bool) {
	i := slices.IndexFunc(l.targets, func(t target) bool { return t.Name == model })
	if i < 0 || l.tracks == nil || l.course.shape.Closed || l.course.shape.Search {
		return 0, false
	}
	return int64(l.tracks[i].Between(from, to)), true
}
