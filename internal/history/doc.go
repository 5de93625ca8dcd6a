// Package history holds runs against each other: two of them, to tell what
// changed ([Compare]), or many over time ([NewTrend]).
//
// Runs are read, never changed. What is told of them is clean of what an output
// could stumble over: texts go through record.CleanLine once, as they come in.
package history
