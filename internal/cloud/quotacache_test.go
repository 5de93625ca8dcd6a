package cloud_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
)

// redirected is a client of AWS whose requests go to a server of the test: only
// such a one keeps quotas.
func redirected(t *testing.T, server *counter, c cloud.Config) *cloud.Cloud {
	t.Helper()
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"), "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return again(t, c)
}

// again is the client of another process, in the same environment.
func again(t *testing.T, c cloud.Config) *cloud.Cloud {
	t.Helper()
	c.Region = "us-east-1"
	out, err := cloud.New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const lists = "ListServiceQuotas"

// kept is the one file of a folder.
func kept(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder has %v, %v; want one file", files, err)
	}
	return files[0]
}

func TestQuotasAreKeptForADay(t *testing.T) {
	server := account(t, fewQuotas)
	config := cloud.Config{Cache: filepath.Join(t.TempDir(), "new", "folder")}
	c := redirected(t, server, config)
	first, err := c.Quotas(context.Background(), false)
	if err != nil || len(first.Rows) != 4 || len(first.Notes) > 0 || first.Age != 0 {
		t.Fatalf("Quotas() = %+v, %v", first, err)
	}
	file := kept(t, config.Cache)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(filepath.Base(file), "quotas-123456789012-us-east-1-") {
		t.Errorf("%s has mode %v, %v; want 0600, and the account and Region in its name", file, info.Mode(), err)
	}
	second, err := again(t, config).Quotas(context.Background(), false)
	if err != nil || show(second.Rows) != show(first.Rows) || second.Age <= 0 || server.count(lists) != 1 {
		t.Errorf("the second time: %+v, %v, after %d lists; want the same rows, an age, and no list", second, err, server.count(lists))
	}
	for _, fresh := range []struct {
		name   string
		config cloud.Config
		ask    bool
	}{{"the flag", cloud.Config{Cache: config.Cache, Fresh: true}, false}, {"the call", config, true}} {
		before := server.count(lists)
		if l, err := again(t, fresh.config).Quotas(context.Background(), fresh.ask); err != nil || l.Age != 0 || server.count(lists) != before+1 {
			t.Errorf("fresh by %s: age %v, %v, after %d more lists; want a new list", fresh.name, l.Age, err, server.count(lists)-before)
		}
	}
	if l, err := again(t, cloud.Config{}).Quotas(context.Background(), false); err != nil || l.Age != 0 {
		t.Errorf("without a folder: age %v, %v; want a new list", l.Age, err)
	}
}

// What stands in the file never ends a run; it is told, and written anew.
func TestABrokenFileOfQuotasIsReadAnew(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(map[string]any)
		text string // in place of an edit
		note string
	}{
		{name: "no JSON", text: `{"version": 1, "quotas": [`, note: "cannot be read"},
		{name: "empty", text: " ", note: "cannot be read"},
		{name: "another version", edit: func(m map[string]any) { m["version"] = 2 }, note: "version 2"},
		{name: "another account", edit: func(m map[string]any) { m["account"] = "000000000000" }, note: "another account"},
		{name: "another Region", edit: func(m map[string]any) { m["region"] = "eu-west-1" }, note: "another account, Region"},
		{name: "another endpoint", edit: func(m map[string]any) { delete(m, "endpoint") }, note: "or endpoint"},
		{name: "from the future", edit: func(m map[string]any) { m["read"] = time.Now().Add(time.Hour).Format(time.RFC3339) }, note: "from the future"},
		{name: "no quotas", edit: func(m map[string]any) { m["quotas"] = []any{} }, note: "no quotas"},
		{name: "a day old", edit: func(m map[string]any) { m["read"] = time.Now().Add(-25 * time.Hour).Format(time.RFC3339) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := account(t, fewQuotas)
			config := cloud.Config{Cache: t.TempDir()}
			if _, err := redirected(t, server, config).Quotas(context.Background(), false); err != nil {
				t.Fatal(err)
			}
			file := kept(t, config.Cache)
			text := []byte(c.text)
			if c.edit != nil {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var m map[string]any
				if err := json.Unmarshal(b, &m); err != nil {
					t.Fatal(err)
				}
				c.edit(m)
				text, _ = json.Marshal(m)
			}
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			list, err := again(t, config).Quotas(context.Background(), false)
			if err != nil || list.Age != 0 || server.count(lists) != 2 {
				t.Errorf("age %v, %v, after %d lists; want a second list", list.Age, err, server.count(lists))
			}
			if got := strings.Join(list.Notes, "; "); (c.note == "") != (got == "") || !strings.Contains(got, c.note) {
				t.Errorf("notes %q; want %q", got, c.note)
			}
			if third, err := again(t, config).Quotas(context.Background(), false); err != nil || third.Age == 0 || len(third.Notes) > 0 {
				t.Errorf("the file was not written anew: age %v, notes %v, %v", third.Age, third.Notes, err)
			}
		})
	}
}

func TestAFolderThatCannotBeWrittenIsANote(t *testing.T) {
	server := account(t, fewQuotas)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := redirected(t, server, cloud.Config{Cache: filepath.Join(file, "folder")}).Quotas(context.Background(), false)
	if err != nil || len(list.Rows) != 4 || !strings.Contains(strings.Join(list.Notes, "; "), "not kept for next time") {
		t.Errorf("%d rows, notes %v, %v; want the rows and a note", len(list.Rows), list.Notes, err)
	}
}

func TestASimulatedAccountIsNeverKept(t *testing.T) {
	dir := t.TempDir()
	c, err := cloud.New(context.Background(), cloud.Config{Region: "us-east-1", Simulated: "http://simulated.invalid", Transport: cloud.InProcess(account(t, fewQuotas)), Cache: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Quotas(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("the folder has %v", files)
	}
}
