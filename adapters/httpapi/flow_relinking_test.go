package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// formerPage is what a removal took from somebody.
type formerPage struct {
	Charts []struct {
		Chart, Role, GivenTo, Primary, Standing string
		Archived                                bool
	}
	RelinkingInProgress   bool
	Removal, AsOf         string
	NextCursor            string
	ManagedBy, AssistedBy []string
}

func (p *practice) former(as, member, query string) (page formerPage) {
	p.t.Helper()
	p.get(as, p.path("/members/", member, "/former-charts", query)).into(&page)
	return page
}

func (f formerPage) standings() map[string]string {
	all := map[string]string{}
	for _, c := range f.Charts {
		all[c.Chart] = c.Standing
	}
	return all
}

func TestAMemberIsGivenTheirChartsAgain(t *testing.T) {
	c := withCards(t)
	bought, _ := c.buy("therapist_basic", 3)
	c.works()
	c.joinWith("carla", "therapist", bought[0].ID)
	c.joinWith("david", "therapist", bought[1].ID)
	c.joinWith("maria", "therapist", bought[2].ID)
	carla, david, olivia := c.members["carla"], c.members["david"], c.members["olivia"]
	first, archived, moved := c.open("carla", "Ada", "Abbott", "carla"), c.open("carla", "Bo", "Baker", "carla"), c.open("carla", "Cy", "Cole", "carla")
	c.post("olivia", c.path("/charts/", archived, "/archive"), object{"reason": "Moved away"}).done()
	c.settle()
	c.post("olivia", c.path("/members/", carla, "/removal"), object{"default": david}).done()
	c.works()
	c.put("olivia", c.path("/charts/", moved, "/primary"), object{"clinician": olivia}).done()
	c.settle()
	relinking := c.path("/members/", carla, "/relinking")

	c.run(t, "AMB-14 what the removal took is listed before the member is back", func(t *testing.T) {
		page := c.former("olivia", carla, "")
		require.Equal(t, map[string]string{first: "member_inactive", archived: "member_inactive", moved: "moved_on"}, page.standings())
		require.NotEmpty(t, page.Removal)
		require.NotEmpty(t, page.AsOf)
		c.post("olivia", relinking, object{}).refused(http.StatusUnprocessableEntity, "member_inactive")
	})
	c.post("olivia", c.path("/members/", carla, "/reinstatement"), object{}).done()
	c.run(t, "AMB-14 the offer says who has each chart and which can be given back, page by page", func(t *testing.T) {
		page := c.former("olivia", carla, "")
		require.Equal(t, map[string]string{first: "returnable", archived: "returnable", moved: "moved_on"}, page.standings())
		for _, f := range page.Charts {
			require.Equal(t, []string{"primary", david}, []string{f.Role, f.GivenTo})
			require.Equal(t, f.Chart == moved, f.Primary == olivia)
			require.Equal(t, f.Chart == archived, f.Archived)
		}
		one := c.former("olivia", carla, "?limit=2")
		rest := c.former("olivia", carla, "?limit=2&cursor="+one.NextCursor)
		require.Equal(t, page.Charts, append(one.Charts, rest.Charts...))
		require.Empty(t, rest.NextCursor)
	})
	c.run(t, "who may assign some charts is offered these alone", func(t *testing.T) {
		c.put("olivia", c.path("/members/", c.members["maria"], "/role"), object{"role": "manager", "clinicians": []string{david}}).done()
		c.send("maria", http.MethodGet, c.path("/members/", carla, "/former-charts"), nil).refused(http.StatusForbidden, "permission_denied")
		c.post("maria", relinking, object{}).refused(http.StatusForbidden, "permission_denied")
		c.allow("maria", "chart.assign_clinician", "managed")
		require.Equal(t, map[string]string{first: "returnable", archived: "returnable"}, c.former("maria", carla, "").standings())
	})
	c.run(t, "a dry run shows who would gain and who would lose which charts", func(t *testing.T) {
		tail := c.tail()
		shown := c.post("maria", relinking, object{}, asDryRun).receipt()
		require.Equal(t, tail, c.tail())
		views := map[string][]string{}
		for _, e := range shown.Effects {
			if e.Capability == "chart.clinical.view" {
				views[e.Member+" "+e.Shift] = e.Charts
			}
		}
		require.Len(t, views, 3)
		require.ElementsMatch(t, []string{first, archived}, views[c.members["maria"]+" lost"], "she manages David, not Carla")
		require.ElementsMatch(t, []string{first, archived}, views[carla+" gained"])
		require.ElementsMatch(t, []string{first, archived}, views[david+" lost"])
	})
	c.run(t, "a chart that was moved on is not given back by name", func(*testing.T) {
		c.post("olivia", relinking, object{"charts": []string{moved}}).refused(http.StatusUnprocessableEntity, "charts_not_returnable")
	})
	c.run(t, "AMB-14 the charts come back, and what was moved on stays on the list", func(t *testing.T) {
		c.post("maria", relinking, object{}).done()
		require.True(t, c.former("olivia", carla, "").RelinkingInProgress)
		c.works()
		c.settle()
		page := c.former("olivia", carla, "")
		require.Equal(t, map[string]string{moved: "moved_on"}, page.standings())
		require.False(t, page.RelinkingInProgress)
		require.Equal(t, "unchanged", c.post("olivia", relinking, object{}).receipt().Outcome)
		var chart struct{ Primary string }
		c.get("carla", c.path("/charts/", first)).into(&chart)
		require.Equal(t, carla, chart.Primary)
	})
}
