package billing

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/page"
	"praxis/projections/reachsql"
)

// Invoice is one row of the invoice tracker.
type Invoice struct {
	ID        id.Invoice    `db:"invoice_id"`
	Chart     id.Chart      `db:"chart_id"`
	Clinician id.Member     `db:"clinician_id"`
	Stage     invoice.Stage `db:"stage"`
	// Number is empty and Version 0 before issue.
	Number  string `db:"number"`
	Version int    `db:"version"`
	// Date and DueDate are civil days, YYYY-MM-DD; DueDate is nil for terms without one.
	Date     string         `db:"invoice_date"`
	Terms    string         `db:"terms"`
	DueDate  *string        `db:"due_date"`
	Charges  []id.Charge    `db:"charges"`
	Currency money.Currency `db:"currency"`
	// Total, Applied and Balance are minor units of Currency.
	Total   int64 `db:"total"`
	Applied int64 `db:"applied"`
	Balance int64 `db:"balance"`
	// Settlement is nil unless the invoice is issued and not void.
	Settlement *invoice.Settlement `db:"settlement"`
	// Overdue and Status hold at the instant of the query (BIL-A12, BIL-A13).
	Overdue    bool           `db:"-"`
	Status     invoice.Status `db:"-"`
	IssuedAt   *time.Time     `db:"issued_at"`
	VoidedOn   *string        `db:"voided_on"`
	VoidReason string         `db:"void_reason"`
	ChangedAt  time.Time      `db:"changed_at"`
	Revision   int64          `db:"revision"`
	// Sequence is nil before issue.
	Sequence *int64 `db:"sequence"`
}

const invoiceColumns = `invoice_id, chart_id, clinician_id, stage, number, version, invoice_date::text, terms, due_date::text, charges,
       currency, total, applied, balance, settlement, issued_at, voided_on::text, void_reason, changed_at, revision, sequence`

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

// The one order of the tracker: due date, then number. What is never due and
// what has no number come last. A number is its clinician's and an id its
// ledger's, so the ledger breaks ties.
const (
	trackerOrder = "billing/invoices"
	never        = "infinity"
	trackerKeys  = `coalesce(due_date, 'infinity'::date), coalesce(sequence, 9223372036854775807), clinician_id, chart_id, invoice_id`
)

// Invoices returns a page of the invoice tracker (BIL-20, BIL-23, BIL-24).
// Fault: "malformed_cursor".
func Invoices(ctx context.Context, pool *pgxpool.Pool, q InvoiceQuery) (InvoicePage, error) {
	var args reachsql.Args
	beyond, err := beyondInvoice(q.Cursor, &args)
	if err != nil {
		return InvoicePage{}, err
	}
	where := append(q.filter(&args), beyond...)
	sql := "select " + invoiceColumns + " from billing.invoice where " + strings.Join(where, " and ") +
		" order by " + trackerKeys + " limit " + args.Add(q.Limit+1)
	rows, err := pool.Query(ctx, sql, args.Values...)
	if err != nil {
		return InvoicePage{}, fmt.Errorf("billing invoices: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Invoice])
	if err != nil {
		return InvoicePage{}, fmt.Errorf("billing invoices: %w", err)
	}
	var next page.Token
	if len(list) > q.Limit {
		list = list[:q.Limit]
		if next, err = cursorAfter(list[q.Limit-1]); err != nil {
			return InvoicePage{}, fmt.Errorf("billing invoices: %w", err)
		}
	}
	for i := range list {
		if err := list[i].judge(q.Now, q.Zone); err != nil {
			return InvoicePage{}, fmt.Errorf("billing invoices: %w", err)
		}
	}
	return InvoicePage{Invoices: list, Next: next}, nil
}

func (q InvoiceQuery) filter(args *reachsql.Args) []string {
	where := q.conditions(args)
	switch {
	case len(q.Stages) > 0:
		where = append(where, "stage = any("+args.Add(q.Stages)+"::text[])")
	case q.Invoice.IsZero():
		where = append(where, "stage <> 'discarded'")
	}
	if !q.Invoice.IsZero() {
		where = append(where, "invoice_id = "+args.Add(q.Invoice))
	}
	if len(q.Settlements) > 0 {
		where = append(where, "settlement = any("+args.Add(q.Settlements)+"::text[])")
	}
	if q.Overdue != nil {
		today := civil.In(q.Now, q.Zone).String()
		where = append(where, fmt.Sprintf("(balance > 0 and coalesce(due_date < %s::text::date, false)) = %s", args.Add(today), args.Add(*q.Overdue)))
	}
	number := strings.ToUpper(strings.TrimSpace(q.Number))
	switch {
	case wholeNumber.MatchString(number):
		where = append(where, "number = "+args.Add(number))
	case number != "":
		where = append(where, "position("+args.Add(number)+"::text in number) > 0")
	}
	return where
}

// wholeNumber matches numbers as they are printed: a prefix, and six digits or more.
var wholeNumber = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,5}-[0-9]{6,}$`)

// judge says how the invoice stands at an instant, by the rules of the domain.
func (i *Invoice) judge(now time.Time, zone *time.Location) error {
	due, err := civilDate(i.DueDate)
	if err != nil {
		return err
	}
	of := invoice.Invoice{Stage: i.Stage, DueDate: due, Total: money.Of(i.Total, i.Currency), Applied: money.Of(i.Applied, i.Currency)}
	i.Overdue, i.Status = invoice.Overdue(of, now, zone), invoice.StatusOf(of, now, zone)
	return nil
}

func cursorAfter(last Invoice) (page.Token, error) {
	due, sequence := never, int64(math.MaxInt64)
	if last.DueDate != nil {
		due = *last.DueDate
	}
	if last.Sequence != nil {
		sequence = *last.Sequence
	}
	return page.Cursor{Order: trackerOrder, Keys: []string{
		due, strconv.FormatInt(sequence, 10), last.Clinician.String(), last.Chart.String(), last.ID.String(),
	}}.Token()
}

// beyondInvoice returns the condition of the page after a cursor. Its keys are
// read here and not by the database, because anybody can write a cursor.
func beyondInvoice(token page.Token, args *reachsql.Args) ([]string, error) {
	cursor, err := page.Parse(token, trackerOrder, 5)
	if err != nil || cursor == nil {
		return nil, err
	}
	if due := cursor.Keys[0]; due != never {
		if _, err := civil.ParseDate(due); err != nil {
			return nil, page.ErrMalformed
		}
	}
	sequence, errSequence := strconv.ParseInt(cursor.Keys[1], 10, 64)
	clinician, errClinician := id.Parse[id.Member](cursor.Keys[2])
	chart, errChart := id.Parse[id.Chart](cursor.Keys[3])
	i, errInvoice := id.Parse[id.Invoice](cursor.Keys[4])
	if errSequence != nil || errClinician != nil || errChart != nil || errInvoice != nil {
		return nil, page.ErrMalformed
	}
	return []string{fmt.Sprintf("(%s) > (%s::text::date, %s::bigint, %s::uuid, %s::uuid, %s::uuid)", trackerKeys,
		args.Add(cursor.Keys[0]), args.Add(sequence), args.Add(clinician), args.Add(chart), args.Add(i))}, nil
}
