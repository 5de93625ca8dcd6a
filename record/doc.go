// Package record is what a run leaves behind, and the arithmetic on it.
//
// A run produces calls and series. They become a report in this order:
//
//  1. Calls stream to a [Log]: each is appended to the journal and added to
//     the [Fold] of its step and model. Nothing else keeps calls, so memory
//     does not grow with the run.
//  2. A fold answers every row of [Metrics] that is counted from calls; a
//     [Usage] (what CloudWatch returned) answers the rows that are read there.
//  3. The readings, the quotas and the verdicts make one [Run], frozen. Every
//     report is a pure function of it, and it is kept as run.json.
//
// The package imports nothing of ours, so a run can be read years later
// without credentials.
package record
