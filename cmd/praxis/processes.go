package main

import (
	"context"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/commands/process"
)

func newProcesses(s *settings) *cobra.Command {
	return parent("processes", "Look after what Praxis does by itself",
		"Look after the processes: what Praxis does by itself, because something happened\nor because its time has come. A server runs them.",
		asking(s, &cobra.Command{Use: "status", Short: "Show how far every process is"},
			func(ctx context.Context, i *installation, _ []string) ([]process.Status, error) {
				i.warn(ctx, "No process does anything", i.processes.Members())
				return i.processes.Status(ctx)
			},
			printProcesses),
		asking(s, &cobra.Command{
			Use: "refusals NAME", Short: "Show the latest commands of a process that a rule refused",
			Example: "  praxis processes refusals removals",
		}, func(ctx context.Context, i *installation, args []string) ([]process.Refusal, error) {
			return i.processes.Refusals(ctx, args[0])
		}, printRefusals),
	)
}

func printProcesses(w io.Writer, all []process.Status) {
	header := table.Row{"process", "position", "accepted", "refused", "timers", "next due", "oldest unseen", "quarantine"}
	printTable(w, header, all, func(p process.Status) table.Row {
		due := ""
		if p.NextDue != nil {
			due = p.NextDue.Format(time.RFC3339)
		}
		return table.Row{p.Name, p.Position, p.Accepted, p.Refused, p.Timers, due, unseen(p.Lag, p.LagUnknown), missing(int(p.Parked), int(p.Skipped))}
	})
}

func printRefusals(w io.Writer, all []process.Refusal) {
	printTable(w, table.Row{"at", "group", "command", "cause", "code"}, all, func(r process.Refusal) table.Row {
		return table.Row{r.At.Format(time.RFC3339), r.Group, r.Name, r.Cause, r.Code}
	})
}
