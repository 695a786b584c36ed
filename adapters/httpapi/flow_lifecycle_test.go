package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/group"
)

// explanation is the answer to why somebody may do something.
type explanation struct {
	Capability    string
	At            time.Time
	GroupRevision *int64
	ChartRevision *int64
	Members       []struct {
		Member, Rule, Event, Grantor string
		Allowed                      bool
		Steps                        []struct {
			Name, Why string
			Matched   bool
		}
	}
}

func (p *practice) explain(as, query string) explanation {
	p.t.Helper()
	var e explanation
	p.get(as, p.path("/access/explain?", query)).into(&e)
	return e
}

func TestAMemberLeavesAndComesBack(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	first, second := p.open("carla", "Ada", "Abbott", "carla"), p.open("carla", "Bo", "Baker", "carla")
	p.settle()
	carla, david := p.members["carla"], p.members["david"]
	removal := p.path("/members/", carla, "/removal")

	p.run(t, "AMB-14 a clinician with charts cannot just be removed", func(t *testing.T) {
		refused := p.send("olivia", http.MethodDelete, p.path("/members/", carla), nil).refused(http.StatusUnprocessableEntity, "reassign_target_required")
		require.Equal(t, "2", refused.Details["charts"])
		p.post("olivia", removal, object{"charts": []object{{"chart": first, "to": david}}}).refused(http.StatusUnprocessableEntity, "reassign_target_required")
	})
	p.run(t, "a dry run shows who would lose and who would gain which charts", func(t *testing.T) {
		tail := p.tail()
		shown := p.post("olivia", removal, object{"default": david}, asDryRun).receipt()
		require.Equal(t, tail, p.tail())
		require.Equal(t, "dry_run", shown.Outcome)
		var views []effect
		for _, e := range shown.Effects {
			if e.Capability == "chart.clinical.view" {
				views = append(views, e)
			}
		}
		require.Len(t, views, 2)
		require.Equal(t, []string{carla, "lost"}, []string{views[0].Member, views[0].Shift})
		require.Equal(t, []string{david, "gained"}, []string{views[1].Member, views[1].Shift})
		require.ElementsMatch(t, []string{first, second}, views[0].Charts)
		require.ElementsMatch(t, []string{first, second}, views[1].Charts)
		require.Equal(t, 2, views[1].ChartCount)
	})
	p.run(t, "AMB-14 access ends at once, and the plan can be replaced", func(*testing.T) {
		p.post("olivia", removal, object{"default": david}).done()
		p.send("carla", http.MethodGet, p.path("/charts"), nil).refused(http.StatusForbidden, "permission_denied")
		p.post("olivia", removal, object{"default": david}).refused(http.StatusUnprocessableEntity, "removal_in_progress")
		p.put("olivia", removal, object{"charts": []object{{"chart": first, "to": david}}, "default": david}).done()
		p.post("olivia", p.path("/members/", carla, "/reinstatement"), object{}).refused(http.StatusUnprocessableEntity, "removal_in_progress")
	})
	p.run(t, "who left without charts can come back under the same id", func(t *testing.T) {
		p.join("emma", "user", true)
		was := p.members["emma"]
		p.remove("emma")
		p.post("olivia", p.path("/members/", was, "/reinstatement"), object{}).done()
		require.Equal(t, was, p.me("emma").Member)
	})
}

