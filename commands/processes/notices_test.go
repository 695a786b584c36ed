package processes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/contacts"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestNotices_AreWrittenToWhomTheyConcern(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	book, err := contacts.New(h.Pool)
	require.NoError(t, err)
	owner := h.owner
	require.NoError(t, book.Remember(t.Context(), owner.account, owner.email, "Olivia Owner", h.Now()))
	h.hush()
	expect := func(name string, want map[id.Account][]string) {
		t.Helper()
		h.live(never, correspondence)
		require.Equal(t, want, h.told(), name)
		for _, l := range h.letters() {
			require.NotContains(t, l.Text, "@", "no address stands in a letter")
			require.True(t, l.Account == nil || strings.HasSuffix(l.Text, "Sent by Praxis for Elm Street.\n"))
		}
		h.hush()
	}
	do := func(_ commands.Receipt, err error) {
		t.Helper()
		require.NoError(t, err)
	}
	ann := h.join("ann", access.User, true)
	expect("joined", map[id.Account][]string{owner.account: {"Somebody whom you invited joined Elm Street"}})
	sam, sue := h.join("sam", access.SuperAdmin, false), h.join("sue", access.SuperAdmin, false)
	h.hush()

	declined := h.invite("cat", access.User, true)
	do(commands.DeclineInvitation.Give(t.Context(), h.engine, h.by(person("cat")), declined))
	expect("declined", map[id.Account][]string{owner.account: {"An invitation to Elm Street was declined"}})

	do(commands.GrantPermission.Give(t.Context(), h.engine, h.by(owner), group.GrantPermission{Member: ann.member, Capability: access.RosterExport, Scope: access.ScopeOwn}))
	expect("a grant to another", map[id.Account][]string{})
	do(commands.GrantPermission.Give(t.Context(), h.engine, h.by(owner), group.GrantPermission{Member: owner.member, Capability: access.ChartCreate, Scope: access.ScopeGroup}))
	h.live(never, correspondence)
	require.Contains(t, h.letters()[0].Text, "Olivia Owner, who owns Elm Street, gave themselves the permission \"chart.create\".")
	expect("AMB-11 a grant to oneself", map[id.Account][]string{
		owner.account: {"The owner of Elm Street gave themselves a permission"}, sam.account: {"The owner of Elm Street gave themselves a permission"},
		sue.account: {"The owner of Elm Street gave themselves a permission"},
	})

	do(commands.NameSuccessor.Give(t.Context(), h.engine, h.by(owner), group.NameSuccessor{Successor: sam.member}))
	expect("a successor", map[id.Account][]string{sam.account: {"You are named as successor at Elm Street"}})
	do(commands.ClaimSuccession.Give(t.Context(), h.engine, h.by(sam), group.ClaimSuccession{}))
	expect("a claim", map[id.Account][]string{owner.account: {"Your successor claims Elm Street"}})
	do(commands.WithdrawSuccession.Give(t.Context(), h.engine, h.by(sam), group.WithdrawSuccession{}))
	expect("a withdrawal", map[id.Account][]string{owner.account: {"The claim to Elm Street was withdrawn"}})
	do(commands.ClaimSuccession.Give(t.Context(), h.engine, h.by(sam), group.ClaimSuccession{}))
	h.hush()
	do(commands.RejectSuccession.Give(t.Context(), h.engine, h.by(owner), group.RejectSuccession{}))
	expect("a no", map[id.Account][]string{sam.account: {"The owner of Elm Street objects to your claim"}})
	do(commands.OfferOwnership.Give(t.Context(), h.engine, h.by(owner), commands.Offer{OfferOwnership: group.OfferOwnership{To: sam.member}, ValidDays: 3}))
	expect("an offer", map[id.Account][]string{sam.account: {"You are offered the ownership of Elm Street"}})
	do(commands.AcceptOwnership.Give(t.Context(), h.engine, h.by(sam), group.AcceptOwnership{}))
	expect("a transfer", map[id.Account][]string{sam.account: {"You own Elm Street"}, owner.account: {"The ownership of Elm Street was transferred"}})

	do(commands.RemoveMember.Give(t.Context(), h.engine, h.by(sam), group.RemoveMember{Member: sue.member}))
	expect("a removal", map[id.Account][]string{sue.account: {"Your membership of Elm Street ended"}})
}

func TestNotices_BrokenGlassIsToldToThePrimaryAndTheOwner(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	book, err := contacts.New(h.Pool)
	require.NoError(t, err)
	ann, ben := h.join("ann", access.User, true), h.join("ben", access.User, true)
	require.NoError(t, book.Remember(t.Context(), ben.account, ben.email, "Ben Bright", h.Now()))
	_, err = commands.GrantPermission.Give(t.Context(), h.engine, h.by(h.owner), group.GrantPermission{Member: ben.member, Capability: access.BreakGlassOpen, Scope: access.ScopeGroup})
	require.NoError(t, err)
	c := h.open(ann)
	h.hush()
	_, err = commands.OpenBreakGlass.Give(t.Context(), h.engine, h.by(ben), c, chart.OpenBreakGlass{ReasonCode: chart.RiskOfHarm, Text: "Doe calls"})
	require.NoError(t, err)
	h.live(never, correspondence)
	told := map[id.Account][]string{h.owner.account: {"Emergency access to a chart at Elm Street"}, ann.account: {"Emergency access to a chart at Elm Street"}}
	require.Equal(t, told, h.told())
	for _, l := range h.letters() {
		require.Contains(t, l.Text, "Ben Bright broke the glass of a chart of Elm Street and can read it until ")
		require.NotContains(t, l.Text, "Doe")
		require.NotContains(t, l.Text, c.String())
	}
}

