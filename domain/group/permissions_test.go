package group_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func grant(by, m id.Member, c access.Capability, scope access.Scope) with[group.GrantPermission, group.Ruling] {
	return ruling(by, group.GrantPermission{Member: m, Capability: c, Scope: scope})
}

func deny(by, m id.Member, c access.Capability) with[group.DenyPermission, group.Ruling] {
	return ruling(by, group.DenyPermission{Member: m, Capability: c, Scope: access.ScopeGroup})
}

// trusted is a practice whose super admins may grant.
func trusted(more ...group.Event) []group.Event {
	return append(staffed(granted(sam, access.PermissionGrant), granted(sue, access.PermissionGrant)), more...)
}

func TestGrantPermission(t *testing.T) {
	t.Run("R-2 the owner grants one member one thing", func(t *testing.T) {
		given(t, staffed()...).When(grant(oona, ada, access.RosterView, access.ScopeAssists), now).Then(group.PermissionGranted{
			Rule: someRule, Member: ada, Capability: access.RosterView, Scope: access.ScopeAssists, GrantedBy: oona,
		})
		given(t, staffed()...).When(grant(oona, ada, access.RosterView, access.ScopeAssists), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleUserGrant, Event: someRule, Grantor: oona},
				access.Decide(s.SubjectOf(account(ada)), access.RosterView, access.Resource{Group: practice, Clinician: uma}, now))
		})
	})
	t.Run("for a time, in UTC", func(t *testing.T) {
		berlin := time.FixedZone("CEST", 2*3600)
		c := grant(oona, uma, access.RosterView, access.ScopeGroup)
		c.Command.From, c.Command.Until = ptr(time.Date(2025, 8, 1, 0, 0, 0, 0, berlin)), ptr(time.Date(2025, 8, 15, 0, 0, 0, 0, berlin))
		given(t, staffed()...).When(c, now).Then(group.PermissionGranted{
			Rule: someRule, Member: uma, Capability: access.RosterView, Scope: access.ScopeGroup, GrantedBy: oona,
			ValidFrom: ptr(time.Date(2025, 7, 31, 22, 0, 0, 0, time.UTC)), ValidUntil: ptr(time.Date(2025, 8, 14, 22, 0, 0, 0, time.UTC)),
		})
		c.Command.Until = c.Command.From
		given(t, staffed()...).When(c, now).ThenRejected("invalid_validity")
		c.Command.Until = ptr(c.Command.From.Add(time.Hour + time.Nanosecond))
		given(t, staffed()...).When(c, now).ThenRejected("instant_not_whole_seconds")
	})
	t.Run("C-3 AMB-11 SCN-5 the owner alone may grant to themselves", func(t *testing.T) {
		bare := fold(staffed()...).SubjectOf(account(oona))
		require.False(t, access.Decide(bare, access.ChartCreate, access.Resource{Group: practice}, now).Allowed, "C-3 not before it is given")
		given(t, staffed()...).When(grant(oona, oona, access.ChartCreate, access.ScopeGroup), now).ThenState(func(t testing.TB, s group.State) {
			require.True(t, access.Decide(s.SubjectOf(account(oona)), access.ChartCreate, access.Resource{Group: practice}, now).Allowed)
		})
		given(t, trusted()...).When(grant(sam, sam, access.SubscriptionView, access.ScopeGroup), now).ThenRejected("self_grant")
	})
	t.Run("R-4 AMB-11 everything but being owner can be delegated", func(t *testing.T) {
		for _, c := range []access.Capability{access.OwnershipTransfer, access.GroupClose} {
			given(t, staffed()...).When(grant(oona, sam, c, access.ScopeGroup), now).ThenRejected("not_delegable")
		}
		for _, c := range []access.Capability{
			access.SubscriptionView, access.SubscriptionManage, access.LicencePurchase, access.MemberInvite, access.MemberRemove,
			access.MemberRoleChange, access.PermissionGrant, access.BranchManage, access.AuditHistoryView,
		} {
			given(t, staffed()...).When(grant(oona, sam, c, access.ScopeGroup), now).Then(group.PermissionGranted{
				Rule: someRule, Member: sam, Capability: c, Scope: access.ScopeGroup, GrantedBy: oona,
			})
		}
	})
	t.Run("AMB-11 nobody edits the owner or an equal", func(t *testing.T) {
		given(t, trusted()...).When(grant(sam, oona, access.RosterView, access.ScopeGroup), now).ThenRejected("target_outranks_you")
		given(t, trusted()...).When(grant(sam, sue, access.RosterView, access.ScopeGroup), now).ThenRejected("target_outranks_you")
	})
	t.Run("AMB-11 nobody grants what they lack", func(t *testing.T) {
		given(t, trusted()...).When(grant(sam, uma, access.BillingManage, access.ScopeGroup), now).ThenRejected("grantor_lacks_permission")
		given(t, trusted(granted(sam, access.BillingManage))...).When(grant(sam, uma, access.BillingManage, access.ScopeOwn), now).
			Then(group.PermissionGranted{Rule: someRule, Member: uma, Capability: access.BillingManage, Scope: access.ScopeOwn, GrantedBy: sam})
	})
	t.Run("AMB-11 nor for longer than they have it", func(t *testing.T) {
		lent := granted(sam, access.BillingManage)
		lent.ValidUntil = ptr(now.AddDate(0, 0, 7))
		c := grant(sam, uma, access.BillingManage, access.ScopeGroup)
		given(t, trusted(lent)...).When(c, now).ThenRejected("grantor_lacks_permission")
		c.Command.Until = ptr(now.AddDate(0, 0, 8))
		given(t, trusted(lent)...).When(c, now).ThenRejected("grantor_lacks_permission")
		c.Command.Until = lent.ValidUntil
		given(t, trusted(lent)...).When(c, now).ThenState(func(t testing.TB, s group.State) {
			require.Len(t, s.SubjectOf(account(uma)).Overrides, 1)
		})
	})
	t.Run("AMB-11 what begins later is judged by what they have then", func(t *testing.T) {
		later := granted(sam, access.BillingManage)
		later.ValidFrom = ptr(now.AddDate(0, 0, 7))
		c := grant(sam, uma, access.BillingManage, access.ScopeGroup)
		given(t, trusted(later)...).When(c, now).ThenRejected("grantor_lacks_permission")
		c.Command.From = later.ValidFrom
		given(t, trusted(later)...).When(c, now).ThenState(func(t testing.TB, s group.State) {
			require.Len(t, s.SubjectOf(account(uma)).Overrides, 1)
		})
	})
	t.Run("who may not grant sets no rule at all", func(t *testing.T) {
		given(t, staffed()...).When(grant(sam, uma, access.RosterView, access.ScopeGroup), now).ThenRejected("grantor_lacks_permission")
		given(t, staffed()...).When(deny(mia, uma, access.RosterView), now).ThenRejected("grantor_lacks_permission")
		given(t, staffed()...).When(grant(uma, ada, access.GroupInfoView, access.ScopeGroup), now).ThenRejected("grantor_lacks_permission")
	})
	t.Run("AMB-11 – is the owner's to grant, X nobody's, D·M ends at the managed", func(t *testing.T) {
		given(t, trusted()...).When(grant(sam, uma, access.RosterExport, access.ScopeGroup), now).ThenRejected("not_delegable")
		given(t, staffed()...).When(grant(oona, uma, access.SubscriptionView, access.ScopeGroup), now).ThenRejected("not_delegable")
		given(t, staffed()...).When(grant(oona, mia, access.ChartArchive, access.ScopeGroup), now).ThenRejected("not_delegable")
		given(t, staffed()...).When(grant(oona, mia, access.ChartArchive, access.ScopeManaged), now).
			Then(group.PermissionGranted{Rule: someRule, Member: mia, Capability: access.ChartArchive, Scope: access.ScopeManaged, GrantedBy: oona})
	})
	t.Run("G-6 BIL-13 AMB-3 clinicians have no subscription section, and cannot be given one", func(t *testing.T) {
		s := fold(staffed()...)
		for _, m := range []id.Member{uma, ugo, mia} {
			require.False(t, access.Decide(s.SubjectOf(account(m)), access.SubscriptionView, access.Resource{Group: practice}, now).Allowed)
			given(t, staffed()...).When(grant(oona, m, access.SubscriptionView, access.ScopeGroup), now).ThenRejected("not_delegable")
		}
	})
	t.Run("what does not exist", func(t *testing.T) {
		given(t, staffed()...).When(grant(oona, uma, "chart.burn", access.ScopeGroup), now).ThenRejected("unknown_capability")
		given(t, staffed()...).When(grant(oona, uma, access.RosterView, "galaxy"), now).ThenRejected("unknown_scope")
		given(t, staffed()...).When(grant(oona, nobody, access.RosterView, access.ScopeGroup), now).ThenRejected("member_not_found")
	})
	t.Run("the same grant again changes nothing; a denial of the same is replaced", func(t *testing.T) {
		history := staffed(granted(uma, access.RosterView))
		given(t, history...).When(grant(oona, uma, access.RosterView, access.ScopeGroup), now).ThenNothing()
		given(t, history...).When(deny(oona, uma, access.RosterView), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []access.Rule{{Capability: access.RosterView, Scope: access.ScopeGroup, Event: someRule, Grantor: oona}}, s.SubjectOf(account(uma)).Overrides)
		})
	})
}

