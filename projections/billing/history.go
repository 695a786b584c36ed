package billing

import (
	"context"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/read"
)

// Entry is one line of the billing history.
type Entry struct {
	// Event is the event that the line tells of.
	Event     id.Event  `db:"event_id" json:"event"`
	Chart     id.Chart  `db:"chart_id" json:"chart"`
	Clinician id.Member `db:"clinician_id" json:"clinician"`
	Kind      Kind      `db:"kind" json:"kind"`
	// EffectiveDate is the civil day on which it takes effect, YYYY-MM-DD;
	// RecordedAt is when it became known, UTC.
	EffectiveDate string         `db:"effective_day" json:"effectiveDate"`
	RecordedAt    time.Time      `db:"recorded_at" json:"recordedAt"`
	Code          string         `db:"code" json:"code,omitempty"`
	Description   string         `db:"description" json:"description,omitempty"`
	Reason        string         `db:"reason" json:"reason,omitempty"`
	Method        invoice.Method `db:"method" json:"method,omitempty"`
	Payer         string         `db:"payer" json:"payer,omitempty"`
	Reference     string         `db:"reference" json:"reference,omitempty"`
	Currency      money.Currency `db:"currency" json:"-"`
	// Amount is what the line is about; Debit and Credit are by how much it raises
	// or lowers what the patient owes in all. All are minor units of Currency.
	Amount int64 `db:"amount" json:"-"`
	Debit  int64 `db:"debit" json:"-"`
	Credit int64 `db:"credit" json:"-"`
	// ChargeID, Invoice and Payment are nil where the line is about none.
	ChargeID *id.Charge  `db:"charge_id" json:"charge,omitempty"`
	Invoice  *id.Invoice `db:"invoice_id" json:"invoice,omitempty"`
	Number   string      `db:"number" json:"number,omitempty"`
	Payment  *id.Payment `db:"payment_id" json:"payment,omitempty"`
	// Corrects is the charge, invoice or payment that the line takes back.
	Corrects *string `db:"corrects" json:"corrects,omitempty"`
	// Actor recorded it, by Command.
	Actor    string      `db:"actor" json:"actor"`
	Command  *id.Command `db:"command_id" json:"command,omitempty"`
	Position int64       `db:"position" json:"-"`
	Prepare  int64       `db:"prepare" json:"-"`
}

// The day has a name of its own: sorted by effective_date, which would be that text
// else, the rows come in the order of an index.
const entryColumns = `event_id, chart_id, clinician_id, kind, effective_date::text as effective_day, recorded_at, code, description, reason,
       method, payer, reference, currency, amount, debit, credit, charge_id, invoice_id, number, payment_id,
       corrects::text, actor, command_id, position, prepare`

// HistoryQuery is one question to the billing history; zero fields of the
// filter do not narrow it.
type HistoryQuery struct {
	Selection
	Kinds []Kind
	// Charge and Payment ask for what is about this one.
	Charge  id.Charge
	Payment id.Payment
	// From and To bound the effective date, both inclusive.
	From, To civil.Date
	Cursor   page.Token
	// Limit is the number of entries at the most.
	Limit int
}

// HistoryPage is one page of the billing history.
type HistoryPage struct {
	Entries []Entry
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// newestFirst is the one order of the history: the newest effective day first, and
// within a day what was recorded last.
var newestFirst = read.Order[Entry]{
	Name: "billing/history",
	Keys: []read.Key[Entry]{
		read.Day("effective_date", func(e Entry) string { return e.EffectiveDate }),
		read.Number("position", func(e Entry) int64 { return e.Position }),
		read.Number("prepare", func(e Entry) int64 { return e.Prepare }),
	},
	Descending: true,
}

// History returns a page of the group's billing history (BIL-16). Fault:
// "malformed_cursor".
func History(ctx context.Context, from projections.Tables, q HistoryQuery) (HistoryPage, error) {
	where := q.where().
		Filter("kind = any(?)", q.Kinds).
		Filter("charge_id = ?", q.Charge).
		Filter("payment_id = ?", q.Payment).
		Filter("effective_date >= ?", q.From).
		Filter("effective_date <= ?", q.To)
	entries, next, err := read.List(ctx, from, "select "+entryColumns+" from "+from.Of(Projector{}, "entry"), where, newestFirst, q.Cursor, q.Limit)
	return HistoryPage{Entries: entries, Next: next}, err
}
