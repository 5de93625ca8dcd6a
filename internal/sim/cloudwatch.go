package sim

import (
	"fmt"
	"net/http"
)

// What the operations of CloudWatch share. An error has two names there: the
// code of the query form, which clients know, and the shape that the other wire
// forms name (model of the service, 2010-08-01).

// cloudWatchShapes are the names of errors whose shape is not named as their code.
var cloudWatchShapes = map[string]string{
	"InvalidParameterValue":       "InvalidParameterValueException",
	"InvalidParameterCombination": "InvalidParameterCombinationException",
	"MissingParameter":            "MissingRequiredParameterException",
	"LimitExceeded":               "LimitExceededFault",
}

func cloudWatchShape(code string) string { return orElse(cloudWatchShapes[code], code) }

// missingParameter is the error for required parameters that are not there.
func missingParameter(name string) *fault {
	return &fault{http.StatusBadRequest, "MissingParameter", "The parameter " + name + " is required."}
}

func badValue(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "InvalidParameterValue", fmt.Sprintf(format, args...)}
}

func badCombination(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "InvalidParameterCombination", fmt.Sprintf(format, args...)}
}

// selection is what one statistic is made of: a metric of a model id, or of
// another series (dimensions.go). Without a modelID it asks for something that
// this account has no data of.
type selection struct {
	modelID      string
	metric       metric
	statistic    statistic
	distribution bool // the statistic is a percentile
}

// selectMetric finds the metric of a name, all of whose dimensions are given.
func selectMetric(namespace, name, unit string, dimensions []object) (sel selection) {
	for i, known := range metricNames {
		if namespace == "AWS/Bedrock" && known.name == name && (unit == "" || unit == known.unit) {
			sel.metric = metric(i)
			sel.modelID = seriesOf(dimensions)
		}
	}
	return sel
}