func TestDenyPermission(t *testing.T) {
	t.Run("R-2 a member can be denied what their role allows", func(t *testing.T) {
		given(t, staffed()...).When(deny(oona, uma, access.RosterView), now).Then(group.PermissionDenied{
			Rule: someRule, Member: uma, Capability: access.RosterView, Scope: access.ScopeGroup, DeniedBy: oona,
		})
		given(t, staffed()...).When(deny(oona, uma, access.RosterView), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, access.Decision{Rule: access.RuleUserDeny, Event: someRule, Grantor: oona},
				access.Decide(s.SubjectOf(account(uma)), access.RosterView, access.Resource{Group: practice, Clinician: uma}, now))
		})
	})
	t.Run("the owner is never locked out", func(t *testing.T) {
		given(t, staffed()...).When(deny(oona, oona, access.PermissionGrant), now).ThenRejected("not_delegable")
		given(t, trusted()...).When(deny(sam, oona, access.RosterView), now).ThenRejected("target_outranks_you")
	})
	t.Run("not oneself, not what is unknown, not twice", func(t *testing.T) {
		given(t, trusted()...).When(deny(sam, sam, access.RosterView), now).ThenRejected("self_grant")
		given(t, staffed()...).When(deny(oona, uma, "chart.burn"), now).ThenRejected("unknown_capability")
		bad := deny(oona, uma, access.RosterView)
		bad.Command.Scope = ""
		given(t, staffed()...).When(bad, now).ThenRejected("unknown_scope")
		given(t, staffed(group.PermissionDenied{Member: uma, Capability: access.RosterView, Scope: access.ScopeGroup})...).
			When(deny(oona, uma, access.RosterView), now).ThenNothing()
	})
}

