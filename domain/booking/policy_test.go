package booking_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var noon = utc("2026-01-05T12:00Z")

func givenPolicy(t *testing.T, history ...booking.PolicyEvent) estest.Spec[booking.PolicyState, booking.PolicyEvent] {
	t.Helper()
	return estest.Given(t, booking.PolicyAggregate(), history...)
}

func TestPolicy_Switch(t *testing.T) {
	on, off := booking.OnlineBookingTurnedOn{}, booking.OnlineBookingTurnedOff{}
	t.Run("BKG-1 turns on", func(t *testing.T) { givenPolicy(t).When(booking.TurnOnlineBookingOn{}, noon).Then(on) })
	t.Run("BKG-1 turning on twice is a no-op", func(t *testing.T) { givenPolicy(t, on).When(booking.TurnOnlineBookingOn{}, noon).ThenNothing() })
	t.Run("BKG-1 turns off", func(t *testing.T) { givenPolicy(t, on).When(booking.TurnOnlineBookingOff{}, noon).Then(off) })
	t.Run("BKG-1 is off to begin with", func(t *testing.T) { givenPolicy(t).When(booking.TurnOnlineBookingOff{}, noon).ThenNothing() })
	t.Run("BKG-1 other settings come back unchanged", func(t *testing.T) {
		window := booking.BookingWindowChanged{Window: booking.Window{Cutoff: booking.Cutoff{N: 2, Unit: booking.Hour}, HorizonDays: 60}}
		before := booking.PolicyAggregate().Fold(on, window, booking.SelfServiceAllowed{})
		after := booking.PolicyAggregate().Fold(on, window, booking.SelfServiceAllowed{}, off, on)
		require.Equal(t, before, after)
	})
}

func TestPolicy_SelfService(t *testing.T) {
	on := booking.OnlineBookingTurnedOn{}
	t.Run("BKG-3 is allowed", func(t *testing.T) {
		givenPolicy(t, on).When(booking.AllowSelfService{}, noon).Then(booking.SelfServiceAllowed{})
	})
	t.Run("BKG-3 is stopped", func(t *testing.T) {
		givenPolicy(t, on, booking.SelfServiceAllowed{}).When(booking.StopSelfService{}, noon).Then(booking.SelfServiceStopped{})
	})
	t.Run("allowing twice is a no-op", func(t *testing.T) {
		givenPolicy(t, on, booking.SelfServiceAllowed{}).When(booking.AllowSelfService{}, noon).ThenNothing()
	})
	t.Run("stopping what is stopped is a no-op", func(t *testing.T) {
		givenPolicy(t, on).When(booking.StopSelfService{}, noon).ThenNothing()
	})
	t.Run("BKG-1 the setting is hidden while booking is off", func(t *testing.T) {
		givenPolicy(t).When(booking.AllowSelfService{}, noon).ThenRejected("booking_off")
		givenPolicy(t).When(booking.StopSelfService{}, noon).ThenRejected("booking_off")
	})
}

func TestPolicy_Window(t *testing.T) {
	window := func(n int, unit booking.CutoffUnit, horizon int) booking.Window {
		return booking.Window{Cutoff: booking.Cutoff{N: n, Unit: unit}, HorizonDays: horizon}
	}
	for _, w := range []booking.Window{
		window(0, booking.Minute, 1), window(2, booking.Day, 2), window(48, booking.Hour, 2), window(2880, booking.Minute, 2), window(365, booking.Day, 365),
	} {
		givenPolicy(t).When(booking.ChangeBookingWindow{Window: w}, noon).Then(booking.BookingWindowChanged{Window: w})
	}
	t.Run("the same window again is a no-op", func(t *testing.T) {
		w := window(3, booking.Hour, 90)
		givenPolicy(t, booking.BookingWindowChanged{Window: w}).When(booking.ChangeBookingWindow{Window: w}, noon).ThenNothing()
	})
	for code, windows := range map[string][]booking.Window{
		"window_empty":         {window(5, booking.Day, 2), window(49, booking.Hour, 2), window(2881, booking.Minute, 2)},
		"cutoff_out_of_range":  {window(-1, booking.Day, 2), window(1, "week", 30), window(1, "", 30)},
		"horizon_out_of_range": {window(0, booking.Day, 0), window(0, booking.Day, 366), window(0, booking.Day, -1)},
	} {
		t.Run("BKG-A15 "+code, func(t *testing.T) {
			for _, w := range windows {
				givenPolicy(t).When(booking.ChangeBookingWindow{Window: w}, noon).ThenRejected(code)
			}
		})
	}
}

