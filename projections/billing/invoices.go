package billing

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/page"
	"praxis/projections/read"
)

// Invoice is one row of the invoice tracker.
type Invoice struct {
	ID        id.Invoice    `db:"invoice_id" json:"id"`
	Chart     id.Chart      `db:"chart_id" json:"chart"`
	Clinician id.Member     `db:"clinician_id" json:"clinician"`
	Stage     invoice.Stage `db:"stage" json:"stage"`
	// Number is empty and Version 0 before issue.
	Number  string `db:"number" json:"number,omitempty"`
	Version int    `db:"version" json:"version"`
	// DueDate is unset for terms without one.
	Date     civil.Date     `db:"invoice_date" json:"date"`
	Terms    string         `db:"terms" json:"terms"`
	DueDate  civil.Date     `db:"due_date" json:"dueDate,omitzero"`
	Charges  []id.Charge    `db:"charges" json:"charges"`
	Currency money.Currency `db:"currency" json:"-"`
	// Total, Applied and Balance are minor units of Currency.
	Total   int64 `db:"total" json:"-"`
	Applied int64 `db:"applied" json:"-"`
	Balance int64 `db:"balance" json:"-"`
	// Settlement is nil unless the invoice is issued and not void.
	Settlement *invoice.Settlement `db:"settlement" json:"settlement,omitempty"`
	// Overdue and Status hold at the instant of the query (BIL-A12, BIL-A13).
	Overdue    bool           `db:"-" json:"overdue"`
	Status     invoice.Status `db:"-" json:"status"`
	IssuedAt   *time.Time     `db:"issued_at" json:"issuedAt,omitempty"`
	VoidedOn   civil.Date     `db:"voided_on" json:"voidedOn,omitzero"`
	VoidReason string         `db:"void_reason" json:"voidReason,omitempty"`
	ChangedAt  time.Time      `db:"changed_at" json:"changedAt"`
	Revision   int64          `db:"revision" json:"-"`
	// Sequence is nil before issue.
	Sequence *int64 `db:"sequence" json:"-"`
}

const invoiceColumns = `invoice_id, chart_id, clinician_id, stage, number, version, invoice_date, terms, due_date, charges,
       currency, total, applied, balance, settlement, issued_at, voided_on, void_reason, changed_at, revision, sequence`

// InvoiceQuery is one question to the invoice tracker; zero fields of the filter
// do not narrow it. The axes of the status are filters of their own, so that an
// invoice that is overdue and paid in part is found under both (BIL-A12).
type InvoiceQuery struct {
	Selection
	// Invoice asks for this one, at whatever stage it is.
	Invoice id.Invoice
	// Stages are the stages shown; none means all but discarded drafts.
	Stages []invoice.Stage
	// Settlements finds issued invoices only.
	Settlements []invoice.Settlement
	Overdue     *bool
	// Number finds invoices by any part of their number, whatever its case; a whole
	// number finds that one only.
	Number string
	// Now and Zone are the present instant and the practice's zone: they say
	// which civil day it is there (BIL-A13).
	Now    time.Time
	Zone   *time.Location
	Cursor page.Token
	// Limit is the number of invoices at the most.
	Limit int
}

// InvoicePage is one page of the invoice tracker.
type InvoicePage struct {
	Invoices []Invoice
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// byDueDate is the one order of the tracker: due date, then number. What is never due
// and what has no number come last. A number is its clinician's and an id its
// ledger's, so the ledger breaks ties.
var byDueDate = read.Order[Invoice]{
	Name: "billing/invoices",
	Keys: []read.Key[Invoice]{
		{Column: "coalesce(due_date, 'infinity'::date)", Text: dueOrNever, Read: readDueOrNever},
		read.Number("coalesce(sequence, 9223372036854775807)", sequenceOrLast),
		read.ID("clinician_id", func(i Invoice) id.Member { return i.Clinician }),
		read.ID("chart_id", func(i Invoice) id.Chart { return i.Chart }),
		read.ID("invoice_id", func(i Invoice) id.Invoice { return i.ID }),
	},
}

const never = "infinity"

func dueOrNever(i Invoice) string {
	if i.DueDate.IsZero() {
		return never
	}
	return i.DueDate.String()
}

func readDueOrNever(s string) (any, error) {
	if s == never {
		return pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}, nil
	}
	return civil.ParseDate(s)
}

func sequenceOrLast(i Invoice) int64 {
	if i.Sequence == nil {
		return math.MaxInt64
	}
	return *i.Sequence
}

// Invoices returns a page of the invoice tracker (BIL-20, BIL-23, BIL-24).
// Fault: "malformed_cursor".
func Invoices(ctx context.Context, pool *pgxpool.Pool, q InvoiceQuery) (InvoicePage, error) {
	table, where := invoiceTable, q.filtered()
	if isWholeNumber(q.Number) {
		// Every clinician may have an invoice of this number. Without this fence Postgres reads
		// all invoices by due date, because it takes those for spread evenly.
		table = "(select * from " + table + " where " + where.String() + " offset 0) invoice"
		where = &read.Where{Args: where.Args}
	}
	list, next, err := read.List(ctx, pool, "select "+invoiceColumns+" from "+table, where, byDueDate, q.Cursor, q.Limit)
	for i := range list {
		list[i].judge(q.Now, q.Zone)
	}
	return InvoicePage{Invoices: list, Next: next}, err
}

func (q InvoiceQuery) filtered() *read.Where {
	where := q.where().Filter("invoice_id = ?", q.Invoice)
	oneOf(where, "stage", q.Stages)
	oneOf(where, "settlement", q.Settlements)
	if len(q.Stages) == 0 && q.Invoice.IsZero() {
		where.And("stage <> 'discarded'")
	}
	if q.Overdue != nil {
		where.And("(balance > 0 and coalesce(due_date < ?, false)) = ?", civil.In(q.Now, q.Zone), *q.Overdue)
	}
	return withNumber(where, q.Number)
}

// oneOf keeps rows that have one of some values. Of a single one the rows of an index
// are in the order of its further columns, which Postgres does not see in a list of one.
func oneOf[V any](where *read.Where, column string, values []V) {
	if len(values) == 1 {
		where.And(column+" = ?", values[0])
		return
	}
	where.Filter(column+" = any(?)", values)
}

// judge says how the invoice stands at an instant, by the rules of the domain.
func (i *Invoice) judge(now time.Time, zone *time.Location) {
	of := invoice.Invoice{Stage: i.Stage, DueDate: i.DueDate, Total: money.Of(i.Total, i.Currency), Applied: money.Of(i.Applied, i.Currency)}
	i.Overdue, i.Status = invoice.Overdue(of, now, zone), invoice.StatusOf(of, now, zone)
}
