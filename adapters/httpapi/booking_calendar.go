package httpapi

import (
	"time"

	"praxis/commands"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/id"
)

func (a *api) calendarHandlers() map[string]handler {
	return map[string]handler{
		"reserveTime":           command(a.reserveTime),
		"skipReservedDate":      command(a.skipReservedDate),
		"moveReservedDate":      command(a.moveReservedDate),
		"endReserve":            command(a.endReserve),
		"blockTime":             command(a.blockTime),
		"unblockTime":           command(a.unblockTime),
		"listSlots":             a.listSlots,
		"bookAppointment":       command(a.bookAppointment),
		"rescheduleAppointment": command(a.rescheduleAppointment),
		"cancelAppointment":     command(a.cancelAppointment),
		"listAppointments":      a.listAppointments,
	}
}

// inCalendar reads the calendar and one of its things from the path, and answers
// with the thing's id.
func inCalendar[I interface {
	~[16]byte
	String() string
}](x *exchange, name string, run func(booking.CalendarID, I) (commands.Receipt, error)) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	thing, err := pathID[I](x, name)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := run(c, thing)
	return thing.String(), receipt, err
}

type newReserve struct {
	FirstDate civil.Date           `json:"firstDate"`
	Start     civil.Clock          `json:"start"`
	End       civil.Clock          `json:"end"`
	Zone      civil.Zone           `json:"zone"`
	Repeat    booking.Repeat       `json:"repeat"`
	Types     []id.AppointmentType `json:"types"`
}

func (a *api) reserveTime(x *exchange, call commands.Call, b newReserve) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	reserve := calendarThing[id.Reserve](call, c, "reserve")
	receipt, err := a.Engine.ReserveTime(x.ctx(), call, c, booking.ReserveTime{
		Reserve: reserve, FirstDate: b.FirstDate, Start: b.Start, End: b.End, Zone: b.Zone, Repeat: b.Repeat, Types: b.Types,
	})
	return reserve.String(), receipt, err
}

type reservedDate struct {
	Date civil.Date `json:"date"`
}

func (a *api) skipReservedDate(x *exchange, call commands.Call, b reservedDate) (string, commands.Receipt, error) {
	return inCalendar(x, "reserve", func(c booking.CalendarID, r id.Reserve) (commands.Receipt, error) {
		return a.Engine.SkipReservedDate(x.ctx(), call, c, booking.SkipReservedDate{Reserve: r, Date: b.Date})
	})
}

type movedDate struct {
	Date  civil.Date  `json:"date"`
	Start civil.Clock `json:"start"`
	End   civil.Clock `json:"end"`
}

func (a *api) moveReservedDate(x *exchange, call commands.Call, b movedDate) (string, commands.Receipt, error) {
	return inCalendar(x, "reserve", func(c booking.CalendarID, r id.Reserve) (commands.Receipt, error) {
		return a.Engine.MoveReservedDate(x.ctx(), call, c, booking.MoveReservedDate{Reserve: r, Date: b.Date, Start: b.Start, End: b.End})
	})
}

type reserveEnd struct {
	LastDate civil.Date `json:"lastDate"`
}

func (a *api) endReserve(x *exchange, call commands.Call, b reserveEnd) (string, commands.Receipt, error) {
	return inCalendar(x, "reserve", func(c booking.CalendarID, r id.Reserve) (commands.Receipt, error) {
		return a.Engine.EndReserve(x.ctx(), call, c, booking.EndReserve{Reserve: r, LastDate: b.LastDate})
	})
}

func (a *api) blockTime(x *exchange, call commands.Call, b booking.Span) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	block := calendarThing[id.Block](call, c, "block")
	receipt, err := a.Engine.BlockTime(x.ctx(), call, c, booking.BlockTime{Block: block, Span: b})
	return block.String(), receipt, err
}

func (a *api) unblockTime(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return inCalendar(x, "block", func(c booking.CalendarID, block id.Block) (commands.Receipt, error) {
		return a.Engine.UnblockTime(x.ctx(), call, c, booking.UnblockTime{Block: block})
	})
}

type staffBooking struct {
	Chart         id.Chart           `json:"chart"`
	Type          id.AppointmentType `json:"type"`
	Start         time.Time          `json:"start"`
	OverlapReason string             `json:"overlapReason"`
}

func (a *api) bookAppointment(x *exchange, call commands.Call, b staffBooking) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	appointment := calendarThing[id.Appointment](call, c, "appointment")
	receipt, err := a.Engine.BookAppointment(x.ctx(), call, c, booking.BookAppointment{
		Appointment: appointment, Chart: b.Chart, Type: b.Type, Start: b.Start, Channel: booking.ByStaff, OverlapReason: b.OverlapReason,
	})
	return appointment.String(), receipt, err
}

type staffMove struct {
	Chart         id.Chart  `json:"chart"`
	Start         time.Time `json:"start"`
	OverlapReason string    `json:"overlapReason"`
}

func (a *api) rescheduleAppointment(x *exchange, call commands.Call, b staffMove) (string, commands.Receipt, error) {
	return inCalendar(x, "appointment", func(c booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
		return a.Engine.RescheduleAppointment(x.ctx(), call, c, booking.RescheduleAppointment{
			Appointment: appointment, Chart: b.Chart, Start: b.Start, By: booking.ByStaff, OverlapReason: b.OverlapReason,
		})
	})
}

type staffCancellation struct {
	Chart  id.Chart `json:"chart"`
	Reason string   `json:"reason"`
}

func (a *api) cancelAppointment(x *exchange, call commands.Call, b staffCancellation) (string, commands.Receipt, error) {
	return inCalendar(x, "appointment", func(c booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
		return a.Engine.CancelAppointment(x.ctx(), call, c, booking.CancelAppointment{
			Appointment: appointment, Chart: b.Chart, By: booking.ByStaff, Reason: b.Reason,
		})
	})
}