func TestPolicy_CancellationText(t *testing.T) {
	publish := func(text string) booking.PublishCancellationPolicy {
		return booking.PublishCancellationPolicy{Text: text}
	}
	published := func(version int, text string) booking.CancellationPolicyPublished {
		sum := sha256.Sum256([]byte(text))
		return booking.CancellationPolicyPublished{Version: version, Text: text, SHA256: hex.EncodeToString(sum[:])}
	}
	t.Run("BKG-4 the first text is version 1 and carries its hash", func(t *testing.T) {
		givenPolicy(t).When(publish("48 h"), noon).Then(booking.CancellationPolicyPublished{
			Version: 1, Text: "48 h", SHA256: "ab8325238fed6fc7376aee450cb5fae3b7c19affd208876793b7f8cb03d423e2",
		})
	})
	t.Run("the next one is version 2", func(t *testing.T) {
		givenPolicy(t, published(1, "48 h")).When(publish("24 h"), noon).Then(published(2, "24 h"))
	})
	t.Run("the same text again is a no-op", func(t *testing.T) {
		givenPolicy(t, published(1, "48 h")).When(publish("48 h"), noon).ThenNothing()
	})
	t.Run("10 000 characters are fine, whatever their bytes", func(t *testing.T) {
		text := strings.Repeat("é", 10_000)
		givenPolicy(t).When(publish(text), noon).Then(published(1, text))
	})
	t.Run("one more is too long", func(t *testing.T) {
		givenPolicy(t).When(publish(strings.Repeat("é", 10_001)), noon).ThenRejected("text_too_long")
	})
	t.Run("nothing and broken bytes are no text", func(t *testing.T) {
		givenPolicy(t).When(publish(" \n"), noon).ThenRejected("text_required")
		givenPolicy(t).When(publish("\xff"), noon).ThenRejected("malformed_text")
	})
}

