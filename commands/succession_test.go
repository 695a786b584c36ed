package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
)

// clock is a call of the process that watches the time of claims.
func (p *practice) clock() commands.Call {
	call := p.by(person{})
	call.Process = "succession"
	return call
}

func (p *practice) name(successor person) {
	p.t.Helper()
	_, err := commands.NameSuccessor.Give(p.ctx(), p.engine, p.by(p.owner), group.NameSuccessor{Successor: successor.member})
	require.NoError(p.t, err)
}

func (p *practice) claims(by person) {
	p.t.Helper()
	_, err := commands.ClaimSuccession.Give(p.ctx(), p.engine, p.by(by), group.ClaimSuccession{})
	require.NoError(p.t, err)
}

func TestSuccession_IsClaimedAndStopped(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	ann := p.join("ann", access.User, true)
	p.name(ann)

	t.Run("AMB-11 only the named successor claims, and no grant changes that", func(t *testing.T) {
		p.unchanged(func() {
			for _, who := range []person{sam, p.owner} {
				_, err := commands.ClaimSuccession.Give(t.Context(), p.engine, p.by(who), group.ClaimSuccession{})
				requireFault(t, err, "not_successor")
			}
			_, err := commands.ClaimSuccession.Give(t.Context(), p.engine, p.by(someone("stranger")), group.ClaimSuccession{})
			requireFault(t, err, "group_not_found")
		})
	})
	t.Run("AMB-1 nobody can be kept from claiming", func(t *testing.T) {
		for _, c := range access.Capabilities() {
			_, err := commands.DenyPermission.Give(t.Context(), p.engine, p.by(p.owner), group.DenyPermission{Member: ann.member, Capability: c, Scope: access.ScopeGroup})
			require.NoError(t, err)
		}
		p.claims(ann)
	})
	t.Run("AMB-11 only the owner says no", func(t *testing.T) {
		for _, who := range []person{sam, ann} {
			_, err := commands.RejectSuccession.Give(t.Context(), p.engine, p.by(who), group.RejectSuccession{})
			requireFault(t, err, "permission_denied")
		}
		_, err := commands.RejectSuccession.Give(t.Context(), p.engine, p.by(p.owner), group.RejectSuccession{})
		require.NoError(t, err)
	})
	t.Run("either side may end it", func(t *testing.T) {
		p.claims(ann)
		_, err := commands.WithdrawSuccession.Give(t.Context(), p.engine, p.by(sam), group.WithdrawSuccession{})
		requireFault(t, err, "no_succession_claim")
		_, err = commands.WithdrawSuccession.Give(t.Context(), p.engine, p.by(ann), group.WithdrawSuccession{})
		require.NoError(t, err)
		_, err = commands.RejectSuccession.Give(t.Context(), p.engine, p.by(p.owner), group.RejectSuccession{})
		requireFault(t, err, "no_succession_claim")
	})
}

func TestSuccession_IsCompletedByTheClockAlone(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	p.name(ann)
	p.claims(ann)
	t.Run("AMB-1 not a moment too early", func(t *testing.T) {
		p.Pass(group.SuccessionWait - 1)
		_, err := commands.CompleteSuccession.Give(t.Context(), p.engine, p.clock(), group.CompleteSuccession{})
		requireFault(t, err, "succession_not_due")
	})
	p.Pass(1)
	t.Run("AMB-1 by nobody who has something to gain or to lose", func(t *testing.T) {
		_, err := commands.CompleteSuccession.Give(t.Context(), p.engine, p.by(ann), group.CompleteSuccession{})
		requireFault(t, err, "permission_denied")
		p.unchanged(func() {
			_, err := commands.CompleteSuccession.Give(t.Context(), p.engine, p.by(p.owner), group.CompleteSuccession{})
			requireFault(t, err, "process_only")
		})
	})
	t.Run("AMB-1 once, however often it is asked for", func(t *testing.T) {
		call := p.clock()
		receipt, err := commands.CompleteSuccession.Give(t.Context(), p.engine, call, group.CompleteSuccession{})
		require.NoError(t, err)
		require.Equal(t, group.OwnershipTransferred{From: p.owner.member, To: ann.member, FromNewRole: access.SuperAdmin}, receipt.Events[0].Event)
		again, err := commands.CompleteSuccession.Give(t.Context(), p.newEngine(), call, group.CompleteSuccession{})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		other, err := commands.CompleteSuccession.Give(t.Context(), p.engine, p.clock(), group.CompleteSuccession{})
		require.NoError(t, err)
		require.Empty(t, other.Events)
	})
	t.Run("AMB-11 the new owner decides, and the former one does not", func(t *testing.T) {
		_, err := commands.NameSuccessor.Give(t.Context(), p.engine, p.by(p.owner), group.NameSuccessor{Successor: ann.member})
		requireFault(t, err, "permission_denied")
		_, err = commands.NameSuccessor.Give(t.Context(), p.engine, p.by(ann), group.NameSuccessor{Successor: p.owner.member})
		require.NoError(t, err)
	})
}

func TestSuccession_ANoAtTheLastMomentWins(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	p.name(ann)
	p.claims(ann)
	p.Pass(group.SuccessionWait + time.Hour)
	clock, owner := p.clock(), p.by(p.owner)
	other := p.newEngine()
	p.store.meanwhile(group.Stream(p.group), func() {
		_, err := commands.RejectSuccession.Give(t.Context(), other, owner, group.RejectSuccession{})
		require.NoError(t, err)
	})
	receipt, err := commands.CompleteSuccession.Give(t.Context(), p.engine, clock, group.CompleteSuccession{})
	require.NoError(t, err)
	require.Empty(t, receipt.Events, "AMB-1 it is decided again on what the owner said")
	require.NotEqual(t, es.NoStream, receipt.Revision)
	member, err := p.engine.MembershipOf(t.Context(), ann.account)
	require.NoError(t, err)
	require.Equal(t, access.User, member.Role)
}
