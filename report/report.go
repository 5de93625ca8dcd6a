package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/loadline-dev/loadline/record"
)

// File is one file of a report: a slash-separated path inside the run folder.
type File struct {
	Path string
	Data []byte
}

// Format is one way to show a record.
type Format struct {
	Name  string
	Doc   string
	Files []string // what it writes, for the reference: "junit.xml", "charts/*.svg"
	// Asked: it is written only where it is asked for by name.
	Asked bool
	// Render makes the files. It does not change the record.
	Render func(*record.Run) ([]File, error)
	// Calls writes the last of Files, out of every call of the journal; nil where
	// the record is enough.
	Calls func(io.Writer, iter.Seq2[record.Call, error]) error
}

// Formats is the table of all formats.
var Formats = []Format{
	{Name: "json", Doc: "The whole record, for programs. Always written.", Files: []string{recordFile}, Render: renderJSON},
	{Name: "junit", Doc: "One test case for each assertion and model, for CI systems.", Files: []string{"junit.xml"}, Render: renderJUnit},
	{Name: "junit-strict", Doc: "The same in what the schemas of Ant and of Jenkins' xUnit plugin allow: without file and line.", Files: []string{"junit-strict.xml"}, Asked: true, Render: renderJUnitStrict},
	{Name: "svg", Doc: "A chart of each load and monitor step; of a monitor step also its parts, and the hours of the day where the window has two weeks; of clients of load steps, side by side.", Files: []string{"charts/*.svg", "charts/*/*.svg"}, Render: renderSVG},
	{Name: "html", Doc: "One page with verdicts, quotas, numbers and charts, for a browser.", Files: []string{"report.html"}, Render: renderHTML},
	{Name: "markdown", Doc: "A summary, for a pull request or a CI job.", Files: []string{"summary.md"}, Render: renderMarkdown},
	{Name: "annotations", Doc: "The worst ten verdicts as commands of GitHub, for marks in a pull request.", Files: []string{"annotations.txt"}, Asked: true, Render: renderAnnotations},
	{Name: "csv", Doc: "Every point of the series, and every call of the journal, for spreadsheets.", Files: []string{seriesFile, callsFile}, Asked: true, Render: renderCSV, Calls: writeCalls},
	{Name: "openmetrics", Doc: "The numbers of the run as gauges, for what reads Prometheus' text format.", Files: []string{"openmetrics.txt"}, Asked: true, Render: renderOpenMetrics},
}

// Usual are the names of the formats that are written where none is asked for.
func Usual() []string {
	var names []string
	for _, f := range Formats {
		if !f.Asked {
			names = append(names, f.Name)
		}
	}
	return names
}

// Lookup finds a format by its name.
func Lookup(name string) (Format, bool) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return Formats[i], true
}

// Render makes the files of the named formats, sorted by path. A name given
// twice counts once; an unknown name is an error.
func Render(r *record.Run, formats []string) ([]File, error) {
	var files []File
	for _, name := range slices.Compact(slices.Sorted(slices.Values(formats))) {
		f, ok := Lookup(name)
		if !ok {
			return nil, fmt.Errorf("unknown report format %q", name)
		}
		made, err := f.Render(r)
		if err != nil {
			return nil, fmt.Errorf("write report %s: %w", name, err)
		}
		files = append(files, made...)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// Folder makes all files of a run folder but the journal: those of the named
// formats, and run.json last, whether it was named or not. In run.json the
// artifacts are those of r, the journal among them, with the other files made
// here added or brought up to date. The record r itself stays as it is.
func Folder(r *record.Run, formats []string) ([]File, error) {
	others := slices.DeleteFunc(slices.Clone(formats), func(name string) bool { return name == "json" })
	files, err := Render(r, others)
	if err != nil {
		return nil, err
	}
	listed := *r
	listed.Artifacts = artifacts(r.Artifacts, files)
	whole, err := Render(&listed, []string{"json"})
	if err != nil {
		return nil, err
	}
	return append(files, whole...), nil
}

func artifacts(known []record.Artifact, files []File) []record.Artifact {
	made := func(a record.Artifact) bool {
		return slices.ContainsFunc(files, func(f File) bool { return f.Path == a.Path })
	}
	out := slices.DeleteFunc(slices.Clone(known), made)
	for _, f := range files {
		sum := sha256.Sum256(f.Data)
		out = append(out, record.Artifact{Path: f.Path, SHA256: hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(out, func(a, b record.Artifact) int { return cmp.Compare(a.Path, b.Path) })
	return out
}
