package calendar_test

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
	"praxis/projections/calendar"
)

// era is a week with a change of clocks, and the zones in which to live it.
type era struct {
	monday civil.Date
	zone   civil.Zone
}

var eras = []era{
	{civil.MustDate("2026-03-02"), newYork},
	{civil.MustDate("2026-10-26"), newYork},
	{civil.MustDate("2026-03-23"), london},
	{civil.MustDate("2026-10-19"), london},
	{civil.MustDate("2026-09-28"), "Australia/Lord_Howe"},
	{civil.MustDate("2026-03-30"), "Australia/Lord_Howe"},
	{civil.MustDate("2026-03-23"), "Asia/Beirut"},
	{civil.MustDate("2026-05-04"), "Asia/Kathmandu"},
}

// anyCalendarCommand draws a command over a handful of things, so that commands
// meet and contradict each other.
func (a *agenda) anyCalendarCommand(t *rapid.T, e era) calendarCommand {
	appointment := id.Derive[id.Appointment](strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "appointment")))
	series := id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "series")))
	block := id.Derive[id.Block](strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "block")))
	day := e.monday.Add(rapid.IntRange(-3, 12).Draw(t, "day"))
	start := civil.Clock(15 * rapid.IntRange(0, 92).Draw(t, "start"))
	end := min(start+civil.Clock(15*rapid.IntRange(1, 40).Draw(t, "length")), civil.EndOfDay)
	overnight := end
	if rapid.IntRange(0, 3).Draw(t, "overnight") == 0 {
		overnight = start / 2
	}
	at := civil.At(day, start, a.zone)
	kind := rapid.SampledFrom([]id.AppointmentType{visit, intake}).Draw(t, "type")
	shown := a.policy.CancellationVersion
	switch rapid.IntRange(0, 15).Draw(t, "command") {
	case 0, 1, 2:
		// The series of another zone is what a clinician who moved leaves behind.
		zone := rapid.SampledFrom([]civil.Zone{e.zone, e.zone, "America/Los_Angeles"}).Draw(t, "zone")
		repeat := rapid.SampledFrom([]booking.Repeat{
			{Frequency: booking.Once},
			{Frequency: booking.Weekly},
			{Frequency: booking.Weekly, Days: []booking.Weekday{"fri", "sat", "sun", "mon"}},
			{Frequency: booking.Weekly, Every: 2, Days: []booking.Weekday{"tue", "sun"}, Until: e.monday.Add(20)},
		}).Draw(t, "repeat")
		types := rapid.SampledFrom([][]id.AppointmentType{nil, {visit}, {intake}}).Draw(t, "types")
		return booking.ReserveTime{Reserve: series, FirstDate: day, Start: start, End: overnight, Zone: zone, Repeat: repeat, Types: types}
	case 3:
		return booking.SkipReservedDate{Reserve: series, Date: day}
	case 4:
		return booking.MoveReservedDate{Reserve: series, Date: day, Start: start, End: overnight}
	case 5:
		return booking.EndReserve{Reserve: series, LastDate: day}
	case 6:
		return booking.BlockTime{Block: block, Span: booking.Span{Start: at, End: at.Add(time.Duration(end-start) * time.Minute)}}
	case 7:
		return booking.UnblockTime{Block: block}
	case 8:
		return estest.Knowing(booking.RescheduleAppointment{Appointment: appointment, Chart: mia, Start: at, By: booking.ByStaff, PolicyVersionShown: shown, OverlapReason: "urgent"}, a.facts())
	case 9:
		return estest.Knowing(booking.CancelAppointment{Appointment: appointment, Chart: mia, By: booking.ByStaff}, a.facts())
	}
	switch rapid.IntRange(0, 7).Draw(t, "change") {
	case 0:
		return booking.RestoreReservedDate{Reserve: series, Date: day}
	case 1:
		return booking.ReopenReserve{Reserve: series}
	case 2:
		next := id.Derive[id.Reserve](strconv.Itoa(rapid.IntRange(4, 6).Draw(t, "next")))
		return booking.ChangeReserveFrom{Reserve: series, Next: next, From: day, Start: start, End: overnight}
	}
	return estest.Knowing(booking.BookAppointment{
		Appointment: appointment, Clinician: ana, Chart: mia, Type: kind, Start: at, Channel: booking.ByStaff, PolicyVersionShown: shown,
	}, a.facts())
}

