package sim

import (
	"fmt"
	"net/http"
)

// What the operations of CloudWatch share. An error has two names there: the
// code of the query form, which clients know, and the shape that the other wire
// forms name (model of the service, 2010-08-01).

// cloudWatchErrors are the errors whose shape has another name than their code,
// or a Message instead of a message.
var cloudWatchErrors = map[string]struct{ shape, message string }{
	"InvalidParameterValue":       {"InvalidParameterValueException", "message"},
	"InvalidParameterCombination": {"InvalidParameterCombinationException", "message"},
	"MissingParameter":            {"MissingRequiredParameterException", "message"},
	"LimitExceeded":               {"LimitExceededFault", "message"},
	"InternalServiceError":        {"InternalServiceFault", "Message"},
	"ResourceNotFoundException":   {"ResourceNotFoundException", "Message"},
}

// cloudWatchError is the shape of an error, and the name of its message.
func cloudWatchError(code string) (shape, message string) {
	if e, ok := cloudWatchErrors[code]; ok {
		return e.shape, e.message
	}
	return code, "message"
}

// missingParameter is the error for required parameters that are not there.
func missingParameter(name string) *fault {
	return &fault{http.StatusBadRequest, "MissingParameter", "The parameter " + name + " is required."}
}

var badNextToken = &fault{http.StatusBadRequest, "InvalidNextToken", "The next token specified is invalid."}

func badValue(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "InvalidParameterValue", fmt.Sprintf(format, args...)}
}

func badCombination(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "InvalidParameterCombination", fmt.Sprintf(format, args...)}
}

// selection is what one statistic is made of: a metric of a series. Without a
// series it asks for something that this account has no data of.
type selection struct {
	series
	metric       metric
	statistic    statistic
	distribution bool // the statistic is a percentile
}

// selectMetric finds the metric of a name, all of whose dimensions are given.
func selectMetric(namespace, name, unit string, dimensions []object) (sel selection) {
	for i, known := range metricNames {
		if namespace == "AWS/Bedrock" && known.name == name && (unit == "" || unit == known.unit) {
			sel.metric = metric(i)
			sel.series = seriesOf(dimensions)
		}
	}
	return sel
}
