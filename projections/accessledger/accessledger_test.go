package accessledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/accessledger"
	"praxis/projections/page"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice  = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	elsewhere = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	ana       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	cho       = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000c")
	pat       = id.MustParse[id.Account]("00000000-0000-4000-8000-00000000000d")
	anas      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	bens      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	none      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c9")
	called    = map[id.Chart]string{anas: "anas", bens: "bens"}
)

// minute is the n-th minute of the history.
func minute(n int) time.Time { return time.Date(2026, 3, 2, 14, n, 0, 0, time.UTC) }

// logged is a record of the access log.
func logged(n int, actor, decision string, event accesslog.Event) projtest.Event {
	stream := accesslog.Stream(practice, minute(n))
	if _, outsider := event.(accesslog.OutsiderRefused); outsider {
		stream = accesslog.OutsidersStream(minute(n))
	}
	return projtest.Event{Stream: stream, Event: event, At: minute(n), Meta: es.Metadata{Actor: actor, ActorRole: "user", Decision: decision, Purpose: "treatment"}}
}

func viewed(n int, m id.Member, operation string, charts ...id.Chart) projtest.Event {
	return logged(n, "member:"+m.String(), "role:user/own", accesslog.RecordsViewed{Operation: operation, Section: "charts", Capability: access.RosterView, Charts: charts})
}

// reach is what somebody reaches of charts and of looks of these clinicians, and of what is
// about them; everything without any.
func reach(clinicians ...id.Member) access.Reach {
	within := access.Area{All: len(clinicians) == 0, Clinicians: clinicians, About: clinicians}
	return access.Reach{Group: practice, Parts: []access.Part{{Within: within}}}
}

func given(t *testing.T, events ...projtest.Event) (*projtest.Spec, *pgxpool.Pool) {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, slices.Concat(chart.Events(), group.Events(), accesslog.Events()))
	require.NoError(t, err)
	pool := pgtest.New(t)
	require.NoError(t, projections.Install(t.Context(), pool, roster.Projector{}))
	opened := func(c id.Chart, primary id.Member) projtest.Event {
		return projtest.Event{Stream: chart.Stream(practice, c), Event: chart.Created{Chart: c, Group: practice, FamilyName: called[c], Primary: primary}}
	}
	projtest.Apply(t, projtest.Model{Pool: pool, Registry: registry, Projector: roster.Projector{}}, opened(anas, ana), opened(bens, ben))
	return projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: accessledger.Projector{}}, events...), pool
}

