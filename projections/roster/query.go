package roster

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
	"praxis/projections/search"
	"praxis/projections/team"
)

// Entry is one chart on the roster.
type Entry struct {
	Chart      id.Chart  `db:"chart_id" json:"id"`
	GivenName  string    `db:"given_name" json:"givenName"`
	FamilyName string    `db:"family_name" json:"familyName"`
	BirthDate  *string   `db:"birth_date" json:"birthDate,omitempty"`
	Email      string    `db:"email" json:"email,omitempty"`
	Phone      string    `db:"phone" json:"phone,omitempty"`
	Branch     id.Branch `db:"branch_id" json:"branch"`
	Primary    id.Member `db:"primary_id" json:"primary"`
	// Team are the other members whose place on the care team holds.
	Team      []id.Member  `db:"team" json:"team"`
	Status    chart.Status `db:"status" json:"status"`
	Archived  bool         `db:"archived" json:"archived"`
	CreatedAt time.Time    `db:"created_at" json:"createdAt"`
	ChangedAt time.Time    `db:"changed_at" json:"changedAt"`
	Revision  int64        `db:"revision" json:"-"`
	SortName  string       `db:"sort_name" json:"-"`
	Windows   team.Windows `db:"windows" json:"-"`
}

const columns = `chart_id, given_name, family_name, birth_date::text, email, phone, branch_id, primary_id,
       team, windows, status, archived, created_at, changed_at, revision, sort_name`

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
	ByChanged Order = "changed"
)

// orders are the keys of the orders.
var orders = map[Order]read.Key[Entry]{
	ByName:    read.Text("sort_name", func(e Entry) string { return e.SortName }),
	ByCreated: read.Instant("created_at", func(e Entry) time.Time { return e.CreatedAt }),
	ByChanged: read.Instant("changed_at", func(e Entry) time.Time { return e.ChangedAt }),
}

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

var scope = reachsql.Columns{Group: "group_id", Clinician: "primary_id", Branch: "branch_id", Team: "team", Windows: "windows", Chart: "chart_id"}

// within is what a reader may see of the charts: as they are in the rows that are read
// and, of the past, as they are now as well; places on care teams that are bounded in time
// are looked at as of the instant that is asked about, and as of now. A chart that left somebody's reach is gone for
// them, whatever was true then; one that came into it shows nothing of the time before.
func within(from projections.Tables, reach access.Reach) *read.Where {
	where := read.Within(from.Judged(reach), scope)
	if from.OfPast() && !reach.Everything() {
		where.And("chart_id in (select chart_id from " + chartTable + " where " + reachsql.Condition(reach, scope, &where.Args) + ")")
	}
	return where
}

// List answers a query. Faults: "malformed_cursor", "unknown_order".
func List(ctx context.Context, from projections.Tables, q Query) (Page, error) {
	table, where, order, err := q.of(from)
	if err != nil {
		return Page{}, err
	}
	entries, next, err := read.List(ctx, from, "select "+columns+" from "+table, where, order, q.Cursor, q.Limit)
	for i := range entries {
		entries[i].Team = entries[i].Windows.Holding(entries[i].Team, from.Judged(q.Reach).At)
	}
	return Page{Entries: entries, Next: next}, err
}

// Each answers a query with every entry, one after the other, whatever its Cursor and
// Limit; Team has the places that do not hold yet or no more as well, which Windows bounds.
// Fault: "unknown_order".
func Each(ctx context.Context, from projections.Tables, q Query) iter.Seq2[Entry, error] {
	table, where, order, err := q.of(from)
	if err != nil {
		return func(yield func(Entry, error) bool) { yield(Entry{}, err) }
	}
	return read.Each(ctx, from, "select "+columns+" from "+table, where, order)
}

// of is what a query reads, under which conditions and in which order.
func (q Query) of(from projections.Tables) (table string, where *read.Where, order read.Order[Entry], err error) {
	key, ok := orders[q.Order]
	if !ok {
		return "", nil, order, fault.New(fault.Invalid, "unknown_order", "The roster is sorted by name, created or changed.")
	}
	order = read.Order[Entry]{
		Name:       fmt.Sprintf("roster/%s/%t", q.Order, q.Descending),
		Keys:       []read.Key[Entry]{key, read.ID("chart_id", func(e Entry) id.Chart { return e.Chart })},
		Descending: q.Descending,
	}
	where = within(from, q.Reach).And("archived = ?", q.Filter.Archived).
		Filter("primary_id = any(?)", q.Filter.Clinicians).
		Filter("branch_id = any(?)", q.Filter.Branches).
		Filter("status = ?", q.Filter.Status)
	table = from.Of(Projector{}, "chart")
	if strings.TrimSpace(q.Filter.Search) != "" {
		where.And("search @@ cast(? as text)::tsquery", search.Query(q.Filter.Search))
		// What is searched for stands together in the order of names, often far from its
		// beginning. Without this fence Postgres reads in that order to find the first
		// page.
		table = "(select * from " + table + " where " + where.String() + " offset 0) chart"
		where = &read.Where{Args: where.Args}
	}
	return table, where, order, nil
}

// errNoChart says that nobody with this reach sees such a chart.
var errNoChart = fault.New(fault.NotFound, "chart_not_found", "There is no such chart, or it is beyond what you may see.")

// Find returns one chart, if it exists within reach. Fault: "chart_not_found".
func Find(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, c id.Chart) (Entry, error) {
	where := read.Within(reach, scope).And("chart_id = ?", c)
	e, err := read.One[Entry](ctx, pool, errNoChart, "select "+columns+" from "+chartTable+" where "+where.String(), where.Args.Values...)
	e.Team = e.Windows.Holding(e.Team, reach.At)
	return e, err
}
