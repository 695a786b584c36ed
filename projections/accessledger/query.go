package accessledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
	"praxis/projections/roster"
)

// Entry is one record of the access log.
type Entry struct {
	Event id.Event  `db:"event_id"`
	At    time.Time `db:"at"`
	Kind  Kind      `db:"kind"`
	// Actor is who it was, as in the metadata of events; Member is set for members.
	Actor      string     `db:"actor"`
	Member     *id.Member `db:"member_id"`
	Role       string     `db:"role"`
	OnBehalfOf string     `db:"on_behalf_of"`
	Purpose    string     `db:"purpose"`
	Operation  string     `db:"operation"`
	Section    string     `db:"section"`
	Capability string     `db:"capability"`
	// Rule is what decided; DecidedBy and Grantor are set where a person set it.
	Rule      string     `db:"rule"`
	DecidedBy *id.Event  `db:"decided_by"`
	Grantor   *id.Member `db:"grantor"`
	Filters   string     `db:"filters"`
	Reflects  string     `db:"reflects"`
	Amount    int        `db:"amount"`
	SHA256    string     `db:"sha256"`
	Position  uint64     `db:"position"`
	Prepare   uint64     `db:"prepare"`
	// Charts are those of the charts that it is about that the reader may see.
	Charts []Chart `db:"-"`
}

// Chart is a chart that a record is about.
type Chart struct {
	Event  id.Event `db:"event_id"`
	Chart  id.Chart `db:"chart_id"`
	Given  string   `db:"given_name"`
	Family string   `db:"family_name"`
}

// Query asks for records, the newest first.
type Query struct {
	// Reach is what the reader may see of the log (access_log.view), and Charts which
	// charts they may see (roster.view): a chart that they may not is not in the answer.
	Reach, Charts access.Reach
	Member        id.Member
	Chart         id.Chart
	Kinds         []Kind
	Operations    []string
	// From and Until bound the time of recording: [From, Until). Zero means unbounded.
	From, Until time.Time
	Cursor      page.Token
	Limit       int
}

// Page is one page.
type Page struct {
	Entries []Entry
	Next    page.Token
}

const columns = `
select e.event_id, e.at, e.kind, e.actor, e.member_id, e.role, e.on_behalf_of, e.purpose, e.operation, e.section, e.capability, e.rule,
       e.decided_by, r.grantor, e.filters, e.reflects, e.amount, e.sha256, e.position, e.prepare`

var selectEntries = columns + `
  from ` + entryTable + ` e
  left join ` + ruleTable + ` r on r.event_id = e.decided_by and r.group_id = e.group_id`

// looker says where records keep who looked: who may see what is a clinician's, or about
// somebody, may see what they looked at.
var looker = reachsql.Columns{Group: "e.group_id", Clinician: "e.member_id", Subject: "e.member_id"}

// newest is the one order.
var newest = read.Order[Entry]{
	Name: "access ledger",
	Keys: []read.Key[Entry]{
		read.Instant("e.at", func(e Entry) time.Time { return e.At }),
		read.ID("e.event_id", func(e Entry) id.Event { return e.Event }),
	},
	Descending: true,
}

// List answers a query. Fault: "malformed_cursor".
func List(ctx context.Context, pool *pgxpool.Pool, q Query) (Page, error) {
	where := (&read.Where{}).And("e.group_id = ?", q.Reach.Group)
	if !q.Reach.Everything() {
		where.And("(" + reachsql.Condition(q.Reach, looker, &where.Args) + " or exists (select from " + shownTable + " s where s.event_id = e.event_id and s.chart_id in (" +
			roster.Seen(q.Reach, &where.Args) + ") and s.chart_id in (" + roster.Seen(q.Charts, &where.Args) + ")))")
	}
	if !q.Chart.IsZero() {
		where.And("e.event_id in (select s.event_id from "+shownTable+" s where s.chart_id = ?)", q.Chart)
		where.And("exists (select from (" + roster.Seen(q.Charts, &where.Args) + ") c where c.chart_id = " + where.Args.Add(q.Chart) + ")")
	}
	where.Filter("e.member_id = ?", q.Member).
		Filter("e.kind = any(?)", q.Kinds).
		Filter("e.operation = any(?)", q.Operations).
		Filter("e.at >= ?", q.From).
		Filter("e.at < ?", q.Until)
	list, next, err := read.List(ctx, pool, selectEntries, where, newest, q.Cursor, q.Limit)
	if err != nil {
		return Page{}, err
	}
	return Page{list, next}, addCharts(ctx, pool, q.Charts, list)
}

// LooksAt answers who looked at a chart, the newest first, for a patient who may see that
// (access_report.view_own): each look without the other charts that it showed.
// Fault: "malformed_cursor".
func LooksAt(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, c id.Chart, cursor page.Token, limit int) (Page, error) {
	where := read.Within(reach, reachsql.Columns{Group: "e.group_id", Chart: "s.chart_id"}).And("s.chart_id = ?", c).And("e.kind = ?", Viewed)
	list, next, err := read.List(ctx, pool, selectEntries+" join "+shownTable+" s on s.event_id = e.event_id", where, newest, cursor, limit)
	return Page{list, next}, err
}

// LooksByGlass answers how many looks there were because of each of the times in which
// members broke the glass of a chart, by their events. It shows nothing of what was looked at.
func LooksByGlass(ctx context.Context, pool *pgxpool.Pool, g id.Group, events []id.Event) (map[id.Event]int, error) {
	found, err := read.Rows[struct {
		By    id.Event `db:"decided_by"`
		Looks int      `db:"looks"`
	}](ctx, pool, "looks by glass", "select decided_by, count(*) as looks from "+entryTable+" where group_id = $1 and kind = $2 and rule = 'break_glass' and decided_by = any($3) group by decided_by", g, Viewed, events)
	looks := make(map[id.Event]int, len(found))
	for _, f := range found {
		looks[f.By] = f.Looks
	}
	return looks, err
}

// addCharts adds to the records those of their charts that the reader may see, by name.
func addCharts(ctx context.Context, pool *pgxpool.Pool, seen access.Reach, list []Entry) error {
	at := make(map[id.Event]int, len(list))
	events := make([]id.Event, 0, len(list))
	for n, e := range list {
		at[e.Event], events = n, append(events, e.Event)
	}
	if len(events) == 0 || seen.Empty() {
		return nil
	}
	var args reachsql.Args
	charts, err := read.Rows[Chart](ctx, pool, "charts of the access ledger", `
select s.event_id, s.chart_id, c.given_name, c.family_name
  from `+shownTable+` s join (`+roster.SeenNames(seen, &args)+`) c on c.chart_id = s.chart_id
 where s.event_id = any(`+args.Add(events)+`) order by c.sort_name, s.chart_id`, args.Values...)
	for _, c := range charts {
		list[at[c.Event]].Charts = append(list[at[c.Event]].Charts, c)
	}
	return err
}
