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
	Transfer *struct {
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

// Vector 3: the default primary, and the only way to change it.
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
