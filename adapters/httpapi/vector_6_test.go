package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/accesslog"
)

// Vector 6 (SCN-6): an assistant of one clinician looks for a
// patient of another one, everywhere that a practice keeps people.
func TestVector6AnAssistantFindsNobodyElsesPatients(t *testing.T) {
	p := newStack(t).staffed()
	for _, assistant := range []string{"alex", "bea"} {
		p.join(assistant, "assistant", false, "carla")
	}
	for _, capability := range []string{"roster.view", "appointment.manage", "slots.view", "patient_billing.view"} {
		p.allow("alex", capability, "assists")
	}
	kind := p.bookable()
	own := p.open("carla", "Ada", "Abbott", "carla")
	others := p.open("david", "Bruno", "Baptiste", "david")
	reserve := object{"firstDate": "2026-03-04", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "weekly", "every": 1, "days": []string{"wed"}}}
	p.post("david", p.path("/clinicians/", p.members["david"], "/reserves"), reserve).done()
	for clinician, chart := range map[string]string{"carla": own, "david": others} {
		p.post(clinician, p.path("/clinicians/", p.members[clinician], "/appointments"), object{"chart": chart, "type": kind, "start": "2026-03-04T14:00:00Z"}).done()
		p.issue(chart, clinician, p.draft(chart, clinician, "2026-03-02", p.charge(chart, clinician, "2026-03-02", 100)))
	}
	davids := "?clinician=" + p.members["david"]
	type page struct{ Appointments []struct{ Chart string } }
	appointments := func(as, query string) (found []string) {
		var a page
		p.get(as, p.path("/appointments", query)).into(&a)
		for _, one := range a.Appointments {
			found = append(found, one.Chart)
		}
		return found
	}
	refusals := func() (all []accesslog.AccessRefused) {
		for _, fact := range p.accessLogFrom(0) {
			if refused, ok := fact.Event.(accesslog.AccessRefused); ok {
				require.Contains(t, []string{"member:" + p.members["alex"], "member:" + p.members["bea"]}, fact.Meta.Actor)
				all = append(all, refused)
			}
		}
		return all
	}

	p.run(t, "vector 6: the patient is there for those who may", func(t *testing.T) {
		require.Equal(t, []string{"Baptiste"}, p.roster("david", "?search=bapt").families())
		require.Equal(t, []string{others}, appointments("david", ""))
		require.NotEmpty(t, p.history("david", "?chart="+others).Entries)
	})
	p.run(t, "vector 6: search finds what is the assistant's clinician's, and 0 rows of the other's", func(t *testing.T) {
		require.Equal(t, []string{"Abbott"}, p.roster("alex", "").families())
		for _, query := range []string{"?search=bapt", "?search=bruno"} {
			require.Empty(t, p.roster("alex", query).Charts, query)
		}
		for _, query := range []string{davids, davids + "&archived=true"} {
			p.get("alex", p.path("/charts", query)).refused(http.StatusNotFound, "member_not_found")
		}
		p.get("alex", p.path("/charts/", others)).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "vector 6: the calendar holds 0 rows of the other's", func(t *testing.T) {
		require.Equal(t, []string{own}, appointments("alex", ""))
		p.get("alex", p.path("/appointments", davids)).refused(http.StatusNotFound, "member_not_found")
		p.get("alex", p.path("/appointments?chart=", others)).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "vector 6: the billing history holds 0 rows of the other's", func(t *testing.T) {
		require.NotEmpty(t, p.history("alex", "").Entries)
		p.get("alex", p.path("/billing/history?chart=", others)).refused(http.StatusNotFound, "chart_not_found")
		p.get("alex", p.path("/billing/history", davids)).refused(http.StatusNotFound, "member_not_found")
		require.Len(t, p.tracker("alex", "").Invoices, 1)
		p.get("alex", p.path("/billing/invoices", davids)).refused(http.StatusNotFound, "member_not_found")
	})
	p.run(t, "vector 6: what is asked for as a whole is refused, and every refusal is in the access log", func(t *testing.T) {
		before := len(refusals())
		require.Equal(t, 7, before, "what was beyond reach is on record")
		p.get("alex", p.path("/charts.csv?search=bapt")).refused(http.StatusForbidden, "permission_denied")
		p.get("alex", p.path("/clinicians/", p.members["david"], "/slots?type=", kind)).refused(http.StatusForbidden, "permission_denied")
		p.get("bea", p.path("/charts?search=bapt")).refused(http.StatusForbidden, "permission_denied")
		p.get("bea", p.path("/billing/history?chart=", others)).refused(http.StatusForbidden, "permission_denied")
		recorded := refusals()[before:]
		require.Len(t, recorded, 4)
		for i, want := range []struct {
			capability access.Capability
			rule       string
		}{
			{access.RosterExport, access.RuleGuardrail},
			{access.SlotsView, access.RuleDefaultDeny},
			{access.RosterView, access.RuleDefaultDeny},
			{access.BillingView, access.RuleDefaultDeny},
		} {
			require.Equal(t, want.capability, recorded[i].Capability)
			require.Equal(t, want.rule, recorded[i].Rule)
			require.NotContains(t, recorded[i].Target, "bapt", "what was searched for is a patient's name")
		}
	})
	p.run(t, "vector 6: sharing charts among clinicians changes none of it", func(t *testing.T) {
		p.put("olivia", p.path("/chart-sharing"), object{"sharing": "group"}).done()
		require.Equal(t, []string{"Baptiste"}, p.roster("carla", "?search=bapt").families())
		require.Empty(t, p.roster("alex", "?search=bapt").Charts)
	})
}
