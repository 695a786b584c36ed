package billing

import (
	_ "embed"

	"praxis/domain/es"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "billing"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	invoiceTable = projections.Table(Projector{}, "invoice")
)

// Projector writes the read model of patient billing.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 3 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"entry", "ledger", "total", "invoice"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{invoice.LedgerCategory} }

// Project notes what one event of a ledger does: its line in the history, what it
// changes of the totals of the ledger and of its clinician, and its effect on an invoice. Number series show
// nothing of their own.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(invoice.Event)
	if !ok {
		return nil
	}
	ledger, err := invoice.ParseLedger(e.Stream)
	if err != nil {
		return err
	}
	w := writer{batch: b, envelope: e, ledger: ledger}
	switch ev := event.(type) {
	case invoice.ChargeRecorded:
		w.enter(ev.Amount, entryRow{
			Kind: Charge, On: ev.ServiceDate, Debit: ev.Amount.Minor, Charge: ev.Charge, Code: ev.Code, Description: ev.Description,
		})
		w.add(ev.Amount.Currency, delta{charged: ev.Amount.Minor, uninvoiced: ev.Amount.Minor})
	case invoice.ChargeVoided:
		w.enter(ev.Amount, entryRow{
			Kind: ChargeVoid, On: ev.EffectiveDate, Credit: ev.Amount.Minor, Charge: ev.Charge, Corrects: ev.Charge.UUID(), Reason: ev.Reason,
		})
		w.add(ev.Amount.Currency, delta{charged: -ev.Amount.Minor, uninvoiced: -ev.Amount.Minor})
	case invoice.Drafted:
		w.draft(ev)
	case invoice.DraftDiscarded:
		w.change(ev.Invoice, func(r *invoiceRow) { r.Stage = invoice.Discarded })
	case invoice.NumberWithdrawn: // a draft shows no number
	case invoice.Issued:
		at := e.RecordedAt
		w.enter(ev.Total, entryRow{Kind: InvoiceIssued, On: ev.Date, Invoice: ev.Invoice, Number: ev.Number})
		w.add(ev.Total.Currency, delta{outstanding: ev.Total.Minor, uninvoiced: -ev.Total.Minor})
		w.change(ev.Invoice, func(r *invoiceRow) {
			r.Stage, r.Sequence, r.Number, r.Parts, r.Version = invoice.Open, ev.Sequence, ev.Number, partsOf(ev.Number), ev.Version
			r.Date, r.Terms, r.DueDate, r.Charges, r.Total = ev.Date, ev.Terms.String(), ev.DueDate, ev.Charges, ev.Total.Minor
			r.IssuedAt = &at
		})
	case invoice.Voided:
		w.enter(ev.Total, entryRow{
			Kind: InvoiceVoid, On: ev.EffectiveDate, Invoice: ev.Invoice, Number: ev.Number, Corrects: ev.Invoice.UUID(), Reason: ev.Reason,
		})
		w.add(ev.Total.Currency, delta{outstanding: -ev.Total.Minor, uninvoiced: ev.Total.Minor})
		w.change(ev.Invoice, func(r *invoiceRow) { r.Stage, r.VoidedOn, r.VoidReason = invoice.Void, ev.EffectiveDate, ev.Reason })
	case invoice.PaymentRecorded:
		w.enter(ev.Amount, entryRow{
			Kind: Payment, On: ev.ReceivedOn, Credit: ev.Amount.Minor,
			Payment: ev.Payment, Method: ev.Method, Payer: ev.PayerName, Reference: ev.ExternalRef,
		})
		w.add(ev.Amount.Currency, delta{received: ev.Amount.Minor, unapplied: ev.Amount.Minor})
	case invoice.PaymentApplied:
		w.enter(ev.Amount, entryRow{Kind: Application, On: ev.EffectiveDate, Payment: ev.Payment, Invoice: ev.Invoice, Number: ev.Number})
		w.add(ev.Amount.Currency, delta{outstanding: -ev.Amount.Minor, unapplied: -ev.Amount.Minor})
		w.change(ev.Invoice, func(r *invoiceRow) { r.Applied += ev.Amount.Minor })
	case invoice.PaymentUnapplied:
		w.enter(ev.Amount, entryRow{
			Kind: Unapplication, On: ev.EffectiveDate, Payment: ev.Payment, Invoice: ev.Invoice, Number: ev.Number, Corrects: ev.Payment.UUID(),
		})
		w.add(ev.Amount.Currency, delta{outstanding: ev.Amount.Minor, unapplied: ev.Amount.Minor})
		w.change(ev.Invoice, func(r *invoiceRow) { r.Applied -= ev.Amount.Minor })
	}
	return nil
}
