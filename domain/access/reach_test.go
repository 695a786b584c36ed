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
	members  = []id.Member{{}, me, managed, assisted, other}
	branches = []id.Branch{{}, myBranch, farBranch}
	charts   = []id.Chart{{}, myChart, farChart}
	groups   = []id.Group{{}, practice, practice, practice, elsewhere}
	scopes   = []access.Scope{
		access.ScopeGroup, access.ScopeBranches, access.ScopeManaged, access.ScopeAssists,
		access.ScopeOwn, access.ScopePrimary, access.ScopeSelf, "galaxy",
	}
)

// related returns the views of a capability and the changes that it is a view of.
func related(c access.Capability) []access.Capability {
	all := c.Reads()
	for _, w := range capabilities() {
		if slices.Contains(w.Reads(), c) {
			all = append(all, w)
		}
	}
	return all
}

func anyRules(c access.Capability) *rapid.Generator[[]access.Rule] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) access.Rule {
		return access.Rule{
			Capability: rapid.SampledFrom(append([]access.Capability{c, c, c, access.GroupClose}, related(c)...)).Draw(t, "about"),
			Allow:      rapid.Bool().Draw(t, "allow"), Scope: rapid.SampledFrom(scopes).Draw(t, "scope"),
			From: rapid.SampledFrom(edges).Draw(t, "from"), Until: rapid.SampledFrom(edges).Draw(t, "until"),
			Event: ruleEvent, Grantor: grantor,
		}
	}), 0, 4)
}

func anySubject(c access.Capability) *rapid.Generator[access.Subject] {
	kinds := []access.Kind{
		access.KindMember, access.KindMember, access.KindMember, access.KindMember,
		access.KindPatient, access.KindOperator, access.KindSystem, access.KindStranger,
	}
	return rapid.Custom(func(t *rapid.T) access.Subject {
		return access.Subject{
			Account: rapid.SampledFrom([]id.Account{{}, id.Derive[id.Account]("me")}).Draw(t, "account"),
			Kind:    rapid.SampledFrom(kinds).Draw(t, "kind"), Group: rapid.SampledFrom(groups).Draw(t, "group"),
			Member: rapid.SampledFrom(members).Draw(t, "member"), Role: rapid.SampledFrom(append(access.Roles(), "root")).Draw(t, "role"),
			Active: rapid.IntRange(0, 9).Draw(t, "active") > 0, Clinician: rapid.Bool().Draw(t, "clinician"),
			Branches:  rapid.SliceOfN(rapid.SampledFrom(branches), 0, 2).Draw(t, "branches"),
			Manages:   rapid.SliceOfN(rapid.SampledFrom(members), 0, 2).Draw(t, "manages"),
			Assists:   rapid.SliceOfN(rapid.SampledFrom(members), 0, 2).Draw(t, "assists"),
			Links:     rapid.SliceOfN(anyLink(c), 0, 2).Draw(t, "links"),
			Overrides: anyRules(c).Draw(t, "overrides"), RoleRules: anyRules(c).Draw(t, "role rules"),
			Sharing: access.Sharing{Width: rapid.SampledFrom(append(access.Widths(), "", "world")).Draw(t, "sharing"), Event: ruleEvent, Grantor: grantor},
		}
	})
}

// edges are instants around which rules and places begin and end; zero is unbounded.
var edges = []time.Time{{}, {}, now.Add(-time.Hour), now.Add(-1), now, now.Add(1), now.Add(time.Hour)}

func anyPlace() *rapid.Generator[access.Place] {
	return rapid.Custom(func(t *rapid.T) access.Place {
		return access.Place{
			Member: rapid.SampledFrom(members).Draw(t, "placed"),
			From:   rapid.SampledFrom(edges).Draw(t, "from"), Until: rapid.SampledFrom(edges).Draw(t, "until"),
		}
	})
}

func anyLink(c access.Capability) *rapid.Generator[access.Link] {
	return rapid.Custom(func(t *rapid.T) access.Link {
		return access.Link{
			Chart: rapid.SampledFrom(charts).Draw(t, "linked"), Until: rapid.SampledFrom(edges).Draw(t, "until"),
			May: rapid.SliceOfN(rapid.SampledFrom(append(access.PatientCapabilities(), c, "")), 0, 3).Draw(t, "may"),
		}
	})
}

func anyResource() *rapid.Generator[access.Resource] {
	return rapid.Custom(func(t *rapid.T) access.Resource {
		return access.Resource{
			Group: rapid.SampledFrom(groups).Draw(t, "group"), Clinician: rapid.SampledFrom(members).Draw(t, "clinician"),
			Branch: rapid.SampledFrom(branches).Draw(t, "branch"), Team: rapid.SliceOfN(anyPlace(), 0, 2).Draw(t, "team"),
			Chart: rapid.SampledFrom(charts).Draw(t, "chart"), Subject: rapid.SampledFrom(members).Draw(t, "subject"),
		}
	})
}

// anyGuards draws what is set on each of the charts.
func anyGuards(t *rapid.T) (guards []access.Guard) {
	people, parts := rapid.SampledFrom(members), rapid.SampledFrom(access.Sections())
	until := rapid.SampledFrom(edges)
	for _, c := range charts[1:] {
		g := access.Guard{Chart: c, Primary: people.Draw(t, "primary")}
		for range rapid.IntRange(0, 2).Draw(t, "exclusions") {
			g.Exclusions = append(g.Exclusions, access.Exclusion{Member: people.Draw(t, "excluded"), Until: until.Draw(t, "excluded until"), Event: ruleEvent, By: grantor})
		}
		g.Restriction = access.Restriction{
			Sections: rapid.SliceOfN(parts, 0, 3).Draw(t, "sections"), Allow: rapid.SliceOfN(people, 0, 2).Draw(t, "allow"),
			Until: until.Draw(t, "restricted until"), Event: ruleEvent, By: grantor,
		}
		for range rapid.IntRange(0, 2).Draw(t, "glass") {
			g.Glass = append(g.Glass, access.BrokenGlass{Member: people.Draw(t, "broke"), Until: until.Draw(t, "broken until"), Event: ruleEvent})
		}
		guards = append(guards, g)
	}
	return guards
}

func TestReachIsExactlyWhatDecideAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(append(capabilities(), access.GroupFound, access.InvitationAnswer)).Draw(t, "capability")
		s, r := anySubject(c).Draw(t, "subject"), anyResource().Draw(t, "resource")
		at := rapid.SampledFrom(edges[2:]).Draw(t, "at")
		if rapid.Bool().Draw(t, "guarded") {
			s.Guards = anyGuards(t)
			if i := slices.IndexFunc(s.Guards, func(g access.Guard) bool { return g.Chart == r.Chart }); i >= 0 {
				r.Guard = &s.Guards[i]
			}
		}
		reach := access.ReachOf(s, c, at)
		allowed := access.Decide(s, c, r, at).Allowed

		require.Equal(t, allowed, reach.Contains(r))
		if reach.Empty() {
			require.False(t, allowed)
		}
		if reach.Everything() && r.Group == reach.Group && !r.Group.IsZero() {
			require.True(t, allowed)
		}
	})
}

func TestReachOfAManager(t *testing.T) {
	require.Equal(t, access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{
		Clinicians: []id.Member{managed, me}, About: []id.Member{managed, me}, TeamOf: me,
	}}}, At: now}, access.ReachOf(member(access.Manager), access.RosterView, now))
}

func TestReachKeepsAGrantApartFromADenialForTheRole(t *testing.T) {
	s := member(access.SuperAdmin)
	s.Overrides = []access.Rule{set(access.RosterView, true, access.ScopeBranches)}
	s.RoleRules = []access.Rule{set(access.RosterView, false, access.ScopeManaged)}
	reach := access.ReachOf(s, access.RosterView, now)

	require.False(t, reach.Everything())
	require.True(t, reach.Contains(access.Resource{Group: practice, Clinician: managed, Branch: myBranch}), "granted to the member")
	require.False(t, reach.Contains(access.Resource{Group: practice, Clinician: managed, Branch: farBranch}), "denied to the role")
	require.True(t, reach.Contains(access.Resource{Group: practice, Clinician: other, Branch: farBranch}), "held by the role")
}

func TestReachDoesNotShareMemoryWithTheSubject(t *testing.T) {
	s := access.Subject{Kind: access.KindPatient, Group: practice, Links: []access.Link{{Chart: myChart, May: []access.Capability{access.AppointmentBookOwn}}}}
	reach := access.ReachOf(s, access.SlotsView, now)
	reach.Parts[0].Within.Charts[0] = farChart
	require.Equal(t, myChart, s.Links[0].Chart)
}

func TestHoldsThroughout(t *testing.T) {
	tomorrow, nextWeek := now.AddDate(0, 0, 1), now.AddDate(0, 0, 7)
	holds := func(until time.Time, overrides ...access.Rule) bool {
		s := member(access.SuperAdmin)
		s.Overrides = overrides
		return access.HoldsThroughout(s, access.ChartCreate, now, until)
	}
	grant := set(access.ChartCreate, true, access.ScopeGroup)
	week := grant
	week.Until = nextWeek
	pause := set(access.ChartCreate, false, access.ScopeSelf)
	pause.From, pause.Until = tomorrow, tomorrow.Add(time.Hour)

	require.False(t, holds(time.Time{}), "not held at all")
	require.True(t, holds(time.Time{}, grant), "held for ever")
	require.True(t, holds(nextWeek, week), "held up to the end")
	require.False(t, holds(nextWeek.Add(time.Nanosecond), week), "not beyond the end")
	require.False(t, holds(time.Time{}, week), "not for ever")
	require.False(t, holds(nextWeek, grant, pause), "not with a gap, however small")
	require.True(t, holds(tomorrow, grant, pause), "a gap that comes later does not matter")
	require.False(t, holds(tomorrow, set(access.ChartCreate, true, access.ScopeManaged)), "not for a part of the group")

	ofRole := member(access.SuperAdmin)
	ofRole.RoleRules = []access.Rule{grant, pause}
	require.False(t, access.HoldsThroughout(ofRole, access.ChartCreate, now, nextWeek), "not with a gap in what the role holds")
}

// The decision is on the path of every command and query: it must not allocate.
func TestDecidingAllocatesNothing(t *testing.T) {
	s, r := worstCase()
	require.Zero(t, testing.AllocsPerRun(100, func() { access.Decide(s, access.RosterView, r, now) }))
}

func BenchmarkDecide(b *testing.B) {
	s, r := worstCase()
	b.ReportAllocs()
	for b.Loop() {
		access.Decide(s, access.RosterView, r, now)
	}
}

// worstCase is a manager of many with many rules, none of which applies.
func worstCase() (access.Subject, access.Resource) {
	s := member(access.Manager)
	for range 20 {
		s.Manages = append(s.Manages, managed)
		s.Overrides = append(s.Overrides, set(access.BillingView, true, access.ScopeManaged))
		s.RoleRules = append(s.RoleRules, set(access.BillingView, false, access.ScopeManaged))
	}
	return sharing(s, access.ShareBranch), access.Resource{Group: practice, Clinician: other, Branch: farBranch, Chart: farChart}
}
