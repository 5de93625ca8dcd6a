// Package steps is the table of step kinds, one file each.
package steps

import (
	"github.com/loadline-dev/loadline/plugins"
)

// All is the table of step kinds. A new one is a file and a row here.
var All = []plugins.StepKind{Discover, Load, Monitor, Wait}