func TestClearOverride(t *testing.T) {
	lift := func(by, m id.Member, c access.Capability) command {
		return as(by, group.ClearOverride{Member: m, Capability: c})
	}
	denied := group.PermissionDenied{Member: uma, Capability: access.BillingView, Scope: access.ScopeGroup, DeniedBy: oona}
	t.Run("every rule about the capability goes, others stay", func(t *testing.T) {
		history := staffed(denied, granted(uma, access.BillingView), granted(uma, access.RosterView))
		given(t, history...).When(lift(oona, uma, access.BillingView), now).
			Then(group.PermissionOverrideCleared{Member: uma, Capability: access.BillingView, ClearedBy: oona})
		given(t, history...).When(lift(oona, uma, access.BillingView), now).ThenState(func(t testing.TB, s group.State) {
			require.Len(t, s.SubjectOf(account(uma)).Overrides, 1)
		})
	})
	t.Run("nothing to clear, nothing happens", func(t *testing.T) {
		given(t, staffed()...).When(lift(oona, uma, access.BillingView), now).ThenNothing()
	})
	t.Run("AMB-11 who lifts a denial hands something on", func(t *testing.T) {
		given(t, trusted(denied)...).When(lift(sam, uma, access.BillingView), now).ThenRejected("grantor_lacks_permission")
		given(t, trusted(granted(uma, access.BillingView))...).When(lift(sam, uma, access.BillingView), now).
			Then(group.PermissionOverrideCleared{Member: uma, Capability: access.BillingView, ClearedBy: sam})
		given(t, trusted(group.PermissionDenied{Member: sam, Capability: access.RosterView, Scope: access.ScopeGroup})...).
			When(lift(sam, sam, access.RosterView), now).ThenRejected("self_grant")
	})
}

