package chart_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func TestCreateChart(t *testing.T) {
	t.Run("a chart starts active with its primary and branch", func(t *testing.T) {
		given(t).When(create(), now).Then(created)
		given(t).When(create(), now).ThenState(func(t testing.TB, s chart.State) {
			require.True(t, s.Exists())
			require.Equal(t, ana, s.Primary())
			require.Equal(t, downtown, s.Branch)
			require.Equal(t, chart.Active, s.Status)
			require.False(t, s.Archived)
			require.Equal(t, patient, s.Patient)
		})
	})
	t.Run("surrounding blanks are not kept", func(t *testing.T) {
		given(t).When(create(func(c *knowing[chart.CreateChart]) {
			c.Command.Patient.GivenName, c.Command.Patient.Email = "  Ada ", " ada@example.org\n"
		}), now).Then(created)
	})
	t.Run("a chart is created once", func(t *testing.T) {
		given(t, created).When(create(), now).ThenRejected("chart_exists")
	})
	for code, change := range map[string]func(*knowing[chart.CreateChart]){
		"no_professional_available": func(c *knowing[chart.CreateChart]) { c.Command.Primary = id.Member{} },
		"primary_not_professional":  func(c *knowing[chart.CreateChart]) { c.Facts = practice(staff(ana, downtown)) },
		"branch_unknown":            func(c *knowing[chart.CreateChart]) { c.Facts = without(downtown, c.Facts) },
		"branch_closed":             func(c *knowing[chart.CreateChart]) { c.Facts = closed(downtown, c.Facts) },
		"primary_not_in_branch":     func(c *knowing[chart.CreateChart]) { c.Facts = practice(clinician(ana, north)) },
		"name_required": func(c *knowing[chart.CreateChart]) {
			c.Command.Patient.GivenName, c.Command.Patient.FamilyName = " ", ""
		},
		"malformed_text":       func(c *knowing[chart.CreateChart]) { c.Command.Patient.GivenName = "Ada\x00" },
		"malformed_email":      func(c *knowing[chart.CreateChart]) { c.Command.Patient.Email = "ada at example" },
		"malformed_phone":      func(c *knowing[chart.CreateChart]) { c.Command.Patient.Phone = "call me" },
		"birth_date_in_future": func(c *knowing[chart.CreateChart]) { c.Command.Patient.BirthDate = civil.MustDate("2026-04-12") },
	} {
		t.Run("refuses: "+code, func(t *testing.T) {
			given(t).When(create(change), now).ThenRejected(code)
		})
	}
	t.Run("a refusal never repeats what is personal", func(t *testing.T) {
		f := given(t).When(create(func(c *knowing[chart.CreateChart]) { c.Command.Patient.Email = "ada secret" }), now).ThenRejected("malformed_email")
		require.NotContains(t, f.Error(), "secret")
	})
	t.Run("a newborn's birth date may be today where the practice is", func(t *testing.T) {
		tomorrow := func(zone *time.Location) knowing[chart.CreateChart] {
			return create(func(c *knowing[chart.CreateChart]) {
				c.Command.Patient.BirthDate, c.Facts.Zone = civil.MustDate("2026-04-11"), zone
			})
		}
		given(t).When(tomorrow(time.UTC), now).ThenRejected("birth_date_in_future")
		given(t).When(tomorrow(time.FixedZone("UTC+14", 14*60*60)), now).
			ThenState(func(t testing.TB, s chart.State) { require.Equal(t, "2026-04-11", s.Patient.BirthDate.String()) })
	})
	t.Run("only a name is required", func(t *testing.T) {
		given(t).When(create(func(c *knowing[chart.CreateChart]) { c.Command.Patient = chart.Demographics{FamilyName: "Lovelace"} }), now).
			ThenState(func(t testing.TB, s chart.State) {
				require.Equal(t, chart.Demographics{FamilyName: "Lovelace"}, s.Patient)
			})
	})
}