func TestTheOwnershipPasses(t *testing.T) {
	p := newStack(t).staffed()
	offer := p.path("/ownership-offer")
	olivia, carla := p.members["olivia"], p.members["carla"]
	p.run(t, "AMB-1 only the owner offers, only the addressee accepts", func(*testing.T) {
		p.post("carla", offer, object{"to": carla}).refused(http.StatusForbidden, "permission_denied")
		p.post("olivia", offer, object{"to": carla}).done()
		p.post("olivia", offer, object{"to": carla}).refused(http.StatusUnprocessableEntity, "ownership_already_offered")
		p.post("david", offer+"/accept", nil).refused(http.StatusNotFound, "no_ownership_offer")
	})
	p.run(t, "an offer can be declined, and runs out", func(*testing.T) {
		p.send("carla", http.MethodDelete, offer, nil).done()
		p.post("olivia", offer, object{"to": carla, "validDays": 1}).done()
		p.clock.Pass(25 * time.Hour)
		p.post("carla", offer+"/accept", nil).refused(http.StatusUnprocessableEntity, "offer_expired")
	})
	p.run(t, "a successor is named and gains nothing", func(t *testing.T) {
		p.put("olivia", p.path("/successor"), object{"successor": carla}).done()
		require.Equal(t, "user", p.me("carla").Role)
		p.send("olivia", http.MethodDelete, p.path("/successor"), nil).done()
	})
	p.run(t, "AMB-1 accepting swaps the two roles", func(t *testing.T) {
		p.post("olivia", offer, object{"to": carla}).done()
		p.post("carla", offer+"/accept", nil).done()
		require.Equal(t, []string{"owner", "super_admin"}, []string{p.me("carla").Role, p.me("olivia").Role})
		require.Equal(t, olivia, p.me("olivia").Member)
	})
}

// succession is what getGroup tells somebody about an open claim.
type succession struct {
	ClaimedBy string
	DueAt     time.Time
}

func (p *practice) succession(as string) *succession {
	p.t.Helper()
	var g struct{ Succession *succession }
	p.get(as, p.path("")).into(&g)
	return g.Succession
}

func TestASuccessorClaimsThePractice(t *testing.T) {
	p := newStack(t).staffed()
	claim, carla := p.path("/succession-claim"), p.members["carla"]
	var earliest, latest time.Time
	p.put("olivia", p.path("/successor"), object{"successor": carla}).done()
	p.run(t, "AMB-11 nobody but the named successor", func(*testing.T) {
		p.post("david", claim, nil).refused(http.StatusNotFound, "not_successor")
		p.post("olivia", claim, nil).refused(http.StatusNotFound, "not_successor")
		p.post("zoe", claim, nil).refused(http.StatusNotFound, "group_not_found")
	})
	p.run(t, "AMB-1 the claim gives nothing, and a sign-in of today does not do for it", func(t *testing.T) {
		stale := header("Authorization", "Bearer "+p.token("carla"))
		p.clock.Pass(11 * time.Minute)
		p.send("", http.MethodPost, claim, nil, stale).refused(http.StatusUnauthorized, "step_up_auth_required")
		earliest = p.clock.Now()
		p.post("carla", claim, nil, key("claim")).done()
		latest = p.clock.Now()
		require.Equal(t, "replayed", p.post("carla", claim, nil, key("claim")).receipt().Outcome)
		p.post("carla", claim, nil).refused(http.StatusUnprocessableEntity, "succession_already_claimed")
		require.Equal(t, "user", p.me("carla").Role)
	})
	p.run(t, "it is shown to owner and successor only", func(t *testing.T) {
		shown := p.succession("olivia")
		require.Equal(t, carla, shown.ClaimedBy)
		require.WithinRange(t, shown.DueAt, earliest.Add(group.SuccessionWait), latest.Add(group.SuccessionWait))
		require.Equal(t, shown, p.succession("carla"))
		require.Nil(t, p.succession("david"))
	})
	p.run(t, "the owner says no, or the successor does", func(t *testing.T) {
		p.post("carla", claim+"/reject", nil).refused(http.StatusForbidden, "permission_denied")
		p.post("olivia", claim+"/reject", nil).done()
		require.Nil(t, p.succession("carla"))
		p.post("carla", claim, nil).done()
		p.send("olivia", http.MethodDelete, claim, nil).refused(http.StatusNotFound, "no_succession_claim")
		p.send("carla", http.MethodDelete, claim, nil).done()
		p.post("olivia", claim+"/reject", nil).refused(http.StatusNotFound, "no_succession_claim")
	})
	p.run(t, "not while the practice is offered to somebody", func(*testing.T) {
		p.post("olivia", p.path("/ownership-offer"), object{"to": p.members["david"]}).done()
		p.post("carla", claim, nil).refused(http.StatusUnprocessableEntity, "ownership_offer_open")
		p.send("david", http.MethodDelete, p.path("/ownership-offer"), nil).done()
	})
	p.run(t, "AMB-1 after thirty days the roles are swapped", func(t *testing.T) {
		p.post("carla", claim, nil).done()
		p.clock.Pass(30 * 24 * time.Hour)
		engine, call := p.process()
		_, err := commands.CompleteSuccession.Give(t.Context(), engine, call(p), group.CompleteSuccession{})
		require.NoError(t, err)
		require.Equal(t, []string{"owner", "super_admin"}, []string{p.me("carla").Role, p.me("olivia").Role})
		require.Nil(t, p.succession("carla"))
	})
}

