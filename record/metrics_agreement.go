package record

// What a monitor step that reconciles knows beside what CloudWatch told.
var agreementMetrics = []Metric{
	{Name: "agreement", Unit: "fraction", Doc: "Of the calls of the reconciled step whose outcome AWS told, the share that CloudWatch counted with that outcome: 1 - missing / such calls. Other traffic takes nothing from it. No data where CloudWatch did not settle, and in steps without `reconcile`.", FromAgreement: (*Agreement).agreement},
	{Name: "missing", Unit: "calls", Doc: "Such calls that CloudWatch does not have: lost, or later than was waited for.", FromAgreement: func(a *Agreement) Reading {
		return a.read(a.Sum(func(r AgreementRow) *float64 { return r.Missing }))
	}},
	{Name: "unsure", Unit: "calls", Doc: "Calls of the reconciled step that AWS may have counted or not: without an answer, or failed in the middle of a stream.", FromAgreement: func(a *Agreement) Reading { return known(float64(a.Unsure), a.Ours()+a.Unsure) }},
	{Name: "others.calls", Unit: "calls", Doc: "Calls that CloudWatch counted for the same ids in the same minutes and that are not ours, nor can be: other traffic in the account.", FromAgreement: func(a *Agreement) Reading {
		return a.read(a.Sum(func(r AgreementRow) *float64 { return r.Others }))
	}},
	{Name: "others.throttles", Unit: "calls", Doc: "Those of them that were throttled.", FromAgreement: func(a *Agreement) Reading {
		if len(a.Outcomes) == 0 {
			return Reading{}
		}
		return a.read(a.Outcomes[eventThrottle].Others)
	}},
}

// Values answers every metric of an agreement.
func (a *Agreement) Values() Values {
	return valuesOf(a, func(m Metric) func(*Agreement) Reading { return m.FromAgreement })
}

func (a *Agreement) agreement() Reading {
	missing := a.Sum(func(r AgreementRow) *float64 { return r.Missing })
	if missing == nil || a.Ours() == 0 {
		return Reading{}
	}
	return Read(1-*missing/float64(a.Ours()), a.Ours())
}

// read is a number of CloudWatch, with the calls that it counted behind it.
func (a *Agreement) read(v *float64) Reading {
	told := a.Sum(func(r AgreementRow) *float64 { return r.CloudWatch })
	if v == nil || told == nil {
		return Reading{}
	}
	return Read(*v, int(*told))
}
