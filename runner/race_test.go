//go:build race

package runner_test

// raced: the race detector is on, which makes a whole run ten times as long.
const raced = true
