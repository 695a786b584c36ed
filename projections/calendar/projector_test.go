package calendar_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
	"praxis/projections/rows"
)

const selectPolicy = "select online, self_service, cutoff_n, cutoff_unit, horizon_days, cancellation_version, cancellation_text, revision from policy"

func TestProjector_Policy(t *testing.T) {
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.set(booking.TurnOnlineBookingOn{})
	a.project().Then(selectPolicy, `{"online": true, "self_service": false, "cutoff_n": 1, "cutoff_unit": "day", "horizon_days": 30, "cancellation_version": 0, "cancellation_text": "", "revision": 0}`)
	a.set(booking.AllowSelfService{}, window(90, booking.Minute, 60), booking.PublishCancellationPolicy{Text: "48 hours"})
	a.project().Then(selectPolicy, `{"online": true, "self_service": true, "cutoff_n": 90, "cutoff_unit": "min", "horizon_days": 60, "cancellation_version": 1, "cancellation_text": "48 hours", "revision": 3}`)
	a.set(booking.StopSelfService{}, booking.PublishCancellationPolicy{Text: "72 hours"}, booking.TurnOnlineBookingOff{})
	a.project().Then(selectPolicy, `{"online": false, "self_service": false, "cutoff_n": 90, "cutoff_unit": "min", "horizon_days": 60, "cancellation_version": 2, "cancellation_text": "72 hours", "revision": 6}`)

	p, err := calendar.PolicyOf(t.Context(), a.pool, practice)
	require.NoError(t, err)
	require.Equal(t, calendar.Policy{
		Window: booking.Window{Cutoff: booking.Cutoff{N: 90, Unit: booking.Minute}, HorizonDays: 60}, Limits: booking.Limits{Upcoming: 12, PerDay: 2}, CancellationVersion: 2, CancellationText: "72 hours", Revision: 6,
	}, p)
	p, err = calendar.PolicyOf(t.Context(), a.pool, id.New[id.Group]())
	require.NoError(t, err)
	require.Equal(t, calendar.Policy{Window: booking.PolicyAggregate().New().Window, Limits: booking.Limits{Upcoming: 12, PerDay: 2}, Revision: es.NoStream}, p, "a practice that has set nothing")
}

func TestProjector_AppointmentTypes(t *testing.T) {
	const rows = "select type_id, name, length_min, padding_min, start_every_min, clinicians, retired from appointment_type order by type_id"
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.set(booking.TurnOnlineBookingOn{},
		booking.AddAppointmentType{Terms: booking.Terms{Type: visit, Name: "Visit", LengthMin: 45, PaddingMin: 15}},
		booking.AddAppointmentType{Terms: booking.Terms{Type: intake, Name: "Intake", LengthMin: 90, StartEveryMin: 30}, Clinicians: []id.Member{ben}},
	)
	a.project().Then(rows,
		`{"type_id": "`+visit.String()+`", "name": "Visit", "length_min": 45, "padding_min": 15, "start_every_min": 0, "clinicians": [], "retired": false}`,
		`{"type_id": "`+intake.String()+`", "name": "Intake", "length_min": 90, "padding_min": 0, "start_every_min": 30, "clinicians": ["`+ben.String()+`"], "retired": false}`)

	offered := func(c booking.CalendarID) []booking.OfferedType {
		types, err := calendar.Offered(t.Context(), a.pool, c)
		require.NoError(t, err)
		require.Equal(t, append([]booking.OfferedType{}, a.policy.Snapshot(0).Offered(c.Clinician)...), types, "as the policy itself says")
		return types
	}
	require.Equal(t, []booking.OfferedType{{Type: visit, Name: "Visit", LengthMin: 45}}, offered(anas))
	require.Len(t, offered(bens), 2)

	a.set(booking.ReviseAppointmentType{Terms: booking.Terms{Type: intake, Name: "Long intake", LengthMin: 120}}, booking.RetireAppointmentType{Type: visit})
	a.project().Then(rows,
		`{"type_id": "`+visit.String()+`", "name": "Visit", "length_min": 45, "padding_min": 15, "start_every_min": 0, "clinicians": [], "retired": true}`,
		`{"type_id": "`+intake.String()+`", "name": "Long intake", "length_min": 120, "padding_min": 0, "start_every_min": 0, "clinicians": [], "retired": false}`)
	require.Equal(t, []booking.OfferedType{{Type: intake, Name: "Long intake", LengthMin: 120}}, offered(anas))

	all, err := calendar.Types(t.Context(), a.pool, practice, true)
	require.NoError(t, err)
	require.Equal(t, []calendar.Type{
		{ID: intake, Name: "Long intake", LengthMin: 120, Clinicians: []id.Member{}},
		{ID: visit, Name: "Visit", LengthMin: 45, PaddingMin: 15, Clinicians: []id.Member{}, Retired: true},
	}, all)
	present, err := calendar.Types(t.Context(), a.pool, practice, false)
	require.NoError(t, err)
	require.Equal(t, all[:1], present)

	a.set(booking.TurnOnlineBookingOff{})
	a.project()
	require.Empty(t, offered(anas), "BKG-1")
}

