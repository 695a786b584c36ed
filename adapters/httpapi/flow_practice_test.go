package httpapi_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/accesslog"
)

// sharing is how widely the practice shares its charts.
func (p *practice) sharing(as string) string {
	p.t.Helper()
	var g struct{ ChartSharing string }
	p.get(as, p.path("")).into(&g)
	return g.ChartSharing
}

func TestCliniciansShareCharts(t *testing.T) {
	p := newStack(t).staffed()
	p.join("alex", "assistant", false, "david")
	p.allow("alex", "roster.view", "assists")
	river := p.post("olivia", p.path("/branches"), object{"name": "River Street"}).done().ID
	p.put("olivia", p.path("/members/", p.members["carla"], "/branches"), object{"branches": []string{p.branch, river}}).done()
	near := p.open("carla", "Ada", "Abbott", "carla")
	far := p.open("carla", "Bruno", "Baptiste", "carla")
	p.put("olivia", p.path("/charts/", far, "/branch"), object{"branch": river}).done()
	p.open("david", "Celia", "Cole", "david")
	share := func(width string) { p.put("olivia", p.path("/chart-sharing"), object{"sharing": width}).done() }

	p.run(t, "C-1 nothing is shared until the owner says so", func(t *testing.T) {
		require.Equal(t, "assigned_only", p.sharing("david"))
		require.Equal(t, []string{"Cole"}, p.roster("david", "").families())
	})
	p.run(t, "LH3 a dry run names who gains which charts, and changes nothing", func(t *testing.T) {
		a := p.put("olivia", p.path("/chart-sharing"), object{"sharing": "branch"}, asDryRun)
		var shown struct {
			Effects []struct {
				Member, Capability, Shift string
				Charts                    []string
			}
		}
		a.into(&shown)
		gained := map[string][]string{}
		for _, e := range shown.Effects {
			require.Equal(t, "gained", e.Shift)
			if e.Capability == "roster.view" {
				gained[e.Member] = e.Charts
			}
		}
		require.Len(t, gained, 2)
		require.Equal(t, []string{near}, gained[p.members["david"]])
		require.Len(t, gained[p.members["carla"]], 1, "Celia's")
		require.Equal(t, "assigned_only", p.sharing("olivia"))
	})
	p.run(t, "LH3 AMB-13 within branches, by the branch of the chart", func(t *testing.T) {
		share("branch")
		require.Equal(t, "branch", p.sharing("david"))
		require.Equal(t, []string{"Abbott", "Cole"}, p.roster("david", "").families())
		require.Equal(t, []string{"Abbott"}, p.roster("david", "?search=abb").families())
		p.get("david", p.path("/charts/", near)).into(&struct{}{})
		p.get("david", p.path("/charts/", far)).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, []string{"Cole"}, p.roster("alex", "").families(), "assistants share nothing")
	})
	p.run(t, "LH3 within the group, and looking only", func(t *testing.T) {
		share("group")
		require.Equal(t, []string{"Abbott", "Baptiste", "Cole"}, p.roster("david", "").families())
		require.Equal(t, []string{"Cole"}, p.roster("alex", "").families())
		p.put("david", p.path("/charts/", near, "/demographics"), object{"familyName": "X"}).refused(http.StatusForbidden, "permission_denied")
		p.get("david", p.path("/charts.csv")).refused(http.StatusForbidden, "permission_denied")
	})
	p.run(t, "why somebody may look names the rule, the event and who set it", func(t *testing.T) {
		var why struct {
			Members []struct {
				Rule, Grantor, Event string
				Allowed              bool
			}
		}
		p.get("david", p.path("/access/explain?capability=chart.clinical.view&member="+p.members["david"]+"&chart="+near)).into(&why)
		require.Equal(t, "chart_sharing", why.Members[0].Rule)
		require.Equal(t, p.members["olivia"], why.Members[0].Grantor)
		require.NotEmpty(t, why.Members[0].Event)
		var held struct {
			Permissions []struct {
				Capability string
				Reach      []struct{ Within struct{ EveryChart bool } }
				Grounds    []struct {
					Rule, Scope, Grantor string
					ChartsOnly           bool
				}
			}
		}
		p.get("olivia", p.path("/members/", p.members["david"], "/permissions")).into(&held)
		for _, h := range held.Permissions {
			shared := h.Capability == "roster.view" || h.Capability == "chart.clinical.view"
			last := len(h.Grounds) - 1
			byShare := last >= 0 && h.Grounds[last].Rule == "chart_sharing" && h.Grounds[last].ChartsOnly && h.Reach[0].Within.EveryChart
			require.Equal(t, shared, byShare, h.Capability)
		}
	})
	p.run(t, "never over a denial, and no longer than it is set", func(t *testing.T) {
		denial := p.path("/members/", p.members["david"], "/permissions/roster.view")
		p.put("olivia", denial, object{"effect": "deny", "scope": "group"}).done()
		p.get("david", p.path("/charts")).refused(http.StatusForbidden, "permission_denied")
		p.send("olivia", http.MethodDelete, denial, nil).done()
		share("assigned_only")
		require.Equal(t, []string{"Cole"}, p.roster("david", "").families())
	})
	p.run(t, "what is no width is refused", func(t *testing.T) {
		p.put("olivia", p.path("/chart-sharing"), object{"sharing": "world"}, malformed).refused(http.StatusBadRequest, "invalid_request")
	})
}

