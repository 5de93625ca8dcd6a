package report

import (
	"cmp"
	"slices"
	"strings"
)

// leaders is how many models the lines above a dashboard name.
const leaders = 4

// nearQuota is the share of a quota above which a peak is worth a line.
const nearQuota = 0.1

// lead names the models that matter most among many: those whose peak came
// nearest to a quota, and those that were throttled most.
func lead(models []*monitored) []string {
	var out []string
	switch near, known := nearest(models); {
	case near != nil:
		out = append(out, "Nearest to a quota: "+strings.Join(near, "; "))
	case known:
		out = append(out, "No peak is above "+percent(nearQuota)+" of a known quota.")
	}
	throttled := leading(models, func(m *monitored) float64 { return m.values["throttle_rate"].Value }, 0)
	if throttled != nil {
		var parts []string
		for _, m := range throttled {
			parts = append(parts, m.label()+" "+percent(m.values["throttle_rate"].Value))
		}
		out = append(out, "Most throttled: "+strings.Join(parts, "; "))
	}
	return out
}

// nearest tells of the models whose peaks are above the share of a quota that is
// worth it; known is whether any quota can be compared with.
func nearest(models []*monitored) (near []string, known bool) {
	best := func(m *monitored) (share float64, dimension string) {
		share = -1
		for _, d := range []string{"rpm", "tpm"} {
			if u := m.utilization(d); u.Known && u.Value > share {
				share, dimension = u.Value, d
			}
		}
		return share, dimension
	}
	for _, m := range leading(models, func(m *monitored) float64 { share, _ := best(m); return share }, nearQuota) {
		share, dimension := best(m)
		near = append(near, m.label()+" "+digits(share*100, 2)+" % of "+dimension)
	}
	return near, slices.ContainsFunc(models, func(m *monitored) bool { share, _ := best(m); return share >= 0 })
}

// leading are the models with the highest numbers above the least; of equals,
// the one that the scenario has first.
func leading(models []*monitored, number func(*monitored) float64, least float64) []*monitored {
	out := slices.DeleteFunc(slices.Clone(models), func(m *monitored) bool { return !(number(m) > least) })
	slices.SortStableFunc(out, func(a, b *monitored) int { return cmp.Compare(number(b), number(a)) })
	if len(out) == 0 {
		return nil
	}
	return out[:min(leaders, len(out))]
}

// label is the name of the model, of a length that a sentence can hold.
func (m *monitored) label() string {
	name := []rune(oneLine(m.Name))
	if len(name) > 64 {
		name = append(name[:63], '…')
	}
	return string(name)
}
