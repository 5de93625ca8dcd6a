package cli

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/loadline-dev/loadline/internal/sim"
	"github.com/loadline-dev/loadline/record"
)

func (c Command) simulateCommand() *cobra.Command {
	var file, listen string
	var anywhere bool
	cmd := &cobra.Command{
		Use: "simulate", Short: "Serve the simulated account on a loopback port, for any AWS client", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
			fmt.Fprintf(c.Stdout, `# Simulated account %s (%s). Paste these lines into a shell; Ctrl-C here ends it.
export AWS_ENDPOINT_URL=http://%s
export AWS_REGION=%s
export AWS_ACCESS_KEY_ID=SIMULATED AWS_SECRET_ACCESS_KEY=simulated-secret
export AWS_EC2_METADATA_DISABLED=true
unset AWS_SESSION_TOKEN AWS_PROFILE AWS_BEARER_TOKEN_BEDROCK
`, parsed.ID, record.CleanLine(name), l.Addr(), parsed.Region)
			if c.Serving != nil {
				c.Serving(l.Addr())
			}
			return serveUntil(cmd.Context(), l, parsed)
		},
	}
	cmd.Flags().StringVar(&file, "account", "", "account file (default: a built-in account)")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&anywhere, "listen-anywhere", false, "allow an address that other machines can reach")
	return cmd
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

func serveUntil(ctx context.Context, l net.Listener, account *sim.Account) error {
	s := sim.Serve(l, sim.New(account))
	select {
	case <-s.Done():
		return failure{record.ExitEnvironment, s.Shutdown(ctx)}
	case <-ctx.Done():
		shutdown(ctx, s)
		return nil
	}
}
