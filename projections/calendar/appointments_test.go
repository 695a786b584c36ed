package calendar_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/calendar"
	"praxis/projections/page"
)

// staffed is a practice with appointments of both clinicians, every hour from
// 2026-01-06 09:00 in New York on: Mia and Noah by turns, every third cancelled.
func staffed(t *testing.T) (*agenda, []id.Appointment) {
	t.Helper()
	a := newAgenda(t, newYork, "2026-01-05T14:00:00Z")
	a.visits(60, 0, 0)
	var ids []id.Appointment
	for n := range 12 {
		c, ch := anas, mia
		if n%4 >= 2 {
			c = bens
		}
		if n%2 == 1 {
			ch = noah
		}
		w := a.book(id.Derive[id.Appointment](strconv.Itoa(n)), "2026-01-06T14:00:00Z")
		w.Command.Start, w.Command.Chart, w.Command.Clinician, w.Command.Channel = w.Command.Start.Add(time.Duration(n)*time.Hour), ch, c.Clinician, booking.ByStaff
		a.do(c, w)
		if n%3 == 2 {
			a.do(c, estest.Knowing(booking.CancelAppointment{Appointment: w.Command.Appointment, Chart: ch, By: booking.ByStaff}, a.facts()))
		}
		ids = append(ids, w.Command.Appointment)
	}
	a.project()
	return a, ids
}

func (a *agenda) appointments(q calendar.AppointmentsQuery) ([]id.Appointment, page.Token) {
	a.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Reach.Empty() {
		q.Reach = everything(practice)
	}
	page, err := calendar.Appointments(a.t.Context(), projections.Live(a.pool), q)
	require.NoError(a.t, err)
	ids := []id.Appointment{}
	for _, p := range page.Appointments {
		ids = append(ids, p.ID)
	}
	return ids, page.Next
}

func pick(ids []id.Appointment, n ...int) []id.Appointment {
	picked := []id.Appointment{}
	for _, i := range n {
		picked = append(picked, ids[i])
	}
	return picked
}

