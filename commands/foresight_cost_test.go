package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// costs is what a dry run says about money: today, and the next period before and after.
func costs(t require.TestingT, c *group.Cost) []money.Money {
	require.NotNil(t, c)
	return []money.Money{c.Today, c.Before, c.After}
}

func TestDryRun_SaysWhatItCosts(t *testing.T) {
	p := subscribed(t)
	p.Pass(15 * 24 * time.Hour)
	spare := p.buy(pricing.TherapistPremium, 1)[0]

	t.Run("AMB-6 BIL-A6 of licences: their lines today, their price from the next period on", func(t *testing.T) {
		quote, err := p.engine.QuoteLicences(t.Context(), p.by(p.owner), pricing.ERxLite, 2, nil)
		require.NoError(t, err)
		receipt, err := commands.PurchaseLicences.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 2, QuotedTotal: quote.Today})
		require.NoError(t, err)
		before := p.subscription().Next.Total
		require.Equal(t, []money.Money{quote.Today, before, usd(before.Minor + 2*89_00)}, costs(t, receipt.Cost))
		require.Len(t, receipt.Cost.Lines, 2)
		require.Equal(t, p.subscription().Next.Period, receipt.Cost.Next)
	})
	t.Run("BIL-A7 of a release: nothing today, less from the next period on", func(t *testing.T) {
		receipt, err := commands.ScheduleLicenceRelease.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.ScheduleLicenceRelease{Licence: spare})
		require.NoError(t, err)
		before := p.subscription().Next.Total
		require.Equal(t, []money.Money{usd(0), before, usd(89_00)}, costs(t, receipt.Cost))
		require.Empty(t, receipt.Cost.Lines)
	})
	t.Run("AMB-8 of a removal: the licence is free for another, and paid for", func(t *testing.T) {
		ann := p.join("ann", access.User, true)
		receipt, err := commands.StartMemberRemoval.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.StartMemberRemoval{Member: ann.member})
		require.NoError(t, err)
		total := p.subscription().Next.Total
		require.Equal(t, []money.Money{usd(0), total, total}, costs(t, receipt.Cost))
	})
	t.Run("BIL-13 only those are told who may see the subscription", func(t *testing.T) {
		sam := p.join("sam", access.SuperAdmin, false)
		p.may(sam, access.BranchManage, access.ScopeGroup)
		rename := group.RenameBranch{Branch: p.seen().State.DefaultBranch(), Name: "Annex"}
		receipt, err := commands.RenameBranch.Give(t.Context(), p.engine, dry(p.by(sam)), rename)
		require.NoError(t, err)
		require.Nil(t, receipt.Cost)
		p.may(sam, access.SubscriptionView, access.ScopeGroup)
		receipt, err = commands.RenameBranch.Give(t.Context(), p.engine, dry(p.by(sam)), rename)
		require.NoError(t, err)
		require.NotNil(t, receipt.Cost)
	})
	t.Run("nothing costs anything without a subscription", func(t *testing.T) {
		free := newPractice(t)
		receipt, err := commands.UpdatePracticeInfo.Give(t.Context(), free.engine, dry(free.by(free.owner)), group.UpdatePracticeInfo{Phone: new("555 0100")})
		require.NoError(t, err)
		require.Nil(t, receipt.Cost)
	})
}

func TestBIL13_AMissingLicenceIsPricedForThoseWhoSeeTheSubscription(t *testing.T) {
	p := subscribed(t) // the owner holds the one licence
	sam := p.join("sam", access.SuperAdmin, false)
	p.may(sam, access.MemberInvite, access.ScopeGroup)
	refused := func(by person) *fault.Error {
		_, err := commands.InviteMember.Give(t.Context(), p.engine, p.by(by), commands.Invite{ValidDays: 7, InviteMember: group.InviteMember{
			Invitation: id.Derive[id.Invitation](p.next()), EmailHash: commands.EmailHash("ann@example.org"), Role: access.User, Clinician: true,
		}})
		requireFault(t, err, "no_free_licence")
		return fault.From(err)
	}
	require.Contains(t, refused(p.owner).Details, "quote")
	require.Empty(t, refused(sam).Details)
	require.NotContains(t, refused(sam).Message, "costs")
	p.may(sam, access.SubscriptionView, access.ScopeGroup)
	require.Equal(t, refused(p.owner).Details, refused(sam).Details)
}

// TestDryRun_CostsWhatIsReallyCharged does whatever was rehearsed and compares the
// money.
func TestDryRun_CostsWhatIsReallyCharged(t *testing.T) {
	charged := 0
	rapid.Check(t, func(r *rapid.T) {
		p := subscribed(t)
		for range rapid.IntRange(1, 5).Draw(r, "commands") {
			p.Pass(time.Duration(rapid.IntRange(0, 4).Draw(r, "days")) * 24 * time.Hour)
			licence := rapid.SampledFrom(p.subscription().Licences).Draw(r, "licence").ID
			plan := rapid.SampledFrom(pricing.Plans()).Draw(r, "plan").ID
			quantity := rapid.IntRange(1, 3).Draw(r, "quantity")
			do := []func(commands.Call) (commands.Receipt, error){
				func(call commands.Call) (commands.Receipt, error) {
					quote, err := p.engine.QuoteLicences(t.Context(), p.by(p.owner), plan, quantity, nil)
					if err != nil {
						return commands.Receipt{}, err
					}
					return commands.PurchaseLicences.Give(t.Context(), p.engine, call, group.PurchaseLicences{Plan: plan, Quantity: quantity, QuotedTotal: quote.Today})
				},
				func(call commands.Call) (commands.Receipt, error) {
					quote, err := p.engine.QuotePlanChange(t.Context(), p.by(p.owner), licence, plan)
					if err != nil {
						return commands.Receipt{}, err
					}
					return commands.ChangeLicencePlan.Give(t.Context(), p.engine, call, group.ChangeLicencePlan{Licence: licence, Plan: plan, QuotedTotal: quote.Today})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return commands.ScheduleLicenceRelease.Give(t.Context(), p.engine, call, group.ScheduleLicenceRelease{Licence: licence})
				},
				func(call commands.Call) (commands.Receipt, error) {
					return commands.CancelRelease.Give(t.Context(), p.engine, call, group.CancelRelease{Licence: licence})
				},
			}
			command := rapid.SampledFrom(do).Draw(r, "command")
			before, owed := p.subscription().Next.Total, p.charged()
			shown, refused := command(dry(p.by(p.owner)))
			_, err := command(p.by(p.owner))
			require.Equal(r, refused == nil, err == nil, "%v, %v", refused, err)
			if err != nil || len(shown.Events) == 0 {
				continue
			}
			grown := usd(p.charged().Minor - owed.Minor)
			p.payAll()
			require.Equal(r, []money.Money{grown, before, p.subscription().Next.Total}, costs(r, shown.Cost))
			total, err := pricing.Total(shown.Cost.Lines)
			require.NoError(r, err)
			require.Equal(r, grown.Minor, total.Minor, "the lines say how it came about")
			charged += int(grown.Minor)
		}
	})
	require.Positive(t, charged, "some command cost something")
}

// payAll collects what is due.
func (p *practice) payAll() {
	for _, c := range p.seen().State.Charges() {
		if c.Status == group.ChargeOpen && c.Total.Minor > 0 {
			p.collect(c.ID, true)
		}
	}
}

// charged is the sum of all charges.
func (p *practice) charged() money.Money {
	sum := usd(0)
	for _, c := range p.seen().State.Charges() {
		sum.Minor += c.Total.Minor
	}
	return sum
}
