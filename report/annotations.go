package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// maxAnnotations is how many of a kind GitHub shows of a step of a job.
const maxAnnotations = 10

// renderAnnotations writes the worst of the verdicts as the commands by which
// GitHub puts them beside the lines of the scenario in a pull request:
//
//	::error file=gate.yaml,line=9,col=11,title=calm [nova us-east-1]::ramp.throttle_rate is ...
//
// Failed and undecided assertions are errors, and warnings are warnings.
func renderAnnotations(r *record.Run) ([]File, error) {
	return []File{{Path: "annotations.txt", Data: []byte(Annotations(r))}}, nil
}

// Annotations are the lines of annotations.txt; "" where nothing is to be told.
func Annotations(r *record.Run) string {
	var lines []string
	left := 0
	add := func(line string) {
		if len(lines) == maxAnnotations {
			left++
			return
		}
		lines = append(lines, line)
	}
	if s := trouble(r); s != "" {
		add(annotation("error", property("file", oneLine(r.Scenario.File)), property("title", oneLine(r.Scenario.Name)), oneLine(s)))
	}
	for _, a := range worstFirst(r.Assertions) {
		kind := "error"
		switch stateOf(&a) {
		case warned:
			kind = "warning"
		case skipped, passed:
			continue
		}
		text := reason(&a) + "\n" + oneLine(a.Expr)
		for _, v := range readings(&a) {
			text += "\n" + v.Name + " = " + v.Text
		}
		add(annotation(kind, property("file", sourceFile(r, &a)), number("line", a.Line), number("col", a.Column), property("title", title(r, &a)), text))
	}
	if left > 0 {
		lines = append(lines, annotation("notice", property("title", oneLine(r.Scenario.Name)), fmt.Sprintf("%s not shown here: the report has all", plural(left, "more is", "more are"))))
	}
	return strings.Join(lines, "")
}

// annotation is a command: its properties but those that are empty, and the text
// that is its last part.
func annotation(kind string, parts ...string) string {
	var properties []string
	for _, p := range parts[:len(parts)-1] {
		if p != "" {
			properties = append(properties, p)
		}
	}
	return "::" + kind + " " + strings.Join(properties, ",") + "::" + annotationText.Replace(parts[len(parts)-1]) + "\n"
}

func number(name string, n int) string {
	if n <= 0 {
		return ""
	}
	return name + "=" + strconv.Itoa(n)
}

func property(name, value string) string {
	if value == "" {
		return ""
	}
	return name + "=" + annotationProperty.Replace(value)
}

// What GitHub reads back, in a text and in a property. Text from outside is on
// one line already; a line break is ours.
var (
	annotationText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Tame breaks what a runner of GitHub would take for a command in a text that is
// printed: "::" at the beginning of a line, whatever blanks stand before it, and
// "##[" anywhere.
func Tame(s string) string {
	if !strings.Contains(s, "::") && !strings.Contains(s, "##[") {
		return s
	}
	lines := strings.Split(strings.ReplaceAll(s, "##[", "## ["), "\n")
	for i, line := range lines {
		if rest := strings.TrimSpace(line); strings.HasPrefix(rest, "::") {
			lines[i] = strings.Replace(line, "::", ": :", 1)
		}
	}
	return strings.Join(lines, "\n")
}
