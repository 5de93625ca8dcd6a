package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/loadline-dev/loadline/internal/cli"
	"github.com/loadline-dev/loadline/internal/sim"
)

// aws is an account that the program takes for AWS, and the folder that the
// program keeps things in.
type aws struct {
	folder string
	mu     sync.Mutex
	seen   map[string]int
}

func newAWS(t *testing.T) *aws {
	t.Helper()
	src, err := os.ReadFile(discoverAccount)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := sim.Parse("account.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	a := &aws{folder: filepath.Join(t.TempDir(), "cache"), seen: map[string]int{}}
	account := sim.New(parsed)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		a.mu.Lock()
		a.seen[operation]++
		a.mu.Unlock()
		account.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return a
}

// run runs the program, and tells which requests it sent.
func (a *aws) run(t *testing.T, args ...string) (stdout, stderr string, seen map[string]int) {
	t.Helper()
	a.mu.Lock()
	a.seen = map[string]int{}
	a.mu.Unlock()
	var out, err bytes.Buffer
	c := cli.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, Getenv: os.Getenv, CacheDir: a.folder}
	if status := c.Main(args); status != 0 {
		t.Fatalf("%v: exit %d\n%s%s", args, status, &out, &err)
	}
	return out.String(), err.String(), a.seen
}

// The list of quotas is read once a day, and the age of its values is told.
func TestTheListOfQuotasIsKept(t *testing.T) {
	a := newAWS(t)
	const list, single = "ListServiceQuotas", "GetServiceQuota"
	nova := []string{"discover", "--model", "amazon.nova-lite-v1:0"}
	first, stderr, seen := a.run(t, nova...)
	if seen[list] != 1 || strings.Contains(stderr, "ago") {
		t.Errorf("the first time: %v, %s", seen, stderr)
	}
	second, stderr, seen := a.run(t, nova...)
	if second != first || seen[list] != 0 || seen[single] != 0 || !strings.Contains(stderr, "note: quotas read less than a minute ago; --fresh reads them again") {
		t.Errorf("the second time: %v, %s; want the same from the file, and its age", seen, stderr)
	}
	if _, stderr, seen = a.run(t, append(nova, "--fresh")...); seen[list] != 1 || strings.Contains(stderr, "ago") {
		t.Errorf("with --fresh: %v, %s; want a list", seen, stderr)
	}

	// What is judged is not the file's: the few values are read anew.
	scenario := filepath.Join(t.TempDir(), "scenario.yaml")
	src := "version: 1\nname: kept\nmodels: {nova: amazon.nova-lite-v1:0}\nsteps:\n  - discover: {}\nassert:\n  - expr: quota.rpm.applied == 2000.5\n  - expr: capacity.access == \"AVAILABLE\" and capacity.provisioned_units == 2 and capacity.on_demand\n"
	if err := os.WriteFile(scenario, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "out")
	_, stderr, seen = a.run(t, "run", "--yes", "--out", folder, scenario)
	if seen[list] != 0 || seen[single] != 3 || !strings.Contains(stderr, "values of the 3 that bind the models now") {
		t.Errorf("a run: %v, %s; want three single quotas, and that said", seen, stderr)
	}
	record, err := os.ReadFile(filepath.Join(folder, "run.json"))
	if err != nil || !strings.Contains(string(record), "values of the 3 that bind the models now") || !strings.Contains(string(record), `"capacity.access": "AVAILABLE"`) {
		t.Errorf("run.json says nothing of the age of the list, or of what was read (%v)", err)
	}
	if _, _, seen = a.run(t, "plan", "--discover", "--fresh", scenario); seen[list] != 1 || seen[single] != 0 {
		t.Errorf("plan --discover --fresh: %v; want a list", seen)
	}
}