func TestSoloPracticesAreConverted(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.Operators = []string{"omar"} }))
	founding := object{"name": "Harbor", "billingZone": "UTC", "currency": "USD", "ownerIsClinician": true, "solo": true}
	found := func(owner string) *practice {
		g := s.post(owner, "/v1/groups", founding).done().ID
		return &practice{stack: s, owner: owner, group: g, members: map[string]string{owner: s.me(owner).Member}}
	}
	plan := object{"plan": "therapist_basic"}
	solo := func(p *practice) bool {
		var g struct{ Solo bool }
		p.get(p.owner, p.path("")).into(&g)
		return g.Solo
	}
	p := found("olivia")
	s.run(t, "G-3 a solo practice invites nobody and needs a plan to be converted", func(t *testing.T) {
		require.True(t, solo(p))
		p.post("olivia", p.path("/invitations"), object{"email": "carla@example.org", "role": "super_admin"}).refused(http.StatusUnprocessableEntity, "solo_practice")
		p.post("omar", p.path("/conversion"), plan).refused(http.StatusUnprocessableEntity, "plan_required")
		p.subscribe("therapist_basic", "therapist")
	})
	s.run(t, "AMB-2 the owner asks the operator, and the refusal is on record", func(t *testing.T) {
		before := len(p.accessLogFrom(0))
		p.post("olivia", p.path("/conversion"), plan).refused(http.StatusForbidden, "operator_only")
		facts := p.accessLogFrom(0)
		require.Len(t, facts, before+1)
		require.Equal(t, "group.convert", string(facts[before].Event.(accesslog.AccessRefused).Capability))
	})
	s.run(t, "G-3 AMB-2 the operator converts it, once", func(t *testing.T) {
		p.post("omar", p.path("/conversion"), plan).done()
		require.False(t, solo(p))
		p.post("omar", p.path("/conversion"), plan).refused(http.StatusUnprocessableEntity, "not_solo")
		p.post("olivia", p.path("/invitations"), object{"email": "sam@example.org", "role": "super_admin"}).done()
		p.get("omar", p.path("")).refused(http.StatusNotFound, "group_not_found")
	})
	s.run(t, "AMB-2 where the installation lets them, owners convert their own", func(t *testing.T) {
		own := newStack(t, with(func(c *httpapi.Config) {
			c.Engine = commands.NewEngine(commands.Config{
				Store: c.Store.(commands.Store), Registry: c.Registry, Clock: c.Clock, Logger: slog.New(slog.DiscardHandler), SelfServiceConversion: true,
			})
		}))
		g := own.post("david", "/v1/groups", founding).done().ID
		q := &practice{stack: own, owner: "david", group: g, members: map[string]string{"david": own.me("david").Member}}
		q.subscribe("therapist_basic", "therapist")
		q.post("david", q.path("/conversion"), plan).done()
		require.False(t, solo(q))
	})
}
