package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/domain/fault"
)

const nodeHelp = `Run the embedded event node alone, speaking the EventStoreDB protocol.

It is for one machine: development, CI, a demonstration, a small practice on one
box. Beyond loopback it demands TLS and credentials; the password comes from the
environment variable PRAXIS_NODE_PASSWORD, or from the file that
PRAXIS_NODE_PASSWORD_FILE names. Point other processes at it with
EVENTSTOREDB_URL. docs/event-node.md says what it speaks and what it refuses.`

func newNode(s *settings) *cobra.Command {
	var n eventnode.Config
	c := &cobra.Command{
		Use: "node", Short: "Run the embedded event node alone", Long: nodeHelp, Args: exactArgs(0),
		Example: "  praxis node --listen 127.0.0.1:2113 --dir ./.praxis/events",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) (err error) {
			if n.Dir == "" {
				n.Dir = nodeDir(cfg)
			}
			if n.Password, err = nodePassword(s.environ); err != nil {
				return err
			}
			n.Logger = newLogger(cfg, c.ErrOrStderr())
			node, err := eventnode.Open(n)
			if _, isLocked := errors.AsType[*engine.LockedError](err); isLocked {
				return errDataInUse.Because(err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "The event node serves %s\n", node.ConnectionString())
			<-c.Context().Done()
			return within(cfg.ShutdownTimeout, node.Close)
		}),
	}
	f := c.Flags()
	f.StringVar(&n.Listen, "listen", "127.0.0.1:2113", "TCP address to serve")
	f.StringVar(&n.Dir, "dir", "", "data directory (default: events in PRAXIS_DATA_DIR)")
	f.StringVar(&n.TLSCert, "tls-cert", "", "PEM file of the certificate")
	f.StringVar(&n.TLSKey, "tls-key", "", "PEM file of its key")
	f.StringVar(&n.Username, "user", "", "user name that clients must give")
	f.BoolVar(&n.Verify, "verify", false, "read and check the whole log before serving")
	return c
}

// nodePassword reads the node's password from the environment or a file, never
// from the command line, where every user of the machine could see it.
func nodePassword(environ []string) (string, error) {
	var fromFile string
	for _, entry := range environ {
		if value, ok := strings.CutPrefix(entry, "PRAXIS_NODE_PASSWORD="); ok {
			return value, nil
		}
		if value, ok := strings.CutPrefix(entry, "PRAXIS_NODE_PASSWORD_FILE="); ok {
			fromFile = value
		}
	}
	if fromFile == "" {
		return "", nil
	}
	raw, err := os.ReadFile(fromFile)
	if err != nil {
		return "", fault.New(fault.Invalid, "node_password_unreadable", "PRAXIS_NODE_PASSWORD_FILE names a file that cannot be read: %v.", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
