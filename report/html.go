package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the template, its style and its script
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/chart"
)

//go:embed report.html.tmpl
var pageSource string

//go:embed report.css
var pageStyle string

//go:embed report.js
var pageScript string

// page is what the template shows. The template escapes all of it but the
// charts, the style and the script, which are ours.
type page struct {
	Run      *record.Run
	Title    string
	Verdict  string
	State    string // class of the verdict
	Headline string
	Trouble  string
	Started  string
	Verdicts []pageVerdict
	Steps    []pageStep
	Clients  *pageClients // nil where there are not several
	Models   []pageModel
	Doubts   []string
	Spending [][3]string
	Source   []string // the lines of the scenario
	Facts    [][2]string

	// Policy names the only style and the only script that a browser may take, by
	// their digests: nothing that a name might smuggle in is among them.
	Policy string
	Style  template.CSS
	Script template.JS
}

type pageStep struct {
	Name, Kind, Ending, Account, Window string
	ID                                  int
	Remarks                             []string
	Sections                            []section // the first has no title
	Charts                              []pageChart
}

// pageChart is a figure and what it is called.
type pageChart struct {
	Name string
	SVG  template.HTML
}

// pageClients sets the clients of load steps side by side.
type pageClients struct {
	Title, Note string
	Chart       pageChart
	Table       stepTable
}

type pageModel struct {
	Name, Model, Scope, Capacity string
	ID                           int
	Quotas                       stepTable
	Notes                        []string
	Loads                        []pageLoad
}

// pageLoad is what a load step has of one model.
type pageLoad struct {
	Step  string
	Chart pageChart
}

func renderHTML(r *record.Run) ([]File, error) {
	p, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	t, err := template.New("report").Funcs(template.FuncMap{"line": oneLine, "add": func(a, b int) int { return a + b }}).Parse(pageSource)
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
	style := pageStyle + "@media screen and (prefers-color-scheme: dark) {\n" + chart.DarkCSS(".chart") + "}\n"
	p := page{
		Run: r, Title: oneLine(r.Scenario.Name), Verdict: verdictWord(r), State: verdictState(r), Headline: headline(r), Trouble: trouble(r),
		Started: r.Started.UTC().Format(timeForm), Spending: spending(r), Source: sourceLines(r), Facts: facts(r), Doubts: doubts(r),
		Style: template.CSS(style), Script: template.JS(pageScript),
		Policy: "default-src 'none'; style-src '" + digest(style) + "'; script-src '" + digest(pageScript) + "'; base-uri 'none'; form-action 'none'",
	}
	for i, a := range worstFirst(r.Assertions) {
		v := pageVerdictOf(r, &a, len(p.Source))
		v.Open = i < mostOpen && stateOf(&a) < skipped
		p.Verdicts = append(p.Verdicts, v)
	}
	charts, err := pageCharts(r)
	if err != nil {
		return page{}, err
	}
	for i := range r.Steps {
		if s := &r.Steps[i]; measures(s) || ending(s) != "" {
			step := pageStepOf(r, s)
			step.ID, step.Charts = len(p.Steps)+1, charts[s.Name]
			p.Steps = append(p.Steps, step)
		}
	}
	if c, ok := comparedClients(r); ok {
		f := c.figure()
		f.Name = "all-" + clientsName // no step's, and no model's
		drawn, err := pageChartOf(drawing{figure: f})
		if err != nil {
			return page{}, err
		}
		p.Clients = &pageClients{clientsTitle, clientsNote, drawn, c.table()}
	}
	for i := range r.Models {
		p.Models = append(p.Models, pageModelOf(&r.Models[i], i+1))
	}
	return p, p.addLoads(r)
}

// verdictState is the class that colours the verdict: green only what was held to
// something.
func verdictState(r *record.Run) string {
	if r.Verdict == record.Pass && len(r.Assertions) == 0 {
		return stateClasses[skipped]
	}
	return string(r.Verdict)
}

