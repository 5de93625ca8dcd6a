package steps

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/runner/ramp"
	"github.com/loadline-dev/loadline/scenarios"
)

// maxReplay bounds a file of arrivals.
const maxReplay = 64 << 20

// readReplay reads the file of a replay; not ok where it has problems.
func (l *load) readReplay(b *plugins.Binding, n *scenarios.Node) (ok bool) {
	problem := func(code, message, hint string) bool {
		b.Problem(scenarios.Problem{Pos: n.Pos(), Width: len([]rune(n.Text())), Code: code, Message: message, Hint: hint})
		return false
	}
	path := n.Text()
	data, hint, err := readBeside(b.Folder, path)
	if err != nil {
		return problem("replay-file", record.CleanLine(err.Error()), hint)
	}
	asCSV := strings.EqualFold(filepath.Ext(path), ".csv")
	l.course.arrivals, err = ramp.ReadArrivals(data, asCSV)
	var line *ramp.LineError
	if errors.As(err, &line) {
		hint := `a line is {"at": 12.5, "model": "sonnet", "input_tokens": 400, "max_tokens": 50}; of these only "at" is needed`
		if asCSV {
			hint = "the first line is at,model,input_tokens,max_tokens, of which only at is needed, and those after it are like 12.5,sonnet,400,50"
		}
		return problem("replay-line", record.CleanLine(fmt.Sprintf("%s:%d: %v", path, line.Line, line.Err)), hint)
	}
	for _, a := range l.course.arrivals {
		for _, t := range l.targets {
			if a.Model != "" && a.Model != t.Name {
				continue
			}
			if wrong, hint := tooLarge(&t, t.most(a)); wrong != "" {
				return problem("replay-size", fmt.Sprintf("%s:%d: %s", path, a.Line, wrong), hint)
			}
		}
		if a.Model == "" {
			continue
		}
		if l.shares != nil {
			return problem("replay-shares", fmt.Sprintf("%s:%d names a model, and the step gives its models shares", path, a.Line), "leave the models out of the file, or write the step's models as a list")
		}
		if !slices.ContainsFunc(l.targets, func(t target) bool { return t.Name == a.Model }) {
			return problem("replay-model", record.CleanLine(fmt.Sprintf("%s:%d: %q is none of the models of this step", path, a.Line, a.Model)), "use the names that the scenario gives to its models")
		}
	}
	return true
}

// readBeside reads a file of the scenario's folder.
func readBeside(folder, path string) (_ []byte, hint string, _ error) {
	f, hint, err := openSet(folder, path)
	if err != nil {
		return nil, hint, err
	}
	defer f.Close() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxReplay+1))
	if err == nil && len(data) > maxReplay {
		return nil, "take fewer calls", fmt.Errorf("%s is too large: at most %d MB are read", path, maxReplay>>20)
	}
	return data, "make it readable", err
}

// sized is an invocation with the sizes of an arrival.
func (t *target) sized(in plugins.Invocation, a ramp.Arrival) plugins.Invocation {
	if a.Output > 0 {
		in.Prompt.MaxTokens = a.Output
	}
	if a.Input > 0 {
		in.InputTokens = a.Input
		in.Prompt.Text = resized(in.Prompt, a.Input)
	}
	if t.body != nil {
		// The prompt of the step was tried when it was bound, and its length
		// cannot change what a text is.
		in.Body, _ = t.body(in.Prompt)
	}
	return in
}

// most is the most that a call with the sizes of an arrival can use.
func (t *target) most(a ramp.Arrival) record.Usage {
	most := t.invocation.Most()
	if a.Input > 0 {
		most.Input = a.Input
	}
	if a.Output > 0 && !t.invocation.NoOutput {
		most.Output = a.Output
	}
	return most
}

// resized is the text of a prompt, repeated or cut so that the whole prompt has
// about so many tokens by estimateTokens.
func resized(p plugins.Prompt, tokens int64) string {
	bytes := max(1, (int(tokens)-10)*3-len(p.System))
	text := p.Text
	if len(text) < bytes {
		text = strings.Repeat(text+" ", bytes/(len(text)+1)+1)
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
