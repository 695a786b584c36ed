package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
)

// The description of the practice's group functions, sentence by sentence: each step is
// named by what it says, so that the two can be read side by side. Olivia owns the
// practice, Omar operates the installation.
func TestSeed000_GroupFunctionalityAndTheOwnersWalkthrough(t *testing.T) {
	s := newStack(t, onRealStore, with(func(c *httpapi.Config) { c.Operators = []string{"omar"} }))
	g := s.post("olivia", "/v1/groups", object{"name": "Harbor", "billingZone": "UTC", "currency": "USD", "ownerIsClinician": true, "solo": true}).done().ID
	p := &practice{stack: s, owner: "olivia", group: g, members: map[string]string{"olivia": s.me("olivia").Member}}
	var practiceInfo struct {
		Name, Owner string
		Solo        bool
		Branches    []struct{ ID, Name string }
		Info        map[string]string
	}
	look := func(as string) {
		t.Helper()
		practiceInfo.Info = nil
		p.get(as, p.path("")).into(&practiceInfo)
	}
	var ada, bruno, river string
	families := func(as, query string) []string { return p.roster(as, query).families() }
	permission := func(subject, capability string) string {
		return p.path("/members/", p.members[subject], "/permissions/", capability)
	}

	p.run(t, "G-3 »After selecting a plan and creating your account, please contact us, and we will make the switch for you«", func(t *testing.T) {
		p.post("omar", p.path("/conversion"), object{"plan": "therapist_premium"}).refused(http.StatusUnprocessableEntity, "plan_required")
		p.subscribe("therapist_premium", "therapist")
		p.post("olivia", p.path("/conversion"), object{"plan": "therapist_premium"}).refused(http.StatusForbidden, "operator_only")
		p.post("omar", p.path("/conversion"), object{"plan": "therapist_premium"}).done()
		look("olivia")
		require.False(t, practiceInfo.Solo)
		p.branch = practiceInfo.Branches[0].ID
	})
	p.run(t, "L-4 »The owner will be able to buy additional licenses to invite clinicians to the group«", func(t *testing.T) {
		p.post("olivia", p.path("/invitations"), object{"email": "carla@example.org", "role": "user", "clinician": true, "profession": "therapist"}).
			refused(http.StatusUnprocessableEntity, "no_free_licence")
		therapists, _ := p.buy("therapist_basic", 2)
		p.joinWith("carla", "therapist", therapists[0].ID)
		p.joinWith("maria", "therapist", therapists[1].ID)
	})
	p.run(t, "L-3 L-1 »the ability to mix and match premium plan types for therapists and prescribers«, »per clinician, per month«", func(t *testing.T) {
		prescriber, _ := p.buy("prescriber_premium", 1)
		p.joinWith("david", "prescriber", prescriber[0].ID)
		var plans []string
		for _, l := range p.subscription().Licences {
			plans = append(plans, l.Plan)
		}
		require.ElementsMatch(t, []string{"therapist_premium", "therapist_basic", "therapist_basic", "prescriber_premium"}, plans)
		require.Len(t, p.subscription().NextInvoice.Lines, 4, "one line per clinician")
	})
	p.run(t, "G-1 »supports group practices of any size and can scale up or down«", func(t *testing.T) {
		more, _ := p.buy("therapist_basic", 1)
		require.Equal(t, 5, p.subscription().Utilisation.Owned)
		p.post("olivia", p.path("/licences/", more[0].ID, "/release"), nil).done()
		require.Len(t, p.subscription().NextInvoice.Lines, 4)
	})
	p.run(t, "G-5 »access to their account under My Account«, »all users in the group under Other Users«", func(t *testing.T) {
		require.Equal(t, "owner", p.me("olivia").Role)
		var users struct {
			Members []struct{ DisplayName, Role string }
		}
		p.get("olivia", p.path("/members")).into(&users)
		require.Equal(t, []struct{ DisplayName, Role string }{{"olivia", "owner"}, {"carla", "user"}, {"maria", "user"}, {"david", "user"}}, users.Members)
	})
	p.run(t, "C-3 »If given permission, charts can be added under this section«", func(t *testing.T) {
		body := object{"patient": object{"givenName": "Ada", "familyName": "Abbott"}, "primary": p.members["carla"]}
		p.post("olivia", p.path("/charts"), body).refused(http.StatusForbidden, "permission_denied")
		p.allow("olivia", "chart.create", "group")
		ada = p.post("olivia", p.path("/charts"), body).done().ID
		bruno = p.open("david", "Bruno", "Baptiste", "david")
	})
	p.run(t, "C-1 »the group owner will view all clinician's rosters«", func(t *testing.T) {
		require.Equal(t, []string{"Abbott", "Baptiste"}, families("olivia", ""))
		require.Equal(t, []string{"Abbott"}, families("olivia", "?clinician="+p.members["carla"]))
		require.Equal(t, []string{"Baptiste"}, families("david", ""), "a clinician's own")
	})
	p.run(t, "C-2 C-5 »and assign any chart to a specific branch/ clinician«", func(t *testing.T) {
		river = p.post("olivia", p.path("/branches"), object{"name": "River Street"}).done().ID
		p.put("olivia", p.path("/members/", p.members["carla"], "/branches"), object{"branches": []string{p.branch, river}}).done()
		p.put("olivia", p.path("/charts/", bruno, "/primary"), object{"clinician": p.members["carla"]}).done()
		p.put("olivia", p.path("/charts/", bruno, "/branch"), object{"branch": river}).done()
		require.Equal(t, []string{"Baptiste"}, families("olivia", "?branch="+river+"&clinician="+p.members["carla"]))
	})
	p.run(t, "C-4 »archiving charts, status changes, and the Export Roster feature have been moved to Owner>Roster«", func(t *testing.T) {
		p.put("carla", p.path("/charts/", ada, "/status"), object{"status": "inactive"}).refused(http.StatusForbidden, "permission_denied")
		p.post("carla", p.path("/charts/", ada, "/archive"), object{"reason": "Moved away"}).refused(http.StatusForbidden, "permission_denied")
		p.get("carla", p.path("/charts.csv")).refused(http.StatusForbidden, "permission_denied")
		p.put("olivia", p.path("/charts/", ada, "/status"), object{"status": "inactive"}).done()
		p.post("olivia", p.path("/charts/", ada, "/archive"), object{"reason": "Moved away"}).done()
		require.Equal(t, []string{"Abbott"}, families("olivia", "?archived=true"))
		file := string(p.get("olivia", p.path("/charts.csv")).body)
		require.Contains(t, file, "Baptiste")
		require.NotContains(t, file, "Abbott", "archived charts are on a roster of their own")
	})
	p.run(t, "G-6 »Other clinicians in practice will not have access to the billing section«", func(t *testing.T) {
		for _, section := range []string{"/subscription", "/subscription/charges", "/licences"} {
			p.get("carla", p.path(section)).refused(http.StatusForbidden, "permission_denied")
			require.Equal(t, http.StatusOK, p.get("olivia", p.path(section)).status)
		}
	})
	p.run(t, "G-4 G-9 »they will be able to add/ edit practice info, modify permissions for each clinician in the group«", func(t *testing.T) {
		p.send("olivia", http.MethodPatch, p.path(""), object{"phone": "555-0100", "city": "Harbor"}).done()
		look("carla")
		require.Equal(t, "555-0100", practiceInfo.Info["phone"])
		p.send("carla", http.MethodPatch, p.path(""), object{"phone": "555-0199"}).refused(http.StatusForbidden, "permission_denied")
		p.put("olivia", permission("carla", "chart.status.change"), object{"effect": "allow", "scope": "own"}).done()
		p.put("carla", p.path("/charts/", bruno, "/status"), object{"status": "inactive"}).done()
	})
	p.run(t, "R-2 »set or delegate permissions for roles and access down to a super-fine degree«", func(t *testing.T) {
		p.put("olivia", permission("carla", "chart.status.change"), object{"effect": "deny", "scope": "group"}).done()
		p.put("carla", p.path("/charts/", bruno, "/status"), object{"status": "active"}).refused(http.StatusForbidden, "permission_denied")
		p.put("olivia", p.path("/charts/", bruno, "/status"), object{"status": "active"}).done()
	})
	p.run(t, "R-4 »delegate any owner-level responsibilities to the super admin«", func(t *testing.T) {
		p.join("sam", "super_admin", false)
		p.get("sam", p.path("/subscription")).refused(http.StatusForbidden, "permission_denied")
		p.allow("sam", "subscription.view", "group")
		require.Equal(t, http.StatusOK, p.get("sam", p.path("/subscription")).status)
		p.put("sam", permission("sam", "ownership.transfer"), object{"effect": "allow", "scope": "group"}).refused(http.StatusForbidden, "permission_denied")
	})
	p.run(t, "R-3 »A super admin can assign clinicians to branches, archive charts/ change charts' status, and export the patient roster«", func(t *testing.T) {
		p.put("sam", p.path("/members/", p.members["david"], "/branches"), object{"branches": []string{p.branch, river}}).done()
		p.send("sam", http.MethodDelete, p.path("/charts/", ada, "/archive"), nil).done()
		p.put("sam", p.path("/charts/", ada, "/status"), object{"status": "active"}).done()
		require.Contains(t, string(p.get("sam", p.path("/charts.csv")).body), "Abbott")
	})
	p.run(t, "R-5 »Manager: This can be assigned to another practicing clinician, and each account can manage one or more clinicians«", func(t *testing.T) {
		p.put("olivia", p.path("/members/", p.members["maria"], "/role"), object{"role": "manager", "clinicians": []string{p.members["carla"]}}).done()
		require.Equal(t, []string{"Abbott", "Baptiste"}, families("maria", ""))
		p.put("olivia", p.path("/members/", p.members["maria"], "/managed-clinicians"), object{"clinicians": []string{p.members["carla"], p.members["david"]}}).done()
		p.put("olivia", p.path("/charts/", bruno, "/primary"), object{"clinician": p.members["david"]}).done()
		require.Equal(t, []string{"Abbott", "Baptiste"}, families("maria", ""))
	})
	p.run(t, "R-6 »User: Staff-level clinician«", func(t *testing.T) {
		require.Equal(t, []string{"Abbott"}, families("carla", ""))
		p.get("carla", p.path("/charts/", bruno)).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "R-7 »Administrative assistant: Can be assigned to one or more clinicians«", func(t *testing.T) {
		p.join("alex", "assistant", false, "carla")
		p.allow("alex", "roster.view", "assists")
		require.Equal(t, []string{"Abbott"}, families("alex", ""))
		p.put("olivia", p.path("/members/", p.members["alex"], "/assisted-clinicians"), object{"clinicians": []string{p.members["carla"], p.members["david"]}}).done()
		require.Equal(t, []string{"Abbott", "Baptiste"}, families("alex", ""))
		require.Equal(t, []string{"owner", "user", "manager", "user", "super_admin", "assistant"}, rolesOf(p))
	})
}

// rolesOf are the roles of the members of a practice, in the order of joining.
func rolesOf(p *practice) (roles []string) {
	var users struct{ Members []struct{ Role string } }
	p.get(p.owner, p.path("/members")).into(&users)
	for _, m := range users.Members {
		roles = append(roles, m.Role)
	}
	return roles
}
