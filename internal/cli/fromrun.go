package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins/families"
	"github.com/loadline-dev/loadline/plugins/quotas"
	"github.com/loadline-dev/loadline/record"
)

// accountFromRun writes an account file with the quotas and models of a run
// record, to a new file, or to stdout.
func (c Command) accountFromRun(dir, out string) error {
	root, r, err := openRecord(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	b, doubts, err := rehearsal(r)
	if err != nil {
		return fail(record.ExitEnvironment, "%s/run.json makes no account: %w", dir, err)
	}
	for _, d := range doubts {
		fmt.Fprintf(c.Stderr, "warning: %s\n", record.CleanLine(d))
	}
	if out == "" {
		_, err = c.Stdout.Write(b)
	} else {
		err = writeNew(out, b)
	}
	if err != nil {
		return failure{record.ExitEnvironment, err}
	}
	return nil
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name, or remove it", name)
	}
	if err != nil {
		return pathError(err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(name)
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// The rows of an account file that a record can fill.
type (
	accountFile struct {
		Account     string               `yaml:"account,omitempty"`
		Region      string               `yaml:"region,omitempty"`
		Seed        uint64               `yaml:"seed"`
		AccountTPD  int64                `yaml:"account_tpd,omitempty"` // unlimited if left out
		Quotas      []accountQuota       `yaml:"quotas"`
		Models      []*accountModel      `yaml:"models"`
		Profiles    []accountProfile     `yaml:"profiles"`
		Provisioned []accountProvisioned `yaml:"provisioned"`
	}
	accountQuota struct {
		Code       string `yaml:"code"`
		Name       string `yaml:"name"`
		Value      any    `yaml:"value"`
		Default    any    `yaml:"default,omitempty"`
		Adjustable bool   `yaml:"adjustable,omitempty"`
	}
	accountModel struct {
		ID             string         `yaml:"id"`
		Name           string         `yaml:"name,omitempty"`
		InferenceTypes []string       `yaml:"inference_types"`
		Burndown       float64        `yaml:"burndown,omitempty"`
		Limits         *accountLimits `yaml:"limits,omitempty"`
	}
	accountProfile struct {
		ID     string         `yaml:"id"`
		Models []string       `yaml:"models"`
		Limits *accountLimits `yaml:"limits,omitempty"`
	}
	accountProvisioned struct {
		ARN   string `yaml:"arn"`
		Model string `yaml:"model"`
	}
	accountLimits struct {
		RPM        int64 `yaml:"rpm,omitempty"`
		TPM        int64 `yaml:"tpm,omitempty"`
		TPD        int64 `yaml:"tpd,omitempty"`
		Concurrent int64 `yaml:"concurrent,omitempty"`
		Entitled   *bool `yaml:"entitled,omitempty"` // true if left out
	}
)

// rehearsal is an account file that behaves as the account of a record did, as
// far as its quotas tell. The doubts say what they do not tell.
func rehearsal(r *record.Run) (file []byte, doubts []string, err error) {
	a := accountFile{Seed: min(r.Seed, 1e12), Quotas: []accountQuota{}, Models: []*accountModel{}, Profiles: []accountProfile{}, Provisioned: []accountProvisioned{}}
	if regexp.MustCompile(`^[0-9]{12}$`).MatchString(r.Target.Account) {
		a.Account = r.Target.Account
	}
	a.Region = r.Target.Region
	for i := range r.Models {
		doubts = append(doubts, a.add(&r.Models[i])...)
	}
	var tree yaml.Node
	if err := tree.Encode(a); err != nil {
		return nil, nil, err
	}
	for i := 1; i < len(tree.Content); i += 2 {
		for _, row := range tree.Content[i].Content {
			row.Style = yaml.FlowStyle
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The quotas and models of the run %s of %s, for rehearsals.\n# Latencies, lengths of replies and how limits refill are defaults: a record does not have them.\n",
		record.CleanLine(r.Scenario.Name), r.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	for _, d := range doubts {
		fmt.Fprintf(&b, "# %s\n", record.CleanLine(d))
	}
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&tree), encoder.Close()); err != nil {
		return nil, nil, err
	}
	_, err = sim.Parse("account.yaml", b.Bytes())
	return b.Bytes(), doubts, err
}

// add adds what the record has of one model.
func (a *accountFile) add(m *record.Model) (doubts []string) {
	name := ""
	for _, q := range m.Quotas {
		if doubt := a.quota(q); doubt != "" {
			doubts = append(doubts, doubt)
		}
		if quotas.Doubled(q, m.Scope) {
			doubts = append(doubts, fmt.Sprintf("%s: doubled for %s, as its name says; not so where AWS approved more tokens a minute", q.Code, m.ID))
		}
		if _, subject, ok := strings.Cut(q.Name, " for "); ok && name == "" {
			name, _, _ = strings.Cut(subject, " (")
		}
	}
	limits := limitsOf(m)
	if limits == nil {
		doubts = append(doubts, fmt.Sprintf("%s: the record has no quota of it, so nothing is enforced", m.ID))
	}
	id := m.ID[strings.LastIndexByte(m.ID, '/')+1:]
	base := m.BaseID
	if base == "" { // an application profile or Provisioned Throughput: the ARN does not tell
		base = "stand-in." + id
		doubts = append(doubts, fmt.Sprintf("%s: the record does not tell which model is behind it; %s stands in", m.ID, base))
	}
	switch {
	case strings.Contains(m.ID, ":provisioned-model/"):
		a.model(base, "PROVISIONED", name)
		a.Provisioned = append(a.Provisioned, accountProvisioned{m.ID, base})
	case strings.Contains(m.ID, ":application-inference-profile/"):
		row := a.model(base, "INFERENCE_PROFILE", name)
		row.Limits = limits // which a profile of an application shares
		a.profile(accountProfile{m.ID, []string{base}, nil})
	case m.Scope == quotas.OnDemand:
		a.model(base, "ON_DEMAND", name).Limits = limits
	default:
		a.model(base, "INFERENCE_PROFILE", name)
		a.profile(accountProfile{id, []string{base}, limits})
	}
	return doubts
}

// quota adds a row of Service Quotas, once.
func (a *accountFile) quota(q record.Quota) (doubt string) {
	if slices.ContainsFunc(a.Quotas, func(row accountQuota) bool { return row.Code == q.Code }) {
		return ""
	}
	value := q.Applied
	if value == nil {
		value, doubt = q.Default, fmt.Sprintf("%s: the record has no applied value, so the default is taken", q.Code)
	}
	if value == nil {
		return fmt.Sprintf("%s: the record has no value, so the quota is left out", q.Code)
	}
	row := accountQuota{Code: q.Code, Name: q.Name, Value: plain(*value), Adjustable: q.Adjustable}
	if q.Default != nil {
		row.Default = plain(*q.Default)
	}
	a.Quotas = append(a.Quotas, row)
	if q.Dimension == quotas.AccountTPD && *value > 0 {
		a.AccountTPD = int64(max(1, min(1e12, *value)))
	}
	return doubt
}

// plain writes a whole number as one.
func plain(v float64) any {
	if whole := int64(v); float64(whole) == v {
		return whole
	}
	return v
}

// model finds or adds the row of a model, and notes how it is called.
func (a *accountFile) model(id, inferenceType, name string) *accountModel {
	i := slices.IndexFunc(a.Models, func(m *accountModel) bool { return m.ID == id })
	if i < 0 {
		i = len(a.Models)
		row := &accountModel{ID: id}
		if burndown := families.TariffOf(id, time.Time{}).Burndown; burndown != 1 {
			row.Burndown = burndown
		}
		a.Models = append(a.Models, row)
	}
	row := a.Models[i]
	if row.Name == "" {
		row.Name = name
	}
	if !slices.Contains(row.InferenceTypes, inferenceType) {
		row.InferenceTypes = append(row.InferenceTypes, inferenceType)
	}
	return row
}

func (a *accountFile) profile(row accountProfile) {
	if !slices.ContainsFunc(a.Profiles, func(p accountProfile) bool { return p.ID == row.ID }) {
		a.Profiles = append(a.Profiles, row)
	}
}

// limitsOf is what the applied quotas of a model let through; the default
// where no applied value is known; nil where the record has no quota.
//
// In an account file 0 is no limit, so an applied 0 becomes "not entitled". A
// record has quotas as Service Quotas tells them, that of a day before it is
// doubled.
func limitsOf(m *record.Model) *accountLimits {
	l := &accountLimits{}
	for _, q := range m.Quotas {
		value := q.Applied
		if value == nil {
			value = q.Default
		}
		if value == nil {
			continue
		}
		to := map[string]*int64{quotas.RPM: &l.RPM, quotas.TPM: &l.TPM, quotas.TPD: &l.TPD, quotas.Concurrent: &l.Concurrent}[q.Dimension]
		switch {
		case to == nil:
		case *value == 0:
			l.Entitled = new(bool)
		default:
			limit := *value
			if quotas.Doubled(q, m.Scope) {
				limit *= 2
			}
			*to = int64(max(1, min(1e12, limit)))
		}
	}
	if *l == (accountLimits{}) {
		return nil
	}
	return l
}
