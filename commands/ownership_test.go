package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/group"
)

func (p *practice) offer(by, to person) error {
	_, err := commands.OfferOwnership.Give(p.ctx(), p.engine, p.by(by), commands.Offer{OfferOwnership: group.OfferOwnership{To: to.member}, ValidDays: 3})
	return err
}

func TestOwnership_ChangesHands(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	ann := p.join("ann", access.User, true)

	t.Run("AMB-11 it is the owner's alone, and no grant changes that", func(t *testing.T) {
		_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{
			Member: sam.member, Capability: access.OwnershipTransfer, Scope: access.ScopeGroup,
		})
		requireFault(t, err, "not_delegable")
		requireFault(t, p.offer(sam, ann), "permission_denied")
	})
	t.Run("AMB-1 an offer is answered by its addressee, in time", func(t *testing.T) {
		require.NoError(t, p.offer(p.owner, sam))
		p.unchanged(func() {
			_, err := commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(ann), group.AcceptOwnership{})
			requireFault(t, err, "no_ownership_offer")
			_, err = commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(someone("stranger")), group.AcceptOwnership{})
			requireFault(t, err, "group_not_found")
			_, err = commands.CancelOwnershipOffer.Give(t.Context(), p.engine, p.by(someone("stranger")), group.CancelOwnershipOffer{})
			requireFault(t, err, "group_not_found")
		})
		p.Pass(3 * 24 * time.Hour)
		_, err := commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(sam), group.AcceptOwnership{})
		requireFault(t, err, "offer_expired")
	})
	t.Run("either side may end it", func(t *testing.T) {
		require.NoError(t, p.offer(p.owner, ann))
		_, err := commands.CancelOwnershipOffer.Give(t.Context(), p.engine, p.by(ann), group.CancelOwnershipOffer{})
		require.NoError(t, err)
		_, err = commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(ann), group.AcceptOwnership{})
		requireFault(t, err, "no_ownership_offer")
	})
	t.Run("AMB-1 nobody can be kept from answering, and no denial survives it", func(t *testing.T) {
		for _, c := range access.Capabilities() {
			_, err := commands.DenyPermission.Give(t.Context(), p.engine, p.by(p.owner), group.DenyPermission{Member: sam.member, Capability: c, Scope: access.ScopeGroup})
			require.NoError(t, err)
		}
		require.NoError(t, p.offer(p.owner, sam))
		shown, err := commands.AcceptOwnership.Give(t.Context(), p.engine, dry(p.by(sam)), group.AcceptOwnership{})
		require.NoError(t, err)
		require.Equal(t, sam.member, shown.Effects[len(shown.Effects)-1].Member)
		receipt, err := commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(sam), group.AcceptOwnership{})
		require.NoError(t, err)
		require.Equal(t, group.OwnershipTransferred{From: p.owner.member, To: sam.member, FromNewRole: access.SuperAdmin}, receipt.Events[0].Event)

		_, err = commands.NameSuccessor.Give(t.Context(), p.newEngine(), p.by(sam), group.NameSuccessor{Successor: ann.member})
		require.NoError(t, err)
		_, err = commands.NameSuccessor.Give(t.Context(), p.engine, p.by(p.owner), group.NameSuccessor{Successor: ann.member})
		requireFault(t, err, "permission_denied")
		_, err = commands.ClearSuccessor.Give(t.Context(), p.engine, p.by(sam), group.ClearSuccessor{})
		require.NoError(t, err)
	})
}
