package cloud

import (
	"fmt"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/loadline-dev/loadline/plugins"
)

// filling is a series whose points come in, over one page or several.
type filling struct {
	*plugins.Points
	start, width int64     // of the periods, in ms
	kept         []float64 // behind the values
	points       int       // told of a whole window
	status       string
	words        []string // of CloudWatch, about this series
}

func newFilling(p *plugins.Points, g grid) *filling {
	return &filling{Points: p, start: g.start.UnixMilli(), width: g.width(p.Query).Milliseconds()}
}

// put sets the value of the period that begins at a time. What lies outside of
// the window is left out, and what is no finite number. So is what CloudWatch
// tells of another span than the whole window where that was asked for.
func (f *filling) put(at int64, value float64) {
	since := at - f.start
	if f.Whole {
		if f.points++; f.points > 1 || since != 0 {
			f.Values[0] = nil
			return
		}
	}
	i := since / f.width
	if since < 0 || i >= int64(len(f.Values)) || math.IsNaN(value) || math.IsInf(value, 0) {
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
	if f.status == string(types.StatusCodeComplete) {
		return nil
	}
	why := fmt.Sprintf("status %q", f.status)
	switch types.StatusCode(f.status) {
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
