package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/conformance"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/fault"
)

func newEventStore(s *settings) *cobra.Command {
	return parent("eventstore", "Look after the event store", "", newEventStoreCheck(s), newEventStoreGrant(s), newEventStoreCopy(s), newEventStoreBackup(s), newEventStoreUnpack(s))
}

const eventStoreGrantHelp = `Give a user of an EventStoreDB the right to read $all, which Praxis needs to follow
the log; only administrators have it by themselves. No other user loses it. The
connection string in EVENTSTOREDB_URL must be an administrator's for this one
command; Praxis itself then runs as the user. docs/howto/event-store.md says how to
create one.`

func newEventStoreGrant(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "grant USER", Short: "Give a user the right to follow the log", Long: eventStoreGrantHelp, Args: exactArgs(1),
		Example: "  EVENTSTOREDB_URL='esdb://admin:…@es.example:2113?tlsCaFile=/etc/es/ca.crt' praxis eventstore grant praxis",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) error {
			if !cfg.EventStoreURL.IsSet() {
				return fault.New(fault.Invalid, "event_store_not_named", "EVENTSTOREDB_URL names no server. The embedded node has no users and needs no rights.")
			}
			store, err := eventstore.Open(eventstore.Config{URL: cfg.EventStoreURL.Reveal()})
			if err != nil {
				return err
			}
			defer store.Close()
			already, err := store.GrantRead(c.Context(), args[0])
			if err != nil {
				return err
			}
			return answer(s, c, map[string]any{"user": args[0], "changed": !already}, func(w io.Writer, _ map[string]any) {
				fmt.Fprintln(w, args[0], map[bool]string{true: "may read $all already.", false: "may read $all now."}[already])
			})
		}),
	}
}

const eventStoreCheckHelp = `Hold an event store to everything that Praxis relies on, check by check, and say
whether it is fit: exact revisions, repeated appends, order, reads, subscriptions
and their checkpoints.

The server is URL, or else EVENTSTOREDB_URL. Give a password in EVENTSTOREDB_URL
rather than on the command line, where every user of the machine can see it. With
neither, a fresh embedded node is checked on the disk of PRAXIS_DATA_DIR, beside
whatever runs there, and removed again.

The checks read and write only streams of their own, whose names begin with
` + conformance.Prefix + `. A server keeps them, about 12,000 small events, because nothing is
ever deleted by Praxis; its operator may delete these streams with the server's
own tools.

Exit codes: 0 fit; 5 a check failed; 7 the server cannot be reached.`

func newEventStoreCheck(s *settings) *cobra.Command {
	var patience time.Duration
	c := &cobra.Command{
		Use: "check [URL]", Short: "Check whether an event store is fit for Praxis", Long: eventStoreCheckHelp,
		Args:    asUsage(cobra.MaximumNArgs(1)),
		Example: "  praxis eventstore check 'esdb://127.0.0.1:2113?tls=false'",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) (err error) {
			target := eventstore.Config{URL: cfg.EventStoreURL.Reveal()}
			if len(args) == 1 {
				target.URL = args[0]
			}
			if target.URL == "" {
				var remove func() error
				if target.Socket, remove, err = throwAwayNode(cfg); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, remove()) }()
			}
			return s.checkEventStore(c, target, patience)
		}),
	}
	c.Flags().DurationVar(&patience, "patience", 2*time.Minute, "how long one check may take")
	return c
}

// checkEventStore makes sure that the store can be reached at all, runs the
// checks and prints their results.
func (s *settings) checkEventStore(c *cobra.Command, target eventstore.Config, patience time.Duration) error {
	if err := reach(c.Context(), target); err != nil {
		return err
	}
	plan := conformance.Plan{
		Open:     func() (conformance.Store, error) { return eventstore.Open(target) },
		Patience: patience, Clock: now,
	}
	done, total := 0, len(conformance.Checks())
	if w := c.ErrOrStderr(); isTerminal(w) {
		plan.Progress = func(r conformance.Row) {
			done++
			fmt.Fprintf(w, "\r\x1b[K%d of %d: %s", done, total, r.Check)
		}
		defer fmt.Fprint(w, "\r\x1b[K")
	}
	report, err := conformance.Run(c.Context(), plan)
	if err != nil {
		return err
	}
	if err := answer(s, c, storeReport{report.Failed() == 0, conformance.Prefix, report}, func(w io.Writer, r storeReport) {
		r.print(w, target.Socket != "")
	}); err != nil {
		return err
	}
	if n := report.Failed(); n > 0 {
		return fault.New(fault.Rejected, "event_store_unfit", "The event store is not fit for Praxis: %d of %d checks failed. What each saw is in the report.", n, total)
	}
	return nil
}

// reach fails where no check could succeed, with the fault that says why.
func reach(ctx context.Context, target eventstore.Config) error {
	store, err := eventstore.Open(target)
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Ping(ctx)
}

// storeReport is what the checks of an event store found.
type storeReport struct {
	Fit    bool   `json:"fit"`
	Prefix string `json:"streamPrefix"`
	conformance.Report
}

// shortened is the beginning of a text that says the same again and again; --json has all.
func shortened(failure string) string {
	const most = 300
	if runes := []rune(failure); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return failure
}

func (r storeReport) print(w io.Writer, thrownAway bool) {
	dropped := 0
	printTable(w, table.Row{"what must hold", "holds", "took", "seen instead"}, r.Rows, func(row conformance.Row) table.Row {
		dropped += row.Dropped
		return table.Row{row.Check, map[bool]string{true: "yes", false: "NO"}[row.Passed], row.Took.Round(time.Millisecond), shortened(row.Failure)}
	})
	if dropped > 0 {
		fmt.Fprintf(w, "The store dropped subscriptions as too slow %d times; each was resumed, as Praxis resumes its own.\n", dropped)
	}
	left := fmt.Sprintf("They left %d events in %d streams, named %s….", r.Events, r.Streams, r.Prefix)
	if thrownAway {
		left = "The embedded node they ran on and its log are removed again."
	}
	fmt.Fprintf(w, "%d of %d checks passed. %s\n", len(r.Rows)-r.Failed(), len(r.Rows), left)
}

// throwAwayNode starts an embedded node with an empty log on the disk of the
// data directory. remove stops it and deletes its files.
func throwAwayNode(cfg config.Config) (socket string, remove func() error, err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return "", nil, fmt.Errorf("data directory: %w", err)
	}
	dir, err := os.MkdirTemp(cfg.DataDir, "check-")
	if err != nil {
		return "", nil, fmt.Errorf("data directory: %w", err)
	}
	node, err := eventnode.Open(eventnode.Config{Dir: dir})
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("embedded event node: %w", err), os.RemoveAll(dir))
	}
	return node.Address(), func() error {
		return errors.Join(within(cfg.ShutdownTimeout, node.Close), os.RemoveAll(dir))
	}, nil
}
