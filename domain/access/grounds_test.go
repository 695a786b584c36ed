package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
)

// The first ground whose scope includes a resource is what Decide answers: the
// list of grounds is the decision about every resource at once.
func TestTheFirstGroundThatIncludesAResourceIsTheDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.OneOf(rapid.SampledFrom(capabilities()), rapid.SampledFrom(access.SharedCapabilities())).Draw(t, "capability")
		s, r := anySubject(c).Draw(t, "subject"), anyResource().Draw(t, "resource")
		s.Kind, s.Group, r.Group = access.KindMember, practice, practice
		want := access.Decision{Rule: access.RuleDefaultDeny}
		for _, g := range access.GroundsOf(s, c, now) {
			if access.Covers(s, g.Scope, r, now) && (!g.ChartsOnly || !r.Chart.IsZero()) {
				want = access.Decision{Allowed: g.Allow, Rule: g.Rule, Event: g.Event, Grantor: g.Grantor}
				break
			}
		}
		require.Equal(t, want, access.Decide(s, c, r, now))
	})
}

func TestGroundsOf(t *testing.T) {
	t.Run("name rule, reach and time in the order of evaluation", func(t *testing.T) {
		s := member(access.Manager)
		grant := set(access.ChartArchive, true, access.ScopeGroup)
		grant.From, grant.Until = now, now.Add(time.Hour)
		over := set(access.ChartArchive, true, access.ScopeOwn)
		over.Until = now
		s.Overrides, s.RoleRules = []access.Rule{grant, over}, []access.Rule{set(access.ChartArchive, false, access.ScopeOwn)}
		require.Equal(t, []access.Ground{
			{Rule: access.RuleUserGrant, Allow: true, Scope: access.ScopeManaged, Event: ruleEvent, Grantor: grantor, From: grant.From, Until: grant.Until},
			{Rule: access.RuleRoleDeny, Scope: access.ScopeOwn, Event: ruleEvent, Grantor: grantor},
		}, access.GroundsOf(s, access.ChartArchive, now), "a grant counts no further than the cell can be widened; a rule that has ended does not")
	})
	t.Run("shared charts come last, and are about charts only", func(t *testing.T) {
		own := access.Ground{Rule: "role:user/own", Allow: true, Scope: access.ScopeOwn}
		shared := access.Ground{Rule: access.RuleChartSharing, Allow: true, Scope: access.ScopeBranches, ChartsOnly: true, Event: ruleEvent, Grantor: grantor}
		require.Equal(t, []access.Ground{own, shared}, access.GroundsOf(sharing(member(access.User), access.ShareBranch), access.RosterView, now))
	})
	t.Run("of guardrails, former members and others", func(t *testing.T) {
		former := member(access.Owner)
		former.Active = false
		require.Equal(t, []access.Ground{{Rule: access.RuleInactive, Scope: access.ScopeGroup}}, access.GroundsOf(former, access.RosterView, now))
		require.Equal(t, []access.Ground{{Rule: access.RuleGuardrail, Scope: access.ScopeGroup}}, access.GroundsOf(member(access.User), access.GroupClose, now))
		require.Empty(t, access.GroundsOf(member(access.User), "galaxy.rule", now))
		require.Empty(t, access.GroundsOf(access.Subject{Kind: access.KindPatient, Group: practice}, access.SlotsView, now))
	})
}
