package quotas_test

import (
	"fmt"
	"testing"

	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/plugins/quotas"
)

// BenchmarkMatch matches 200 models with 1,100 quotas, reading the names of the
// quotas each time.
func BenchmarkMatch(b *testing.B) {
	rows, c, _ := pairs()
	for i := 0; len(rows) < 1100; i++ {
		rows = append(rows, plugins.Quota{Code: fmt.Sprintf("L-%d", i), Name: fmt.Sprintf("Cross-region model inference tokens per minute for NewCo Thing %d Pro", i)})
	}
	for i := 0; len(c.Models) < 200; i++ {
		c.Models = append(c.Models, plugins.FoundationModel{ID: fmt.Sprintf("newco.thing-%d-pro-v1:0", i), Name: fmt.Sprintf("Thing %d Pro", i), Provider: "NewCo", InferenceTypes: []string{"INFERENCE_PROFILE"}})
	}
	var ids []string
	for _, m := range c.Models {
		ids = append(ids, "us."+m.ID)
	}
	b.ReportAllocs()
	for b.Loop() {
		table := quotas.NewTable(rows, c)
		bound := 0
		for _, id := range ids {
			bound += len(table.Match(quotas.Resolve(id, c), quotas.Ask{}, nil).Binds)
		}
		if bound < 200 {
			b.Fatalf("%d quotas bind; want one for each model at least", bound)
		}
	}
}
