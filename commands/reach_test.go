package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// A ledger of one's own is no way into a chart that one may not open: a charge, a
// payment, an invoice and a correction are refused like those for a chart that does
// not exist, in the same words and with the same record.
func TestFoundP1_OnesOwnLedgerIsNoWayIntoAChart(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: bob.member, Capability: access.BillingManage, Scope: access.ScopeOwn})
	require.NoError(t, err)
	anns, bobs := p.patient(ann), p.patient(bob)
	ledger := func(c id.Chart) invoice.LedgerID {
		return invoice.LedgerID{Group: p.group, Chart: c, Clinician: bob.member}
	}
	payment := invoice.RecordPayment{Payment: id.New[id.Payment](), Amount: usd(100), Method: "cash", ReceivedOn: civil.MustDate("2026-04-10")}
	for name, try := range map[string]func(id.Chart) error{
		"charge": func(c id.Chart) error {
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(bob), ledger(c), p.charge())
			return err
		},
		"payment": func(c id.Chart) error {
			_, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(bob), ledger(c), payment)
			return err
		},
		"rehearsal of a payment": func(c id.Chart) error {
			_, err := commands.RecordPayment.Give(t.Context(), p.engine, dry(p.by(bob)), ledger(c), payment)
			return err
		},
		"issue": func(c id.Chart) error {
			_, err := commands.IssueInvoice.Give(t.Context(), p.engine, p.by(bob), ledger(c), invoice.IssueInvoice{Invoice: id.New[id.Invoice]()})
			return err
		},
		"discard": func(c id.Chart) error {
			_, err := commands.DiscardDraft.Give(t.Context(), p.engine, p.by(bob), ledger(c), invoice.DiscardDraft{Invoice: id.New[id.Invoice]()})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			appended := func(c id.Chart) (*fault.Error, uint64) {
				before := p.length()
				err := try(c)
				requireFault(t, err, "chart_not_found")
				return fault.From(err), p.length() - before
			}
			unseen, one := appended(anns)
			none, other := appended(id.New[id.Chart]())
			require.Equal(t, none, unseen)
			require.Equal(t, other, one, "one record of the refusal each")
			require.Equal(t, es.NoStream, p.revision(ledger(anns).Stream()))
		})
	}
	_, err = commands.RecordCharge.Give(t.Context(), p.engine, p.by(bob), ledger(bobs), p.charge())
	require.NoError(t, err)
}

// revision is that of a stream's last event.
func (p *practice) revision(stream es.Stream) es.Revision {
	p.t.Helper()
	at := es.NoStream
	for _, env := range p.log(stream) {
		at = env.Revision
	}
	return at
}
