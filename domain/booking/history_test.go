package booking_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// world is a calendar under random commands, together with what a bystander
// notes down about it: when each appointment was last placed, and whether with a
// reason to overlap.
type world struct {
	now     time.Time
	state   booking.CalendarState
	history []booking.CalendarEvent
	placed  map[id.Appointment]int
	reasons map[id.Appointment]bool
	facts   booking.Facts
}

func appointment(n int) id.Appointment { return id.Derive[id.Appointment](strconv.Itoa(n)) }

// drawFacts makes the facts of the next command.
func (w *world) drawFacts(t *rapid.T) booking.Facts {
	f := w.facts
	f.Policy.Online = rapid.IntRange(0, 9).Draw(t, "online") > 0
	f.Policy.SelfService = rapid.IntRange(0, 9).Draw(t, "selfService") > 0
	f.ClinicianOnChart = rapid.IntRange(0, 9).Draw(t, "onChart") > 0
	return f
}

// draw makes the next command, with its facts where it needs any.
func draw(t *rapid.T, f booking.Facts) estest.Decider[booking.CalendarState, booking.CalendarEvent] {
	channel := rapid.SampledFrom([]booking.Channel{booking.ByPatient, booking.ByPatient, booking.ByStaff}).Draw(t, "channel")
	shown := rapid.SampledFrom([]int{2, 2, 2, 2, 1}).Draw(t, "shown")
	reason := rapid.SampledFrom([]string{"", "", "urgent"}).Draw(t, "reason")
	// Saturday to Monday around spring forward, on a raster that often meets the grid.
	start := utc("2026-03-07T12:00Z").Add(time.Duration(rapid.IntRange(0, 4*60).Draw(t, "start")) * 15 * time.Minute)
	subject := appointment(rapid.IntRange(0, 6).Draw(t, "appointment"))
	day := civil.MustDate("2026-03-06").Add(rapid.IntRange(0, 4).Draw(t, "day"))
	hours := drawHours(t)
	switch rapid.SampledFrom([]string{"book", "book", "book", "move", "move", "cancel", "reserve", "reserve", "skip", "shift", "end", "block", "unblock"}).Draw(t, "command") {
	case "book":
		return estest.Knowing(booking.BookAppointment{
			Appointment: subject, Clinician: clinician, Chart: chart, Type: visit, Start: start,
			Channel: channel, PolicyVersionShown: shown, OverlapReason: reason,
		}, f)
	case "move":
		return estest.Knowing(booking.RescheduleAppointment{Appointment: subject, Chart: chart, Start: start, By: channel, PolicyVersionShown: shown, OverlapReason: reason}, f)
	case "cancel":
		return estest.Knowing(booking.CancelAppointment{Appointment: subject, Chart: chart, By: channel}, f)
	case "reserve":
		return booking.ReserveTime{
			Reserve: id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "reserve"))), FirstDate: day,
			Start: hours.Start, End: hours.End, Zone: newYork,
			Repeat: booking.Repeat{Frequency: rapid.SampledFrom([]booking.Frequency{booking.Once, booking.Weekly}).Draw(t, "frequency"), Days: []booking.Weekday{"sat", "sun", "mon"}},
		}
	case "skip":
		return booking.SkipReservedDate{Reserve: id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "reserve"))), Date: day}
	case "shift":
		return booking.MoveReservedDate{Reserve: id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "reserve"))), Date: day, Start: hours.Start, End: hours.End}
	case "end":
		return booking.EndReserve{Reserve: id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "reserve"))), LastDate: day}
	case "block":
		return booking.BlockTime{Block: id.Derive[id.Block](strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "block"))), Span: booking.Span{Start: start, End: start.Add(40 * time.Minute)}}
	default:
		return booking.UnblockTime{Block: id.Derive[id.Block](strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "block")))}
	}
}

func (w *world) live() []booking.Appointment {
	var live []booking.Appointment
	for _, a := range w.state.Appointments {
		if !a.Cancelled {
			live = append(live, a)
		}
	}
	return live
}

// requireOffered is BKG-I2: what a patient got is what the oracle finds, with the
// policy shown, the clinician on the chart and the switch on.
func (w *world) requireOffered(t *rapid.T, f booking.Facts, when booking.When, terms booking.Terms, shown int, moving id.Appointment) {
	require.True(t, f.Policy.Online && f.ClinicianOnChart && shown == f.Policy.CancellationVersion)
	q := booking.Query{
		Zone: f.Zone, Now: w.now, Online: true, Window: f.Policy.Window, Terms: terms,
		From: when.Date, To: when.Date,
	}
	for _, r := range w.state.Reserves {
		q.Reserves = append(q.Reserves, r)
	}
	for _, a := range w.live() {
		if a.ID != moving {
			q.Busy = append(q.Busy, booking.Span{Start: a.When.Start, End: a.When.Start.Add(time.Duration(a.Terms.LengthMin+a.Terms.PaddingMin) * time.Minute)})
		}
	}
	for _, b := range w.state.Blocks {
		q.Busy = append(q.Busy, b)
	}
	require.Contains(t, newOracle(q).starts(), when.Start.Unix()/60, "BKG-I2")
}

