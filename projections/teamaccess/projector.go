// Package teamaccess is the read model that answers who could open a chart on a
// day, through its care team, with one indexed range query: the times of every
// member on every team, and the times in which their membership held. It says
// nothing about what the team does not give: the reach of owners, managers and
// assistants, of branches, of rules that people set, denials included, and of
// patients' accounts. Those are answered by folding the log (ADR 0011), which
// also has the last word. It may import the domain, projections and pgx.
package teamaccess

import (
	_ "embed"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "team_access"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	onTeamTable     = projections.Table(Projector{}, "on_team")
	membershipTable = projections.Table(Projector{}, "membership")
)

// Projector writes the times on care teams and in the practice.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 2 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"on_team", "membership"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category, group.Category} }

// Project notes what one event of a chart or a group does. Times are those
// of the recording, by the store's clock, as they are for every question about
// the past.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	switch event := e.Event.(type) {
	case chart.Event:
		g, c, err := chart.ParseStream(e.Stream)
		if err != nil {
			return err
		}
		team{b, g, c, e.RecordedAt, e.ID}.project(event)
	case group.Event:
		if g, ok := e.Stream.Group(); ok {
			members{b, g, e.RecordedAt, e.ID}.project(event)
		}
	}
	return nil
}

// teamRow is a time of a member on a chart's team; those with the chart and the
// member in common do not overlap.
type teamRow struct {
	Group     id.Group   `db:"group_id"`
	Chart     id.Chart   `db:"chart_id"`
	Member    id.Member  `db:"member_id"`
	Role      Role       `db:"role"`
	StartsAt  time.Time  `db:"starts_at"`
	EndsAt    *time.Time `db:"ends_at"`
	BeganWith id.Event   `db:"began_with"`
	EndedWith id.Event   `db:"ended_with,null"`
	// From and Until bound the place by itself; nil is unbounded.
	From  *time.Time `db:"holds_from"`
	Until *time.Time `db:"holds_until"`
}

// place is a member's on a chart's team.
type place struct {
	Chart  id.Chart
	Member id.Member
}

// teamKey names a time by the event that it began with.
type teamKey struct {
	Chart     id.Chart
	Member    id.Member
	BeganWith id.Event
}

func (r *teamRow) key() teamKey { return teamKey{r.Chart, r.Member, r.BeganWith} }
func (r *teamRow) place() place { return place{r.Chart, r.Member} }
func (r *teamRow) open() bool   { return r.EndsAt == nil }

var (
	onTeam      = rows.NewTable("on_team", (*teamRow).key, "chart_id", "member_id", "began_with")
	timesOnTeam = rows.NewIndex(onTeam, (*teamRow).place, "chart_id", "member_id")
)

// team writes what an event changes of one chart's team.
type team struct {
	batch *rows.Batch
	group id.Group
	chart id.Chart
	at    time.Time
	event id.Event
}

func (t team) begin(m id.Member, role Role, w careteam.Window) {
	onTeam.Insert(t.batch, teamRow{
		Group: t.group, Chart: t.chart, Member: m, Role: role, StartsAt: t.at, BeganWith: t.event, From: bound(w.From), Until: bound(w.Until),
	})
}

// bound is an edge of a window; nil is unbounded.
func bound(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func (t team) end(m id.Member) {
	timesOnTeam.ChangeThose(t.batch, place{t.chart, m}, (*teamRow).open, func(r *teamRow) { r.EndsAt, r.EndedWith = &t.at, t.event })
}

func (t team) project(event chart.Event) {
	switch ev := event.(type) {
	case chart.Created:
		t.begin(ev.Primary, Primary, careteam.Window{})
	case chart.PrimaryProfessionalChanged:
		t.end(ev.From)
		t.end(ev.To)
		t.begin(ev.To, Primary, careteam.Window{})
		if ev.FormerBecomes != "" {
			t.begin(ev.From, Role(ev.FormerBecomes), ev.FormerWindow)
		}
	case chart.PlacedInCustody:
		t.end(ev.From)
		t.end(ev.Custodian)
		t.begin(ev.Custodian, Custodian, careteam.Window{})
	case chart.TeamMemberAdded:
		t.begin(ev.Member, Role(ev.Role), ev.Window)
	case chart.TeamRoleChanged:
		t.end(ev.Member)
		t.begin(ev.Member, Role(ev.To), ev.Window)
	case chart.TeamWindowChanged:
		t.end(ev.Member)
		t.begin(ev.Member, Role(ev.Role), ev.To)
	case chart.TeamMemberRemoved:
		t.end(ev.Member)
	case chart.DemographicsUpdated, chart.BranchChanged, chart.StatusChanged, chart.Archived, chart.Unarchived,
		chart.PrimaryChangePlanned, chart.PrimaryChangeCancelled, chart.PrimaryChangeLapsed,
		chart.PatientAccountLinked, chart.PatientAccountUnlinked, chart.PatientAccessChanged,
		chart.PatientInvited, chart.PatientInvitationResent, chart.PatientInvitationRevoked, chart.PatientInvitationExpired,
		chart.ContactSaved, chart.ContactRemoved, chart.ResponsiblePartyNamed, chart.ResponsiblePartyCleared,
		chart.Restricted, chart.RestrictionLifted, chart.MemberExcluded, chart.MemberReadmitted, chart.ToldApart,
		chart.MergedInto, chart.MergeUndone, chart.MergedFrom, chart.UnmergedFrom,
		chart.BreakGlassOpened, chart.BreakGlassClosed, chart.BreakGlassReviewed,
		chart.HouseholdJoined, chart.HouseholdLeft, chart.HouseholdTeamsDeclined, chart.HouseholdTeamsAllowed:
		// None of these is about the team.
	}
}

// memberRow is a time in which somebody belonged to the practice.
type memberRow struct {
	Group     id.Group   `db:"group_id"`
	Member    id.Member  `db:"member_id"`
	StartsAt  time.Time  `db:"starts_at"`
	EndsAt    *time.Time `db:"ends_at"`
	BeganWith id.Event   `db:"began_with"`
}

// memberKey names a membership by the event that it began with.
type memberKey struct {
	Member    id.Member
	BeganWith id.Event
}

func (r *memberRow) key() memberKey    { return memberKey{r.Member, r.BeganWith} }
func (r *memberRow) member() id.Member { return r.Member }

var (
	memberships   = rows.NewTable("membership", (*memberRow).key, "member_id", "began_with")
	membershipsOf = rows.NewIndex(memberships, (*memberRow).member, "member_id")
)

// members writes what an event changes of who belongs to the practice.
type members struct {
	batch *rows.Batch
	group id.Group
	at    time.Time
	event id.Event
}

func (w members) begin(m id.Member) {
	memberships.Insert(w.batch, memberRow{Group: w.group, Member: m, StartsAt: w.at, BeganWith: w.event})
}

func (w members) end(m id.Member) {
	open := func(r *memberRow) bool { return r.Group == w.group && r.EndsAt == nil }
	membershipsOf.ChangeThose(w.batch, m, open, func(r *memberRow) { r.EndsAt = &w.at })
}

// project takes the events that begin or end a membership; a group has many
// others, none of which does.
func (w members) project(event any) {
	switch ev := event.(type) {
	case group.GroupCreated:
		w.begin(ev.Owner)
	case group.MemberJoined:
		w.begin(ev.Member)
	case group.MemberReinstated:
		w.begin(ev.Member)
	case group.MemberAccessRevoked:
		w.end(ev.Member)
	}
}
