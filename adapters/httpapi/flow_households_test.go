package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// householdPage is a household as readers get it.
type householdPage struct {
	ID, Name, PrimaryName, SecondaryName string
	Primary                              string
	Revision                             int64
	Ended                                bool
	HiddenCharts                         int
	People                               []struct{ ID, Chart, Name, Relation string }
	Charts                               []struct {
		Chart, Name string
		InheritTeam bool
	}
	Team, Former []struct {
		Member, Name, Role, Since, Until string
		Secondary                        bool
		Given                            struct{ ActorName, Reason string }
		Ended                            *struct{ ActorName string }
	}
	Summaries []struct{ ID, PrimaryName, SHA256 string }
	Transfer  *struct {
		To, ExpiresAt     string
		Confirmed, Lapsed bool
	}
}

func (p *practice) household(as, h string) (page householdPage) {
	p.t.Helper()
	p.get(as, p.path("/households/", h)).into(&page)
	return page
}

// roles are the roles on the team of a household, by the subject of the member.
func (p *practice) roles(page householdPage) map[string]string {
	roles := map[string]string{}
	for _, place := range page.Team {
		for subject, member := range p.members {
			if member == place.Member {
				roles[subject] = place.Role
			}
		}
	}
	return roles
}

// SCN-3, vector 3: the default primary, and the only way to change it.
func TestVector3_AHouseholdHasAPrimaryInEveryRevision(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	p.allow("sam", "chart.create", "group")
	h := p.post("sam", p.path("/households"), object{"name": "Abbott family"}).done().ID
	page := p.household("sam", h)
	t.Run("H-5 AMB-16 support staff made it: the professional who joined first is the primary", func(t *testing.T) {
		require.Equal(t, p.members["carla"], page.Primary)
		require.Equal(t, map[string]string{"carla": "primary"}, p.roles(page))
	})
	t.Run("H-2 the primary cannot be deleted from the team", func(t *testing.T) {
		p.send("sam", http.MethodDelete, p.path("/households/", h, "/team/", p.members["carla"]), nil).refused(http.StatusUnprocessableEntity, "primary_required")
	})
	t.Run("H-2 reassigning is one event", func(t *testing.T) {
		receipt := p.put("sam", p.path("/households/", h, "/primary"), object{"clinician": p.members["david"]}).done()
		require.Equal(t, page.Revision+1, receipt.Revision)
		require.Equal(t, map[string]string{"david": "primary"}, p.roles(p.household("sam", h)))
	})
}

