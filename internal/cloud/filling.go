package cloud

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/loadline-dev/loadline/plugins"
)

// filling is a series whose points come in, over one page or several.
type filling struct {
	*plugins.Points
	g      grid
	kept   []float64 // behind the values
	points int
	status types.StatusCode
	words  []string // of CloudWatch, about this series
}

func newFilling(p *plugins.Points, g grid) *filling { return &filling{Points: p, g: g} }

// put sets the value of the period that begins at a time. What lies outside of
// the window is left out, and what is no finite number. So is what CloudWatch
// tells of another span than the whole window where that was asked for.
func (f *filling) put(at time.Time, value float64) {
	f.points++
	since := at.Sub(f.g.start)
	if f.Whole {
		if f.points > 1 || since != 0 {
			f.Values[0] = nil
			return
		}
	}
	i := int(since / f.g.width(f.Query))
	if since < 0 || i >= len(f.Values) || math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	if f.kept == nil {
		f.kept = make([]float64, len(f.Values))
	}
	f.kept[i] = value
	f.Values[i] = &f.kept[i]
}

// complete is the error of a series that is not there to its end.
func (f *filling) complete() error {
	if f.status == types.StatusCodeComplete {
		return nil
	}
	why := fmt.Sprintf("status %q", f.status)
	switch f.status {
	case types.StatusCodeForbidden:
		why = "the credentials in use may not read it: Forbidden"
	case types.StatusCodeInternalError:
		why = "an error on its side: InternalError; try again"
	}
	return fmt.Errorf("CloudWatch did not complete %s of %s (%s)", f.Stat, f.name(), strings.Join(append([]string{why}, f.words...), "; "))
}

// name is the series in words.
func (f *filling) name() string {
	name := f.Metric
	for _, d := range f.Dimensions {
		name += " " + d.Name + "=" + d.Value
	}
	return name
}
