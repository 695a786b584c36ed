package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// days are what the dates of a ledger's commands are judged by: the practice's zone,
// and the patient's birth.
func days[C any](ctx context.Context, w *World, l invoice.LedgerID, _ C) (d invoice.Days, err error) {
	w.Group(func(g group.State) { d.Zone, err = g.Zone().Load() })
	if err != nil {
		return d, err
	}
	return d, w.Chart(ctx, l.Chart, func(s chart.State) { d.Born = s.Patient.BirthDate })
}

// intake are the facts of what brings something new into a ledger: its member is or
// was a clinician of the group, and it is in the group's one currency (BIL-A25).
func intake[C any](ctx context.Context, w *World, l invoice.LedgerID, c C) (f invoice.Intake, err error) {
	if f.Days, err = days(ctx, w, l, c); err != nil {
		return f, err
	}
	w.Group(func(g group.State) {
		f.Currency = g.Currency()
		if m, known := g.Member(l.Clinician); !known || !m.Clinician {
			err = fault.New(fault.Rejected, "not_a_clinician", "The selected member is not a clinician of this practice. Money belongs to one clinician.")
		}
	})
	return f, err
}

// RecordCharge records a service to be paid for. An archived chart takes none
// (AMB-17); what is owed already can be invoiced, paid and voided.
var RecordCharge = declareOn(ledgerSpec[invoice.RecordCharge, invoice.Intake]{
	On: onLedger, Name: "invoice.record_charge", Operation: "recordCharge", Needs: access.BillingManage,
	Sample: invoice.RecordCharge{ServiceDate: civil.MustDate("2026-03-02"), Code: "90834", Units: 1, UnitPrice: money.Money{Minor: 15000, Currency: "USD"}},
	Facts: func(ctx context.Context, w *World, l invoice.LedgerID, c invoice.RecordCharge) (invoice.Intake, error) {
		f, err := intake(ctx, w, l, c)
		if err != nil {
			return f, err
		}
		return f, w.openChart(ctx, l.Chart)
	},
	Decide: invoice.RecordCharge.Decide,
})

// VoidCharge takes back a charge that is on no invoice.
var VoidCharge = declareOn(ledgerSpec[invoice.VoidCharge, invoice.Days]{
	On: onLedger, Name: "invoice.void_charge", Operation: "voidCharge", Needs: access.BillingManage,
	Sample: invoice.VoidCharge{Charge: sampleID[id.Charge]("charge"), Reason: "Wrong", Date: civil.MustDate("2026-03-02")},
	Facts:  days[invoice.VoidCharge], Decide: invoice.VoidCharge.Decide,
})

// DraftInvoice puts charges on a new invoice.
var DraftInvoice = declareOn(ledgerSpec[invoice.DraftInvoice, invoice.Days]{
	On: onLedger, Name: "invoice.draft", Operation: "draftInvoice", Needs: access.BillingManage,
	Sample: invoice.DraftInvoice{Date: civil.MustDate("2026-03-02"), Terms: invoice.Terms{Kind: invoice.Net, Days: 30}, Charges: []id.Charge{sampleID[id.Charge]("charge")}},
	Facts:  days[invoice.DraftInvoice], Decide: invoice.DraftInvoice.Decide,
})

