package group_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

var (
	newcomer = id.Derive[id.Member]("newcomer")
	nextWeek = now.AddDate(0, 0, 7)
)

func invite(by id.Member, role access.Role, clinicians ...id.Member) with[group.InviteMember, group.InvitationFacts] {
	return invitedBy(by, group.InviteMember{
		Invitation: letter, EmailHash: "hash", Role: role, Clinician: true, Clinicians: clinicians, ExpiresAt: nextWeek,
	})
}

func invited(role access.Role, clinicians ...id.Member) group.MemberInvited {
	return group.MemberInvited{
		Invitation: letter, EmailHash: "hash", Role: role, Clinician: true, Branches: []id.Branch{mainSt},
		Clinicians: clinicians, InvitedBy: oona, ExpiresAt: nextWeek,
	}
}

func accept() group.AcceptInvitation {
	return group.AcceptInvitation{Invitation: letter, Account: account(newcomer), EmailHash: "hash", Member: newcomer}
}

func TestInviteMember(t *testing.T) {
	t.Run("G-8 an invitation alone makes nobody a member", func(t *testing.T) {
		given(t, staffed()...).When(invite(oona, access.User), now).Then(invited(access.User))
		s := fold(staffed(invited(access.User))...)
		require.Equal(t, access.KindStranger, s.SubjectOf(account(newcomer)).Kind)
		require.Len(t, s.Members(), 7)
	})
	t.Run("the address is not kept in clear, branches and clinicians are sets", func(t *testing.T) {
		c := invite(oona, access.Manager, uma, ugo, uma)
		c.Command.Branches = []id.Branch{harbour, harbour}
		given(t, staffed()...).When(c, now).ThenState(func(t testing.TB, s group.State) {
			inv, ok := s.Invitation(letter)
			require.True(t, ok)
			require.Equal(t, []id.Branch{harbour}, inv.Branches)
			require.ElementsMatch(t, []id.Member{uma, ugo}, inv.Clinicians)
		})
	})
	t.Run("SCN-5 nobody invites to their own role or above", func(t *testing.T) {
		for _, role := range access.Roles()[:2] {
			given(t, staffed(granted(sam, access.MemberInvite))...).When(invite(sam, role), now).ThenRejected("role_exceeds_inviter")
		}
		given(t, staffed()...).When(invite(oona, access.Owner), now).ThenRejected("role_exceeds_inviter")
		given(t, staffed()...).When(invite(mia, access.Manager, uma), now).ThenRejected("role_exceeds_inviter")
		given(t, staffed()...).When(invite(ada, access.Assistant, uma), now).ThenRejected("role_exceeds_inviter")
	})
	t.Run("an address that is in, or invited, is not invited again", func(t *testing.T) {
		c := invite(oona, access.User)
		c.Command.EmailHash = "hash of " + uma.String()
		given(t, staffed()...).When(c, now).ThenRejected("already_member")
		again := invite(oona, access.User)
		again.Command.Invitation = id.Derive[id.Invitation]("another letter")
		given(t, staffed(invited(access.User))...).When(again, now).ThenRejected("already_invited")
		reused := invite(oona, access.User)
		reused.Command.ExpiresAt = nextWeek.AddDate(0, 0, 7)
		given(t, staffed(invited(access.User))...).When(reused, nextWeek).ThenRejected("already_invited")
	})
	t.Run("it is invited again after a no, an expiry or a removal", func(t *testing.T) {
		again := invite(oona, access.User)
		again.Command.Invitation, again.Command.ExpiresAt = id.Derive[id.Invitation]("another letter"), nextWeek.AddDate(0, 0, 7)
		event := invited(access.User)
		event.Invitation, event.ExpiresAt = again.Command.Invitation, again.Command.ExpiresAt
		given(t, staffed(invited(access.User), group.InvitationDeclined{Invitation: letter})...).When(again, now).Then(event)
		given(t, staffed(invited(access.User))...).When(again, nextWeek).Then(event)

		again.Command.EmailHash, event.EmailHash = "hash of "+uma.String(), "hash of "+uma.String()
		given(t, staffed(group.MemberAccessRevoked{Member: uma, RevokedBy: oona})...).When(again, now).Then(event)
	})
	t.Run("R-5 R-7 managers and assistants are given clinicians", func(t *testing.T) {
		given(t, staffed()...).When(invite(oona, access.Manager), now).ThenRejected("empty_scope")
		given(t, staffed()...).When(invite(oona, access.Assistant), now).ThenRejected("empty_scope")
		given(t, staffed()...).When(invite(oona, access.Assistant, sam), now).ThenRejected("not_a_clinician")
		given(t, staffed()...).When(invite(oona, access.User, uma), now).ThenRejected("scope_not_for_role")
	})
	t.Run("AMB-12 a manager is a clinician", func(t *testing.T) {
		c := invite(oona, access.Manager, uma)
		c.Command.Clinician = false
		given(t, staffed()...).When(c, now).ThenRejected("manager_must_be_clinician")
	})
	t.Run("what is malformed", func(t *testing.T) {
		late, blank, far, unknown := invite(oona, access.User), invite(oona, access.User), invite(oona, access.User), invite(oona, "root")
		late.Command.ExpiresAt, blank.Command.EmailHash, far.Command.Branches = now, "", []id.Branch{{1}}
		given(t, staffed()...).When(late, now).ThenRejected("expiry_in_past")
		given(t, staffed()...).When(blank, now).ThenRejected("email_required")
		given(t, staffed()...).When(far, now).ThenRejected("branch_not_found")
		given(t, staffed()...).When(unknown, now).ThenRejected("unknown_role")
		given(t, staffed()...).When(invite(nobody, access.User), now).ThenRejected("member_not_found")
		given(t).When(invite(oona, access.User), now).ThenRejected("group_not_found")
	})
}

