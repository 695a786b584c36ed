package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/household"
	"praxis/domain/id"
)

// Household is a household as it is, or was at a revision.
type Household struct {
	household.State
	Revision es.Revision
	// ChangedAt is when that revision was recorded, UTC.
	ChangedAt time.Time
	// Places are all that there were on the team by then, in the order in which they were given.
	Places careteam.History
}

var errNoRevision = fault.New(fault.NotFound, "revision_not_found", "The household has no such revision. Leave it out for the present one.")

// Household tells a household (H-1): as it is, or as of a revision (H-3). It is for those
// who may open the household now. Faults: "permission_denied", "household_not_found",
// "revision_not_found".
func (e *Engine) Household(ctx context.Context, call Call, h id.Household, action string, at *es.Revision) (Household, error) {
	stream := household.Stream(call.Group, h)
	asked, err := lookUp(ctx, e.households, stream, func(s household.State) access.Resource { return householdAsItIs(call.Group, s) })
	if err != nil {
		return Household{}, err
	}
	if asked.Group.IsZero() {
		asked.Group = call.Group
	}
	if _, err = e.AdmitTo(ctx, call, Question{Action: action, Capability: access.TeamView, Target: stream}, asked); err != nil {
		if fault.From(err).Code == "chart_not_found" {
			err = errNoHousehold
		}
		return Household{}, err
	}
	var places household.TeamHistory
	found := Household{Revision: es.NoStream}
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, stream, 0)) {
		if err != nil {
			return Household{}, err
		}
		for _, env := range events {
			event, ok := env.Event.(household.Event)
			if !ok || at != nil && env.Revision > *at {
				continue
			}
			places.Apply(event, careteam.Cause{Event: env.ID, At: env.RecordedAt, Actor: env.Meta.Actor, Reason: env.Meta.Reason})
			found.Revision, found.ChangedAt = env.Revision, env.RecordedAt
		}
	}
	found.State, found.Places = places.State(), places.All
	if at != nil && found.Revision != *at {
		return Household{}, errNoRevision
	}
	return found, nil
}
