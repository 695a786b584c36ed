package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/mail"
	"praxis/domain/id"
)

func newMail(s *settings) *cobra.Command {
	var which mail.ID
	return parent("mail", "Look after the mails that Praxis sends",
		"Look after the outbox: invitations and notices on their way out. A server sends\nthem, through PRAXIS_SMTP_ADDRESS or as files in the data directory.",
		asking(s, &cobra.Command{
			Use: "status", Short: "Show how the outbox stands and what was given up",
			Long: "Show how many mails wait, were sent, were given up and were dropped. No address is\nshown. A mail is given up at once when the mail server refuses it for good, and\notherwise after twelve attempts in about eight hours.",
		}, func(ctx context.Context, i *installation, _ []string) (mail.Status, error) {
			return i.outbox().Status(ctx)
		}, printMails),
		asking(s, &cobra.Command{
			Use: "retry ID", Short: "Queue a mail again that was given up",
			Example: "  praxis mail retry 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e",
			PreRunE: func(_ *cobra.Command, args []string) (err error) {
				which, err = id.Parse[mail.ID](args[0])
				return err
			},
		}, func(ctx context.Context, i *installation, args []string) (map[string]string, error) {
			return map[string]string{"mail": args[0]}, i.outbox().Retry(ctx, which)
		}, func(w io.Writer, _ map[string]string) { fmt.Fprintln(w, "The mail is queued again.") }),
	)
}

func printMails(w io.Writer, status mail.Status) {
	header := table.Row{"held", "queued", "sending", "sent", "failed", "dropped", "uncertain", "oldest waiting"}
	printTable(w, header, []mail.Status{status}, func(s mail.Status) table.Row {
		return table.Row{s.Held, s.Queued, s.Sending, s.Sent, s.Failed, s.Dropped, s.Uncertain, s.Oldest.Round(time.Second)}
	})
	if len(status.Failures) == 0 {
		return
	}
	printTable(w, table.Row{"failed mail", "queued at", "attempts", "code"}, status.Failures, func(f mail.Failed) table.Row {
		return table.Row{f.ID, f.QueuedAt.Format(time.RFC3339), f.Attempts, f.Code}
	})
}