func TestProjector_Reserves(t *testing.T) {
	rule := func(more string) string {
		return `{"rule": {"reserve": "` + reserve.String() + `", "firstDate": "2026-01-05", "start": "09:00", "end": "12:00", "zone": "America/New_York",
			"repeat": {"frequency": "weekly", "every": 2, "days": ["mon", "wed"], "until": "2026-12-31"}, "types": ["` + visit.String() + `"]` + more + `}}`
	}
	const rows = "select rule from reserve"
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.do(anas, booking.ReserveTime{
		Reserve: reserve, FirstDate: civil.MustDate("2026-01-05"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"), Zone: newYork,
		Repeat: booking.Repeat{Frequency: booking.Weekly, Every: 2, Days: []booking.Weekday{"wed", "mon"}, Until: civil.MustDate("2026-12-31")},
		Types:  []id.AppointmentType{visit},
	})
	a.project().Then(rows, rule(""))
	a.do(anas, booking.SkipReservedDate{Reserve: reserve, Date: civil.MustDate("2026-01-07")})
	a.project().Then(rows, rule(`, "exceptions": {"2026-01-07": {"start": "00:00", "end": "00:00"}}`))
	a.do(anas,
		booking.MoveReservedDate{Reserve: reserve, Date: civil.MustDate("2026-01-19"), Start: civil.MustClock("13:00"), End: civil.MustClock("15:00")},
		booking.MoveReservedDate{Reserve: reserve, Date: civil.MustDate("2026-01-19"), Start: civil.MustClock("14:00"), End: civil.MustClock("24:00")},
	)
	a.project().Then(rows, rule(`, "exceptions": {"2026-01-07": {"start": "00:00", "end": "00:00"}, "2026-01-19": {"start": "14:00", "end": "24:00"}}`))
	a.do(anas,
		booking.EndReserve{Reserve: reserve, LastDate: civil.MustDate("2026-11-30")},
		booking.EndReserve{Reserve: reserve, LastDate: civil.MustDate("2026-01-31")},
	)
	a.project().Then(rows, rule(`, "ended": "2026-01-31", "exceptions": {"2026-01-07": {"start": "00:00", "end": "00:00"}, "2026-01-19": {"start": "14:00", "end": "24:00"}}`))
}

func TestProjector_Blocks(t *testing.T) {
	const rows = "select block_id, clinician_id, starts_at, ends_at from block"
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.do(anas, booking.BlockTime{Block: lunch, Span: booking.Span{Start: utc("2026-01-06T17:00:00Z"), End: utc("2026-01-06T18:00:00Z")}})
	a.project().Then(rows, `{"block_id": "`+lunch.String()+`", "clinician_id": "`+ana.String()+`", "starts_at": "2026-01-06T17:00:00+00:00", "ends_at": "2026-01-06T18:00:00+00:00"}`)
	a.do(anas, booking.UnblockTime{Block: lunch})
	a.project().Then(rows)
}

func TestProjector_Appointments(t *testing.T) {
	const rows = "select appointment_id, clinician_id, chart_id, type_name, length_min, padding_min, start_every_min, starts_at, busy_until, local_date, local_time, zone, booked_by, cancelled, cancelled_by, notice_min, changed_at, revision from appointment"
	row := func(rest string) string {
		return `{"appointment_id": "` + first.String() + `", "clinician_id": "` + ana.String() + `", "chart_id": "` + mia.String() + `",
			"type_name": "Visit", "length_min": 45, "padding_min": 15, "start_every_min": 30, "zone": "America/New_York", "booked_by": "patient", ` + rest + `}`
	}
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.visits(45, 15, 30)
	a.do(anas, a.daily("2026-01-01", "09:00", "17:00"), a.book(first, "2026-01-06T15:00:00Z"))
	a.project().Then(rows, row(`"starts_at": "2026-01-06T15:00:00+00:00", "busy_until": "2026-01-06T16:00:00+00:00", "local_date": "2026-01-06", "local_time": "10:00",
		"cancelled": false, "cancelled_by": null, "notice_min": null, "changed_at": "2026-01-01T00:00:06+00:00", "revision": 1`))
	a.set(booking.ReviseAppointmentType{Terms: booking.Terms{Type: visit, Name: "Check-up", LengthMin: 20}})
	a.do(anas, estest.Knowing(booking.RescheduleAppointment{Appointment: first, Chart: mia, Start: utc("2026-01-07T18:30:00Z"), By: booking.ByPatient}, a.facts()))
	a.project().Then(rows, row(`"starts_at": "2026-01-07T18:30:00+00:00", "busy_until": "2026-01-07T19:30:00+00:00", "local_date": "2026-01-07", "local_time": "13:30",
		"cancelled": false, "cancelled_by": null, "notice_min": 1500, "changed_at": "2026-01-01T00:00:08+00:00", "revision": 2`))
	a.do(anas, estest.Knowing(booking.CancelAppointment{Appointment: first, Chart: mia, By: booking.ByStaff, Reason: "ill"}, a.facts()))
	a.project().Then(rows, row(`"starts_at": "2026-01-07T18:30:00+00:00", "busy_until": "2026-01-07T19:30:00+00:00", "local_date": "2026-01-07", "local_time": "13:30",
		"cancelled": true, "cancelled_by": "staff", "notice_min": 3150, "changed_at": "2026-01-01T00:00:09+00:00", "revision": 3`))
}

// Ids are unique within one calendar, as the aggregate knows them; the same one
// in another calendar is another thing.
func TestProjector_CalendarsKnowNothingOfEachOther(t *testing.T) {
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.visits(60, 0, 0)
	for _, c := range []booking.CalendarID{anas, bens} {
		once := a.daily("2026-01-06", "09:00", "12:00")
		a.do(c, once, a.book(first, "2026-01-06T15:00:00Z"), booking.BlockTime{Block: lunch, Span: booking.Span{Start: utc("2026-01-06T16:00:00Z"), End: utc("2026-01-06T17:00:00Z")}})
	}
	a.project()
	require.Equal(t, []string{"2026-01-06 09:00"}, a.walls("2026-01-06", "2026-01-06"))
	a.do(bens, estest.Knowing(booking.CancelAppointment{Appointment: first, Chart: mia, By: booking.ByPatient}, a.facts()), booking.UnblockTime{Block: lunch},
		booking.SkipReservedDate{Reserve: a.daily("2026-01-06", "09:00", "12:00").Reserve, Date: civil.MustDate("2026-01-06")})
	a.project().Then("select clinician_id, cancelled from appointment order by clinician_id",
		`{"clinician_id": "`+ana.String()+`", "cancelled": false}`, `{"clinician_id": "`+ben.String()+`", "cancelled": true}`)
	require.Equal(t, []string{"2026-01-06 09:00"}, a.walls("2026-01-06", "2026-01-06"), "Ana's calendar is as it was")
}

func TestProjector_OtherStreams(t *testing.T) {
	project := func(stream es.Stream, event any) (int, error) {
		b := rows.NewMemory("calendar", 0, false).Batch()
		err := calendar.Projector{}.Project(b, es.Envelope{Recorded: es.Recorded{Stream: stream}, Event: event})
		return b.Len(), err
	}
	n, err := project(group.Stream(practice), group.BranchRenamed{})
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = project("bookingCalendar-nonsense", booking.TimeUnblocked{})
	require.Error(t, err)
	_, err = project("bookingPolicy", booking.OnlineBookingTurnedOn{})
	require.Error(t, err)
}
