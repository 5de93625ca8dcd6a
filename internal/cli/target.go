package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/loadline-dev/loadline/internal/cloud"
	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/plugins"
	"github.com/loadline-dev/loadline/record"
)

// builtIn is the value of a bare --simulate.
const builtIn = "built-in"

// target holds the flags that say which account to use.
type target struct {
	simulate, profile, region string
	transport                 string // of calls that invoke: lean or sdk
	yes, fresh                bool
}

func (t *target) flags(cmd *cobra.Command, invokes bool) {
	f := cmd.Flags()
	f.StringVar(&t.simulate, "simulate", "", "use a simulated account inside this program, described by `ACCOUNT.yaml`; without a value, the account.yaml beside the scenario, or else a built-in one")
	f.Lookup("simulate").NoOptDefVal = builtIn
	f.StringVar(&t.profile, "profile", "", "AWS profile to take credentials from")
	f.StringVar(&t.region, "region", "", "AWS Region (before the scenario's own)")
	if invokes {
		f.BoolVar(&t.yes, "yes", false, "send to the real AWS without asking")
		f.StringVar(&t.transport, "transport", "lean", "how calls are sent: lean, or sdk for the AWS SDK's own client, which does the same for three times the CPU time")
	}
}

// freshFlag is for the commands that read quotas.
func (t *target) freshFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.fresh, "fresh", false, "read the list of quotas anew, not from the file that keeps it for a day")
}

// account is a target that is ready for use.
type account struct {
	*cloud.Cloud
	kind  string // aws or simulated
	where string // for people
	close func()
	// asked is how many series of CloudWatch were read, each of which AWS charges.
	asked atomic.Int64
}

func (a *account) Measure(ctx context.Context, queries []plugins.Query, w record.Window) ([]plugins.Points, error) {
	a.asked.Add(int64(len(queries)))
	return a.Cloud.Measure(ctx, queries, w)
}

// open reaches the account. beside is the scenario file, or "".
func (t *target) open(ctx context.Context, c Command, beside, region string) (*account, error) {
	if t.region != "" {
		region = t.region
	}
	if t.transport != "" && t.transport != "lean" && t.transport != "sdk" {
		return nil, fail(record.ExitUsage, "--transport %s: there are lean and sdk", t.transport)
	}
	if t.simulate != "" {
		return t.simulated(ctx, c, beside, region)
	}
	a, err := cloud.New(ctx, cloud.Config{Region: region, Profile: t.profile, Cache: c.CacheDir, Fresh: t.fresh, SDK: t.transport == "sdk"})
	if err != nil {
		return nil, failure{record.ExitEnvironment, err}
	}
	if names := cloud.Redirected(); len(names) > 0 {
		fmt.Fprintf(c.Stderr, "warning: requests for AWS go to another endpoint, by %s\n", strings.Join(names, ", "))
	}
	return &account{Cloud: a, kind: "aws", where: "AWS", close: func() {}}, nil
}

func (t *target) simulated(ctx context.Context, c Command, beside, region string) (*account, error) {
	name, parsed, err := t.account(beside)
	if err != nil {
		return nil, err
	}
	if region == "" {
		region = parsed.Region
	}
	keys := parsed.Credentials()
	if keys.BearerKey != "" {
		return nil, fail(record.ExitUsage, "%s: bearer_keys open Bedrock alone; add a row to credentials, which open the other services as well", record.CleanLine(name))
	}
	server := sim.New(parsed)
	config := cloud.Config{
		Region: region, Simulated: "http://simulated.invalid", Transport: cloud.InProcess(server),
		SDK:         t.transport == "sdk",
		Credentials: cloud.Credentials{AccessKey: keys.AccessKey, SecretKey: keys.SecretKey, SessionToken: keys.SessionToken},
	}
	stop := func() {}
	if !c.InProcess {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fail(record.ExitEnvironment, "open a loopback port for the simulated account: %w", err)
		}
		serving := sim.Serve(l, server)
		config.Simulated, config.Transport = "http://"+l.Addr().String(), nil
		stop = func() { shutdown(ctx, serving) }
	}
	a, err := cloud.New(ctx, config)
	if err != nil {
		stop()
		return nil, failure{record.ExitEnvironment, err}
	}
	return &account{Cloud: a, kind: "simulated", where: "the simulated account of " + name, close: stop}, nil
}

// shutdown ends a simulated account. A client that holds its connection open is
// cut off after a while; being told to end is no failure.
func shutdown(ctx context.Context, s *sim.Listening) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	s.Shutdown(ctx)
}

// account reads the account file: the one that is named, the one beside the
// scenario, or the built-in one.
func (t *target) account(beside string) (string, *sim.Account, error) {
	name, src := builtIn, sim.Default()
	file := t.simulate
	if file == builtIn && beside != "" {
		file = filepath.Join(filepath.Dir(beside), "account.yaml")
		if _, err := os.Stat(file); err != nil {
			file = builtIn
		}
	}
	if file != builtIn {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", nil, failure{record.ExitUsage, pathError(err)}
		}
		name, src = file, b
	}
	parsed, err := sim.Parse(name, src)
	if err != nil {
		return "", nil, fail(record.ExitUsage, "the account file has problems:\n%w", err)
	}
	return name, parsed, nil
}

// consent asks before anything is sent to the real AWS.
func (t *target) consent(c Command, what string) error {
	if t.simulate != "" || t.yes {
		return nil
	}
	in, ok := c.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return fail(record.ExitBudget, "%s; say --yes to allow it, or --simulate to use a simulated account", what)
	}
	fmt.Fprintf(c.Stderr, "%s. Go on? [y/N] ", what)
	answer, err := bufio.NewReader(in).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); err == nil && (a == "y" || a == "yes") {
		return nil
	}
	return failure{record.ExitBudget, errors.New("not sent: no consent")}
}
