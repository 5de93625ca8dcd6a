package scenarios

import "slices"

// maxBeside is how many steps may run at the same time.
const maxBeside = 20

const parallelKey = "parallel"

func stepType(kinds []Key) Type {
	return choice("a mapping with exactly one key, the kind of step", kinds)
}

// parallel is the item of steps that holds steps itself, which run at the same time. They cannot hold others.
func (lang Language) parallel() Key {
	inner := stepType(lang.stepKeys())
	inner.told = true
	return Key{Name: parallelKey, Type: List(inner, 2, maxBeside),
		Doc: "Steps that run at the same time, each as it would by itself. The next step waits for all of them; they share the budget, and a signal or a failure ends all of them."}
}

// written are the items of steps as they run: those of parallel in place of it. beside is true of each of them but the first.
func written(n *Node) (items []*Node, beside []bool) {
	for _, item := range n.Items() {
		inner := item.Get(parallelKey).Items()
		if inner == nil && !slices.Contains(item.Keys(), parallelKey) {
			inner = []*Node{item}
		}
		for i, step := range inner {
			items, beside = append(items, step), append(beside, i > 0)
		}
	}
	return items, beside
}

// StepsWritten is how many steps the file has, also those that were refused.
func (s *Scenario) StepsWritten() int {
	items, _ := written(s.Root.Get("steps"))
	return len(items)
}
