package billing

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections"
)

// Kind is what an entry of the history says.
type Kind string

// The kinds of entries. What happens to drafts is no part of the history:
// people outside the practice never see them.
const (
	Charge        Kind = "charge"
	ChargeVoid    Kind = "charge_void"
	InvoiceIssued Kind = "invoice_issued"
	InvoiceVoid   Kind = "invoice_void"
	Payment       Kind = "payment"
	Application   Kind = "application"
	Unapplication Kind = "unapplication"
)

// writer queues the statements of one event. Each of them is harmless when its
// event was applied before: a row is inserted once, and what is added up or
// changed remembers the revision that it reflects.
type writer struct {
	batch    *pgx.Batch
	envelope es.Envelope
	ledger   invoice.LedgerID
}

// entry is one line of the history.
type entry struct {
	kind                      Kind
	on                        civil.Date
	amount                    money.Money
	debit, credit             int64
	charge                    id.Charge
	invoice                   id.Invoice
	number                    string
	payment                   id.Payment
	corrects                  uuid.UUID
	code, description, reason string
	method                    invoice.Method
	payer, reference          string
}

const insertEntry = `
insert into entry (event_id, group_id, chart_id, clinician_id, kind, effective_date, recorded_at,
                   code, description, reason, method, payer, reference, currency, amount, debit, credit,
                   charge_id, invoice_id, number, payment_id, corrects, actor, command_id, position, prepare)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
on conflict do nothing`

func (w writer) enter(l entry) {
	e := w.envelope
	w.batch.Queue(insertEntry, e.ID, w.ledger.Group, w.ledger.Chart, w.ledger.Clinician,
		string(l.kind), l.on, e.RecordedAt,
		l.code, l.description, l.reason, string(l.method), l.payer, l.reference,
		string(l.amount.Currency), l.amount.Minor, l.debit, l.credit,
		projections.OrNull(l.charge), projections.OrNull(l.invoice), l.number, projections.OrNull(l.payment), projections.OrNull(l.corrects),
		e.Meta.Actor, projections.OrNull(e.Meta.Command), int64(e.Position.Commit), int64(e.Position.Prepare))
}

// delta is what an event changes of a ledger's totals, in minor units.
type delta struct{ charged, received, outstanding, unapplied, uninvoiced int64 }

const addTotals = `
insert into ledger as l (group_id, chart_id, clinician_id, currency, charged, received, outstanding, unapplied, uninvoiced, revision)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (group_id, chart_id, clinician_id) do update
set charged = l.charged + excluded.charged, received = l.received + excluded.received,
    outstanding = l.outstanding + excluded.outstanding, unapplied = l.unapplied + excluded.unapplied,
    uninvoiced = l.uninvoiced + excluded.uninvoiced, revision = excluded.revision
where l.revision < excluded.revision`

func (w writer) add(c money.Currency, d delta) {
	w.batch.Queue(addTotals, w.ledger.Group, w.ledger.Chart, w.ledger.Clinician, string(c),
		d.charged, d.received, d.outstanding, d.unapplied, d.uninvoiced, int64(w.envelope.Revision))
}

const insertInvoice = `
insert into invoice (group_id, chart_id, clinician_id, invoice_id, stage, invoice_date, terms, due_date,
                     charges, currency, total, changed_at, revision)
values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing`

func (w writer) draft(d invoice.Drafted) {
	w.batch.Queue(insertInvoice, w.ledger.Group, w.ledger.Chart, w.ledger.Clinician, d.Invoice,
		d.Date, d.Terms.String(), d.DueDate, d.Charges, string(d.Total.Currency), d.Total.Minor,
		w.envelope.RecordedAt, int64(w.envelope.Revision))
}

// change updates an invoice; the arguments of set begin at $7.
func (w writer) change(i id.Invoice, set string, args ...any) {
	w.batch.Queue("update invoice set "+set+`, changed_at = $6, revision = $5
where group_id = $1 and chart_id = $2 and clinician_id = $3 and invoice_id = $4 and revision < $5`,
		append([]any{w.ledger.Group, w.ledger.Chart, w.ledger.Clinician, i, int64(w.envelope.Revision), w.envelope.RecordedAt}, args...)...)
}
