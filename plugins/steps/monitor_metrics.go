package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/scenarios"
)

// chosen is a metric that a scenario asks for beside what a monitor step reads
// by itself.
type chosen struct {
	name   string // in expressions and in the record: metric.TimeToFirstToken.p90
	series plugins.Series
	stat   string
	unit   string
	// model is the dimension that the id of each model goes to; "" where the
	// series is one and the same for all of them.
	model string
	// usage: it is one of those of a model's calls, and counts all shares.
	usage bool
}

const maxChosen = 50

// The statistics that can be asked for, and how names are written.
const (
	statPattern   = `(Sum|SampleCount|Average|Minimum|Maximum|p(100|[0-9]{1,2}(\.[0-9]{1,2})?))`
	handlePattern = `[A-Za-z][A-Za-z0-9_]*`
)

var (
	metricText = regexp.MustCompile(`^(` + handlePattern + `)\.` + statPattern + `$`)
	handle     = regexp.MustCompile(`^` + handlePattern + `$`)
)

// foldedStats are the statistics whose value over a window follows from those of
// its periods. No other is put together: CloudWatch works it out.
var foldedStats = map[string]func(a, b float64) float64{"Sum": plus, "SampleCount": plus, "Maximum": greater, "Minimum": lesser}

var metricsKey = scenarios.Key{
	Name: "metrics", Example: "[TimeToFirstToken.p95, {name: Requests, stat: Sum, namespace: MyApp, dimensions: {Service: api}, as: app}]",
	Doc:  "More of CloudWatch: metrics of AWS/Bedrock with a statistic (Sum, SampleCount, Average, Minimum, Maximum, p90), for each model, or with `namespace` any other. Assertions read the one over the window: STEP.metric.TimeToFirstToken.p95.",
	Type: scenarios.List(scenarios.Either(scenarios.Pattern("a metric with a statistic", metricText.String(), "bad-metric", "write NAME.STATISTIC, such as TimeToFirstToken.p95 or OutputImageCount.Sum"), scenarios.Object(metricKeys...)), 1, maxChosen),
}

var metricKeys = []scenarios.Key{
	{Name: "name", Type: scenarios.Line(), Required: true, Example: "TimeToFirstToken", Doc: "The name of the metric."},
	{Name: "stat", Type: scenarios.Pattern("a statistic", "^"+statPattern+"$", "bad-statistic", "write Sum, SampleCount, Average, Minimum, Maximum or a percentile, such as p90 or p99.9"), Required: true, Example: "p95", Doc: "The statistic. That of percentiles and averages over the window is what CloudWatch works out, for up to 30 days."},
	{Name: "namespace", Type: scenarios.Line(), Example: "MyApp", Doc: "The namespace, AWS/Bedrock if left out. Where it is written, any name is taken as it is."},
	{Name: "dimensions", Type: scenarios.Map(scenarios.Line()), Example: "{Service: api}", Doc: "All dimensions of the series but the model's, which AWS/Bedrock (ModelId) and AWS/BedrockMantle (Model) have of themselves."},
	{Name: "as", Type: scenarios.Pattern("a name", handle.String(), "bad-name", "a name begins with a letter and has only letters, digits and _"), Example: "app_requests", Doc: "What assertions call it: STEP.metric.AS. NAME.STATISTIC if left out."},
}

// bindMetrics reads the metrics that a step asks for.
func bindMetrics(b *plugins.Binding, list *scenarios.Node) (out []chosen) {
	for _, n := range list.Items() {
		if n.Text() == "" && !n.Whole() {
			continue // reported
		}
		c, wrong := chosenOf(n)
		for _, other := range out {
			if nested(other.name, c.name) || nested(c.name, other.name) {
				wrong = scenarios.Problem{Code: "duplicate-metric", Message: fmt.Sprintf("two metrics cannot be told apart: %s and %s", other.name, c.name), Hint: "give one of them another name, with `as`"}
			}
		}
		if wrong.Code != "" {
			at := n
			if name := n.Get("name"); name != nil {
				at = name
			}
			wrong.Pos, wrong.Width = at.Pos(), max(1, len([]rune(at.Text())))
			b.Problem(wrong)
			continue
		}
		out = append(out, c)
	}
	return out
}

