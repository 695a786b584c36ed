package httpapi

import (
	"context"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// bookingHandlers are those of the practice's policy and of the staff's calendars.
func (a *api) bookingHandlers() map[string]handler {
	return map[string]handler{
		"getBookingPolicy":         a.getBookingPolicy,
		"listCancellationPolicies": a.listCancellationPolicies,
		"getCancellationPolicy":    a.getCancellationPolicy,
		"listAppointmentTypes":     a.listAppointmentTypes,
		"getAppointmentType":       a.getAppointmentType,
		"listReserves":             a.listReserves,
		"getReserve":               ofCalendar("reserve", "reserve.get", access.CalendarReserve, calendar.ReserveOf, reserveOf),
		"listBlocks":               a.listBlocks,
		"getBlock":                 ofCalendar("block", "block.get", access.CalendarReserve, calendar.BlockOf, blockOf),
		"listSlots":                a.listSlots,
		"listAppointments":         a.listAppointments,
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

		"reserveTime":       giveTo(inCalendar, commands.ReserveTime, completed(func(in *input, c *booking.ReserveTime) { c.Reserve = made[id.Reserve](in, "reserve") })),
		"changeReserveFrom": command(a.changeReserveFrom),
		"skipReservedDate":  giveTo(inCalendar, commands.SkipReservedDate, completed(func(in *input, c *booking.SkipReservedDate) { c.Reserve = onReserve(in) })),
		"moveReservedDate":  giveTo(inCalendar, commands.MoveReservedDate, completed(func(in *input, c *booking.MoveReservedDate) { c.Reserve = onReserve(in) })),
		"restoreReservedDate": giveTo(inCalendar, commands.RestoreReservedDate, completed(func(in *input, c *booking.RestoreReservedDate) {
			var err error
			c.Date, err = civil.ParseDate(mux.Vars(in.r)["date"])
			in.fail(err)
			c.Reserve = onReserve(in)
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

// pathCalendar reads the calendar from the path.
func pathCalendar(x *exchange) (booking.CalendarID, error) {
	g, err := pathID[id.Group](x, "group")
	if err != nil {
		return booking.CalendarID{}, err
	}
	clinician, err := pathID[id.Member](x, "clinician")
	return booking.CalendarID{Group: g, Clinician: clinician}, err
}

// ofCalendar makes the handler that answers the staff with one thing of a calendar,
// which the path names under part.
func ofCalendar[I ~[16]byte, T, V any](part, action string, needs access.Capability, find func(context.Context, *pgxpool.Pool, booking.CalendarID, I) (T, error), view func(T) V) handler {
	return func(x *exchange) error {
		c, err := pathCalendar(x)
		if err != nil {
			return err
		}
		i, err := pathID[I](x, part)
		if err != nil {
			return err
		}
		if _, err := x.admittedToOwnCalendar(action, needs, c); err != nil {
			return err
		}
		found, err := find(x.ctx(), x.api.Pool, c, i)
		if err != nil {
			return err
		}
		return x.reply(view(found))
	}
}

// findAppointment finds an appointment whichever chart it is of.
func findAppointment(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, p id.Appointment) (calendar.Appointment, error) {
	return calendar.AppointmentOf(ctx, pool, c, p, id.Chart{})
}

// inCalendar is the calendar that the path names.
func inCalendar(in *input) booking.CalendarID {
	c, err := pathCalendar(in.exchange)
	in.fail(err)
	in.within = append(in.within, c.Clinician)
	return c
}

func onReserve(in *input) id.Reserve { return named[id.Reserve](in, "reserve") }

type onOff struct {
	On bool `json:"on"`
}

// changeReserveFrom answers with the id of the new reserve, where there is one.
func (a *api) changeReserveFrom(in *input, c booking.ChangeReserveFrom) (commands.Receipt, error) {
	cal := inCalendar(in)
	c.Reserve, c.Next = read[id.Reserve](in, "reserve"), made[id.Reserve](in, "reserve")
	if in.err != nil {
		return commands.Receipt{}, in.err
	}
	done, err := commands.ChangeReserveFrom.Give(in.ctx(), a.Engine, in.call, cal, c)
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