func TestDemographicLimits(t *testing.T) {
	for name, change := range map[string]func(*chart.Demographics){
		"family name":    func(d *chart.Demographics) { d.FamilyName = strings.Repeat("ü", 101) },
		"e-mail address": func(d *chart.Demographics) { d.Email = strings.Repeat("a", 250) + "@b.c" + "d" },
		"phone number":   func(d *chart.Demographics) { d.Phone = strings.Repeat("1", 33) },
	} {
		t.Run("a "+name+" one character beyond the limit", func(t *testing.T) {
			given(t).When(create(func(c *knowing[chart.CreateChart]) { change(&c.Command.Patient) }), now).ThenRejected("text_too_long")
		})
	}
	for _, email := range []string{"@example.org", "ada@", "a@b@c", "ada lovelace@example.org", "<a@b.example>", "a@b..c", ".a@b.c", "(c)a@b.example"} {
		t.Run("refuses the address "+email, func(t *testing.T) {
			given(t).When(create(func(c *knowing[chart.CreateChart]) { c.Command.Patient.Email = email }), now).ThenRejected("malformed_email")
		})
	}
	t.Run("a name of 100 characters is kept", func(t *testing.T) {
		long := strings.Repeat("ü", 100)
		given(t).When(create(func(c *knowing[chart.CreateChart]) { c.Command.Patient.FamilyName = long }), now).
			ThenState(func(t testing.TB, s chart.State) { require.Equal(t, long, s.Patient.FamilyName) })
	})
}

func TestChangeStatus(t *testing.T) {
	t.Run("AMB-17 active to inactive and back", func(t *testing.T) {
		given(t, created).When(chart.ChangeStatus{To: chart.Inactive}, now).Then(chart.StatusChanged{From: chart.Active, To: chart.Inactive})
		given(t, created, chart.StatusChanged{From: chart.Active, To: chart.Inactive}).
			When(chart.ChangeStatus{To: chart.Active}, now).Then(chart.StatusChanged{From: chart.Inactive, To: chart.Active})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created).When(chart.ChangeStatus{To: chart.Active}, now).ThenRejected("same_status")
		given(t, created).When(chart.ChangeStatus{To: "asleep"}, now).ThenRejected("unknown_status")
		given(t).When(chart.ChangeStatus{To: chart.Active}, now).ThenRejected("chart_not_found")
	})
	t.Run("AMB-17 an archived chart keeps its status", func(t *testing.T) {
		given(t, created, archived).When(chart.ChangeStatus{To: chart.Inactive}, now).ThenRejected("chart_archived")
	})
}

func TestArchive(t *testing.T) {
	t.Run("AMB-17 archiving says why and remembers the status", func(t *testing.T) {
		given(t, created).When(archiving(chart.Archive{Reason: " moved away "}), now).Then(archived)
	})
	t.Run("AMB-17 unarchive restores the prior status", func(t *testing.T) {
		inactive := chart.StatusChanged{From: chart.Active, To: chart.Inactive}
		history := []chart.Event{created, inactive, chart.Archived{Reason: "moved away", StatusAtArchive: chart.Inactive}}
		given(t, history...).When(chart.Unarchive{}, now).Then(chart.Unarchived{Status: chart.Inactive})
		given(t, history...).When(chart.Unarchive{}, now).ThenState(func(t testing.TB, s chart.State) {
			require.False(t, s.Archived)
			require.Equal(t, chart.Inactive, s.Status)
		})
	})
	t.Run("AMB-17 the event says which status is restored", func(t *testing.T) {
		s := chart.Aggregate().Fold(created, archived, chart.Unarchived{Status: chart.Inactive})
		require.Equal(t, chart.Inactive, s.Status)
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created, archived).When(archiving(chart.Archive{Reason: "again"}), now).ThenRejected("already_archived")
		given(t, created).When(archiving(chart.Archive{Reason: "  "}), now).ThenRejected("reason_required")
		given(t, created).When(archiving(chart.Archive{Reason: strings.Repeat("x", 501)}), now).ThenRejected("text_too_long")
		given(t).When(archiving(chart.Archive{Reason: "x"}), now).ThenRejected("chart_not_found")
		given(t, created).When(chart.Unarchive{}, now).ThenRejected("not_archived")
		given(t).When(chart.Unarchive{}, now).ThenRejected("chart_not_found")
	})
}

