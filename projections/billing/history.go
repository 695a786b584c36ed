package billing

import (
	"context"
	"fmt"
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

// Entry is one line of the billing history.
type Entry struct {
	// Event is the event that the line tells of.
	Event     id.Event  `db:"event_id"`
	Chart     id.Chart  `db:"chart_id"`
	Clinician id.Member `db:"clinician_id"`
	Kind      Kind      `db:"kind"`
	// EffectiveDate is the civil day on which it takes effect, YYYY-MM-DD;
	// RecordedAt is when it became known, UTC.
	EffectiveDate string         `db:"effective_date"`
	RecordedAt    time.Time      `db:"recorded_at"`
	Code          string         `db:"code"`
	Description   string         `db:"description"`
	Reason        string         `db:"reason"`
	Method        invoice.Method `db:"method"`
	Payer         string         `db:"payer"`
	Reference     string         `db:"reference"`
	Currency      money.Currency `db:"currency"`
	// Amount is what the line is about; Debit and Credit are by how much it raises
	// or lowers what the patient owes in all. All are minor units of Currency.
	Amount int64 `db:"amount"`
	Debit  int64 `db:"debit"`
	Credit int64 `db:"credit"`
	// ChargeID, Invoice and Payment are nil where the line is about none.
	ChargeID *id.Charge  `db:"charge_id"`
	Invoice  *id.Invoice `db:"invoice_id"`
	Number   string      `db:"number"`
	Payment  *id.Payment `db:"payment_id"`
	// Corrects is the charge, invoice or payment that the line takes back.
	Corrects *string `db:"corrects"`
	// Actor recorded it, by Command.
	Actor    string      `db:"actor"`
	Command  *id.Command `db:"command_id"`
	Position int64       `db:"position"`
	Prepare  int64       `db:"prepare"`
}

const entryColumns = `event_id, chart_id, clinician_id, kind, effective_date::text, recorded_at, code, description, reason,
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

// historyOrder names the one order of the history: newest effective day first,
// and within a day what was recorded last.
const historyOrder = "billing/history"

// History returns a page of the group's billing history (BIL-16). Fault:
// "malformed_cursor".
func History(ctx context.Context, pool *pgxpool.Pool, q HistoryQuery) (HistoryPage, error) {
	var args reachsql.Args
	where := q.conditions(&args)
	if len(q.Kinds) > 0 {
		where = append(where, "kind = any("+args.Add(q.Kinds)+"::text[])")
	}
	if !q.Charge.IsZero() {
		where = append(where, "charge_id = "+args.Add(q.Charge))
	}
	if !q.Payment.IsZero() {
		where = append(where, "payment_id = "+args.Add(q.Payment))
	}
	if !q.From.IsZero() {
		where = append(where, "effective_date >= "+args.Add(q.From.String())+"::text::date")
	}
	if !q.To.IsZero() {
		where = append(where, "effective_date <= "+args.Add(q.To.String())+"::text::date")
	}
	beyond, err := beyondEntry(q.Cursor, &args)
	if err != nil {
		return HistoryPage{}, err
	}
	where = append(where, beyond...)
	sql := "select " + entryColumns + " from billing.entry where " + strings.Join(where, " and ") +
		" order by effective_date desc, position desc, prepare desc limit " + args.Add(q.Limit+1)
	rows, err := pool.Query(ctx, sql, args.Values...)
	if err != nil {
		return HistoryPage{}, fmt.Errorf("billing history: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return HistoryPage{}, fmt.Errorf("billing history: %w", err)
	}
	entries, next, err := page.Cut(entries, q.Limit, historyOrder, func(last Entry) []string {
		return []string{last.EffectiveDate, strconv.FormatInt(last.Position, 10), strconv.FormatInt(last.Prepare, 10)}
	})
	return HistoryPage{Entries: entries, Next: next}, err
}

// beyondEntry returns the condition of the page after a cursor. Its keys are
// read here and not by the database, because anybody can write a cursor.
func beyondEntry(token page.Token, args *reachsql.Args) ([]string, error) {
	cursor, err := page.Parse(token, historyOrder, 3)
	if err != nil || cursor == nil {
		return nil, err
	}
	on, errDate := civil.ParseDate(cursor.Keys[0])
	position, errPosition := strconv.ParseInt(cursor.Keys[1], 10, 64)
	prepare, errPrepare := strconv.ParseInt(cursor.Keys[2], 10, 64)
	if errDate != nil || errPosition != nil || errPrepare != nil {
		return nil, page.ErrMalformed
	}
	return []string{fmt.Sprintf("(effective_date, position, prepare) < (%s::text::date, %s::bigint, %s::bigint)",
		args.Add(on.String()), args.Add(position), args.Add(prepare))}, nil
}
