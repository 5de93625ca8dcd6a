package sim

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// startMoto runs moto's server, another simulation of AWS, on a free port of the
// loopback, and ends it with the test. Without moto the test is skipped.
func startMoto(t *testing.T) (endpoint string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3: with it and `pip install 'moto[server]'` the statistics are compared with moto's")
	}
	look, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(look, python, "-c", "import moto.server, flask").CombinedOutput(); err != nil {
		t.Skipf("moto's server can not be imported (%v, %s): `pip install 'moto[server]'` would bring it", err, bytes.TrimSpace(out))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close() // moto takes it over
	var log bytes.Buffer
	server := exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	server.Stdout, server.Stderr = &log, &log
	server.WaitDelay = 5 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		server.Process.Kill()
		<-ended
	})
	awaitMoto(t, address, ended, &log)
	return "http://" + address + "/"
}

// awaitMoto waits until the server accepts connections, half a minute at most.
func awaitMoto(t *testing.T, address string, ended chan error, log *bytes.Buffer) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("moto's server ended: %v\n%s", err, log)
		case <-deadline:
			t.Skip("moto's server did not answer within half a minute: on a faster machine the statistics are compared with moto's")
		case <-tick.C:
		}
	}
}

// askMoto sends a query form to moto, which does not know CBOR. The signature's
// scope is all that it reads of a signature.
func askMoto(t *testing.T, endpoint string, form url.Values) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "POST", endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDSIMULATED/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0")
	r.Close = true
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != 200 {
		t.Fatalf("moto answered %s %s, %v", reply.Status, body, err)
	}
	return body
}

// The five plain statistics are those of another simulation, for data at whole
// minutes and windows that begin where a period does. Both get the same request
// and their XML is read alike.
func TestStatisticsAgreeWithMoto(t *testing.T) {
	moto := startMoto(t)
	c := newClients(t, "models: [{id: m}]")
	start := time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour)
	r := rand.New(rand.NewPCG(7, 7))
	put := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/Bedrock"}}
	samples := 0
	for minute := range 60 {
		at := start.Add(time.Duration(minute) * time.Minute)
		for range r.IntN(6) { // some minutes are quiet
			value := float64(r.IntN(100_000)) / 8
			c.server.metrics.at(series{modelID: "m"}, minuteOf(at))[latency].add(value)
			samples++
			member := fmt.Sprintf("MetricData.member.%d.", samples)
			for name, text := range map[string]string{
				"MetricName": "InvocationLatency", "Dimensions.member.1.Name": "ModelId", "Dimensions.member.1.Value": "m",
				"Unit": "Milliseconds", "Timestamp": at.Format(time.RFC3339), "Value": fmt.Sprint(value),
			} {
				put.Set(member+name, text)
			}
		}
	}
	if samples < 100 {
		t.Fatalf("only %d samples", samples)
	}
	askMoto(t, moto, put)
	for _, period := range []int{60, 120, 300, 900, 3600} {
		form := url.Values{
			"Action": {"GetMetricStatistics"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/Bedrock"}, "MetricName": {"InvocationLatency"},
			"Dimensions.member.1.Name": {"ModelId"}, "Dimensions.member.1.Value": {"m"}, "Period": {fmt.Sprint(period)},
			"StartTime": {start.Format(time.RFC3339)}, "EndTime": {start.Add(time.Hour).Format(time.RFC3339)},
		}
		for i, name := range []string{"Sum", "Average", "Minimum", "Maximum", "SampleCount"} {
			form.Set(fmt.Sprintf("Statistics.member.%d", i+1), name)
		}
		ours := send(c.server, "POST", "/", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		want, got := plainStatistics(t, askMoto(t, moto, form)), plainStatistics(t, ours.body.Bytes())
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("a period of %d s: %d points\n%q\nmoto gives %d\n%q", period, len(got), got, len(want), want)
		}
	}
}

// plainStatistics are the points of a reply in the order of time.
func plainStatistics(t *testing.T, reply []byte) (all []string) {
	t.Helper()
	var out struct {
		Points []struct {
			Timestamp                                   time.Time
			Sum, Average, Minimum, Maximum, SampleCount float64
			Unit                                        string
		} `xml:"GetMetricStatisticsResult>Datapoints>member"`
	}
	if err := xml.Unmarshal(reply, &out); err != nil {
		t.Fatalf("%s: %v", reply, err)
	}
	for _, p := range out.Points {
		all = append(all, fmt.Sprintf("%s sum %.6f average %.6f from %.6f to %.6f of %v %s",
			p.Timestamp.UTC().Format(time.TimeOnly), p.Sum, p.Average, p.Minimum, p.Maximum, p.SampleCount, p.Unit))
	}
	slices.Sort(all)
	return all
}
