package httpapi

import (
	"time"

	"github.com/gorilla/mux"

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
		"restoreReservedDate":   command(a.restoreReservedDate),
		"reopenReserve":         command(a.reopenReserve),
		"changeReserveFrom":     command(a.changeReserveFrom),
		"listReserves":          a.listReserves,
		"getReserve":            a.getReserve,
		"listBlocks":            a.listBlocks,
		"getBlock":              a.getBlock,
		"getAppointment":        a.getAppointment,
		"getClinicianZone":      a.getClinicianZone,
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

func (a *api) restoreReservedDate(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	day, err := civil.ParseDate(mux.Vars(x.r)["date"])
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return inCalendar(x, "reserve", func(c booking.CalendarID, r id.Reserve) (commands.Receipt, error) {
		return a.Engine.RestoreReservedDate(x.ctx(), call, c, booking.RestoreReservedDate{Reserve: r, Date: day})
	})
}

func (a *api) reopenReserve(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return inCalendar(x, "reserve", func(c booking.CalendarID, r id.Reserve) (commands.Receipt, error) {
		return a.Engine.ReopenReserve(x.ctx(), call, c, booking.ReopenReserve{Reserve: r})
	})
}

type reserveChange struct {
	From   civil.Date           `json:"from"`
	Start  civil.Clock          `json:"start"`
	End    civil.Clock          `json:"end"`
	Zone   civil.Zone           `json:"zone"`
	Repeat booking.Repeat       `json:"repeat"`
	Types  []id.AppointmentType `json:"types"`
}

// changeReserveFrom answers with the id of the new reserve.
func (a *api) changeReserveFrom(x *exchange, call commands.Call, b reserveChange) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	r, err := pathID[id.Reserve](x, "reserve")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	next := calendarThing[id.Reserve](call, c, "reserve")
	receipt, err := a.Engine.ChangeReserveFrom(x.ctx(), call, c, booking.ChangeReserveFrom{
		Reserve: r, Next: next, From: b.From, Start: b.Start, End: b.End, Zone: b.Zone, Repeat: b.Repeat, Types: b.Types,
	})
	if outcomeOf(receipt) == outcomeUnchanged {
		next = r
	}
	return next.String(), receipt, err
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
	// PolicyVersionShown is left out where none was shown.
	PolicyVersionShown int `json:"policyVersionShown"`
}

func (a *api) bookAppointment(x *exchange, call commands.Call, b staffBooking) (string, commands.Receipt, error) {
	c, err := pathCalendar(x)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	appointment := calendarThing[id.Appointment](call, c, "appointment")
	receipt, err := a.Engine.BookAppointment(x.ctx(), call, c, booking.BookAppointment{
		Appointment: appointment, Chart: b.Chart, Type: b.Type, Start: b.Start, Channel: booking.ByStaff, OverlapReason: b.OverlapReason,
		PolicyVersionShown: b.PolicyVersionShown,
	})
	return appointment.String(), receipt, err
}

type staffMove struct {
	Chart         id.Chart  `json:"chart"`
	Start         time.Time `json:"start"`
	OverlapReason string    `json:"overlapReason"`
	// PolicyVersionShown is left out where none was shown.
	PolicyVersionShown int `json:"policyVersionShown"`
}

func (a *api) rescheduleAppointment(x *exchange, call commands.Call, b staffMove) (string, commands.Receipt, error) {
	return inCalendar(x, "appointment", func(c booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
		return a.Engine.RescheduleAppointment(x.ctx(), call, c, booking.RescheduleAppointment{
			Appointment: appointment, Chart: b.Chart, Start: b.Start, By: booking.ByStaff, OverlapReason: b.OverlapReason,
			PolicyVersionShown: b.PolicyVersionShown,
		})
	})
}

type staffCancellation struct {
	Chart  id.Chart `json:"chart"`
	Reason string   `json:"reason"`
	// PolicyVersionShown is left out where none was shown.
	PolicyVersionShown int `json:"policyVersionShown"`
}

func (a *api) cancelAppointment(x *exchange, call commands.Call, b staffCancellation) (string, commands.Receipt, error) {
	return inCalendar(x, "appointment", func(c booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
		return a.Engine.CancelAppointment(x.ctx(), call, c, booking.CancelAppointment{
			Appointment: appointment, Chart: b.Chart, By: booking.ByStaff, Reason: b.Reason, PolicyVersionShown: b.PolicyVersionShown,
		})
	})
}
