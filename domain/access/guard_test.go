package access_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/id"
)

var (
	setEvent = id.Derive[id.Event]("guard")
	hour     = now.Add(time.Hour)
)

// ofChart is a thing of somebody's about the chart of other, whose guard is g: with the
// chart as it is, as commands ask.
func ofChart(g access.Guard) (thing access.Resource) {
	g.Chart, g.Primary = farChart, other
	chart := access.Resource{Group: practice, Clinician: other, Branch: myBranch, Chart: farChart, Guard: &g}
	thing = chart
	thing.OfChart = &chart
	return thing
}

func excluding(m id.Member, until time.Time) access.Guard {
	return access.Guard{Exclusions: []access.Exclusion{{Member: m, Until: until, Event: setEvent, By: other}}}
}

func restricting(until time.Time, allow []id.Member, sections ...access.Section) access.Guard {
	return access.Guard{Restriction: access.Restriction{Sections: sections, Allow: allow, Until: until, Event: setEvent, By: other}}
}

func broken(by id.Member, until time.Time, g access.Guard) access.Guard {
	g.Glass = []access.BrokenGlass{{Member: by, Until: until, Event: setEvent}}
	return g
}

func TestGuards(t *testing.T) {
	owner := member(access.Owner)
	rule := func(s access.Subject, c access.Capability, g access.Guard) string {
		return access.Decide(s, c, ofChart(g), now).Rule
	}
	t.Run("R-2 an exclusion comes before what the role holds and before what anybody grants", func(t *testing.T) {
		granted := owner
		granted.Overrides = []access.Rule{set(access.RosterView, true, access.ScopeGroup)}
		for _, s := range []access.Subject{owner, granted} {
			require.Equal(t, access.Decision{Rule: access.RuleChartExclusion, Event: setEvent, Grantor: other},
				access.Decide(s, access.RosterView, ofChart(excluding(me, time.Time{})), now))
		}
		require.Equal(t, access.RuleChartExclusion, rule(owner, access.ChartRestrict, excluding(me, hour)))
		require.Equal(t, "role:owner/group", rule(owner, access.RosterView, excluding(managed, time.Time{})))
		require.Equal(t, "role:owner/group", rule(owner, access.RosterView, excluding(me, now)), "it has ended")
	})
	t.Run("the primary is neither excluded nor restricted", func(t *testing.T) {
		s := owner
		s.Member = other
		g := restricting(time.Time{}, nil, access.Demographics)
		g.Exclusions = excluding(other, time.Time{}).Exclusions
		require.Equal(t, "role:owner/group", rule(s, access.RosterView, g))
	})
	t.Run("a restriction of a section keeps others from that section alone", func(t *testing.T) {
		g := restricting(time.Time{}, nil, access.Billing)
		require.Equal(t, access.RuleChartRestriction, rule(owner, access.BillingView, g))
		require.Equal(t, access.RuleChartRestriction, rule(owner, access.BillingManage, g))
		require.Equal(t, "role:owner/group", rule(owner, access.RosterView, g))
		require.Equal(t, "role:owner/group", rule(owner, access.AppointmentManage, g))
		require.Equal(t, "role:owner/group", rule(owner, access.BillingView, restricting(time.Time{}, []id.Member{me}, access.Billing)))
		require.Equal(t, "role:owner/group", rule(owner, access.BillingView, restricting(now, nil, access.Billing)), "it has ended")
		thing := ofChart(g)
		require.False(t, access.Hides(owner, &thing, access.Decide(owner, access.BillingView, thing, now), now))
	})
	t.Run("a restriction of the whole chart hides it from the owner, who may lift it all the same", func(t *testing.T) {
		g := restricting(time.Time{}, nil, access.Sections()...)
		thing := ofChart(g)
		require.Equal(t, access.RuleChartRestriction, rule(owner, access.RosterView, g))
		require.True(t, access.Hides(owner, &thing, access.Decide(owner, access.BillingView, thing, now), now))
		require.False(t, access.Sees(owner, *thing.OfChart, now))
		require.Equal(t, "role:owner/group", rule(owner, access.ChartRestrict, g))
	})
	t.Run("who has the permission nowhere is told so, whether or not there is the chart", func(t *testing.T) {
		s := member(access.User)
		for _, g := range []access.Guard{{}, excluding(me, time.Time{}), restricting(time.Time{}, nil, access.Sections()...)} {
			require.Equal(t, access.RuleGuardrail, rule(s, access.MemberRemove, g))
			require.Equal(t, access.RuleDefaultDeny, rule(s, access.ChartStatusChange, g))
		}
	})
	t.Run("glass that was broken opens reading, and nothing else", func(t *testing.T) {
		s := member(access.User)
		s.Overrides = []access.Rule{set(access.RosterView, false, access.ScopeGroup)}
		for _, g := range []access.Guard{{}, restricting(time.Time{}, nil, access.Sections()...)} {
			g = broken(me, hour, g)
			for _, c := range []access.Capability{access.RosterView, access.TeamView, access.ChartClinicalView} {
				require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleBreakGlass, Event: setEvent, Grantor: me}, access.Decide(s, c, ofChart(g), now))
			}
			for _, c := range []access.Capability{access.NoteView, access.ChartClinicalWrite, access.TeamAdd, access.BillingView, access.AppointmentManage} {
				require.False(t, access.Decide(s, c, ofChart(g), now).Allowed, c)
			}
			require.False(t, access.Decide(s, access.RosterView, ofChart(broken(me, now, access.Guard{})), now).Allowed, "it has ended")
			require.False(t, access.Decide(s, access.RosterView, ofChart(broken(managed, hour, access.Guard{})), now).Allowed, "another's")
		}
	})
	t.Run("§3 who broke the glass of a chart that they may not open is refused the rest of it by name", func(t *testing.T) {
		s := member(access.User)
		s.Overrides = []access.Rule{set(access.TeamAdd, true, access.ScopeGroup), set(access.RosterView, false, access.ScopeGroup)}
		thing := ofChart(broken(me, hour, access.Guard{}))
		d := access.Decide(s, access.TeamAdd, thing, now)
		require.False(t, d.Allowed)
		require.False(t, access.Hides(s, &thing, d, now))
		s.Overrides[1] = set(access.RosterView, false, access.ScopeSelf)
		s.Overrides[0] = set(access.BillingManage, true, access.ScopeSelf)
		d = access.Decide(s, access.BillingManage, thing, now)
		require.Equal(t, access.Decision{Rule: access.RuleUnseenChart}, d)
		require.False(t, access.Hides(s, &thing, d, now))
		require.Equal(t, `You may not do this here: the permission "patient_billing.manage" is not opened by breaking the glass. That is for reading the chart, and for nothing else.`,
			access.Refusal(s, access.BillingManage, &thing, d, now))
		closed := ofChart(access.Guard{})
		require.True(t, access.Hides(s, &closed, d, now))
	})
	t.Run("glass opens nothing to who is excluded", func(t *testing.T) {
		require.Equal(t, access.RuleChartExclusion, rule(owner, access.ChartClinicalView, broken(me, hour, excluding(me, time.Time{}))))
	})
	t.Run("a chart can be named to break its glass that nobody may open, and none that is not there", func(t *testing.T) {
		s := member(access.User)
		s.Overrides = []access.Rule{set(access.BreakGlassOpen, true, access.ScopeGroup)}
		require.Equal(t, access.RuleUserGrant, rule(s, access.BreakGlassOpen, restricting(time.Time{}, nil, access.Sections()...)))
		require.Equal(t, access.RuleUnseenChart, access.Decide(s, access.BreakGlassOpen, access.Resource{Group: practice, Chart: farChart, OfChart: &access.Resource{}}, now).Rule)
		require.Equal(t, access.RuleChartExclusion, rule(s, access.BreakGlassOpen, excluding(me, time.Time{})))
	})
}

