package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// CareTeam is who is, was and is to be on a chart's care team, and what else lets members in.
type CareTeam struct {
	// At is the instant, UTC, and Revision that of the chart on which the answer rests.
	At       time.Time
	Revision es.Revision
	// Places are all that there were, in the order in which they were given.
	Places careteam.History
	// Planned is the change of the primary that is to come, if one is.
	Planned careteam.PlannedPrimary
	// Opens are the active members who may open the chart, with what lets them.
	Opens []Opening
}

// Opening is what lets a member open a chart.
type Opening struct {
	Member id.Member   `json:"member"`
	Role   access.Role `json:"practiceRole"`
	// Clinical reports that they may see the clinical part as well, not only that there is
	// such a patient.
	Clinical bool `json:"clinical"`
	// Rule decided it; Event and Grantor are set where a person set the rule.
	Rule    string     `json:"rule"`
	Event   *id.Event  `json:"event,omitempty"`
	Grantor *id.Member `json:"grantor,omitempty"`
	// Until is when the rule ends by itself, UTC.
	Until *time.Time `json:"until,omitempty"`
}

// CareTeam tells the care team of a chart (H-1), now or at an instant of the past: then of
// whom may open the chart now and see its team. Faults: "permission_denied",
// "chart_not_found", "instant_in_future".
func (e *Engine) CareTeam(ctx context.Context, call Call, c id.Chart, at *time.Time) (CareTeam, error) {
	stream := chart.Stream(call.Group, c)
	asked, err := e.chartNamed(ctx, call.Group, c)
	if err != nil {
		return CareTeam{}, err
	}
	if _, err = e.AdmitTo(ctx, call, Question{Action: "chart.team", Capability: access.TeamView, Target: stream}, asked); err != nil {
		return CareTeam{}, err
	}
	team := CareTeam{At: e.Clock().UTC(), Revision: es.NoStream}
	if at != nil {
		if at.After(team.At) {
			return CareTeam{}, errFuture
		}
		team.At = at.UTC()
	}
	var history chart.TeamHistory
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, stream, 0)) {
		if err != nil {
			return CareTeam{}, err
		}
		for _, env := range events {
			event, ok := env.Event.(chart.Event)
			if at != nil && env.RecordedAt.After(team.At) || !ok {
				continue
			}
			history.Apply(event, careteam.Cause{Event: env.ID, At: env.RecordedAt, Actor: env.Meta.Actor, Reason: env.Meta.Reason})
			team.Revision = env.Revision
		}
	}
	state := history.State
	if !state.Exists() {
		return CareTeam{}, errNoChartYet
	}
	team.Places, team.Planned = history.Places, state.Planned()
	openings := func(g group.State) { team.Opens = openingsOf(g, state.Resource(call.Group), team.At) }
	if at != nil {
		g, _, err := e.groups.asOf(ctx, group.Stream(call.Group), team.At)
		openings(g)
		return team, err
	}
	return team, e.groups.view(ctx, group.Stream(call.Group), func(g group.State, _ es.Revision) { openings(g) })
}

// openingsOf are the active members who may open a chart at an instant.
func openingsOf(g group.State, c access.Resource, at time.Time) []Opening {
	var found []Opening
	for _, m := range g.Members() {
		subject := g.SubjectOfMember(m.ID)
		by := access.Decide(subject, access.RosterView, c, at)
		if !by.Allowed {
			continue
		}
		o := Opening{Member: m.ID, Role: m.Role, Rule: by.Rule, Clinical: access.Decide(subject, access.ChartClinicalView, c, at).Allowed}
		if !by.Event.IsZero() {
			o.Event, o.Grantor = &by.Event, &by.Grantor
		}
		for _, ground := range access.GroundsOf(subject, access.RosterView, at) {
			if ground.Rule == by.Rule && ground.Event == by.Event && !ground.Until.IsZero() {
				o.Until = &ground.Until
			}
		}
		if b, broken := c.Guard.Broken(m.ID, at); broken && by.Rule == access.RuleBreakGlass {
			o.Until = &b.Until
		}
		found = append(found, o)
	}
	return found
}
