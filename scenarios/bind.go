package scenarios

import (
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Load reads a scenario. It returns every problem of the file, sorted; a scenario may be run only if there are none. As much as could
// be understood is bound, so that a caller can add problems of its own: the scenario is nil only if the file is no YAML mapping.
//
// What a problem was reported for is left out of the scenario or has its default; say nothing more about it.
func Load(file string, src []byte, lang Language) (*Scenario, Problems) {
	source := newSource(src)
	tree, problem := parse(src, source)
	if problem != nil {
		return nil, Problems{*problem}
	}
	l := &loader{src: source, models: modelNames(tree)}
	l.safety(tree, 1)
	tree.Style &^= yaml.TaggedStyle // the tag is reported; what is in the mapping is read all the same
	root := l.check(tree, lang.root(), nil)
	if root == nil {
		return nil, l.problems.Sort()
	}
	s := bind(form{root, lang.keys()})
	s.File, s.Source = file, src
	l.names(s)
	return s, l.problems.Sort()
}

// modelNames are the names that a ModelRef may have, known before the tree is walked; nil where models is missing or no mapping.
func modelNames(tree *yaml.Node) []string {
	for _, p := range pairs(tree) {
		if p.key.Value == "models" && p.value.Kind == yaml.MappingNode && len(p.value.Content) > 0 {
			var names []string
			for _, model := range pairs(p.value) {
				names = append(names, model.key.Value)
			}
			return names
		}
	}
	return nil
}

// form is a mapping with the table it was checked against, which knows the defaults.
type form struct {
	node *Node
	keys []Key
}

// get is the value of a key, or its default, or nil.
func (f form) get(name string) *Node {
	if n := f.node.Get(name); n != nil {
		return n
	}
	key, ok := Type{keys: f.keys}.key(name)
	if !ok || key.Default == "" {
		return nil
	}
	n, _ := readText(key.Default, key) // a default that is not valid fails Key.Check
	return n
}

// Get is the value of a key in a mapping of this type, or the key's default, which has no place, or nil. The type must be an Object. It
// serves whoever binds a step.
func (t Type) Get(n *Node, key string) *Node { return form{n, t.keys}.get(key) }

// readText reads a value that does not stand in a file.
func readText(text string, key Key) (*Node, Problems) {
	l := &loader{src: newSource([]byte(text))}
	value := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if key.Type.shape != shapeScalar || strings.HasPrefix(text, `"`) {
		documents, err := readDocuments(text)
		if err != nil || len(documents) != 1 {
			return nil, Problems{{Code: "syntax", Message: "not one YAML value"}}
		}
		value = documents[0].Content[0]
	}
	n := l.check(value, key.Type, &trail{name: key.Name})
	if n != nil {
		n.pos, n.src = Pos{}, nil
	}
	return n, l.problems
}

func text(n *Node) At[string]          { return At[string]{n.Text(), n.Pos()} }
func integer(n *Node) At[int64]        { return At[int64]{n.Int(), n.Pos()} }
func number(n *Node) At[float64]       { return At[float64]{n.Float(), n.Pos()} }
func length(n *Node) At[time.Duration] { return At[time.Duration]{n.Duration(), n.Pos()} }
func truth(n *Node) At[bool]           { return At[bool]{n.Bool(), n.Pos()} }
func texts(n *Node) (list []At[string]) {
	for _, item := range n.Items() {
		list = append(list, text(item))
	}
	return list
}

func bind(f form) *Scenario {
	seed := integer(f.get("seed"))
	return &Scenario{
		Root:          f.node,
		Version:       int(f.get("version").Int()),
		Name:          text(f.get("name")),
		Description:   text(f.get("description")),
		Region:        text(f.get("region")),
		ExpectAccount: text(f.get("expect_account")),
		Seed:          At[uint64]{uint64(seed.Value), seed.Pos},
		Budget:        bindBudget(f.get("budget")),
		Families:      bindFamilies(f.get("families")),
		Models:        bindModels(f.get("models")),
		Request:       RequestOf(f.get("request")),
		Steps:         bindSteps(f.get("steps")),
		Assert:        bindAssertions(f.get("assert")),
		Alarms:        bindAlarms(f.get("alarms")),
		Report:        Report{Pos: f.get("report").Pos(), Formats: texts(f.get("report").Get("formats"))},
	}
}

func bindBudget(n *Node) Budget {
	f := form{n, budgetKeys}
	return Budget{
		Pos:      n.Pos(),
		Requests: integer(f.get("requests")),
		Tokens:   integer(f.get("tokens")),
		USD:      number(f.get("usd")),
		Duration: length(f.get("duration")),
	}
}

func bindModels(n *Node) []Model {
	var models []Model
	for _, e := range n.all() {
		model := bindModel(At[string]{e.name, e.pos}, form{e.value, modelKeys})
		if len(e.value.all()) == 0 {
			model.ID = text(e.value) // name: id
		}
		models = append(models, model)
	}
	return models
}

func bindModel(name At[string], f form) Model {
	m := Model{
		Name:     name,
		ID:       text(f.get("id")),
		Family:   text(f.get("family")),
		Request:  RequestOf(f.get("request")),
		Burndown: number(f.get("burndown")),
		Quotas:   map[string]At[string]{},
	}
	for _, e := range f.get("quotas").all() {
		if e.value != nil {
			m.Quotas[e.name] = text(e.value)
		}
	}
	if price := f.get("price"); price != nil {
		m.Price = &Price{Pos: price.Pos(), Input: number(price.Get("input")), Output: number(price.Get("output")),
			CacheRead: number(price.Get("cache_read")), CacheWrite: number(price.Get("cache_write"))}
	}
	limits := f.get("limits")
	m.Limits = Limits{Context: integer(limits.Get("context")), Output: integer(limits.Get("output"))}
	return m
}

func bindSteps(n *Node) []Step {
	var steps []Step
	items, beside := written(n)
	for i, item := range items {
		for _, e := range item.entries {
			step := Step{Kind: At[string]{e.name, e.pos}, Name: text(e.value.Get("name")), Body: e.value, Beside: beside[i]}
			if !step.Name.Written() {
				step.Name.Value = e.name
			}
			steps = append(steps, step)
		}
	}
	return steps
}

func bindAssertions(n *Node) []Assertion {
	var assertions []Assertion
	for _, item := range n.Items() {
		f := form{item, assertKeys}
		a := Assertion{
			Pos:        item.Pos(),
			Name:       text(f.get("name")),
			Expr:       text(f.get("expr")),
			ExprNode:   f.get("expr"),
			For:        texts(f.get("for")),
			Scope:      text(f.get("scope")),
			Severity:   text(f.get("severity")),
			OnNoData:   text(f.get("on_no_data")),
			Confidence: number(f.get("confidence")),
		}
		if !a.Name.Written() {
			a.Name.Value = strings.Join(strings.Fields(a.Expr.Value), " ")
		}
		if a.ExprNode != nil {
			assertions = append(assertions, a)
		}
	}
	return assertions
}

// all are the entries of a mapping.
func (n *Node) all() []entry {
	if n == nil {
		return nil
	}
	return n.entries
}
