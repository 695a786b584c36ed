// Package teamaccess is the read model that answers who could open a chart on a
// day, through its care team, with one indexed range query: the times of every
// member on every team, and the times in which their membership held. It says
// nothing about what the team does not give: the reach of owners, managers and
// assistants, of branches, of rules that people set, denials included, and of
// patients' accounts. Those are answered by folding the log (ADR 0011), which
// also has the last word. It may import the domain, projections and pgx.
package teamaccess

import (
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Name is the projection's name.
const Name = "team_access"

// Projector writes the times on care teams and in the practice.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// Schema is the read model's own schema.
func (Projector) Schema() string { return "team_access" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string { return []string{"on_team", "membership"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category, group.Category} }

// Project turns one event of a chart or a group into statements. Times are those
// of the recording, by the store's clock, as they are for every question about
// the past.
func (Projector) Project(b *pgx.Batch, e es.Envelope) error {
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

// team writes what an event changes of one chart's team.
type team struct {
	batch *pgx.Batch
	group id.Group
	chart id.Chart
	at    time.Time
	event id.Event
}

const beginOnTeam = `
insert into on_team (group_id, chart_id, member_id, role, starts_at, began_with) values ($1, $2, $3, $4, $5, $6)`

const endOnTeam = `
update on_team set ends_at = $3, ended_with = $4 where chart_id = $1 and member_id = $2 and ends_at is null`

func (t team) begin(m id.Member, role Role) {
	t.batch.Queue(beginOnTeam, t.group, t.chart, m, string(role), t.at, t.event)
}

func (t team) end(m id.Member) { t.batch.Queue(endOnTeam, t.chart, m, t.at, t.event) }

func (t team) project(event chart.Event) {
	switch ev := event.(type) {
	case chart.Created:
		t.begin(ev.Primary, Primary)
	case chart.PrimaryProfessionalChanged:
		t.end(ev.From)
		t.end(ev.To)
		t.begin(ev.To, Primary)
		if ev.FormerBecomes != "" {
			t.begin(ev.From, Role(ev.FormerBecomes))
		}
	case chart.PlacedInCustody:
		t.end(ev.From)
		t.end(ev.Custodian)
		t.begin(ev.Custodian, Custodian)
	case chart.TeamMemberAdded:
		t.begin(ev.Member, Role(ev.Role))
	case chart.TeamRoleChanged:
		t.end(ev.Member)
		t.begin(ev.Member, Role(ev.To))
	case chart.TeamMemberRemoved:
		t.end(ev.Member)
	case chart.DemographicsUpdated, chart.BranchChanged, chart.StatusChanged, chart.Archived, chart.Unarchived,
		chart.PatientAccountLinked, chart.PatientAccountUnlinked:
		// None of these is about the team.
	}
}

// members writes what an event changes of who belongs to the practice.
type members struct {
	batch *pgx.Batch
	group id.Group
	at    time.Time
	event id.Event
}

const beginMembership = `
insert into membership (group_id, member_id, starts_at, began_with) values ($1, $2, $3, $4)`

const endMembership = `
update membership set ends_at = $3 where group_id = $1 and member_id = $2 and ends_at is null`

func (w members) begin(m id.Member) { w.batch.Queue(beginMembership, w.group, m, w.at, w.event) }

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
		w.batch.Queue(endMembership, w.group, ev.Member, w.at)
	}
}
