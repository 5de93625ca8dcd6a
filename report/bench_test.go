package report

import (
	"io"
	"testing"
)

// All reports of five models, an hour of 15 s windows and a day of 5 min
// periods.
func BenchmarkFolder(b *testing.B) {
	r := largeRun()
	b.ReportAllocs()
	for b.Loop() {
		files, err := Folder(r, everything())
		if err != nil {
			b.Fatal(err)
		}
		if err := Text(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		size := 0
		for _, f := range files {
			size += len(f.Data)
		}
		b.ReportMetric(float64(size), "B-written")
	}
}

func BenchmarkFormat(b *testing.B) {
	r := largeRun()
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Render(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The dashboard of a day by the minute, of thirty models; and of one, with each
// of its plots alone.
func BenchmarkDashboard(b *testing.B) {
	for _, c := range []struct {
		name   string
		models int
	}{{"1x1440", 1}, {"30x1440", 30}} {
		b.Run(c.name, func(b *testing.B) {
			day := usageCases["thirty"]
			day.models = c.models
			r := day.run("bench")
			b.ReportAllocs()
			for b.Loop() {
				svg, err := drawings(r)[0].svg()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(svg)), "B-written")
			}
		})
	}
}

// All files of the dashboard of thirty models: it, and each plot alone.
func BenchmarkDashboardFiles(b *testing.B) {
	r := usageCases["thirty"].run("bench")
	b.ReportAllocs()
	for b.Loop() {
		files, err := renderSVG(r)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(files)), "files")
	}
}
