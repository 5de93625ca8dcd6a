package steps

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/scenarios"
)

const (
	maxSetBytes  = 100 << 20
	maxLineBytes = 25_000_000 // the longest body that Bedrock takes
	maxSetLines  = 10         // bad lines that are told
	maxOutput    = 1_000_000  // as of request.max_tokens
)

// promptSet is the prompts of a file; none where it has problems.
type promptSet struct {
	prompts []setPrompt
	digest  string
}

// setPrompt is one line of a file of prompts.
type setPrompt struct {
	text      string
	system    *string
	maxTokens int64 // 0: as the request says
}

// over is the prompt of a line, with what it leaves out taken from the request.
func (s setPrompt) over(base plugins.Prompt) plugins.Prompt {
	base.Text = s.text
	if s.system != nil {
		base.System = *s.system
	}
	if s.maxTokens > 0 {
		base.MaxTokens = s.maxTokens
	}
	return base
}

// read reads a file of prompts once, and reports what is wrong with it.
func (b *binder) read(name scenarios.At[string]) promptSet {
	if set, ok := b.sets[name.Value]; ok {
		return set
	}
	set := promptSet{}
	at := scenarios.Problem{Pos: name.Pos, Width: len([]rune(name.Value)), Code: "bad-prompts"}
	tell := func(hint, message string, args ...any) {
		at.Message, at.Hint = fmt.Sprintf(message, args...), hint
		b.Problem(at)
	}
	f, hint, err := openSet(b.Folder, name.Value)
	if err != nil {
		tell(hint, "%v", err)
	} else {
		defer f.Close() // it was only read
		sum := sha256.New()
		set.prompts = readSet(io.TeeReader(f, sum), name.Value, tell)
		set.digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	}
	b.sets[name.Value] = set
	return set
}

// openSet opens a file of the scenario's folder. A scenario is changed by whoever
// opens a pull request: what it names stays where it lies, links included.
func openSet(folder, name string) (_ *os.File, hint string, _ error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, "put the file beside the scenario or below, and name it from there", fmt.Errorf("%s leads out of the scenario's folder", name)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, "run it where the scenario is", reason(name, err)
	}
	defer root.Close() // it was only read
	info, err := root.Stat(filepath.FromSlash(name))
	switch {
	case err != nil:
		return nil, "name a file beside the scenario or below", reason(name, err)
	case !info.Mode().IsRegular():
		return nil, "name a file with one JSON object a line", fmt.Errorf("%s is no regular file", name)
	case info.Size() > maxSetBytes:
		return nil, "take fewer prompts", fmt.Errorf("%s has %d MB; at most %d are read", name, info.Size()>>20, maxSetBytes>>20)
	}
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, "make it readable", reason(name, err)
	}
	return f, "", nil
}

// reason leaves the system call out of a message.
func reason(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s cannot be read: %w", name, err)
}

// readSet reads the lines; none where any has a problem. What a line says stays
// out of all messages.
func readSet(r io.Reader, name string, tell func(hint, message string, args ...any)) []setPrompt {
	const hint = `write one JSON object a line: {"prompt": "...", "system": "...", "max_tokens": 50}; system and max_tokens may be left out`
	var out []setPrompt
	bad, line := 0, 0
	lines := bufio.NewScanner(io.LimitReader(r, maxSetBytes))
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() && bad < maxSetLines {
		line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		p, wrong := readLine(lines.Bytes())
		if wrong != "" {
			bad++
			tell(hint, "%s:%d: %s", name, line, wrong)
			continue
		}
		out = append(out, p)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		bad++
		tell("take a shorter prompt", "%s:%d: the line has more than %d bytes, which no model takes", name, line+1, maxLineBytes)
	case err != nil:
		bad++
		tell("make it readable", "%v", reason(name, err))
	case bad == 0 && len(out) == 0:
		tell(hint, "%s has no prompts", name)
	}
	if bad > 0 {
		return nil
	}
	return out
}

// readLine says what is wrong with a line; "" where nothing is.
func readLine(line []byte) (p setPrompt, wrong string) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(line, &raw) != nil || raw == nil {
		return p, "this is no JSON object"
	}
	for key := range raw {
		if key != "prompt" && key != "system" && key != "max_tokens" {
			return p, "it has a key that is none of prompt, system, max_tokens"
		}
	}
	read := func(key string, to any) bool {
		value, ok := raw[key]
		return !ok || json.Unmarshal(value, to) == nil
	}
	switch _, limited := raw["max_tokens"]; {
	case raw["prompt"] == nil:
		return p, "it has no prompt"
	case !read("prompt", &p.text) || strings.TrimSpace(p.text) == "":
		return p, "prompt is not a text that says something"
	case !read("system", &p.system):
		return p, "system is not a text"
	case !read("max_tokens", &p.maxTokens) || limited && (p.maxTokens < 1 || p.maxTokens > maxOutput):
		return p, fmt.Sprintf("max_tokens is not a whole number from 1 to %d", maxOutput)
	}
	return p, ""
}
