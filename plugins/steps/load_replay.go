package steps

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	data, err := beside(b.File, path)
	if err != nil {
		return problem("replay-file", fmt.Sprintf("%s cannot be read: %v", path, err), "the file lies in the scenario's folder or below it, and has at most 64 MiB")
	}
	l.course.arrivals, err = ramp.ReadArrivals(data, strings.EqualFold(filepath.Ext(path), ".csv"))
	var line *ramp.LineError
	if errors.As(err, &line) {
		return problem("replay-line", record.CleanLine(fmt.Sprintf("%s:%d: %v", path, line.Line, line.Err)), `a line is {"at": 12.5, "model": "sonnet", "input_tokens": 400, "max_tokens": 50}; of these only "at" is needed`)
	}
	for _, a := range l.course.arrivals {
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

// beside reads a file below the folder of another. A link cannot lead out of it.
func beside(file, path string) ([]byte, error) {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, reason(err)
	}
	defer root.Close()
	path = filepath.FromSlash(path)
	if info, err := root.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a file") // and a pipe would be waited for
	}
	f, err := root.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxReplay+1))
	if err == nil && len(data) > maxReplay {
		err = errors.New("it is too large")
	}
	return data, reason(err)
}

// reason is an error without the path, which differs from machine to machine.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// sized is the invocation with the sizes of an arrival.
func (t target) sized(a ramp.Arrival) plugins.Invocation {
	in := t.invocation
	if a.Output > 0 {
		in.Prompt.MaxTokens = a.Output
	}
	if a.Input > 0 {
		in.InputTokens = a.Input
		in.Prompt.Text = resized(in.Prompt, a.Input)
	}
	if in.API == plugins.APIInvoke && t.Family.Body != nil {
		if body, err := t.Family.Body(in.Prompt); err == nil {
			in.Body = body
		}
	}
	return in
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