// AMB-16: the household's team has access to a linked chart only where that was chosen for
// it, and loses it before the answer to what takes it.
func TestAMB16_AChartInheritsTheTeamOfItsHouseholdOnlyWhereChosen(t *testing.T) {
	p := newStack(t).staffed()
	p.join("emma", "user", true)
	ada, bob := p.open("carla", "Ada", "Abbott", "carla"), p.open("carla", "Bob", "Abbott", "carla")
	h := p.post("carla", p.path("/households"), object{"name": "Abbott family"}).done().ID
	team := func(m string) string { return p.path("/households/", h, "/team/", p.members[m]) }
	sees := func(as, chart string) bool {
		t.Helper()
		status := p.get(as, p.path("/charts/", chart)).status
		require.Contains(t, []int{http.StatusOK, http.StatusNotFound}, status)
		return status == http.StatusOK
	}
	p.put("carla", p.path("/households/", h, "/charts/", ada), object{"inheritTeam": true}).done()
	p.put("carla", p.path("/households/", h, "/charts/", bob), object{}).done()
	p.put("carla", team("david"), object{"role": "clinician"}).done()
	p.settle()
	require.True(t, sees("david", ada))
	require.False(t, sees("david", bob), "the partner's chart was not opened to the team")

	t.Run("who lost the household has lost the chart, without any process", func(t *testing.T) {
		p.send("olivia", http.MethodDelete, team("david"), nil).done()
		require.Equal(t, http.StatusNotFound, p.get("david", p.path("/charts/", ada, "/team")).status)
	})
	t.Run("a place given by hand stays", func(t *testing.T) {
		p.put("carla", p.path("/charts/", ada, "/team/", p.members["emma"]), object{"role": "support"}).done()
		p.put("carla", team("emma"), object{"role": "clinician"}).done()
		p.send("olivia", http.MethodDelete, team("emma"), nil).done()
		p.settle()
		require.True(t, sees("emma", ada))
	})
	t.Run("a place over the household is not taken on the chart", func(t *testing.T) {
		p.put("carla", team("david"), object{"role": "clinician"}).done()
		p.send("olivia", http.MethodDelete, p.path("/charts/", ada, "/team/", p.members["david"]), nil).refused(http.StatusUnprocessableEntity, "inherited_place")
	})
	t.Run("a chart that declines keeps its own team, and takes none until it allows it", func(t *testing.T) {
		p.send("olivia", http.MethodDelete, p.path("/charts/", ada, "/household-teams"), nil).done()
		require.Equal(t, http.StatusNotFound, p.get("david", p.path("/charts/", ada, "/team")).status)
		p.put("carla", p.path("/households/", h, "/charts/", ada), object{"inheritTeam": false}).done()
		p.put("carla", p.path("/households/", h, "/charts/", ada), object{"inheritTeam": true}).refused(http.StatusUnprocessableEntity, "chart_opted_out")
		p.put("olivia", p.path("/charts/", ada, "/household-teams"), nil).done()
		p.put("carla", p.path("/households/", h, "/charts/", ada), object{"inheritTeam": true}).done()
		require.Equal(t, http.StatusOK, p.get("david", p.path("/charts/", ada, "/team")).status)
	})
	t.Run("a chart belongs to one household", func(t *testing.T) {
		other := p.post("carla", p.path("/households"), object{"name": "Abbott and Ames"}).done().ID
		p.put("carla", p.path("/households/", other, "/charts/", ada), object{}).refused(http.StatusUnprocessableEntity, "chart_in_other_household")
		p.send("olivia", http.MethodDelete, p.path("/households/", h, "/charts/", ada), nil).done()
		require.Equal(t, http.StatusNotFound, p.get("david", p.path("/charts/", ada, "/team")).status)
		p.put("carla", p.path("/households/", other, "/charts/", ada), object{}).done()
	})
	t.Run("to others the household does not exist", func(t *testing.T) {
		p.get("emma", p.path("/households/", h)).refused(http.StatusNotFound, "household_not_found")
		p.get("emma", p.path("/households/", p.group)).refused(http.StatusNotFound, "household_not_found")
		p.get("olivia", p.path("/households/", p.group)).refused(http.StatusNotFound, "household_not_found")
	})
}

// H-7: within the practice by reassigning; to another one only after a patient said yes.
func TestH7_AHouseholdGoesToAnotherPracticeOnlyWithThePatientsConfirmation(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	h := p.post("carla", p.path("/households"), object{"name": "Abbott family"}).done().ID
	of := func(below string) string { return p.path("/households/", h, below) }
	confirmation := p.path("/portal/charts/", ada, "/households/", h, "/transfer-confirmation")
	link := func(as, relation string) {
		t.Helper()
		p.put("carla", p.path("/charts/", ada, "/patient-accounts/", p.me(as).Account), object{"relation": relation}).done()
	}
	link("pat", "self")
	p.post("olivia", of("/transfer"), object{"to": "River Practice"}).refused(http.StatusUnprocessableEntity, "no_linked_chart")
	p.put("carla", of("/charts/"+ada), object{}).done()
	p.post("carla", of("/transfer"), object{"to": "River Practice"}).refused(http.StatusForbidden, "permission_denied")
	p.post("olivia", of("/transfer"), object{"to": "River Practice"}).done()
	t.Run("H-7 it lapses after five business days in the practice's zone", func(t *testing.T) {
		offer := p.household("carla", h).Transfer
		require.NotNil(t, offer)
		require.Equal(t, "2026-03-10T04:00:00Z", offer.ExpiresAt, "from Monday to the end of the next one, in New York")
	})
	t.Run("H-7 it is not completed without the patient", func(t *testing.T) {
		p.post("olivia", of("/transfer/completion"), nil).refused(http.StatusUnprocessableEntity, "patient_confirmation_required")
	})
	t.Run("H-7 neither staff nor strangers confirm it for them", func(t *testing.T) {
		p.post("carla", confirmation, nil).refused(http.StatusForbidden, "permission_denied")
		p.post("quinn", confirmation, nil).refused(http.StatusNotFound, "group_not_found")
	})
	t.Run("H-7 with their confirmation it goes, and its team has no access over it any more", func(t *testing.T) {
		p.put("carla", of("/charts/"+ada), object{"inheritTeam": true}).done()
		p.put("carla", of("/team/"+p.members["david"]), object{"role": "clinician"}).done()
		p.post("pat", confirmation, nil).done()
		require.True(t, p.household("carla", h).Transfer.Confirmed)
		require.Equal(t, http.StatusOK, p.get("david", p.path("/charts/", ada, "/team")).status)
		p.post("olivia", of("/transfer/completion"), nil).done()
		require.Equal(t, http.StatusNotFound, p.get("david", p.path("/charts/", ada, "/team")).status)
		page := p.household("carla", h)
		require.True(t, page.Ended)
		require.Len(t, page.Charts, 1, "the chart stays")
		p.put("carla", of("/name"), object{"name": "Ames"}).refused(http.StatusUnprocessableEntity, "household_ended")
	})
	t.Run("H-7 within the practice it is given to another clinician in one step", func(t *testing.T) {
		other := p.post("carla", p.path("/households"), object{"name": "Ames family"}).done().ID
		p.put("olivia", p.path("/households/", other, "/primary"), object{"clinician": p.members["david"]}).done()
		require.Equal(t, map[string]string{"david": "primary"}, p.roles(p.household("david", other)))
		p.get("carla", p.path("/households/", other)).refused(http.StatusNotFound, "household_not_found")
	})
}

