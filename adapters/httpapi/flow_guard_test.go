package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// finds are the ways by which somebody finds a chart, or its patient, of all that there are.
func (p *practice) finds(as, chart, appointment, family string) (ways []string) {
	p.t.Helper()
	for _, path := range []string{
		"/charts", "/charts?search=" + family, "/charts.csv", "/appointments?from=2026-03-01", "/billing/history", "/billing/history?chart=" + chart,
		"/billing/invoices", "/billing/balance?chart=" + chart, "/charts/" + chart, "/charts/" + chart + "/team", "/charts/" + chart + "/contacts",
		"/clinicians/" + p.members["carla"] + "/appointments/" + appointment, "/charts/" + chart + "/access",
	} {
		if a := p.get(as, p.path(path)); a.status == http.StatusOK && (strings.Contains(string(a.body), chart) || strings.Contains(string(a.body), family)) {
			ways = append(ways, path)
		}
	}
	return ways
}

func TestExclusionAndRestriction(t *testing.T) {
	p := newStack(t).staffed()
	kind := p.bookable()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.open("carla", "Bob", "Bly", "carla")
	charge := p.charge(ada, "carla", "2026-03-02", 9_000)
	require.NotEmpty(t, charge)
	appointment := p.post("carla", p.path("/clinicians/", p.members["carla"], "/appointments"), object{"chart": ada, "type": kind, "start": "2026-03-04T14:00:00Z"}).done().ID
	chart := p.path("/charts/", ada)
	exclusion := chart + "/exclusions/" + p.members["olivia"]
	finds := func(as string) []string { return p.finds(as, ada, appointment, "Abbott") }

	before := finds("olivia")
	require.Contains(t, before, "/charts")
	require.Contains(t, before, "/billing/history")
	require.Contains(t, before, "/appointments?from=2026-03-01")

	p.run(t, "R-2 an excluded owner finds the chart in no list, search, calendar, export and billing, and not by its id", func(t *testing.T) {
		p.put("carla", exclusion, object{"reasonCode": "conflict_of_interest", "text": "A cousin"}).done()
		require.Empty(t, finds("olivia"))
		none := p.get("olivia", p.path("/charts/", p.group)).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, none.Detail, p.get("olivia", chart).refused(http.StatusNotFound, "chart_not_found").Detail)
		status := object{"status": "inactive"}
		none = p.put("olivia", p.path("/charts/", p.group, "/status"), status).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, none.Detail, p.put("olivia", chart+"/status", status).refused(http.StatusNotFound, "chart_not_found").Detail)
		p.send("olivia", http.MethodDelete, exclusion, nil).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "R-2 who is readmitted finds it as before", func(t *testing.T) {
		p.send("carla", http.MethodDelete, exclusion, nil).done()
		require.Equal(t, before, finds("olivia"))
		p.send("carla", http.MethodDelete, exclusion, nil).refused(http.StatusUnprocessableEntity, "not_excluded")
	})
	p.run(t, "R-2 an exclusion ends by itself", func(t *testing.T) {
		p.put("carla", exclusion, object{"reasonCode": "safety", "until": p.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)}).done()
		require.Empty(t, finds("olivia"))
		p.clock.Pass(time.Hour)
		require.Equal(t, before, finds("olivia"))
	})
	p.run(t, "the primary cannot be excluded", func(*testing.T) {
		p.put("olivia", chart+"/exclusions/"+p.members["carla"], object{"reasonCode": "safety"}).refused(http.StatusUnprocessableEntity, "primary_cannot_be_excluded")
	})
	p.run(t, "a restriction of a section keeps the owner from that section alone", func(t *testing.T) {
		p.put("carla", chart+"/restriction", object{"sections": []string{"billing"}, "reason": "Known in town"}).done()
		found := finds("olivia")
		require.Contains(t, found, "/charts")
		require.Contains(t, found, "/appointments?from=2026-03-01")
		require.NotContains(t, found, "/billing/history")
	})
	p.run(t, "R-2 a restriction of the whole chart hides it from the owner, who can lift it by its id", func(t *testing.T) {
		p.put("olivia", chart+"/restriction", object{"sections": []string{"demographics"}, "reason": "Known in town"}).done()
		require.Empty(t, finds("olivia"))
		require.NotEmpty(t, finds("carla"), "the primary")
		p.send("david", http.MethodDelete, chart+"/restriction", nil).refused(http.StatusNotFound, "chart_not_found")
		p.send("olivia", http.MethodDelete, chart+"/restriction", nil).done()
		require.Equal(t, before, finds("olivia"))
	})
	p.run(t, "who is on the list of a restriction is let in", func(t *testing.T) {
		p.put("olivia", chart+"/restriction", object{"sections": []string{"demographics"}, "allow": []string{p.members["olivia"]}, "reason": "Known in town"}).done()
		require.Equal(t, before, finds("olivia"))
	})
}

