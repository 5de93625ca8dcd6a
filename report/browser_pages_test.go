package report

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/loadline-dev/loadline/record"
)

var pages = flag.String("pages", "", "write the pages of the fixtures into this folder, for a browser")

// With -pages it writes what the headless tests open; see browser/run.sh.
func TestPages(t *testing.T) {
	for name, build := range map[string]func() *record.Run{"typical": typicalRun, "hostile": hostileRun, "empty": emptyRun, "aborted": abortedRun, "clients": clientsRun, "large": largeRun} {
		files, err := renderHTML(build())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(files[0].Data); n > mostPage {
			t.Errorf("the page of %s has %d bytes; want at most %d", name, n, mostPage)
		}
		if *pages == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(*pages, name+".html"), files[0].Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// mostPage is what a page of an hour with five models may have.
const mostPage = 1 << 20
