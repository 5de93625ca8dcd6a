// Package report turns the record of a run into files, and into the verdict on
// the terminal.
//
// A report is a pure function of the record: no clock, no environment, and the
// same record gives the same bytes, so it can be drawn again years later. The
// formats are the rows of [Formats]; a new one is a file of its own and a row.
//
//  1. [Folder] renders the formats that were asked for, adds their digests to
//     the record as artifacts, and renders run.json last.
//  2. [Write] puts the files into the run folder, each at once or not at all.
//  3. [Text] tells the verdict to who waits for it.
//
// Names and messages come from outside. Each passes [record.Clean] or
// [record.CleanLine] before it is escaped for the format.
package report
