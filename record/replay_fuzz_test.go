package record_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// FuzzJournal reads whatever stands in the place of a journal. What is cut off
// gives a prefix of what the whole gives, and no error that the whole has not.
func FuzzJournal(f *testing.F) {
	var cs []record.Call
	for i := range 40 {
		c := call(time.Duration(i)*300*time.Millisecond, record.Outcomes[i%len(record.Outcomes)], time.Duration(i)*time.Millisecond)
		c.Message, c.Limit = "Too many tokens", record.LimitTokens
		cs = append(cs, c)
	}
	whole := journalOf(f, cs)
	f.Add(whole, 0)
	f.Add(whole, 11)
	f.Add(whole, len(whole)-1)
	f.Add(written(f, cs), 100)
	f.Add(plain(f, cs), 1000)
	f.Add([]byte(`{"run":{"schema_version":1}}`+"\n"+`{"spent":{"requests":-1,"usd":1e308}}`+"\n"), 40)
	f.Add([]byte(`{"run":{"models":null}}`+"\n"+`{"begun":{"step":"s","models":["m"],"period":"1ns","load":{"stages":[{}]}}}`+"\n"+`{"seq":0,"step":"s","model":"m","stage":-1,"outcome":"ok","planned":"9999-01-01T00:00:00Z"}`+"\n"), 50)
	f.Fuzz(func(t *testing.T, journal []byte, cut int) {
		all, failed := entries(journal)
		part, partFailed := entries(journal[:min(max(cut, 0), len(journal))])
		if len(part) > len(all) || len(part) > 0 && !reflect.DeepEqual(part, all[:len(part)]) {
			t.Errorf("%d entries are read of the first %d bytes, which are not the beginning of the %d of all", len(part), cut, len(all))
		}
		if partFailed != nil && failed == nil {
			t.Errorf("the first %d bytes fail with %v, and the whole does not", cut, partFailed)
		}
		if r, err := record.Replay(bytes.NewReader(journal)); err == nil && (r == nil || !r.Aborted) {
			t.Errorf("Replay made %+v; want a run that was aborted", r)
		} else if err == nil {
			if _, err := json.Marshal(r); err != nil {
				t.Errorf("Replay made a record that cannot be written: %v", err)
			}
		}
	})
}

func entries(journal []byte) (out []record.Entry, _ error) {
	for e, err := range record.ReadEntries(bytes.NewReader(journal)) {
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

// journalOf is the whole journal of a run with one step.
func journalOf(t failer, cs []record.Call) []byte {
	var out bytes.Buffer
	l := record.NewLog(&out)
	usd := 1.0
	l.Open(&record.Run{SchemaVersion: record.SchemaVersion, Started: start, Totals: map[string]record.Values{}, Models: []record.Model{{Name: "haiku"}}, Plan: record.Cost{USD: &usd}})
	b := begun("haiku")
	b.Load.Stages = []record.Stage{{Name: "one"}, {Name: "two"}}
	l.Begin(b)
	for i := range cs {
		l.Add(&cs[i])
		if i%10 == 9 {
			l.Spend(func() record.Cost { return record.Cost{Requests: int64(i + 5), Tokens: 100, USD: &usd, Until: &start} })
		}
	}
	l.End(record.Ended{Step: record.Step{Name: "look", Kind: record.KindMonitor, Ended: start.Add(time.Hour)}, Models: []record.Model{{Name: "haiku", ID: "id"}},
		Values: map[string]record.Values{"haiku": {"coverage": record.Read(1, 1)}}})
	if err := l.Close(); err != nil {
		t.Fatalf("%v", err)
	}
	return out.Bytes()
}
