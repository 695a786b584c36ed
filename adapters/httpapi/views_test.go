package httpapi_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/es"
	"praxis/domain/id"
)

// viewsFrom are the views in the practice's access log of the day, from a revision on.
func (p *practice) viewsFrom(from es.Revision) []es.Envelope {
	p.t.Helper()
	return slices.DeleteFunc(p.wholeAccessLog(from), func(e es.Envelope) bool {
		_, viewed := e.Event.(accesslog.RecordsViewed)
		return !viewed
	})
}

// view asks for something and returns the answer with the views that it left in the log.
func (p *practice) view(as, path string, options ...option) (answer, []es.Envelope) {
	p.t.Helper()
	before := p.accessLogEnd()
	a := p.get(as, path, options...)
	return a, p.viewsFrom(before)
}

// aUUID finds ids in answers.
var aUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// Every query of the document, asked by somebody who may: one that is about a practice
// leaves exactly one record, which names the operation and every chart whose id or name
// is in the answer. Those that are not recorded are listed with the reason, and their
// answers hold nothing of a chart. A new query is recorded without anybody's doing.
func TestEveryReadOfRecordsIsRecorded(t *testing.T) {
	s := newScene(newStack(t))
	expected := rules()
	s.settle()
	charts := map[string]bool{s.ids["chart"]: true, s.archived: true}
	for _, c := range s.roster("olivia", "").Charts {
		charts[c.ID] = true
	}
	exempt := httpapi.Unrecorded()
	for _, template := range s.doc.Paths.InMatchingOrder() {
		o := s.doc.Paths.Value(template).Get
		if o == nil {
			continue
		}
		inPractice := strings.HasPrefix(template, "/v1/groups/{group}")
		s.run(t, o.OperationID, func(t *testing.T) {
			r := expected[o.OperationID]
			path := fillPath(template, s.ids)
			if r.path != nil {
				if own := r.path(s); strings.HasPrefix(own, "?") {
					path += own
				} else {
					path = own
				}
			}
			before := s.accessLogEnd()
			a := s.send(cast[rune(r.may[0])], http.MethodGet, path, nil)
			require.Equal(t, http.StatusOK, a.status, "%s", a.body)
			views := s.viewsFrom(before)
			named := map[string]bool{}
			for _, found := range aUUID.FindAllString(string(a.body), -1) {
				if charts[found] {
					named[found] = true
				}
			}
			why, isExempt := exempt[o.OperationID]
			delete(exempt, o.OperationID)
			if isExempt || !inPractice {
				require.Empty(t, views)
				require.Empty(t, named, "an answer that is not recorded (%s) is about no chart", why)
				require.NotContains(t, string(a.body), "Abbott", "an answer that is not recorded (%s) is about no patient", why)
				return
			}
			require.Len(t, views, 1, "one record of each view")
			viewed := views[0].Event.(accesslog.RecordsViewed)
			require.Equal(t, o.OperationID, viewed.Operation)
			require.NotEmpty(t, viewed.Section)
			require.NotEmpty(t, viewed.Capability)
			require.NotEmpty(t, views[0].Meta.Decision)
			require.NotEqual(t, access.RuleDefaultDeny, views[0].Meta.Decision)
			if strings.Contains(template, "{chart}") {
				named[s.ids["chart"]] = true
			}
			for _, c := range viewed.Charts {
				delete(named, c.String())
			}
			require.Empty(t, named, "charts that were shown and are not in the record")
		})
	}
	require.Empty(t, exempt, "these operations are no more, or are no queries")
}

