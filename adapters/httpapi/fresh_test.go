package httpapi_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// fresh is a practice in which next to nothing has happened.
type fresh struct {
	name string
	make func(*stack) (p *practice, ids map[string]string)
	// answered are operations that have an answer there; most others know nothing
	// yet and say so.
	answered []string
}

func freshOnes() []fresh {
	always := []string{
		"health", "readiness", "metrics", "openapi", "me", "listMyCharts", "getGroup", "getBranch", "listMembers", "getMember", "listInvitations", "listPermissions", "getMemberPermissions",
		"listCharts", "listDuplicates", "exportRoster", "billingHistory", "billingBalance", "listInvoices", "getBookingPolicy", "listAppointmentTypes",
		"listAppointments", "getPriceBook", "getSubscription", "listLicences", "seatLedger", "listSubscriptionCharges", "auditHistory", "listAccessLog", "listBreakGlass",
	}
	return []fresh{
		{"founded by somebody who treats nobody", func(s *stack) (*practice, map[string]string) { return s.found("olivia", false), nil }, append([]string{"quoteSubscription"}, always...)},
		{"founded by a clinician", func(s *stack) (*practice, map[string]string) { return s.found("olivia", true), nil }, always},
		{"with one chart", func(s *stack) (*practice, map[string]string) {
			p := s.found("olivia", true)
			p.allow("olivia", "chart.create", "group")
			return p, map[string]string{"chart": p.open("olivia", "Ada", "Abbott", "olivia")}
		}, append([]string{"getChart", "listChartAccess"}, always...)},
	}
}

// Every query of the document is asked of practices without anything in them, and
// every answer is held to the document, as all answers in these tests are.
func TestFoundO6_EveryQueryOfAFreshPracticeFitsTheDocument(t *testing.T) {
	for _, f := range freshOnes() {
		t.Run(f.name, func(t *testing.T) {
			s := newStack(t)
			p, more := f.make(s)
			s.settle()
			ids := map[string]string{"group": p.group, "clinician": p.members["olivia"], "member": p.members["olivia"], "branch": p.branch, "role": "user", "capability": "roster.view", "currency": "USD", "version": "1", "day": "2026-03-02"}
			maps.Copy(ids, more)
			required := map[string]string{"type": p.group, "capability": "roster.view", "stream": "group-" + p.group, "plan": "therapist_basic", "from": "2026-03-02", "to": "2026-03-09"}
			for _, template := range s.doc.Paths.InMatchingOrder() {
				o := s.doc.Paths.Value(template).Get
				if o == nil {
					continue
				}
				query := url.Values{}
				for _, parameter := range o.Parameters {
					if parameter.Value.In == "query" && parameter.Value.Required {
						require.Contains(t, required, parameter.Value.Name, "say what to ask for")
						query.Set(parameter.Value.Name, required[parameter.Value.Name])
					}
				}
				s.run(t, o.OperationID, func(t *testing.T) {
					a := s.get("olivia", fillPath(template, ids)+"?"+query.Encode())
					if o.OperationID == "quoteSubscription" && a.status == http.StatusOK {
						require.JSONEq(t, `{"today":{"minor":0,"currency":"USD"}}`, string(a.body), "nothing costs nothing of the practice's currency")
					}
					require.Less(t, a.status, http.StatusInternalServerError, "%s", a.body)
					for _, answered := range f.answered {
						if answered == o.OperationID {
							require.Equal(t, http.StatusOK, a.status, "%s", a.body)
						}
					}
				})
			}
		})
	}
}