func TestAcceptInvitation(t *testing.T) {
	t.Run("G-8 membership starts on acceptance", func(t *testing.T) {
		given(t, staffed(invited(access.User))...).When(accept(), now).Then(group.MemberJoined{
			Invitation: letter, Member: newcomer, Account: account(newcomer), Role: access.User, Clinician: true,
			Branches: []id.Branch{mainSt}, JoinedAt: now,
		})
	})
	t.Run("it holds until just before it expires", func(t *testing.T) {
		given(t, staffed(invited(access.User))...).When(accept(), nextWeek.Add(-time.Nanosecond)).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, newcomer, s.SubjectOf(account(newcomer)).Member)
		})
		given(t, staffed(invited(access.User))...).When(accept(), nextWeek).ThenRejected("invitation_expired")
	})
	t.Run("it is used once", func(t *testing.T) {
		for _, end := range []group.Event{
			group.MemberJoined{Invitation: letter, Member: nobody, Account: account(nobody), Role: access.User},
			group.InvitationDeclined{Invitation: letter},
			group.InvitationRevoked{Invitation: letter, RevokedBy: oona},
		} {
			given(t, staffed(invited(access.User), end)...).When(accept(), now).ThenRejected("invitation_used")
		}
	})
	t.Run("it is for one address", func(t *testing.T) {
		c := accept()
		c.EmailHash = "other hash"
		others := given(t, staffed(invited(access.User))...).When(c, now).ThenRejected("invitation_not_found")
		require.Equal(t, given(t, staffed()...).When(accept(), now).ThenRejected("invitation_not_found"), others, "as if there were none")
	})
	t.Run("an account is a member once", func(t *testing.T) {
		c := accept()
		c.Account = account(uma)
		given(t, staffed(invited(access.User))...).When(c, now).ThenRejected("already_member")
		c = accept()
		c.Member = uma
		given(t, staffed(invited(access.User))...).When(c, now).ThenRejected("already_member")
		c = accept()
		c.Member = id.Member{}
		given(t, staffed(invited(access.User))...).When(c, now).ThenRejected("id_required")
	})
	t.Run("who was removed may come back as a new membership", func(t *testing.T) {
		c := accept()
		c.Account = account(uma)
		history := staffed(group.MemberAccessRevoked{Member: uma, RevokedBy: oona}, invited(access.User))
		given(t, history...).When(c, now).ThenState(func(t testing.TB, s group.State) {
			subject := s.SubjectOf(account(uma))
			require.Equal(t, newcomer, subject.Member)
			require.True(t, subject.Active)
			require.False(t, s.IsActiveClinician(uma))
		})
	})
	t.Run("R-7 clinicians who left meanwhile are left out; without any it is void", func(t *testing.T) {
		gone := group.MemberAccessRevoked{Member: ugo, RevokedBy: oona}
		given(t, staffed(invited(access.Assistant, ugo, uma), gone)...).When(accept(), now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, []id.Member{uma}, s.SubjectOf(account(newcomer)).Assists)
		})
		given(t, staffed(invited(access.Assistant, ugo), gone)...).When(accept(), now).ThenRejected("empty_scope")
	})
	t.Run("G-1 size is never a reason to refuse", func(t *testing.T) {
		history := founding()
		for i := range 499 {
			history = append(history, joins(id.Derive[id.Member](fmt.Sprint(i)), access.User, true, 3)...)
		}
		require.Len(t, fold(history...).Members(), 500)
		given(t, append(history, invited(access.User))...).When(accept(), now).ThenState(func(t testing.TB, s group.State) {
			require.Len(t, s.Members(), 501)
		})
	})
}

