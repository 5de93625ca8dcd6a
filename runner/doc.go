// Package runner turns a scenario into a plan, and a plan into a record.
//
//  1. [NewPlan] binds every name and compiles every expression. What is wrong
//     with the scenario is found here, at its place, and nothing was sent.
//  2. The plan knows its worst case: [Plan.Over] tells what of it is over the
//     scenario's budget.
//  3. [Plan.Run] does the steps in order. Every call to a model goes through
//     one guard that keeps the budget.
//  4. The assertions are judged on what was measured, and the record is frozen.
package runner
