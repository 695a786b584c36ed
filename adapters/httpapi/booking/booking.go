// Package booking is the API of the booking policy, of the calendars of the staff, and of what patients book.
package booking

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// Handlers are those of the practice's policy and of the staff's calendars.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"getBookingPolicy":         getBookingPolicy,
		"getClinicianZone":         getClinicianZone,
		"listCancellationPolicies": listCancellationPolicies,
		"getCancellationPolicy":    getCancellationPolicy,
		"listAppointmentTypes":     listAppointmentTypes,
		"getAppointmentType":       getAppointmentType,
		"listReserves":             listReserves,
		"getReserve":               ofCalendar("reserve", "reserve.get", access.CalendarReserve, calendar.ReserveOf, reserveOf),
		"listBlocks":               listBlocks,
		"getBlock":                 ofCalendar("block", "block.get", access.CalendarReserve, calendar.BlockOf, itself),
		"listSlots":                listSlots,
		"listAppointments":         listAppointments,
		"getAppointment":           getAppointment,

		"setOnlineBooking":          httpapi.Give(commands.TurnOnlineBooking, func(_ *httpapi.Input, b onOff) bool { return b.On }),
		"setSelfService":            httpapi.Give(commands.LetPatientsServeThemselves, func(_ *httpapi.Input, b onOff) bool { return b.On }),
		"changeBookingWindow":       httpapi.Give(commands.ChangeBookingWindow, httpapi.AsSent),
		"changePatientLimits":       httpapi.Give(commands.ChangePatientLimits, httpapi.AsSent),
		"publishCancellationPolicy": httpapi.Give(commands.PublishCancellationPolicy, httpapi.AsSent),
		"addAppointmentType":        httpapi.Give(commands.AddAppointmentType, httpapi.Making("appointment type", func(c *booking.AddAppointmentType, t id.AppointmentType) { c.Type = t })),
		"reviseAppointmentType":     httpapi.Give(commands.ReviseAppointmentType, httpapi.On("type", func(c *booking.ReviseAppointmentType, t id.AppointmentType) { c.Type = t })),
		"retireAppointmentType":     httpapi.Give(commands.RetireAppointmentType, httpapi.On("type", func(c *booking.RetireAppointmentType, t id.AppointmentType) { c.Type = t })),

		"setClinicianZone":  httpapi.Give(commands.SetClinicianZone, httpapi.On("clinician", func(c *group.SetClinicianZone, m id.Member) { c.Clinician = m })),
		"reserveTime":       httpapi.GiveTo(inCalendar, commands.ReserveTime, httpapi.Making("reserve", func(c *booking.ReserveTime, r id.Reserve) { c.Reserve = r })),
		"changeReserveFrom": httpapi.HandleCommand(changeReserveFrom),
		"skipReservedDate":  httpapi.GiveTo(inCalendar, commands.SkipReservedDate, httpapi.On("reserve", func(c *booking.SkipReservedDate, r id.Reserve) { c.Reserve = r })),
		"moveReservedDate":  httpapi.GiveTo(inCalendar, commands.MoveReservedDate, httpapi.On("reserve", func(c *booking.MoveReservedDate, r id.Reserve) { c.Reserve = r })),
		"restoreReservedDate": httpapi.GiveTo(inCalendar, commands.RestoreReservedDate, httpapi.Completed(func(in *httpapi.Input, c *booking.RestoreReservedDate) {
			c.Date, c.Reserve = httpapi.Parsed(in.Exchange, civil.ParseDate, in.InPath("date")), httpapi.Named[id.Reserve](in, "reserve")
		})),
		"reopenReserve": httpapi.GiveTo(inCalendar, commands.ReopenReserve, httpapi.On("reserve", func(c *booking.ReopenReserve, r id.Reserve) { c.Reserve = r })),
		"endReserve":    httpapi.GiveTo(inCalendar, commands.EndReserve, httpapi.On("reserve", func(c *booking.EndReserve, r id.Reserve) { c.Reserve = r })),
		"blockTime":     httpapi.GiveTo(inCalendar, commands.BlockTime, httpapi.Making("block", func(c *booking.BlockTime, b id.Block) { c.Block = b })),
		"unblockTime":   httpapi.GiveTo(inCalendar, commands.UnblockTime, httpapi.On("block", func(c *booking.UnblockTime, b id.Block) { c.Block = b })),

		"bookAppointment": httpapi.GiveTo(inCalendar, commands.BookAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.BookAppointment) {
			c.Appointment, c.Channel = httpapi.Made[id.Appointment](in, "appointment"), booking.ByStaff
		})),
		"rescheduleAppointment": httpapi.GiveTo(inCalendar, commands.RescheduleAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.RescheduleAppointment) {
			c.Appointment, c.By = httpapi.Named[id.Appointment](in, "appointment"), booking.ByStaff
		})),
		"cancelAppointment": httpapi.GiveTo(inCalendar, commands.CancelAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.CancelAppointment) {
			c.Appointment, c.By = httpapi.Named[id.Appointment](in, "appointment"), booking.ByStaff
		})),
	}
}

