package roster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/search"
)

// Entry is one chart on the roster.
type Entry struct {
	Chart      id.Chart     `db:"chart_id"`
	GivenName  string       `db:"given_name"`
	FamilyName string       `db:"family_name"`
	BirthDate  *string      `db:"birth_date"`
	Email      string       `db:"email"`
	Phone      string       `db:"phone"`
	Branch     id.Branch    `db:"branch_id"`
	Primary    id.Member    `db:"primary_id"`
	Team       []id.Member  `db:"team"`
	Status     chart.Status `db:"status"`
	Archived   bool         `db:"archived"`
	CreatedAt  time.Time    `db:"created_at"`
	ChangedAt  time.Time    `db:"changed_at"`
	Revision   int64        `db:"revision"`
	SortName   string       `db:"sort_name"`
}

const columns = `chart_id, given_name, family_name, birth_date::text, email, phone, branch_id, primary_id,
       team, status, archived, created_at, changed_at, revision, sort_name`

// Filter narrows the roster; zero fields do not.
type Filter struct {
	Clinicians []id.Member
	Branches   []id.Branch
	Status     chart.Status
	// Archived shows the archived charts instead of the others (AMB-17).
	Archived bool
	// Search finds the names of which words begin with each word of it, as package
	// search compares them.
	Search string
}

// Order is how the roster is sorted.
type Order string

// The orders.
const (
	ByName    Order = "name"
	ByCreated Order = "created"
)

// orders are the columns of the orders.
var orders = map[Order]string{ByName: "sort_name", ByCreated: "created_at"}

// Query is one question to the roster.
type Query struct {
	// Reach is what the reader may see (roster.view, or roster.export).
	Reach  access.Reach
	Filter Filter
	Order  Order
	// Descending turns the order round.
	Descending bool
	Cursor     page.Token
	// Limit is the number of entries at the most, 0 for all of them.
	Limit int
}

// Page is one page of the roster.
type Page struct {
	Entries []Entry
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

var scope = reachsql.Columns{Group: "group_id", Clinician: "primary_id", Branch: "branch_id", Team: "team", Chart: "chart_id"}

// List answers a query. Faults: "malformed_cursor", "unknown_order".
func List(ctx context.Context, pool *pgxpool.Pool, q Query) (Page, error) {
	column, ok := orders[q.Order]
	if !ok {
		return Page{}, fault.New(fault.Invalid, "unknown_order", "The roster is sorted by name or created.")
	}
	name := fmt.Sprintf("roster/%s/%t", q.Order, q.Descending)
	var args reachsql.Args
	where := append([]string{reachsql.Condition(q.Reach, scope, &args)}, q.Filter.conditions(&args)...)
	direction, beyond := "asc", ">"
	if q.Descending {
		direction, beyond = "desc", "<"
	}
	after, err := q.after(name)
	if err != nil {
		return Page{}, err
	}
	if after != nil {
		where = append(where, fmt.Sprintf("(%s, chart_id) %s (%s, %s::uuid)", column, beyond, args.Add(after.key), args.Add(after.chart)))
	}
	from := "select * from roster.chart where " + strings.Join(where, " and ")
	if q.Filter.searches() {
		// What is searched for stands together in the order of names, often far from its
		// beginning. Without this fence Postgres reads in that order to find the first
		// page.
		from += " offset 0"
	}
	sql := fmt.Sprintf("select %s from (%s) chart order by %s %s, chart_id %s", columns, from, column, direction, direction)
	if q.Limit > 0 {
		sql += " limit " + args.Add(q.Limit+1)
	}
	rows, err := pool.Query(ctx, sql, args.Values...)
	if err != nil {
		return Page{}, fmt.Errorf("roster: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return Page{}, fmt.Errorf("roster: %w", err)
	}
	return cut(entries, q.Limit, name, q.Order)
}

// place is where a page of the roster ended.
type place struct {
	key   any
	chart id.Chart
}

// after reads the cursor, nil for the first page. Its keys are read here and not
// by the database, because anybody can write a cursor.
func (q Query) after(name string) (*place, error) {
	cursor, err := page.Parse(q.Cursor, name, 2)
	if err != nil || cursor == nil {
		return nil, err
	}
	last := &place{key: cursor.Keys[0]}
	if q.Order == ByCreated {
		created, err := time.Parse(time.RFC3339Nano, cursor.Keys[0])
		if err != nil {
			return nil, page.ErrMalformed
		}
		last.key = created
	}
	if last.chart, err = id.Parse[id.Chart](cursor.Keys[1]); err != nil {
		return nil, page.ErrMalformed
	}
	return last, nil
}

// cut returns the page without the entry that only showed that there are more.
func cut(entries []Entry, limit int, name string, by Order) (Page, error) {
	if limit == 0 || len(entries) <= limit {
		return Page{Entries: entries}, nil
	}
	entries = entries[:limit]
	last := entries[limit-1]
	key := last.SortName
	if by == ByCreated {
		key = last.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
	next, err := page.Cursor{Order: name, Keys: []string{key, last.Chart.String()}}.Token()
	return Page{Entries: entries, Next: next}, err
}

// searches reports whether the filter searches for anything.
func (f Filter) searches() bool { return strings.TrimSpace(f.Search) != "" }

func (f Filter) conditions(args *reachsql.Args) []string {
	where := []string{"archived = " + args.Add(f.Archived)}
	if len(f.Clinicians) > 0 {
		where = append(where, "primary_id = any("+args.Add(f.Clinicians)+")")
	}
	if len(f.Branches) > 0 {
		where = append(where, "branch_id = any("+args.Add(f.Branches)+")")
	}
	if f.Status != "" {
		where = append(where, "status = "+args.Add(string(f.Status)))
	}
	if f.searches() {
		where = append(where, "search @@ cast("+args.Add(search.Query(f.Search))+" as text)::tsquery")
	}
	return where
}

// Find returns one chart, if it exists within reach. Fault: "chart_not_found".
func Find(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, c id.Chart) (Entry, error) {
	var args reachsql.Args
	where := reachsql.Condition(reach, scope, &args) + " and chart_id = " + args.Add(c)
	rows, err := pool.Query(ctx, "select "+columns+" from roster.chart where "+where, args.Values...)
	if err != nil {
		return Entry{}, fmt.Errorf("roster: %w", err)
	}
	entry, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Entry])
	if errors.Is(err, pgx.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "chart_not_found", "There is no such chart, or it is beyond what you may see.")
	}
	if err != nil {
		return Entry{}, fmt.Errorf("roster: %w", err)
	}
	return entry, nil
}