// nested tells whether a dotted name is the other, or has it for its beginning:
// a name is a number, or has parts.
func nested(long, short string) bool { return long == short || strings.HasPrefix(long, short+".") }

// chosenOf reads one metric, and says what is wrong with it.
func chosenOf(n *scenarios.Node) (c chosen, wrong scenarios.Problem) {
	name, stat, namespace := n.Get("name").Text(), n.Get("stat").Text(), n.Get("namespace").Text()
	if parts := metricText.FindStringSubmatch(n.Text()); parts != nil {
		name, stat = parts[1], parts[2]
	}
	c = chosen{stat: stat, series: plugins.Series{Namespace: namespace, Metric: name}}
	if namespace == "" {
		c.series.Namespace = plugins.NamespaceBedrock
		if message, hint := metricFault(name); message != "" {
			return c, scenarios.Problem{Code: "unknown-metric", Message: message, Hint: hint}
		}
	}
	said := n.Get("dimensions")
	for _, d := range said.Keys() {
		c.series.Dimensions = append(c.series.Dimensions, plugins.Dimension{Name: d, Value: said.Get(d).Text()})
	}
	c.place()
	switch as := n.Get("as").Text(); {
	case as != "":
		c.name = chosenPrefix + as
	case handle.MatchString(name):
		c.name = chosenPrefix + name + "." + strings.ReplaceAll(stat, ".", "_")
	default:
		return c, scenarios.Problem{Code: "unnamed-metric", Message: fmt.Sprintf("%q is no name that an assertion could read", name), Hint: "give it one with `as`"}
	}
	return c, scenarios.Problem{}
}

const chosenPrefix = "metric."

// place finds the unit, and the dimension of the model.
func (c *chosen) place() {
	c.model = modelDimensions[c.series.Namespace]
	for _, m := range knownMetrics {
		if m.namespace != c.series.Namespace || m.name != c.series.Metric {
			continue
		}
		c.unit = m.unit
		if m.once {
			c.model = ""
			if c.series.Dimension(plugins.DimensionModel) == "" {
				c.series.Dimensions = append(c.series.Dimensions, plugins.Dimension{Name: plugins.DimensionModel, Value: allModels})
			}
		}
	}
	if c.stat == "SampleCount" {
		c.unit = "count"
	}
	if c.model != "" && c.series.Dimension(c.model) != "" {
		c.model = "" // the scenario says which
	}
	c.usage = c.series.Namespace == plugins.NamespaceBedrock && c.model != "" && len(c.series.Dimensions) == 0
}

// answers is where the values of a chosen metric are.
type answers struct {
	parts []int // by period, of each share
	whole int   // -1: not asked for
}

// ask asks for the metric of a model.
func (c chosen) ask(q *inquiry, shares []share, w record.Window) answers {
	_, folds := foldedStats[c.stat]
	if !c.usage || !folds {
		shares = shares[:1]
	}
	a := answers{whole: -1}
	for _, s := range shares {
		if s.kind == kindTier {
			continue // the series of the id has them
		}
		x := plugins.Query{Series: c.series, Stat: c.stat}
		switch {
		case c.usage:
			x.Dimensions = s.dimensions()
		case c.model != "":
			x.Dimensions = slices.Concat(x.Dimensions, []plugins.Dimension{{Name: c.model, Value: s.id}})
		}
		a.parts = append(a.parts, q.ask(x))
		if !folds {
			a.whole = askWhole(q, x, w)
		}
	}
	return a
}

// read gives the values by period, and the one over the window.
func (c chosen) read(q *inquiry, a answers) (values []*float64, over record.Reading) {
	fold := foldedStats[c.stat]
	together := fold
	if fold == nil {
		together = either // of what has one part alone
	}
	for _, at := range a.parts {
		values = merge(values, q.values(at), together)
	}
	n := 0
	for _, v := range values {
		if v != nil {
			n++
		}
	}
	one := q.whole(a.whole)
	if fold != nil {
		one = folded(values, fold)
	}
	if one == nil {
		return values, record.Reading{}
	}
	return values, record.Read(*one, n)
}
