package commands_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/clocktest"
)

// clinic is a practice in New York with a calendar that can be booked: Ana
// practises and owns it, Ben practises there, too. Mia and Noah are patients of
// Ana. Every day from 09:00 to 17:00 is reserved; visits take an hour.
type clinic struct {
	*clocktest.Clock
	t      testing.TB
	store  *memstore.Store
	engine *commands.Engine

	group                 id.Group
	ana, ben              id.Member
	miaChart, noahChart   id.Chart
	owner, mia, noah, guy id.Account
	visit                 id.AppointmentType
	reserve               id.Reserve
}

// openClinic is Tuesday 2026-01-06, 08:00 in New York.
func openClinic(t testing.TB) *clinic {
	t.Helper()
	c := &clinic{
		Clock: clocktest.At(time.Date(2026, 1, 6, 13, 0, 0, 0, time.UTC)), t: t,
		group: id.New[id.Group](), ana: id.New[id.Member](), miaChart: id.New[id.Chart](), noahChart: id.New[id.Chart](),
		owner: id.New[id.Account](), mia: id.New[id.Account](), noah: id.New[id.Account](), guy: id.New[id.Account](),
		visit: id.New[id.AppointmentType](), reserve: id.New[id.Reserve](),
	}
	c.store = memstore.New()
	t.Cleanup(c.store.Close)
	c.engine = c.another()
	c.found()
	c.openBooking()
	return c
}

// another returns an engine of another process on the same store.
func (c *clinic) another() *commands.Engine {
	c.t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(c.t, err)
	return commands.NewEngine(commands.Config{Store: c.store, Registry: registry, Clock: c.Now, Logger: slog.New(slog.DiscardHandler)})
}

// at sets the clock.
func (c *clinic) at(now string) { c.Set(instant(now)) }

func instant(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func (c *clinic) call(a id.Account) commands.Call {
	return commands.Call{Account: a, Group: c.group, Command: id.New[id.Command]()}
}

func (c *clinic) done(_ commands.Receipt, err error) {
	c.t.Helper()
	require.NoError(c.t, err)
}

func (c *clinic) found() {
	c.t.Helper()
	ctx := c.t.Context()
	c.done(commands.CreateGroup.Give(ctx, c.engine, c.call(c.owner), group.CreateGroup{
		Group: c.group, Name: "North Street", Owner: c.ana, OwnerIsClinician: true,
		BillingZone: "America/New_York", Currency: "USD", DefaultBranch: id.New[id.Branch](), DefaultBranchName: "Main",
	}))
	c.done(commands.GrantPermission.Give(ctx, c.engine, c.call(c.owner), group.GrantPermission{Member: c.ana, Capability: access.ChartCreate, Scope: access.ScopeGroup}))
	invitation, address := id.New[id.Invitation](), "ben@example.org"
	c.done(commands.InviteMember.Give(ctx, c.engine, c.call(c.owner), commands.Invite{
		InviteMember: group.InviteMember{Invitation: invitation, EmailHash: commands.EmailHash(address), Role: access.User, Clinician: true},
		ValidDays:    14,
	}))
	ben := c.call(id.New[id.Account]())
	ben.Email = address
	c.done(commands.AcceptInvitation.Give(ctx, c.engine, ben, invitation))
	membership, err := c.engine.MembershipOf(ctx, ben.Account)
	require.NoError(c.t, err)
	c.ben = membership.Member
	for account, ch := range map[id.Account]id.Chart{c.mia: c.miaChart, c.noah: c.noahChart} {
		c.done(commands.CreateChart.Give(ctx, c.engine, c.call(c.owner), chart.CreateChart{
			Chart: ch, Patient: chart.Demographics{GivenName: "G", FamilyName: "F"}, Primary: c.ana,
		}))
		c.done(commands.LinkPatientAccount.Give(ctx, c.engine, c.call(c.owner), ch, chart.LinkPatientAccount{Account: account}))
	}
}

func (c *clinic) openBooking() {
	c.t.Helper()
	ctx := c.t.Context()
	c.done(commands.TurnOnlineBooking.Give(ctx, c.engine, c.call(c.owner), true))
	c.done(commands.LetPatientsServeThemselves.Give(ctx, c.engine, c.call(c.owner), true))
	c.done(commands.ChangeBookingWindow.Give(ctx, c.engine, c.call(c.owner), booking.ChangeBookingWindow{
		Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Hour}, HorizonDays: 30},
	}))
	c.done(commands.PublishCancellationPolicy.Give(ctx, c.engine, c.call(c.owner), booking.PublishCancellationPolicy{Text: "Please give us 48 hours."}))
	c.done(commands.AddAppointmentType.Give(ctx, c.engine, c.call(c.owner), booking.AddAppointmentType{
		Terms: booking.Terms{Type: c.visit, Name: "Visit", LengthMin: 60},
	}))
	c.done(commands.ReserveTime.Give(ctx, c.engine, c.call(c.owner), c.calendar(), booking.ReserveTime{
		Reserve: c.reserve, FirstDate: civil.MustDate("2026-01-01"), Start: civil.MustClock("09:00"), End: civil.MustClock("17:00"),
		Repeat: booking.Repeat{Frequency: booking.Weekly, Days: []booking.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}},
	}))
}

