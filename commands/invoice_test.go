package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// issued returns the numbers of a ledger's issued invoices in their order.
func (p *practice) issued(ledgers ...invoice.LedgerID) map[invoice.Number]id.Invoice {
	p.t.Helper()
	numbers := map[invoice.Number]id.Invoice{}
	for _, l := range ledgers {
		for _, env := range p.log(l.Stream()) {
			if e, ok := env.Event.(invoice.Issued); ok {
				require.NotContains(p.t, numbers, e.Sequence)
				numbers[e.Sequence] = e.Invoice
			}
		}
	}
	return numbers
}

func (p *practice) issue(e *commands.Engine, call commands.Call, l invoice.LedgerID, i id.Invoice) (invoice.Number, error) {
	receipt, err := commands.IssueInvoice.Give(p.ctx(), e, call, l, invoice.IssueInvoice{Invoice: i})
	if err != nil || len(receipt.Events) == 0 {
		return 0, err
	}
	return receipt.Events[0].Event.(invoice.Issued).Sequence, nil
}

func TestInvoice_FromChargeToPayment(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	i := p.draft(l)

	t.Run("a dry run of issuing shows the next number and keeps none", func(t *testing.T) {
		p.unchanged(func() {
			n, err := p.issue(p.engine, dry(p.by(p.owner)), l, i)
			require.NoError(t, err)
			require.Equal(t, invoice.Number(1), n)
		})
	})
	t.Run("BIL-A22 issuing takes the number", func(t *testing.T) {
		call := p.by(p.owner)
		first, err := commands.IssueInvoice.Give(t.Context(), p.engine, call, l, invoice.IssueInvoice{Invoice: i})
		require.NoError(t, err)
		require.Equal(t, "C1-000001", first.Events[0].Event.(invoice.Issued).Number)
		p.Pass(time.Minute)
		p.unchanged(func() {
			again, err := commands.IssueInvoice.Give(t.Context(), p.newEngine(), call, l, invoice.IssueInvoice{Invoice: i})
			require.NoError(t, err)
			answers(t, first, again)
			_, err = p.issue(p.engine, p.by(p.owner), l, i)
			requireFault(t, err, "invoice_already_issued")
		})
	})
	t.Run("BIL-A18 the payment settles it, and the rest is credit", func(t *testing.T) {
		receipt, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.RecordPayment{
			Payment: id.Derive[id.Payment]("p"), Amount: usd(120_00), Method: invoice.Cash, ReceivedOn: foundingDay,
		})
		require.NoError(t, err)
		require.Len(t, receipt.Events, 2)
		require.Equal(t, usd(100_00), receipt.Events[1].Event.(invoice.PaymentApplied).Amount)
	})
}

func TestInvoice_Intake(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	helper := p.join("helper", access.Assistant, false, p.owner.member)
	rejects := func(t *testing.T, l invoice.LedgerID, c invoice.RecordCharge, code string) {
		t.Helper()
		p.unchanged(func() {
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, c)
			requireFault(t, err, code)
		})
	}
	t.Run("money belongs to a clinician", func(t *testing.T) {
		rejects(t, invoice.LedgerID{Group: p.group, Chart: l.Chart, Clinician: helper.member}, p.charge(), "not_a_clinician")
		rejects(t, invoice.LedgerID{Group: p.group, Chart: l.Chart, Clinician: id.Derive[id.Member]("none")}, p.charge(), "not_a_clinician")
	})
	t.Run("the chart must exist", func(t *testing.T) {
		rejects(t, invoice.LedgerID{Group: p.group, Chart: id.Derive[id.Chart]("none"), Clinician: l.Clinician}, p.charge(), "chart_not_found")
	})
	t.Run("BIL-A25 the currency is the practice's", func(t *testing.T) {
		c := p.charge()
		c.UnitPrice = money.Of(100, "EUR")
		rejects(t, l, c, "currency_mismatch")
	})
	t.Run("another practice's ledger is out of reach", func(t *testing.T) {
		foreign := invoice.LedgerID{Group: id.Derive[id.Group]("other"), Chart: l.Chart, Clinician: l.Clinician}
		p.unchangedButRefusal(func() {
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), foreign, p.charge())
			requireFault(t, err, "permission_denied")
		})
		p.unchangedButRefusal(func() {
			_, err := p.issue(p.engine, p.by(p.owner), foreign, id.Derive[id.Invoice]("x"))
			requireFault(t, err, "permission_denied")
		})
	})
}

