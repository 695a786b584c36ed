package main

import (
	"context"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/erasure"
	"praxis/domain/id"
)

// erasure erases what is known of people.
func (i *installation) erasure() erasure.Erasure {
	return erasure.Erasure{Engine: i.engine, Contacts: i.contacts, Outbox: i.outbox()}
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

func newContacts(s *settings) *cobra.Command {
	var account id.Account
	return parent("contacts", "Look after what is known of people",
		"Look after the names and e-mail addresses of accounts, as their sign-ins said them.\nThey are kept outside of the log, which names accounts only.",
		asking(s, &cobra.Command{
			Use: "forget ACCOUNT", Short: "Erase what is known of a person who belongs to no practice", Long: contactsForgetHelp,
			Example: "  praxis contacts forget 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e",
			PreRunE: func(_ *cobra.Command, args []string) (err error) {
				account, err = id.Parse[id.Account](args[0])
				return err
			},
		}, func(ctx context.Context, i *installation, _ []string) (forgotten, error) {
			known, err := i.erasure().Forget(ctx, erasure.Request{Account: account})
			return forgotten{account.String(), known}, err
		}, func(w io.Writer, done forgotten) {
			printTable(w, table.Row{"account", "was known"}, []forgotten{done}, func(f forgotten) table.Row {
				return table.Row{f.Account, yes(f.WasKnown)}
			})
		}),
	)
}
