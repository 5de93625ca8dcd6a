// Package scenarios is the scenario language: what may stand in a scenario file, and where each word of it stands.
//
// A file goes through four stages, each of which may add problems; none of them stops at the first.
//
//  1. The bytes: size, encoding, control characters (source.go, parse.go).
//  2. The YAML tree: one document, no anchors, aliases, merge keys or tags, no key twice, no deep nesting (safety.go).
//     A file that is no YAML has one problem, put where the grammar broke (syntax.go).
//  3. The table of keys (language.go): each value is held against the [Type] of its [Key] and becomes a [Node] (check.go).
//  4. Binding: nodes become the fields of a [Scenario], each an [At] that keeps its place (bind.go), and names are
//     held against each other (names.go).
//
// The JSON Schema ([Schema]) and the rows of the reference page ([Reference]) are made from the same table, so a new
// key is one row in the table, one field in a struct and one line that binds it.
//
// What the steps of a run may say is not known here. Whoever loads a file passes a [Language] with one Key for each kind of
// step. Expressions are texts here; [Node.Place] tells where each character of one stands in the file, so that
// a compiler's complaint can point inside a block scalar.
//
// The package reads bytes and returns values. It opens no file, and a scenario cannot make it use more than a few
// times the memory of its own size.
package scenarios
