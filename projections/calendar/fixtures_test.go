package calendar_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/projections/calendar"
	"praxis/projections/projtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	mia      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	noah     = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	ana      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	visit    = id.MustParse[id.AppointmentType]("00000000-0000-4000-8000-0000000000d1")
	intake   = id.MustParse[id.AppointmentType]("00000000-0000-4000-8000-0000000000d2")
	first    = id.MustParse[id.Appointment]("00000000-0000-4000-8000-0000000000e1")
	second   = id.MustParse[id.Appointment]("00000000-0000-4000-8000-0000000000e2")
	reserve  = id.MustParse[id.Reserve]("00000000-0000-4000-8000-000000000091")
	lunch    = id.MustParse[id.Block]("00000000-0000-4000-8000-0000000000b1")

	anas = booking.CalendarID{Group: practice, Clinician: ana}
	bens = booking.CalendarID{Group: practice, Clinician: ben}
)

const (
	newYork = "America/New_York"
	london  = "Europe/London"
)

func zone(t require.TestingT, name civil.Zone) *time.Location {
	loc, err := name.Load()
	require.NoError(t, err)
	return loc
}

func utc(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

type (
	policyCommand interface {
		Decide(booking.PolicyState, time.Time) ([]booking.PolicyEvent, error)
	}
	calendarCommand interface {
		Decide(booking.CalendarState, time.Time) ([]booking.CalendarEvent, error)
	}
)

// agenda plays commands on the policy and the calendars of one practice, as the
// use cases do, and projects what they decide.
type agenda struct {
	t     testing.TB
	pool  *pgxpool.Pool
	spec  *projtest.Spec
	group id.Group
	zone  *time.Location
	now   time.Time

	policy    booking.PolicyState
	revision  es.Revision
	calendars map[booking.CalendarID]*booking.CalendarState
	// decided are the events that are not projected yet.
	decided []projtest.Event
}

func newAgenda(t testing.TB, name civil.Zone, now string) *agenda {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, booking.Events())
	require.NoError(t, err)
	pool := pgtest.New(t)
	a := &agenda{
		t: t, pool: pool, zone: zone(t, name), now: utc(now),
		spec: projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: calendar.Projector{}}),
	}
	a.open(practice)
	return a
}

// open turns to another practice that has set nothing yet.
func (a *agenda) open(g id.Group) {
	a.group, a.policy, a.revision = g, booking.PolicyAggregate().New(), es.NoStream
	a.calendars = map[booking.CalendarID]*booking.CalendarState{}
}

func (a *agenda) state(c booking.CalendarID) *booking.CalendarState {
	if a.calendars[c] == nil {
		s := booking.CalendarAggregate().New()
		a.calendars[c] = &s
	}
	return a.calendars[c]
}

// facts are what a use case would find.
func (a *agenda) facts() booking.Facts {
	return booking.Facts{Policy: a.policy.Snapshot(a.revision), Zone: a.zone, ClinicianOnChart: true}
}

// try plays a command on a calendar.
func (a *agenda) try(c booking.CalendarID, command calendarCommand) error {
	events, err := command.Decide(*a.state(c), a.now)
	for _, e := range events {
		booking.EvolveCalendar(a.state(c), e)
		a.decided = append(a.decided, projtest.Event{Stream: c.Stream(), Event: e})
	}
	return err
}

// do plays commands on a calendar that must be accepted.
func (a *agenda) do(c booking.CalendarID, commands ...calendarCommand) {
	a.t.Helper()
	for _, command := range commands {
		require.NoError(a.t, a.try(c, command))
	}
}

// set plays commands on the policy that must be accepted.
func (a *agenda) set(commands ...policyCommand) {
	a.t.Helper()
	for _, command := range commands {
		events, err := command.Decide(a.policy, a.now)
		require.NoError(a.t, err)
		for _, e := range events {
			booking.EvolvePolicy(&a.policy, e)
			a.revision++
			a.decided = append(a.decided, projtest.Event{Stream: booking.PolicyStream(a.group), Event: e})
		}
	}
}

// project projects what was decided, live.
func (a *agenda) project() *projtest.Spec {
	a.t.Helper()
	a.spec.When(a.decided...)
	a.decided = nil
	return a.spec
}

// knowing is a command about an appointment together with the facts that it is
// decided with.
type knowing[C estest.FactDecider[booking.Facts, booking.CalendarState, booking.CalendarEvent]] = estest.With[C, booking.Facts, booking.CalendarState, booking.CalendarEvent]

// book is a patient's wish.
func (a *agenda) book(appointment id.Appointment, start string) knowing[booking.BookAppointment] {
	return estest.Knowing(booking.BookAppointment{
		Appointment: appointment, Clinician: ana, Chart: mia, Type: visit, Start: utc(start), Channel: booking.ByPatient,
		PolicyVersionShown: a.policy.CancellationVersion,
	}, a.facts())
}

// ask is a question for visits with Ana from one day to another.
func (a *agenda) ask(from, to string) calendar.SlotsQuery {
	return calendar.SlotsQuery{
		Calendar: booking.CalendarID{Group: a.group, Clinician: ana}, Type: visit, Zone: a.zone, Now: a.now,
		From: civil.MustDate(from), To: civil.MustDate(to),
	}
}

func (a *agenda) slots(q calendar.SlotsQuery) calendar.Slots {
	a.t.Helper()
	slots, err := calendar.Available(a.t.Context(), a.pool, q)
	require.NoError(a.t, err)
	return slots
}

// walls lists what the practice's wall shows at each start.
func (a *agenda) walls(from, to string) []string {
	a.t.Helper()
	walls := []string{}
	for _, s := range a.slots(a.ask(from, to)).Starts {
		walls = append(walls, s.Date.String()+" "+s.Clock.String())
	}
	return walls
}

// instants lists the starts in UTC.
func (a *agenda) instants(from, to string) []string {
	a.t.Helper()
	instants := []string{}
	for _, s := range a.slots(a.ask(from, to)).Starts {
		instants = append(instants, s.Start.Format("2006-01-02T15:04Z"))
	}
	return instants
}

func window(n int, unit booking.CutoffUnit, horizon int) booking.ChangeBookingWindow {
	return booking.ChangeBookingWindow{Window: booking.Window{Cutoff: booking.Cutoff{N: n, Unit: unit}, HorizonDays: horizon}}
}

// visits offers visits without any limit of time.
func (a *agenda) visits(length, padding, step int) {
	a.t.Helper()
	a.set(booking.TurnOnlineBookingOn{}, booking.AllowSelfService{}, window(0, booking.Minute, 365), booking.AddAppointmentType{
		Terms: booking.Terms{Type: visit, Name: "Visit", LengthMin: length, PaddingMin: padding, StartEveryMin: step},
	})
}

// daily reserves hours of every day from a date on, in the practice's zone.
func (a *agenda) daily(from, start, end string) booking.ReserveTime {
	return booking.ReserveTime{
		Reserve: id.Derive[id.Reserve](a.group.String(), from, start, end), FirstDate: civil.MustDate(from), Start: civil.MustClock(start), End: civil.MustClock(end),
		Zone: civil.Zone(a.zone.String()), Repeat: booking.Repeat{Frequency: booking.Weekly, Every: 1, Days: []booking.Weekday{
			booking.Monday, booking.Tuesday, booking.Wednesday, booking.Thursday, booking.Friday, booking.Saturday, booking.Sunday,
		}},
	}
}