func TestDeclineAndRevokeInvitation(t *testing.T) {
	decline := group.DeclineInvitation{Invitation: letter, EmailHash: "hash"}
	given(t, staffed(invited(access.User))...).When(decline, now).Then(group.InvitationDeclined{Invitation: letter})
	given(t, staffed(invited(access.User))...).When(decline, nextWeek).ThenRejected("invitation_expired")
	given(t, staffed(invited(access.User), group.InvitationDeclined{Invitation: letter})...).When(decline, now).ThenRejected("invitation_used")

	revoke := as(sam, group.RevokeInvitation{Invitation: letter})
	given(t, staffed(invited(access.User))...).When(revoke, nextWeek).Then(group.InvitationRevoked{Invitation: letter, RevokedBy: sam})
	given(t, staffed(invited(access.SuperAdmin))...).When(revoke, now).ThenRejected("target_outranks_you")
	given(t, staffed(invited(access.User), group.InvitationDeclined{Invitation: letter})...).When(revoke, now).ThenRejected("invitation_used")
	given(t, staffed()...).When(revoke, now).ThenRejected("invitation_not_found")
}

func TestExpireInvitation(t *testing.T) {
	invited := joins(newcomer, access.User, true, 9)[0].(group.MemberInvited)
	expire := group.ExpireInvitation{Invitation: invited.Invitation}
	t.Run("G-8 the clock ends an invitation that nobody answered", func(t *testing.T) {
		given(t, staffed(invited)...).When(expire, invited.ExpiresAt).Then(group.InvitationExpired{Invitation: invited.Invitation})
		given(t, staffed(invited)...).When(expire, invited.ExpiresAt.Add(-1)).ThenRejected("invitation_not_expired")
	})
	t.Run("what was answered, taken back or expired before stays as it is", func(t *testing.T) {
		for _, end := range []group.Event{
			joins(newcomer, access.User, true, 9)[1],
			group.InvitationDeclined{Invitation: invited.Invitation},
			group.InvitationRevoked{Invitation: invited.Invitation, RevokedBy: oona},
			group.InvitationExpired{Invitation: invited.Invitation},
		} {
			given(t, staffed(invited, end)...).When(expire, invited.ExpiresAt).ThenNothing()
		}
		given(t, staffed()...).When(group.ExpireInvitation{Invitation: letter}, now).ThenRejected("invitation_not_found")
	})
	t.Run("who comes too late is told so, and may be invited again", func(t *testing.T) {
		ended := staffed(invited, group.InvitationExpired{Invitation: invited.Invitation})
		given(t, ended...).When(group.AcceptInvitation{
			Invitation: invited.Invitation, Account: account(newcomer), EmailHash: invited.EmailHash, Member: newcomer,
		}, invited.ExpiresAt).ThenRejected("invitation_used")
		again := invitedBy(oona, group.InviteMember{Invitation: letter, EmailHash: invited.EmailHash, Role: access.SuperAdmin, ExpiresAt: nextWeek})
		given(t, ended...).When(again, now).ThenState(func(t testing.TB, s group.State) {
			i, ok := s.Invitation(letter)
			require.True(t, ok)
			require.False(t, i.Closed)
		})
	})
}
