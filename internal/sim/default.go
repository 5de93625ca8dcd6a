package sim

import (
	_ "embed"
	"slices"
)

//go:embed default.yaml
var defaultAccount []byte

// Default returns the account file that is used where none is given: five
// models with quotas as a new account might have them.
func Default() []byte { return slices.Clone(defaultAccount) }