func TestNotices_TheEndOfAPracticeIsToldToWhoIsStillInIt(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	h.invite("late", access.User, false)
	_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	h.hush()
	h.close()
	h.live(never, correspondence)
	require.Equal(t, map[id.Account][]string{h.owner.account: {"Elm Street was closed"}}, h.told())
}

func TestNotices_TheEndOfASubscriptionIsToldTwice(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.live(never, subscription, processes.Collection)
	h.hush()
	_, err := commands.CancelSubscription.Give(t.Context(), h.engine, h.by(h.owner), group.CancelSubscription{})
	require.NoError(t, err)
	h.live(never, correspondence)
	require.Equal(t, map[id.Account][]string{h.owner.account: {"The subscription of Elm Street was cancelled"}}, h.told())
	require.Contains(t, h.letters()[0].Text, "Sunday, 10 May 2026 is the first day without it; until then")
	h.hush()
	h.daily(40)
	h.live(never, correspondence)
	require.Equal(t, map[id.Account][]string{h.owner.account: {"The subscription of Elm Street ended"}}, h.told())
	require.Contains(t, h.letters()[0].Text, "Sunday, 10 May 2026 is the first day without it. No further")
}

func TestNotices_AboutMoneyAndTrainingGoToWhomTheyConcern(t *testing.T) {
	pool := pgtest.New(t)
	subjects := func(h *house, days int) map[id.Account][]string {
		for range days {
			h.Pass(day)
			h.live(never, subscription, processes.Collection, correspondence)
		}
		return h.told()
	}
	t.Run("a trial that ends", func(t *testing.T) {
		h := newHouse(t, pool)
		h.hush()
		_, err := commands.StartTrial.Give(t.Context(), h.engine, h.by(h.owner), group.StartTrial{Seats: h.seats()})
		require.NoError(t, err)
		require.Equal(t, map[id.Account][]string{h.owner.account: {"The trial of Elm Street ended"}}, subjects(h, 21))
	})
	t.Run("a trial that was cancelled ends without a word of a charge", func(t *testing.T) {
		h := newHouse(t, pool)
		h.hush()
		_, err := commands.StartTrial.Give(t.Context(), h.engine, h.by(h.owner), group.StartTrial{Seats: h.seats()})
		require.NoError(t, err)
		_, err = commands.CancelSubscription.Give(t.Context(), h.engine, h.by(h.owner), group.CancelSubscription{})
		require.NoError(t, err)
		require.Contains(t, subjects(h, 21)[h.owner.account], "The trial of Elm Street ended")
		for _, l := range h.letters() {
			require.NotContains(t, l.Text, "paid period")
		}
	})
	t.Run("BIL-A11 a purchase that is not paid when the practice closes", func(t *testing.T) {
		h := newHouse(t, pool)
		h.subscribe(simulated.MethodOK, 89_00)
		h.live(never, subscription, processes.Collection)
		h.buys(89_00)
		h.hush()
		h.close()
		require.Contains(t, subjects(h, 1)[h.owner.account], "An unpaid purchase of Elm Street was cancelled")
		for _, l := range h.letters() {
			require.NotContains(t, l.Text, "seven days")
		}
	})
	t.Run("BIL-A11 a purchase that stays unpaid", func(t *testing.T) {
		h := newHouse(t, pool)
		h.subscribe(simulated.MethodOK, 89_00)
		h.live(never, subscription, processes.Collection)
		h.pay(simulated.MethodDeclined)
		h.buys(89_00)
		h.hush()
		told := subjects(h, 9)[h.owner.account]
		slices.Sort(told)
		failed := "A payment of Elm Street failed"
		require.Equal(t, []string{failed, failed, failed, failed, "An unpaid purchase of Elm Street was cancelled"}, told)
		for _, l := range h.letters() {
			require.Equal(t, l.Subject == failed, strings.Contains(l.Text, "USD 89.00"))
		}
	})
	t.Run("BIL-A10 a proof of training that ends, to owner and trainee", func(t *testing.T) {
		h := newHouse(t, pool)
		bob := h.join("bob", access.User, false)
		h.subscribe(simulated.MethodOK, 89_00)
		proof := id.Derive[id.TraineeProof]("bob")
		_, err := commands.SubmitTraineeProof.Give(t.Context(), h.engine, h.by(h.owner), group.SubmitTraineeProof{
			Proof: proof, EmailHash: commands.EmailHash(bob.email), Kind: pricing.PrescriberTrainee, Programme: "Residency", DocHash: "d",
			ValidFrom: civil.MustDate("2026-04-01"), ValidUntil: civil.MustDate("2026-05-11"),
		})
		require.NoError(t, err)
		_, err = commands.VerifyTraineeProof.Give(t.Context(), h.engine, h.by(h.owner), group.VerifyTraineeProof{Proof: proof, Accredited: true})
		require.NoError(t, err)
		h.hush()
		told := subjects(h, 33)
		for _, who := range []someone{h.owner, bob} {
			slices.Sort(told[who.account])
			require.Equal(t, []string{
				"A proof of training ended", "A proof of training ends in 30 days or less", "A proof of training ends in 7 days or less",
			}, told[who.account])
		}
		for _, l := range h.letters() {
			require.Equal(t, l.Account != nil && *l.Account == bob.account, strings.Contains(l.Text, "Your proof of training"))
		}
	})
}

func TestNotices_NobodyIsToldOldNews(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, false)
	_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	h.live(never, correspondence)
	require.Empty(t, h.told(), "it happened before letters were ever written")
}
