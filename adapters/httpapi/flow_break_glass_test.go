package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/accesslog"
)

// brokenGlass is one time in which a member read a chart in an emergency, as the API tells it.
type brokenGlass struct {
	ID, Status, Chart, PatientName, Member, MemberName, ReasonCode, Text string
	OpenedAt, Until                                                      time.Time
	ClosedByName, Verdict, Review, ReviewedByName                        string
	Looks                                                                int
}

// broken lists the broken glass of the practice.
func (p *practice) broken(as, query string) []brokenGlass {
	p.t.Helper()
	var list struct{ BreakGlass []brokenGlass }
	p.get(as, p.path("/break-glass"+query)).into(&list)
	return list.BreakGlass
}

// breaks has a member who may break the glass of a chart, closes it and returns which it was.
func (p *practice) breaks(subject, chart string) string {
	p.t.Helper()
	p.allow(subject, "break_glass.open", "group")
	p.post(subject, p.path("/charts/", chart, "/break-glass"), emergency()).done()
	p.send(subject, http.MethodDelete, p.path("/charts/", chart, "/break-glass"), nil).done()
	return p.broken(p.owner, "")[0].ID
}

// emergency is what a member says who breaks the glass.
func emergency() object {
	return object{"reasonCode": "risk_of_harm", "text": "A call from a bridge"}
}

