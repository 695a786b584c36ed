package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/mail"
	"praxis/domain/id"
)

func newMail(s *settings) *cobra.Command {
	parent := &cobra.Command{
		Use: "mail", Short: "Look after the mails that Praxis sends", Args: exactArgs(0), RunE: help,
		Long: "Look after the outbox: invitations and notices on their way out. A server sends\nthem, through PRAXIS_SMTP_ADDRESS or as files in the data directory.",
	}
	parent.AddCommand(newMailStatus(s), newMailRetry(s))
	return parent
}

func newMailStatus(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how the outbox stands and what was given up", Args: exactArgs(0),
		Long: "Show how many mails wait, were sent, were given up and were dropped. No address is\nshown. A mail is given up at once when the mail server refuses it for good, and\notherwise after twelve attempts in about eight hours.",
		RunE: func(c *cobra.Command, _ []string) error {
			return s.with(c, func(i *installation) error {
				status, err := i.outbox().Status(c.Context())
				if err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), status)
				}
				t := newTable(c.OutOrStdout(), "held", "queued", "sending", "sent", "failed", "dropped", "uncertain", "oldest waiting")
				t.AppendRow(table.Row{
					status.Held, status.Queued, status.Sending, status.Sent, status.Failed, status.Dropped, status.Uncertain, status.Oldest.Round(time.Second),
				})
				t.Render()
				if len(status.Failures) == 0 {
					return nil
				}
				t = newTable(c.OutOrStdout(), "failed mail", "queued at", "attempts", "code")
				for _, f := range status.Failures {
					t.AppendRow(table.Row{f.ID, f.QueuedAt.Format(time.RFC3339), f.Attempts, f.Code})
				}
				t.Render()
				return nil
			})
		},
	}
}

func newMailRetry(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "retry ID", Short: "Queue a mail again that was given up", Args: exactArgs(1),
		Example: "  praxis mail retry 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e",
		RunE: func(c *cobra.Command, args []string) error {
			which, err := id.Parse[mail.ID](args[0])
			if err != nil {
				return err
			}
			return s.with(c, func(i *installation) error {
				if err := i.outbox().Retry(c.Context(), which); err != nil {
					return err
				}
				if s.json {
					return printJSON(c.OutOrStdout(), map[string]string{"mail": args[0]})
				}
				_, err := fmt.Fprintln(c.OutOrStdout(), "The mail is queued again.")
				return err
			})
		},
	}
}
