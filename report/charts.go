package report

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// drawing is one chart of a step.
type drawing struct {
	step   string // "" where it is of several
	path   string // inside the run folder
	figure chart.Figure
	// detail is a part of another chart, drawn larger: the page leaves it out.
	detail bool
	load   bool // of load steps: the page draws them elsewhere, each model alone
}

func renderSVG(r *record.Run) ([]File, error) {
	var files []File
	for _, d := range drawings(r) {
		svg, err := d.svg()
		if err != nil {
			return nil, err
		}
		files = append(files, File{Path: d.path, Data: svg})
	}
	return files, nil
}

func (d drawing) svg() ([]byte, error) {
	svg, err := d.figure.SVG()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.figure.Title, err)
	}
	return svg, nil
}

// drawings are the charts of every step that measures, in order, and that of the
// clients side by side. The name of a figure is that of its file.
func drawings(r *record.Run) []drawing {
	var out []drawing
	used := names{}
	for i := range r.Steps {
		s := &r.Steps[i]
		switch {
		case s.Load != nil:
			name := used.unique(s.Name)
			f := loadFigure(r, s)
			f.Name = name
			out = append(out, drawing{step: s.Name, path: "charts/" + name + ".svg", figure: f, load: true})
		case s.Window != nil:
			out = append(out, monitorDrawings(r, s, used)...)
		}
	}
	if c, ok := comparedClients(r); ok {
		name := used.unique(clientsName)
		f := c.figure()
		f.Name = name
		out = append(out, drawing{path: "charts/" + name + ".svg", figure: f, load: true})
	}
	return out
}

// names are the names of files in one folder, in lower case: steps and models
// differ, but perhaps only by case or by what is replaced.
type names map[string]bool

// unique makes a name out of a text, and keeps it.
func (n names) unique(text string) string {
	name := fileName(text)
	for i := 2; n[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s-%d", fileName(text), i)
	}
	n[strings.ToLower(name)] = true
	return name
}

// fileName keeps of a name what is safe in a file's name on every system.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, name)
	if len(name) > 100 {
		name = name[:100]
	}
	if name = strings.TrimLeft(name, "."); name == "" {
		return "step"
	}
	return name
}

// throttleSentence is "throttle rate 3.13 % (78 of 2,489)": the count's name
// differs between the kinds of steps.
func throttleSentence(v record.Values, throttled string) string {
	rate, n, of := v["throttle_rate"], v[throttled], v["attempts"]
	switch {
	case !rate.Known:
		return "throttle rate: " + noData
	case !n.Known || !of.Known:
		return "throttle rate " + percent(rate.Value)
	}
	return fmt.Sprintf("throttle rate %s (%s of %s)", percent(rate.Value), digits(n.Value, 4), digits(of.Value, 4))
}
