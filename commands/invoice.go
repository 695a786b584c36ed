package commands

import (
	"cmp"
	"context"
	"errors"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// ledgerCase is what all commands on one ledger share. Money is never decided
// across clinicians, so the permission is asked for the ledger's clinician. Days
// get the patient's birth date; nil for a command without dates.
func (e *Engine) ledgerCase(l invoice.LedgerID, name string, command any, days *invoice.Days) useCase[invoice.State, invoice.Event] {
	u := useCase[invoice.State, invoice.Event]{
		name: name, command: command, capability: access.BillingManage,
		repository: e.ledgers, stream: l.Stream(),
		subject: es.Subject{Group: l.Group, Chart: l.Chart},
		resource: func(invoice.State) access.Resource {
			return access.Resource{Group: l.Group, Clinician: l.Clinician, Chart: l.Chart}
		},
	}
	aboutChart(e, &u, l.Group, l.Chart, func(s chart.State) {
		if days != nil {
			days.Born = s.Patient.BirthDate
		}
	})
	return u
}

// ledgerCommand decides on the ledger.
type ledgerCommand interface {
	Decide(s invoice.State, now time.Time) ([]invoice.Event, error)
}

// changeLedger carries out a command that needs no facts beyond its ledger's own
// and what its dates are judged by: the practice's zone and the patient's birth.
func (e *Engine) changeLedger(ctx context.Context, call Call, l invoice.LedgerID, name string, c ledgerCommand, days *invoice.Days) (Receipt, error) {
	u := e.ledgerCase(l, name, c, days)
	u.facts = func(g group.State, _ access.Subject) (err error) {
		days.Zone, err = g.Zone().Load()
		return err
	}
	u.decide = func(s invoice.State, now time.Time) ([]invoice.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// intake completes a command through which something new enters a ledger: its
// member is or was a clinician of the group, and it is in the group's one currency
// (BIL-A25).
func (e *Engine) intake(u *useCase[invoice.State, invoice.Event], l invoice.LedgerID, currency *money.Currency, days *invoice.Days) {
	u.facts = func(g group.State, _ access.Subject) (err error) {
		*currency = g.Currency()
		if days.Zone, err = g.Zone().Load(); err != nil {
			return err
		}
		if m, known := g.Member(l.Clinician); !known || !m.Clinician {
			return fault.New(fault.Rejected, "not_a_clinician", "The selected member is not a clinician of this practice. Money belongs to one clinician.")
		}
		return nil
	}
}

// RecordCharge records a service to be paid for. An archived chart takes none
// (AMB-17); what is owed already can be invoiced, paid and voided.
func (e *Engine) RecordCharge(ctx context.Context, call Call, l invoice.LedgerID, c invoice.RecordCharge) (Receipt, error) {
	u := e.ledgerCase(l, "invoice.record_charge", c, &c.Days)
	e.intake(&u, l, &c.Currency, &c.Days)
	u.requires = func(ctx context.Context) error {
		return e.requireOpenChart(ctx, l.Group, l.Chart)
	}
	u.decide = func(s invoice.State, now time.Time) ([]invoice.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// VoidCharge takes back a charge that is on no invoice.
func (e *Engine) VoidCharge(ctx context.Context, call Call, l invoice.LedgerID, c invoice.VoidCharge) (Receipt, error) {
	return e.changeLedger(ctx, call, l, "invoice.void_charge", &c, &c.Days)
}

// DraftInvoice puts charges on a new invoice.
func (e *Engine) DraftInvoice(ctx context.Context, call Call, l invoice.LedgerID, c invoice.DraftInvoice) (Receipt, error) {
	return e.changeLedger(ctx, call, l, "invoice.draft", &c, &c.Days)
}

// RecordPayment takes money in and applies it (BIL-17, BIL-A18, BIL-A19).
func (e *Engine) RecordPayment(ctx context.Context, call Call, l invoice.LedgerID, c invoice.RecordPayment) (Receipt, error) {
	u := e.ledgerCase(l, "invoice.record_payment", c, &c.Days)
	e.intake(&u, l, &c.Currency, &c.Days)
	u.decide = func(s invoice.State, now time.Time) ([]invoice.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// ApplyPayment settles invoices from credit.
func (e *Engine) ApplyPayment(ctx context.Context, call Call, l invoice.LedgerID, c invoice.ApplyPayment) (Receipt, error) {
	return e.changeLedger(ctx, call, l, "invoice.apply_payment", &c, &c.Days)
}

// VoidInvoice takes back an issued invoice, with a reason (BIL-A15, BIL-A16).
func (e *Engine) VoidInvoice(ctx context.Context, call Call, l invoice.LedgerID, c invoice.VoidInvoice) (Receipt, error) {
	return e.changeLedger(ctx, call, l, "invoice.void", &c, &c.Days)
}

// IssueInvoice makes a draft owed under the next number of its clinician
// (BIL-A22). The number is kept for the invoice first, in the clinician's
// series; only a draft that can be issued gets one. After a crash in between,
// the same invoice finds its number again, whoever issues it; FinishIssue does, if
// nobody else.
func (e *Engine) IssueInvoice(ctx context.Context, call Call, l invoice.LedgerID, c invoice.IssueInvoice) (Receipt, error) {
	issue := func(call Call, n numbered) (Receipt, error) {
		return e.issueAs(ctx, call, l, c, n)
	}
	number, held, err := e.numberOf(ctx, l, c.Invoice)
	if err != nil {
		return Receipt{}, err
	}
	if !held {
		if shown, err := e.rehearseIssue(ctx, call, l, c.Invoice, issue); err != nil || call.DryRun {
			return shown, err
		}
		prefix, err := e.settlePrefix(ctx, call, l)
		if err != nil {
			return Receipt{}, err
		}
		assign := invoice.AssignNumber{Invoice: c.Invoice, Chart: l.Chart, Prefix: prefix}
		if _, err := execute(ctx, e, call.step("number"), e.seriesCase(l, "invoice_series.assign_number", assign)); err != nil {
			return Receipt{}, err
		}
		if number, _, err = e.numberOf(ctx, l, c.Invoice); err != nil {
			return Receipt{}, err
		}
	}
	receipt, err := issue(call, number)
	if errors.Is(err, errDraftDiscarded) {
		// It was discarded between the two steps: the number goes to the next.
		return Receipt{}, errors.Join(err, e.releaseNumber(ctx, call, l, c.Invoice))
	}
	return receipt, err
}

// rehearseIssue finds out whether a draft could be issued under the next number,
// which another invoice of the ledger may take meanwhile.
func (e *Engine) rehearseIssue(ctx context.Context, call Call, l invoice.LedgerID, i id.Invoice, issue func(Call, numbered) (Receipt, error)) (Receipt, error) {
	call.DryRun = true
	for range conflictRetries {
		number, _, err := e.numberOf(ctx, l, i)
		if err != nil {
			return Receipt{}, err
		}
		if shown, err := issue(call, number); !errors.Is(err, errNumberTaken) {
			return shown, err
		}
	}
	return Receipt{}, errContended
}

// These match faults of invoice.IssueInvoice by their codes.
var (
	errDraftDiscarded = fault.New(fault.Rejected, "draft_discarded", "")
	errNumberTaken    = fault.New(fault.Internal, "number_taken", "")
)

// DiscardDraft gives up a draft. A number that an interrupted issue had kept
// for it goes back to the series, so that no gap is left.
func (e *Engine) DiscardDraft(ctx context.Context, call Call, l invoice.LedgerID, c invoice.DiscardDraft) (Receipt, error) {
	receipt, err := e.changeLedger(ctx, call, l, "invoice.discard_draft", c, &invoice.Days{})
	if errors.Is(err, errDraftDiscarded) {
		// An earlier attempt may have broken off before it gave the number back.
		return Receipt{}, errors.Join(err, e.releaseNumber(ctx, call, l, c.Invoice))
	}
	if err != nil || call.DryRun {
		return receipt, err
	}
	return receipt, e.releaseNumber(ctx, call, l, c.Invoice)
}

// seriesCommand is a command on the numbers of a clinician's invoices.
type seriesCommand interface {
	Decide(s invoice.Series, now time.Time) ([]invoice.SeriesEvent, error)
}

func (e *Engine) seriesCase(l invoice.LedgerID, name string, c seriesCommand) useCase[invoice.Series, invoice.SeriesEvent] {
	return useCase[invoice.Series, invoice.SeriesEvent]{
		name: name, command: c, capability: access.BillingManage, repository: e.series,
		stream: invoice.SeriesID{Group: l.Group, Clinician: l.Clinician}.Stream(), decide: c.Decide,
		resource: func(invoice.Series) access.Resource {
			return access.Resource{Group: l.Group, Clinician: l.Clinician, Chart: l.Chart}
		},
	}
}

// numbered is a number and how people read it.
type numbered struct {
	invoice.Number
	text string
}

// numberOf returns the number kept for an invoice; when none is held, the one
// that it would get now.
func (e *Engine) numberOf(ctx context.Context, l invoice.LedgerID, i id.Invoice) (number numbered, held bool, err error) {
	stream := invoice.SeriesID{Group: l.Group, Clinician: l.Clinician}.Stream()
	err = e.series.view(ctx, stream, func(s invoice.Series, _ es.Revision) error {
		if number.Number, held = s.NumberOf(i); held {
			number.text = s.TextOf(number.Number)
			return nil
		}
		number.Number = s.Next()
		return nil
	})
	if err != nil || held {
		return number, held, err
	}
	err = e.groups.view(ctx, group.Stream(l.Group), func(g group.State, _ es.Revision) error {
		// Whether the clinician is one is found out once it is known who may ask.
		prefix, _, _ := g.InvoicePrefix(l.Clinician)
		number.text = number.With(prefix)
		return nil
	})
	return number, false, err
}

// settlePrefix returns the prefix of the clinician's numbers. The first number
// settles the default, in the practice's own stream, which alone knows all of them:
// Praxis does that itself, whoever issues the invoice.
func (e *Engine) settlePrefix(ctx context.Context, call Call, l invoice.LedgerID) (prefix string, err error) {
	look := func() (settled bool, err error) {
		err = e.groups.view(ctx, group.Stream(l.Group), func(g group.State, _ es.Revision) (err error) {
			prefix, settled, err = g.InvoicePrefix(l.Clinician)
			return err
		})
		return settled, err
	}
	if settled, err := look(); err != nil || settled {
		return prefix, err
	}
	own := Call{
		Process: "invoice_numbers", Group: l.Group, Command: id.Derive[id.Command]("invoice_prefix", l.Group.String(), l.Clinician.String()),
		Correlation: call.Correlation, Causation: call.Causation, Request: call.Request,
	}
	if _, err := e.changeGroup(ctx, own, "group.choose_invoice_prefix", access.BillingManage, group.ChooseInvoicePrefix{Member: l.Clinician}); err != nil {
		return "", err
	}
	_, err = look()
	return prefix, err
}

// ChooseInvoicePrefix settles what the numbers of a clinician's invoices begin
// with, before the first of them. It needs billing.manage for that clinician.
func (e *Engine) ChooseInvoicePrefix(ctx context.Context, call Call, c group.ChooseInvoicePrefix) (Receipt, error) {
	u := e.groupCase(call, "group.choose_invoice_prefix", access.BillingManage, c)
	u.resource = func(group.State) access.Resource {
		return access.Resource{Group: call.Group, Clinician: c.Member}
	}
	return execute(ctx, e, call, u)
}

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

func (e *Engine) releaseNumber(ctx context.Context, call Call, l invoice.LedgerID, i id.Invoice) error {
	release := invoice.ReleaseNumber{Invoice: i, DraftIsDiscarded: true}
	_, err := execute(ctx, e, call.step("release"), e.seriesCase(l, "invoice_series.release_number", release))
	return err
}
