package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// another is a second practice that the same person would found.
func (p *practice) another() group.CreateGroup {
	c := p.founding()
	c.Group, c.Owner, c.DefaultBranch = id.Derive[id.Group]("second"), id.Derive[id.Member]("second"), id.Derive[id.Branch]("second")
	return c
}

func TestFounding(t *testing.T) {
	t.Run("G-2 makes the founder the owner, and G-7 claims the account", func(t *testing.T) {
		p := emptyHouse(t)
		receipt, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), p.founding())
		require.NoError(t, err)
		require.Equal(t, es.Revision(1), receipt.Revision)
		require.Equal(t, "signed_in", receipt.Decision.Rule)
		created := p.log(group.Stream(p.group))[0].Event.(group.GroupCreated)
		require.Equal(t, p.owner.account, created.Account)
		claims := p.log(membership.Stream(p.owner.account))
		require.Len(t, claims, 1)
		require.Equal(t, membership.Claimed{Group: p.group, Member: p.owner.member}, claims[0].Event)
		m, err := p.engine.MembershipOf(t.Context(), p.owner.account)
		require.NoError(t, err)
		require.Equal(t, commands.Membership{Group: p.group, Member: p.owner.member, Role: access.Owner}, m)
	})
	t.Run("nobody founds for another account", func(t *testing.T) {
		p := emptyHouse(t)
		c := p.founding()
		c.Account = someone("victim").account
		_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), c)
		require.NoError(t, err)
		require.Equal(t, p.owner.account, p.log(group.Stream(p.group))[0].Event.(group.GroupCreated).Account)
	})
	t.Run("a rejected founding claims nothing", func(t *testing.T) {
		p := emptyHouse(t)
		c := p.founding()
		c.Name = " "
		_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), c)
		requireFault(t, err, "name_required")
		require.Zero(t, p.length())
	})
	t.Run("a dry run appends nothing", func(t *testing.T) {
		p := emptyHouse(t)
		receipt, err := commands.CreateGroup.Give(t.Context(), p.engine, dry(p.by(p.owner)), p.founding())
		require.NoError(t, err)
		require.Len(t, receipt.Events, 2)
		require.Zero(t, p.length())
	})
	t.Run("a retry answers the first receipt", func(t *testing.T) {
		p := emptyHouse(t)
		call := p.by(p.owner)
		first, err := commands.CreateGroup.Give(t.Context(), p.engine, call, p.founding())
		require.NoError(t, err)
		p.unchanged(func() {
			again, err := commands.CreateGroup.Give(t.Context(), p.newEngine(), call, p.founding())
			require.NoError(t, err)
			answers(t, first, again)
		})
	})
}

func TestFounding_BrokenOffBetweenClaimAndGroup(t *testing.T) {
	p := emptyHouse(t)
	call := p.by(p.owner)
	p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
		if s.Category() == group.Category {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	_, err := commands.CreateGroup.Give(t.Context(), p.engine, call, p.founding())
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
	require.Equal(t, uint64(1), p.length(), "the claim stands")
	m, err := p.engine.MembershipOf(t.Context(), p.owner.account)
	require.NoError(t, err)
	require.Zero(t, m, "a claim alone makes nobody a member")
	p.store.Mend()
	p.Pass(time.Minute)

	_, err = commands.CreateGroup.Give(t.Context(), p.newEngine(), call, p.founding())
	require.NoError(t, err, "the retry completes it")
	require.Equal(t, uint64(3), p.length(), "one claim, two events of the group")
}

func TestFounding_OneGroupPerAccount(t *testing.T) {
	t.Run("G-7 the owner of a practice founds no second one", func(t *testing.T) {
		p := newPractice(t)
		for _, call := range []commands.Call{p.by(p.owner), dry(p.by(p.owner))} {
			p.unchanged(func() {
				_, err := commands.CreateGroup.Give(t.Context(), p.engine, call, p.another())
				requireFault(t, err, "account_in_other_group")
			})
		}
	})
	t.Run("G-7 of two foundings at once, one wins", func(t *testing.T) {
		p := emptyHouse(t)
		foundings := []group.CreateGroup{p.founding(), p.another()}
		calls := []commands.Call{p.by(p.owner), p.by(p.owner)}
		engines := []*commands.Engine{p.engine, p.newEngine()}
		results := make([]error, 2)
		var all errgroup.Group
		for i := range 2 {
			all.Go(func() error {
				_, results[i] = commands.CreateGroup.Give(t.Context(), engines[i], calls[i], foundings[i])
				return nil
			})
		}
		require.NoError(t, all.Wait())
		require.NotEqual(t, results[0] == nil, results[1] == nil)
		for _, err := range results {
			if err != nil {
				requireFault(t, err, "account_in_other_group")
			}
		}
		require.Equal(t, uint64(3), p.length())
	})
	t.Run("a practice that exists is not claimed by founding it again", func(t *testing.T) {
		p := newPractice(t)
		thief := someone("thief")
		p.unchanged(func() {
			_, err := commands.CreateGroup.Give(t.Context(), p.engine, p.by(thief), p.founding())
			requireFault(t, err, "group_exists")
		})
		m, err := p.engine.MembershipOf(t.Context(), thief.account)
		require.NoError(t, err)
		require.Zero(t, m)
	})
	t.Run("a claim on somebody else's membership makes nobody a member", func(t *testing.T) {
		p := newPractice(t)
		thief := someone("thief")
		typ, data, meta, err := p.registry.Encode(membership.Claimed{Group: p.group, Member: p.owner.member}, es.Subject{}, es.Metadata{})
		require.NoError(t, err)
		_, err = p.store.Append(t.Context(), membership.Stream(thief.account), es.At(es.NoStream), []es.Proposed{
			{ID: id.Derive[id.Event]("claim"), Type: typ, Data: data, Metadata: meta},
		})
		require.NoError(t, err)
		m, err := p.engine.MembershipOf(t.Context(), thief.account)
		require.NoError(t, err)
		require.Zero(t, m)
	})
	t.Run("a former member may found their own, even if the release was lost", func(t *testing.T) {
		p := newPractice(t)
		ann := p.join("ann", access.User, true)
		p.store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
			if s.Category() == membership.Category {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		p.remove(p.engine, ann)
		require.Contains(t, p.errors.String(), "still claimed")
		p.store.Mend()
		own := p.another()
		_, err := commands.CreateGroup.Give(t.Context(), p.engine, dry(p.by(ann)), own)
		require.NoError(t, err)
		_, err = commands.CreateGroup.Give(t.Context(), p.engine, p.by(ann), own)
		require.NoError(t, err)
		m, err := p.engine.MembershipOf(t.Context(), ann.account)
		require.NoError(t, err)
		require.Equal(t, commands.Membership{Group: own.Group, Member: own.Owner, Role: access.Owner}, m)
	})
}

func TestGroup_IsNotFoundByItsId(t *testing.T) {
	p := newPractice(t)
	call := p.by(p.owner)
	call.Group = id.Derive[id.Group]("none")
	p.practiceUnchanged(func() {
		_, err := commands.CreateBranch.Give(t.Context(), p.engine, call, group.CreateBranch{Branch: p.branch, Name: "North"})
		requireFault(t, err, "group_not_found")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}
