package report

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

func TestClientInWords(t *testing.T) {
	for _, c := range []struct {
		client *record.Client
		want   string
	}{
		{nil, ""},
		{&record.Client{Label: "none", Retry: record.Retry{Policy: "none", MaxAttempts: 1}}, "client: none; nothing is retried"},
		{
			&record.Client{Label: "full-jitter", Retry: record.Retry{MaxAttempts: 4, Base: record.Duration(time.Second), Cap: record.Duration(20 * time.Second), Budget: 0.1}},
			"client: full-jitter; at most 4 attempts a call; delays from 1s to 20s; retries at most 10 % of the calls to a model, and ten",
		},
		{
			&record.Client{Label: "paced", Pacing: &record.Pacing{Share: 0.9, MaxWait: record.Duration(30 * time.Second), Limits: []record.PacedLimit{
				{Models: []string{"a", "b"}, RPM: 100, TPM: 200_000, Concurrent: 10}, {Models: []string{"c"}},
			}}},
			"client: paced; a, b held to 90 % of 100 rpm, 200,000 tpm, 10 at once; a call waits at most 30s; nothing is retried",
		},
		{&record.Client{Label: "paced\nx", Pacing: &record.Pacing{Share: 1, Adaptive: true}}, "client: paced x; the rate follows the throttles; a call waits without an end; nothing is retried"},
	} {
		if got := clientLine(c.client); got != c.want {
			t.Errorf("clientLine(%+v)\n got %s\nwant %s", c.client, got, c.want)
		}
	}
}

// A step without a client says nothing of attempts that were tried again.
func TestAccountOfAClient(t *testing.T) {
	l := &record.Load{Counts: record.Counts{Planned: 10, Sent: 11, Dropped: 1, GivenUp: 2, Retried: 4, Outcomes: map[record.Outcome]int{record.OK: 7, record.Throttled: 4}}}
	l.Stages = []record.Stage{{Name: "hold", Counts: l.Counts}}
	if got, want := account(l), "planned 10 = sent 11 + dropped 1; sent: 7 ok, 4 throttled"; got != want {
		t.Errorf("account = %s; want %s", got, want)
	}
	plain := stageTable(l)
	l.Client = &record.Client{}
	if got, want := account(l), "planned 10 + retried 4 = sent 11 + dropped 1 + given up 2; sent: 7 ok, 4 throttled"; got != want {
		t.Errorf("account = %s; want %s", got, want)
	}
	told := stageTable(l)
	if len(plain.Head) != len(plain.Rows[0]) || len(told.Head) != len(told.Rows[0]) || len(told.Head) != len(plain.Head)+2 {
		t.Errorf("stages have %d and %d columns for %d and %d heads", len(plain.Rows[0]), len(told.Rows[0]), len(plain.Head), len(told.Head))
	}
	for head, want := range map[string]string{"retried": "4", "given up": "2", "planned": "10", "sent": "11"} {
		if got := told.Rows[0][slices.Index(told.Head, head)]; got != want {
			t.Errorf("%s of the stage is %s; want %s", head, got, want)
		}
	}
}

// comparedRun has steps of one client each, whose models have 60 requests a
// minute by their quota.
func comparedRun(steps ...record.Step) *record.Run {
	r := baseRun("compared")
	for i := range steps {
		m := model(steps[i].Name, "id")
		m.Quotas[0].Code, m.Quotas[0].Applied = "L-"+m.Name, at(60.0)
		m.Steps[m.Name] = record.Values{}
		r.Models = append(r.Models, m)
		r.Totals[m.Name] = record.Values{"success_rate": record.Read(0.5, 2), "offered_rpm": record.Read(37.2, 9)}
	}
	r.Steps = steps
	return r
}

func comparedOf(name, label string, rpm float64) record.Step {
	return record.Step{Name: name, Kind: "load", Load: &record.Load{
		Client: &record.Client{Label: label}, Stages: []record.Stage{{Length: record.Duration(time.Minute), FromRPM: rpm, ToRPM: rpm}},
	}}
}

