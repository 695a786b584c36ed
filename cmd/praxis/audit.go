package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/audit"
	"praxis/domain/es"
)

func newAudit(s *settings) *cobra.Command {
	parent := &cobra.Command{
		Use: "audit", Short: "Read the log as an auditor", Args: exactArgs(0), RunE: help,
	}
	parent.AddCommand(newAuditHistory(s), newAuditInvariants(s))
	return parent
}

const historyHelp = `Print who did what when and why, from the log alone.

A stream is named {category}-{group}+{entity}: group-G, chart-G+CHART,
invoice-G+CHART.CLINICIAN, invoiceSeries-G+CLINICIAN, bookingCalendar-G+CLINICIAN,
bookingPolicy-G, accessLog-G+YYYYMMDD, membershipClaim-ACCOUNT.

This runs with the operator's rights on the machine and is meant for auditors;
members read the same history over HTTP, where it is permitted and recorded.`

func newAuditHistory(s *settings) *cobra.Command {
	var withData bool
	c := &cobra.Command{
		Use: "history STREAM", Short: "Print the history of one stream", Long: historyHelp, Args: exactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(c, func(i *installation) error {
				rows, err := audit.History(c.Context(), i.store, i.registry, es.Stream(args[0]), withData)
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), rows)
				}
				printHistory(c.OutOrStdout(), rows, withData)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&withData, "data", false, "print what each event says, too (may be personal data)")
	return c
}

func printHistory(w io.Writer, rows []audit.Entry, withData bool) {
	header := []string{"rev", "when (UTC)", "who", "role", "did", "what happened", "why", "allowed by"}
	if withData {
		header = append(header, "data")
	}
	t := newTable(w, header...)
	for _, r := range rows {
		row := table.Row{r.Revision, r.OccurredAt.Format("2006-01-02 15:04:05"), r.Actor, r.Role, r.Command, r.Event, r.Reason, r.Decision}
		if withData {
			row = append(row, string(r.Data))
		}
		t.AppendRow(row)
	}
	t.Render()
	fmt.Fprintf(w, "%d events.\n", len(rows))
}