// archiving is the command for a chart of which these appointments lie ahead.
func archiving(c chart.Archive, ahead ...chart.Ahead) estest.With[chart.Archive, []chart.Ahead, chart.State, chart.Event] {
	return estest.Knowing(c, ahead)
}

func TestArchive_AppointmentsAhead(t *testing.T) {
	first := chart.Ahead{Appointment: id.MustParse[id.Appointment]("00000000-0000-4000-8000-0000000000a1"), Start: now.AddDate(0, 0, 1)}
	second := chart.Ahead{Appointment: id.MustParse[id.Appointment]("00000000-0000-4000-8000-0000000000a2"), Start: now.AddDate(0, 0, 8)}
	t.Run("AMB-17 a chart with appointments ahead is not archived, and the refusal names them", func(t *testing.T) {
		refused := given(t, created).When(archiving(chart.Archive{Reason: "moved away"}, first, second), now).ThenRejected("future_appointments")
		require.Equal(t, map[string]string{
			"total":        "2",
			"appointments": "00000000-0000-4000-8000-0000000000a1,00000000-0000-4000-8000-0000000000a2",
			"starts":       "2026-04-11T15:00:00Z,2026-04-18T15:00:00Z",
		}, refused.Details)
	})
	t.Run("AMB-17 it can be forced with a reason, and the event says so", func(t *testing.T) {
		forced := chart.Archive{Reason: "moved away", Force: true}
		given(t, created).When(archiving(forced, first), now).Then(chart.Archived{Reason: "moved away", StatusAtArchive: chart.Active, Forced: true})
		forced.Reason = ""
		given(t, created).When(archiving(forced, first), now).ThenRejected("reason_required")
	})
	t.Run("AMB-17 an archived chart is told to be archived, not to have appointments", func(t *testing.T) {
		given(t, created, archived).When(archiving(chart.Archive{Reason: "again"}, first), now).ThenRejected("already_archived")
	})
	again := func(ahead ...chart.Ahead) estest.With[chart.ReconsiderArchive, []chart.Ahead, chart.State, chart.Event] {
		return estest.Knowing(chart.ReconsiderArchive{}, ahead)
	}
	t.Run("AMB-17 what was booked while the chart was being archived brings it back with its prior status", func(t *testing.T) {
		inactive := chart.Archived{Reason: "moved away", StatusAtArchive: chart.Inactive}
		given(t, created, chart.StatusChanged{From: chart.Active, To: chart.Inactive}, inactive).When(again(second), now).
			Then(chart.Unarchived{Status: chart.Inactive, BookedMeanwhile: []id.Appointment{second.Appointment}})
	})
	t.Run("AMB-17 a forced archiving stands, and so does one without appointments", func(t *testing.T) {
		given(t, created, chart.Archived{Reason: "moved away", StatusAtArchive: chart.Active, Forced: true}).When(again(first), now).ThenNothing()
		given(t, created, archived).When(again(), now).ThenNothing()
		given(t, created).When(again(first), now).ThenNothing()
	})
	t.Run("AMB-17 forcing ends with the archiving", func(t *testing.T) {
		forced := chart.Archived{Reason: "moved away", StatusAtArchive: chart.Active, Forced: true}
		given(t, created, forced, chart.Unarchived{Status: chart.Active}, archived).When(again(first), now).
			Then(chart.Unarchived{Status: chart.Active, BookedMeanwhile: []id.Appointment{first.Appointment}})
	})
}

func TestParseStatus(t *testing.T) {
	s, err := chart.ParseStatus("inactive")
	require.NoError(t, err)
	require.Equal(t, chart.Inactive, s)
	_, err = chart.ParseStatus("archived")
	require.Equal(t, "unknown_status", fault.From(err).Code, "AMB-17 archived is not a status")
}
