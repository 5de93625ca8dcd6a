package report

import (
	"encoding/xml"
	"strings"

	"github.com/loadline-dev/loadline/record"
)

// strictRoot is a document that both the schema of Ant (JUnit.xsd of Windy
// Road) and that of Jenkins' xUnit plugin (junit-10.xsd) take: what one of them
// forbids is not in it, and what one of them asks for is. Its order is Ant's.
type strictRoot struct {
	XMLName xml.Name      `xml:"testsuites"` // without attributes
	Suites  []strictSuite `xml:"testsuite"`
}

type strictSuite struct {
	Package string `xml:"package,attr"`
	ID      int    `xml:"id,attr"`
	Name    string `xml:"name,attr"`
	Host    string `xml:"hostname,attr"`
	junitCounts
	Timestamp  string         `xml:"timestamp,attr"`
	Properties strictProperty `xml:"properties"`
	Cases      []junitCase    `xml:"testcase"` // without file, line and output
	Out        junitText      `xml:"system-out"`
	Err        junitText      `xml:"system-err"`
}

// strictProperty is an element that is there without properties, too.
type strictProperty struct {
	All []junitProperty `xml:"property"`
}

// renderJUnitStrict writes the strict dialect. Where a problem stands is told in
// the text of its case, and what a case has to say beside its result in the
// output of the suite.
func renderJUnitStrict(r *record.Run) ([]File, error) {
	var root strictRoot
	for _, s := range junitOf(r).Suites {
		var said []string
		for i := range s.Cases {
			if c := &s.Cases[i]; c.Out != "" {
				said = append(said, c.Name+": "+string(c.Out))
				c.Out = ""
			}
		}
		for i := range s.Properties {
			s.Properties[i].Name = nonEmpty(s.Properties[i].Name, "unnamed")
		}
		root.Suites = append(root.Suites, strictSuite{
			Package: s.Package, ID: s.ID, Name: s.Name, Host: s.Host, junitCounts: s.junitCounts, Timestamp: s.Timestamp,
			Properties: strictProperty{s.Properties}, Cases: s.Cases, Out: junitText(strings.Join(said, "\n")),
		})
	}
	b, err := xml.MarshalIndent(root, "", " ")
	if err != nil {
		return nil, err
	}
	return []File{{Path: "junit-strict.xml", Data: []byte(xml.Header + string(b) + "\n")}}, nil
}
