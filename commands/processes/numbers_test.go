package processes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

func numbers(c processes.Config) process.Process { return processes.InvoiceNumbers(c) }

// draft puts a charge on a draft.
func (h *house) draft(l invoice.LedgerID) id.Invoice {
	h.t.Helper()
	charge, i := id.Derive[id.Charge]("spec", h.Next()), id.Derive[id.Invoice]("spec", h.Next())
	today := civil.DateOf(h.Now())
	_, err := commands.RecordCharge.Give(h.t.Context(), h.engine, h.by(h.owner), l, invoice.RecordCharge{
		Charge: charge, ServiceDate: today, Code: "90837", Units: 1, UnitPrice: money.Of(100_00, "USD"),
	})
	require.NoError(h.t, err)
	_, err = commands.DraftInvoice.Give(h.t.Context(), h.engine, h.by(h.owner), l, invoice.DraftInvoice{
		Invoice: i, Date: today, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{charge},
	})
	require.NoError(h.t, err)
	return i
}

func (h *house) issue(l invoice.LedgerID, i id.Invoice) error {
	h.t.Helper()
	_, err := commands.IssueInvoice.Give(h.t.Context(), h.engine, h.by(h.owner), l, invoice.IssueInvoice{Invoice: i})
	return err
}

// failing lets f meet a store that takes nothing for one category.
func (h *house) failing(c es.Category, f func() error) {
	h.t.Helper()
	h.Store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
		if s.Category() == c {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	require.ErrorIs(h.t, f(), es.ErrStoreUnavailable)
	h.Store.Mend()
}

// issued are the invoices of a ledger by their numbers.
func (h *house) issued(l invoice.LedgerID) map[invoice.Number]id.Invoice {
	h.t.Helper()
	all := map[invoice.Number]id.Invoice{}
	for rec, err := range h.Store.ReadStream(h.t.Context(), l.Stream(), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		if e, ok := env.Event.(invoice.Issued); ok {
			all[e.Sequence] = e.Invoice
		}
	}
	return all
}

func TestInvoiceNumbers_WhatBrokeOffIsFinishedAndCanBeKilledAnywhere(t *testing.T) {
	var l invoice.LedgerID
	var whole, broken, discarded id.Invoice
	h := everywhere(t, pgtest.New(t), 6, func(h *house) {
		_, err := commands.GrantPermission.Give(t.Context(), h.engine, h.by(h.owner), group.GrantPermission{
			Member: h.owner.member, Capability: access.ChartCreate, Scope: access.ScopeGroup,
		})
		require.NoError(t, err)
		l = invoice.LedgerID{Group: h.Group, Chart: h.open(h.owner), Clinician: h.owner.member}
		whole, broken, discarded = h.draft(l), h.draft(l), h.draft(l)
		h.failing(invoice.LedgerCategory, func() error { return h.issue(l, broken) })
		h.failing(invoice.LedgerCategory, func() error { return h.issue(l, discarded) })
		h.failing(invoice.SeriesCategory, func() error {
			_, err := commands.DiscardDraft.Give(t.Context(), h.engine, h.by(h.owner), l, invoice.DiscardDraft{Invoice: discarded})
			return err
		})
		require.NoError(t, h.issue(l, whole))
		require.Equal(t, map[invoice.Number]id.Invoice{3: whole}, h.issued(l))
		h.Pass(day)
	}, numbers)
	require.Equal(t, map[invoice.Number]id.Invoice{1: broken, 3: whole}, h.issued(l))
	next := h.draft(l)
	require.NoError(t, h.issue(l, next))
	require.Equal(t, map[invoice.Number]id.Invoice{1: broken, 2: next, 3: whole}, h.issued(l), "BIL-A22 a number that was given back is the next one")
	require.Empty(t, h.refusals("invoice_numbers"))
	h.Pass(day)
	h.live(never, numbers)
	require.Zero(t, h.timers("invoice_numbers"))
	require.NotContains(t, h.broken(), invariant.NumberUnissued)
}

func TestInvoiceNumbers_WhoeverGotNoAnswerHasTimeToRepeat(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	l := invoice.LedgerID{Group: h.Group, Chart: h.open(ann), Clinician: ann.member}
	i := h.draft(l)
	call := h.by(h.owner)
	issue := func() error {
		_, err := commands.IssueInvoice.Give(t.Context(), h.engine, call, l, invoice.IssueInvoice{Invoice: i})
		return err
	}
	h.failing(invoice.LedgerCategory, issue)
	h.Pass(10*time.Minute - time.Second)
	h.live(never, numbers)
	require.Empty(t, h.issued(l), "it may still be repeated")
	h.Pass(time.Second)
	h.live(never, numbers)
	require.Equal(t, map[invoice.Number]id.Invoice{1: i}, h.issued(l))
	require.Equal(t, "invoice_already_issued", fault.From(issue()).Code, "who repeats it later is told that it is done")
}
