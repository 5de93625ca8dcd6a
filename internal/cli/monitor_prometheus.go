package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

const formatPrometheus = "prometheus"

func (w watched) exposes() bool { return w.format == formatPrometheus || w.textfile != "" }

func (w watched) checkTextfile() error {
	if w.textfile == "" {
		return nil
	}
	shown := record.CleanLine(w.textfile)
	if name := filepath.Base(w.textfile); filepath.Ext(name) != ".prom" || strings.HasPrefix(name, ".") {
		return fmt.Errorf("--textfile %s: node_exporter reads *.prom alone; name the file so", shown)
	}
	if info, err := os.Stat(filepath.Dir(w.textfile)); err != nil || !info.IsDir() {
		return fmt.Errorf("--textfile %s: its folder is not there: make it, or name another", shown)
	}
	return nil
}

// expose writes the textfile. node_exporter may read it at any time, and sees the
// former one or the whole new one.
func (w watched) expose(r *record.Run) error {
	root, err := os.OpenRoot(filepath.Dir(w.textfile))
	if err != nil {
		return pathError(err)
	}
	defer root.Close()
	return report.Write(root, []report.File{{Path: filepath.Base(w.textfile), Data: report.Exposition(report.MonitorGauges(r))}})
}

func monitorPrometheus(w io.Writer, r *record.Run) error {
	_, err := w.Write(report.Exposition(report.MonitorGauges(r)))
	return err
}
