package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/projections"
)

func newProjections(s *settings) *cobra.Command {
	parent := &cobra.Command{
		Use: "projections", Short: "Look after the read models", Args: exactArgs(0), RunE: help,
		Long: "Look after the read models in Postgres. They are made from the log alone and can\nbe rebuilt at any time, beside a running server.",
	}
	parent.AddCommand(newProjectionsStatus(s), newProjectionsRebuild(s), newProjectionsResume(s))
	return parent
}

func newProjectionsStatus(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how far every read model is", Args: exactArgs(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return s.with(c, func(i *installation) error {
				all, err := i.runner.Status(c.Context())
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), all)
				}
				t := newTable(c.OutOrStdout(), "projection", "state", "position", "events", "lag", "oldest unseen", "failure")
				for _, p := range all {
					t.AppendRow(table.Row{p.Name, p.State, p.Position, p.EventsApplied, lag(p), unseen(p.Lag, p.LagUnknown), failure(p)})
				}
				t.Render()
				return nil
			})
		},
	}
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

func failure(p projections.Status) string {
	if p.Failure == nil {
		return ""
	}
	return p.Failure.String()
}

func newProjectionsRebuild(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "rebuild NAME", Short: "Drop and refill one read model from the log", Args: exactArgs(1),
		Long:    "Drop the rows of one read model and refill them from the log. While that runs,\nqueries of this read model show what has been refilled so far. Killed, it goes\non where it was when started again. Nothing else happens: projectors only write\nrows.",
		Example: "  praxis projections rebuild roster",
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(c, func(i *installation) error {
				m := newMeter(c.ErrOrStderr(), args[0])
				var last projections.Progress
				err := i.runner.Rebuild(c.Context(), args[0], func(p projections.Progress) {
					last = p
					if !s.json {
						m.show(p.Fraction, p.EventsDone, p.Rate, p.ETA)
					}
				})
				m.end()
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), map[string]any{"projection": args[0], "events": last.EventsDone, "position": last.Position.String()})
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s is rebuilt from %d events, up to position %s.\n", args[0], last.EventsDone, last.Position)
				return err
			})
		},
	}
}

func newProjectionsResume(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "resume NAME", Short: "Let a stopped read model try again", Args: exactArgs(1),
		Long: "Let a read model that was stopped by a failure try its next event again, once\nwhat stopped it is mended. It never skips an event.",
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(c, func(i *installation) error { return i.runner.Resume(c.Context(), args[0]) })
		},
	}
}