// ofCalendar makes the handler that answers the staff with one thing of a calendar,
// which the path names under part.
func ofCalendar[I ~[16]byte, T, V any](part, action string, needs access.Capability, find func(context.Context, *pgxpool.Pool, booking.CalendarID, I) (T, error), view func(T) V) httpapi.Handler {
	return func(x *httpapi.Exchange) error {
		c, i := httpapi.PathCalendar(x), httpapi.PathID[I](x, part)
		if _, err := admittedToOwnCalendar(x, action, needs, c); err != nil {
			return err
		}
		found, err := find(x.Ctx(), x.API.Pool, c, i)
		return x.Answer(view(found), err)
	}
}

// itself is the view of what is shown as it was found.
func itself[T any](found T) T { return found }

// getAppointment answers with one appointment, whichever chart it is of, unless what is set
// on that chart keeps the reader from it.
func getAppointment(x *httpapi.Exchange) error {
	c, i := httpapi.PathCalendar(x), httpapi.PathID[id.Appointment](x, "appointment")
	if _, err := admittedToOwnCalendar(x, "appointment.get", access.AppointmentManage, c); err != nil {
		return err
	}
	found, err := calendar.AppointmentOf(x.Ctx(), x.API.Pool, c, i, id.Chart{})
	if err != nil {
		return err
	}
	call, err := x.Call()
	if err != nil {
		return err
	}
	switch kept, err := x.API.Engine.KeptFrom(x.Ctx(), call, access.AppointmentManage, found.Chart); {
	case err != nil:
		return err
	case kept:
		return calendar.ErrNoAppointment
	}
	return x.Reply(found)
}

// inCalendar is the calendar that the path names.
func inCalendar(in *httpapi.Input) booking.CalendarID {
	c := httpapi.PathCalendar(in.Exchange)
	in.Within = append(in.Within, c.Clinician)
	return c
}

type onOff struct {
	On bool `json:"on"`
}

// changeReserveFrom answers with the id of the new reserve, where there is one.
func changeReserveFrom(in *httpapi.Input, c booking.ChangeReserveFrom) (commands.Receipt, error) {
	cal := inCalendar(in)
	c.Reserve, c.Next = httpapi.PathID[id.Reserve](in.Exchange, "reserve"), httpapi.Made[id.Reserve](in, "reserve")
	if in.Err != nil {
		return commands.Receipt{}, in.Err
	}
	done, err := commands.ChangeReserveFrom.Give(in.Ctx(), in.API.Engine, in.Call, cal, c)
	if httpapi.OutcomeOf(done) == httpapi.OutcomeUnchanged {
		in.About = c.Reserve.String()
	}
	return done, err
}

// policyText is the cancellation policy as it must be shown (BKG-4).
type policyText struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
}
