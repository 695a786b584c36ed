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
