package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

func TestInvitation_EndToEnd(t *testing.T) {
	p := newPractice(t)
	ann := someone("ann")
	i := p.invite(ann, access.User, true)

	t.Run("G-8 it is answered by its address, whatever its case", func(t *testing.T) {
		call := p.by(ann)
		call.Email = " Ann@Example.ORG"
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, dry(call), i)
		require.NoError(t, err)
	})
	t.Run("G-8 nobody else answers it", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(someone("eve")), i)
			requireFault(t, err, "invitation_not_found")
			_, err = commands.DeclineInvitation.Give(t.Context(), p.engine, p.by(someone("eve")), i)
			requireFault(t, err, "invitation_not_found")
		})
	})
	t.Run("G-8 nobody answers it whose address is not verified", func(t *testing.T) {
		call := p.by(ann)
		call.Email = ""
		p.unchanged(func() {
			_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, call, i)
			requireFault(t, err, "email_not_verified")
			_, err = commands.DeclineInvitation.Give(t.Context(), p.engine, call, i)
			requireFault(t, err, "email_not_verified")
		})
	})
	t.Run("one that does not exist is not found", func(t *testing.T) {
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), id.Derive[id.Invitation]("none"))
		requireFault(t, err, "invitation_not_found")
	})
	t.Run("the log holds no address", func(t *testing.T) {
		for rec, err := range p.store.Store.ReadStream(t.Context(), group.Stream(p.group), 0) {
			require.NoError(t, err)
			require.NotContains(t, string(rec.Data), ann.email)
		}
	})
	t.Run("G-8 accepting it makes a member and claims the account", func(t *testing.T) {
		call := p.by(ann)
		first, err := commands.AcceptInvitation.Give(t.Context(), p.engine, call, i)
		require.NoError(t, err)
		m, err := p.newEngine().MembershipOf(t.Context(), ann.account)
		require.NoError(t, err)
		joined := first.Events[0].Event.(group.MemberJoined)
		require.Equal(t, commands.Membership{Group: p.group, Member: joined.Member, Role: access.User}, m)

		p.Pass(time.Minute)
		p.unchanged(func() {
			again, err := commands.AcceptInvitation.Give(t.Context(), p.newEngine(), call, i)
			require.NoError(t, err)
			answers(t, first, again)
		})
	})
	t.Run("G-8 it serves once", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
			requireFault(t, err, "invitation_used")
		})
	})
}

func TestInvitation_Ends(t *testing.T) {
	t.Run("G-8 with its days", func(t *testing.T) {
		p := newPractice(t)
		ann := someone("ann")
		i := p.invite(ann, access.User, true)
		p.Pass(7*24*time.Hour - 1)
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, dry(p.by(ann)), i)
		require.NoError(t, err)
		p.Pass(1)
		p.unchanged(func() {
			_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
			requireFault(t, err, "invitation_expired")
		})
	})
	t.Run("by the invited person's no", func(t *testing.T) {
		p := newPractice(t)
		ann := someone("ann")
		i := p.invite(ann, access.User, true)
		_, err := commands.DeclineInvitation.Give(t.Context(), p.engine, p.by(ann), i)
		require.NoError(t, err)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
		requireFault(t, err, "invitation_used")
	})
	t.Run("when it is taken back, even while it is being accepted", func(t *testing.T) {
		p := newPractice(t)
		ann := someone("ann")
		i := p.invite(ann, access.User, true)
		other := p.newEngine()
		p.store.meanwhile(group.Stream(p.group), func() {
			_, err := commands.RevokeInvitation.Give(t.Context(), other, p.by(p.owner), group.RevokeInvitation{Invitation: i})
			require.NoError(t, err)
		})
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
		requireFault(t, err, "invitation_used")
		m, err := p.engine.MembershipOf(t.Context(), ann.account)
		require.NoError(t, err)
		require.Zero(t, m)

		again := p.invite(ann, access.User, true)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), again)
		require.NoError(t, err, "the claim of the first attempt does not stand in the way of the next invitation")
	})
}

