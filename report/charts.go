package report

import (
	"fmt"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

// drawing is the chart of one step.
type drawing struct {
	step string
	svg  []byte
}

func renderSVG(r *record.Run) ([]File, error) {
	drawings, err := drawSteps(r)
	if err != nil {
		return nil, err
	}
	var files []File
	used := map[string]bool{}
	for _, d := range drawings {
		// Step names differ, but perhaps only by case or by what is replaced.
		name := fileName(d.step)
		for n := 2; used[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d", fileName(d.step), n)
		}
		used[strings.ToLower(name)] = true
		files = append(files, File{Path: "charts/" + name + ".svg", Data: d.svg})
	}
	return files, nil
}

// drawSteps draws every step that measures.
func drawSteps(r *record.Run) ([]drawing, error) {
	var out []drawing
	for i := range r.Steps {
		s := &r.Steps[i]
		var f chart.Figure
		switch {
		case s.Load != nil:
			f = loadFigure(r, s)
		case s.Window != nil:
			f = monitorFigure(r, s)
		default:
			continue
		}
		svg, err := f.SVG()
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", s.Name, err)
		}
		out = append(out, drawing{s.Name, svg})
	}
	return out, nil
}

// fileName keeps of a step's name what is safe in a file's name on every
// system.
func fileName(step string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, step)
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
