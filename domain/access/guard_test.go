package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
