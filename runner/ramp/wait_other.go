//go:build !linux

package ramp

import "context"

// newFine gives none: on this system the timers of Go must do.
func newFine(context.Context) fine { return nil }
