package booking_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

func TestGolden(t *testing.T) {
	at := booking.When{Start: utc("2026-01-06T14:00Z"), Date: civil.MustDate("2026-01-06"), Clock: civil.MustClock("09:00"), Zone: newYork}
	to := booking.When{Start: utc("2026-01-06T15:00Z"), Date: civil.MustDate("2026-01-06"), Clock: civil.MustClock("10:00"), Zone: newYork}
	estest.Golden[any](
		t, booking.Events(),
		booking.OnlineBookingTurnedOn{},
		booking.OnlineBookingTurnedOff{},
		booking.BookingWindowChanged{Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Day}, HorizonDays: 30}},
		booking.PatientLimitsChanged{Limits: booking.Limits{Upcoming: 12, PerDay: 2}},
		booking.SelfServiceAllowed{},
		booking.SelfServiceStopped{},
		booking.CancellationPolicyPublished{Version: 1, Text: "48 h", SHA256: "9f86d081884c7d65"},
		booking.AppointmentTypeAdded{Terms: terms(45, 15, 0)},
		booking.AppointmentTypeRevised{Terms: terms(45, 15, 30), Clinicians: []id.Member{clinician}},
		booking.AppointmentTypeRetired{Type: visit},
		booking.TimeReserved{
			Reserve: reserveA, FirstDate: civil.MustDate("2026-01-05"), Start: civil.MustClock("09:00"), End: civil.EndOfDay, Zone: newYork,
			Repeat: booking.Repeat{Frequency: booking.Weekly, Every: 2, Days: []booking.Weekday{booking.Monday, booking.Friday}, Until: civil.MustDate("2026-06-30")},
			Types:  []id.AppointmentType{visit},
		},
		booking.ReservedDateSkipped{Reserve: reserveA, Date: civil.MustDate("2026-01-19")},
		booking.ReservedDateMoved{Reserve: reserveA, Date: civil.MustDate("2026-01-19"), Start: civil.MustClock("13:00"), End: civil.MustClock("15:00")},
		booking.ReservedDateRestored{Reserve: reserveA, Date: civil.MustDate("2026-01-19")},
		booking.ReserveEnded{Reserve: reserveA, LastDate: civil.MustDate("2026-03-31")},
		booking.ReserveReopened{Reserve: reserveA},
		booking.TimeBlocked{Block: lunch, Span: busy("2026-01-06T17:00Z", "2026-01-06T18:00Z"), Inside: []id.Appointment{first}},
		booking.TimeUnblocked{Block: lunch, Span: busy("2026-01-06T17:00Z", "2026-01-06T18:00Z")},
		booking.AppointmentBooked{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: at, Channel: booking.ByStaff, Reserves: []id.Reserve{reserveA},
			PolicyVersionShown: 1, PolicyRevision: 7, OverlapReason: "urgent",
		},
		booking.AppointmentRescheduled{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), From: at, To: to, By: booking.ByPatient, Reserves: []id.Reserve{reserveA},
			NoticeMin: 1440, PolicyVersionShown: 1, PolicyRevision: 7,
		},
		booking.AppointmentCancelled{
			Appointment: first, Chart: chart, Terms: terms(45, 15, 0), When: to, By: booking.ByPatient, Reason: "ill",
			NoticeMin: 5, PolicyVersionShown: 1, PolicyRevision: 7,
		},
	)
}

// veil is a Sealer that leaves nothing to read.
type veil struct{}

func (veil) Seal(es.Subject, json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(`"sealed"`), nil
}
func (veil) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

func TestFreeTextIsSealed(t *testing.T) {
	registry, err := es.NewRegistry(veil{}, booking.Events())
	require.NoError(t, err)
	for _, event := range []booking.CalendarEvent{
		booking.AppointmentBooked{OverlapReason: "her mother called"},
		booking.AppointmentRescheduled{OverlapReason: "her mother called"},
		booking.AppointmentCancelled{Reason: "her mother called"},
	} {
		_, data, _, err := registry.Encode(event, es.Subject{Group: group, Chart: chart}, es.Metadata{})
		require.NoError(t, err)
		require.NotContains(t, string(data), "mother")
		require.Contains(t, string(data), "sealed")
	}
}

func TestStreams(t *testing.T) {
	calendar := booking.CalendarID{Group: group, Clinician: clinician}
	t.Run("BKG-12 a calendar belongs to one clinician in one practice", func(t *testing.T) {
		require.Equal(t, "bookingCalendar-"+group.String()+"+"+clinician.String(), string(calendar.Stream()))
		back, ok := booking.CalendarOf(calendar.Stream())
		require.True(t, ok)
		require.Equal(t, calendar, back)
	})
	t.Run("a policy belongs to the practice", func(t *testing.T) {
		require.Equal(t, "bookingPolicy-"+group.String(), string(booking.PolicyStream(group)))
	})
	for _, s := range []es.Stream{booking.PolicyStream(group), es.StreamOf("invoice", group, clinician.String()), "bookingCalendar-x+y", ""} {
		_, ok := booking.CalendarOf(s)
		require.False(t, ok, "%s is no calendar", s)
	}
}
