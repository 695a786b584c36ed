package booking

import (
	"iter"
	"maps"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
)

// CalendarCategory is the category of calendar streams.
const CalendarCategory es.Category = "bookingCalendar"

// CalendarID names a clinician's calendar in a practice. A clinician of two
// practices has two calendars that know nothing of each other (BKG-12).
type CalendarID struct {
	Group     id.Group
	Clinician id.Member
}

// Stream names the calendar's stream.
func (c CalendarID) Stream() es.Stream {
	return es.StreamOf(CalendarCategory, c.Group, c.Clinician.String())
}

// CalendarOf returns the calendar that a stream belongs to; ok is false for
// streams of other kinds.
func CalendarOf(s es.Stream) (c CalendarID, ok bool) {
	group, ok := s.Group()
	clinician, err := id.Parse[id.Member](s.Entity())
	return CalendarID{group, clinician}, ok && err == nil && s.Category() == CalendarCategory
}

// CalendarState is what a clinician's calendar has come to.
type CalendarState struct {
	Reserves map[id.Reserve]Reserve
	Blocks   map[id.Block]Span
	// Appointments holds cancelled ones too.
	Appointments map[id.Appointment]Appointment

	// live and blocked find appointments that are not cancelled, and blocks.
	live    agenda[id.Appointment]
	blocked agenda[id.Block]
}

// Appointment is an appointment as the calendar knows it.
type Appointment struct {
	ID    id.Appointment
	Chart id.Chart
	Terms Terms
	When  When
	// Channel is who booked it.
	Channel Channel
	// Cancelled reports that it will not take place.
	Cancelled bool
}

// Occupied is the span that the appointment takes, with its padding (BKG-A5).
func (a Appointment) Occupied() Span { return a.Terms.occupied(a.When.Start) }

// Visible is the span that the patient sees, without padding (BKG-8).
func (a Appointment) Visible() Span {
	return Span{a.When.Start, a.When.Start.Add(a.Terms.Length())}
}

// CalendarAggregate says how calendar events fold.
func CalendarAggregate() es.Aggregate[CalendarState, CalendarEvent] {
	return es.Aggregate[CalendarState, CalendarEvent]{Category: CalendarCategory, New: newCalendar, Evolve: EvolveCalendar}
}

func newCalendar() CalendarState {
	return CalendarState{
		Reserves: map[id.Reserve]Reserve{}, Blocks: map[id.Block]Span{},
		Appointments: map[id.Appointment]Appointment{},
		live:         newAgenda[id.Appointment](), blocked: newAgenda[id.Block](),
	}
}

// EvolveCalendar applies one event.
func EvolveCalendar(s *CalendarState, event CalendarEvent) {
	switch e := event.(type) {
	case TimeReserved:
		s.Reserves[e.Reserve] = ReserveOf(e)
	case ReservedDateSkipped:
		s.except(e.Reserve, e.Date, Hours{})
	case ReservedDateMoved:
		s.except(e.Reserve, e.Date, Hours{e.Start, e.End})
	case ReservedDateRestored:
		delete(s.Reserves[e.Reserve].Exceptions, e.Date)
	case ReserveEnded:
		es.Alter(s.Reserves, e.Reserve, func(r *Reserve) { r.Ended = e.LastDate })
	case ReserveReopened:
		es.Alter(s.Reserves, e.Reserve, func(r *Reserve) { r.Ended = civil.Date{} })
	case TimeBlocked:
		s.unblock(e.Block)
		s.Blocks[e.Block] = Span{civil.Recorded(e.Start), civil.Recorded(e.End)}
		s.blocked.add(e.Block, s.Blocks[e.Block])
	case TimeUnblocked:
		s.unblock(e.Block)
	case AppointmentBooked:
		s.put(e.Appointment, Appointment{ID: e.Appointment, Chart: e.Chart, Terms: e.Terms, When: e.When, Channel: e.Channel})
	case AppointmentRescheduled:
		a := s.Appointments[e.Appointment]
		a.When = e.To
		s.put(e.Appointment, a)
	case AppointmentCancelled:
		a := s.Appointments[e.Appointment]
		a.Cancelled = true
		s.put(e.Appointment, a)
	}
}

// put puts an appointment where it now is.
func (s *CalendarState) put(which id.Appointment, a Appointment) {
	s.live.remove(which, s.Appointments[which].Occupied())
	s.Appointments[which] = a
	if !a.Cancelled {
		s.live.add(which, a.Occupied())
	}
}

// unblock takes a block away, if it is there.
func (s *CalendarState) unblock(b id.Block) {
	s.blocked.remove(b, s.Blocks[b])
	delete(s.Blocks, b)
}

// ReserveOf returns the reserve that an event brings into being.
func ReserveOf(e TimeReserved) Reserve {
	return Reserve{
		ID: e.Reserve, FirstDate: e.FirstDate, Hours: Hours{e.Start, e.End}, Zone: e.Zone,
		Repeat: e.Repeat, Types: e.Types, Exceptions: map[civil.Date]Hours{},
	}
}

// except gives one day of a reserve other hours.
func (s *CalendarState) except(r id.Reserve, day civil.Date, h Hours) {
	if reserve, ok := s.Reserves[r]; ok {
		reserve.Exceptions[day] = h
	}
}

// Busy returns the spans taken within a span, in no order: live appointments with their
// padding, and blocks. The appointment `except` is left out, so that moving it
// releases its old time first (BKG-I4).
func (s CalendarState) Busy(within Span, except id.Appointment) []Span {
	var busy []Span
	for a := range s.around(within.Start, within.End) {
		if o := a.Occupied(); a.ID != except && o.Overlaps(within) {
			busy = append(busy, o)
		}
	}
	for which := range s.blocked.around(within.Start, within.End) {
		if b := s.Blocks[which]; b.Overlaps(within) {
			busy = append(busy, b)
		}
	}
	return busy
}

// around yields the live appointments that may take an instant of [from, to], and some
// that do not, in no order.
func (s CalendarState) around(from, to time.Time) iter.Seq[Appointment] {
	return func(yield func(Appointment) bool) {
		for which := range s.live.around(from, to) {
			if !yield(s.Appointments[which]) {
				return
			}
		}
	}
}

// reserves returns the calendar's reserves, in no order.
func (s CalendarState) reserves() []Reserve {
	return slices.Collect(maps.Values(s.Reserves))
}

// whenAt describes an instant by the calendar's wall.
func whenAt(at time.Time, zone *time.Location) When {
	date, clock := wall(at, zone)
	return When{Start: at.UTC(), Date: date, Clock: clock, Zone: civil.Zone(zone.String()), Rules: civil.Rules(zone)}
}