// What one may not see of a household is not there: neither the names of patients in the
// list and in the household, nor summaries that tell them.
func TestAHouseholdShowsNothingOfChartsThatItsReaderMayNotOpen(t *testing.T) {
	p := newStack(t).staffed()
	ada, bob := p.open("carla", "Ada", "Abbott", "carla"), p.open("carla", "Bob", "Babbage", "carla")
	h := p.post("carla", p.path("/households"), object{"name": "Abbott family"}).done().ID
	of := func(below string) string { return p.path("/households/", h, below) }
	p.put("carla", of("/charts/"+ada), object{"inheritTeam": true}).done()
	p.put("carla", of("/charts/"+bob), object{}).done()
	p.post("carla", of("/people"), object{"chart": bob, "relation": "partner"}).done()
	p.post("carla", of("/people"), object{"name": "Beth", "relation": "mother"}).done()
	p.settle()
	all := p.post("carla", of("/summaries"), nil).done().ID
	p.put("carla", of("/team/"+p.members["david"]), object{"role": "clinician"}).done()
	p.settle()

	page := p.household("david", h)
	require.Len(t, page.Charts, 1)
	require.Equal(t, 1, page.HiddenCharts)
	require.Equal(t, []string{"", "Beth"}, []string{page.People[0].Name, page.People[1].Name})
	require.Empty(t, page.People[0].Chart)
	require.Empty(t, page.Summaries)
	p.get("david", of("/summaries/"+all)).refused(http.StatusNotFound, "summary_not_found")
	p.get("david", of("/summaries/"+all+"/document")).refused(http.StatusNotFound, "summary_not_found")
	found := func(as, query string) (ids []string) {
		t.Helper()
		var list struct{ Households []struct{ ID string } }
		p.get(as, p.path("/households", query)).into(&list)
		for _, e := range list.Households {
			ids = append(ids, e.ID)
		}
		return ids
	}
	require.Equal(t, []string{h}, found("carla", "?search=babb"))
	require.Empty(t, found("david", "?search=babb"))
	require.Equal(t, []string{h}, found("david", "?search=beth"))
	require.Equal(t, []string{h}, found("david", "?chart="+ada))
	require.Empty(t, found("david", "?chart="+bob))

	own := p.post("david", of("/summaries"), nil).done().ID
	require.Len(t, p.household("carla", h).Summaries, 2)
	require.Len(t, p.household("david", h).Summaries, 1, "what he printed tells nothing of the other chart")
	require.Equal(t, http.StatusOK, p.get("david", of("/summaries/"+own+"/document")).status)
}