func TestHistoriesKeepTheInvariants(t *testing.T) {
	booked, moved, cancelled, refused := 0, 0, 0, map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		w := &world{
			now: utc("2026-03-06T12:00Z"), state: booking.CalendarAggregate().Fold(),
			placed: map[id.Appointment]int{}, reasons: map[id.Appointment]bool{}, facts: facts(),
		}
		w.facts.Policy.Window = booking.Window{Cutoff: booking.Cutoff{N: 2, Unit: booking.Hour}, HorizonDays: 3}
		w.facts.Policy.Types = map[id.AppointmentType]booking.AppointmentType{visit: {Terms: terms(45, 15, 15)}}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "pause")) * time.Minute)
			before := w.live()
			f := w.drawFacts(t)
			events, err := draw(t, f).Decide(w.state, w.now)
			if err != nil {
				require.Empty(t, events)
				refused[err.Error()] = true
				continue
			}
			require.LessOrEqual(t, len(events), 1, "every command here is one fact at most")
			for _, event := range events {
				switch e := event.(type) {
				case booking.AppointmentBooked:
					booked++
					if e.Channel == booking.ByPatient {
						w.requireOffered(t, f, e.When, e.Terms, e.PolicyVersionShown, id.Appointment{})
						require.Empty(t, e.OverlapReason)
					}
					w.placed[e.Appointment], w.reasons[e.Appointment] = step, e.OverlapReason != ""
				case booking.AppointmentRescheduled:
					moved++
					if e.By == booking.ByPatient {
						w.requireOffered(t, f, e.To, e.Terms, e.PolicyVersionShown, e.Appointment)
					}
					w.placed[e.Appointment], w.reasons[e.Appointment] = step, e.OverlapReason != ""
				case booking.AppointmentCancelled:
					cancelled++
				}
				booking.EvolveCalendar(&w.state, event)
				w.history = append(w.history, event)
			}
			w.requireDisjoint(t)
			if len(events) == 1 {
				w.requireCounts(t, events[0], len(before))
			}
		}
		require.Equal(t, w.state, booking.CalendarAggregate().Fold(w.history...), "folding is deterministic")
	})
	require.Positive(t, booked)
	require.Positive(t, moved)
	require.Positive(t, cancelled)
	require.Greater(t, len(refused), 10, "the histories reach the rules")
}

// requireDisjoint is BKG-I1: of two live appointments that overlap, the one
// placed later has a reason.
func (w *world) requireDisjoint(t *rapid.T) {
	live := w.live()
	for i, a := range live {
		for _, b := range live[:i] {
			if a.Occupied().Overlaps(b.Occupied()) {
				later := a.ID
				if w.placed[b.ID] > w.placed[a.ID] {
					later = b.ID
				}
				require.True(t, w.reasons[later], "BKG-I1 %s and %s", a.When.Start, b.When.Start)
			}
		}
	}
}

// requireCounts is BKG-I4 and BKG-I5: moving keeps the number of appointments,
// cancelling frees the time for the very next booking.
func (w *world) requireCounts(t *rapid.T, event booking.CalendarEvent, before int) {
	switch e := event.(type) {
	case booking.AppointmentBooked:
		require.Len(t, w.live(), before+1)
	case booking.AppointmentRescheduled:
		require.Len(t, w.live(), before, "BKG-I4")
	case booking.AppointmentCancelled:
		require.Len(t, w.live(), before-1)
		others := 0
		span := booking.Span{Start: e.When.Start, End: e.When.Start.Add(e.Terms.Total())}
		for _, a := range w.live() {
			if a.Occupied().Overlaps(span) {
				others++
			}
		}
		for _, b := range w.state.Blocks {
			if b.Overlaps(span) {
				others++
			}
		}
		again := booking.BookAppointment{
			Appointment: appointment(99), Clinician: clinician, Chart: other, Type: visit, Start: e.When.Start, Channel: booking.ByStaff,
		}
		_, err := again.Decide(w.state, w.facts, w.now)
		require.Equal(t, others == 0, err == nil, "BKG-I5")
	}
}