// digest is how a policy names a text of the page itself.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// sourceLines are the lines of the scenario, from the first.
func sourceLines(r *record.Run) []string {
	text := strings.TrimRight(record.CleanAll(r.Scenario.Source), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// pageCharts are the charts of each monitor step by its name, without those that
// only repeat a part of another. Those of a load step stand with the models.
func pageCharts(r *record.Run) (map[string][]pageChart, error) {
	out := map[string][]pageChart{}
	for _, d := range drawings(r) {
		if d.detail || d.load {
			continue
		}
		d.figure.Name = "step-" + d.figure.Name // none of a model's
		c, err := pageChartOf(d)
		if err != nil {
			return nil, err
		}
		out[d.step] = append(out[d.step], c)
	}
	return out, nil
}

// pageChartOf draws a chart with the numbers that the script shows.
func pageChartOf(d drawing) (pageChart, error) {
	d.figure.Data = true
	svg, err := d.svg()
	return pageChart{Name: oneLine(d.figure.Title), SVG: template.HTML(svg)}, err
}

func pageStepOf(r *record.Run, s *record.Step) pageStep {
	p := pageStep{Name: oneLine(s.Name), Kind: oneLine(s.Kind), Ending: ending(s)}
	if !measures(s) {
		return p
	}
	p.add("By model", tableOf(r, s))
	p.Remarks = agreementLines(s)
	if s.Load != nil {
		p.Account, p.Remarks = account(s.Load), remarks(s.Load)
		p.loadTables(r, s)
	}
	if s.Window != nil {
		p.Window, p.Sections = windowSentence(s.Window), append(p.Sections, usageSections(r, s)...)
	}
	return p
}

// add takes a table that has any row.
func (p *pageStep) add(title string, t stepTable) {
	if len(t.Rows) > 0 && len(t.Head) > 1 {
		p.Sections = append(p.Sections, section{title, t})
	}
}

func (p *pageStep) loadTables(r *record.Run, s *record.Step) {
	p.add(clientTitle, clientTable(r, s))
	p.add("Errors by class", metricTable(r, s, errorColumns))
	p.add("How the times spread", spreadTable(r, s))
	p.add(phasesTitle, phaseTable(r, s))
	trials := stepTable{Head: trialHead}
	for i := range s.Load.Trials {
		trials.Rows = append(trials.Rows, trialRow(&s.Load.Trials[i]))
	}
	p.add("Trials", trials)
	p.add("Theories", stepTable{Head: theoryHead, Rows: theoryRows(s.Load)})
	if trials.Rows != nil {
		return // one stage, of which the trials are the parts
	}
	p.add("Stages", stageTable(s.Load))
}

var quotaHead = []string{"dimension", "applied", "default", "adjustable", "code", "name"}

func pageModelOf(m *record.Model, id int) pageModel {
	p := pageModel{Name: oneLine(m.Name), Model: oneLine(m.ID), Scope: oneLine(m.Scope), Capacity: capacity(m.Capacity), ID: id, Quotas: stepTable{Head: quotaHead}}
	for _, q := range m.Quotas {
		p.Quotas.Rows = append(p.Quotas.Rows, []string{oneLine(q.Dimension), applied(&q), optional(q.Default), yesNo(q.Adjustable), oneLine(q.Code), oneLine(q.Name)})
	}
	for _, n := range m.Notes {
		p.Notes = append(p.Notes, oneLine(n))
	}
	return p
}

// addLoads draws for each model what the load steps have of it.
func (p *page) addLoads(r *record.Run) error {
	index := map[string]int{}
	for i := range r.Models {
		index[r.Models[i].Name] = i
	}
	for k := range r.Steps {
		s := &r.Steps[k]
		if s.Load == nil {
			continue
		}
		for _, part := range loadParts(r, s) {
			m := &p.Models[index[part.model]]
			f := part.figure(s)
			f.Name = fmt.Sprintf("model-%d-%d", m.ID, k+1)
			c, err := pageChartOf(drawing{step: s.Name, figure: f})
			if err != nil {
				return err
			}
			m.Loads = append(m.Loads, pageLoad{Step: oneLine(s.Name), Chart: c})
		}
	}
	return nil
}
