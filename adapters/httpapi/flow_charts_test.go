package httpapi_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/accesslog"
	"praxis/domain/es"
	"praxis/domain/id"
)

// roster is a page of the roster.
type roster struct {
	Charts []struct {
		ID, GivenName, FamilyName, BirthDate, Branch, Primary, Status string
		Team                                                          []string
		Archived                                                      bool
	} `json:"charts"`
	NextCursor string `json:"nextCursor"`
}

func (r roster) families() []string {
	names := []string{}
	for _, c := range r.Charts {
		names = append(names, c.FamilyName)
	}
	return names
}

func (p *practice) roster(as, query string) roster {
	p.t.Helper()
	var r roster
	p.get(as, p.path("/charts", query)).into(&r)
	return r
}

// staffed founds a practice with two clinicians.
func (s *stack) staffed() *practice {
	s.t.Helper()
	p := s.found("olivia", false)
	p.join("carla", "user", true)
	p.join("david", "user", true)
	p.allow("olivia", "chart.create", "group")
	return p
}

func TestChartsAndTheRoster(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	bruno := p.open("olivia", "Bruno", "Baptiste", "david")
	celia := p.open("olivia", "Celia", "Cole", "carla")

	p.run(t, "C-1 a clinician's roster is their own, the owner's is everybody's", func(t *testing.T) {
		require.Equal(t, []string{"Abbott", "Cole"}, p.roster("carla", "").families())
		require.Equal(t, []string{"Baptiste"}, p.roster("david", "").families())
		require.Equal(t, []string{"Abbott", "Baptiste", "Cole"}, p.roster("olivia", "").families())
	})
	p.run(t, "filters narrow it and sorts turn it", func(t *testing.T) {
		require.Equal(t, []string{"Baptiste"}, p.roster("olivia", "?clinician="+p.members["david"]).families())
		require.Equal(t, []string{"Abbott", "Baptiste", "Cole"}, p.roster("olivia", "?clinician="+p.members["david"]+"&clinician="+p.members["carla"]).families())
		require.Equal(t, []string{"Abbott", "Baptiste", "Cole"}, p.roster("olivia", "?branch="+p.branch).families())
		require.Equal(t, []string{"Cole"}, p.roster("olivia", "?search=ceL").families())
		require.Empty(t, p.roster("olivia", "?search=%25").families(), "a wildcard is a character like any other")
		require.Equal(t, []string{"Cole", "Baptiste", "Abbott"}, p.roster("olivia", "?sort=-name").families())
		require.Equal(t, []string{"Cole", "Baptiste", "Abbott"}, p.roster("olivia", "?sort=-created").families())
	})
	p.run(t, "pages neither repeat nor hide a chart, in every order", func(t *testing.T) {
		for sort, want := range map[string]string{"name": "Abbott Baptiste Cole", "-name": "Cole Baptiste Abbott", "created": "Abbott Baptiste Cole", "-created": "Cole Baptiste Abbott"} {
			var all []string
			query := "?limit=1&sort=" + url.QueryEscape(sort)
			for page := p.roster("olivia", query); ; page = p.roster("olivia", query+"&cursor="+page.NextCursor) {
				require.Len(t, page.Charts, 1)
				all = append(all, page.families()...)
				if page.NextCursor == "" {
					break
				}
			}
			require.Equal(t, want, strings.Join(all, " "), sort)
		}
	})
	p.run(t, "C-2 assigning is one step, and only the owner's to begin with", func(t *testing.T) {
		path := p.path("/charts/", ada, "/primary")
		p.put("carla", path, object{"clinician": p.members["david"]}).refused(http.StatusForbidden, "permission_denied")
		p.put("olivia", path, object{"clinician": p.members["david"]}).done()
		require.Equal(t, []string{"Abbott", "Baptiste"}, p.roster("david", "").families())
		p.put("olivia", path, object{"clinician": p.members["david"]}).refused(http.StatusUnprocessableEntity, "already_primary")
	})
	p.run(t, "a chart can be read, changed and moved", func(t *testing.T) {
		p.put("david", p.path("/charts/", ada, "/demographics"), object{"givenName": "Ada", "familyName": "Ames", "birthDate": "1990-02-28", "email": "ada@example.org", "phone": "555-0101"}).done()
		var one struct{ FamilyName, BirthDate string }
		p.get("david", p.path("/charts/", ada)).into(&one)
		require.Equal(t, struct{ FamilyName, BirthDate string }{"Ames", "1990-02-28"}, one)
		riverside := p.post("olivia", p.path("/branches"), object{"name": "Riverside"}).done().ID
		p.put("olivia", p.path("/charts/", ada, "/branch"), object{"branch": riverside}).refused(http.StatusUnprocessableEntity, "primary_not_in_branch")
		p.put("olivia", p.path("/members/", p.members["david"], "/branches"), object{"branches": []string{p.branch, riverside}}).done()
		p.put("olivia", p.path("/charts/", ada, "/branch"), object{"branch": riverside}).done()
		require.Equal(t, []string{"Ames"}, p.roster("olivia", "?branch="+riverside).families())
	})
	p.run(t, "H-4 the care team reaches the chart as long as it is on it", func(t *testing.T) {
		p.get("carla", p.path("/charts/", bruno)).refused(http.StatusNotFound, "chart_not_found")
		p.put("olivia", p.path("/charts/", bruno, "/team/", p.members["carla"]), object{"role": "clinician"}).done()
		p.get("carla", p.path("/charts/", bruno)).into(&struct{}{})
		p.send("olivia", http.MethodDelete, p.path("/charts/", bruno, "/team/", p.members["carla"]), nil).done()
		p.get("carla", p.path("/charts/", bruno)).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "H-6 a role on the team is changed in place, the primary's only by assigning another", func(t *testing.T) {
		carla, david := p.path("/charts/", bruno, "/team/", p.members["carla"]), p.path("/charts/", bruno, "/team/", p.members["david"])
		p.send("olivia", http.MethodPatch, carla, object{"role": "support"}).refused(http.StatusUnprocessableEntity, "not_on_team")
		p.put("olivia", carla, object{"role": "clinician"}).done()
		p.send("carla", http.MethodPatch, carla, object{"role": "support"}).refused(http.StatusForbidden, "permission_denied")
		p.send("olivia", http.MethodPatch, carla, object{"role": "support"}).done()
		p.send("olivia", http.MethodPatch, carla, object{"role": "support"}).refused(http.StatusUnprocessableEntity, "same_role")
		p.get("carla", p.path("/charts/", bruno)).into(&struct{}{})
		p.send("olivia", http.MethodPatch, david, object{"role": "support"}).refused(http.StatusUnprocessableEntity, "primary_required")
		p.send("olivia", http.MethodDelete, carla, nil).done()
	})
	p.run(t, "AMB-17 an archived chart is hidden and read-only until it is brought back", func(t *testing.T) {
		p.put("olivia", p.path("/charts/", celia, "/status"), object{"status": "inactive"}).done()
		p.post("olivia", p.path("/charts/", celia, "/archive"), object{"reason": "Moved away"}).done()
		require.NotContains(t, p.roster("olivia", "").families(), "Cole")
		require.Equal(t, []string{"Cole"}, p.roster("olivia", "?archived=true").families())
		p.put("olivia", p.path("/charts/", celia, "/status"), object{"status": "active"}).refused(http.StatusUnprocessableEntity, "chart_archived")
		p.send("olivia", http.MethodDelete, p.path("/charts/", celia, "/archive"), nil).done()
		require.Equal(t, []string{"Cole"}, p.roster("olivia", "?status=inactive").families())
	})
}

func TestTheRosterLeavesAsAFile(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", `=HYPERLINK("x")`, "+1 Cole", "carla")
	p.open("carla", "@Ada", "-Abbott", "carla")

	p.run(t, "text that a spreadsheet would run is made inert", func(t *testing.T) {
		a := p.get("olivia", p.path("/charts.csv?search=%2B1"))
		require.Equal(t, http.StatusOK, a.status, "%s", a.body)
		require.Equal(t, "text/csv; charset=utf-8", a.header.Get("Content-Type"))
		require.Equal(t, `attachment; filename="roster.csv"`, a.header.Get("Content-Disposition"))
		rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		require.Equal(t, []string{"'+1 Cole", `'=HYPERLINK("x")`}, rows[1][1:3])
	})
	p.run(t, "T7 it names clinicians and branches, and says as of when", func(t *testing.T) {
		a := p.get("olivia", p.path("/charts.csv?search=%2B1&bom=true"))
		mark, file := string(a.body[:3]), string(a.body[3:])
		require.Equal(t, "\ufeff", mark)
		rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"primary clinician", "team", "branch"}, rows[0][8:11])
		require.Equal(t, []string{"carla", "", "Main office"}, rows[1][8:11])
		require.Regexp(t, `^as of [0-9]+\.[0-9]+, last change 2026-03-02T[0-9:]+Z$`, rows[2][0])
	})
	p.run(t, "the export is recorded before a byte is sent, without the search term", func(t *testing.T) {
		facts := p.accessLogFrom(0)
		require.Len(t, facts, 2)
		exported, ok := facts[0].Event.(accesslog.DataExported)
		require.True(t, ok)
		require.Equal(t, "search", exported.Filter)
		require.Equal(t, 1, exported.Rows)
		require.Equal(t, p.members["olivia"], exported.ExportedBy.String())
	})
	p.run(t, "nothing leaves when it cannot be recorded", func(t *testing.T) {
		p.mem.FailAppend(func(stream es.Stream, _ []es.Proposed) error {
			if stream.Category() == accesslog.Category {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		defer p.mem.Mend()
		a := p.get("olivia", p.path("/charts.csv"))
		a.refused(http.StatusServiceUnavailable, es.ErrStoreUnavailable.Code)
		require.NotContains(t, string(a.body), "Abbott")
	})
	p.run(t, "whoever may not export gets nothing", func(t *testing.T) {
		p.get("carla", p.path("/charts.csv")).refused(http.StatusForbidden, "permission_denied")
	})
}

// accessLogFrom reads the refusals and exports in the practice's access log of the day,
// from a revision on.
func (p *practice) accessLogFrom(from es.Revision) []es.Envelope {
	p.t.Helper()
	return slices.DeleteFunc(p.wholeAccessLog(from), func(e es.Envelope) bool {
		switch e.Event.(type) {
		case accesslog.RecordsViewed, accesslog.SignedIn:
			return true
		}
		return false
	})
}

// accessLogEnd is the revision that the next fact of the practice's access log will have.
func (p *practice) accessLogEnd() es.Revision {
	p.t.Helper()
	return es.Revision(len(p.wholeAccessLog(0)))
}

// wholeAccessLog reads the practice's access log of the day from a revision on.
func (p *practice) wholeAccessLog(from es.Revision) (facts []es.Envelope) {
	p.t.Helper()
	g, err := id.Parse[id.Group](p.group)
	require.NoError(p.t, err)
	for rec, err := range p.store.ReadStream(p.t.Context(), accesslog.Stream(g, p.clock.Now()), from) {
		require.NoError(p.t, err)
		env, err := p.registry.Decode(rec)
		require.NoError(p.t, err)
		facts = append(facts, env)
	}
	return facts
}

func TestTheHistoryOfAStreamSaysWhoDidWhatAndWhy(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.put("olivia", p.path("/charts/", chart, "/primary"), object{"clinician": p.members["david"]}, header("Praxis-Reason", "Parental leave"), header("Praxis-Purpose-Of-Use", "operations")).done()

	stream := "chart-" + p.group + "+" + chart
	a := p.get("olivia", p.path("/audit/history?stream=", url.QueryEscape(stream)))
	var history struct {
		Entries []struct {
			Revision                                               int64
			Event, Actor, Role, Command, Decision, Reason, Purpose string
		}
	}
	a.into(&history)
	require.Len(t, history.Entries, 2)
	require.Equal(t, "chart.created", history.Entries[0].Event)
	require.Equal(t, "member:"+p.members["carla"], history.Entries[0].Actor)
	require.Equal(t, "chart.assign_clinician", history.Entries[1].Command)
	require.Equal(t, []string{"owner", "role:owner/group", "Parental leave", "operations"},
		[]string{history.Entries[1].Role, history.Entries[1].Decision, history.Entries[1].Reason, history.Entries[1].Purpose})
	require.NotContains(t, string(a.body), "Abbott", "what the events say is left out")
	require.True(t, json.Valid(a.body))
	p.get("olivia", p.path("/audit/history?stream=", url.QueryEscape("chart-"+chart+"+"+chart))).refused(http.StatusNotFound, "stream_not_found")
}