func TestOfferedLoad(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*record.Run)
		want   string
	}{
		"a share of the quota": {func(*record.Run) {}, "50 %"},
		"without a quota, in calls": {func(r *record.Run) {
			r.Models[1].Quotas = nil
		}, "30/min"},
		"without a quota, a share of what the client was held to": {func(r *record.Run) {
			for i := range r.Models {
				r.Models[i].Quotas = nil
				r.Steps[i].Load.Client.Pacing = &record.Pacing{Share: 0.5, Limits: []record.PacedLimit{{RPM: 20}, {RPM: 20}}}
			}
		}, "75 %"},
		"a quota that one client's models do not have": {func(r *record.Run) {
			r.Models[1].Quotas[0].Applied = nil
		}, "30/min"},
		"two models with a quota each": {func(r *record.Run) {
			r.Models[1].Steps["a"] = record.Values{}
		}, "50 %"},
		"two models that share a quota": {func(r *record.Run) {
			r.Models[1].Steps["a"] = record.Values{}
			r.Models[1].Quotas[0].Code = r.Models[0].Quotas[0].Code
		}, "100 %"},
		"rates of models told apart": {func(r *record.Run) {
			r.Models[1].Steps["a"] = record.Values{}
			r.Steps[0].Load.Stages[0].Models = []record.StageRate{{Model: "a", FromRPM: 10, ToRPM: 10}, {Model: "b", FromRPM: 20, ToRPM: 20}}
		}, "25 %"},
		"a ramp by its mean": {func(r *record.Run) {
			r.Steps[0].Load.Stages = []record.Stage{{Length: record.Duration(time.Minute), ToRPM: 60}, {Length: record.Duration(time.Minute), FromRPM: 60, ToRPM: 60}}
		}, "75 %"},
		"a closed loop by what came due": {func(r *record.Run) {
			r.Steps[0].Load.Stages[0] = record.Stage{FromWorkers: 3, ToWorkers: 3, Length: 1}
		}, "62 %"},
		"rates that are cut off by what came due": {func(r *record.Run) {
			r.Steps[0].Load.Stages[0].MostRPM = 20
		}, "62 %"},
		"nothing at all": {func(r *record.Run) {
			r.Steps[0].Load.Stages, r.Totals["a"] = nil, nil
		}, noData},
	} {
		r := comparedRun(comparedOf("a", "none", 30), comparedOf("b", "full", 30))
		c.change(r)
		got, ok := comparedClients(r)
		i := slices.IndexFunc(got.steps, func(s comparedStep) bool { return s.name == "a" })
		if !ok || got.loadText(got.steps[i]) != c.want {
			t.Errorf("%s: the load is %v; want %s", name, got.loadText(got.steps[i]), c.want)
		}
	}
}

// Steps stand in the order of the load, and of the run where that looks the same;
// a client that had one load twice has a place of its own for each.
func TestPlacesOfClients(t *testing.T) {
	c, _ := comparedClients(comparedRun(comparedOf("a", "none", 60), comparedOf("b", "full", 60.1), comparedOf("c", "none", 60), comparedOf("d", "none", 30)))
	var order []string
	for _, s := range c.steps {
		order = append(order, s.name)
	}
	names, places := c.places()
	if !slices.Equal(order, []string{"d", "a", "b", "c"}) || !slices.Equal(names, []string{"50 %", "100 %", "100 %"}) || !slices.Equal(places, []int{0, 1, 1, 2}) {
		t.Errorf("steps %v at %v of %v", order, places, names)
	}
	f := c.figure()
	for _, cell := range f.Rows[0].Cells {
		if got := len(cell.Groups.Kinds); got != 2 {
			t.Errorf("%s has %d kinds; want 2", cell.Caption, got)
		}
	}
	full := f.Rows[0].Cells[0].Groups.Kinds[1]
	if v := full.Values; full.Name != "full" || v[0] != nil || v[1] == nil || *v[1] != 50 || v[2] != nil {
		t.Errorf("%s has %v", full.Name, v)
	}
	if amplification := f.Rows[0].Cells[2].Groups.Kinds[0]; slices.ContainsFunc(amplification.Values, func(v *float64) bool { return v != nil }) {
		t.Error("what was not measured is drawn")
	}
	if !strings.Contains(f.Desc, "50 %, none: success rate 50 %, latency p50 no data") {
		t.Errorf("the description is %s", f.Desc)
	}
}