func TestABranchCloses(t *testing.T) {
	p := newStack(t).staffed()
	riverside := p.post("olivia", p.path("/branches"), object{"name": "Riverside"}).done().ID
	p.put("olivia", p.path("/members/", p.members["carla"], "/branches"), object{"branches": []string{p.branch, riverside}}).done()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.put("olivia", p.path("/charts/", chart, "/branch"), object{"branch": riverside}).done()
	p.settle()
	closing := p.path("/branches/", riverside, "/close")
	p.run(t, "C-5 its charts need another branch", func(t *testing.T) {
		require.Equal(t, "1", p.post("olivia", closing, object{}).refused(http.StatusUnprocessableEntity, "branch_has_charts").Details["charts"])
		p.post("olivia", closing, object{"movedTo": p.branch}).done()
		p.send("olivia", http.MethodPatch, p.path("/branches/", riverside), object{"name": "X"}).refused(http.StatusUnprocessableEntity, "branch_closed")
	})
}

func TestAChartInCustody(t *testing.T) {
	p := newStack(t).found("olivia", false)
	p.join("carla", "user", true)
	p.allow("olivia", "chart.create", "group")
	chart := p.open("carla", "Ada", "Abbott", "carla")
	custody := p.path("/charts/", chart, "/custody")
	p.settle()
	p.post("olivia", custody, object{"custodian": p.members["olivia"]}).refused(http.StatusUnprocessableEntity, "active_clinician_exists")
	p.post("olivia", p.path("/members/", p.members["carla"], "/removal"), object{"custodian": p.members["olivia"]}).done()
	p.post("olivia", custody, object{"custodian": p.members["olivia"]}).done()
	var c struct{ Primary string }
	p.get("olivia", p.path("/charts/", chart)).into(&c)
	require.Equal(t, p.members["olivia"], c.Primary, "AMB-14 the custodian stands in the primary's place")
}

