package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/devissuer"
	"praxis/cmd/praxis/demo"
	"praxis/domain/fault"
)

func newToken(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "token NAME", Short: "Print a sign-in token of the development issuer", Args: exactArgs(1),
		Long:    "Print a bearer token with which one of the demo's people signs in. It is signed\nwith the development issuer's key in the data directory, holds for twelve hours,\nand is worth nothing to a server that trusts another issuer. The server is found in\nthe data directory, whatever its address. Asking for it counts\nas signing in: what needs a fresh sign-in (step_up_auth_required) takes it for ten\nminutes, and then wants a new one.",
		Example: "  olivia=$(praxis token olivia)",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) error {
			if !cfg.UsesDevelopmentIssuer() {
				return errNoDevelopmentIssuer
			}
			running, err := runningServer(cfg.DataDir)
			if err != nil {
				return err
			}
			if running.URL != "" {
				if running.Audience == "" {
					return errNoDevelopmentIssuer
				}
				cfg.OIDCAudience = running.Audience
			}
			// A key that is made here would be one that no server trusts.
			if _, err := os.Stat(keyFile(cfg)); errors.Is(err, fs.ErrNotExist) {
				if slices.ContainsFunc(demo.People(), func(p demo.Person) bool { return p.Subject == args[0] }) {
					return errNoData(cfg)
				}
				return devissuer.ErrPersonUnknown
			}
			issuer, err := newIssuer(cfg)
			if err != nil {
				return err
			}
			token, err := issuer.Token(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token)
			return err
		}),
	}
}

var errNoDevelopmentIssuer = fault.New(fault.Rejected, "no_development_issuer", "This installation trusts another issuer (PRAXIS_OIDC_ISSUER). Sign in there.")