func TestBreakGlass(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	kind := p.bookable()
	p.join("sam", "super_admin", false)
	p.join("emma", "user", true)
	p.join("alex", "assistant", false, "carla")
	p.allow("david", "break_glass.open", "group")
	p.allow("sam", "break_glass.review", "group")
	ada := p.open("carla", "Ada", "Abbott", "carla")
	bo := p.open("david", "Bo", "Baptiste", "david")
	p.post("carla", p.path("/charts/", ada, "/contacts"), object{"name": "Beth Abbott"}).done()
	p.put("carla", p.path("/charts/", ada, "/patient-accounts/", p.me("pat").Account), object{"relation": "self"}).done()
	p.charge(ada, "carla", "2026-03-02", 9_000)
	appointment := p.post("carla", p.path("/clinicians/", p.members["carla"], "/appointments"), object{"chart": ada, "type": kind, "start": "2026-03-04T14:00:00Z"}).done().ID
	chart := p.path("/charts/", ada)
	glass := chart + "/break-glass"
	finds := func(as string) []string { return p.finds(as, ada, appointment, "Abbott") }
	opened := p.clock.Now().UTC().Truncate(time.Second)

	p.run(t, "§2.2 who may not break the glass gets the same answer for a chart as for none", func(t *testing.T) {
		for _, as := range []string{"emma", "alex"} {
			none := p.post(as, p.path("/charts/", nothing, "/break-glass"), emergency()).refused(http.StatusForbidden, "permission_denied")
			require.Equal(t, none.Detail, p.post(as, glass, emergency()).refused(http.StatusForbidden, "permission_denied").Detail)
		}
		p.post("david", p.path("/charts/", nothing, "/break-glass"), emergency()).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "§2.2 reason_required, not_eligible", func(*testing.T) {
		p.post("david", glass, object{"reasonCode": "risk_of_harm", "text": " "}).refused(http.StatusBadRequest, "reason_required")
		p.post("david", glass, object{"reasonCode": "risk_of_harm", "text": "A call", "until": opened.Add(5 * time.Hour).Format(time.RFC3339)}).refused(http.StatusUnprocessableEntity, "break_glass_too_long")
		p.post("david", p.path("/charts/", bo, "/break-glass"), emergency()).refused(http.StatusUnprocessableEntity, "not_eligible")
	})
	p.run(t, "§3 who broke the glass reads the chart everywhere, and nothing else of it", func(t *testing.T) {
		require.Empty(t, finds("david"))
		p.post("david", glass, emergency()).done()
		require.Equal(t, []string{"/charts", "/charts?search=Abbott", "/charts/" + ada, "/charts/" + ada + "/team", "/charts/" + ada + "/contacts"}, finds("david"))
		p.put("david", chart+"/demographics", object{"familyName": "X"}).refused(http.StatusForbidden, "permission_denied")
		p.put("david", chart+"/team/"+p.members["emma"], object{"role": "clinician"}).refused(http.StatusForbidden, "permission_denied")
		p.post("david", p.path("/clinicians/", p.members["david"], "/appointments"), object{"chart": ada, "type": kind, "start": "2026-03-04T14:00:00Z"}).refused(http.StatusForbidden, "permission_denied")
		p.get("david", p.path("/charts.csv")).refused(http.StatusForbidden, "permission_denied")
		p.post("david", glass, emergency()).refused(http.StatusUnprocessableEntity, "break_glass_already_open")
		require.Empty(t, p.finds("emma", ada, appointment, "Abbott"), "nobody else's")
	})
	p.run(t, "§2.2 every look under it is recorded as such, in lists as well", func(t *testing.T) {
		id := p.broken("olivia", "")[0].ID
		_, views := p.view("david", chart)
		require.Len(t, views, 1)
		require.Equal(t, "break_glass@"+id, views[0].Meta.Decision)
		_, views = p.view("david", p.path("/charts"))
		require.Len(t, views, 2)
		byGlass, own := views[0], views[1]
		require.Equal(t, "break_glass@"+id, byGlass.Meta.Decision)
		require.Equal(t, ada, byGlass.Event.(accesslog.RecordsViewed).Charts[0].String())
		require.Equal(t, "role:user/own", own.Meta.Decision)
		require.Equal(t, bo, own.Event.(accesslog.RecordsViewed).Charts[0].String())
		require.Len(t, own.Event.(accesslog.RecordsViewed).Charts, 1)
	})
	p.run(t, "§2.2 it is listed for those who may review it, with names and how often was looked", func(t *testing.T) {
		p.get("carla", p.path("/break-glass")).refused(http.StatusForbidden, "permission_denied")
		p.settle()
		open := p.broken("sam", "?status=open")
		require.Len(t, open, 1)
		require.WithinDuration(t, opened, open[0].OpenedAt, time.Minute)
		open[0].OpenedAt = time.Time{}
		require.Equal(t, brokenGlass{
			ID: open[0].ID, Status: "open", Chart: ada, PatientName: "Ada Abbott", Member: p.members["david"], MemberName: "david",
			ReasonCode: "risk_of_harm", Text: "A call from a bridge", Until: open[0].Until, Looks: 7,
		}, open[0])
		require.Empty(t, p.broken("sam", "?status=awaiting_review"))
		var one brokenGlass
		p.get("sam", glass+"/"+open[0].ID).into(&one)
		require.Equal(t, open[0].ID, one.ID)
		unknown := p.get("sam", glass+"/"+nothing).refused(http.StatusNotFound, "break_glass_not_found")
		require.Equal(t, unknown.Detail, p.get("sam", p.path("/charts/", bo, "/break-glass/", one.ID)).refused(http.StatusNotFound, "break_glass_not_found").Detail)
	})
	p.run(t, "§2.2 the care team and the patient see that it was emergency access", func(t *testing.T) {
		var team struct {
			MayOpen []struct {
				Name, Rule string
				Until      time.Time
			}
		}
		p.get("carla", chart+"/team").into(&team)
		var rules []string
		for _, o := range team.MayOpen {
			if o.Name == "david" {
				rules = append(rules, o.Rule)
				require.Equal(t, p.broken("sam", "")[0].Until, o.Until)
			}
		}
		require.Equal(t, []string{"break_glass"}, rules)
		var report struct {
			Looks []struct {
				Name       string
				BreakGlass bool
			}
		}
		p.settle()
		p.get("pat", p.path("/portal/charts/", ada, "/access-report")).into(&report)
		emergencies := map[string]bool{}
		for _, l := range report.Looks {
			emergencies[l.Name] = emergencies[l.Name] || l.BreakGlass
		}
		require.True(t, emergencies["david"])
		require.False(t, emergencies["carla"])
	})
	p.run(t, "§2.2 it closes by itself, and the next waits for the review of somebody else", func(t *testing.T) {
		id := p.broken("sam", "?status=open")[0].ID
		review := object{"verdict": "justified", "text": "She was in danger"}
		p.post("sam", glass+"/"+id+"/review", review).refused(http.StatusUnprocessableEntity, "break_glass_open")
		p.clock.Pass(time.Hour)
		require.Empty(t, finds("david"))
		p.send("david", http.MethodDelete, glass, nil).refused(http.StatusNotFound, "chart_not_found")
		require.Equal(t, "1", p.post("david", glass, emergency()).refused(http.StatusUnprocessableEntity, "unreviewed_break_glass").Details["awaitingReview"])
		require.Empty(t, p.broken("sam", "?status=open"))
		require.Len(t, p.broken("sam", "?status=awaiting_review"), 1)
		p.post("david", glass+"/"+id+"/review", review).refused(http.StatusForbidden, "permission_denied")
		p.post("sam", glass+"/"+nothing+"/review", review).refused(http.StatusNotFound, "break_glass_not_found")
		p.post("sam", glass+"/"+id+"/review", object{"verdict": "unjustified"}).refused(http.StatusBadRequest, "reason_required")
		p.post("sam", glass+"/"+id+"/review", review).done()
		p.post("olivia", glass+"/"+id+"/review", review).refused(http.StatusUnprocessableEntity, "already_reviewed")
		require.Empty(t, p.broken("sam", "?status=awaiting_review"))
		done := p.broken("sam", "?status=reviewed")[0]
		require.Equal(t, []string{"reviewed", "justified", "She was in danger", "sam"}, []string{done.Status, done.Verdict, done.Review, done.ReviewedByName})
	})
	p.run(t, "§2.2 the member closes it early, or who may review it does", func(t *testing.T) {
		p.post("david", glass, emergency()).done()
		p.put("olivia", p.path("/members/", p.members["david"], "/permissions/break_glass.open"), object{"effect": "deny", "scope": "group"}).done()
		p.send("david", http.MethodDelete, glass, nil).done() // Whatever was taken from them since.
		p.allow("david", "break_glass.open", "group")
		require.Empty(t, finds("david"))
		waiting := p.broken("sam", "?status=awaiting_review")
		require.Len(t, waiting, 1)
		require.Equal(t, "david", waiting[0].ClosedByName)
		p.post("sam", glass+"/"+waiting[0].ID+"/review", object{"verdict": "unjustified", "text": "Curiosity"}).done()
		p.post("david", glass, emergency()).done()
		id := p.broken("sam", "?status=open")[0].ID
		p.post("carla", glass+"/"+id+"/revoke", nil).refused(http.StatusForbidden, "permission_denied")
		p.post("sam", glass+"/"+id+"/revoke", nil).done()
		p.post("sam", glass+"/"+id+"/revoke", nil).refused(http.StatusUnprocessableEntity, "break_glass_not_open")
		require.Empty(t, finds("david"))
		p.post("sam", glass+"/"+id+"/review", object{"verdict": "justified"}).done()
	})
	p.run(t, "§3 an exclusion comes before broken glass, and hides it from who would review it", func(t *testing.T) {
		p.post("david", glass, emergency()).done()
		require.NotEmpty(t, finds("david"))
		for _, out := range []string{"david", "sam"} {
			p.put("carla", chart+"/exclusions/"+p.members[out], object{"reasonCode": "conflict_of_interest"}).done()
		}
		require.Empty(t, finds("david"))
		p.post("david", glass, emergency()).refused(http.StatusNotFound, "chart_not_found")
		require.Len(t, p.broken("olivia", ""), 4)
		require.Empty(t, p.broken("sam", ""))
		id := p.broken("olivia", "?status=open")[0].ID
		p.get("sam", glass+"/"+id).refused(http.StatusNotFound, "break_glass_not_found")
		p.post("sam", glass+"/"+id+"/revoke", nil).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "§3 broken glass comes before a restriction of the whole chart", func(t *testing.T) {
		p.put("carla", chart+"/restriction", object{"sections": []string{"demographics"}, "reason": "Known in town"}).done()
		require.Empty(t, finds("olivia"))
		p.post("olivia", glass, emergency()).done()
		require.Equal(t, []string{"/charts", "/charts?search=Abbott", "/charts/" + ada, "/charts/" + ada + "/team", "/charts/" + ada + "/contacts"}, finds("olivia"))
		p.put("olivia", chart+"/status", object{"status": "inactive"}).refused(http.StatusForbidden, "permission_denied")
		id := p.broken("olivia", "?status=open")[0].ID
		p.send("olivia", http.MethodDelete, glass, nil).done()
		p.post("olivia", glass+"/"+id+"/review", object{"verdict": "justified"}).refused(http.StatusUnprocessableEntity, "self_review")
	})
	p.run(t, "§2.5 who could open the chart on the day: by broken glass, from when until when", func(t *testing.T) {
		zone, err := time.LoadLocation("America/New_York")
		require.NoError(t, err)
		var day struct {
			Could []struct {
				Name, Rule  string
				From, Until time.Time
			}
		}
		p.send("carla", http.MethodDelete, chart+"/restriction", nil).done()
		p.get("olivia", p.path("/charts/", ada, "/access/", opened.In(zone).Format(time.DateOnly))).into(&day)
		var davids []string
		var ends []time.Time
		for _, c := range day.Could {
			if c.Name == "david" {
				davids = append(davids, c.Rule)
				require.False(t, c.Until.IsZero())
				ends = append(ends, c.Until)
			}
		}
		require.Equal(t, strings.Fields("break_glass break_glass break_glass break_glass"), davids)
		require.Contains(t, ends, p.broken("olivia", "")[4].Until, "the first closed by itself")
	})
}
