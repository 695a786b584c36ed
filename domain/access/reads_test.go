package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
)

// Whatever rules people set, whoever may change a thing may see it.
func TestFoundP5_WhoMayChangeAThingMaySeeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(capabilities()).Draw(t, "capability")
		s, r := anySubject(c).Draw(t, "subject"), anyResource().Draw(t, "resource")
		if s.Kind != access.KindMember || !access.Decide(s, c, r, now).Allowed {
			return
		}
		for _, view := range c.Reads() {
			require.True(t, access.Decide(s, view, r, now).Allowed, "%s: %s without %s", s.Role, c, view)
		}
	})
}

// The same cell by cell, without a rule and with every grant: the views of a change
// reach as far as the change, and who may hand it on may hand them on.
func TestFoundP5_NoCellHoldsAChangeWithoutItsViews(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			require.NotContains(t, c.Reads(), c)
			for _, view := range c.Reads() {
				require.Empty(t, view.Reads(), "a view belongs to changes and has no views itself")
				for _, practising := range []bool{true, false} {
					for _, granted := range []bool{true, false} {
						s := member(role)
						s.Clinician = practising
						if granted {
							s.Overrides = []access.Rule{set(c, true, access.ScopeGroup)}
						}
						for _, r := range relations() {
							if access.Decide(s, c, r.resource, now).Allowed {
								require.True(t, access.Decide(s, view, r.resource, now).Allowed, "%s: %s without %s of what is %s", role, c, view, r.name)
							}
						}
					}
				}
				may, of := cellOf(t, role, c), cellOf(t, role, view)
				require.False(t, may.Grant == access.ByHolder && of.Grant == access.ByOwner, "%s: %s is handed on more easily than %s", role, c, view)
			}
		}
	}
}

func cellOf(t *testing.T, role access.Role, c access.Capability) access.Cell {
	t.Helper()
	cell, ok := access.CellOf(role, c)
	require.True(t, ok)
	return cell
}

// A clinician sees what is their own, whichever role they have or are given.
func TestFoundP5_WhoPractisesSeesWhatIsTheirOwn(t *testing.T) {
	own := access.Resource{Group: practice, Clinician: me, Branch: myBranch, Chart: myChart}
	for _, c := range []access.Capability{
		access.RosterView, access.TeamView, access.ChartClinicalView, access.NoteView, access.BillingView,
		access.AppointmentManage, access.SlotsView, access.AccessLogView,
	} {
		for _, role := range []access.Role{access.Owner, access.SuperAdmin, access.Manager, access.User} {
			require.True(t, access.Decide(member(role), c, own, now).Allowed, "%s %s", role, c)
		}
	}
}

func TestFoundP5_AManagerKeepsTheirOwnBalanceAndTakesPaymentsOnlyWhereTheySeeIt(t *testing.T) {
	mine, far := access.Resource{Group: practice, Clinician: me}, access.Resource{Group: practice, Clinician: managed}
	s := member(access.Manager)
	require.True(t, access.Decide(s, access.BillingView, mine, now).Allowed)
	require.False(t, access.Decide(s, access.BillingView, far, now).Allowed)
	require.False(t, access.Decide(s, access.BillingManage, mine, now).Allowed)

	s.Overrides = []access.Rule{set(access.BillingManage, true, access.ScopeManaged)}
	through := access.Explain(s, access.BillingView, far, now)
	require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleUserGrant, Event: ruleEvent, Grantor: grantor}, through.Decision)
	require.Contains(t, through.String(), "by granting patient_billing.manage, to which this belongs")
	require.Equal(t, access.BillingManage, access.GroundsOf(s, access.BillingView, now)[0].Through)

	s.Overrides = append(s.Overrides, set(access.BillingView, false, access.ScopeManaged))
	without := access.Explain(s, access.BillingManage, far, now)
	require.Equal(t, access.Decision{Rule: access.RuleUserDeny, Event: ruleEvent, Grantor: grantor}, without.Decision)
	require.Contains(t, without.String(), "by denying patient_billing.view, without which this is not to be had")
	require.Equal(t, access.BillingView, access.GroundsOf(s, access.BillingManage, now)[0].Through)
	require.False(t, access.HoldsThroughout(s, access.BillingManage, now, now))
}

// Nobody can be kept from knowing what they may do.
func TestFoundP6_EverybodySeesTheirOwnPermissions(t *testing.T) {
	about := access.Resource{Group: practice, Clinician: me, Subject: me}
	for _, role := range access.Roles() {
		s := member(role)
		require.True(t, access.Decide(s, access.PermissionView, about, now).Allowed, role)
		s.Overrides = []access.Rule{set(access.PermissionView, false, access.ScopeGroup)}
		s.RoleRules = s.Overrides
		e := access.Explain(s, access.PermissionView, about, now)
		require.True(t, e.Allowed, role)
		require.Contains(t, e.String(), "Nobody can be denied to see what they may do themselves.")
		require.True(t, access.ReachOf(s, access.PermissionView, now).Contains(about), role)
		require.True(t, access.GroundsOf(s, access.PermissionView, now)[0].Allow, role)
		require.False(t, access.Decide(s, access.PermissionView, access.Resource{Group: practice, Subject: other}, now).Allowed, role)
	}
}
