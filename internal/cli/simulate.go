package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
)

func (c Command) simulateCommand() *cobra.Command {
	var file, listen, fromRun, out string
	var anywhere bool
	cmd := &cobra.Command{
		Use: "simulate", Short: "Serve the simulated account on a loopback port, for any AWS client", Args: cobra.NoArgs,
		Long: `Serves the simulated account for any AWS client, and prints the environment lines
that lead clients there. A browser shows at the same address how full each limit
is; /_loadline/state has the same as JSON. SIGHUP reads the account file again.

With --from-run, writes an account file out of the quotas and models in the
record of a run instead, so that the account can be rehearsed.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if fromRun != "" {
				if file != "" || cmd.Flags().Changed("listen") || anywhere {
					return errors.New("--from-run writes an account file and serves nothing: leave out --account, --listen and --listen-anywhere")
				}
				return c.accountFromRun(fromRun, out)
			}
			if out != "" {
				return errors.New("--out belongs to --from-run")
			}
			t := target{simulate: builtIn}
			if file != "" {
				t.simulate = file
			}
			name, parsed, err := t.account("")
			if err != nil {
				return err
			}
			if err := loopback(listen); err != nil && !anywhere {
				return err
			}
			l, err := net.Listen("tcp", listen)
			if err != nil {
				return failure{record.ExitEnvironment, err}
			}
			// Only here does SIGHUP mean something else than the end.
			hangups := make(chan os.Signal, 1)
			signal.Notify(hangups, syscall.SIGHUP)
			defer signal.Stop(hangups)
			fmt.Fprintf(c.Stdout, `# Simulated account %s (%s). Paste these lines into a shell; Ctrl-C here ends it.
# How full it is, for a browser: http://%[3]s/
export AWS_ENDPOINT_URL=http://%[3]s
export AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s
export AWS_EC2_METADATA_DISABLED=true
%[5]s`, parsed.ID, record.CleanLine(name), l.Addr(), parsed.Region, credentialLines(parsed.Credentials()))
			return c.serveUntil(cmd.Context(), l, parsed, t, hangups)
		},
	}
	cmd.Flags().StringVar(&file, "account", "", "account file (default: a built-in account)")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&anywhere, "listen-anywhere", false, "allow an address that other machines can reach")
	cmd.Flags().StringVar(&fromRun, "from-run", "", "write an account file out of the record in the run folder `DIR`, and serve nothing")
	cmd.Flags().StringVar(&out, "out", "", "with --from-run: the `FILE` to write (default: stdout)")
	return cmd
}

// credentialLines let a shell call with the credentials, and with no others.
func credentialLines(k sim.Credentials) string {
	var export, unset []string
	for _, v := range []struct{ name, value string }{
		{"AWS_ACCESS_KEY_ID", k.AccessKey}, {"AWS_SECRET_ACCESS_KEY", k.SecretKey}, {"AWS_SESSION_TOKEN", k.SessionToken},
		{"AWS_PROFILE", ""}, {"AWS_BEARER_TOKEN_BEDROCK", k.BearerKey},
	} {
		if v.value == "" {
			unset = append(unset, v.name)
		} else {
			export = append(export, v.name+"="+shellWord(v.value))
		}
	}
	return "export " + strings.Join(export, " ") + "\nunset " + strings.Join(unset, " ") + "\n"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// shellWord quotes a text that a shell would not take as it is.
func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// loopback refuses an address that other machines could reach: the simulated
// account asks nobody for a password.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", address, err)
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || host == "localhost" {
		return nil
	}
	return fmt.Errorf("--listen %s: other machines could reach this address; use 127.0.0.1, or say --listen-anywhere", address)
}

// serveUntil serves until the context is done. At each hangup it reads the
// account file again.
func (c Command) serveUntil(ctx context.Context, l net.Listener, account *sim.Account, t target, hangups <-chan os.Signal) error {
	server := sim.New(account)
	s := sim.Serve(l, server)
	for {
		select {
		case <-s.Done():
			return failure{record.ExitEnvironment, s.Shutdown(ctx)}
		case <-ctx.Done():
			shutdown(ctx, s)
			return nil
		case <-hangups:
			c.reload(server, t)
		}
	}
}

// reload puts the account as the file has it now in the place of the present
// one. Where that can not be done, the reason is told and nothing changes.
func (c Command) reload(server *sim.Server, t target) {
	if t.simulate == builtIn {
		fmt.Fprintln(c.Stderr, "SIGHUP: the account is built in; there is no file to read again")
		return
	}
	name, parsed, err := t.account("")
	if err != nil {
		fmt.Fprintf(c.Stderr, "SIGHUP: %s\nthe account stays as it was\n", record.Clean(err.Error()))
		return
	}
	server.Reload(parsed)
	fmt.Fprintf(c.Stderr, "SIGHUP: %s was read again; limits start full, counts and metrics go on\n", record.CleanLine(name))
}
