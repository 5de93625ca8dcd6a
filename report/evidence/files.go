package evidence

import (
	"bytes"
	_ "embed" // for the template
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"github.com/loadline-dev/loadline/report"
)

// The files of an evidence.
const (
	JSONFile     = "evidence.json"
	MarkdownFile = "evidence.md"
	PageFile     = "evidence.html"
)

//go:embed evidence.html.tmpl
var pageSource string

// Files makes the three forms, which carry the same numbers.
func (e *Evidence) Files() ([]report.File, error) {
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	d := e.document()
	t, err := template.New("evidence").Parse(pageSource)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := t.Execute(&page, d); err != nil {
		return nil, err
	}
	return []report.File{{Path: JSONFile, Data: append(b, '\n')}, {Path: MarkdownFile, Data: d.markdown()}, {Path: PageFile, Data: page.Bytes()}}, nil
}

func (d *document) markdown() []byte {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# %s\n\n%s\n", report.Escape(d.Title), report.Escape(d.Lead))
	for _, p := range d.Parts {
		if p.Title != "" {
			level := "##"
			if p.Sub {
				level = "###"
			}
			fmt.Fprintf(b, "\n%s %s\n", level, report.Escape(p.Title))
		}
		for _, l := range p.Lines {
			fmt.Fprintf(b, "\n%s\n", report.Escape(l))
		}
		if p.Table != nil {
			fmt.Fprintf(b, "\n%s|%s\n", row(p.Table.Head), strings.Repeat(" --- |", len(p.Table.Head)))
			for _, cells := range p.Table.Rows {
				b.WriteString(row(cells))
			}
		}
		if p.Paste != "" {
			fence := strings.Repeat("`", max(3, longestRun(p.Paste, '`')+1))
			fmt.Fprintf(b, "\n%stext\n%s\n%s\n", fence, wrapped(p.Paste), fence)
		}
	}
	return []byte(b.String())
}

func row(cells []string) string {
	b := &strings.Builder{}
	b.WriteString("|")
	for _, c := range cells {
		fmt.Fprintf(b, " %s |", report.Escape(c))
	}
	b.WriteString("\n")
	return b.String()
}

// longestRun is how often a character stands in a row at most.
func longestRun(s string, c rune) (longest int) {
	n := 0
	for _, r := range s {
		if r != c {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	return longest
}

// wrapped breaks a text at spaces into lines of about 100 bytes.
func wrapped(s string) string {
	b := &strings.Builder{}
	length := 0
	for i, word := range strings.Fields(s) {
		switch {
		case i == 0:
		case length+1+len(word) > 100:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}
