package cli

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// The parts of SARIF 2.1.0 (OASIS) that tell of problems: a run, its rules, and
// results with their places.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		Configuration    struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"` // none where a problem has no place
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndColumn   int `json:"endColumn"` // the one behind the last
	}
)

// found are the problems of one file.
type found struct {
	file     string
	problems scenarios.Problems
}

// writeSARIF writes the problems as SARIF, for what shows them beside the file.
// A rule is a code of problems; the way out stands in the message of each
// result, since it is of that very place.
func writeSARIF(w io.Writer, all []found) error {
	var run sarifRun
	run.Tool.Driver = sarifDriver{Name: "loadline", Version: version(), InformationURI: "https://github.com/loadline-dev/loadline", Rules: []sarifRule{}}
	run.ColumnKind = "unicodeCodePoints"
	run.Results = []sarifResult{}
	for _, f := range all {
		for _, p := range f.problems {
			run.add(f.file, p)
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func (r *sarifRun) add(file string, p scenarios.Problem) {
	rules := &r.Tool.Driver.Rules
	at := slices.IndexFunc(*rules, func(rule sarifRule) bool { return rule.ID == p.Code })
	if at < 0 {
		rule := sarifRule{ID: p.Code, ShortDescription: sarifText{strings.ReplaceAll(p.Code, "-", " ")}}
		rule.Configuration.Level = "error"
		at, *rules = len(*rules), append(*rules, rule)
	}
	text := record.CleanLine(p.Message)
	if p.Hint != "" {
		text += ". Help: " + record.CleanLine(p.Hint)
	}
	var place sarifLocation
	place.Physical.Artifact.URI = fileURI(file)
	if !p.Pos.IsZero() {
		place.Physical.Region = &sarifRegion{StartLine: p.Pos.Line, StartColumn: p.Pos.Column, EndColumn: p.Pos.Column + max(p.Width, 1)}
	}
	r.Results = append(r.Results, sarifResult{RuleID: p.Code, RuleIndex: at, Level: "error", Message: sarifText{text}, Locations: []sarifLocation{place}})
}

// fileURI is a file as a URI: relative as it was named, which is what GitHub
// looks for in the repository; absolute where it was named so.
func fileURI(file string) string {
	name := path.Clean(filepath.ToSlash(record.CleanLine(file)))
	u := url.URL{Path: name}
	if path.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
