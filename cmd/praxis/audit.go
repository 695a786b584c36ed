package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/audit"
	"praxis/domain/es"
)

func newAudit(s *settings) *cobra.Command {
	return parent("audit", "Read the log as an auditor", "", newAuditHistory(s), newAuditInvariants(s))
}

const historyHelp = `Print who did what when and why, from the log alone: for each event a sentence
with its numbers, amounts and days, and the reason where one was given. What may
identify a patient is left out, save reasons.

A stream is named {category}-{group}+{entity}: group-G, chart-G+CHART,
invoice-G+CHART.CLINICIAN, invoiceSeries-G+CLINICIAN, bookingCalendar-G+CLINICIAN,
bookingPolicy-G, accessLog-G+YYYYMMDD, membershipClaim-ACCOUNT.

This runs with the operator's rights on the machine and is meant for auditors;
members read the same history over HTTP, where it is permitted and recorded.`

func newAuditHistory(s *settings) *cobra.Command {
	var withData bool
	c := &cobra.Command{
		Use: "history STREAM", Short: "Print the history of one stream", Long: historyHelp, Args: exactArgs(1),
		RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
			rows, err := audit.History(c.Context(), i.store, i.registry, es.Stream(args[0]), 0, withData)
			var cut *es.TruncatedError
			if errors.As(err, &cut) && cut.First != es.NoStream {
				// What is left is shown all the same; the error says that it is not all.
				var left error
				if rows, left = audit.History(c.Context(), i.store, i.registry, es.Stream(args[0]), cut.First, withData); left != nil {
					return left
				}
			} else if err != nil {
				return err
			}
			return errors.Join(err, answer(s, c, rows, func(w io.Writer, rows []audit.Entry) {
				if cut != nil {
					fmt.Fprintf(w, "Revisions 0 to %d of this stream are missing in the event store; this is the rest.\n", cut.First-1)
				}
				printHistory(w, rows, withData, min(widest, terminalWidth(c.OutOrStdout())))
			}))
		}),
	}
	c.Flags().BoolVar(&withData, "data", false, "print what each event says, too (may be personal data)")
	return c
}

// printHistory shows one row for each event; width is that of the terminal, 0 for
// output that goes elsewhere and is not wrapped.
func printHistory(w io.Writer, rows []audit.Entry, withData bool, width int) {
	header := table.Row{"rev", "when (UTC)", "who", "what", "why"}
	if withData {
		header = append(header, "data")
	}
	var cells []table.Row
	for _, r := range rows {
		row := table.Row{
			r.Revision, r.OccurredAt.Format("2006-01-02 15:04:05"), strings.TrimSpace(r.Actor + "\n" + r.Role),
			r.What + "\n" + r.Command + ", allowed by " + r.Decision, r.Reason,
		}
		if withData {
			row = append(row, string(r.Data))
		}
		cells = append(cells, row)
	}
	printRows(w, width, header, cells)
	fmt.Fprintf(w, "%d events.\n", len(rows))
}