func TestPolicy_Types(t *testing.T) {
	named := func(kind id.AppointmentType, name string, length, padding, step int) booking.Terms {
		return booking.Terms{Type: kind, Name: name, LengthMin: length, PaddingMin: padding, StartEveryMin: step}
	}
	added := booking.AppointmentTypeAdded{Terms: named(visit, "Visit", 45, 15, 0)}
	t.Run("adds a type", func(t *testing.T) {
		givenPolicy(t).When(booking.AddAppointmentType{Terms: named(visit, " Visit ", 45, 15, 0)}, noon).Then(added)
	})
	t.Run("records clinicians in order and once", func(t *testing.T) {
		o := givenPolicy(t).When(booking.AddAppointmentType{Terms: named(visit, "Visit", 45, 15, 0), Clinicians: []id.Member{clinician, colleague, clinician}}, noon)
		o.ThenState(func(t testing.TB, s booking.PolicyState) {
			kind, ok := s.Type(visit)
			require.True(t, ok)
			require.ElementsMatch(t, []id.Member{clinician, colleague}, kind.Clinicians)
			require.True(t, kind.OfferedBy(colleague))
			require.False(t, kind.OfferedBy(id.Derive[id.Member]("dr cole")))
		})
	})
	t.Run("an id is used once", func(t *testing.T) {
		givenPolicy(t, added).When(booking.AddAppointmentType{Terms: named(visit, "Other", 45, 15, 0)}, noon).ThenRejected("already_exists")
	})
	t.Run("names are told apart without regard to case", func(t *testing.T) {
		givenPolicy(t, added).When(booking.AddAppointmentType{Terms: named(intake, "VISIT", 45, 15, 0)}, noon).ThenRejected("name_taken")
	})
	t.Run("a retired type's name is free again", func(t *testing.T) {
		givenPolicy(t, added, booking.AppointmentTypeRetired{Type: visit}).
			When(booking.AddAppointmentType{Terms: named(intake, "Visit", 45, 15, 0)}, noon).
			Then(booking.AppointmentTypeAdded{Terms: named(intake, "Visit", 45, 15, 0)})
	})
	t.Run("names have 1 to 100 characters", func(t *testing.T) {
		for name, code := range map[string]string{"": "name_required", "  ": "name_required", strings.Repeat("x", 101): "text_too_long", "\xff": "malformed_text"} {
			givenPolicy(t).When(booking.AddAppointmentType{Terms: named(visit, name, 45, 15, 0)}, noon).ThenRejected(code)
		}
	})
	t.Run("lengths at their bounds", func(t *testing.T) {
		for _, terms := range []booking.Terms{named(visit, "V", 5, 0, 5), named(visit, "V", 480, 240, 120)} {
			givenPolicy(t).When(booking.AddAppointmentType{Terms: terms}, noon).Then(booking.AppointmentTypeAdded{Terms: terms})
		}
		for _, terms := range []booking.Terms{
			named(visit, "V", 4, 0, 0), named(visit, "V", 481, 0, 0), named(visit, "V", 45, -1, 0), named(visit, "V", 45, 241, 0),
			named(visit, "V", 45, 0, 4), named(visit, "V", 45, 0, 121), named(visit, "V", 45, 0, -5),
		} {
			givenPolicy(t).When(booking.AddAppointmentType{Terms: terms}, noon).ThenRejected("length_out_of_range")
		}
	})
	t.Run("BKG-A12 revises a type, keeping its name", func(t *testing.T) {
		revised := named(visit, "Visit", 50, 10, 30)
		givenPolicy(t, added).When(booking.ReviseAppointmentType{Terms: revised}, noon).Then(booking.AppointmentTypeRevised{Terms: revised})
	})
	t.Run("revising to the same is a no-op", func(t *testing.T) {
		givenPolicy(t, added).When(booking.ReviseAppointmentType{Terms: added.Terms}, noon).ThenNothing()
	})
	t.Run("a revision keeps the rules", func(t *testing.T) {
		givenPolicy(t, added).When(booking.ReviseAppointmentType{Terms: named(visit, "Visit", 1, 0, 0)}, noon).ThenRejected("length_out_of_range")
	})
	t.Run("unknown and retired types cannot be revised", func(t *testing.T) {
		givenPolicy(t).When(booking.ReviseAppointmentType{Terms: added.Terms}, noon).ThenRejected("type_unknown")
		givenPolicy(t, added, booking.AppointmentTypeRetired{Type: visit}).When(booking.ReviseAppointmentType{Terms: added.Terms}, noon).ThenRejected("type_unknown")
	})
	t.Run("retires a type once", func(t *testing.T) {
		retired := booking.AppointmentTypeRetired{Type: visit}
		givenPolicy(t, added).When(booking.RetireAppointmentType{Type: visit}, noon).Then(retired)
		givenPolicy(t, added, retired).When(booking.RetireAppointmentType{Type: visit}, noon).ThenNothing()
		givenPolicy(t).When(booking.RetireAppointmentType{Type: visit}, noon).ThenRejected("type_unknown")
	})
}

func TestPolicy_Snapshot(t *testing.T) {
	s := booking.PolicyAggregate().Fold(booking.OnlineBookingTurnedOn{}, booking.AppointmentTypeAdded{Terms: terms(45, 15, 0)})
	p := s.Snapshot(4)
	t.Run("BKG-8 patients see name and length, not padding", func(t *testing.T) {
		require.Equal(t, []booking.OfferedType{{Type: visit, Name: "Visit", LengthMin: 45}}, p.Offered(clinician))
	})
	t.Run("shares nothing with the state", func(t *testing.T) {
		booking.EvolvePolicy(&s, booking.AppointmentTypeRetired{Type: visit})
		booking.EvolvePolicy(&s, booking.OnlineBookingTurnedOff{})
		require.Len(t, p.Offered(clinician), 1)
		require.Empty(t, s.Snapshot(6).Offered(clinician))
	})
}