// An open request for more stands beside the quota, in every format.
func TestDiscoverShowsOpenRequests(t *testing.T) {
	a := newAWS(t)
	r, err := http.NewRequest(http.MethodPost, os.Getenv("AWS_ENDPOINT_URL"), strings.NewReader(`{"ServiceCode":"bedrock","QuotaCode":"L-F4DDD3EB","DesiredValue":1500000}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "ServiceQuotasV20190624.RequestServiceQuotaIncrease")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	reply, err := http.DefaultClient.Do(r)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("the request for more: %v, %v", reply, err)
	}
	reply.Body.Close()
	for format, want := range map[string]string{
		"table": `(?m)L-F4DDD3EB .* 1,500,000 \(PENDING since \d{4}-\d\d-\d\d\)$`, "markdown": `\| 1,500,000 \(PENDING since`, "csv": `(?m)L-F4DDD3EB,.*,1500000,PENDING,\d{4}-\d\d-\d\dT`, "json": `(?s)"pending": \{\s+"desired": 1500000,\s+"status": "PENDING"`,
	} {
		stdout, _, _ := a.run(t, "discover", "--model", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "--format", format)
		if n := len(regexp.MustCompile(want).FindAllString(stdout, -1)); n == 0 {
			t.Errorf("%s has no %s:\n%s", format, want, stdout)
		}
	}
}

// Prices of the Price List reach the plan, with their date; a scenario's own
// come first, and a simulated account's are not kept.
func TestPricesReachThePlan(t *testing.T) {
	a := newAWS(t)
	folder := t.TempDir()
	file := func(name, models string) string {
		name = filepath.Join(folder, name)
		src := "version: 1\nname: kept\nregion: us-east-1\nmodels: " + models + "\nsteps:\n  - load: {ramp: {constant: 60 rpm, for: 1m}}\n"
		if err := os.WriteFile(name, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	nova := file("nova.yaml", "{nova: amazon.nova-lite-v1:0}")
	own := file("own.yaml", "{nova: {id: amazon.nova-lite-v1:0, price: {input: 1, output: 2}}}")
	before, _, _ := a.run(t, "plan", nova)
	if strings.Contains(before, "Price List") {
		t.Fatalf("before there was a list:\n%s", before)
	}
	a.run(t, "discover", "--simulate="+discoverAccount, "--prices")
	if after, _, _ := a.run(t, "plan", nova); after != before {
		t.Errorf("the prices of a simulated account reach the plan:\n%s", after)
	}
	_, stderr, seen := a.run(t, "discover", "--model", "amazon.nova-lite-v1:0", "--prices")
	if seen["GetProducts"] != 2 || !strings.Contains(stderr, "plans in us-east-1 use these prices for 30 days") {
		t.Errorf("discover --prices: %v, %s", seen, stderr)
	}
	plan, _, seen := a.run(t, "plan", nova)
	if !strings.Contains(plan, "0.06 / 0.24") || !strings.Contains(plan, "Price List of us-east-1, 2") || len(seen) != 0 {
		t.Errorf("the plan asked %v and says:\n%s", seen, plan)
	}
	if plan, _, _ := a.run(t, "plan", own); !strings.Contains(plan, "the scenario") || strings.Contains(plan, "Price List") {
		t.Errorf("a scenario's own price is not the first:\n%s", plan)
	}
	if plan, _, _ := a.run(t, "plan", "--simulate", nova); plan != before {
		t.Errorf("a simulated run is planned with AWS's prices:\n%s", plan)
	}
	if plan, _, _ := a.run(t, "plan", "--region", "eu-west-1", nova); plan != before {
		t.Errorf("a plan of another Region has the prices of us-east-1:\n%s", plan)
	}
	kept, err := filepath.Glob(filepath.Join(a.folder, "prices-us-east-1.json"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the folder has %v, %v", kept, err)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v; want mode 0600", kept[0], info.Mode(), err)
	}
	for _, broken := range []string{"{", `{"version": 9}`, `{"version":1,"region":"eu-west-1"}`} {
		if err := os.WriteFile(kept[0], []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if plan, stderr, _ := a.run(t, "plan", nova); plan != before || !strings.Contains(stderr, "is not used") {
			t.Errorf("with %s in the file: stderr %q; want the plan without it, and that said", broken, stderr)
		}
	}
	if err := os.WriteFile(kept[0], []byte(`{"version":1,"region":"us-east-1","read":"2020-01-01T00:00:00Z","prices":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if plan, _, _ := a.run(t, "plan", nova); plan != before {
		t.Errorf("prices of years ago reach the plan:\n%s", plan)
	}
}
