package httpapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Omar owns another practice and may do everything there. Wherever an operation
// takes an id, the id of a thing of this practice leads him nowhere.
func TestIDsOfAnotherPracticeLeadNowhere(t *testing.T) {
	s := newScene(newStack(t))
	o, own := s.elsewhere, s.elsewhere.oneOfEverything()
	chart, kind, calendar := own["chart"], own["type"], o.path("/clinicians/", own["clinician"])
	// What a read model does not know yet looks like nothing, whosever it is.
	s.settle()
	expected := rules()
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, operation := range s.doc.Paths.Value(template).Operations() {
			r := expected[operation.OperationID]
			for name := range own {
				if !strings.Contains(template, "{"+name+"}") || slices.Contains([]string{"role", "capability", "account", "date", "day", "version"}, name) {
					continue
				}
				s.run(t, operation.OperationID+" with another's "+name, func(t *testing.T) {
					ids := maps.Clone(own)
					ids[name] = s.ids[name]
					path := fillPath(template, ids)
					switch {
					case r.path != nil && strings.HasPrefix(r.path(s), "?clinician="):
						path += "?clinician=" + o.members["omar"]
					case r.path != nil && strings.HasPrefix(r.path(s), "?type="):
						path += "?type=" + kind
					case operation.OperationID == "explainAccess":
						path += "?capability=roster.view&member=" + o.members["omar"]
					case r.path != nil && (strings.HasPrefix(r.path(s), "?plan=") || strings.HasPrefix(r.path(s), "?from=")):
						path += r.path(s)
					case operation.OperationID == "auditHistory":
						path += "?stream=group-" + o.group
					}
					a := o.send("omar", method, path, bodyFor(s, r), dryRunOf(method)...)
					require.Contains(t, []int{http.StatusNotFound, http.StatusForbidden, http.StatusUnprocessableEntity}, a.status, "%s", a.body)
					require.NotContains(t, string(a.body), "Abbott")
				})
			}
		}
	}
	tail := s.tail()
	for name, c := range map[string]struct {
		path string
		body any
		code string
	}{
		"a primary": {o.path("/charts"), object{"patient": object{"familyName": "A"}, "primary": s.members["carla"]}, "primary_not_professional"},
		"a branch":  {o.path("/charts"), object{"patient": object{"familyName": "A"}, "branch": s.branch}, "branch_unknown"},
		"a charge":  {o.ledger(chart, "omar", "/invoices"), object{"date": "2026-03-02", "terms": "net_30", "charges": []string{s.charge}}, "charge_not_in_ledger"},
		"a chart":   {calendar + "/appointments", object{"chart": s.ids["chart"], "type": kind, "start": "2026-03-09T14:00:00Z"}, "chart_not_found"},
		"a type":    {calendar + "/appointments", object{"chart": chart, "type": s.kind, "start": "2026-03-09T14:00:00Z"}, "type_not_offered"},
		"a clinician of a ledger": {
			o.path("/charts/", chart, "/charges?clinician=", s.members["carla"]),
			object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(1)},
			"not_a_clinician",
		},
		"clinicians to manage": {o.path("/invitations"), object{"email": "x@example.org", "role": "manager", "clinician": true, "clinicians": []string{s.members["carla"]}}, "not_a_clinician"},
	} {
		s.run(t, "in a body: "+name, func(t *testing.T) {
			require.Equal(t, c.code, o.post("omar", c.path, c.body).problem().Code)
			require.Equal(t, tail, s.tail())
		})
	}
	s.run(t, "in a filter they are what does not exist", func(t *testing.T) {
		for path, code := range map[string]string{
			"/charts?clinician=" + s.members["carla"]: "member_not_found", "/charts?branch=" + s.branch: "branch_not_found",
			"/billing/history?clinician=" + s.members["carla"]: "member_not_found", "/billing/history?chart=" + s.ids["chart"]: "chart_not_found",
			"/billing/invoices?chart=" + s.ids["chart"]: "chart_not_found", "/appointments?clinician=" + s.members["carla"]: "member_not_found",
		} {
			o.get("omar", o.path(path)).refused(http.StatusNotFound, code)
		}
		o.get("omar", o.path("/audit/history?stream=chart-", s.group, "%2B", s.ids["chart"])).refused(http.StatusNotFound, "stream_not_found")
	})
}

// bodyFor is a rule's body.
func bodyFor(s *scene, r rule) any {
	if r.body == nil {
		return nil
	}
	return r.body(s)
}

// dryRunOf asks for a dry run of commands.
func dryRunOf(method string) []option {
	if method == http.MethodGet {
		return nil
	}
	return []option{asDryRun}
}

// oneOfEverything makes one thing of every kind in Omar's practice: their ids, by the
// names that they have in paths.
func (o *practice) oneOfEverything() (own map[string]string) {
	o.t.Helper()
	o.allow("omar", "chart.create", "group")
	chart := o.post("omar", o.path("/charts"), object{"patient": object{"familyName": "Other"}}).done().ID
	charge := o.charge(chart, "omar", "2026-03-02", 100)
	draft := o.draft(chart, "omar", "2026-03-02", o.charge(chart, "omar", "2026-03-02", 100))
	calendar := o.path("/clinicians/", o.members["omar"])
	for _, setting := range []string{"online", "self-service"} {
		o.put("omar", o.path("/booking-policy/", setting), object{"on": true}).done()
	}
	kind := o.post("omar", o.path("/appointment-types"), object{"name": "Follow-up", "lengthMin": 45}).done().ID
	own = map[string]string{
		"group": o.group, "chart": chart, "clinician": o.members["omar"], "member": o.members["omar"], "branch": o.branch,
		"role": "user", "capability": "roster.view", "account": o.me("zoe").Account, "invitation": o.invite("zoe", "user", true),
		"charge": charge, "invoice": draft, "payment": o.pay(chart, "omar", "2026-03-02", 100), "type": kind,
		"reserve":     o.post("omar", calendar+"/reserves", object{"firstDate": "2026-03-04", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "once"}}).done().ID,
		"block":       o.post("omar", calendar+"/blocks", object{"start": "2026-03-06T13:00:00Z", "end": "2026-03-06T15:00:00Z"}).done().ID,
		"appointment": o.post("omar", calendar+"/appointments", object{"chart": chart, "type": kind, "start": "2026-03-04T14:00:00Z"}).done().ID,
	}
	o.join("nora", "user", true)
	own["glass"] = o.breaks("nora", chart)
	own["date"], own["day"], own["version"] = "2026-03-04", "2026-03-02", "1"
	o.subscribe("therapist_basic", "therapist")
	bought, _ := o.buy("therapist_basic", 1)
	own["licence"], own["seatCharge"] = bought[0].ID, bought[0].Charge
	own["proof"] = o.prove("/trainee-proofs", "prescriber", "2026-12-31", object{"email": "trainee@example.org"})
	return own
}