func TestInvitation_OfAnAccountThatBelongsElsewhere(t *testing.T) {
	p := newPractice(t)
	other := p.another()
	rival := someone("rival")
	_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(rival), other)
	require.NoError(t, err)

	t.Run("G-7 BIL-12 is rejected, and nothing is appended", func(t *testing.T) {
		i := p.invite(rival, access.User, true)
		for _, call := range []commands.Call{p.by(rival), dry(p.by(rival))} {
			p.unchanged(func() {
				_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, call, i)
				requireFault(t, err, "account_in_other_group")
			})
		}
	})
	t.Run("is accepted once the other practice let them go", func(t *testing.T) {
		ann := someone("ann")
		there := p.by(rival)
		there.Group = other.Group
		invitation := id.Derive[id.Invitation]("elsewhere")
		_, err := commands.InviteMember.Give(t.Context(), p.engine, there, commands.Invite{ValidDays: 1, InviteMember: group.InviteMember{
			Invitation: invitation, EmailHash: commands.EmailHash(ann.email), Role: access.User, Clinician: true,
		}})
		require.NoError(t, err)
		accept := p.by(ann)
		accept.Group = other.Group
		receipt, err := commands.AcceptInvitation.Give(t.Context(), p.engine, accept, invitation)
		require.NoError(t, err)

		here := p.invite(ann, access.User, true)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), here)
		requireFault(t, err, "account_in_other_group")

		remove := p.by(rival)
		remove.Group = other.Group
		_, err = commands.RemoveMember.Give(t.Context(), p.engine, remove, group.RemoveMember{Member: receipt.Events[0].Event.(group.MemberJoined).Member})
		require.NoError(t, err)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.newEngine(), p.by(ann), here)
		require.NoError(t, err)
	})
	t.Run("is possible after an unfinished joining elsewhere ran out", func(t *testing.T) {
		bob := someone("bob")
		there := p.by(rival)
		there.Group = other.Group
		invitation := id.Derive[id.Invitation]("unfinished")
		_, err := commands.InviteMember.Give(t.Context(), p.engine, there, commands.Invite{ValidDays: 1, InviteMember: group.InviteMember{
			Invitation: invitation, EmailHash: commands.EmailHash(bob.email), Role: access.User, Clinician: true,
		}})
		require.NoError(t, err)
		p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
			if s.Category() == group.Category {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		accept := p.by(bob)
		accept.Group = other.Group
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, accept, invitation)
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		p.store.Mend()

		here := p.invite(bob, access.User, true)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(bob), here)
		requireFault(t, err, "account_in_other_group")
		p.Pass(24 * time.Hour)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(bob), here)
		require.NoError(t, err)
	})
}

func TestInvitation_BrokenOffBetweenClaimAndJoining(t *testing.T) {
	p := newPractice(t)
	ann := someone("ann")
	i := p.invite(ann, access.User, true)
	p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
		if s.Category() == group.Category {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
	require.Len(t, p.log(membership.Stream(ann.account)), 1)
	p.store.Mend()

	_, err = commands.AcceptInvitation.Give(t.Context(), p.newEngine(), p.by(ann), i)
	require.NoError(t, err, "a new intention of the same person completes it")
	require.Len(t, p.log(membership.Stream(ann.account)), 1)
}

func TestRemoval_FreesTheAccount(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	call := p.by(p.owner)
	first, err := commands.RemoveMember.Give(t.Context(), p.engine, call, group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	claims := p.log(membership.Stream(ann.account))
	require.Equal(t, membership.Released{Group: p.group, Member: ann.member}, claims[len(claims)-1].Event)

	p.Pass(time.Minute)
	again, err := commands.RemoveMember.Give(t.Context(), p.newEngine(), call, group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	answers(t, first, again)

	i := p.invite(ann, access.SuperAdmin, false)
	receipt, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(ann), i)
	require.NoError(t, err)
	rejoined := receipt.Events[0].Event.(group.MemberJoined)
	require.NotEqual(t, ann.member, rejoined.Member, "a new membership, not the old one with its grants")
	_, err = p.engine.Admit(t.Context(), p.by(ann), question)
	require.NoError(t, err)

	_, err = commands.RemoveMember.Give(t.Context(), p.newEngine(), call, group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	m, err := p.engine.MembershipOf(t.Context(), ann.account)
	require.NoError(t, err)
	require.Equal(t, rejoined.Member, m.Member, "a late retry releases only its own membership")
}

func TestRemoval_OfADryRunRemovesNobody(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	p.unchanged(func() {
		_, err := commands.RemoveMember.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.RemoveMember{Member: ann.member})
		require.NoError(t, err)
	})
	_, err := p.engine.Admit(t.Context(), p.by(ann), question)
	require.NoError(t, err)
}
