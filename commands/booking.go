package commands

import (
	"context"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// calendarUse is a command on one clinician's calendar.
type calendarUse = useCase[booking.CalendarState, booking.CalendarEvent]

// calendarCase is what all commands on one calendar share. Only clinicians have
// calendars.
func (e *Engine) calendarCase(c booking.CalendarID, name string, needs access.Capability, command any) calendarUse {
	return calendarUse{
		name: name, command: command, capability: needs, repository: e.calendars, stream: c.Stream(),
		resource: func(booking.CalendarState) access.Resource {
			return access.Resource{Group: c.Group, Clinician: c.Clinician}
		},
		facts: func(g group.State, _ access.Subject) error { return requireClinician(g, c.Clinician) },
	}
}

func requireClinician(g group.State, m id.Member) error {
	if !g.IsActiveClinician(m) {
		return fault.New(fault.Rejected, "not_a_clinician", "This member is not an active clinician of the practice and has no calendar.")
	}
	return nil
}

// ReserveTime offers time for online booking (BKG-2), which the clinician's plan
// must include (BKG-10). What was reserved before a plan was given up stands.
func (e *Engine) ReserveTime(ctx context.Context, call Call, cal booking.CalendarID, c booking.ReserveTime) (Receipt, error) {
	u := e.calendarCase(cal, "booking_calendar.reserve_time", access.CalendarReserve, c)
	u.facts = func(g group.State, _ access.Subject) error {
		if c.Zone == "" {
			c.Zone = g.CalendarZone(cal.Clinician)
		}
		return mayReserve(g, cal)
	}
	u.requires = func(ctx context.Context) error { return e.requireTypes(ctx, cal.Group, c.Types) }
	u.decide = func(s booking.CalendarState, now time.Time) ([]booking.CalendarEvent, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// mayReserve says whether a clinician can offer time for online booking (BKG-10).
func mayReserve(g group.State, cal booking.CalendarID) error {
	if err := requireClinician(g, cal.Clinician); err != nil {
		return err
	}
	return requirePremium(g.EntitledClinician(cal.Clinician, pricing.OnlineBooking))
}

// requireTypes makes sure that time is reserved for types that the practice offers.
func (e *Engine) requireTypes(ctx context.Context, g id.Group, types []id.AppointmentType) error {
	if len(types) == 0 {
		return nil
	}
	return e.policies.view(ctx, booking.PolicyStream(g), func(s booking.PolicyState, _ es.Revision) error {
		for _, t := range types {
			if kind, known := s.Type(t); !known || kind.Retired {
				return fault.New(fault.NotFound, "type_unknown", "The practice offers no appointment type %s, or no longer. List the appointment types and name those.", t).With("type", t.String())
			}
		}
		return nil
	})
}

// ChangeReserveFrom changes a series from a day on: it ends, and a new one begins,
// in one append.
func (e *Engine) ChangeReserveFrom(ctx context.Context, call Call, cal booking.CalendarID, c booking.ChangeReserveFrom) (Receipt, error) {
	u := e.calendarCase(cal, "booking_calendar.change_reserve_from", access.CalendarReserve, c)
	u.facts = func(g group.State, _ access.Subject) error { return mayReserve(g, cal) }
	u.requires = func(ctx context.Context) error { return e.requireTypes(ctx, cal.Group, c.Types) }
	return executeInCalendar(ctx, e, call, u, cal, c)
}

// executeInCalendar carries out a command that may leave appointments outside of
// reserved time, or put them under a block. They stand (BKG-A13); the receipt
// names them, of a dry run too.
func executeInCalendar(ctx context.Context, e *Engine, call Call, u calendarUse, cal booking.CalendarID, c calendarCommand) (Receipt, error) {
	var touched []booking.Held
	u.decide = func(s booking.CalendarState, now time.Time) ([]booking.CalendarEvent, error) {
		events, err := c.Decide(s, now)
		touched = s.Touched(cal.Clinician, events, now)
		return events, err
	}
	receipt, err := execute(ctx, e, call, u)
	if err != nil || receipt.Replayed {
		return receipt, err
	}
	receipt.Touched = &Touched{Appointments: touched, Total: len(touched)}
	return receipt, nil
}

// calendarCommand is a command that needs no facts from elsewhere.
type calendarCommand interface {
	Decide(booking.CalendarState, time.Time) ([]booking.CalendarEvent, error)
}

func (e *Engine) changeCalendar(ctx context.Context, call Call, cal booking.CalendarID, name string, c calendarCommand) (Receipt, error) {
	return executeInCalendar(ctx, e, call, e.calendarCase(cal, name, access.CalendarReserve, c), cal, c)
}

// SkipReservedDate takes one day out of a series of reserves.
func (e *Engine) SkipReservedDate(ctx context.Context, call Call, cal booking.CalendarID, c booking.SkipReservedDate) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.skip_reserved_date", c)
}

// MoveReservedDate changes the hours of one day of a series of reserves.
func (e *Engine) MoveReservedDate(ctx context.Context, call Call, cal booking.CalendarID, c booking.MoveReservedDate) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.move_reserved_date", c)
}

// RestoreReservedDate gives a skipped or moved day the hours of its series back.
func (e *Engine) RestoreReservedDate(ctx context.Context, call Call, cal booking.CalendarID, c booking.RestoreReservedDate) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.restore_reserved_date", c)
}