func TestWhatIsSetOnAChart(t *testing.T) {
	p := newStack(t).staffed()
	kind := p.bookable()
	p.join("sam", "super_admin", false)
	p.allow("sam", "audit.history.view", "group")
	p.allow("sam", "appointment.manage", "group")
	p.allow("david", "break_glass.open", "group")
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.charge(ada, "carla", "2026-03-02", 9_000)
	appointments := p.path("/clinicians/", p.members["carla"], "/appointments/")
	appointment := p.post("carla", strings.TrimSuffix(appointments, "/"), object{"chart": ada, "type": kind, "start": "2026-03-04T14:00:00Z"}).done().ID
	chart := p.path("/charts/", ada)
	since := p.clock.Now().UTC()
	until := since.Truncate(time.Second).Add(2 * time.Hour)

	type who struct{ Name, ByName, Reason, ReasonCode, Text, Since, Until string }
	var set struct {
		Restriction *struct {
			who
			Sections []string
			Allow    []who
		}
		Exclusions, BreakGlass []who
	}
	ask := func(as string) {
		set.Restriction, set.Exclusions, set.BreakGlass = nil, nil, nil
		p.get(as, chart+"/guard").into(&set)
	}
	p.run(t, "R-2 who may restrict a chart reads what is set on it, with names and reasons", func(t *testing.T) {
		ask("carla")
		require.Nil(t, set.Restriction)
		require.Empty(t, set.Exclusions)
		require.Empty(t, set.BreakGlass)
		p.put("carla", chart+"/restriction", object{"sections": []string{"demographics"}, "allow": []string{p.members["sam"]}, "reason": "Known in town", "until": until.Format(time.RFC3339)}).done()
		p.put("olivia", chart+"/exclusions/"+p.members["sam"], object{"reasonCode": "conflict_of_interest", "text": "A cousin"}).done()
		p.post("david", chart+"/break-glass", emergency()).done()
		ask("olivia") // Who is not let in.
		require.Equal(t, []any{"Known in town", "carla", until.Format(time.RFC3339), []who{{Name: "sam"}}}, []any{set.Restriction.Reason, set.Restriction.ByName, set.Restriction.Until, set.Restriction.Allow})
		require.Len(t, set.Restriction.Sections, 5)
		require.Len(t, set.Exclusions, 1)
		require.Equal(t, who{Name: "sam", ByName: "olivia", ReasonCode: "conflict_of_interest", Text: "A cousin", Since: set.Exclusions[0].Since}, set.Exclusions[0])
		require.Len(t, set.BreakGlass, 1)
		require.Equal(t, []string{"david", "risk_of_harm"}, []string{set.BreakGlass[0].Name, set.BreakGlass[0].ReasonCode})
		p.get("david", chart+"/guard").refused(http.StatusForbidden, "permission_denied")
		none := p.get("olivia", p.path("/charts/", nothing, "/guard")).refused(http.StatusNotFound, "chart_not_found")
		require.NotEmpty(t, none.Detail)
	})
	p.run(t, "R-2 what has ended is not set any more", func(t *testing.T) {
		p.clock.Pass(time.Hour)
		ask("olivia")
		require.Empty(t, set.BreakGlass)
		require.NotNil(t, set.Restriction)
		p.clock.Pass(time.Hour)
		ask("olivia")
		require.Nil(t, set.Restriction)
		require.Len(t, set.Exclusions, 1)
	})
	p.run(t, "R-2 who is excluded reads no history of the chart, as of one that never was, and not who could open it", func(t *testing.T) {
		history := func(as, c string) answer { return p.get(as, p.path("/audit/history?stream=chart-", p.group, "%2B", c)) }
		history("olivia", ada).into(new(any))
		ledger := p.path("/audit/history?stream=invoice-", p.group, "%2B", ada, ".", p.members["carla"])
		p.get("olivia", ledger).into(new(any))
		none := history("sam", nothing).refused(http.StatusNotFound, "stream_not_found")
		require.Equal(t, none.Detail, history("sam", ada).refused(http.StatusNotFound, "stream_not_found").Detail)
		require.Equal(t, none.Detail, p.get("sam", ledger).refused(http.StatusNotFound, "stream_not_found").Detail)
		asOf := func(as, c string) answer {
			return p.get(as, p.path("/access/explain?capability=roster.view&at=", p.clock.Now().UTC().Format(time.RFC3339), "&chart=", c))
		}
		asOf("olivia", ada).into(new(any))
		unknown := asOf("sam", nothing).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, unknown.Detail, asOf("sam", ada).refused(http.StatusNotFound, "chart_not_found").Detail)
		unknown = p.get("sam", p.path("/charts/", nothing, "/access")).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, unknown.Detail, p.get("sam", chart+"/access").refused(http.StatusNotFound, "chart_not_found").Detail)
	})
	p.run(t, "R-2 who is excluded neither moves nor cancels an appointment by its id", func(t *testing.T) {
		for _, by := range []string{appointment, nothing} {
			p.post("sam", appointments+by+"/cancel", object{"chart": ada}).refused(http.StatusNotFound, "chart_not_found")
			p.post("sam", appointments+by+"/reschedule", object{"chart": ada, "start": "2026-03-05T14:00:00Z"}).refused(http.StatusNotFound, "chart_not_found")
		}
		p.send("carla", http.MethodDelete, chart+"/exclusions/"+p.members["sam"], nil).done()
		p.put("carla", chart+"/restriction", object{"sections": []string{"appointments"}, "reason": "Known in town"}).done()
		p.post("sam", appointments+appointment+"/cancel", object{"chart": ada}).refused(http.StatusForbidden, "permission_denied")
		p.get("sam", appointments+appointment).refused(http.StatusNotFound, "appointment_unknown")
		p.send("carla", http.MethodDelete, chart+"/restriction", nil).done()
		p.post("sam", appointments+appointment+"/cancel", object{"chart": ada}).done()
	})
	p.run(t, "R-2 a restriction of billing keeps from the history of what is owed", func(t *testing.T) {
		ledger := p.path("/audit/history?stream=invoice-", p.group, "%2B", ada, ".", p.members["carla"])
		p.get("sam", ledger).into(new(any))
		p.put("carla", chart+"/restriction", object{"sections": []string{"billing"}, "reason": "Known in town"}).done()
		p.get("sam", ledger).refused(http.StatusNotFound, "stream_not_found")
		p.get("sam", p.path("/audit/history?stream=chart-", p.group, "%2B", ada)).into(new(any))
	})
}
