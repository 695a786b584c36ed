package httpapi

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// BookingHandlers are those of the practice's policy and of the staff's calendars.
func BookingHandlers() map[string]handler {
	return map[string]handler{
		"getBookingPolicy":         getBookingPolicy,
		"getClinicianZone":         getClinicianZone,
		"listCancellationPolicies": listCancellationPolicies,
		"getCancellationPolicy":    getCancellationPolicy,
		"listAppointmentTypes":     listAppointmentTypes,
		"getAppointmentType":       getAppointmentType,
		"listReserves":             listReserves,
		"getReserve":               ofCalendar("reserve", "reserve.get", access.CalendarReserve, calendar.ReserveOf, reserveOf),
		"listBlocks":               listBlocks,
		"getBlock":                 ofCalendar("block", "block.get", access.CalendarReserve, calendar.BlockOf, blockOf),
		"listSlots":                listSlots,
		"listAppointments":         listAppointments,
		"getAppointment":           ofCalendar("appointment", "appointment.get", access.AppointmentManage, findAppointment, appointmentOf),

		"setOnlineBooking":          give(commands.TurnOnlineBooking, func(_ *input, b onOff) bool { return b.On }),
		"setSelfService":            give(commands.LetPatientsServeThemselves, func(_ *input, b onOff) bool { return b.On }),
		"changeBookingWindow":       give(commands.ChangeBookingWindow, asSent),
		"changePatientLimits":       give(commands.ChangePatientLimits, asSent),
		"publishCancellationPolicy": give(commands.PublishCancellationPolicy, asSent),
		"addAppointmentType": give(commands.AddAppointmentType, completed(func(in *input, c *booking.AddAppointmentType) {
			c.Type = made[id.AppointmentType](in, "appointment type")
		})),
		"reviseAppointmentType": give(commands.ReviseAppointmentType, completed(func(in *input, c *booking.ReviseAppointmentType) {
			c.Type = named[id.AppointmentType](in, "type")
		})),
		"retireAppointmentType": give(commands.RetireAppointmentType, completed(func(in *input, c *booking.RetireAppointmentType) {
			c.Type = named[id.AppointmentType](in, "type")
		})),

		"setClinicianZone": give(commands.SetClinicianZone, completed(func(in *input, c *group.SetClinicianZone) {
			c.Clinician = named[id.Member](in, "clinician")
		})),
		"reserveTime":       giveTo(inCalendar, commands.ReserveTime, completed(func(in *input, c *booking.ReserveTime) { c.Reserve = made[id.Reserve](in, "reserve") })),
		"changeReserveFrom": command(changeReserveFrom),
		"skipReservedDate":  giveTo(inCalendar, commands.SkipReservedDate, completed(func(in *input, c *booking.SkipReservedDate) { c.Reserve = onReserve(in) })),
		"moveReservedDate":  giveTo(inCalendar, commands.MoveReservedDate, completed(func(in *input, c *booking.MoveReservedDate) { c.Reserve = onReserve(in) })),
		"restoreReservedDate": giveTo(inCalendar, commands.RestoreReservedDate, completed(func(in *input, c *booking.RestoreReservedDate) {
			c.Date, c.Reserve = parsed(in.exchange, civil.ParseDate, in.inPath("date")), onReserve(in)
		})),
		"reopenReserve": giveTo(inCalendar, commands.ReopenReserve, completed(func(in *input, c *booking.ReopenReserve) { c.Reserve = onReserve(in) })),
		"endReserve":    giveTo(inCalendar, commands.EndReserve, completed(func(in *input, c *booking.EndReserve) { c.Reserve = onReserve(in) })),
		"blockTime":     giveTo(inCalendar, commands.BlockTime, completed(func(in *input, c *booking.BlockTime) { c.Block = made[id.Block](in, "block") })),
		"unblockTime":   giveTo(inCalendar, commands.UnblockTime, completed(func(in *input, c *booking.UnblockTime) { c.Block = named[id.Block](in, "block") })),

		"bookAppointment": giveTo(inCalendar, commands.BookAppointment, completed(func(in *input, c *booking.BookAppointment) {
			c.Appointment, c.Channel = made[id.Appointment](in, "appointment"), booking.ByStaff
		})),
		"rescheduleAppointment": giveTo(inCalendar, commands.RescheduleAppointment, completed(func(in *input, c *booking.RescheduleAppointment) {
			c.Appointment, c.By = named[id.Appointment](in, "appointment"), booking.ByStaff
		})),
		"cancelAppointment": giveTo(inCalendar, commands.CancelAppointment, completed(func(in *input, c *booking.CancelAppointment) {
			c.Appointment, c.By = named[id.Appointment](in, "appointment"), booking.ByStaff
		})),
	}
}

// ofCalendar makes the handler that answers the staff with one thing of a calendar,
// which the path names under part.
func ofCalendar[I ~[16]byte, T, V any](part, action string, needs access.Capability, find func(context.Context, *pgxpool.Pool, booking.CalendarID, I) (T, error), view func(T) V) handler {
	return func(x *exchange) error {
		c, i := pathCalendar(x), pathID[I](x, part)
		if _, err := x.admittedToOwnCalendar(action, needs, c); err != nil {
			return err
		}
		found, err := find(x.ctx(), x.api.Pool, c, i)
		return x.answer(view(found), err)
	}
}

// findAppointment finds an appointment whichever chart it is of.
func findAppointment(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, p id.Appointment) (calendar.Appointment, error) {
	return calendar.AppointmentOf(ctx, pool, c, p, id.Chart{})
}

// inCalendar is the calendar that the path names.
func inCalendar(in *input) booking.CalendarID {
	c := pathCalendar(in.exchange)
	in.within = append(in.within, c.Clinician)
	return c
}

func onReserve(in *input) id.Reserve { return named[id.Reserve](in, "reserve") }

type onOff struct {
	On bool `json:"on"`
}

// changeReserveFrom answers with the id of the new reserve, where there is one.
func changeReserveFrom(in *input, c booking.ChangeReserveFrom) (commands.Receipt, error) {
	cal := inCalendar(in)
	c.Reserve, c.Next = pathID[id.Reserve](in.exchange, "reserve"), made[id.Reserve](in, "reserve")
	if in.err != nil {
		return commands.Receipt{}, in.err
	}
	done, err := commands.ChangeReserveFrom.Give(in.ctx(), in.api.Engine, in.call, cal, c)
	if outcomeOf(done) == outcomeUnchanged {
		in.about = c.Reserve.String()
	}
	return done, err
}

// policyText is the cancellation policy as it must be shown (BKG-4).
type policyText struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
}
