package billing

import (
	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/invoice"
)

// Name is the projection's name.
const Name = "billing"

// Projector writes the read model of patient billing.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// Schema is the read model's own schema.
func (Projector) Schema() string { return "billing" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string { return []string{"entry", "ledger", "invoice"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{invoice.LedgerCategory} }

// Project turns one event of a ledger into statements: its line in the history,
// what it changes of the ledger's totals, and its effect on an invoice. Number
// series show nothing of their own.
func (Projector) Project(b *pgx.Batch, e es.Envelope) error {
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
		w.enter(entry{
			kind: Charge, on: ev.ServiceDate, amount: ev.Amount, debit: ev.Amount.Minor,
			charge: ev.Charge, code: ev.Code, description: ev.Description,
		})
		w.add(ev.Amount.Currency, delta{charged: ev.Amount.Minor, uninvoiced: ev.Amount.Minor})
	case invoice.ChargeVoided:
		w.enter(entry{
			kind: ChargeVoid, on: ev.EffectiveDate, amount: ev.Amount, credit: ev.Amount.Minor,
			charge: ev.Charge, corrects: ev.Charge.UUID(), reason: ev.Reason,
		})
		w.add(ev.Amount.Currency, delta{charged: -ev.Amount.Minor, uninvoiced: -ev.Amount.Minor})
	case invoice.Drafted:
		w.draft(ev)
	case invoice.DraftDiscarded:
		w.change(ev.Invoice, "stage = $7", string(invoice.Discarded))
	case invoice.NumberWithdrawn: // a draft shows no number
	case invoice.Issued:
		w.enter(entry{kind: InvoiceIssued, on: ev.Date, amount: ev.Total, invoice: ev.Invoice, number: ev.Number})
		w.add(ev.Total.Currency, delta{outstanding: ev.Total.Minor, uninvoiced: -ev.Total.Minor})
		w.change(ev.Invoice, "stage = $7, sequence = $8, number = $9, version = $10, invoice_date = $11, terms = $12, due_date = $13, charges = $14, total = $15, issued_at = $6",
			string(invoice.Open), int64(ev.Sequence), ev.Number, ev.Version, ev.Date, ev.Terms.String(), ev.DueDate, ev.Charges, ev.Total.Minor)
	case invoice.Voided:
		w.enter(entry{
			kind: InvoiceVoid, on: ev.EffectiveDate, amount: ev.Total,
			invoice: ev.Invoice, number: ev.Number, corrects: ev.Invoice.UUID(), reason: ev.Reason,
		})
		w.add(ev.Total.Currency, delta{outstanding: -ev.Total.Minor, uninvoiced: ev.Total.Minor})
		w.change(ev.Invoice, "stage = $7, voided_on = $8, void_reason = $9", string(invoice.Void), ev.EffectiveDate, ev.Reason)
	case invoice.PaymentRecorded:
		w.enter(entry{
			kind: Payment, on: ev.ReceivedOn, amount: ev.Amount, credit: ev.Amount.Minor,
			payment: ev.Payment, method: ev.Method, payer: ev.PayerName, reference: ev.ExternalRef,
		})
		w.add(ev.Amount.Currency, delta{received: ev.Amount.Minor, unapplied: ev.Amount.Minor})
	case invoice.PaymentApplied:
		w.enter(entry{
			kind: Application, on: ev.EffectiveDate, amount: ev.Amount,
			payment: ev.Payment, invoice: ev.Invoice, number: ev.Number,
		})
		w.add(ev.Amount.Currency, delta{outstanding: -ev.Amount.Minor, unapplied: -ev.Amount.Minor})
		w.change(ev.Invoice, "applied = applied + $7", ev.Amount.Minor)
	case invoice.PaymentUnapplied:
		w.enter(entry{
			kind: Unapplication, on: ev.EffectiveDate, amount: ev.Amount,
			payment: ev.Payment, invoice: ev.Invoice, number: ev.Number, corrects: ev.Payment.UUID(),
		})
		w.add(ev.Amount.Currency, delta{outstanding: ev.Amount.Minor, unapplied: ev.Amount.Minor})
		w.change(ev.Invoice, "applied = applied - $7", ev.Amount.Minor)
	}
	return nil
}
