package runner

import (
	"slices"
	"strings"

	"github.com/loadline-dev/loadline/internal/expression"
	"github.com/loadline-dev/loadline/record"
)

// read looks a name up, in the run or in the baseline.
func (p *Plan) read(r *record.Run, model, name string) (reading record.Reading, word string, isBool bool) {
	own, earlier := ofBaseline(name)
	switch {
	case earlier && p.Baseline == nil:
		return record.Reading{}, "", false
	case earlier:
		return read(p.Baseline, model, own)
	}
	return read(r, model, name)
}

// stepOf is the step that a name reads, in the run or in the baseline; nil where
// it reads none that is there.
func (p *Plan) stepOf(r *record.Run, name string) *record.Step {
	own, earlier := ofBaseline(name)
	if earlier {
		r = p.Baseline
	}
	step, _, _ := expression.Split(own)
	return stepNamed(r, step)
}

func stepNamed(r *record.Run, name string) *record.Step {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Steps, func(s record.Step) bool { return s.Name == name }); i >= 0 {
		return &r.Steps[i]
	}
	return nil
}

// read looks a name up: a metric of a step or of a part of it, or a quota or the
// capacity of the model. It is a word, or else a number, which is 1 or 0 for a
// true or false. What is not there has no data.
func read(r *record.Run, model, name string) (reading record.Reading, word string, isBool bool) {
	first, phase, rest := expression.Split(name)
	i := slices.IndexFunc(r.Models, func(m record.Model) bool { return m.Name == model })
	switch {
	case phase != "":
		return measured(phaseValues(stepNamed(r, first), phase, model), rest), "", false
	case model == "":
		return measured(r.Totals[first], rest), "", false
	case i < 0:
		return record.Reading{}, "", false
	}
	m := &r.Models[i]
	switch first {
	case "quota":
		reading, isBool = quota(m, rest)
		return reading, "", isBool
	case "capacity":
		return capacity(m.Capacity, rest)
	}
	switch rest {
	case record.BoundByName:
		return record.Reading{}, r.BoundBy(first, model), false
	case record.AlgorithmName:
		return record.Reading{}, r.Algorithm(first, model), false
	}
	return measured(m.Steps[first], rest), "", false
}

// measured is a reading. A record that was read again has the samples of a
// percentile only as the number of calls that were ok.
func measured(v record.Values, name string) record.Reading {
	reading := v[name]
	if reading.Known && reading.Samples == 0 && record.Least(name) > 0 {
		reading.Samples = int(v["ok"].Value)
	}
	return reading
}

// phaseValues are those of a part of a step that an assertion of that run read,
// or of one of its stages.
func phaseValues(s *record.Step, phase, model string) record.Values {
	if s == nil || s.Load == nil {
		return nil
	}
	for _, p := range s.Load.Phases {
		if p.Name == phase {
			return ofModel(p.Values, p.Totals, model)
		}
	}
	for _, x := range s.Load.Stages {
		if expression.StageName(x.Name) == phase {
			return ofModel(x.Values, x.Totals, model)
		}
	}
	return nil
}

func ofModel(models map[string]record.Values, totals record.Values, model string) record.Values {
	if model == "" {
		return totals
	}
	return models[model]
}

// quota reads a field of the quota of a dimension.
func quota(m *record.Model, name string) (reading record.Reading, isBool bool) {
	dimension, field, _ := strings.Cut(name, ".")
	q, ok := m.Quota(dimension)
	if !ok {
		return record.Reading{}, field == "adjustable"
	}
	switch field {
	case "adjustable":
		v := 0.0
		if q.Adjustable {
			v = 1
		}
		return record.Read(v, 1), true
	case "default":
		return value(q.Default), false
	}
	return value(q.Applied), false
}

func capacity(c *record.ModelCapacity, name string) (reading record.Reading, word string, isBool bool) {
	i := slices.IndexFunc(record.CapacityFields, func(f record.CapacityField) bool { return f.Name == name })
	f := record.CapacityFields[i]
	switch {
	case c == nil:
		return record.Reading{}, "", f.Bool
	case f.Word != nil:
		return record.Reading{}, f.Word(c), false
	}
	return f.Number(c), "", f.Bool
}

func value(v *float64) record.Reading {
	if v == nil {
		return record.Reading{}
	}
	return record.Read(*v, 1)
}
