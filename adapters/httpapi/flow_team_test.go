package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type careTeam struct {
	Team, ToCome, Former []teamPlace
	Planned              *struct{ To, ToName, EffectiveAt, ByName string }
	MayOpen              []struct {
		Name, PracticeRole, Rule, GrantorName string
		OnTeam, Clinical                      bool
		Until                                 *time.Time
	}
}

type teamPlace struct {
	Name, Role      string
	Since, JoinedAt time.Time
	Until           *time.Time
	Given           teamCause
	Ended           *teamCause
}

type teamCause struct{ How, ActorName, Reason string }

// opens are the names of those who may open the chart, and through what.
func (c careTeam) opens() map[string]string {
	found := map[string]string{}
	for _, o := range c.MayOpen {
		found[o.Name] = o.Rule
	}
	return found
}

func names(places []teamPlace) []string {
	found := []string{}
	for _, p := range places {
		found = append(found, p.Name+" "+p.Role)
	}
	return found
}

func TestTheTeamView(t *testing.T) {
	p := newStack(t).staffed()
	p.join("emma", "user", true)
	p.join("alex", "assistant", false, "carla")
	p.allow("olivia", "chart.assign_clinician", "group")
	opened := p.clock.Now()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	path := p.path("/charts/", ada, "/team")
	member := func(subject string) string { return path + "/" + p.members[subject] }
	look := func(as string) (c careTeam) {
		p.get(as, path).into(&c)
		return c
	}
	hour := func(n int) string { return opened.Add(time.Duration(n) * time.Hour).UTC().Format(time.RFC3339) }

	p.run(t, "H-1 H-5 the creator is the primary, and the view says so", func(t *testing.T) {
		c := look("carla")
		require.Equal(t, []string{"carla primary"}, names(c.Team))
		require.Equal(t, teamCause{How: "explicit", ActorName: "carla"}, c.Team[0].Given)
		require.Equal(t, c.Team[0].JoinedAt, c.Team[0].Since)
		require.Empty(t, c.ToCome)
		require.Empty(t, c.Former)
	})
	p.run(t, "it says what else lets a member in: what was granted to the owner, by no place on the team", func(t *testing.T) {
		require.Equal(t, map[string]string{"olivia": "user_grant", "carla": "role:user/own"}, look("carla").opens())
		p.allow("alex", "roster.view", "assists")
		require.Equal(t, map[string]string{"olivia": "user_grant", "carla": "role:user/own", "alex": "user_grant"}, look("carla").opens())
	})
	p.run(t, "H-6 a place from an hour on until another: to come, held, and over at these very instants", func(t *testing.T) {
		p.put("olivia", member("david"), object{"role": "clinician", "from": hour(1), "until": hour(3)}, header("Praxis-Reason", "vacation cover")).done()
		c := look("carla")
		require.Equal(t, []string{"david clinician"}, names(c.ToCome))
		require.Equal(t, teamCause{How: "added", ActorName: "olivia", Reason: "vacation cover"}, c.ToCome[0].Given)
		require.NotContains(t, c.opens(), "david")
		p.get("david", path).refused(http.StatusNotFound, "chart_not_found")

		p.clock.Pass(time.Hour)
		c = look("david")
		require.Equal(t, []string{"carla primary", "david clinician"}, names(c.Team))
		require.WithinDuration(t, opened.Add(time.Hour), c.Team[1].Since, 0)
		require.WithinDuration(t, opened.Add(3*time.Hour), *c.Team[1].Until, 0)
		require.Contains(t, c.opens(), "david")

		p.clock.Pass(2 * time.Hour)
		p.get("david", path).refused(http.StatusNotFound, "chart_not_found")
		c = look("carla")
		require.Equal(t, []string{"carla primary"}, names(c.Team))
		require.Equal(t, []string{"david clinician"}, names(c.Former))
		require.NotContains(t, c.opens(), "david")
	})
	p.run(t, "a role that is changed in place keeps since when the member is on the team", func(t *testing.T) {
		p.put("olivia", member("emma"), object{"role": "support"}).done()
		joined := look("carla").Team[1].Since
		p.clock.Pass(time.Hour)
		p.send("olivia", http.MethodPatch, member("emma"), object{"role": "clinician"}).done()
		c := look("carla")
		require.Equal(t, []string{"carla primary", "emma clinician"}, names(c.Team))
		require.WithinDuration(t, joined, c.Team[1].JoinedAt, 0)
		require.GreaterOrEqual(t, c.Team[1].Since.Sub(joined), time.Hour)
		require.Equal(t, "role_changed", c.Team[1].Given.How)
		require.Equal(t, []string{"david clinician", "emma support"}, names(c.Former))
	})
	p.run(t, "H-2 AMB-16 a primary that is planned is told with who planned it, and the one who was stays in the past", func(t *testing.T) {
		assign := p.path("/charts/", ada, "/primary")
		p.put("olivia", assign, object{"clinician": p.members["emma"], "effectiveAt": hour(9)}).done()
		c := look("carla")
		require.Equal(t, &struct{ To, ToName, EffectiveAt, ByName string }{p.members["emma"], "emma", hour(9), "olivia"}, c.Planned)

		before := p.clock.Now()
		p.clock.Pass(time.Minute)
		p.put("olivia", assign, object{"clinician": p.members["emma"]}).done()
		c = look("emma")
		require.Nil(t, c.Planned)
		require.Equal(t, []string{"emma primary"}, names(c.Team))
		require.Equal(t, "assigned", c.Team[0].Given.How)
		require.NotContains(t, c.opens(), "carla")
		p.get("carla", path).refused(http.StatusNotFound, "chart_not_found")

		var then careTeam
		p.get("emma", path+"?at="+url.QueryEscape(before.UTC().Format(time.RFC3339Nano))).into(&then)
		require.Equal(t, []string{"carla primary", "emma clinician"}, names(then.Team))
		require.Contains(t, then.opens(), "carla")
		p.get("emma", path+"?at="+url.QueryEscape(before.Add(time.Hour).Format(time.RFC3339Nano))).refused(http.StatusBadRequest, "instant_in_future")
	})
	p.run(t, "who may not see the chart learns nothing of its team, and a chart that never was answers alike", func(t *testing.T) {
		hidden := p.get("david", path)
		hidden.refused(http.StatusNotFound, "chart_not_found")
		p.get("david", p.path("/charts/", p.group, "/team")).refused(http.StatusNotFound, "chart_not_found")
	})
}
