package commands

import (
	"cmp"
	"context"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
)

// Household is a household as it is.
type Household struct {
	household.State
	// Reader is who asked, and was let in.
	Reader access.Subject
	// GroupName is what the practice is called now, and Zone where its days are.
	GroupName string
	Zone      *time.Location
	Revision  es.Revision
	// ChangedAt is when its last event was recorded, UTC.
	ChangedAt time.Time
	// Places are all that there were on the team ever, in the order in which they were given.
	Places careteam.History
	// Printed are the summaries that were printed, oldest first.
	Printed []Printed
}

// Printed is a summary of a household that was printed, when and by whom.
type Printed struct {
	household.SummaryPrinted
	// At is when it was recorded, UTC, and Actor who printed it.
	At    time.Time
	Actor string
}

// PrintHouseholdSummary records that a summary of a household was printed (H-3).
var PrintHouseholdSummary = declareOn(householdSpec[household.PrintSummary, None]{
	On: onHousehold, Name: "household.print_summary", Operation: "printHouseholdSummary", Needs: access.TeamView,
	Sample: household.PrintSummary{SHA256: strings.Repeat("0", 64)}, Decide: alone(household.PrintSummary.Decide),
})

// Household tells a household, as it is (H-1). Faults: "permission_denied",
// "household_not_found".
func (e *Engine) Household(ctx context.Context, call Call, h id.Household, action string) (Household, error) {
	stream := household.Stream(call.Group, h)
	asked, err := lookUp(ctx, e.households, stream, func(s household.State) access.Resource { return householdAsItIs(call.Group, s) })
	if err != nil {
		return Household{}, err
	}
	if asked.Group.IsZero() {
		asked.Group = call.Group
	}
	admission, err := e.AdmitTo(ctx, call, Question{Action: action, Capability: access.TeamView, Target: stream}, asked)
	if err != nil {
		if fault.From(err).Code == "chart_not_found" {
			err = errNoHousehold
		}
		return Household{}, err
	}
	var places household.TeamHistory
	found := Household{Revision: es.NoStream, Reader: admission.Subject}
	var badZone error
	if err := e.groups.view(ctx, group.Stream(call.Group), func(g group.State, _ es.Revision) {
		found.GroupName = g.Info()[group.FieldName]
		found.Zone, badZone = g.Zone().Load()
	}); err != nil || badZone != nil {
		return Household{}, cmp.Or(err, badZone)
	}
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, stream, 0)) {
		if err != nil {
			return Household{}, err
		}
		for _, env := range events {
			event, ok := env.Event.(household.Event)
			if !ok {
				continue
			}
			places.Apply(event, careteam.Cause{Event: env.ID, At: env.RecordedAt, Actor: env.Meta.Actor, Reason: env.Meta.Reason})
			found.Revision, found.ChangedAt = env.Revision, env.RecordedAt
			if printed, ok := event.(household.SummaryPrinted); ok {
				found.Printed = append(found.Printed, Printed{printed, env.RecordedAt, env.Meta.Actor})
			}
		}
	}
	found.State, found.Places = places.State(), places.All
	return found, nil
}
