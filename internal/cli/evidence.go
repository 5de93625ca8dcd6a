package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/record"
	"github.com/loadline-dev/loadline/report/evidence"
)

// mostWanted is the highest value that Service Quotas takes.
const mostWanted = 1e10

// evidenceFlags are those of the command evidence.
type evidenceFlags struct {
	target
	wants     []string
	maxTokens int64
	out       string
	submit    bool
}

func (c Command) evidenceCommand() *cobra.Command {
	var f evidenceFlags
	cmd := &cobra.Command{
		Use: "evidence DIR...", Short: "What AWS asks for in a request for a higher quota, out of the records of runs", Args: cobra.MinimumNArgs(1),
		Long: `Reads run folders and writes what AWS asks for in a request for a higher quota:
` + evidence.MarkdownFile + `, ` + evidence.PageFile + ` and ` + evidence.JSONFile + `. What a lower max_tokens would win comes first. What the
runs do not tell is said to be missing, with the command that fills it.

Nothing is sent, unless --submit says so: it reads the quotas anew, and files the
requests after consent.

IAM actions of --submit: ` + strings.Join(slices.Concat(cloud.IncreaseReads, cloud.IncreaseWrites), ", "),
		Example: "  loadline evidence loadline-out --want tpm=10M\n  loadline evidence usage load --want sonnet:tpm=10M --max-tokens 4096 --submit",
		RunE: func(cmd *cobra.Command, dirs []string) error {
			in, err := f.input(dirs)
			if err != nil {
				return err
			}
			defer in.close()
			return interrupted(cmd.Context(), c.evidence(cmd.Context(), f, in))
		},
	}
	f.flags(cmd, false)
	cmd.Flags().StringArrayVar(&f.wants, "want", nil, "the quota that is wanted, as `[MODEL:]DIMENSION=VALUE`: tpm=10M, sonnet:rpm=500; MODEL is a name or an id of the runs")
	cmd.Flags().Int64Var(&f.maxTokens, "max-tokens", 0, "the max_tokens that your application asks, which CloudWatch does not tell")
	cmd.Flags().StringVar(&f.out, "out", "evidence", "folder to write the files into")
	cmd.Flags().BoolVar(&f.submit, "submit", false, "file the requests (RequestServiceQuotaIncrease)")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "file them with the real AWS without asking")
	return cmd
}

// read is the input of an evidence, and the folders that it is read from.
type read struct {
	evidence.Input
	roots []*os.Root
}

func (r *read) close() {
	for _, root := range r.roots {
		root.Close() // it was only read
	}
}

// input understands the flags and reads the records.
func (f *evidenceFlags) input(dirs []string) (_ *read, err error) {
	in := &read{}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	in.Tool, in.MaxTokens = record.Tool{Name: "loadline", Version: version()}, f.maxTokens
	in.Burndown = func(base string) float64 {
		if base == "" {
			return 0
		}
		return families.TariffOf(base, in.Sources[0].Run.Started).Burndown
	}
	if len(f.wants) == 0 {
		return nil, errors.New("--want is missing: say the quota that is needed, as in --want tpm=10M")
	}
	if f.maxTokens < 0 {
		return nil, fmt.Errorf("--max-tokens %d: a number of tokens from 1 on", f.maxTokens)
	}
	for _, text := range f.wants {
		w, err := wantOf(text)
		if err != nil {
			return nil, err
		}
		in.Wants = append(in.Wants, w)
	}
	for i, dir := range dirs {
		if slices.Contains(dirs[:i], dir) {
			return nil, fmt.Errorf("%s is given twice", record.CleanLine(dir))
		}
		root, r, err := openRecord(dir)
		if err != nil {
			return nil, err
		}
		in.roots = append(in.roots, root)
		s := evidence.Source{Folder: filepath.ToSlash(filepath.Clean(dir)), Run: r, MaxTokens: askedOf(r)}
		if s.Calls, err = callsOf(root, dir); err != nil {
			return nil, err
		}
		in.Sources = append(in.Sources, s)
	}
	return in, nil
}