// expected asks the engine over what the aggregate itself knows.
func (a *agenda) expected(t *rapid.T, c booking.CalendarID, q calendar.SlotsQuery) []booking.Start {
	s := a.state(c)
	engine := booking.Query{
		Zone: a.zone, Now: q.Now, Online: a.policy.Online, Window: a.policy.Window, Terms: a.policy.Types[q.Type].Terms, From: q.From, To: q.To,
		Busy: s.Busy(booking.Span{Start: utc("2025-01-01T00:00:00Z"), End: utc("2028-01-01T00:00:00Z")}, q.Moving),
	}
	if !q.Moving.IsZero() {
		engine.Terms = s.Appointments[q.Moving].Terms
	}
	for _, r := range s.Reserves {
		engine.Reserves = append(engine.Reserves, r)
	}
	starts, err := booking.Starts(engine)
	require.NoError(t, err)
	return starts
}

// What the rows offer is what the aggregate offers, to the instant, whatever
// happened to the calendar and wherever the clocks change.
func TestAvailable_AsTheAggregateSays(t *testing.T) {
	a := newAgenda(t, newYork, "2026-01-01T00:00:00Z")
	round, offered, moved := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		e := rapid.SampledFrom(eras).Draw(t, "era")
		a.open(id.Derive[id.Group]("practice", strconv.Itoa(round)))
		a.zone, a.now = zone(t, e.zone), civil.At(e.monday, 0, time.UTC)
		a.decided = nil
		a.set(booking.TurnOnlineBookingOn{}, booking.AllowSelfService{},
			window(rapid.IntRange(0, 3).Draw(t, "cutoff"), rapid.SampledFrom([]booking.CutoffUnit{booking.Minute, booking.Hour, booking.Day}).Draw(t, "unit"), rapid.IntRange(3, 14).Draw(t, "horizon")),
			booking.AddAppointmentType{Terms: booking.Terms{Type: visit, Name: "Visit", LengthMin: 50, PaddingMin: 10, StartEveryMin: rapid.SampledFrom([]int{0, 15, 20}).Draw(t, "step")}},
			booking.AddAppointmentType{Terms: booking.Terms{Type: intake, Name: "Intake", LengthMin: 480, PaddingMin: 240, StartEveryMin: 60}})
		c := booking.CalendarID{Group: a.group, Clinician: ana}
		for range rapid.IntRange(5, 60).Draw(t, "commands") {
			// A refusal leads to no event, and there is nothing to project.
			_ = a.try(c, a.anyCalendarCommand(t, e))
		}
		a.project()

		for range 4 {
			from := e.monday.Add(rapid.IntRange(-2, 12).Draw(t, "from"))
			q := calendar.SlotsQuery{
				Calendar: c, Zone: a.zone, Type: rapid.SampledFrom([]id.AppointmentType{visit, intake}).Draw(t, "asked"),
				Now:  a.now.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "later")) * time.Minute),
				From: from, To: from.Add(rapid.IntRange(0, 9).Draw(t, "days")),
			}
			got := a.slots(q).Starts
			offered += len(got)
			require.Equal(t, a.expected(t, c, q), got)
			for _, x := range a.state(c).Appointments {
				if !x.Cancelled && x.When.Start.After(q.Now) {
					q.Moving, q.Chart = x.ID, x.Chart
					moved++
					require.Equal(t, a.expected(t, c, q), a.slots(q).Starts)
				}
			}
		}
	})
	require.Positive(t, offered)
	require.Positive(t, moved)
	a.spec.Then("select * from appointment where busy_until <= starts_at")
}

// BKG-A19: every time that is shown can be booked.
func TestAvailable_ShownIsBookable(t *testing.T) {
	a := newAgenda(t, newYork, "2026-03-07T12:00:00Z")
	a.visits(45, 15, 20)
	a.do(anas, a.daily("2026-01-01", "00:00", "12:00"), a.book(first, "2026-03-08T07:20:00Z"))
	a.project()
	shown := a.slots(a.ask("2026-03-07", "2026-03-10")).Starts
	require.NotEmpty(t, shown)
	for _, s := range shown {
		_, err := a.book(second, s.Start.Format(time.RFC3339)).Decide(*a.state(anas), a.now)
		require.NoError(t, err, s.Start)
	}
}
