package commands

import (
	"cmp"
	"context"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func requireClinician(g group.State, m id.Member) error {
	if !g.IsActiveClinician(m) {
		return fault.New(fault.Rejected, "not_a_clinician", "This member is not an active clinician of the practice and has no calendar.")
	}
	return nil
}

// ofClinician makes sure that a calendar is a clinician's: only they have one.
func ofClinician[C any](_ context.Context, w *World, cal booking.CalendarID, _ C) (none None, err error) {
	w.Group(func(g group.State) { err = requireClinician(g, cal.Clinician) })
	return none, err
}

// offering returns the zone of a calendar in which time is offered for online booking.
// The clinician's plan must include that (BKG-10), and the practice must offer the
// types. What was reserved before a plan was given up stands.
func offering(ctx context.Context, w *World, cal booking.CalendarID, types []id.AppointmentType) (zone civil.Zone, err error) {
	w.Group(func(g group.State) {
		if err = requireClinician(g, cal.Clinician); err == nil {
			zone, err = g.CalendarZone(cal.Clinician), requirePremium(g.EntitledClinician(cal.Clinician, pricing.OnlineBooking))
		}
	})
	if err != nil || len(types) == 0 {
		return zone, err
	}
	var unknown error
	err = w.Policy(ctx, func(s booking.PolicyState, _ es.Revision) {
		for _, t := range types {
			if kind, known := s.Type(t); !known || kind.Retired {
				unknown = fault.New(fault.NotFound, "type_unknown", "The practice offers no appointment type %s, or no longer. List the appointment types and name those.", t).With("type", t.String())
				return
			}
		}
	})
	return zone, cmp.Or(err, unknown)
}

// touched are the appointments that a change leaves outside of reserved time or under
// a block. They stand (BKG-A13).
func touched(cal booking.CalendarID, s booking.CalendarState, events []booking.CalendarEvent, now time.Time) []booking.Held {
	return s.Touched(cal.Clinician, events, now)
}

// ReserveTime offers time for online booking (BKG-2), in the calendar's own zone
// unless the command names one.
var ReserveTime = declareOn(calendarSpec[booking.ReserveTime, civil.Zone]{
	On: onCalendar, Name: "booking_calendar.reserve_time", Operation: "reserveTime", Needs: access.CalendarReserve,
	Sample: booking.ReserveTime{FirstDate: civil.MustDate("2026-03-06"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"), Repeat: booking.Repeat{Frequency: booking.Once}},
	Facts: func(ctx context.Context, w *World, cal booking.CalendarID, c booking.ReserveTime) (civil.Zone, error) {
		return offering(ctx, w, cal, c.Types)
	},
	Decide: func(c booking.ReserveTime, s booking.CalendarState, own civil.Zone, now time.Time) ([]booking.CalendarEvent, error) {
		c.Zone = cmp.Or(c.Zone, own)
		return c.Decide(s, now)
	},
})

// ChangeReserveFrom changes a series from a day on: it ends, and a new one begins,
// in one append.
var ChangeReserveFrom = declareOn(calendarSpec[booking.ChangeReserveFrom, civil.Zone]{
	On: onCalendar, Name: "booking_calendar.change_reserve_from", Operation: "changeReserveFrom", Needs: access.CalendarReserve,
	Sample: booking.ChangeReserveFrom{Reserve: sampleID[id.Reserve]("reserve"), From: civil.MustDate("2026-03-11"), Start: civil.MustClock("13:00"), End: civil.MustClock("15:00")},
	Facts: func(ctx context.Context, w *World, cal booking.CalendarID, c booking.ChangeReserveFrom) (civil.Zone, error) {
		return offering(ctx, w, cal, c.Types)
	},
	Decide: func(c booking.ChangeReserveFrom, s booking.CalendarState, _ civil.Zone, now time.Time) ([]booking.CalendarEvent, error) {
		return c.Decide(s, now)
	},
	Touches: touched,
})

// SkipReservedDate takes one day out of a series of reserves.
var SkipReservedDate = declareOn(calendarSpec[booking.SkipReservedDate, None]{
	On: onCalendar, Name: "booking_calendar.skip_reserved_date", Operation: "skipReservedDate", Needs: access.CalendarReserve,
	Sample: booking.SkipReservedDate{Reserve: sampleID[id.Reserve]("reserve"), Date: civil.MustDate("2026-03-04")},
	Facts:  ofClinician[booking.SkipReservedDate], Decide: alone(booking.SkipReservedDate.Decide), Touches: touched,
})

// MoveReservedDate changes the hours of one day of a series of reserves.
var MoveReservedDate = declareOn(calendarSpec[booking.MoveReservedDate, None]{
	On: onCalendar, Name: "booking_calendar.move_reserved_date", Operation: "moveReservedDate", Needs: access.CalendarReserve,
	Sample: booking.MoveReservedDate{Reserve: sampleID[id.Reserve]("reserve"), Date: civil.MustDate("2026-03-04"), Start: civil.MustClock("13:00"), End: civil.MustClock("14:00")},
	Facts:  ofClinician[booking.MoveReservedDate], Decide: alone(booking.MoveReservedDate.Decide), Touches: touched,
})

// RestoreReservedDate gives a skipped or moved day the hours of its series back.
var RestoreReservedDate = declareOn(calendarSpec[booking.RestoreReservedDate, None]{
	On: onCalendar, Name: "booking_calendar.restore_reserved_date", Operation: "restoreReservedDate", Needs: access.CalendarReserve,
	Sample: booking.RestoreReservedDate{Reserve: sampleID[id.Reserve]("reserve"), Date: civil.MustDate("2026-03-04")},
	Facts:  ofClinician[booking.RestoreReservedDate], Decide: alone(booking.RestoreReservedDate.Decide), Touches: touched,
})

// ReopenReserve takes the end of a series of reserves back.
var ReopenReserve = declareOn(calendarSpec[booking.ReopenReserve, None]{
	On: onCalendar, Name: "booking_calendar.reopen_reserve", Operation: "reopenReserve", Needs: access.CalendarReserve,
	Sample: booking.ReopenReserve{Reserve: sampleID[id.Reserve]("reserve")},
	Facts:  ofClinician[booking.ReopenReserve], Decide: alone(booking.ReopenReserve.Decide), Touches: touched,
})

// EndReserve ends a series of reserves; bookings in it stand (BKG-A13).
var EndReserve = declareOn(calendarSpec[booking.EndReserve, None]{
	On: onCalendar, Name: "booking_calendar.end_reserve", Operation: "endReserve", Needs: access.CalendarReserve,
	Sample: booking.EndReserve{Reserve: sampleID[id.Reserve]("reserve"), LastDate: civil.MustDate("2026-03-20")},
	Facts:  ofClinician[booking.EndReserve], Decide: alone(booking.EndReserve.Decide), Touches: touched,
})

// BlockTime takes time out of the calendar, whatever was reserved.
var BlockTime = declareOn(calendarSpec[booking.BlockTime, None]{
	On: onCalendar, Name: "booking_calendar.block_time", Operation: "blockTime", Needs: access.CalendarReserve,
	Sample: booking.BlockTime{Span: booking.Span{Start: time.Date(2026, 3, 9, 13, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 9, 15, 0, 0, 0, time.UTC)}},
	Facts:  ofClinician[booking.BlockTime], Decide: alone(booking.BlockTime.Decide), Touches: touched,
})

// UnblockTime gives blocked time back.
var UnblockTime = declareOn(calendarSpec[booking.UnblockTime, None]{
	On: onCalendar, Name: "booking_calendar.unblock_time", Operation: "unblockTime", Needs: access.CalendarReserve,
	Sample: booking.UnblockTime{Block: sampleID[id.Block]("block")},
	Facts:  ofClinician[booking.UnblockTime], Decide: alone(booking.UnblockTime.Decide), Touches: touched,
})

var bookAppointment = declareOn(calendarSpec[booking.BookAppointment, booking.Facts]{
	On: onCalendar, Name: "booking_calendar.book", Operation: "bookAppointment", Needs: access.AppointmentManage,
	Sample: booking.BookAppointment{Chart: sampleID[id.Chart]("chart"), Type: sampleID[id.AppointmentType]("type"), Start: time.Date(2026, 3, 11, 13, 0, 0, 0, time.UTC), PolicyVersionShown: 1},
	Patient: &Portal[booking.BookAppointment]{
		Operation: "portalBookAppointment", Needs: access.AppointmentBookOwn,
		Used: func(c booking.BookAppointment) bool { return c.Channel == booking.ByPatient },
	},
	Chart: func(_ booking.CalendarID, c booking.BookAppointment) id.Chart { return c.Chart },
	Resource: func(_ id.Group, cal booking.CalendarID, c booking.BookAppointment, _ booking.Facts, _ booking.CalendarState) access.Resource {
		return access.Resource{Group: cal.Group, Clinician: cal.Clinician, Chart: c.Chart}
	},
	Facts: func(ctx context.Context, w *World, cal booking.CalendarID, c booking.BookAppointment) (booking.Facts, error) {
		return placeFacts(ctx, w, cal, c.Channel, c.Chart)
	},
	Decide: booking.BookAppointment.Decide,
	Around: func(ctx context.Context, e *Engine, call Call, cal booking.CalendarID, c booking.BookAppointment, do func(Call) (Receipt, error)) (Receipt, error) {
		return e.oneByOne(ctx, call, cal, c.Chart, do)
	},
})

// BookAppointment books a time with a clinician for a patient. The staff need the
// permission for the clinician's calendar, a patient that for their own chart.
var BookAppointment = &CommandOn[booking.CalendarID, booking.BookAppointment]{
	bookAppointment.Description,
	func(ctx context.Context, e *Engine, call Call, cal booking.CalendarID, c booking.BookAppointment) (Receipt, error) {
		c.Clinician = cal.Clinician
		return bookAppointment.Give(ctx, e, call, cal, c)
	},
}

// RescheduleAppointment moves an appointment to another time (BKG-3).
var RescheduleAppointment = declareOn(calendarSpec[booking.RescheduleAppointment, booking.Facts]{
	On: onCalendar, Name: "booking_calendar.reschedule", Operation: "rescheduleAppointment", Needs: access.AppointmentManage,
	Sample: booking.RescheduleAppointment{Chart: sampleID[id.Chart]("chart"), Start: time.Date(2026, 3, 11, 13, 0, 0, 0, time.UTC), PolicyVersionShown: 1},
	Patient: &Portal[booking.RescheduleAppointment]{
		Operation: "portalRescheduleAppointment", Needs: access.AppointmentBookOwn,
		Used: func(c booking.RescheduleAppointment) bool { return c.By == booking.ByPatient },
	},
	Chart: func(_ booking.CalendarID, c booking.RescheduleAppointment) id.Chart { return c.Chart },
	Resource: func(_ id.Group, cal booking.CalendarID, c booking.RescheduleAppointment, _ booking.Facts, s booking.CalendarState) access.Resource {
		return appointmentResource(cal, c.Appointment, s)
	},
	Facts: func(ctx context.Context, w *World, cal booking.CalendarID, c booking.RescheduleAppointment) (booking.Facts, error) {
		return placeFacts(ctx, w, cal, c.By, c.Chart)
	},
	Decide: booking.RescheduleAppointment.Decide,
	Around: func(ctx context.Context, e *Engine, call Call, cal booking.CalendarID, c booking.RescheduleAppointment, do func(Call) (Receipt, error)) (Receipt, error) {
		return e.oneByOne(ctx, call, cal, c.Chart, do)
	},
})

// CancelAppointment cancels an appointment; the policy's text never stops it
// (BKG-4).
//
// Appointments with a clinician who has left can be cancelled, too.
var CancelAppointment = declareOn(calendarSpec[booking.CancelAppointment, booking.Facts]{
	On: onCalendar, Name: "booking_calendar.cancel", Operation: "cancelAppointment", Needs: access.AppointmentManage,
	Sample: booking.CancelAppointment{Chart: sampleID[id.Chart]("chart"), PolicyVersionShown: 1},
	Patient: &Portal[booking.CancelAppointment]{
		Operation: "portalCancelAppointment", Needs: access.AppointmentBookOwn,
		Used: func(c booking.CancelAppointment) bool { return c.By == booking.ByPatient },
	},
	Chart: func(_ booking.CalendarID, c booking.CancelAppointment) id.Chart { return c.Chart },
	Resource: func(_ id.Group, cal booking.CalendarID, c booking.CancelAppointment, _ booking.Facts, s booking.CalendarState) access.Resource {
		return appointmentResource(cal, c.Appointment, s)
	},
	Facts: func(ctx context.Context, w *World, cal booking.CalendarID, c booking.CancelAppointment) (booking.Facts, error) {
		return appointmentFacts(ctx, w, cal, c.Chart)
	},
	Decide: booking.CancelAppointment.Decide,
})

// oneByOne lets the appointments of one chart get their times one after another within
// this server, whatever calendars they are in: each then knows of those before it
// (BKG-A18). Between servers two in the same instant can still pass each other.
func (e *Engine) oneByOne(ctx context.Context, call Call, cal booking.CalendarID, c id.Chart, place func(Call) (Receipt, error)) (Receipt, error) {
	if call.DryRun || c.IsZero() {
		return place(call)
	}
	release, err := e.charts.turn(ctx, chart.Stream(cal.Group, c))
	if err != nil {
		return Receipt{}, err
	}
	defer release()
	return place(call)
}

// appointmentResource asks for the appointment's own chart, so that a patient
// reaches their appointments only.
func appointmentResource(cal booking.CalendarID, a id.Appointment, s booking.CalendarState) access.Resource {
	return access.Resource{Group: cal.Group, Clinician: cal.Clinician, Chart: s.Appointments[a].Chart}
}

// appointmentFacts reads what a decision about an appointment must know: the booking
// policy, and of the chart whether the clinician is on its care team (BKG-A17) and
// whether it is archived (AMB-17).
func appointmentFacts(ctx context.Context, w *World, cal booking.CalendarID, c id.Chart) (facts booking.Facts, err error) {
	err = w.Policy(ctx, func(s booking.PolicyState, at es.Revision) { facts.Policy = s.Snapshot(at) })
	if err != nil || c.IsZero() {
		return facts, err
	}
	err = w.Chart(ctx, c, func(s chart.State) {
		facts.ClinicianOnChart, facts.ChartArchived, facts.ChartMerged = s.Treats(cal.Clinician, w.Now), s.Archived, !s.Merged().IsZero()
	})
	return facts, err
}

// placeFacts is appointmentFacts where an appointment gets a time. Only active
// clinicians take appointments, in their calendar's zone (BKG-A4); patients do not
// learn who else is one (BKG-A17). It also looks up what the chart holds with other
// clinicians (BKG-A18): that is a read model and may lag, or be away; two bookings in
// the same instant can pass it, and the process sweep tells of them.
func placeFacts(ctx context.Context, w *World, cal booking.CalendarID, by booking.Channel, c id.Chart) (booking.Facts, error) {
	facts, err := appointmentFacts(ctx, w, cal, c)
	if err != nil {
		return facts, err
	}
	w.Group(func(g group.State) {
		switch facts.Zone, err = g.CalendarZone(cal.Clinician).Load(); {
		case err != nil:
		case by == booking.ByPatient && !facts.ClinicianOnChart:
			err = errNotWithClinician
		default:
			err = requireClinician(g, cal.Clinician)
		}
	})
	if err != nil || w.engine.config.Appointments == nil || c.IsZero() {
		return facts, err
	}
	held, _, err := w.engine.config.Appointments.Upcoming(ctx, cal.Group, UpcomingQuery{Chart: c, From: w.Now})
	if err != nil {
		w.engine.config.Logger.WarnContext(ctx, "what a patient holds elsewhere is unknown for this booking", "request", w.Call.Request, "error", err)
	}
	facts.Elsewhere = slices.DeleteFunc(held, func(h booking.Held) bool { return h.Clinician == cal.Clinician })
	return facts, nil
}
