package membership_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/membership"
)

var (
	now     = time.Date(2025, 6, 1, 15, 0, 0, 0, time.UTC)
	account = id.Derive[id.Account]("account")
	elm     = id.Derive[id.Group]("elm")
	oak     = id.Derive[id.Group]("oak")
	first   = id.Derive[id.Member]("first")
	second  = id.Derive[id.Member]("second")
)

func given(t testing.TB, history ...membership.Event) estest.Spec[membership.State, membership.Event] {
	return estest.Given(t, membership.Aggregate(), history...)
}

func TestClaim(t *testing.T) {
	inElm := membership.Claimed{Group: elm, Member: first}
	t.Run("G-7 a free account is claimed", func(t *testing.T) {
		given(t).When(membership.Claim{Group: elm, Member: first}, now).Then(inElm)
	})
	t.Run("G-7 AMB-4 an account belongs to one group at most", func(t *testing.T) {
		given(t, inElm).When(membership.Claim{Group: oak, Member: second}, now).ThenRejected("account_in_other_group")
	})
	t.Run("the same claim again changes nothing, another membership in the group is refused", func(t *testing.T) {
		given(t, inElm).When(membership.Claim{Group: elm, Member: first}, now).ThenNothing()
		given(t, inElm).When(membership.Claim{Group: elm, Member: second}, now).ThenRejected("already_member")
	})
	t.Run("AMB-4 once released it can be claimed by another group", func(t *testing.T) {
		released := membership.Released{Group: elm, Member: first}
		given(t, inElm).When(membership.Release{Group: elm, Member: first}, now).Then(released)
		given(t, inElm, released).When(membership.Claim{Group: oak, Member: second}, now).Then(membership.Claimed{Group: oak, Member: second})
	})
	t.Run("a release by who does not hold it changes nothing", func(t *testing.T) {
		given(t, inElm).When(membership.Release{Group: oak, Member: first}, now).ThenNothing()
		given(t, inElm).When(membership.Release{Group: elm, Member: second}, now).ThenNothing()
		given(t).When(membership.Release{Group: elm, Member: first}, now).ThenNothing()
	})
	t.Run("a claim names a group and a member", func(t *testing.T) {
		given(t).When(membership.Claim{Group: elm}, now).ThenRejected("id_required")
		given(t).When(membership.Claim{Member: first}, now).ThenRejected("id_required")
		given(t).When(membership.Release{}, now).ThenNothing()
	})
}

// A claim moves to another group only through a release by the group that held it.
func TestG7NoGroupTakesWhatAnotherHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := membership.State{}
		for range rapid.IntRange(1, 30).Draw(t, "commands") {
			g, m := rapid.SampledFrom([]id.Group{elm, oak}).Draw(t, "group"), rapid.SampledFrom([]id.Member{first, second}).Draw(t, "member")
			var c estest.Decider[membership.State, membership.Event] = membership.Claim{Group: g, Member: m}
			release := rapid.Bool().Draw(t, "release")
			if release {
				c = membership.Release{Group: g, Member: m}
			}
			before, _, held := s.Holder()
			events, _ := c.Decide(s, now)
			for _, e := range events {
				membership.Evolve(&s, e)
			}
			after, _, stillHeld := s.Holder()
			if held && stillHeld {
				require.Equal(t, before, after)
			}
			if held && !stillHeld {
				require.True(t, release && g == before)
			}
		}
	})
}

func TestStoredFormOfEvents(t *testing.T) {
	estest.Golden[membership.Event](t, membership.Events(),
		membership.Claimed{Group: elm, Member: first}, membership.Released{Group: elm, Member: first})
}

func TestStream(t *testing.T) {
	stream := membership.Stream(account)
	require.Equal(t, es.Stream("membershipClaim-"+account.String()), stream)
	_, tenant := stream.Group()
	require.False(t, tenant, "a claim belongs to no group")
}