func TestInvoice_NumbersWithoutGaps(t *testing.T) {
	const parallel = 16
	p := newPractice(t)
	ledgers := []invoice.LedgerID{p.ledger(), p.ledger()}
	engines := []*commands.Engine{p.engine, p.newEngine()}
	calls, drafts := make([]commands.Call, parallel), make([]id.Invoice, parallel)
	for i := range parallel {
		calls[i], drafts[i] = p.by(p.owner), p.draft(ledgers[i/2%2])
	}
	var all errgroup.Group
	for i := range parallel {
		all.Go(func() error {
			_, err := p.issue(engines[i%2], calls[i], ledgers[i/2%2], drafts[i])
			return err
		})
	}
	require.NoError(t, all.Wait())
	numbers := p.issued(ledgers...)
	require.Len(t, numbers, parallel)
	for n := range parallel {
		require.Contains(t, numbers, invoice.Number(n+1), "BIL-A22 no gap")
	}
}

func TestInvoice_IssueBrokenOffAfterTheNumberWasKept(t *testing.T) {
	breaking := func(t *testing.T) (*practice, invoice.LedgerID, id.Invoice, commands.Call) {
		t.Helper()
		p := newPractice(t)
		l := p.ledger()
		i, call := p.draft(l), p.by(p.owner)
		p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
			if s == l.Stream() {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		_, err := p.issue(p.engine, call, l, i)
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		p.store.Mend()
		p.Pass(time.Minute)
		return p, l, i, call
	}
	series := func(p *practice) es.Stream {
		return invoice.SeriesID{Group: p.group, Clinician: p.owner.member}.Stream()
	}

	t.Run("BIL-A22 its retry finishes with the same number", func(t *testing.T) {
		p, l, i, call := breaking(t)
		require.Len(t, p.log(series(p)), 1)
		n, err := p.issue(p.newEngine(), call, l, i)
		require.NoError(t, err)
		require.Equal(t, invoice.Number(1), n)
		require.Len(t, p.log(series(p)), 1)
	})
	t.Run("BIL-A22 so does another person, and others get other numbers", func(t *testing.T) {
		p, l, i, _ := breaking(t)
		super := p.join("super", access.SuperAdmin, false)
		p.may(super, access.BillingManage, access.ScopeGroup)
		n, err := p.issue(p.newEngine(), p.by(p.owner), l, p.draft(l))
		require.NoError(t, err)
		require.Equal(t, invoice.Number(2), n)
		n, err = p.issue(p.newEngine(), p.by(super), l, i)
		require.NoError(t, err)
		require.Equal(t, invoice.Number(1), n)
	})
	t.Run("a draft discarded instead gives the number to the next", func(t *testing.T) {
		p, l, i, _ := breaking(t)
		_, err := commands.DiscardDraft.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.DiscardDraft{Invoice: i})
		require.NoError(t, err)
		n, err := p.issue(p.engine, p.by(p.owner), l, p.draft(l))
		require.NoError(t, err)
		require.Equal(t, invoice.Number(1), n)
	})
	t.Run("a discarding that broke off too is made good by whoever tries again", func(t *testing.T) {
		for name, again := range map[string]func(*practice, invoice.LedgerID, id.Invoice) error{
			"discarding": func(p *practice, l invoice.LedgerID, i id.Invoice) error {
				_, err := commands.DiscardDraft.Give(t.Context(), p.newEngine(), p.by(p.owner), l, invoice.DiscardDraft{Invoice: i})
				return err
			},
			"issuing": func(p *practice, l invoice.LedgerID, i id.Invoice) error {
				_, err := p.issue(p.newEngine(), p.by(p.owner), l, i)
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				p, l, i, _ := breaking(t)
				p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
					if s == series(p) {
						return es.ErrStoreUnavailable
					}
					return nil
				})
				_, err := commands.DiscardDraft.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.DiscardDraft{Invoice: i})
				require.ErrorIs(t, err, es.ErrStoreUnavailable)
				p.store.Mend()
				requireFault(t, again(p, l, i), "draft_discarded")
				n, err := p.issue(p.engine, p.by(p.owner), l, p.draft(l))
				require.NoError(t, err)
				require.Equal(t, invoice.Number(1), n)
			})
		}
	})
	t.Run("a draft discarded while it is issued gives the number back", func(t *testing.T) {
		p := newPractice(t)
		l := p.ledger()
		i := p.draft(l)
		other := p.newEngine()
		p.store.meanwhile(l.Stream(), func() {
			_, err := commands.DiscardDraft.Give(t.Context(), other, p.by(p.owner), l, invoice.DiscardDraft{Invoice: i})
			require.NoError(t, err)
		})
		_, err := p.issue(p.engine, p.by(p.owner), l, i)
		requireFault(t, err, "draft_discarded")
		n, err := p.issue(p.engine, p.by(p.owner), l, p.draft(l))
		require.NoError(t, err)
		require.Equal(t, invoice.Number(1), n)
	})
}