// ReopenReserve takes the end of a series of reserves back.
func (e *Engine) ReopenReserve(ctx context.Context, call Call, cal booking.CalendarID, c booking.ReopenReserve) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.reopen_reserve", c)
}

// EndReserve ends a series of reserves; bookings in it stand (BKG-A13).
func (e *Engine) EndReserve(ctx context.Context, call Call, cal booking.CalendarID, c booking.EndReserve) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.end_reserve", c)
}

// BlockTime takes time out of the calendar, whatever was reserved.
func (e *Engine) BlockTime(ctx context.Context, call Call, cal booking.CalendarID, c booking.BlockTime) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.block_time", c)
}

// UnblockTime gives blocked time back.
func (e *Engine) UnblockTime(ctx context.Context, call Call, cal booking.CalendarID, c booking.UnblockTime) (Receipt, error) {
	return e.changeCalendar(ctx, call, cal, "booking_calendar.unblock_time", c)
}

// appointmentCase completes a command about an appointment for the channel it
// comes through: the staff need the permission for the clinician's calendar, a
// patient that for their own chart.
func (e *Engine) appointmentCase(call Call, cal booking.CalendarID, name string, channel booking.Channel, c id.Chart, command any) calendarUse {
	u := e.calendarCase(cal, name, access.AppointmentManage, command)
	if channel == booking.ByPatient {
		u.capability = access.AppointmentBookOwn
		u.identify = func(ctx context.Context, actor access.Subject) (access.Subject, error) {
			return e.recognisePatient(ctx, call.Group, c, actor)
		}
	}
	return u
}

// factsFor reads what a decision about an appointment must know: the booking
// policy, and of the chart whether the clinician is on its care team (BKG-A17) and
// whether it is archived (AMB-17).
func (e *Engine) factsFor(ctx context.Context, cal booking.CalendarID, c id.Chart, facts *booking.Facts) error {
	err := e.policies.view(ctx, booking.PolicyStream(cal.Group), func(s booking.PolicyState, at es.Revision) error {
		facts.Policy = s.Snapshot(at)
		return nil
	})
	if err != nil || c.IsZero() {
		return err
	}
	facts.ClinicianOnChart, facts.ChartArchived, err = e.chartFor(ctx, cal, c)
	return err
}

// placeFactsFor is factsFor where an appointment gets a time: it also looks up what
// the chart holds with other clinicians (BKG-A18). That is a read model and may
// lag, or be away; two bookings in the same instant can pass it, and the process
// sweep tells of them.
func (e *Engine) placeFactsFor(ctx context.Context, call Call, cal booking.CalendarID, c id.Chart, facts *booking.Facts) error {
	if err := e.factsFor(ctx, cal, c, facts); err != nil || e.appointments == nil || c.IsZero() {
		return err
	}
	held, _, err := e.appointments.Upcoming(ctx, cal.Group, UpcomingQuery{Chart: c, From: e.clock()})
	if err != nil {
		e.logger.WarnContext(ctx, "what a patient holds elsewhere is unknown for this booking", "request", call.Request, "error", err)
	}
	facts.Elsewhere = slices.DeleteFunc(held, func(h booking.Held) bool { return h.Clinician == cal.Clinician })
	return nil
}

