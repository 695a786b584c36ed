package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
)

// signedIn is a call of somebody who signed in at an instant.
func signedIn(c commands.Call, at time.Time) commands.Call { c.AuthenticatedAt = at; return c }

func TestStepUp_WhatCannotBeUndoneNeedsAFreshSignIn(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	p.Pass(time.Hour)
	old := p.Now().Add(-commands.StepUpAge - time.Nanosecond)
	offer := commands.Offer{OfferOwnership: group.OfferOwnership{To: sam.member}, ValidDays: 3}
	hash := closing("0")
	cases := map[string]func(commands.Call) (commands.Receipt, error){
		"offer the ownership": func(c commands.Call) (commands.Receipt, error) {
			return commands.OfferOwnership.Give(t.Context(), p.engine, c, offer)
		},
		"name a successor": func(c commands.Call) (commands.Receipt, error) {
			return commands.NameSuccessor.Give(t.Context(), p.engine, c, group.NameSuccessor{Successor: sam.member})
		},
		"clear the successor": func(c commands.Call) (commands.Receipt, error) {
			return commands.ClearSuccessor.Give(t.Context(), p.engine, c, group.ClearSuccessor{})
		},
		"reject a claim": func(c commands.Call) (commands.Receipt, error) {
			return commands.RejectSuccession.Give(t.Context(), p.engine, c, group.RejectSuccession{})
		},
		"close the practice": func(c commands.Call) (commands.Receipt, error) {
			return commands.CloseGroup.Give(t.Context(), p.engine, c, hash)
		},
	}
	for name, ask := range cases {
		t.Run(name, func(t *testing.T) {
			p.unchanged(func() {
				for _, at := range []time.Time{old, {}} {
					_, err := ask(signedIn(p.by(p.owner), at))
					requireFault(t, err, "step_up_auth_required")
					require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
					require.Equal(t, "600", fault.From(err).Details["maxAgeSeconds"])
				}
			})
			t.Run("who may not do it at all hears that", func(t *testing.T) {
				_, err := ask(signedIn(p.by(sam), old))
				requireFault(t, err, "permission_denied")
				_, err = ask(signedIn(p.by(someone("stranger")), old))
				requireFault(t, err, "group_not_found")
			})
		})
	}
	t.Run("it holds for ten minutes, to the instant", func(t *testing.T) {
		_, err := commands.NameSuccessor.Give(t.Context(), p.engine, signedIn(p.by(p.owner), p.Now().Add(-commands.StepUpAge)), group.NameSuccessor{Successor: sam.member})
		require.NoError(t, err)
	})
	t.Run("a dry run needs none", func(t *testing.T) {
		_, err := commands.OfferOwnership.Give(t.Context(), p.engine, signedIn(dry(p.by(p.owner)), old), offer)
		require.NoError(t, err)
	})
	t.Run("a repeated command needs none, because it does nothing", func(t *testing.T) {
		call := p.by(p.owner)
		_, err := commands.OfferOwnership.Give(t.Context(), p.engine, call, offer)
		require.NoError(t, err)
		again, err := commands.OfferOwnership.Give(t.Context(), p.engine, signedIn(call, old), offer)
		require.NoError(t, err)
		require.True(t, again.Replayed)
	})
	t.Run("AMB-1 claiming needs one, and withdrawing none", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.ClaimSuccession.Give(t.Context(), p.engine, signedIn(p.by(sam), old), group.ClaimSuccession{})
			requireFault(t, err, "step_up_auth_required")
			_, err = commands.ClaimSuccession.Give(t.Context(), p.engine, signedIn(p.by(someone("stranger")), old), group.ClaimSuccession{})
			requireFault(t, err, "group_not_found")
		})
		_, err := commands.WithdrawSuccession.Give(t.Context(), p.engine, signedIn(p.by(sam), old), group.WithdrawSuccession{})
		requireFault(t, err, "no_succession_claim")
	})
	t.Run("AMB-1 accepting needs one, and a stranger learns nothing by it", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.AcceptOwnership.Give(t.Context(), p.engine, signedIn(p.by(sam), old), group.AcceptOwnership{})
			requireFault(t, err, "step_up_auth_required")
			_, err = commands.AcceptOwnership.Give(t.Context(), p.engine, signedIn(p.by(someone("stranger")), old), group.AcceptOwnership{})
			requireFault(t, err, "group_not_found")
		})
		_, err := commands.CancelOwnershipOffer.Give(t.Context(), p.engine, signedIn(p.by(sam), old), group.CancelOwnershipOffer{})
		require.NoError(t, err, "saying no gives nothing away")
	})
}