// told are the records that a query finds: what was asked for, and the charts.
func told(t *testing.T, pool *pgxpool.Pool, q accessledger.Query) (lines []string) {
	t.Helper()
	found, err := accessledger.List(t.Context(), pool, q)
	require.NoError(t, err)
	for _, e := range found.Entries {
		line := fmt.Sprintf("%d %s %s", e.At.UTC().Minute(), e.Kind, e.Operation)
		for _, c := range e.Charts {
			line += " " + c.Family
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

func TestAccessLedger(t *testing.T) {
	granted := projtest.Event{Stream: group.Stream(practice), At: minute(0), Event: group.PermissionGranted{Member: ben, Capability: access.RosterView, Scope: access.ScopeGroup, GrantedBy: cho}}
	rule := id.Derive[id.Event](string(granted.Stream), "group.permission_granted", "1.1")
	spec, pool := given(t, granted,
		viewed(1, ana, "getChart", anas),
		logged(2, "member:"+ben.String(), "user_grant@"+rule.String(), accesslog.RecordsViewed{Operation: "listCharts", Section: "charts", Capability: access.RosterView, Charts: []id.Chart{bens, anas}, ChartsTotal: 7, Filters: []string{"search", "sort"}, Reflects: "12.12"}),
		logged(3, "member:"+ana.String(), access.RuleUnseenChart, accesslog.AccessRefused{Action: "chart.get", Capability: access.RosterView, Rule: access.RuleUnseenChart, Target: string(chart.Stream(practice, bens))}),
		logged(4, "member:"+cho.String(), "export", accesslog.DataExported{What: "roster", Rows: 2, Filter: "reach,status", SHA256: "9f86", AsOf: "9.9", ExportedBy: cho}),
		logged(5, "member:"+ana.String(), "signed_in", accesslog.SignedIn{}),
		logged(6, "patient:"+pat.String(), "patient:own_chart", accesslog.RecordsViewed{Operation: "portalListAppointments", Section: "booking", Capability: access.AppointmentViewOwn, Charts: []id.Chart{anas}}),
		logged(7, "stranger:"+pat.String(), "default_deny", accesslog.OutsiderRefused{Action: "roster.list", Group: practice, Unrecorded: 3}),
		logged(8, "member:"+ana.String(), "default_deny", accesslog.AccessRefused{Action: "chart.get", Capability: access.RosterView, Rule: access.RuleUnseenChart, Target: string(chart.Stream(practice, none))}),
	)
	everything := accessledger.Query{Reach: reach(), Charts: reach()}
	t.Run("§2.5 access_ledger: every record, the newest first, each with the charts that it is about", func(t *testing.T) {
		require.Equal(t, []string{
			"8 refused chart.get", "7 outsider roster.list", "6 viewed portalListAppointments anas", "5 signed_in", "4 exported roster",
			"3 refused chart.get bens", "2 viewed listCharts anas bens", "1 viewed getChart anas",
		}, told(t, pool, everything))
	})
	t.Run("a record says who, as what, for what, by which rule, and who set that", func(t *testing.T) {
		found, err := accessledger.List(t.Context(), pool, accessledger.Query{Reach: reach(), Charts: reach(), Operations: []string{"listCharts"}})
		require.NoError(t, err)
		require.Len(t, found.Entries, 1)
		e := found.Entries[0]
		require.Equal(t, "member:"+ben.String(), e.Actor)
		require.Equal(t, []any{ben, "user", "treatment", "roster.view", "user_grant", rule, cho, "search sort", "12.12", 7},
			[]any{*e.Member, e.Role, e.Purpose, e.Capability, e.Rule, *e.DecidedBy, *e.Grantor, e.Filters, e.Reflects, e.Amount})
	})
	t.Run("§2.5 access_ledger by chart, by member, by time, kind and operation", func(t *testing.T) {
		with := func(change func(*accessledger.Query)) []string {
			q := everything
			change(&q)
			return told(t, pool, q)
		}
		require.Equal(t, []string{"6 viewed portalListAppointments anas", "2 viewed listCharts anas bens", "1 viewed getChart anas"}, with(func(q *accessledger.Query) { q.Chart = anas }))
		require.Equal(t, []string{"2 viewed listCharts anas bens"}, with(func(q *accessledger.Query) { q.Member = ben }))
		require.Equal(t, []string{"4 exported roster"}, with(func(q *accessledger.Query) { q.Kinds = []accessledger.Kind{accessledger.Exported} }))
		require.Equal(t, []string{"1 viewed getChart anas"}, with(func(q *accessledger.Query) { q.Operations = []string{"getChart"} }))
		require.Equal(t, []string{"3 refused chart.get bens", "2 viewed listCharts anas bens"}, with(func(q *accessledger.Query) { q.From, q.Until = minute(2), minute(4) }))
		require.Empty(t, with(func(q *accessledger.Query) { q.Chart = none }), "what is no chart has no records")
	})
	t.Run("access_log.view O: looks at one's own charts and one's own looks, each with what one may see", func(t *testing.T) {
		require.Equal(t, []string{"8 refused chart.get", "6 viewed portalListAppointments anas", "5 signed_in", "3 refused chart.get", "2 viewed listCharts anas", "1 viewed getChart anas"},
			told(t, pool, accessledger.Query{Reach: reach(ana), Charts: reach(ana)}))
		require.Equal(t, []string{"3 refused chart.get bens", "2 viewed listCharts bens"}, told(t, pool, accessledger.Query{Reach: reach(ben), Charts: reach(ben)}))
	})
	t.Run("a chart that one may not open is in no answer, not even by asking for it", func(t *testing.T) {
		require.Empty(t, told(t, pool, accessledger.Query{Reach: reach(), Charts: reach(ana), Chart: bens}))
		require.Equal(t, []string{"2 viewed listCharts anas"}, told(t, pool, accessledger.Query{Reach: reach(), Charts: reach(ana), Member: ben}))
		require.Equal(t, []string{"2 viewed listCharts"}, told(t, pool, accessledger.Query{Reach: reach(), Charts: access.Reach{}, Member: ben}))
		ofBens := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Charts: []id.Chart{bens}}}}}
		require.Empty(t, told(t, pool, accessledger.Query{Reach: ofBens, Charts: reach(ana)}), "nor do records of it show that there are any")
		require.Equal(t, []string{"3 refused chart.get bens", "2 viewed listCharts bens"}, told(t, pool, accessledger.Query{Reach: ofBens, Charts: reach(ben)}))
	})
	t.Run("access_log.view self: one's own looks, and no reach finds nothing", func(t *testing.T) {
		self := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{About: []id.Member{cho}}}}}
		require.Equal(t, []string{"4 exported roster"}, told(t, pool, accessledger.Query{Reach: self}))
		require.Empty(t, told(t, pool, accessledger.Query{Reach: access.Reach{Group: practice}}))
	})
	t.Run("another practice's are another's", func(t *testing.T) {
		theirs := access.Reach{Group: elsewhere, Parts: reach().Parts}
		require.Empty(t, told(t, pool, accessledger.Query{Reach: theirs, Charts: theirs}))
	})
	t.Run("pages have every record once", func(t *testing.T) {
		var all []string
		for cursor := page.Token(""); ; {
			found, err := accessledger.List(t.Context(), pool, accessledger.Query{Reach: reach(), Charts: reach(), Limit: 3, Cursor: cursor})
			require.NoError(t, err)
			for _, e := range found.Entries {
				all = append(all, string(e.Kind))
			}
			if cursor = found.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, []string{"refused", "outsider", "viewed", "signed_in", "exported", "refused", "viewed", "viewed"}, all)
	})
	t.Run("§4.2 9 what a patient may see of it: the looks at their chart, and no other chart", func(t *testing.T) {
		own := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Charts: []id.Chart{anas}}}}}
		found, err := accessledger.LooksAt(t.Context(), pool, own, anas, "", 10)
		require.NoError(t, err)
		require.Len(t, found.Entries, 3)
		for _, e := range found.Entries {
			require.Empty(t, e.Charts)
		}
		found, err = accessledger.LooksAt(t.Context(), pool, own, bens, "", 10)
		require.NoError(t, err)
		require.Empty(t, found.Entries)
	})
	t.Run("a rebuild gives the same rows", func(*testing.T) {
		spec.Then("select count(*) from entry", `{"count":8}`).Then("select count(*) from shown", `{"count":6}`).Then("select count(*) from set_rule", `{"count":1}`)
	})
}
