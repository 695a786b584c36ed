package main

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/erasure"
	"praxis/domain/id"
)

// erasure erases what is known of people.
func (i *installation) erasure() erasure.Erasure {
	return erasure.Erasure{Engine: i.engine, Contacts: i.contacts, Notifier: i.post}
}

func newContacts(s *settings) *cobra.Command {
	parent := &cobra.Command{
		Use: "contacts", Short: "Look after what is known of people", Args: exactArgs(0), RunE: help,
		Long: "Look after the names and e-mail addresses of accounts, as their sign-ins said them.\nThey are kept outside of the log, which names accounts only.",
	}
	parent.AddCommand(newContactsForget(s))
	return parent
}

const contactsForgetHelp = `Erase the name and the e-mail address that are known of an account, by its id.

Only of who left every practice or never joined one: a member has to leave first
(membership_active), an open invitation has to end (invitation_open). When the
person signs in again, both are known again; to a server that is running at this
moment, with their first request an hour after their last one was noted.`

// forgotten is the result of a request to forget somebody.
type forgotten struct {
	Account string `json:"account"`
	// WasKnown reports whether there was anything to erase.
	WasKnown bool `json:"wasKnown"`
}

func newContactsForget(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "forget ACCOUNT", Short: "Erase what is known of a person who belongs to no practice", Long: contactsForgetHelp, Args: exactArgs(1),
		Example: "  praxis contacts forget 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e",
		RunE: func(c *cobra.Command, args []string) error {
			account, err := id.Parse[id.Account](args[0])
			if err != nil {
				return err
			}
			return s.with(c, func(i *installation) error {
				known, err := i.erasure().Forget(c.Context(), erasure.Request{Account: account})
				if err != nil {
					return err
				}
				done := forgotten{account.String(), known}
				if s.json {
					return printJSON(c.OutOrStdout(), done)
				}
				t := newTable(c.OutOrStdout(), "account", "was known")
				t.AppendRow(table.Row{done.Account, yes(done.WasKnown)})
				t.Render()
				return nil
			})
		},
	}
}