// placeFacts takes the calendar's zone (BKG-A4) from the group. Only active
// clinicians take appointments; who else is one is not told to patients (BKG-A17).
func placeFacts(cal booking.CalendarID, by booking.Channel, facts *booking.Facts) func(group.State, access.Subject) error {
	return func(g group.State, _ access.Subject) (err error) {
		if facts.Zone, err = g.CalendarZone(cal.Clinician).Load(); err != nil {
			return err
		}
		if by == booking.ByPatient && !facts.ClinicianOnChart {
			return errNotWithClinician
		}
		return requireClinician(g, cal.Clinician)
	}
}

// BookAppointment books a time with a clinician for a patient.
func (e *Engine) BookAppointment(ctx context.Context, call Call, cal booking.CalendarID, c booking.BookAppointment) (Receipt, error) {
	c.Clinician = cal.Clinician
	u := e.appointmentCase(call, cal, "booking_calendar.book", c.Channel, c.Chart, c)
	u.subject = es.Subject{Group: cal.Group, Chart: c.Chart}
	u.gather = func(ctx context.Context) error { return e.placeFactsFor(ctx, call, cal, c.Chart, &c.Facts) }
	u.facts = placeFacts(cal, c.Channel, &c.Facts)
	u.resource = func(booking.CalendarState) access.Resource {
		return access.Resource{Group: cal.Group, Clinician: cal.Clinician, Chart: c.Chart}
	}
	u.decide = func(s booking.CalendarState, now time.Time) ([]booking.CalendarEvent, error) { return c.Decide(s, now) }
	aboutChart(e, &u, cal.Group, c.Chart)
	return execute(ctx, e, call, u)
}

// RescheduleAppointment moves an appointment to another time (BKG-3).
func (e *Engine) RescheduleAppointment(ctx context.Context, call Call, cal booking.CalendarID, c booking.RescheduleAppointment) (Receipt, error) {
	u := e.appointmentCase(call, cal, "booking_calendar.reschedule", c.By, c.Chart, c)
	u.subject = es.Subject{Group: cal.Group, Chart: c.Chart}
	u.gather = func(ctx context.Context) error { return e.placeFactsFor(ctx, call, cal, c.Chart, &c.Facts) }
	u.facts = placeFacts(cal, c.By, &c.Facts)
	u.resource = appointmentResource(cal, c.Appointment)
	u.decide = func(s booking.CalendarState, now time.Time) ([]booking.CalendarEvent, error) { return c.Decide(s, now) }
	aboutChart(e, &u, cal.Group, c.Chart)
	return execute(ctx, e, call, u)
}

// CancelAppointment cancels an appointment; the policy's text never stops it
// (BKG-4).
func (e *Engine) CancelAppointment(ctx context.Context, call Call, cal booking.CalendarID, c booking.CancelAppointment) (Receipt, error) {
	u := e.appointmentCase(call, cal, "booking_calendar.cancel", c.By, c.Chart, c)
	u.facts = nil // Appointments with a clinician who has left can be cancelled, too.
	u.subject = es.Subject{Group: cal.Group, Chart: c.Chart}
	u.gather = func(ctx context.Context) error { return e.factsFor(ctx, cal, c.Chart, &c.Facts) }
	u.resource = appointmentResource(cal, c.Appointment)
	u.decide = func(s booking.CalendarState, now time.Time) ([]booking.CalendarEvent, error) { return c.Decide(s, now) }
	aboutChart(e, &u, cal.Group, c.Chart)
	return execute(ctx, e, call, u)
}

// appointmentResource asks for the appointment's own chart, so that a patient
// reaches their appointments only.
func appointmentResource(cal booking.CalendarID, a id.Appointment) func(booking.CalendarState) access.Resource {
	return func(s booking.CalendarState) access.Resource {
		return access.Resource{Group: cal.Group, Clinician: cal.Clinician, Chart: s.Appointments[a].Chart}
	}
}
