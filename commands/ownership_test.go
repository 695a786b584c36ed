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
	_, err := p.engine.OfferOwnership(p.ctx(), p.by(by), commands.OfferOwnership{OfferOwnership: group.OfferOwnership{To: to.member}, ValidDays: 3})
	return err
}

func TestOwnership_ChangesHands(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	ann := p.join("ann", access.User, true)

	t.Run("AMB-11 it is the owner's alone, and no grant changes that", func(t *testing.T) {
		_, err := p.engine.GrantPermission(t.Context(), p.by(p.owner), group.GrantPermission{
			Member: sam.member, Capability: access.OwnershipTransfer, Scope: access.ScopeGroup,
		})
		requireFault(t, err, "not_delegable")
		requireFault(t, p.offer(sam, ann), "permission_denied")
	})
	t.Run("AMB-1 an offer is answered by its addressee, in time", func(t *testing.T) {
		require.NoError(t, p.offer(p.owner, sam))
		p.unchanged(func() {
			_, err := p.engine.AcceptOwnership(t.Context(), p.by(ann))
			requireFault(t, err, "no_ownership_offer")
			_, err = p.engine.AcceptOwnership(t.Context(), p.by(someone("stranger")))
			requireFault(t, err, "group_not_found")
			_, err = p.engine.CancelOwnershipOffer(t.Context(), p.by(someone("stranger")))
			requireFault(t, err, "group_not_found")
		})
		p.Pass(3 * 24 * time.Hour)
		_, err := p.engine.AcceptOwnership(t.Context(), p.by(sam))
		requireFault(t, err, "offer_expired")
	})
	t.Run("either side may end it", func(t *testing.T) {
		require.NoError(t, p.offer(p.owner, ann))
		_, err := p.engine.CancelOwnershipOffer(t.Context(), p.by(ann))
		require.NoError(t, err)
		_, err = p.engine.AcceptOwnership(t.Context(), p.by(ann))
		requireFault(t, err, "no_ownership_offer")
	})
	t.Run("AMB-1 nobody can be kept from answering, and no denial survives it", func(t *testing.T) {
		for _, c := range access.Capabilities() {
			_, err := p.engine.DenyPermission(t.Context(), p.by(p.owner), group.DenyPermission{Member: sam.member, Capability: c, Scope: access.ScopeGroup})
			require.NoError(t, err)
		}
		require.NoError(t, p.offer(p.owner, sam))
		shown, err := p.engine.AcceptOwnership(t.Context(), dry(p.by(sam)))
		require.NoError(t, err)
		require.Equal(t, sam.member, shown.Effects[len(shown.Effects)-1].Member)
		receipt, err := p.engine.AcceptOwnership(t.Context(), p.by(sam))
		require.NoError(t, err)
		require.Equal(t, group.OwnershipTransferred{From: p.owner.member, To: sam.member, FromNewRole: access.SuperAdmin}, receipt.Events[0].Event)

		_, err = p.newEngine().NameSuccessor(t.Context(), p.by(sam), group.NameSuccessor{Successor: ann.member})
		require.NoError(t, err)
		_, err = p.engine.NameSuccessor(t.Context(), p.by(p.owner), group.NameSuccessor{Successor: ann.member})
		requireFault(t, err, "permission_denied")
		_, err = p.engine.ClearSuccessor(t.Context(), p.by(sam))
		require.NoError(t, err)
	})
}