func TestSetRolePermission(t *testing.T) {
	setRole := func(by id.Member, r access.Role, c access.Capability, e group.Effect, scope access.Scope) command {
		return ruling(by, group.SetRolePermission{Role: r, Capability: c, Effect: e, Scope: scope})
	}
	event := func(r access.Role, c access.Capability, e group.Effect, scope access.Scope, by id.Member) group.RolePermissionSet {
		return group.RolePermissionSet{Rule: someRule, Role: r, Capability: c, Effect: e, Scope: scope, SetBy: by}
	}
	t.Run("R-2 a role is allowed or denied something, and returns to the matrix", func(t *testing.T) {
		given(t, staffed()...).When(setRole(oona, access.Assistant, access.RosterView, group.EffectAllow, access.ScopeAssists), now).
			Then(event(access.Assistant, access.RosterView, group.EffectAllow, access.ScopeAssists, oona))
		denied := event(access.User, access.RosterView, group.EffectDeny, access.ScopeGroup, oona)
		given(t, staffed()...).When(setRole(oona, access.User, access.RosterView, group.EffectDeny, access.ScopeGroup), now).Then(denied)
		given(t, staffed(denied)...).When(setRole(oona, access.User, access.RosterView, group.EffectDeny, access.ScopeGroup), now).ThenNothing()
		given(t, staffed(denied)...).When(setRole(oona, access.User, access.RosterView, group.EffectDefault, access.ScopeGroup), now).
			Then(event(access.User, access.RosterView, group.EffectDefault, "", oona))
		require.Empty(t, fold(staffed(denied, event(access.User, access.RosterView, group.EffectDefault, "", oona))...).RoleRules(access.User))
		given(t, staffed()...).When(setRole(oona, access.User, access.RosterView, group.EffectDefault, ""), now).ThenNothing()
	})
	t.Run("R-2 a rule about a member beats one about their role, both ways", func(t *testing.T) {
		own := access.Resource{Group: practice, Clinician: uma}
		s := fold(staffed(event(access.User, access.RosterView, group.EffectDeny, access.ScopeGroup, oona), granted(uma, access.RosterView))...)
		require.True(t, access.Decide(s.SubjectOf(account(uma)), access.RosterView, own, now).Allowed)
		require.False(t, access.Decide(s.SubjectOf(account(ugo)), access.RosterView, access.Resource{Group: practice, Clinician: ugo}, now).Allowed)
		s = fold(staffed(event(access.User, access.BillingManage, group.EffectAllow, access.ScopeOwn, oona),
			group.PermissionDenied{Member: uma, Capability: access.BillingManage, Scope: access.ScopeGroup})...)
		require.False(t, access.Decide(s.SubjectOf(account(uma)), access.BillingManage, own, now).Allowed)
		require.True(t, access.Decide(s.SubjectOf(account(ugo)), access.BillingManage, access.Resource{Group: practice, Clinician: ugo}, now).Allowed)
	})
	t.Run("AMB-11 only roles below one's own, only what one holds", func(t *testing.T) {
		given(t, staffed()...).When(setRole(oona, access.Owner, access.ChartCreate, group.EffectAllow, access.ScopeGroup), now).ThenRejected("target_outranks_you")
		given(t, trusted()...).When(setRole(sam, access.SuperAdmin, access.ChartCreate, group.EffectAllow, access.ScopeGroup), now).ThenRejected("target_outranks_you")
		given(t, trusted()...).When(setRole(sam, access.User, access.BillingManage, group.EffectAllow, access.ScopeOwn), now).ThenRejected("grantor_lacks_permission")
		given(t, trusted()...).When(setRole(sam, access.User, access.RosterView, group.EffectAllow, access.ScopeGroup), now).
			Then(event(access.User, access.RosterView, group.EffectAllow, access.ScopeGroup, sam))
		given(t, staffed()...).When(setRole(sam, access.User, access.RosterView, group.EffectAllow, access.ScopeGroup), now).ThenRejected("grantor_lacks_permission")
		denied := event(access.User, access.BillingView, group.EffectDeny, access.ScopeGroup, oona)
		given(t, trusted(denied)...).When(setRole(sam, access.User, access.BillingView, group.EffectDefault, ""), now).ThenRejected("grantor_lacks_permission")
	})
	t.Run("guardrails and words that do not exist", func(t *testing.T) {
		given(t, staffed()...).When(setRole(oona, access.User, access.SubscriptionView, group.EffectAllow, access.ScopeGroup), now).ThenRejected("not_delegable")
		given(t, staffed()...).When(setRole(oona, access.User, "chart.burn", group.EffectAllow, access.ScopeGroup), now).ThenRejected("unknown_capability")
		given(t, staffed()...).When(setRole(oona, "root", access.RosterView, group.EffectAllow, access.ScopeGroup), now).ThenRejected("unknown_role")
		given(t, staffed()...).When(setRole(oona, access.User, access.RosterView, "maybe", access.ScopeGroup), now).ThenRejected("unknown_effect")
		given(t, staffed()...).When(setRole(oona, access.User, access.RosterView, group.EffectDeny, ""), now).ThenRejected("unknown_scope")
		given(t, staffed()...).When(setRole(oona, access.User, access.RosterView, group.EffectAllow, ""), now).ThenRejected("unknown_scope")
	})
}
