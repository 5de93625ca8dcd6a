package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// textBox is where a text of a figure stands.
type textBox struct {
	text                     string
	left, right, top, bottom float64
}

func (b textBox) String() string {
	return fmt.Sprintf("%.40q at %.0f..%.0f x %.0f..%.0f", b.text, b.left, b.right, b.top, b.bottom)
}

// texts reads the texts of a figure and its size. The only transformations are
// those that move a panel.
func texts(t *testing.T, svg io.Reader) (boxes []textBox, wide, high float64) {
	t.Helper()
	d := xml.NewDecoder(svg)
	var dx, dy float64
	for {
		token, err := d.Token()
		if err == io.EOF {
			return boxes, wide, high
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			has := map[string]string{}
			for _, a := range e.Attr {
				has[a.Name.Local] = a.Value
			}
			number := func(name string) float64 {
				v, err := strconv.ParseFloat(has[name], 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			switch e.Name.Local {
			case "svg":
				wide, high = number("width"), number("height")
			case "g":
				if _, err := fmt.Sscanf(has["transform"], "translate(%f,%f)", &dx, &dy); err != nil {
					t.Fatal(err)
				}
			case "text":
				var body string
				if err := d.DecodeElement(&body, &e); err != nil {
					t.Fatal(err)
				}
				size := number("font-size")
				w := textWidth(body, size)
				if has["font-weight"] == "bold" {
					w *= boldly
				}
				b := textBox{text: body, left: dx + number("x"), top: dy + number("y") - 0.8*size, bottom: dy + number("y") + 0.25*size}
				b.left -= map[string]float64{"start": 0, "middle": w / 2, "end": w}[has["text-anchor"]]
				b.right = b.left + w
				boxes = append(boxes, b)
			}
		case xml.EndElement:
			if e.Name.Local == "g" {
				dx, dy = 0, 0
			}
		}
	}
}

// In all figures that are kept, no text lies over another or leaves the figure.
func TestTextsHaveRoom(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"testdata/*.svg", "../testdata/*.svg", "../testdata/*/*.svg", "../../examples/*/want/charts/*.svg", "../../examples/*/want/charts/*/*.svg"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 40 {
		t.Fatalf("found only %d figures", len(paths))
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		boxes, wide, high := texts(t, f)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		for i, a := range boxes {
			if a.left < 0 || a.right > wide || a.top < 0 || a.bottom > high {
				t.Errorf("%s: %v leaves the figure of %.0f x %.0f", path, a, wide, high)
			}
			for _, b := range boxes[:i] {
				if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
					t.Errorf("%s: %v lies over %v", path, a, b)
				}
			}
		}
		if len(boxes) == 0 && !strings.Contains(path, "empty") {
			t.Errorf("%s: no texts", path)
		}
	}
}
