package report

import (
	"encoding/xml"

	"github.com/loadline-dev/loadline/record"
)

// junitRoot is the document. Fields that only the wide dialect has are left
// out where they are empty.
type junitRoot struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Timestamp string       `xml:"timestamp,attr,omitempty"`
	Suites    []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skips    int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"` // seconds with three decimals
}

type junitSuite struct {
	Name    string `xml:"name,attr"`
	ID      int    `xml:"id,attr"`
	Package string `xml:"package,attr"`
	Host    string `xml:"hostname,attr"` // not told by the record
	junitCounts
	Timestamp  string          `xml:"timestamp,attr"`
	File       string          `xml:"file,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitCase has at most one of Failure, Error and Skipped.
type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitOutcome `xml:"failure"`
	Error   *junitOutcome `xml:"error"`
	Skipped *junitOutcome `xml:"skipped"`
	Out     junitText     `xml:"system-out,omitempty"`

	assertion *record.Assertion
}

type junitOutcome struct {
	Type    string
	Message string
	Body    string
}

// MarshalXML writes the body as text with its line breaks; as a field it would
// get them as character references.
func (o *junitOutcome) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = []xml.Attr{{Name: xml.Name{Local: "type"}, Value: o.Type}, {Name: xml.Name{Local: "message"}, Value: o.Message}}
	return writeText(e, start, o.Body)
}

// junitText is an element of text alone, absent where it is empty.
type junitText string

// MarshalXML writes the text with its line breaks.
func (t junitText) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return writeText(e, start, string(t))
}

func writeText(e *xml.Encoder, start xml.StartElement, text string) error {
	for _, token := range []xml.Token{start, xml.CharData(text), start.End()} {
		if err := e.EncodeToken(token); err != nil {
			return err
		}
	}
	return nil
}