// calendar is Ana's.
func (c *clinic) calendar() booking.CalendarID {
	return booking.CalendarID{Group: c.group, Clinician: c.ana}
}

// wish is a patient's wish for a visit.
func (c *clinic) wish(ch id.Chart, start string) booking.BookAppointment {
	return booking.BookAppointment{
		Appointment: id.New[id.Appointment](), Chart: ch, Type: c.visit, Start: instant(start),
		Channel: booking.ByPatient, PolicyVersionShown: 1,
	}
}

// booked books a visit for Mia.
func (c *clinic) booked(start string) id.Appointment {
	c.t.Helper()
	w := c.wish(c.miaChart, start)
	c.done(commands.BookAppointment.Give(c.t.Context(), c.engine, c.call(c.mia), c.calendar(), w))
	return w.Appointment
}

// recorded returns the decoded events of a stream.
func (c *clinic) recorded(stream es.Stream) []es.Envelope {
	c.t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(c.t, err)
	var events []es.Envelope
	for rec, err := range c.store.ReadStream(c.t.Context(), stream, 0) {
		require.NoError(c.t, err)
		e, err := registry.Decode(rec)
		require.NoError(c.t, err)
		events = append(events, e)
	}
	return events
}

// state folds Ana's calendar from the log.
func (c *clinic) state() booking.CalendarState {
	c.t.Helper()
	s := booking.CalendarAggregate().New()
	for _, e := range c.recorded(c.calendar().Stream()) {
		booking.EvolveCalendar(&s, e.Event.(booking.CalendarEvent))
	}
	return s
}

// refusals returns what the access log says of today.
func (c *clinic) refusals() []accesslog.AccessRefused {
	c.t.Helper()
	var refused []accesslog.AccessRefused
	for _, e := range c.recorded(accesslog.Stream(c.group, c.Now())) {
		refused = append(refused, e.Event.(accesslog.AccessRefused))
	}
	return refused
}

// outsiders are the refusals of strangers that are on record.
func (c *clinic) outsiders() []accesslog.OutsiderRefused {
	c.t.Helper()
	var refused []accesslog.OutsiderRefused
	for _, e := range c.recorded(accesslog.OutsidersStream(c.Now())) {
		refused = append(refused, e.Event.(accesslog.OutsiderRefused))
	}
	return refused
}

// refused requires the code of a refusal.
func (c *clinic) refused(code string) func(commands.Receipt, error) {
	return func(_ commands.Receipt, err error) {
		c.t.Helper()
		require.Error(c.t, err)
		require.Equal(c.t, code, fault.From(err).Code, err)
	}
}

// accountOf finds the account behind a member.
func (c *clinic) accountOf(m id.Member) (account id.Account) {
	c.t.Helper()
	for _, e := range c.recorded(group.Stream(c.group)) {
		if joined, ok := e.Event.(group.MemberJoined); ok && joined.Member == m {
			account = joined.Account
		}
	}
	require.False(c.t, account.IsZero())
	return account
}
