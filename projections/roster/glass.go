package roster

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/read"
	"praxis/projections/rows"
)

// glassRow is one time in which a member broke the glass of a chart.
type glassRow struct {
	Glass    id.Event        `db:"glass_id"`
	Chart    id.Chart        `db:"chart_id"`
	Group    id.Group        `db:"group_id"`
	Member   id.Member       `db:"member_id"`
	Reason   chart.GlassCode `db:"reason_code"`
	Text     string          `db:"reason"`
	OpenedAt time.Time       `db:"opened_at"`
	Until    time.Time       `db:"expires_at"`
	// Closed is when it was closed before that, and By who did.
	Closed     *time.Time    `db:"closed_at"`
	By         id.Member     `db:"closed_by,null"`
	ReviewedAt *time.Time    `db:"reviewed_at"`
	Reviewer   id.Member     `db:"reviewed_by,null"`
	Verdict    chart.Verdict `db:"verdict"`
	Review     string        `db:"review"`
}

func (r *glassRow) key() id.Event { return r.Glass }

var glasses = rows.NewTable("break_glass", (*glassRow).key, "glass_id")

// glass writes what one event of a chart says of its broken glass.
type glass struct {
	batch *rows.Batch
	group id.Group
	chart id.Chart
	at    time.Time
}

func (g glass) project(event chart.Event) {
	switch ev := event.(type) {
	case chart.BreakGlassOpened:
		glasses.Insert(g.batch, glassRow{
			Glass: ev.Glass, Chart: g.chart, Group: g.group, Member: ev.Member, Reason: ev.ReasonCode, Text: ev.Text, OpenedAt: g.at, Until: ev.ExpiresAt,
		})
	case chart.BreakGlassClosed:
		glasses.Change(g.batch, ev.Glass, func(r *glassRow) { r.Closed, r.By = &g.at, ev.By })
	case chart.BreakGlassReviewed:
		glasses.Change(g.batch, ev.Glass, func(r *glassRow) {
			r.ReviewedAt, r.Reviewer, r.Verdict, r.Review = &g.at, ev.By, ev.Verdict, ev.Text
		})
	default:
	}
}

// GlassStatus is how broken glass stands at an instant.
type GlassStatus string

// The statuses.
const (
	GlassOpen           GlassStatus = "open"
	GlassAwaitingReview GlassStatus = "awaiting_review"
	GlassReviewed       GlassStatus = "reviewed"
)

// BrokenGlass is one time in which a member broke the glass of a chart, with the patient's
// name.
type BrokenGlass struct {
	Glass      id.Event        `db:"glass_id"`
	Chart      id.Chart        `db:"chart_id"`
	GivenName  string          `db:"given_name"`
	FamilyName string          `db:"family_name"`
	Member     id.Member       `db:"member_id"`
	Reason     chart.GlassCode `db:"reason_code"`
	Text       string          `db:"reason"`
	OpenedAt   time.Time       `db:"opened_at"`
	Until      time.Time       `db:"expires_at"`
	Closed     *time.Time      `db:"closed_at"`
	By         *id.Member      `db:"closed_by"`
	ReviewedAt *time.Time      `db:"reviewed_at"`
	Reviewer   *id.Member      `db:"reviewed_by"`
	Verdict    chart.Verdict   `db:"verdict"`
	Review     string          `db:"review"`
}

// Status is how it stands at the instant now.
func (b BrokenGlass) Status(now time.Time) GlassStatus {
	switch {
	case b.ReviewedAt != nil:
		return GlassReviewed
	case b.Closed == nil && now.Before(b.Until):
		return GlassOpen
	}
	return GlassAwaitingReview
}

// GlassQuery asks for broken glass, the latest first.
type GlassQuery struct {
	// Reach is what the reader may review (break_glass.review).
	Reach  access.Reach
	Status GlassStatus
	// Now is the instant, UTC, at which glass is open or not.
	Now    time.Time
	Cursor page.Token
	// Limit is the number at the most.
	Limit int
}

// GlassPage is one page.
type GlassPage struct {
	Glass []BrokenGlass
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

var selectGlass = `
select glass_id, chart_id, given_name, family_name, member_id, reason_code, reason, opened_at, expires_at, closed_at, closed_by,
       reviewed_at, reviewed_by, verdict, review
  from ` + glassTable + ` join ` + chartTable + ` using (chart_id, group_id)`

// latest is the order of broken glass.
var latest = read.Order[BrokenGlass]{
	Name: "roster/glass",
	Keys: []read.Key[BrokenGlass]{
		read.Instant("opened_at", func(b BrokenGlass) time.Time { return b.OpenedAt }),
		read.ID("glass_id", func(b BrokenGlass) id.Event { return b.Glass }),
	},
	Descending: true,
}

// Broken lists broken glass. Fault: "malformed_cursor".
func Broken(ctx context.Context, pool *pgxpool.Pool, q GlassQuery) (GlassPage, error) {
	where := read.Within(q.Reach, scope)
	switch q.Status {
	case GlassOpen:
		where.And("reviewed_at is null and closed_at is null and expires_at > ?", q.Now)
	case GlassAwaitingReview:
		where.And("reviewed_at is null and (closed_at is not null or expires_at <= ?)", q.Now)
	case GlassReviewed:
		where.And("reviewed_at is not null")
	}
	found, next, err := read.List(ctx, pool, selectGlass, where, latest, q.Cursor, q.Limit)
	return GlassPage{found, next}, err
}

var errNoGlass = fault.New(fault.NotFound, "break_glass_not_found", "The glass of this chart was not broken that time, or you may not review it.")

// FindGlass returns one time in which the glass of a chart was broken, if it is within
// reach. Fault: "break_glass_not_found".
func FindGlass(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, c id.Chart, which id.Event) (BrokenGlass, error) {
	where := read.Within(reach, scope).And("chart_id = ? and glass_id = ?", c, which)
	return read.One[BrokenGlass](ctx, pool, errNoGlass, selectGlass+" where "+where.String(), where.Args.Values...)
}
