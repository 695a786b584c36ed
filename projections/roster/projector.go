// Package roster is the read model through which a practice finds its patients:
// one row per chart (C-1 to C-5), one per place on a care team that somebody lost
// because they left the practice (AMB-14), and one per time in which a member broke the
// glass of a chart. It may import the domain, projections and pgx.
package roster

import (
	_ "embed"
	"strings"
	"time"

	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
	"praxis/projections/search"
	"praxis/projections/team"
)

// Name is the projection's name.
const Name = "roster"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	chartTable       = projections.Table(Projector{}, "chart")
	formerPlaceTable = projections.Table(Projector{}, "former_place")
	glassTable       = projections.Table(Projector{}, "break_glass")
)

// Projector writes the roster.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 6 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"chart", "former_place", "break_glass"} }

// chartRow is a chart as the practice finds it.
type chartRow struct {
	Chart      id.Chart   `db:"chart_id"`
	Group      id.Group   `db:"group_id"`
	GivenName  string     `db:"given_name"`
	FamilyName string     `db:"family_name"`
	BirthDate  civil.Date `db:"birth_date"`
	Email      string     `db:"email"`
	Phone      string     `db:"phone"`
	SortName   string     `db:"sort_name"`
	Search     []string   `db:"search,words"`
	Branch     id.Branch  `db:"branch_id"`
	team.Columns
	Guard     chart.Guarded `db:"guard,json"`
	Status    chart.Status  `db:"status"`
	Archived  bool          `db:"archived"`
	CreatedAt time.Time     `db:"created_at"`
	ChangedAt time.Time     `db:"changed_at"`
	Revision  es.Revision   `db:"revision"`
}

func (r *chartRow) key() id.Chart { return r.Chart }

// guards reports whether an event changes what is set on the chart itself.
func guards(e chart.Event) bool {
	switch e.(type) {
	case chart.Restricted, chart.RestrictionLifted, chart.MemberExcluded, chart.MemberReadmitted,
		chart.BreakGlassOpened, chart.BreakGlassClosed, chart.BreakGlassReviewed, chart.PrimaryProfessionalChanged, chart.PlacedInCustody:
		return true
	default:
		return false
	}
}

// name takes what the patient is called. The column's collation orders the names.
func (r *chartRow) name(given, family string) {
	r.GivenName, r.FamilyName = given, family
	r.SortName, r.Search = strings.TrimSpace(family+" "+given), search.Words(family, given)
}

var charts = rows.NewTable("chart", (*chartRow).key, "chart_id")

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category} }

// Project notes what one event of a chart does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(chart.Event)
	if !ok {
		return nil
	}
	g, c, err := chart.ParseStream(e.Stream)
	if err != nil {
		return err
	}
	former{b, g, c}.project(event)
	glass{b, g, c, e.RecordedAt}.project(event)
	if guards(event) {
		charts.Change(b, c, func(r *chartRow) { r.Guard.Apply(event) })
	}
	at, revision := e.RecordedAt, e.Revision
	update := func(set func(*chartRow)) {
		charts.Change(b, c, func(r *chartRow) {
			set(r)
			r.ChangedAt, r.Revision = at, revision
		})
	}
	switch ev := event.(type) {
	case chart.Created:
		row := chartRow{
			Chart: ev.Chart, Group: ev.Group, BirthDate: ev.BirthDate, Email: ev.Email, Phone: ev.Phone, Branch: ev.Branch,
			Columns: team.Of(ev.Primary), Status: chart.Active, CreatedAt: at, ChangedAt: at, Revision: revision,
		}
		row.name(ev.GivenName, ev.FamilyName)
		charts.Insert(b, row)
	case chart.DemographicsUpdated:
		update(func(r *chartRow) {
			r.name(ev.GivenName, ev.FamilyName)
			r.BirthDate, r.Email, r.Phone = ev.BirthDate, ev.Email, ev.Phone
		})
	case chart.PrimaryProfessionalChanged:
		update(func(r *chartRow) {
			r.Reassign(ev.To)
			if ev.FormerBecomes != "" {
				r.Join(ev.From, ev.FormerWindow)
			}
		})
	case chart.PlacedInCustody:
		update(func(r *chartRow) { r.Reassign(ev.Custodian) })
	case chart.TeamMemberAdded:
		update(func(r *chartRow) { r.Join(ev.Member, ev.Window) })
	case chart.TeamMemberRemoved:
		update(func(r *chartRow) { r.Leave(ev.Member) })
	case chart.TeamWindowChanged:
		update(func(r *chartRow) { r.Bound(ev.Member, ev.To) })
	case chart.BranchChanged:
		update(func(r *chartRow) { r.Branch = ev.To })
	case chart.StatusChanged:
		update(func(r *chartRow) { r.Status = ev.To })
	case chart.Archived:
		update(func(r *chartRow) { r.Archived = true })
	case chart.MergedInto: // It is found where archived charts are (AMB-17).
		update(func(r *chartRow) { r.Archived = true })
	case chart.MergeUndone:
		update(func(r *chartRow) { r.Archived = ev.Archived })
	case chart.Unarchived:
		update(func(r *chartRow) { r.Archived, r.Status = false, ev.Status })
	case chart.TeamRoleChanged, chart.PatientAccountLinked, chart.PatientAccountUnlinked, chart.PatientAccessChanged,
		chart.PatientInvited, chart.PatientInvitationResent, chart.PatientInvitationRevoked, chart.PatientInvitationExpired,
		chart.PrimaryChangePlanned, chart.PrimaryChangeCancelled, chart.PrimaryChangeLapsed,
		chart.ContactSaved, chart.ContactRemoved, chart.ResponsiblePartyNamed, chart.ResponsiblePartyCleared,
		chart.Restricted, chart.RestrictionLifted, chart.MemberExcluded, chart.MemberReadmitted, chart.ToldApart,
		chart.MergedFrom, chart.UnmergedFrom,
		chart.BreakGlassOpened, chart.BreakGlassClosed, chart.BreakGlassReviewed,
		chart.HouseholdJoined, chart.HouseholdLeft, chart.HouseholdTeamsDeclined, chart.HouseholdTeamsAllowed:
		// The roster shows neither plans nor roles within a team nor accounts nor contacts nor look-alikes. Its revision is still
		// the chart's: a reader decides on it (If-Match).
		charts.Change(b, c, func(r *chartRow) { r.Revision = revision })
	}
	return nil
}
