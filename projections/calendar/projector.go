// Package calendar is the read model behind available slots and appointment
// lists. It keeps the facts of booking as rows; which starts are free is computed
// from them by domain/booking, the same function that decides bookings, so that
// what is shown can be booked by construction (BKG-A19). It may import the
// domain, projections and pgx.
package calendar

import (
	_ "embed"
	"fmt"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "calendar"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	policyTable          = projections.Table(Projector{}, "policy")
	policyVersionTable   = projections.Table(Projector{}, "policy_version")
	appointmentTypeTable = projections.Table(Projector{}, "appointment_type")
	reserveTable         = projections.Table(Projector{}, "reserve")
	blockTable           = projections.Table(Projector{}, "block")
	appointmentTable     = projections.Table(Projector{}, "appointment")
)

// Projector writes the calendars.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 2 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string {
	return []string{"policy", "policy_version", "appointment_type", "reserve", "block", "appointment"}
}

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category {
	return []es.Category{booking.PolicyCategory, booking.CalendarCategory}
}

// Project notes what one event of a policy or a calendar does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	switch event := e.Event.(type) {
	case booking.PolicyEvent:
		group, ok := e.Stream.Group()
		if !ok {
			return fmt.Errorf("stream %s names no group", e.Stream)
		}
		projectPolicy(b, group, e, event)
	case booking.CalendarEvent:
		c, ok := booking.CalendarOf(e.Stream)
		if !ok {
			return fmt.Errorf("stream %s is not a calendar's", e.Stream)
		}
		return calendarRows{b, c, e}.project(event)
	}
	return nil
}
