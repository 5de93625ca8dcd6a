// Package ramp is the shape of a load and its only sender.
//
// A shape (a row of [Shapes]) turns settings into a [Profile]: straight pieces
// of load, each from one rate to another. [Profile.Slots] computes the send
// times by arithmetic, without a clock. [Drive] follows them: it sends each
// call when it is due, whatever became of the calls before it.
//
// The package imports nothing of ours.
package ramp
