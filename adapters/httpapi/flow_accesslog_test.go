package httpapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// accessLog is a page of the access log.
type accessLog struct {
	Records []struct {
		At                                                time.Time
		Kind, By, Name, Role, Operation, What, Section    string
		Capability, Rule, DecidedBy, GrantorName, Purpose string
		Charts                                            []struct{ Chart, Name string }
		ChartsTotal, Rows, Unrecorded                     int
		SHA256, Account, Member                           string
		Filters                                           []string
	}
	NextCursor string
}

// lines are who did what, and of whom: "carla viewed getChart: Ada Abbott".
func (l accessLog) lines() (lines []string) {
	for _, r := range l.Records {
		line := strings.TrimSpace(r.Name + " " + r.Kind + " " + r.Operation)
		var of []string
		for _, c := range r.Charts {
			of = append(of, c.Name)
		}
		if len(of) > 0 {
			line += ": " + strings.Join(of, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

// asked is the access log as somebody reads it, without sign-ins and without earlier readings of it.
func (p *practice) askLog(as, query string) accessLog {
	p.t.Helper()
	p.settle()
	var l accessLog
	kinds := "?kind=viewed&kind=refused&kind=exported&operation=getChart&operation=listCharts&operation=roster&operation=chart.archive"
	p.get(as, p.path("/access-log", kinds, query)).into(&l)
	return l
}

// looked is a practice in which some looked, and one was refused.
func looked(t *testing.T, change ...func(*setup)) (p *practice, ada, bo string) {
	t.Helper()
	p = newStack(t, change...).staffed()
	p.join("maria", "manager", true, "carla")
	p.join("alex", "assistant", false, "carla")
	ada, bo = p.open("carla", "Ada", "Abbott", "carla"), p.open("david", "Bo", "Baptiste", "david")
	p.settle()
	p.get("carla", p.path("/charts/", ada), header("Praxis-Purpose-Of-Use", "treatment")).into(new(any))
	p.get("david", p.path("/charts/", bo)).into(new(any))
	p.post("carla", p.path("/charts/", ada, "/archive"), object{"reason": "Moved away"}).refused(http.StatusForbidden, "permission_denied")
	p.get("olivia", p.path("/charts")).into(new(any))
	return p, ada, bo
}

func TestTheAccessLog(t *testing.T) {
	p, ada, bo := looked(t, onRealStore)
	p.run(t, "access_log.view A: the owner sees who looked at what and who was refused, by name, the newest first", func(t *testing.T) {
		l := p.askLog("olivia", "")
		require.Equal(t, []string{
			"olivia viewed listCharts: Ada Abbott, Bo Baptiste", "carla refused chart.archive: Ada Abbott", "david viewed getChart: Bo Baptiste", "carla viewed getChart: Ada Abbott",
		}, l.lines())
		mine := l.Records[3]
		require.Equal(t, []string{"member", p.members["carla"], "user", "charts", "roster.view", "role:user/own", "treatment"},
			[]string{mine.By, mine.Member, mine.Role, mine.Section, mine.Capability, mine.Rule, mine.Purpose})
		require.NotEmpty(t, mine.What)
		require.NotEqual(t, "getChart", mine.What)
		require.Equal(t, 2, l.Records[0].ChartsTotal)
		require.Equal(t, "default_deny", l.Records[1].Rule)
	})
	p.run(t, "access_log.view M: a manager sees what was about the managed clinician's charts, and what that clinician did", func(t *testing.T) {
		require.Equal(t, []string{"olivia viewed listCharts: Ada Abbott", "carla refused chart.archive: Ada Abbott", "carla viewed getChart: Ada Abbott"}, p.askLog("maria", "").lines())
	})
	p.run(t, "access_log.view O: a clinician sees who looked at their charts, and their own looks", func(t *testing.T) {
		require.Equal(t, []string{"olivia viewed listCharts: Ada Abbott", "carla refused chart.archive: Ada Abbott", "carla viewed getChart: Ada Abbott"}, p.askLog("carla", "").lines())
		require.Equal(t, []string{"olivia viewed listCharts: Bo Baptiste", "david viewed getChart: Bo Baptiste"}, p.askLog("david", "").lines())
		require.Zero(t, p.askLog("carla", "").Records[0].ChartsTotal, "how many more there are is not told")
	})
	p.run(t, "access_log.view self: an assistant sees their own looks and nothing else", func(t *testing.T) {
		require.Empty(t, p.askLog("alex", "").lines())
		p.allow("alex", "roster.view", "assists")
		p.get("alex", p.path("/charts/", ada)).into(new(any))
		l := p.askLog("alex", "")
		require.Equal(t, []string{"alex viewed getChart: Ada Abbott"}, l.lines())
		require.Equal(t, []string{"user_grant", "olivia"}, []string{l.Records[0].Rule, l.Records[0].GrantorName})
		require.NotEmpty(t, l.Records[0].DecidedBy)
	})
	p.run(t, "by chart, by member, by kind", func(t *testing.T) {
		require.Equal(t, []string{"olivia viewed listCharts: Ada Abbott, Bo Baptiste", "david viewed getChart: Bo Baptiste"}, p.askLog("olivia", "&chart="+bo).lines())
		require.Equal(t, []string{"david viewed getChart: Bo Baptiste"}, p.askLog("olivia", "&member="+p.members["david"]).lines())
		require.Empty(t, p.askLog("david", "&member="+p.members["alex"]).lines())
	})
	p.run(t, "a chart beyond reach is answered like none", func(t *testing.T) {
		p.get("carla", p.path("/access-log?chart=", bo)).refused(http.StatusNotFound, "chart_not_found")
		p.get("carla", p.path("/access-log?chart=", nothing)).refused(http.StatusNotFound, "chart_not_found")
		p.get("olivia", p.path("/access-log?chart=", nothing)).refused(http.StatusNotFound, "chart_not_found")
	})
	p.run(t, "by days in the practice's zone, the last included, and by instants, however long ago", func(t *testing.T) {
		zone, err := time.LoadLocation("America/New_York")
		require.NoError(t, err)
		now := p.clock.Now()
		day := func(n int) string { return now.In(zone).AddDate(0, 0, n).Format(time.DateOnly) }
		require.Len(t, p.askLog("olivia", "&from="+day(0)+"&until="+day(0)).Records, 5)
		require.Empty(t, p.askLog("olivia", "&from="+day(1)).Records)
		require.Empty(t, p.askLog("olivia", "&until="+day(-1)).Records)
		require.Len(t, p.askLog("olivia", "&from=1999-12-31").Records, 5)
		require.Empty(t, p.askLog("olivia", "&from="+url.QueryEscape(now.Add(time.Minute).Format(time.RFC3339))).Records)
		p.get("olivia", p.path("/access-log?from=2026-02-30")).problem()
	})
	p.run(t, "pages have every record once", func(t *testing.T) {
		var all []string
		query := "&limit=2"
		for l := p.askLog("olivia", query); ; l = p.askLog("olivia", query+"&cursor="+l.NextCursor) {
			all = append(all, l.lines()...)
			if l.NextCursor == "" {
				break
			}
		}
		require.Equal(t, p.askLog("olivia", "").lines(), all)
	})
	p.run(t, "who read the log is in the log", func(t *testing.T) {
		p.settle()
		before := p.accessLogEnd()
		var l accessLog
		p.get("olivia", p.path("/access-log?chart=", ada)).into(&l)
		require.Len(t, p.viewsFrom(before), 1)
		p.settle()
		p.get("olivia", p.path("/access-log?operation=listAccessLog&chart=", ada)).into(&l)
		require.NotEmpty(t, l.Records)
		require.Equal(t, "olivia", l.Records[0].Name)
	})
}

type accessReport struct {
	Looks []struct{ By, Name, Role, What, Section, Purpose, Rule string }
}

func (r accessReport) lines() (lines []string) {
	for _, l := range r.Looks {
		lines = append(lines, strings.Join(strings.Fields(strings.Join([]string{l.By, l.Name, l.Role, l.Section, l.Rule}, " ")), " "))
	}
	return lines
}

func TestThePatientsAccessReport(t *testing.T) {
	p, ada, bo := looked(t)
	p.put("olivia", p.path("/charts/", ada, "/patient-accounts/", p.me("pat").Account), object{"relation": "self"}).done()
	path := p.path("/portal/charts/", ada, "/access-report")
	report := func(as string) (r accessReport) {
		t.Helper()
		p.settle()
		p.get(as, path).into(&r)
		return r
	}
	p.run(t, "§4.2 9 the patient sees who looked at their chart, as what and by which right", func(t *testing.T) {
		// Pat's own look, which is recorded while it is answered, may be among them already.
		looks := slices.DeleteFunc(report("pat").lines(), func(l string) bool { return strings.HasPrefix(l, "you ") })
		require.Equal(t, []string{"staff olivia owner charts user_grant", "staff carla user charts role:user/own"}, looks)
	})
	p.run(t, "§4.2 9 and who has read the log about it, and who has seen this very report", func(t *testing.T) {
		p.get("olivia", p.path("/access-log?chart=", ada)).into(new(any))
		looks := report("pat").lines()
		require.Contains(t, looks, "staff olivia owner audit role:owner/group")
		require.Contains(t, looks, "you audit patient:own_chart")
	})
	p.run(t, "nothing in it is about another chart", func(t *testing.T) {
		p.settle()
		a := p.get("pat", path)
		require.NotContains(t, string(a.body), bo)
		require.NotContains(t, string(a.body), "Baptiste")
		require.NotContains(t, string(a.body), "david")
		require.NotContains(t, string(a.body), p.members["carla"], "names, not ids")
	})
	p.run(t, "another chart's report is refused like that of none", func(t *testing.T) {
		for _, c := range []string{bo, nothing} {
			p.get("pat", p.path("/portal/charts/", c, "/access-report")).refused(http.StatusNotFound, "group_not_found")
		}
		p.get("olivia", path).refused(http.StatusForbidden, "permission_denied")
	})
	p.run(t, "a guardian whose link does not include it is refused, and one whose link does is not told as the patient", func(t *testing.T) {
		account := p.path("/charts/", ada, "/patient-accounts/", p.me("quinn").Account)
		p.put("olivia", account, object{"relation": "guardian", "may": []string{"appointment.view_own"}}).done()
		p.get("quinn", path).refused(http.StatusForbidden, "permission_denied")
		p.send("olivia", http.MethodPatch, account, object{"relation": "guardian", "may": []string{"access_report.view_own"}}).done()
		require.Contains(t, report("quinn").lines(), "another_account audit patient:own_chart")
		p.send("olivia", http.MethodDelete, account, nil).done()
		p.get("quinn", path).refused(http.StatusNotFound, "group_not_found")
	})
}

// The question of a complaint or a court, in one query (groups.md §4.2, 1).
func TestWhoCouldOpenAChartOnADayAndWhoDid(t *testing.T) {
	p := newStack(t).staffed()
	p.join("emma", "user", true)
	p.allow("olivia", "chart.assign_clinician", "group")
	ada := p.open("carla", "Ada", "Abbott", "carla")
	bruno := p.open("david", "Bruno", "Baptiste", "david")
	type way struct {
		Name, PracticeRole, Rule, GrantorName string
		From                                  time.Time
		Until                                 *time.Time
		Looks                                 int
	}
	ask := func(as, chart, day string) (could []way, did []string) {
		var a struct {
			Could []way
			Did   []struct{ Name, Operation string }
		}
		p.get(as, p.path("/charts/", chart, "/access/", day)).into(&a)
		for _, r := range a.Did {
			did = append(did, r.Name+" "+r.Operation)
		}
		return a.Could, did
	}
	names := func(could []way) (all []string) {
		for _, w := range could {
			all = append(all, w.Name+" "+w.Rule)
		}
		return all
	}
	p.get("carla", p.path("/charts/", ada)).into(&struct{}{})
	p.get("david", p.path("/charts/", ada)).refused(http.StatusNotFound, "chart_not_found")
	p.settle()

	p.run(t, "who could, by which rule and whose grant, and who did", func(t *testing.T) {
		could, did := ask("olivia", ada, "2026-03-02")
		require.Equal(t, []string{"olivia user_grant", "carla role:user/own"}, names(could))
		require.Equal(t, "olivia", could[0].GrantorName)
		require.Equal(t, []int{0, 1}, []int{could[0].Looks, could[1].Looks})
		require.Equal(t, []string{"carla getChart"}, did)
	})
	p.run(t, "what was given and taken back within the day is there, with its times", func(t *testing.T) {
		place := p.path("/charts/", ada, "/team/", p.members["emma"])
		p.put("olivia", place, object{"role": "clinician"}).done()
		p.clock.Pass(time.Hour)
		p.send("olivia", http.MethodDelete, place, nil).done()
		could, _ := ask("olivia", ada, "2026-03-02")
		require.Equal(t, []string{"olivia user_grant", "carla role:user/own", "emma role:user/own"}, names(could))
		require.GreaterOrEqual(t, could[2].Until.Sub(could[2].From), time.Hour)
		require.Nil(t, could[1].Until)
	})
	p.run(t, "a place that ends by itself ends there, too, and the next day is without it", func(t *testing.T) {
		until := p.clock.Now().Add(2 * time.Hour).UTC().Truncate(time.Second)
		p.put("olivia", p.path("/charts/", ada, "/team/", p.members["david"]), object{"role": "support", "until": until.Format(time.RFC3339)}).done()
		p.clock.Pass(30 * time.Hour)
		could, _ := ask("olivia", ada, "2026-03-02")
		require.Equal(t, "david role:user/own", names(could)[3])
		require.WithinDuration(t, until, *could[3].Until, 0)
		could, did := ask("olivia", ada, "2026-03-03")
		require.Equal(t, []string{"olivia user_grant", "carla role:user/own"}, names(could))
		require.NotContains(t, did, "carla getChart")
	})
	p.run(t, "a day to come, a day before the chart, and who may not ask", func(t *testing.T) {
		p.get("olivia", p.path("/charts/", ada, "/access/2026-03-09")).refused(http.StatusBadRequest, "instant_in_future")
		p.get("olivia", p.path("/charts/", ada, "/access/2026-02-01")).refused(http.StatusNotFound, "chart_not_found")
		p.get("carla", p.path("/charts/", ada, "/access/2026-03-02")).refused(http.StatusForbidden, "permission_denied")
		p.get("carla", p.path("/charts/", bruno, "/access/2026-03-02")).problem()
	})
}
