package billing

import (
	"time"

	"github.com/google/uuid"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/rows"
	"praxis/projections/sums"
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

// entryRow is one line of the history.
type entryRow struct {
	Event       id.Event       `db:"event_id"`
	Group       id.Group       `db:"group_id"`
	Chart       id.Chart       `db:"chart_id"`
	Clinician   id.Member      `db:"clinician_id"`
	Kind        Kind           `db:"kind"`
	On          civil.Date     `db:"effective_date"`
	RecordedAt  time.Time      `db:"recorded_at"`
	Code        string         `db:"code"`
	Description string         `db:"description"`
	Reason      string         `db:"reason"`
	Method      invoice.Method `db:"method"`
	Payer       string         `db:"payer"`
	Reference   string         `db:"reference"`
	Currency    money.Currency `db:"currency"`
	Amount      int64          `db:"amount"`
	Debit       int64          `db:"debit"`
	Credit      int64          `db:"credit"`
	Charge      id.Charge      `db:"charge_id,null"`
	Invoice     id.Invoice     `db:"invoice_id,null"`
	Number      string         `db:"number"`
	Payment     id.Payment     `db:"payment_id,null"`
	Corrects    uuid.UUID      `db:"corrects,null"`
	Actor       string         `db:"actor"`
	Command     id.Command     `db:"command_id,null"`
	Position    uint64         `db:"position"`
	Prepare     uint64         `db:"prepare"`
}

// ledgerRow is a ledger with its totals.
type ledgerRow struct {
	Group       id.Group       `db:"group_id"`
	Chart       id.Chart       `db:"chart_id"`
	Clinician   id.Member      `db:"clinician_id"`
	Currency    money.Currency `db:"currency"`
	Charged     sums.Exact     `db:"charged"`
	Received    sums.Exact     `db:"received"`
	Outstanding sums.Exact     `db:"outstanding"`
	Unapplied   sums.Exact     `db:"unapplied"`
	Uninvoiced  sums.Exact     `db:"uninvoiced"`
	Revision    es.Revision    `db:"revision"`
}

func (r *ledgerRow) key() invoice.LedgerID {
	return invoice.LedgerID{Group: r.Group, Chart: r.Chart, Clinician: r.Clinician}
}

// totalRow is what the ledgers of a clinician in one currency add up to; those that are
// out of range are no part of it. What waits to be invoiced and what is credited follows.
type totalRow struct {
	Group       id.Group       `db:"group_id"`
	Clinician   id.Member      `db:"clinician_id"`
	Currency    money.Currency `db:"currency"`
	Charged     sums.Exact     `db:"charged"`
	Received    sums.Exact     `db:"received"`
	Outstanding sums.Exact     `db:"outstanding"`
	Unapplied   sums.Exact     `db:"unapplied"`
	Owed        sums.Exact     `db:"owed"`
}

type totalKey struct {
	Group     id.Group
	Clinician id.Member
	Currency  money.Currency
}

func (r *totalRow) key() totalKey { return totalKey{r.Group, r.Clinician, r.Currency} }

// invoiceRow is an invoice. Its balance and settlement are Postgres'.
type invoiceRow struct {
	Group      id.Group       `db:"group_id"`
	Chart      id.Chart       `db:"chart_id"`
	Clinician  id.Member      `db:"clinician_id"`
	Invoice    id.Invoice     `db:"invoice_id"`
	Stage      invoice.Stage  `db:"stage"`
	Sequence   invoice.Number `db:"sequence,null"`
	Number     string         `db:"number"`
	Parts      []string       `db:"number_parts,words"`
	Version    int            `db:"version"`
	Date       civil.Date     `db:"invoice_date"`
	Terms      string         `db:"terms"`
	DueDate    civil.Date     `db:"due_date"`
	Charges    []id.Charge    `db:"charges"`
	Currency   money.Currency `db:"currency"`
	Total      int64          `db:"total"`
	Applied    int64          `db:"applied"`
	IssuedAt   *time.Time     `db:"issued_at"`
	VoidedOn   civil.Date     `db:"voided_on"`
	VoidReason string         `db:"void_reason"`
	ChangedAt  time.Time      `db:"changed_at"`
	Revision   es.Revision    `db:"revision"`
}

// invoiceKey names an invoice: its id is unique within its ledger.
type invoiceKey struct {
	Group     id.Group
	Chart     id.Chart
	Clinician id.Member
	Invoice   id.Invoice
}

func (r *invoiceRow) key() invoiceKey {
	return invoiceKey{r.Group, r.Chart, r.Clinician, r.Invoice}
}

var (
	entries  = rows.NewLog[entryRow]("entry")
	ledgers  = rows.NewTable("ledger", (*ledgerRow).key, "group_id", "chart_id", "clinician_id")
	totals   = rows.NewTable("total", (*totalRow).key, "group_id", "clinician_id", "currency")
	invoices = rows.NewTable("invoice", (*invoiceRow).key, "group_id", "chart_id", "clinician_id", "invoice_id")
)

// writer notes what one event does.
type writer struct {
	batch    *rows.Batch
	envelope es.Envelope
	ledger   invoice.LedgerID
}

// enter adds a line to the history.
func (w writer) enter(amount money.Money, line entryRow) {
	e := w.envelope
	line.Event, line.RecordedAt, line.Actor, line.Command = e.ID, e.RecordedAt, e.Meta.Actor, e.Meta.Command
	line.Group, line.Chart, line.Clinician = w.ledger.Group, w.ledger.Chart, w.ledger.Clinician
	line.Currency, line.Amount = amount.Currency, amount.Minor
	line.Position, line.Prepare = e.Position.Commit, e.Position.Prepare
	entries.Append(w.batch, line)
}

// delta is what an event changes of a ledger's totals, in minor units.
type delta struct{ charged, received, outstanding, unapplied, uninvoiced int64 }

// add changes the totals of the ledger, and those of its clinician by what that makes of
// the ledger's part in them.
func (w writer) add(c money.Currency, d delta) {
	revision := w.envelope.Revision
	add := func(r *ledgerRow) {
		r.Charged, r.Received = r.Charged.Plus(d.charged), r.Received.Plus(d.received)
		r.Outstanding, r.Unapplied = r.Outstanding.Plus(d.outstanding), r.Unapplied.Plus(d.unapplied)
		r.Uninvoiced, r.Revision = r.Uninvoiced.Plus(d.uninvoiced), revision
	}
	first := ledgerRow{Group: w.ledger.Group, Chart: w.ledger.Chart, Clinician: w.ledger.Clinician, Currency: c}
	add(&first)
	before, after := counted{}, first.counted()
	if revision == 0 {
		ledgers.Insert(w.batch, first)
	} else {
		ledgers.Upsert(w.batch, first, func(r *ledgerRow) {
			before = r.counted()
			add(r)
			after = r.counted()
		})
	}
	total := totalRow{Group: w.ledger.Group, Clinician: w.ledger.Clinician, Currency: c}
	totals.Upsert(w.batch, total, nil)
	totals.Change(w.batch, total.key(), func(r *totalRow) {
		r.Charged = r.Charged.Plus(after.charged - before.charged)
		r.Received = r.Received.Plus(after.received - before.received)
		r.Outstanding = r.Outstanding.Plus(after.outstanding - before.outstanding)
		r.Unapplied = r.Unapplied.Plus(after.unapplied - before.unapplied)
		r.Owed = r.Owed.Plus(after.owed - before.owed)
	})
}

// counted is a ledger's part in the totals of its clinician, in minor units.
type counted struct{ charged, received, outstanding, unapplied, owed int64 }

// counted is nothing for a ledger that is out of range, as Postgres' in_range says.
func (r *ledgerRow) counted() (c counted) {
	for _, of := range []struct {
		sum sums.Exact
		to  *int64
	}{{r.Charged, &c.charged}, {r.Received, &c.received}, {r.Outstanding, &c.outstanding}, {r.Unapplied, &c.unapplied}, {r.Uninvoiced, new(int64)}} {
		minor, inRange := of.sum.InRange()
		if !inRange {
			return counted{}
		}
		*of.to = minor
	}
	c.owed = max(c.charged-c.received, 0)
	return c
}

func (w writer) draft(d invoice.Drafted) {
	invoices.Insert(w.batch, invoiceRow{
		Group: w.ledger.Group, Chart: w.ledger.Chart, Clinician: w.ledger.Clinician, Invoice: d.Invoice, Stage: invoice.Draft,
		Date: d.Date, Terms: d.Terms.String(), DueDate: d.DueDate, Charges: d.Charges, Currency: d.Total.Currency, Total: d.Total.Minor,
		ChangedAt: w.envelope.RecordedAt, Revision: w.envelope.Revision,
	})
}

// change changes an invoice.
func (w writer) change(i id.Invoice, change func(*invoiceRow)) {
	at, revision := w.envelope.RecordedAt, w.envelope.Revision
	invoices.Change(w.batch, invoiceKey{w.ledger.Group, w.ledger.Chart, w.ledger.Clinician, i}, func(r *invoiceRow) {
		change(r)
		r.ChangedAt, r.Revision = at, revision
	})
}
