package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/projections"
)

func newProjections(s *settings) *cobra.Command {
	return parent("projections", "Look after the read models",
		"Look after the read models in Postgres. They are made from the log alone and can\nbe rebuilt at any time, beside a running server.",
		asking(s, &cobra.Command{Use: "status", Short: "Show how far every read model is"},
			func(ctx context.Context, i *installation, _ []string) ([]projections.Status, error) {
				return i.runner.Status(ctx)
			},
			printProjections),
		asking(s, &cobra.Command{
			Use: "rebuild NAME", Short: "Drop and refill one read model from the log",
			Long:    "Drop the rows of one read model and refill them from the log. While that runs,\nqueries of this read model show what has been refilled so far. Killed, it goes\non where it was when started again. Nothing else happens: projectors only write\nrows.",
			Example: "  praxis projections rebuild roster",
		}, s.rebuild, func(w io.Writer, done map[string]any) {
			fmt.Fprintf(w, "%s is rebuilt from %d events, up to position %s.\n", done["projection"], done["events"], done["position"])
		}),
		&cobra.Command{
			Use: "drop BUILD", Short: "Remove rows that no program reads any more", Args: exactArgs(1),
			Long:    "Remove a build of a read model that this program does not read, such as that of an\nearlier version once its last server is gone. praxis projections status lists them.\nA server that still follows it makes it anew from the log.",
			Example: "  praxis projections drop roster_v3",
			RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
				return i.runner.Drop(c.Context(), args[0])
			}),
		},
		&cobra.Command{
			Use: "resume NAME", Short: "Let a stopped read model try again", Args: exactArgs(1),
			Long: "Let a read model that was stopped by a failure try its next event again, once\nwhat stopped it is mended. It never skips an event.",
			RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
				return i.runner.Resume(c.Context(), args[0])
			}),
		},
	)
}

func printProjections(w io.Writer, all []projections.Status) {
	header := table.Row{"projection", "build", "state", "position", "events", "lag", "oldest unseen", "failure"}
	printTable(w, header, all, func(p projections.Status) table.Row {
		failure := ""
		if p.Failure != nil {
			failure = p.Failure.String()
		}
		return table.Row{p.Name, p.Build, p.State, p.Position, p.EventsApplied, lag(p), unseen(p.Lag, p.LagUnknown), failure}
	})
}

func lag(p projections.Status) string {
	switch {
	case p.LagUnknown:
		return "unknown"
	case p.LagCapped:
		return fmt.Sprintf("%d or more", p.LagEvents)
	}
	return fmt.Sprint(p.LagEvents)
}

// unseen says how old the oldest event is that was not seen.
func unseen(age time.Duration, unknown bool) string {
	if unknown {
		return "unknown"
	}
	return age.Round(time.Millisecond).String()
}

// rebuild refills a read model and shows how far it is.
func (s *settings) rebuild(ctx context.Context, i *installation, args []string) (map[string]any, error) {
	m := newMeter(i.progress, args[0])
	var last projections.Progress
	err := i.runner.Rebuild(ctx, args[0], func(p projections.Progress) {
		last = p
		if !s.json {
			m.show(p.Fraction, p.EventsDone, p.Rate, p.ETA)
		}
	})
	m.end()
	return map[string]any{"projection": args[0], "events": last.EventsDone, "position": last.Position.String()}, err
}
