package booking

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// How many days a question about slots asks for by itself, and at the most.
const (
	defaultSlotDays = 30
	maxSlotDays     = 62
)

// slotsPerPage is how many starts an answer holds at the most, in whole days; the
// next page begins with the day after. Most practices' two months fit.
const slotsPerPage = 1_000

var errSlotDays = fault.New(fault.Invalid, "days_out_of_range", "Ask for days from one date to a later one, at most %d of them at once.", maxSlotDays)

// slotsView is what can be booked. Staff and patients get the same, because it
// says what patients see; there is no padding in it (BKG-8).
type slotsView struct {
	Online             bool                 `json:"online"`
	Zone               string               `json:"zone"`
	Type               *booking.OfferedType `json:"type,omitempty"`
	Slots              []booking.Start      `json:"slots"`
	NextFrom           civil.Date           `json:"nextFrom,omitzero"`
	CancellationPolicy policyText           `json:"cancellationPolicy"`
}

func listSlots(x *httpapi.Exchange) error {
	return slots(x, id.Chart{}, id.Appointment{})
}

// slots answers what can be booked with the clinician in the path: by the
// patient of a chart, if set, and in the place of an appointment, if set.
func slots(x *httpapi.Exchange, c id.Chart, moving id.Appointment) error {
	q := calendar.SlotsQuery{Calendar: httpapi.PathCalendar(x), Chart: c, Moving: moving, Now: x.API.Clock(), Most: slotsPerPage}
	if moving.IsZero() {
		q.Type = httpapi.Parsed(x, httpapi.ParseID[id.AppointmentType], x.InQuery("type"))
	}
	q.From, q.To = httpapi.QueryDays(x)
	var err error
	if q.Zone, err = admittedToCalendar(x, "slots.list", q.Calendar, c); err != nil {
		return err
	}
	if q.From.IsZero() {
		q.From = civil.In(q.Now, q.Zone)
	}
	if q.To.IsZero() {
		q.To = q.From.Add(defaultSlotDays)
	}
	if days := q.From.DaysUntil(q.To); days < 0 || days >= maxSlotDays {
		return errSlotDays
	}
	slots, err := calendar.Available(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err
	}
	return x.Reply(slotsView{
		Online: slots.Online, Zone: q.Zone.String(), Type: slots.Type, Slots: httpapi.List(slots.Starts), NextFrom: slots.Next,
		CancellationPolicy: policyText{slots.CancellationVersion, slots.CancellationText},
	})
}

// admittedToCalendar asks the gate for what a calendar offers, and waits for the
// read model. It returns the calendar's zone.
func admittedToCalendar(x *httpapi.Exchange, action string, cal booking.CalendarID, c id.Chart) (*time.Location, error) {
	return admittedTo(x, commands.CalendarQuestion{Action: action, Capability: access.SlotsView, Calendar: cal, Chart: c})
}

// admittedToOwnCalendar is admittedToCalendar for what the staff see of a calendar.
func admittedToOwnCalendar(x *httpapi.Exchange, action string, needs access.Capability, cal booking.CalendarID) (*time.Location, error) {
	return admittedTo(x, commands.CalendarQuestion{Action: action, Capability: needs, Calendar: cal, Former: true})
}

func admittedTo(x *httpapi.Exchange, q commands.CalendarQuestion) (*time.Location, error) {
	call, err := x.Call()
	if err != nil {
		return nil, err
	}
	zone, err := x.API.Engine.AdmitToCalendar(x.Ctx(), call, q)
	if err != nil {
		return nil, err
	}
	return zone, x.Await(calendar.Name)
}
