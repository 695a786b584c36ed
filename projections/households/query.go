package households

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
	"praxis/projections/roster"
	"praxis/projections/search"
	"praxis/projections/team"
)

var householdTable = projections.Table(Projector{}, "household")

// Entry is one household of the list.
type Entry struct {
	Household id.Household `db:"household_id"`
	Name      string       `db:"name"`
	Primary   id.Member    `db:"primary_id"`
	Secondary id.Member    `db:"secondary_id"`
	// Team are the other members of the team whose place holds.
	Team []id.Member `db:"team"`
	// People and Charts are how many there are, also of those whom the reader may not see.
	People    int        `db:"people"`
	Charts    int        `db:"charts"`
	Offered   Offer      `db:"offered"`
	ExpiresAt *time.Time `db:"expires_at"`
	Ended     bool       `db:"ended"`
	CreatedAt time.Time  `db:"created_at"`
	ChangedAt time.Time  `db:"changed_at"`

	Windows team.Windows `db:"windows"`
}

const columns = `household_id, name, primary_id, coalesce(secondary_id, '00000000-0000-0000-0000-000000000000') as secondary_id, team, windows,
       (select count(*) from jsonb_object_keys(people)) as people, cardinality(charts) as charts, offered, expires_at, ended, created_at, changed_at`

// Query is one question to the list.
type Query struct {
	// Reach is whose households the reader may see (team.view), and Roster which charts
	// (roster.view): a household is found by a chart, or by its patient's name, only by those
	// who may see that chart.
	Reach, Roster access.Reach
	// Professionals narrows to households whose primary or secondary they are.
	Professionals []id.Member
	// Chart narrows to the household that has the chart.
	Chart id.Chart
	// Ended shows those that ended instead of the others.
	Ended bool
	// Search finds the names in which each of its words begins one, as package search compares them:
	// that of the household, of its people, and of the patients of its charts.
	Search string
	Cursor page.Token
	// Limit is the number of entries at the most.
	Limit int
}

var scope = reachsql.Columns{Group: "group_id", Clinician: "primary_id", Team: "team", Windows: "windows"}

var byName = read.Order[Entry]{Name: "households", Keys: []read.Key[Entry]{
	read.Text("name", func(e Entry) string { return e.Name }),
	read.ID("household_id", func(e Entry) id.Household { return e.Household }),
}}

// List answers a query, by name. Fault: "malformed_cursor".
func List(ctx context.Context, pool *pgxpool.Pool, q Query) ([]Entry, page.Token, error) {
	where := read.Within(q.Reach, scope).And("ended = ?", q.Ended).Filter("(primary_id = any(?) or secondary_id = any(?))", q.Professionals)
	if !q.Chart.IsZero() {
		where.And("charts @> array[?::uuid]", q.Chart).And("exists ("+roster.Seen(q.Roster, &where.Args)+" and chart_id = ?)", q.Chart)
	}
	if strings.TrimSpace(q.Search) != "" {
		words := search.Query(q.Search)
		where.And("(search @@ cast(? as text)::tsquery or exists ("+roster.Seen(q.Roster, &where.Args)+" and chart_id = any(charts) and search @@ cast(? as text)::tsquery))", words, words)
	}
	entries, next, err := read.List(ctx, pool, "select "+columns+" from "+householdTable, where, byName, q.Cursor, q.Limit)
	for i := range entries {
		entries[i].Team = entries[i].Windows.Holding(entries[i].Team, q.Reach.At)
	}
	return entries, next, err
}
