package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A filter that names what somebody may not see is refused like one that names what
// does not exist, and never answered with an empty list or with zeros.
func TestFoundP11_AForbiddenFilterIsNoZero(t *testing.T) {
	const nothing = "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.issue(chart, "carla", p.draft(chart, "carla", "2026-03-02", p.charge(chart, "carla", "2026-03-02", 100)))
	branch := p.post("olivia", p.path("/branches"), object{"name": "Riverside"}).done().ID
	p.settle()
	carla, david := p.members["carla"], p.members["david"]
	refused := func(path, id, code string) {
		t.Helper()
		answer := func(id string) (int, string) {
			a := p.get("david", p.path(path, id))
			return a.status, strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "")
		}
		p.get("david", p.path(path, id)).refused(http.StatusNotFound, code)
		status, body := answer(id)
		noStatus, noBody := answer(nothing)
		require.Equal(t, noBody, body)
		require.Equal(t, noStatus, status)
	}
	for _, path := range []string{"/billing/balance", "/billing/history", "/billing/invoices", "/appointments", "/charts"} {
		refused(path+"?clinician=", carla, "member_not_found")
		p.get("david", p.path(path, "?clinician=", david)).into(new(any))
	}
	for _, path := range []string{"/billing/balance", "/billing/history", "/billing/invoices", "/appointments"} {
		refused(path+"?chart=", chart, "chart_not_found")
		p.get("olivia", p.path(path, "?chart=", nothing)).refused(http.StatusNotFound, "chart_not_found")
	}
	for _, path := range []string{"/billing/balance", "/billing/history", "/billing/invoices", "/appointments"} {
		p.get("david", p.path(path, "?clinician=", david, "&clinician=", carla)).refused(http.StatusNotFound, "member_not_found")
	}
	refused("/charts?branch=", branch, "branch_not_found")
	require.Empty(t, p.roster("olivia", "?branch="+branch).Charts, "to the owner it is a fact")

	p.put("olivia", p.path("/charts/", chart, "/team/", david), object{"role": "clinician"}).done()
	require.Equal(t, []string{"Abbott"}, p.roster("david", "?clinician="+carla).families(), "what is within reach is found")
	p.get("david", p.path("/billing/balance?chart=", chart)).refused(http.StatusForbidden, "permission_denied")
	p.post("olivia", p.ledger(chart, "david", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(700)}).done()
	require.Len(t, p.history("david", "?chart="+chart).Entries, 1, "and so is what is one's own")
}

// A filter that is true means the same however the document lets it be written, and so
// does the id of nothing wherever a practice is named.
func TestAFilterThatIsTrueMeansTheSameHoweverItIsWritten(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.open("carla", "Ben", "Baker", "carla")
	p.post("olivia", p.path("/charts/", chart, "/archive"), object{"reason": "Moved away"}).done()
	p.settle()
	for _, yes := range []string{"true", "TRUE", "1", "t"} {
		require.Equal(t, []string{"Abbott"}, p.roster("olivia", "?archived="+yes).families(), yes)
	}
	for _, no := range []string{"false", "0"} {
		require.Equal(t, []string{"Baker"}, p.roster("olivia", "?archived="+no).families(), no)
	}
	const nothing = "/v1/groups/00000000-0000-0000-0000-000000000000"
	for _, path := range []string{"", "/subscription", "/charts", "/members", "/billing/balance", "/booking-policy"} {
		p.get("olivia", nothing+path).refused(http.StatusNotFound, "group_not_found")
	}
}