func TestAccessExplainsItself(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	carla, david := p.members["carla"], p.members["david"]
	about := "capability=chart.clinical.view&chart=" + chart
	before := p.clock.Now()
	p.clock.Pass(time.Hour)
	p.put("olivia", p.path("/members/", carla, "/permissions/chart.clinical.view"), object{"effect": "deny", "scope": "group"}).done()

	p.run(t, "a denial names its event and who set it", func(t *testing.T) {
		e := p.explain("carla", about+"&member="+carla)
		require.Len(t, e.Members, 1)
		require.False(t, e.Members[0].Allowed)
		require.Equal(t, p.members["olivia"], e.Members[0].Grantor)
		require.Len(t, e.Members[0].Event, 36)
		last := e.Members[0].Steps[len(e.Members[0].Steps)-1]
		require.Equal(t, "denied to the member", last.Name)
		require.True(t, last.Matched)
		require.Nil(t, e.GroupRevision)
	})
	p.run(t, "as of a past instant everybody is answered for as it was", func(t *testing.T) {
		e := p.explain("olivia", about+"&at="+url.QueryEscape(before.Format(time.RFC3339)))
		require.Len(t, e.Members, 3)
		allowed := map[string]bool{}
		for _, m := range e.Members {
			allowed[m.Member] = m.Allowed
		}
		require.Equal(t, map[string]bool{p.members["olivia"]: false, carla: true, david: false}, allowed)
		require.NotNil(t, e.GroupRevision)
		require.Equal(t, int64(0), *e.ChartRevision)
		require.True(t, before.Equal(e.At))
	})
	p.run(t, "the past is the auditors' matter, and others' access not everybody's", func(*testing.T) {
		p.get("carla", p.path("/access/explain?"+about+"&at=", before.Format(time.RFC3339))).refused(http.StatusForbidden, "permission_denied")
		p.get("david", p.path("/access/explain?"+about+"&member=", carla)).refused(http.StatusForbidden, "permission_denied")
	})
	p.run(t, "what cannot be answered says why", func(*testing.T) {
		p.get("olivia", p.path("/access/explain?", about)).refused(http.StatusBadRequest, "member_required")
		p.get("olivia", p.path("/access/explain?capability=no.such&member=", carla)).refused(http.StatusBadRequest, "unknown_capability")
		p.get("olivia", p.path("/access/explain?"+about+"&at=", p.clock.Now().Add(time.Hour).Format(time.RFC3339))).refused(http.StatusBadRequest, "instant_in_future")
		p.get("olivia", p.path("/access/explain?"+about+"&at=2020-01-01T00:00:00Z")).refused(http.StatusNotFound, "group_not_founded_yet")
	})
}

func TestADryRunListsFiftyChartsAndCountsThemAll(t *testing.T) {
	p := newStack(t).staffed()
	for i := range 53 {
		p.open("carla", "Ada", fmt.Sprintf("Family%d", i), "carla")
	}
	p.settle()
	shown := p.put("olivia", p.path("/members/", p.members["david"], "/permissions/roster.view"), object{"effect": "allow", "scope": "group"}, asDryRun).receipt()
	require.Len(t, shown.Effects, 1)
	require.Equal(t, "gained", shown.Effects[0].Shift)
	require.Len(t, shown.Effects[0].Charts, 50)
	require.Equal(t, 53, shown.Effects[0].ChartCount)
}

func TestWhoCouldOpenAChart(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	carla, david := p.members["carla"], p.members["david"]
	type interval struct {
		Member, Role, Event string
		From, Until         time.Time
	}
	ask := func(query string) []interval {
		var list struct{ Intervals []interval }
		p.get("olivia", p.path("/charts/", chart, "/access", query)).into(&list)
		return list.Intervals
	}
	before := p.clock.Now()
	p.clock.Pass(time.Hour)
	p.put("olivia", p.path("/charts/", chart, "/primary"), object{"clinician": david}).done()
	p.run(t, "the past and the present differ by one reassignment", func(t *testing.T) {
		all := ask("")
		require.Len(t, all, 2)
		require.Equal(t, []string{carla, "primary", david, "primary"}, []string{all[0].Member, all[0].Role, all[1].Member, all[1].Role})
		require.Equal(t, all[0].Until, all[1].From)
		require.True(t, all[1].Until.IsZero())
		require.Equal(t, all[:1], ask("?at="+before.Format(time.RFC3339)))
		require.Equal(t, all[1:], ask("?at="+p.clock.Now().Format(time.RFC3339)))
	})
	p.run(t, "nobody could open it before it was opened", func(t *testing.T) {
		require.Empty(t, ask("?at=2020-01-01T00:00:00Z"))
	})
	p.run(t, "it is the auditors' matter", func(*testing.T) {
		p.get("david", p.path("/charts/", chart, "/access")).refused(http.StatusForbidden, "permission_denied")
	})
}
