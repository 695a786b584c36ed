package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/domain/fault"
	skipped "praxis/domain/quarantine"
	"praxis/internal/follower"
	"praxis/projections/quarantine"
)

func newQuarantine(s *settings) *cobra.Command {
	var by, reason string
	skip := asking(s, &cobra.Command{
		Use: "skip ID", Short: "Leave an event or a timer out, on record",
		Long:    "Leave out what is parked, and go on with what waits behind it. Who decided that, and\nwhy, is an event in the log, and the read model says that it is not whole. Whatever is\nmade anew from the log leaves it out again.",
		Example: "  praxis quarantine skip 3 --by 'Pat Doe' --reason 'written by a test, no real payment'",
	}, func(ctx context.Context, i *installation, args []string) (quarantine.Entry, error) {
		e, err := i.entry(ctx, args[0])
		switch {
		case err != nil:
			return e, err
		case e.Status != quarantine.Parked:
			return e, fault.New(fault.Conflict, "already_skipped", "Entry %d was left out already, by %s.", e.ID, e.SkippedBy)
		}
		decision := skipped.EventSkipped{Follower: e.Subject, Stream: e.Stream, Revision: e.Revision, Timer: e.Timer}
		if e.Event != nil {
			decision.Event = *e.Event
		}
		if e.Timer != "" {
			decision.Group, decision.Due = *e.Group, *e.Due
		}
		if err := i.engine.Skip(ctx, by, reason, decision); err != nil {
			return e, err
		}
		return i.settled(ctx, e, func(now quarantine.Entry) bool { return now.What() != e.What() })
	}, func(w io.Writer, e quarantine.Entry) { printSettled(w, e, "left out") })
	skip.Flags().StringVar(&by, "by", "", "who decides (kept in the log)")
	skip.Flags().StringVar(&reason, "reason", "", "why, without personal data (kept in the log)")
	return parent("quarantine", "Look after events that could not be dealt with",
		"Look after what a read model or a process could not deal with: an event of a newer\nrelease, a damaged one, a defect. Its stream waits in a read model, its practice in a\nprocess; everything else goes on.",
		asking(s, &cobra.Command{Use: "list", Short: "Show what is parked and what was left out"},
			func(ctx context.Context, i *installation, _ []string) ([]quarantine.Entry, error) {
				return quarantine.List(ctx, i.pool)
			}, printQuarantine),
		asking(s, &cobra.Command{Use: "show ID", Short: "Show one entry with its cause"},
			func(ctx context.Context, i *installation, args []string) (quarantine.Entry, error) {
				return i.entry(ctx, args[0])
			}, printEntry),
		asking(s, &cobra.Command{
			Use: "retry ID", Short: "Try again, once the cause is mended",
			Long:    "Ask the server that leads to try what is parked again, and then what waits behind it,\nin order. What fails again stays parked. With all for the ID, everything is tried.",
			Example: "  praxis quarantine retry 3\n  praxis quarantine retry all",
		}, func(ctx context.Context, i *installation, args []string) ([]quarantine.Entry, error) {
			entries, err := i.entries(ctx, args[0])
			for _, e := range entries {
				err = errors.Join(err, quarantine.Retry(ctx, i.pool, e.ID))
			}
			for n, e := range entries {
				if err == nil {
					entries[n], err = i.settled(ctx, e, func(now quarantine.Entry) bool { return now.Tries > e.Tries })
				}
			}
			return entries, err
		}, func(w io.Writer, all []quarantine.Entry) {
			if len(all) == 0 {
				fmt.Fprintln(w, "Nothing is parked, so there is nothing to try again.")
			}
			for _, e := range all {
				printSettled(w, e, "dealt with")
			}
		}),
		skip,
	)
}

// entry returns the entry that an argument names.
func (i *installation) entry(ctx context.Context, arg string) (quarantine.Entry, error) {
	n, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return quarantine.Entry{}, quarantine.ErrUnknown
	}
	return quarantine.Get(ctx, i.pool, n)
}

// entries returns the entry that an argument names, or all that are parked.
func (i *installation) entries(ctx context.Context, arg string) ([]quarantine.Entry, error) {
	if arg != "all" {
		e, err := i.entry(ctx, arg)
		if err != nil {
			return nil, err
		}
		return []quarantine.Entry{e}, nil
	}
	all, err := quarantine.List(ctx, i.pool)
	return slices.DeleteFunc(all, func(e quarantine.Entry) bool { return e.Status != quarantine.Parked }), err
}

// settling is how long a command waits for the server that leads.
const settling = 10 * time.Second

// settled waits until the server that leads has done what it was asked for, and returns the
// entry as it is then; released ones are without an ID.
func (i *installation) settled(ctx context.Context, e quarantine.Entry, done func(quarantine.Entry) bool) (quarantine.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		now, err := quarantine.Get(ctx, i.pool, e.ID)
		switch {
		case fault.From(err) != nil && fault.From(err).Code == quarantine.ErrUnknown.Code:
			e.ID = 0
			return e, nil
		case err == nil && done(now):
			return now, nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return e, fault.New(fault.Unavailable, "quarantine_unsettled", "It is noted, and the server that leads has not done it yet. `praxis quarantine list` shows when it has; nothing happens while no server runs.")
		}
	}
}

func printSettled(w io.Writer, e quarantine.Entry, how string) {
	if e.ID == 0 {
		fmt.Fprintf(w, "%s of %s was %s, and everything that waited behind it was dealt with.\n", e.What(), e.Subject, how)
		return
	}
	fmt.Fprintf(w, "%s of %s is parked now, %d wait behind it: %s\n", e.What(), e.Subject, e.Waiting, why(e).Message)
}

// why reads the failure of an entry.
func why(e quarantine.Entry) follower.Failure {
	var f follower.Failure
	// What cannot be read is shown as empty.
	_ = json.Unmarshal(e.Failure, &f)
	return f
}

func printQuarantine(w io.Writer, all []quarantine.Entry) {
	if len(all) == 0 {
		fmt.Fprintln(w, "Nothing is parked and nothing was left out.")
		return
	}
	printTable(w, table.Row{"id", "status", "who", "what", "why", "waiting", "since"}, all, func(e quarantine.Entry) table.Row {
		f := why(e)
		what := f.Event
		if e.Timer != "" {
			what = "timer"
		}
		return table.Row{e.ID, e.Status, e.Subject, what, f.Code, e.Waiting, e.ParkedAt.UTC().Format("2006-01-02 15:04")}
	})
}

func printEntry(w io.Writer, e quarantine.Entry) {
	f := why(e)
	fmt.Fprintf(w, "entry      %d, %s since %s\n", e.ID, e.Status, e.ParkedAt.UTC().Format(time.RFC3339))
	fmt.Fprintf(w, "who        %s\n", e.Follower)
	fmt.Fprintf(w, "what       %s %s\n", f.Event, e.What())
	fmt.Fprintf(w, "why        %s: %s\n", f.Code, f.Message)
	if f.Cause != "" {
		fmt.Fprintf(w, "cause      %s\n", f.Cause)
	}
	fmt.Fprintf(w, "waiting    %d later events of %s\n", e.Waiting, e.Scope)
	if e.Status == quarantine.Skipped {
		fmt.Fprintf(w, "left out   %s by %s: %s\n", e.SkippedAt.UTC().Format(time.RFC3339), e.SkippedBy, e.Reason)
	}
}