func TestAppointments_Filters(t *testing.T) {
	a, ids := staffed(t)
	for name, c := range map[string]struct {
		query calendar.AppointmentsQuery
		want  []int
	}{
		"all that stand, by their start": {calendar.AppointmentsQuery{}, []int{0, 1, 3, 4, 6, 7, 9, 10}},
		"the cancelled ones as well":     {calendar.AppointmentsQuery{Cancelled: true}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		"of one clinician":               {calendar.AppointmentsQuery{Clinicians: []id.Member{ben}}, []int{3, 6, 7, 10}},
		"of several clinicians":          {calendar.AppointmentsQuery{Clinicians: []id.Member{ben, ana}}, []int{0, 1, 3, 4, 6, 7, 9, 10}},
		"of one chart":                   {calendar.AppointmentsQuery{Chart: mia}, []int{0, 4, 6, 10}},
		"from an instant on":             {calendar.AppointmentsQuery{From: utc("2026-01-06T21:00:00Z")}, []int{7, 9, 10}},
		"before an instant":              {calendar.AppointmentsQuery{To: utc("2026-01-06T18:00:00Z")}, []int{0, 1, 3}},
		"all at once":                    {calendar.AppointmentsQuery{Cancelled: true, Chart: noah, Clinicians: []id.Member{ana}, From: utc("2026-01-06T15:00:00Z"), To: utc("2026-01-06T20:00:00Z")}, []int{1, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			got, next := a.appointments(c.query)
			require.Equal(t, pick(ids, c.want...), got)
			require.Empty(t, next)
		})
	}
}

func TestAppointments_Pages(t *testing.T) {
	a, ids := staffed(t)
	t.Run("pages are parts of the whole, none missing and none twice", func(t *testing.T) {
		for limit := 1; limit <= len(ids)+1; limit++ {
			var all []id.Appointment
			q := calendar.AppointmentsQuery{Cancelled: true, Limit: limit}
			for more := true; more; more = q.Cursor != "" {
				var page []id.Appointment
				page, q.Cursor = a.appointments(q)
				require.LessOrEqual(t, len(page), limit)
				all = append(all, page...)
			}
			require.Equal(t, ids, all)
		}
	})
	t.Run("appointments that start together are told apart", func(t *testing.T) {
		w := a.book(ids[0], "2026-01-06T14:00:00Z")
		w.Command.Clinician, w.Command.Channel = ben, booking.ByStaff
		a.do(bens, w)
		a.project()
		one, next := a.appointments(calendar.AppointmentsQuery{Limit: 1})
		two, _ := a.appointments(calendar.AppointmentsQuery{Limit: 1, Cursor: next})
		require.Equal(t, pick(ids, 0, 0), append(one, two...), "the same id in two calendars")
	})
	t.Run("a cursor that is none is refused", func(t *testing.T) {
		_, err := calendar.Appointments(t.Context(), projections.Live(a.pool), calendar.AppointmentsQuery{Reach: everything(practice), Limit: 1, Cursor: "nonsense"})
		require.Equal(t, "malformed_cursor", fault.From(err).Code)
	})
}

func TestAppointments_Reach(t *testing.T) {
	a, ids := staffed(t)
	member := func(m id.Member, role access.Role) access.Subject {
		return access.Subject{Kind: access.KindMember, Group: practice, Member: m, Role: role, Active: true, Clinician: true}
	}
	manager, assistant, revoked, foreign := member(id.New[id.Member](), access.Manager), member(id.New[id.Member](), access.Assistant), member(ana, access.User), member(ana, access.Owner)
	manager.Manages, assistant.Assists, revoked.Active, foreign.Group = []id.Member{ben}, []id.Member{ana}, false, id.New[id.Group]()
	assistant.Overrides = []access.Rule{{Capability: access.AppointmentManage, Allow: true, Scope: access.ScopeAssists}}
	patient := access.Subject{Kind: access.KindPatient, Group: practice, Active: true, Links: []access.Link{{Chart: mia, May: []access.Capability{access.AppointmentBookOwn}}}}

	for name, c := range map[string]struct {
		subject access.Subject
		needs   access.Capability
		want    []int
	}{
		"the owner sees all":                             {member(ana, access.Owner), access.AppointmentManage, []int{0, 1, 3, 4, 6, 7, 9, 10}},
		"a User sees their own":                          {member(ana, access.User), access.AppointmentManage, []int{0, 1, 4, 9}},
		"a manager sees whom they manage":                {manager, access.AppointmentManage, []int{3, 6, 7, 10}},
		"an assistant who was let sees whom they help":   {assistant, access.AppointmentManage, []int{0, 1, 4, 9}},
		"BKG-13 a patient sees their own, with whomever": {patient, access.AppointmentBookOwn, []int{0, 4, 6, 10}},
		"a patient sees nothing as if they were staff":   {patient, access.AppointmentManage, nil},
		"whoever left sees nothing":                      {revoked, access.AppointmentManage, nil},
		"the owner of another practice sees nothing":     {foreign, access.AppointmentManage, nil},
	} {
		t.Run(name, func(t *testing.T) {
			q := calendar.AppointmentsQuery{Reach: access.ReachOf(c.subject, c.needs, a.now), Limit: 100}
			page, err := calendar.Appointments(t.Context(), projections.Live(a.pool), q)
			require.NoError(t, err)
			got := []id.Appointment{}
			for _, p := range page.Appointments {
				got = append(got, p.ID)
			}
			require.Equal(t, pick(ids, c.want...), got)
		})
	}
}

func TestAppointments_Fields(t *testing.T) {
	a, _ := staffed(t)
	page, err := calendar.Appointments(t.Context(), projections.Live(a.pool), calendar.AppointmentsQuery{Reach: everything(practice), Limit: 1})
	require.NoError(t, err)
	got := page.Appointments[0]
	got.Start, got.End = got.Start.UTC(), got.End.UTC()
	require.Equal(t, calendar.Appointment{
		ID: id.Derive[id.Appointment]("0"), Clinician: ana, Chart: mia, Type: visit, TypeName: "Visit", LengthMin: 60,
		Start: utc("2026-01-06T14:00:00Z"), End: utc("2026-01-06T15:00:00Z"), LocalDate: "2026-01-06", LocalTime: "09:00", Zone: newYork, BookedBy: "staff",
		TzdbVersion: "rules-41fab8839752",
	}, got)
}
