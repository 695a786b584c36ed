package main

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
)

// settings is what every subcommand shares.
type settings struct {
	environ []string
	json    bool
}

const rootHelp = `Praxis is the event-sourced core of a group practice.

Commands come in over HTTP; aggregates decide; what happened is kept in
EventStoreDB; read models in Postgres follow. With nothing configured, praxis
runs its own event node and its own Postgres in ./.praxis.

  praxis demo                    a believable practice to look at, from nothing
  praxis serve                   the server
  praxis audit history STREAM    who did what when and why
  praxis audit invariants        everything in the log that must not be
  praxis why TABLE KEY           which events made a row of a read model what it is
  praxis export roster GROUP     the roster as a file for spreadsheets
  praxis projections status      how far the read models are
  praxis projections verify      do they hold exactly the events of the log
  praxis processes status        what Praxis does by itself, and what held it up
  praxis quarantine list         events that could not be dealt with, and what waits
  praxis config check            what is configured, and what is wrong with it

Exit codes: 0 done; 1 internal error; 2 usage or invalid input; 3 not allowed;
4 not found; 5 rejected by a rule; 6 conflict; 7 something is unavailable;
8 the log breaks invariants, or a read model is not proven to hold it.`

func newRoot(environ []string) *cobra.Command {
	s := &settings{environ: environ}
	root := &cobra.Command{
		Use: "praxis", Short: "The event-sourced core of a group practice", Long: rootHelp,
		SilenceUsage: true, SilenceErrors: true,
		Args: knownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().BoolVar(&s.json, "json", false, "print JSON for programs instead of tables for people")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.AddCommand(
		newServe(s), newDemo(s), newToken(s), newNode(s), newEventStore(s), newMigrate(s), newRestore(s), newProjections(s), newProcesses(s), newQuarantine(s), newMail(s), newContacts(s), newAudit(s), newWhy(s), newExport(s),
		newConfig(s), newPostgres(s), newBench(s), newDocs(s), newVersion(s),
	)
	return root
}

// knownCommand is for commands that consist of others: it refuses one that does not exist,
// and names one that is spelled alike.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	alike := ""
	if names := c.SuggestionsFor(args[0]); len(names) > 0 {
		alike = fmt.Sprintf(" Did you mean %q?", c.CommandPath()+" "+names[0])
	}
	return fmt.Errorf("%w: unknown command: there is no command %q.%s See %s --help", errUsage, args[0], alike, c.CommandPath())
}

// knownHelp is knownCommand for a command line that asks for help, which is given before
// arguments are looked at.
func knownHelp(root *cobra.Command, args []string) error {
	if !slices.Contains(args, "--help") && !slices.Contains(args, "-h") || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return nil
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	c, rest, err := root.Find(args)
	if err != nil || !c.HasSubCommands() {
		return err
	}
	return knownCommand(c, slices.DeleteFunc(slices.Clone(rest), func(arg string) bool { return strings.HasPrefix(arg, "-") }))
}

// exactArgs is cobra.ExactArgs with our exit code.
func exactArgs(n int) cobra.PositionalArgs { return asUsage(cobra.ExactArgs(n)) }

// asUsage has wrong arguments counted as errors of usage.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return fmt.Errorf("%w: %w; see %s --help", errUsage, err, c.CommandPath())
		}
		return nil
	}
}

// newLogger makes the logger that the configuration asks for.
func newLogger(c config.Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
