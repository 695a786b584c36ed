package roster

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/read"
)

const (
	deleteFormer  = `delete from former_place where chart_id = $1 and member_id = $2`
	moveFormersOn = `update former_place set moved_on = true where chart_id = $1 and role = 'primary'`
	upsertFormer  = `
insert into former_place (chart_id, member_id, group_id, removal_id, role, given_to, given_to_was)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (chart_id, member_id) do update
   set removal_id = excluded.removal_id, role = excluded.role, given_to = excluded.given_to,
       given_to_was = excluded.given_to_was, moved_on = false`
)

// former writes what careteam.FormerPlaces keeps.
type former struct {
	batch *pgx.Batch
	group id.Group
	chart id.Chart
}

// project turns one event of a chart into statements about lost places.
func (f former) project(event chart.Event) {
	switch ev := event.(type) {
	case chart.PrimaryProfessionalChanged:
		f.reassigned(ev.To)
		f.lost(careteam.FormerPlace{Member: ev.From, Removal: ev.Removal, Role: careteam.Primary, To: ev.To, ToWas: ev.ToWas})
	case chart.PlacedInCustody:
		f.reassigned(ev.Custodian)
		f.lost(careteam.FormerPlace{Member: ev.From, Removal: ev.Removal, Role: careteam.Primary, To: ev.Custodian, ToWas: ev.CustodianWas})
	case chart.TeamMemberAdded:
		f.batch.Queue(deleteFormer, f.chart, ev.Member)
	case chart.TeamMemberRemoved:
		f.lost(careteam.FormerPlace{Member: ev.Member, Removal: ev.Removal, Role: ev.LastRole})
	case chart.Created, chart.DemographicsUpdated, chart.TeamRoleChanged, chart.BranchChanged, chart.StatusChanged,
		chart.Archived, chart.Unarchived, chart.PatientAccountLinked, chart.PatientAccountUnlinked:
	}
}

func (f former) reassigned(to id.Member) {
	f.batch.Queue(deleteFormer, f.chart, to)
	f.batch.Queue(moveFormersOn, f.chart)
}

func (f former) lost(p careteam.FormerPlace) {
	if p.Removal.IsZero() {
		return
	}
	f.batch.Queue(upsertFormer, f.chart, p.Member, f.group, p.Removal, string(p.Role), projections.OrNull(p.To), string(p.ToWas))
}

// FormerChart is a chart on which somebody lost a place because they left.
type FormerChart struct {
	Chart    id.Chart  `db:"chart_id"`
	Branch   id.Branch `db:"branch_id"`
	Primary  id.Member `db:"primary_id"`
	Archived bool      `db:"archived"`
	// Place is what they lost.
	Place careteam.FormerPlace `db:"place"`
}

// FormerQuery asks for the charts that one removal took from one member.
type FormerQuery struct {
	// Reach is what the reader may assign (chart.assign_clinician).
	Reach   access.Reach
	Group   id.Group
	Member  id.Member
	Removal id.Event
	Cursor  page.Token
	// Limit is the number of charts at the most.
	Limit int
}

// FormerPage is one page of former charts, in the order of their ids.
type FormerPage struct {
	Charts []FormerChart
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// byChart is the order of former charts.
var byChart = read.Order[FormerChart]{
	Name: "roster/former",
	Keys: []read.Key[FormerChart]{read.ID("chart_id", func(f FormerChart) id.Chart { return f.Chart })},
}

// placeJSON is a former place as careteam.FormerPlace reads it.
const placeJSON = `jsonb_strip_nulls(jsonb_build_object('member', member_id, 'removal', removal_id, 'role', role,
       'to', given_to, 'toWas', given_to_was, 'movedOn', moved_on))`

const selectFormer = `
select chart_id, branch_id, primary_id, archived, ` + placeJSON + ` as place
  from roster.former_place join roster.chart using (chart_id, group_id)`

// Former lists what a removal took, archived charts too. It shows no patient.
// Fault: "malformed_cursor".
func Former(ctx context.Context, pool *pgxpool.Pool, q FormerQuery) (FormerPage, error) {
	where := read.Within(q.Reach, scope).And("group_id = ? and member_id = ? and removal_id = ?", q.Group, q.Member, q.Removal)
	charts, next, err := read.List(ctx, pool, selectFormer, where, byChart, q.Cursor, q.Limit)
	return FormerPage{Charts: charts, Next: next}, err
}
