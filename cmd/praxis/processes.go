package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func newProcesses(s *settings) *cobra.Command {
	parent := &cobra.Command{
		Use: "processes", Short: "Look after what Praxis does by itself", Args: exactArgs(0), RunE: help,
		Long: "Look after the processes: what Praxis does by itself, because something happened\nor because its time has come. A server runs them.",
	}
	parent.AddCommand(newProcessesStatus(s), newProcessesRefusals(s), newProcessesResume(s))
	return parent
}

func newProcessesStatus(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how far every process is", Args: exactArgs(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return s.with(c, func(i *installation) error {
				all, err := i.processes.Status(c.Context())
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), all)
				}
				t := newTable(c.OutOrStdout(), "process", "state", "position", "accepted", "refused", "timers", "next due", "oldest unseen", "failure")
				for _, p := range all {
					due, failure := "", ""
					if p.NextDue != nil {
						due = p.NextDue.Format(time.RFC3339)
					}
					if p.Failure != nil {
						failure = p.Failure.String()
					}
					t.AppendRow(table.Row{p.Name, p.State, p.Position, p.Accepted, p.Refused, p.Timers, due, unseen(p.Lag, p.LagUnknown), failure})
				}
				t.Render()
				return nil
			})
		},
	}
}

func newProcessesRefusals(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "refusals NAME", Short: "Show the latest commands of a process that a rule refused", Args: exactArgs(1),
		Example: "  praxis processes refusals removals",
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(c, func(i *installation) error {
				all, err := i.processes.Refusals(c.Context(), args[0])
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), all)
				}
				t := newTable(c.OutOrStdout(), "at", "group", "command", "cause", "code")
				for _, r := range all {
					t.AppendRow(table.Row{r.At.Format(time.RFC3339), r.Group, r.Name, r.Cause, r.Code})
				}
				t.Render()
				return nil
			})
		},
	}
}

func newProcessesResume(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "resume NAME", Short: "Let a stopped process try again", Args: exactArgs(1),
		Long: "Let a process that was stopped by a failure try its next event or timer again,\nonce what stopped it is mended. It never skips one.",
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(c, func(i *installation) error {
				if err := i.processes.Resume(c.Context(), args[0]); err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), map[string]string{"process": args[0]})
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s goes on.\n", args[0])
				return err
			})
		},
	}
}