func TestInvoice_TheNextNumberIsTakenMeanwhile(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	mine, theirs := p.draft(l), p.draft(l)
	p.store.beforeReading(l.Stream(), func() {
		n, err := p.issue(p.engine, p.by(p.owner), l, theirs)
		require.NoError(t, err)
		require.Equal(t, invoice.Number(1), n)
	})
	n, err := p.issue(p.newEngine(), p.by(p.owner), l, mine)
	require.NoError(t, err)
	require.Equal(t, invoice.Number(2), n)
}

func TestInvoice_IfMatchIsAboutTheLedgerOnly(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	i := p.draft(l)
	_, err := p.issue(p.engine, matching(p.by(p.owner), 0), l, i)
	requireFault(t, err, "stale_revision")
	n, err := p.issue(p.engine, matching(p.by(p.owner), 1), l, i)
	require.NoError(t, err)
	require.Equal(t, invoice.Number(1), n)
}

func TestInvoice_WhatCannotBeIssuedGetsNoNumber(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	p.draft(l)
	p.unchanged(func() {
		_, err := p.issue(p.engine, p.by(p.owner), l, id.Derive[id.Invoice]("none"))
		requireFault(t, err, "invoice_not_found")
	})
	ann := p.join("ann", access.User, true)
	p.unchangedButRefusal(func() {
		_, err := p.issue(p.engine, p.by(ann), l, id.Derive[id.Invoice]("none"))
		requireFault(t, err, "permission_denied")
	})
}

func TestInvoice_TwoPaymentsRace(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	i := p.draft(l)
	_, err := p.issue(p.engine, p.by(p.owner), l, i)
	require.NoError(t, err)
	other := p.newEngine()
	pay := func(name string, chosen []invoice.Allocation) invoice.RecordPayment {
		return invoice.RecordPayment{
			Payment: id.Derive[id.Payment](name), Amount: usd(100_00), Method: invoice.Card, ReceivedOn: foundingDay, Allocations: chosen,
		}
	}
	chosen := []invoice.Allocation{{Invoice: i, Amount: usd(100_00)}}

	t.Run("BIL-T38 the loser of a chosen invoice is told that it is settled", func(t *testing.T) {
		p.store.meanwhile(l.Stream(), func() {
			_, err := commands.RecordPayment.Give(t.Context(), other, p.by(p.owner), l, pay("first", chosen))
			require.NoError(t, err)
		})
		_, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), l, pay("second", chosen))
		requireFault(t, err, "exceeds_balance")
	})
	t.Run("BIL-T38 BIL-A23 without a choice it becomes credit, and nothing is settled twice", func(t *testing.T) {
		again := p.draft(l)
		_, err := p.issue(p.engine, p.by(p.owner), l, again)
		require.NoError(t, err)
		p.store.meanwhile(l.Stream(), func() {
			_, err := commands.RecordPayment.Give(t.Context(), other, p.by(p.owner), l, pay("third", nil))
			require.NoError(t, err)
		})
		receipt, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), l, pay("fourth", nil))
		require.NoError(t, err)
		require.Len(t, receipt.Events, 1)
		applied := map[id.Invoice]int64{}
		for _, env := range p.log(l.Stream()) {
			if e, ok := env.Event.(invoice.PaymentApplied); ok {
				applied[e.Invoice] += e.Amount.Minor
			}
		}
		require.Equal(t, map[id.Invoice]int64{i: 100_00, again: 100_00}, applied)
	})
}
