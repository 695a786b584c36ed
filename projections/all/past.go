package all

import (
	"context"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/billing"
	"praxis/projections/calendar"
	"praxis/projections/directory"
	"praxis/projections/permissions"
	"praxis/projections/read"
	"praxis/projections/roster"
)

// Foldables returns the read models that can be asked about the past.
func Foldables() []projections.Foldable {
	return []projections.Foldable{
		roster.Foldable,
		billing.Foldable,
		{Projector: calendar.Projector{}, FoundBy: []string{directory.Name}, Streams: calendars},
		{Projector: directory.Projector{}, Streams: practice},
		{Projector: permissions.Projector{}, Streams: practice},
	}
}

// practice is the one stream of what is about the practice as a whole.
func practice(_ context.Context, _ read.Querier, g id.Group) ([]es.Stream, error) {
	return []es.Stream{group.Stream(g)}, nil
}

// calendars are the policy and the calendars of all who are or were members: one who has
// a calendar joined before.
func calendars(ctx context.Context, q read.Querier, g id.Group) ([]es.Stream, error) {
	members, err := directory.EverybodyOf(ctx, q, g)
	all := []es.Stream{booking.PolicyStream(g)}
	for _, m := range members {
		all = append(all, booking.CalendarID{Group: g, Clinician: m}.Stream())
	}
	return all, err
}