// Clients that are called the same are told apart by what they differ in.
func TestLabelsOfClients(t *testing.T) {
	wait := func(d time.Duration) *record.Client {
		return &record.Client{Label: "paced", Pacing: &record.Pacing{Share: 1, MaxWait: record.Duration(d), Limits: []record.PacedLimit{{Models: []string{d.String()}}}}}
	}
	tried := &record.Client{Label: "full", Retry: record.Retry{MaxAttempts: 4, Base: record.Duration(time.Second), Cap: record.Duration(20 * time.Second)}}
	twice := *tried
	twice.Retry.MaxAttempts, twice.Retry.Budget = 1, 0.1
	got := labelsOf([]*record.Client{wait(3 * time.Second), wait(30 * time.Second), wait(0), tried, &twice, {Label: "bare"}, {Label: "bare"}})
	want := []string{"paced, wait 3s", "paced, wait 30s", "paced, any wait", "full, 4 attempts, budget 0 %", "full, 1 attempt, budget 10 %", "bare", "bare"}
	if !slices.Equal(got, want) {
		t.Errorf("labels\n got %q\nwant %q", got, want)
	}
}

// Nothing is compared where there is one client, or where calls have none.
func TestWhatIsNotCompared(t *testing.T) {
	if _, ok := comparedClients(comparedRun(comparedOf("a", "none", 60))); ok {
		t.Error("one client is compared")
	}
	made := folder(t, typicalRun())
	for _, path := range []string{"verdict.txt", "summary.md", "report.html"} {
		if text := string(made[path]); strings.Contains(text, clientsTitle) || strings.Contains(text, clientTitle) {
			t.Errorf("%s of a run without clients tells of them", path)
		}
	}
	if made["charts/clients.svg"] != nil {
		t.Error("a run without clients has a chart of them")
	}
}

// The chart keeps its name from a step that is called the same.
func TestTheChartOfClientsHasItsOwnFile(t *testing.T) {
	r := comparedRun(comparedOf("clients", "none", 60), comparedOf("b", "full", 60))
	var paths []string
	for _, d := range drawings(r) {
		paths = append(paths, d.path)
	}
	if want := []string{"charts/clients.svg", "charts/b.svg", "charts/clients-2.svg"}; !slices.Equal(paths, want) {
		t.Errorf("the charts are %v; want %v", paths, want)
	}
}

// What a reader finds in the table stands in the chart's description.
func TestTheChartOfClientsCanBeReadBack(t *testing.T) {
	r := readRun(t, "clients")
	c, _ := comparedClients(r)
	made := folder(t, r)
	svg, page, summary := string(made["charts/clients.svg"]), string(made["report.html"]), string(made["summary.md"])
	table := c.table()
	if len(table.Rows) != 12 {
		t.Fatalf("%d rows; want 12", len(table.Rows))
	}
	for _, row := range table.Rows {
		if strings.Contains(row[0], "<") {
			continue // each format writes it in another way
		}
		if want := row[1] + ", " + row[0] + ": success rate " + row[2]; !strings.Contains(svg, want) {
			t.Errorf("the chart does not say %q", want)
		}
		if want := "| " + row[0] + " | " + row[1] + " | " + row[2] + " | "; !strings.Contains(summary, want) {
			t.Errorf("the summary has no row %q", want)
		}
		if want := `<th scope="row">` + row[0] + "</th><td>" + row[1] + "</td><td>" + row[2] + "</td>"; !strings.Contains(page, want) {
			t.Errorf("the page has no row %q", want)
		}
	}
}

// What JUnit has of a step with a client adds up: planned + retried = sent + dropped
// + given up.
func TestTheCountsInJUnitAddUp(t *testing.T) {
	counts := map[string]map[string]int{}
	for _, p := range junitProperties(readRun(t, "clients")) {
		step, name, ok := strings.Cut(p.Name, ".load.")
		n, err := strconv.Atoi(p.Value)
		if !ok || err != nil {
			continue
		}
		if counts[step] == nil {
			counts[step] = map[string]int{}
		}
		counts[step][name] = n
	}
	for step, n := range counts {
		_, told := n["given_up"]
		if !told || n["planned"]+n["retried"] != n["sent"]+n["dropped"]+n["given_up"] {
			t.Errorf("%s: %v", step, n)
		}
	}
	if len(counts) != 12 {
		t.Errorf("counts of %d steps; want 12", len(counts))
	}
}
