package cloud_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// clean is an environment with no word about AWS but those that are given.
func clean(t *testing.T, words map[string]string) {
	t.Helper()
	for _, word := range os.Environ() {
		if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // so that it is put back
			os.Unsetenv(name)
		}
	}
	nothing := filepath.Join(t.TempDir(), "nothing")
	for name, value := range map[string]string{"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1"} {
		t.Setenv(name, value)
	}
	for name, value := range words {
		t.Setenv(name, value)
	}
}

func deployed(t *testing.T, sdk bool) *cloud.Cloud {
	t.Helper()
	c, err := cloud.New(context.Background(), cloud.Config{SDK: sdk})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var keyOf = regexp.MustCompile(`Credential=([^/]+)/`)

// Credentials that expire in the middle of a run are fetched anew, and where
// that fails, the call says so, by both paths.
func TestBothPathsRefreshCredentials(t *testing.T) {
	failed := map[string]string{}
	for name, sdk := range paths {
		var issued atomic.Int64
		var broken atomic.Bool
		vault := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if broken.Load() {
				w.WriteHeader(400)
				io.WriteString(w, `{"code":"NoRole","message":"the role is gone"}`)
				return
			}
			// Within the window in which the SDK's cache takes them for expired.
			fmt.Fprintf(w, `{"AccessKeyId":"KEY%d","SecretAccessKey":"s","Token":"TOKEN","Expiration":%q}`, issued.Add(1), time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
		}))
		var key, token string
		clean(t, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": vault, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			key, token = keyOf.FindStringSubmatch(r.Header.Get("Authorization"))[1], r.Header.Get("X-Amz-Security-Token")
			io.WriteString(w, converseReply)
		}))})
		c := deployed(t, sdk)
		for range 3 {
			before := key
			r := c.Invoke(t.Context(), ask(plugins.APIConverse))
			if want := fmt.Sprintf("KEY%d", issued.Load()); r.Outcome != record.OK || key != want || key == before || token != "TOKEN" {
				t.Errorf("%s: %+v, signed by %s, token %q, after %s; want the newest, %s", name, r, key, token, before, want)
			}
		}
		broken.Store(true)
		r := c.Invoke(t.Context(), ask(plugins.APIConverse))
		failed[name] = plain(r)
		if r.Outcome != record.ClientError || r.Code != "NoCredentials" || !strings.Contains(r.Message, "the role is gone") {
			t.Errorf("%s without credentials: %+v", name, r)
		}
	}
	if failed["lean"] != failed["sdk"] {
		t.Errorf("without credentials\nlean %s\nsdk  %s", failed["lean"], failed["sdk"])
	}
}

// With a bearer token in the environment AWS is called with it, over TLS alone,
// with the certificates that AWS_CA_BUNDLE names.
func TestBothPathsUseABearerToken(t *testing.T) {
	var seen http.Header
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		io.WriteString(w, converseReply)
	}))
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"AWS_CA_BUNDLE": bundle, "AWS_BEARER_TOKEN_BEDROCK": "a-token", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.URL, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s"}
	clean(t, words)
	headers := map[string]string{}
	for name, sdk := range paths {
		c := deployed(t, sdk)
		for range 2 {
			seen = nil
			if r := c.Invoke(t.Context(), ask(plugins.APIConverse)); r.Outcome != record.OK || seen.Get("Authorization") != "Bearer a-token" || seen.Get("X-Amz-Date") != "" {
				t.Errorf("%s: %+v with %v; want ok by the token", name, r, seen)
			}
		}
		seen.Del("Amz-Sdk-Invocation-Id")
		headers[name] = fmt.Sprint(seen)
	}
	if headers["lean"] != headers["sdk"] {
		t.Errorf("lean %s\nsdk  %s", headers["lean"], headers["sdk"])
	}
	words["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://127.0.0.1:1"
	clean(t, words)
	told := map[string]string{}
	for name, sdk := range paths {
		told[name] = plain(deployed(t, sdk).Invoke(t.Context(), ask(plugins.APIConverse)))
	}
	if told["lean"] != told["sdk"] || !strings.Contains(told["lean"], `code "NoCredentials"`) || !strings.Contains(told["lean"], "requires HTTPS") {
		t.Errorf("a token without TLS\nlean %s\nsdk  %s", told["lean"], told["sdk"])
	}
}

// What keeps a request from being sent is told alike.
func TestBothPathsFailToConnect(t *testing.T) {
	plainly := listen(t, http.NotFoundHandler())
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer untrusted.Close()
	for _, test := range []struct{ at, want string }{
		{"http://127.0.0.1:1", "connection refused"},
		{"https://" + strings.TrimPrefix(plainly, "http://"), "server gave HTTP response to HTTPS client"},
		{untrusted.URL, "certificate"},
	} {
		clean(t, map[string]string{"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": test.at, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s"})
		for _, api := range apis {
			told := map[string]string{}
			for name, sdk := range paths {
				told[name] = plain(deployed(t, sdk).Invoke(t.Context(), ask(api)))
			}
			if told["lean"] != told["sdk"] || !strings.Contains(told["lean"], test.want) || !strings.HasPrefix(told["lean"], "connection, ") {
				t.Errorf("%s at %s, want %s\nlean %s\nsdk  %s", api, test.at, test.want, told["lean"], told["sdk"])
			}
		}
	}
}

// Streams side by side on one client share nothing: the SDK's codec would be a
// data race (smithy-go, issue 714), which -race shows where it is used.
func TestStreamsSideBySide(t *testing.T) {
	for _, api := range []string{plugins.APIConverseStream, plugins.APIInvokeStream} {
		for name, sdk := range paths {
			synctest.Test(t, func(t *testing.T) {
				c := by(t, sdk, cloud.InProcess(simulated(t, "models: [{id: "+novaModel+", latency: {first_token: 10ms, per_token: 1ms}, output_tokens: {mean: 20}}]")))
				var all sync.WaitGroup
				for range 16 {
					all.Go(func() {
						for range 4 {
							if r := c.Invoke(t.Context(), ask(api)); r.Outcome != record.OK || r.Usage == nil || r.FirstToken.IsZero() {
								t.Errorf("%s by %s: %+v; want ok", api, name, r)
							}
						}
					})
				}
				all.Wait()
			})
		}
	}
}
