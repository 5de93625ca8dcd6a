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
