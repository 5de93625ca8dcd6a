package report

import (
	"bytes"
	_ "embed" // for the template
	"html/template"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

//go:embed report.html.tmpl
var pageSource string

// page is what the template shows. The template escapes all of it but the
// charts and their colours, which the chart package has made.
type page struct {
	Run        *record.Run
	Title      string
	Verdict    string
	State      string // class of the verdict
	Headline   string
	Trouble    string
	Started    string
	Verdicts   []pageVerdict
	Steps      []pageStep
	Quotas     []pageQuotas
	Doubts     []string
	Spending   [][3]string
	Source     string
	StageHead  []string
	TrialHead  []string
	TheoryHead []string

	ChartColors template.CSS
}

type pageVerdict struct {
	Class, Word, Title, Expr, Reason, Place string
	Open                                    bool
	Readings                                []reading
}

type pageStep struct {
	Name, Kind, Ending, Account, Window string
	Remarks                             []string
	Table                               stepTable
	Sections                            []section
	Stages, Trials, Theories            [][]string
	Charts                              []template.HTML
}

type pageQuotas struct {
	Model, ID, Scope, Capacity string
	Rows                       [][]string
	Notes                      []string
}

func renderHTML(r *record.Run) ([]File, error) {
	p, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	t, err := template.New("report").Funcs(template.FuncMap{"line": oneLine}).Parse(pageSource)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, err
	}
	return []File{{Path: "report.html", Data: b.Bytes()}}, nil
}

func pageOf(r *record.Run) (page, error) {
	p := page{
		Run: r, Title: oneLine(r.Scenario.Name), Verdict: verdictWord(r), State: string(r.Verdict), Headline: headline(r), Trouble: trouble(r),
		Started: r.Started.UTC().Format(timeForm), Spending: spending(r), Source: record.CleanAll(r.Scenario.Source), StageHead: stageHead, TrialHead: trialHead, TheoryHead: theoryHead,
		ChartColors: template.CSS(chart.DarkCSS(".chart")),
	}
	for _, a := range worstFirst(r.Assertions) {
		s := stateOf(&a)
		v := pageVerdict{
			Class: stateClasses[s], Word: stateWords[s], Title: title(r, &a), Expr: record.Clean(a.Expr), Place: place(r, &a),
			Open: s != passed, Readings: readings(&a),
		}
		if s != passed {
			v.Reason = reason(&a)
		}
		p.Verdicts = append(p.Verdicts, v)
	}
	charts, err := pageCharts(r)
	if err != nil {
		return page{}, err
	}
	for i := range r.Steps {
		if s := &r.Steps[i]; measures(s) || ending(s) != "" {
			step := pageStepOf(r, s)
			step.Charts = charts[s.Name]
			p.Steps = append(p.Steps, step)
		}
	}
	p.Doubts = doubts(r)
	for _, m := range r.Models {
		p.Quotas = append(p.Quotas, pageQuotasOf(m))
	}
	return p, nil
}

var stateClasses = [...]string{"fail", "unknown", "warn", "skipped", "pass"}

// pageCharts are the charts of each step by its name, without those that only
// repeat a part of another.
func pageCharts(r *record.Run) (map[string][]template.HTML, error) {
	out := map[string][]template.HTML{}
	for _, d := range drawings(r) {
		if d.detail {
			continue
		}
		svg, err := d.svg()
		if err != nil {
			return nil, err
		}
		out[d.step] = append(out[d.step], template.HTML(svg))
	}
	return out, nil
}

func pageStepOf(r *record.Run, s *record.Step) pageStep {
	p := pageStep{Name: oneLine(s.Name), Kind: oneLine(s.Kind), Ending: ending(s)}
	if !measures(s) {
		return p
	}
	p.Table = tableOf(r, s)
	p.Remarks = agreementLines(s)
	if s.Load != nil {
		p.Account, p.Remarks = account(s.Load), remarks(s.Load)
		for i := range s.Load.Trials {
			p.Trials = append(p.Trials, trialRow(&s.Load.Trials[i]))
		}
		p.Theories = theoryRows(s.Load)
		for i := range s.Load.Stages {
			if p.Trials != nil {
				break // one stage, of which the trials are the parts
			}
			p.Stages = append(p.Stages, stageRow(&s.Load.Stages[i]))
		}
	}
	if s.Window != nil {
		p.Window, p.Sections = windowSentence(s.Window), usageSections(r, s)
	}
	return p
}

func pageQuotasOf(m record.Model) pageQuotas {
	p := pageQuotas{Model: oneLine(m.Name), ID: oneLine(m.ID), Scope: oneLine(m.Scope), Capacity: capacity(m.Capacity)}
	for _, q := range m.Quotas {
		p.Rows = append(p.Rows, []string{oneLine(q.Dimension), applied(&q), optional(q.Default), yesNo(q.Adjustable), oneLine(q.Code), oneLine(q.Name)})
	}
	for _, n := range m.Notes {
		p.Notes = append(p.Notes, oneLine(n))
	}
	return p
}