// RecordPayment takes money in and applies it (BIL-17, BIL-A18, BIL-A19).
var RecordPayment = declareOn(ledgerSpec[invoice.RecordPayment, invoice.Intake]{
	On: onLedger, Name: "invoice.record_payment", Operation: "recordPayment", Needs: access.BillingManage,
	Sample: invoice.RecordPayment{Amount: money.Money{Minor: 5000, Currency: "USD"}, Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
	Facts:  intake[invoice.RecordPayment], Decide: invoice.RecordPayment.Decide,
})

// ApplyPayment settles invoices from credit.
var ApplyPayment = declareOn(ledgerSpec[invoice.ApplyPayment, invoice.Days]{
	On: onLedger, Name: "invoice.apply_payment", Operation: "applyPayment", Needs: access.BillingManage,
	Sample: invoice.ApplyPayment{Payment: sampleID[id.Payment]("payment"), Date: civil.MustDate("2026-03-02")},
	Facts:  days[invoice.ApplyPayment], Decide: invoice.ApplyPayment.Decide,
})

// VoidInvoice takes back an issued invoice, with a reason (BIL-A15, BIL-A16).
var VoidInvoice = declareOn(ledgerSpec[invoice.VoidInvoice, invoice.Days]{
	On: onLedger, Name: "invoice.void", Operation: "voidInvoice", Needs: access.BillingManage,
	Sample: invoice.VoidInvoice{Invoice: sampleID[id.Invoice]("invoice"), Reason: "Wrong", Date: civil.MustDate("2026-03-02")},
	Facts:  days[invoice.VoidInvoice], Decide: invoice.VoidInvoice.Decide,
})

// IssueInvoice makes a draft owed under the next number of its clinician
// (BIL-A22). The number is kept for the invoice first, in the clinician's
// series; only a draft that can be issued gets one. After a crash in between,
// the same invoice finds its number again, no matter who issues it; FinishIssue
// does, if no member does.
var IssueInvoice = declareOn(issueInvoice)

var issueInvoice = ledgerSpec[invoice.IssueInvoice, invoice.Numbered]{
	On: onLedger, Name: "invoice.issue", Operation: "issueInvoice", Needs: access.BillingManage,
	Sample: invoice.IssueInvoice{Invoice: sampleID[id.Invoice]("draft")},
	Facts: func(ctx context.Context, w *World, l invoice.LedgerID, c invoice.IssueInvoice) (invoice.Numbered, error) {
		number, held, err := w.engine.numberOf(ctx, l, c.Invoice)
		if err == nil && !held && !w.Call.DryRun {
			err = invoice.ErrNumberWithdrawn
		}
		return number, err
	},
	Decide: invoice.IssueInvoice.Decide,
	Around: numbering,
}

// numbering surrounds the issue of an invoice with the keeping of its number. Only an
// issue that got no answer keeps the number: one that is refused gives it back.
func numbering(ctx context.Context, e *Engine, call Call, l invoice.LedgerID, c invoice.IssueInvoice, issue func(Call) (Receipt, error)) (Receipt, error) {
	if call.DryRun {
		return rehearseIssue(call, issue)
	}
	for range conflictRetries {
		number, held, err := e.numberOf(ctx, l, c.Invoice)
		if err != nil {
			return Receipt{}, err
		}
		if !held {
			if _, err := rehearseIssue(call, issue); err != nil {
				return Receipt{}, err
			}
			if err := e.settlePrefix(ctx, call, l); err != nil {
				return Receipt{}, err
			}
			if _, err := assignNumber.Give(ctx, e, call.step(fmt.Sprintf("number %d", number.Keeping)), l, invoice.AssignNumber(c)); err != nil {
				return Receipt{}, err
			}
		}
		receipt, err := issue(call)
		switch {
		case errors.Is(err, invoice.ErrNumberWithdrawn):
			// Another issue was refused and gave the number back: there is a new one.
			if err := e.giveNumberBack(ctx, call, l, c.Invoice); err != nil {
				return Receipt{}, err
			}
			continue
		case errors.Is(err, errDraftDiscarded), !held && isRefusal(err):
			if lost := e.giveNumberBack(ctx, call, l, c.Invoice); lost != nil {
				return Receipt{}, lost // what was refused could still be finished
			}
		}
		return receipt, err
	}
	return Receipt{}, errContended
}

// isRefusal reports an error that says for certain that a command was not carried out.
func isRefusal(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && kind != fault.Unavailable && kind != fault.Internal
}

// rehearseIssue finds out whether a draft could be issued under the next number,
// which another invoice of the ledger may take meanwhile.
func rehearseIssue(call Call, issue func(Call) (Receipt, error)) (Receipt, error) {
	call.DryRun = true
	for range conflictRetries {
		if shown, err := issue(call); !errors.Is(err, errNumberTaken) {
			return shown, err
		}
	}
	return Receipt{}, errContended
}

// These match faults of invoice.IssueInvoice by their codes.
var (
	errDraftDiscarded = fault.New(fault.Rejected, "draft_discarded", "")
	errNumberTaken    = fault.New(fault.Internal, "number_taken", "")
	errAlreadyIssued  = fault.New(fault.Rejected, "invoice_already_issued", "")
	errInvoiceVoid    = fault.New(fault.Rejected, "invoice_void", "")
	errMayBeIssued    = fault.New(fault.Rejected, "draft_not_discarded", "")
)

// FinishIssue ends what kept a number for an invoice and broke off without an answer: a
// draft is issued, as it was decided when the number was kept, and the number of a
// draft that is discarded, or in a practice that has closed, goes back to the series.
// Without it a number that is kept for a draft which is never touched again would be a
// gap for ever (BIL-A22). An invoice that has no number, or is issued, is left as it is.
// It is for the process of the invoice numbers. Fault: "process_only".
func (e *Engine) FinishIssue(ctx context.Context, call Call, l invoice.LedgerID, i id.Invoice) error {
	if call.Process == "" {
		return errProcessOnly
	}
	_, held, err := e.numberOf(ctx, l, i)
	if err != nil || !held {
		return err
	}
	_, err = issueInvoice.alone(ctx, e, call, l, invoice.IssueInvoice{Invoice: i})
	switch {
	case errors.Is(err, errAlreadyIssued), errors.Is(err, errInvoiceVoid):
		return nil
	case isRefusal(err) && !errors.Is(err, errContended): // which is tried again
		return e.giveNumberBack(ctx, call, l, i)
	}
	return err
}

// DiscardDraft gives up a draft. A number that an interrupted issue had kept
// for it goes back to the series, so that no gap is left.
var DiscardDraft = declareOn(ledgerSpec[invoice.DiscardDraft, None]{
	On: onLedger, Name: "invoice.discard_draft", Operation: "discardDraft", Needs: access.BillingManage,
	Sample: invoice.DiscardDraft{Invoice: sampleID[id.Invoice]("draft")},
	Decide: alone(invoice.DiscardDraft.Decide),
	Around: func(ctx context.Context, e *Engine, call Call, l invoice.LedgerID, c invoice.DiscardDraft, discard func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := discard(call)
		// An earlier attempt may have broken off before it gave the number back.
		if call.DryRun || err != nil && !errors.Is(err, errDraftDiscarded) {
			return receipt, err
		}
		return receipt, errors.Join(err, e.giveNumberBack(ctx, call, l, c.Invoice))
	},
})

var assignNumber = declareOn(seriesSpec[invoice.AssignNumber, invoice.Keeping]{
	On: onSeries, Name: "invoice_series.assign_number", Needs: access.BillingManage,
	Facts: func(_ context.Context, w *World, l invoice.LedgerID, _ invoice.AssignNumber) (f invoice.Keeping, err error) {
		f.Chart = l.Chart
		w.Group(func(g group.State) { f.Prefix, _, err = g.InvoicePrefix(l.Clinician) })
		return f, err
	},
	Decide: invoice.AssignNumber.Decide,
})

var withdrawNumber = declareOn(ledgerSpec[invoice.WithdrawNumber, invoice.Numbered]{
	On: onLedger, Name: "invoice.withdraw_number", Needs: access.BillingManage, Actors: ProcessesOnly, Lifecycle: ClosedToo,
	Facts: func(ctx context.Context, w *World, l invoice.LedgerID, c invoice.WithdrawNumber) (invoice.Numbered, error) {
		number, held, err := w.engine.numberOf(ctx, l, c.Invoice)
		if !held {
			return invoice.Numbered{}, err
		}
		return number, err
	},
	Decide: invoice.WithdrawNumber.Decide,
})

var releaseNumber = declareOn(seriesSpec[invoice.ReleaseNumber, invoice.Fence]{
	On: onSeries, Name: "invoice_series.release_number", Needs: access.BillingManage, Actors: ProcessesOnly, Lifecycle: ClosedToo,
	Facts: func(ctx context.Context, w *World, l invoice.LedgerID, c invoice.ReleaseNumber) (invoice.Fence, error) {
		return lookUp(ctx, w.engine.ledgers, l.Stream(), func(s invoice.State) invoice.Fence {
			i, _ := s.Invoice(c.Invoice)
			return i.Fence()
		})
	},
	Decide: invoice.ReleaseNumber.Decide,
})

// giveNumberBack lets the next invoice take the number that is kept for an invoice,
// unless that was issued meanwhile. The ledger says first that this one is not issued
// under it: an issue at the same time is refused, or was first. Praxis does
// it itself, because who was refused may have no right to it any more.
func (e *Engine) giveNumberBack(ctx context.Context, call Call, l invoice.LedgerID, i id.Invoice) error {
	number, held, err := e.numberOf(ctx, l, i)
	if err != nil || !held {
		return err
	}
	own := call.byPraxis("invoice_numbers", l.Group, "invoice_number_back", string(l.Stream()), i.String(), strconv.Itoa(number.Keeping))
	if _, err := withdrawNumber.Give(ctx, e, own, l, invoice.WithdrawNumber{Invoice: i}); err != nil {
		return err
	}
	_, err = releaseNumber.Give(ctx, e, own.step("release"), l, invoice.ReleaseNumber{Invoice: i})
	if errors.Is(err, errMayBeIssued) {
		return nil // it was issued
	}
	return err
}

// numberOf returns the number kept for an invoice; when none is held, the one
// that it would get now.
func (e *Engine) numberOf(ctx context.Context, l invoice.LedgerID, i id.Invoice) (number invoice.Numbered, held bool, err error) {
	stream := invoice.SeriesID{Group: l.Group, Clinician: l.Clinician}.Stream()
	err = e.series.view(ctx, stream, func(s invoice.Series, _ es.Revision) {
		number, held = s.NumberOf(i)
	})
	if err != nil || held {
		return number, held, err
	}
	err = e.groups.view(ctx, group.Stream(l.Group), func(g group.State, _ es.Revision) {
		// Whether the clinician is one is found out once it is known who may ask.
		prefix, _, _ := g.InvoicePrefix(l.Clinician)
		number.Text = number.Number.With(prefix)
	})
	return number, false, err
}

// settlePrefix makes the prefix of the clinician's numbers final. The first number
// settles the default, in the practice's own stream, which alone knows all of them:
// Praxis does that itself, no matter who issues the invoice.
func (e *Engine) settlePrefix(ctx context.Context, call Call, l invoice.LedgerID) error {
	var settled bool
	var unknown error
	err := e.groups.view(ctx, group.Stream(l.Group), func(g group.State, _ es.Revision) {
		_, settled, unknown = g.InvoicePrefix(l.Clinician)
	})
	if err = cmp.Or(err, unknown); err != nil || settled {
		return err
	}
	own := call.byPraxis("invoice_numbers", l.Group, "invoice_prefix", l.Group.String(), l.Clinician.String())
	_, err = ChooseInvoicePrefix.Give(ctx, e, own, group.ChooseInvoicePrefix{Member: l.Clinician})
	return err
}

// ChooseInvoicePrefix settles what the numbers of a clinician's invoices begin
// with, before the first of them. It needs billing.manage for that clinician.
var ChooseInvoicePrefix = declare(groupSpec[group.ChooseInvoicePrefix, None]{
	On: onGroup, Name: "group.choose_invoice_prefix", Operation: "chooseInvoicePrefix", Needs: access.BillingManage,
	Sample: group.ChooseInvoicePrefix{Member: sampleID[id.Member]("clinician"), Prefix: "KM"},
	Resource: func(g id.Group, _ id.Group, c group.ChooseInvoicePrefix, _ None, _ group.State) access.Resource {
		return access.Resource{Group: g, Clinician: c.Member}
	},
	Decide: alone(group.ChooseInvoicePrefix.Decide),
})

// InvoicePrefix returns what the numbers of a clinician's invoices begin with and
// whether that is settled. It needs billing.view for that clinician.
func (e *Engine) InvoicePrefix(ctx context.Context, call Call, m id.Member) (prefix string, settled bool, err error) {
	var missing error
	_, err = e.AdmitTo(ctx, call, Question{
		Action: "billing.invoice_prefix", Capability: access.BillingView, Target: group.Stream(call.Group),
		Look: func(g group.State) { prefix, settled, missing = g.InvoicePrefix(m) },
	}, access.Resource{Group: call.Group, Clinician: m})
	return prefix, settled, cmp.Or(err, missing)
}
