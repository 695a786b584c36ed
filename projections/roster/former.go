package roster

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/read"
	"praxis/projections/rows"
)

// formerRow is a place that somebody lost because they left the practice.
type formerRow struct {
	Chart   id.Chart      `db:"chart_id"`
	Member  id.Member     `db:"member_id"`
	Group   id.Group      `db:"group_id"`
	Removal id.Event      `db:"removal_id"`
	Role    careteam.Role `db:"role"`
	To      id.Member     `db:"given_to,null"`
	ToWas   careteam.Role `db:"given_to_was"`
	MovedOn bool          `db:"moved_on"`
	// Window is when the place held, and ToWindow that of To before.
	Window   careteam.Window `db:"held,json"`
	ToWindow careteam.Window `db:"given_to_held,json"`
}

// formerKey names a place: a member has one on a chart.
type formerKey struct {
	Chart  id.Chart
	Member id.Member
}

func (r *formerRow) key() formerKey  { return formerKey{r.Chart, r.Member} }
func (r *formerRow) chart() id.Chart { return r.Chart }

var (
	formers  = rows.NewTable("former_place", (*formerRow).key, "chart_id", "member_id")
	formerOn = rows.NewIndex(formers, (*formerRow).chart, "chart_id")
)

// former writes what careteam.FormerPlaces keeps.
type former struct {
	batch *rows.Batch
	group id.Group
	chart id.Chart
}

// project notes what one event of a chart does to lost places.
func (f former) project(event chart.Event) {
	switch ev := event.(type) {
	case chart.PrimaryProfessionalChanged:
		f.reassigned(ev.To)
		f.lost(careteam.FormerPlace{Member: ev.From, Removal: ev.Removal, Role: careteam.Primary, To: ev.To, ToWas: ev.ToWas, ToWindow: ev.ToWindow})
	case chart.PlacedInCustody:
		f.reassigned(ev.Custodian)
		f.lost(careteam.FormerPlace{Member: ev.From, Removal: ev.Removal, Role: careteam.Primary, To: ev.Custodian, ToWas: ev.CustodianWas, ToWindow: ev.CustodianWindow})
	case chart.TeamMemberAdded:
		formers.Delete(f.batch, formerKey{f.chart, ev.Member})
	case chart.TeamMemberRemoved:
		f.lost(careteam.FormerPlace{Member: ev.Member, Removal: ev.Removal, Role: ev.LastRole, Window: ev.Window})
	case chart.Created, chart.DemographicsUpdated, chart.TeamRoleChanged, chart.TeamWindowChanged, chart.BranchChanged, chart.StatusChanged,
		chart.Archived, chart.Unarchived, chart.PatientAccountLinked, chart.PatientAccountUnlinked, chart.PatientAccessChanged,
		chart.PatientInvited, chart.PatientInvitationResent, chart.PatientInvitationRevoked, chart.PatientInvitationExpired,
		chart.PrimaryChangePlanned, chart.PrimaryChangeCancelled, chart.PrimaryChangeLapsed,
		chart.ContactSaved, chart.ContactRemoved, chart.ResponsiblePartyNamed, chart.ResponsiblePartyCleared,
		chart.Restricted, chart.RestrictionLifted, chart.MemberExcluded, chart.MemberReadmitted, chart.ToldApart,
		chart.MergedInto, chart.MergeUndone, chart.MergedFrom, chart.UnmergedFrom,
		chart.BreakGlassOpened, chart.BreakGlassClosed, chart.BreakGlassReviewed,
		chart.HouseholdJoined, chart.HouseholdLeft, chart.HouseholdTeamsDeclined, chart.HouseholdTeamsAllowed:
	}
}

func (f former) reassigned(to id.Member) {
	formers.Delete(f.batch, formerKey{f.chart, to})
	formerOn.ChangeThose(f.batch, f.chart, func(r *formerRow) bool { return r.Role == careteam.Primary }, func(r *formerRow) { r.MovedOn = true })
}

func (f former) lost(p careteam.FormerPlace) {
	if p.Removal.IsZero() {
		return
	}
	formers.Put(f.batch, formerRow{Chart: f.chart, Member: p.Member, Group: f.group, Removal: p.Removal, Role: p.Role, To: p.To, ToWas: p.ToWas, Window: p.Window, ToWindow: p.ToWindow})
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
       'to', given_to, 'toWas', given_to_was, 'movedOn', moved_on, 'window', held, 'toWindow', given_to_held))`

var selectFormer = `
select chart_id, branch_id, primary_id, archived, ` + placeJSON + ` as place
  from ` + formerPlaceTable + ` join ` + chartTable + ` using (chart_id, group_id)`

// Former lists what a removal took, archived charts too. It shows no patient.
// Fault: "malformed_cursor".
func Former(ctx context.Context, pool *pgxpool.Pool, q FormerQuery) (FormerPage, error) {
	where := read.Within(q.Reach, scope).And("group_id = ? and member_id = ? and removal_id = ?", q.Group, q.Member, q.Removal)
	charts, next, err := read.List(ctx, pool, selectFormer, where, byChart, q.Cursor, q.Limit)
	return FormerPage{Charts: charts, Next: next}, err
}