// Whatever else is set, broken glass opens reading and nothing else, and to nobody else.
func TestGlassOpensNothingButReading(t *testing.T) {
	opens := []access.Capability{access.RosterView, access.TeamView, access.ChartClinicalView}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(append(capabilities(), opens...)).Draw(t, "capability")
		s, at := anySubject(c).Draw(t, "subject"), rapid.SampledFrom(edges[2:]).Draw(t, "at")
		s.Guards = anyGuards(t)
		thing, chart := anyResource().Draw(t, "thing"), anyResource().Draw(t, "chart")
		chart.Chart = rapid.SampledFrom(charts[1:]).Draw(t, "of chart")
		guard := s.Guards[slices.IndexFunc(s.Guards, func(g access.Guard) bool { return g.Chart == chart.Chart })]
		chart.Guard = &guard
		if rapid.IntRange(0, 3).Draw(t, "often") > 0 { // Somebody of the practice, who may do it somewhere, and breaks the glass.
			s.Kind, s.Group, s.Active, s.Member, thing.Group, chart.Group = access.KindMember, practice, true, me, practice, practice
			s.Overrides = append(s.Overrides, access.Rule{Capability: c, Allow: true, Scope: rapid.SampledFrom(scopes).Draw(t, "granted"), Event: ruleEvent, Grantor: grantor})
			guard.Glass = append(guard.Glass, access.BrokenGlass{Member: me, Until: at.Add(1), Event: ruleEvent})
		}
		if rapid.Bool().Draw(t, "the chart itself") {
			thing = chart
		}
		if rapid.IntRange(0, 3).Draw(t, "named") > 0 {
			thing.OfChart = &chart
		}
		bare, whole := thing, guard
		whole.Glass = nil
		unbroken := chart
		unbroken.Guard = &whole
		bare.Guard = nil
		if thing.Guard != nil {
			bare.Guard = &whole
		}
		if thing.OfChart != nil {
			bare.OfChart = &unbroken
		}
		is, was := access.Decide(s, c, thing, at), access.Decide(s, c, bare, at)
		if is.Rule != access.RuleBreakGlass {
			require.Equal(t, was, is)
			return
		}
		require.True(t, is.Allowed)
		require.Contains(t, opens, c)
		require.True(t, slices.ContainsFunc(guard.Glass, func(b access.BrokenGlass) bool { return b.Member == s.Member && at.Before(b.Until) }))
		_, out := guard.Excludes(s.Member, at)
		require.False(t, out)
	})
}

func TestAnExplanationNamesWhatIsSetOnTheChart(t *testing.T) {
	owner := member(access.Owner)
	e := access.Explain(owner, access.RosterView, ofChart(excluding(me, time.Time{})), now)
	last := e.Steps[len(e.Steps)-1]
	require.Equal(t, access.Step{
		Name: "excluded from the chart", Matched: true, Why: "Member " + other.String() + " excluded the member in event " + setEvent.String() + ".",
	}, last)
	e = access.Explain(owner, access.BillingView, ofChart(restricting(time.Time{}, nil, access.Billing)), now)
	require.Equal(t, access.Step{
		Name: "restriction of the chart", Matched: true, Why: "Member " + other.String() + " restricted this part of the chart to others in event " + setEvent.String() + ".",
	}, e.Steps[len(e.Steps)-1])
	require.Equal(t, "The member is not excluded from the chart.", e.Steps[len(e.Steps)-3].Why)
}