func TestAViewSaysWhoSawWhatAndBy(t *testing.T) {
	p := newStack(t).staffed()
	ada, bo := p.open("carla", "Ada", "Abbott", "carla"), p.open("david", "Bo", "Baptiste", "david")
	p.settle()
	charts := func(of ...string) (ids []id.Chart) {
		for _, c := range of {
			ids = append(ids, id.MustParse[id.Chart](c))
		}
		return ids
	}
	p.run(t, "a chart: by whom, as what, for what, by which rule, when and in which request", func(t *testing.T) {
		a, views := p.view("carla", p.path("/charts/", ada), header("Praxis-Purpose-Of-Use", "treatment"))
		require.Len(t, views, 1)
		require.Equal(t, accesslog.RecordsViewed{Operation: "getChart", Section: "charts", Capability: access.RosterView, Charts: charts(ada)}, views[0].Event)
		meta := views[0].Meta
		require.Equal(t, "member:"+p.members["carla"], meta.Actor)
		require.Equal(t, "user", meta.ActorRole)
		require.Equal(t, "treatment", meta.Purpose)
		require.Equal(t, "role:user/own", meta.Decision)
		require.Equal(t, a.header.Get("X-Request-Id"), meta.Request)
		require.Equal(t, p.clock.Now().UTC(), meta.OccurredAt)
	})
	p.run(t, "a list: the charts that it showed, and which filters were set, never what was searched for", func(t *testing.T) {
		a, views := p.view("olivia", p.path("/charts?search=bapt&sort=-created"))
		require.Len(t, views, 1)
		viewed := views[0].Event.(accesslog.RecordsViewed)
		require.Equal(t, charts(bo), viewed.Charts)
		require.Equal(t, []string{"search", "sort"}, viewed.Filters)
		var list struct{ AsOf string }
		a.into(&list)
		require.Equal(t, list.AsOf, viewed.Reflects)
		for _, event := range p.wholeAccessLog(0) {
			require.NotContains(t, strings.ToLower(string(event.Data)+string(event.Metadata)), "bapt")
		}
	})
	p.run(t, "a list of the past names the moment", func(t *testing.T) {
		then := p.clock.Now().UTC().Format(time.RFC3339)
		_, views := p.view("olivia", p.path("/charts?asOf=", then))
		require.Equal(t, then, views[0].Event.(accesslog.RecordsViewed).Reflects)
	})
	p.run(t, "a granted permission is named with the event that granted it", func(t *testing.T) {
		p.allow("david", "roster.view", "group")
		_, views := p.view("david", p.path("/charts/", ada))
		require.Regexp(t, `^user_grant@[0-9a-f-]{36}$`, views[0].Meta.Decision)
	})
	p.run(t, "a patient's own look is recorded as the patient's", func(t *testing.T) {
		p.link(ada, "pat")
		_, views := p.view("pat", p.path("/portal/charts/", ada, "/appointments"))
		require.Len(t, views, 1)
		require.Equal(t, "patient:"+p.me("pat").Account, views[0].Meta.Actor)
		require.Equal(t, charts(ada), views[0].Event.(accesslog.RecordsViewed).Charts)
	})
	p.run(t, "HEAD is a view too: it says that there is something, and at which revision", func(t *testing.T) {
		before := p.accessLogEnd()
		p.send("carla", http.MethodHead, p.path("/charts/", ada), nil, malformed)
		require.Len(t, p.viewsFrom(before), 1)
	})
	p.run(t, "a chart that is beyond reach is no view, and neither is one that does not exist", func(t *testing.T) {
		before := p.accessLogEnd()
		p.get("carla", p.path("/charts/", bo)).refused(http.StatusNotFound, "chart_not_found")
		p.get("carla", p.path("/charts/", id.New[id.Chart]().String())).refused(http.StatusNotFound, "chart_not_found")
		require.Empty(t, p.viewsFrom(before))
	})
	p.run(t, "a history of a chart names the chart", func(t *testing.T) {
		_, views := p.view("olivia", p.path("/audit/history?stream=chart-", p.group, "%2B", ada))
		require.Equal(t, charts(ada), views[0].Event.(accesslog.RecordsViewed).Charts)
	})
	p.run(t, "strangers leave no view and no sign-in", func(t *testing.T) {
		before := p.accessLogEnd()
		p.get("zoe", p.path("/charts/", ada)).refused(http.StatusNotFound, "group_not_found")
		require.Empty(t, p.wholeAccessLog(before))
	})
}

// A sign-in is recorded once, with the first look, however often somebody looks.
func TestASignInIsRecordedWithTheFirstLook(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", "Ada", "Abbott", "carla")
	p.settle()
	before, session := p.accessLogEnd(), header("Authorization", "Bearer "+p.token("carla"))
	for range 3 {
		p.send(nobody, http.MethodGet, p.path("/charts"), nil, session)
	}
	facts := p.wholeAccessLog(before)
	require.Equal(t, 4, len(facts)) //nolint:testifylint // Len would print every byte of them.
	require.IsType(t, accesslog.SignedIn{}, facts[0].Event)
	require.Equal(t, "member:"+p.members["carla"], facts[0].Meta.Actor)
	for _, fact := range facts[1:] {
		require.IsType(t, accesslog.RecordsViewed{}, fact.Event)
	}
}

// What cannot be recorded is not shown, whatever it is and however it is written.
func TestNothingIsShownThatCannotBeRecorded(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.link(ada, "pat")
	p.settle()
	p.mem.FailAppend(func(stream es.Stream, _ []es.Proposed) error {
		if stream.Category() == accesslog.Category {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	for path, as := range map[string]string{
		p.path("/charts"): "carla", p.path("/charts/", ada): "carla", p.path("/billing/history"): "olivia",
		p.path("/audit/history?stream=chart-", p.group, "%2B", ada): "olivia", p.path("/portal/charts/", ada, "/appointments"): "pat",
	} {
		a := p.get(as, path)
		a.refused(http.StatusServiceUnavailable, "access_not_recorded")
		require.NotContains(t, string(a.body), "Abbott")
		require.NotContains(t, string(a.body), ada)
		require.Empty(t, a.header.Get("ETag"))
		require.Empty(t, a.header.Get("Praxis-Position"))
	}
	require.Equal(t, http.StatusOK, p.send("carla", http.MethodGet, p.path("/members"), nil).status, "what is of no patient is shown")
	p.mem.Mend()
	require.Len(t, p.roster("carla", "").Charts, 1)
}
