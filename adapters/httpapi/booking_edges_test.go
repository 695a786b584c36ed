package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlots_Days(t *testing.T) {
	p := newStack(t).staffed()
	kind := p.bookable()
	path := p.path("/clinicians/", p.members["carla"], "/slots?type=", kind)
	days := func(query string) (first, last string) {
		t.Helper()
		var s slots
		p.get("carla", path+query).into(&s)
		require.NotEmpty(t, s.Slots)
		return s.Slots[0].LocalDate, s.Slots[len(s.Slots)-1].LocalDate
	}
	// It is Monday 2026-03-02; time is reserved on Wednesdays, and 30 days ahead can be booked.
	first, last := days("")
	require.Equal(t, "2026-03-04", first)
	require.Equal(t, "2026-04-01", last, "30 days from today unless told")
	first, last = days("&from=2026-03-05")
	require.Equal(t, "2026-03-11", first)
	require.Equal(t, "2026-04-01", last, "30 days from the first day, within the horizon")
	first, last = days("&to=2026-03-11")
	require.Equal(t, "2026-03-04", first)
	require.Equal(t, "2026-03-11", last, "the last day is included")
	_, _ = days("&from=2026-03-01&to=2026-05-01")

	for name, query := range map[string]string{
		"63 days":                    "&from=2026-03-01&to=2026-05-02",
		"days in the wrong order":    "&from=2026-03-11&to=2026-03-10",
		"a last day that has passed": "&to=2026-03-01",
	} {
		t.Run(name+" are refused", func(t *testing.T) {
			p.get("carla", path+query).refused(http.StatusBadRequest, "days_out_of_range")
		})
	}
	t.Run("a day that is none is refused", func(t *testing.T) {
		p.get("carla", path+"&from=2026-02-30").refused(http.StatusBadRequest, "malformed_date")
	})
}

func TestBooking_OneKeyOnTwoCalendarsIsRefused(t *testing.T) {
	p := newStack(t).staffed()
	block := object{"start": "2026-03-04T14:00:00Z", "end": "2026-03-04T15:00:00Z"}
	of := func(member string) string { return p.path("/clinicians/", p.members[member], "/blocks") }
	carlas := p.post("olivia", of("carla"), block, key("k")).done()
	p.post("olivia", of("david"), block, key("k")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	again := p.post("olivia", of("carla"), block, key("k")).receipt()
	require.Equal(t, "replayed", again.Outcome)
	require.Equal(t, carlas.ID, again.ID)
}

func TestPortal_DryRunsOfEveryCommandKeepTheirEvents(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.link(ada, "pat")
	kind := p.bookable()
	appointment := p.post("pat", p.portal(ada, "/appointments"), object{"type": kind, "start": "2026-03-04T14:00:00Z", "policyVersionShown": 1}).done().ID
	for path, body := range map[string]object{
		"/appointments": {"type": kind, "start": "2026-03-04T15:00:00Z", "policyVersionShown": 1},
		"/appointments/" + appointment + "/reschedule": {"start": "2026-03-04T15:00:00Z", "policyVersionShown": 1},
		"/appointments/" + appointment + "/cancel":     {"policyVersionShown": 1},
	} {
		shown := p.post("pat", p.portal(ada, path), body, asDryRun)
		require.Equal(t, "dry_run", shown.receipt().Outcome)
		require.NotContains(t, string(shown.body), "padding", "BKG-8")
	}
	p.post("pat", p.portal(ada, "/appointments/", appointment, "/cancel"), object{"policyVersionShown": 1}).done()
}
