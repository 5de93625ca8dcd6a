package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/history"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report"
)

// The files that trend --out writes.
const (
	trendJSON  = "trend.json"
	trendCSV   = "trend.csv"
	trendChart = "trend.svg"
)

// trendPrinters write a trend, by the name of the format.
var trendPrinters = map[string]func(*history.Trend, io.Writer) error{
	"text": (*history.Trend).Text, "json": (*history.Trend).JSON, "csv": (*history.Trend).CSV,
}

func (c Command) trendCommand() *cobra.Command {
	var format, out, zone string
	cmd := &cobra.Command{
		Use: "trend DIR...", Short: "Many runs over time", Args: cobra.MinimumNArgs(1),
		Long: `Puts runs in the order in which they started, by the name of their scenario, and
tells their rates, times, limits and quotas: as tables, as CSV with a line for
each run, as JSON, and with --out as small charts too. DIR is a run folder, or a
pattern such as 'runs/*'; what is no run is left out with a note.`,
		Example: "  loadline trend runs/*\n  loadline trend --format csv 'runs/*' > history.csv\n  loadline trend --out trend --zone Europe/Berlin runs/*",
		RunE: func(_ *cobra.Command, args []string) error {
			if trendPrinters[format] == nil {
				return fmt.Errorf("--format %s: there are text, json and csv", format)
			}
			at, err := time.LoadLocation(zone)
			if err != nil || zone == "Local" {
				return fmt.Errorf("--zone %s: there is no such time zone", zone)
			}
			t, err := c.trend(args)
			if err != nil {
				return err
			}
			t.Zone = at
			if out != "" {
				if err := writeTrend(out, t); err != nil {
					return failure{record.ExitEnvironment, err}
				}
			}
			if err := trendPrinters[format](t, c.Stdout); err != nil {
				return failure{record.ExitEnvironment, err}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or csv")
	cmd.Flags().StringVar(&out, "out", "", "folder to write "+trendChart+", "+trendCSV+" and "+trendJSON+" into")
	cmd.Flags().StringVar(&zone, "zone", "UTC", "time zone of the tables and charts, such as Europe/Berlin")
	return cmd
}

// trend reads all runs that the arguments name.
func (c Command) trend(args []string) (*history.Trend, error) {
	var sides []*history.Side
	var left []string
	for _, name := range folders(args) {
		root, r, err := openRecord(name)
		if err != nil {
			left = append(left, fmt.Sprintf("%s is left out: %v", name, err))
			continue
		}
		root.Close()                          // it was only read
		r.Series, r.Scenario.Source = nil, "" // nothing is told of them, and there may be many runs
		sides = append(sides, &history.Side{Name: filepath.ToSlash(name), Run: r})
	}
	if sides == nil {
		for _, l := range left {
			c.say("note: " + record.CleanLine(l))
		}
		return nil, fail(record.ExitEnvironment, "none of the folders holds a run")
	}
	t := history.NewTrend(sides)
	for _, l := range left {
		t.Note("%s", l)
	}
	return t, nil
}

// folders are the arguments, each once; one that is a pattern stands for what
// fits it.
func folders(args []string) (out []string) {
	for _, arg := range args {
		found, err := filepath.Glob(arg)
		if err != nil || found == nil {
			found = []string{arg} // to be told that it is not there
		}
		for _, f := range found {
			if f = filepath.Clean(f); !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func writeTrend(dir string, t *history.Trend) error {
	var asJSON, asCSV bytes.Buffer
	picture, err := t.Chart("Runs over time")
	if err := errors.Join(err, t.JSON(&asJSON), t.CSV(&asCSV)); err != nil {
		return err
	}
	return writeInto(dir, []report.File{{Path: trendChart, Data: picture}, {Path: trendCSV, Data: asCSV.Bytes()}, {Path: trendJSON, Data: asJSON.Bytes()}})
}