// wantOf reads [MODEL:]DIMENSION=VALUE. Ids hold colons, so the last one counts.
func wantOf(text string) (w evidence.Want, err error) {
	bad := func(why string) (evidence.Want, error) {
		return w, fmt.Errorf("--want %s: %s; write it like tpm=10M or sonnet:tpm=10M", record.CleanLine(text), why)
	}
	at := strings.LastIndex(text, "=")
	if at < 0 {
		return bad("there is no value")
	}
	w.Dimension = text[:at]
	if colon := strings.LastIndex(w.Dimension, ":"); colon >= 0 {
		w.Model, w.Dimension = w.Dimension[:colon], w.Dimension[colon+1:]
		if w.Model == "" {
			return bad("there is no model before the colon")
		}
	}
	if !slices.Contains(evidence.Dimensions, w.Dimension) {
		return bad("the dimension is one of " + strings.Join(evidence.Dimensions, ", "))
	}
	number, unit := text[at+1:], 1.0
	for suffix, u := range map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = rest, u
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if v = math.Round(v*unit*1e6) / 1e6; err != nil || !(v >= 1 && v <= mostWanted) || v != math.Trunc(v) {
		return bad("the value is a whole number from 1 to 10G, such as 500, 50k, 1.5M")
	}
	w.Value = v
	return w, nil
}

// evidence writes the evidence, and files the requests where that is asked for.
// The files are there also where AWS refuses.
func (c Command) evidence(ctx context.Context, f evidenceFlags, in *read) error {
	e, err := evidence.Make(in.Input)
	if err != nil {
		return err
	}
	if !f.submit {
		return c.leaveEvidence(f.out, e)
	}
	first := in.Sources[0].Run
	a, err := f.open(ctx, c, filepath.FromSlash(first.Scenario.File), e.Target.Region)
	if err != nil {
		return err
	}
	defer a.close()
	if err := anew(ctx, a, e); err != nil {
		return err
	}
	if err := c.leaveEvidence(f.out, e); err != nil {
		return err
	}
	if err := fit(e); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	if err := f.consent(c, filing(e, a.where)); err != nil {
		return err
	}
	err = c.file(ctx, a, e)
	if slices.ContainsFunc(e.Requests, func(r evidence.Request) bool { return r.Submitted != nil }) {
		if wrote := writeEvidence(f.out, e); wrote != nil { // now with the ids
			err = errors.Join(err, failure{record.ExitEnvironment, wrote})
		}
	}
	return err
}

// leaveEvidence writes the files and says so.
func (c Command) leaveEvidence(dir string, e *evidence.Evidence) error {
	if err := writeEvidence(dir, e); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	b := &strings.Builder{}
	for _, r := range e.Requests {
		fmt.Fprintf(b, "%s (%s)\n  %s\n", r.Quota.Code, r.Quota.Name, r.Headline)
		for _, a := range r.Advice {
			if strings.Contains(r.Headline, a.Sentence) {
				continue
			}
			fmt.Fprintf(b, "  max_tokens, for %s: %s\n", a.From, a.Sentence)
		}
		for _, m := range r.Missing {
			fmt.Fprintf(b, "  missing: %s (%s)\n    %s\n", m.What, m.Why, m.Way)
		}
	}
	name := func(file string) string { return record.CleanLine(filepath.ToSlash(filepath.Join(dir, file))) }
	fmt.Fprintf(b, "evidence: %s, %s, %s\n", name(evidence.MarkdownFile), name(evidence.PageFile), name(evidence.JSONFile))
	if _, err := c.Stdout.Write([]byte(b.String())); err != nil {
		return failure{record.ExitEnvironment, err}
	}
	return nil
}

func writeEvidence(dir string, e *evidence.Evidence) error {
	files, err := e.Files()
	if err != nil {
		return err
	}
	return writeInto(dir, files)
}
