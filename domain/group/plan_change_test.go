package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestChangeLicencePlan(t *testing.T) {
	held := func(s *story, m id.Member) id.Licence {
		l, ok := s.state().LicenceOf(m)
		require.True(s.t, ok)
		return l.ID
	}
	change := func(l id.Licence, plan pricing.PlanID, quoted int64) command {
		return at(book, group.ChangeLicencePlan{Licence: l, Plan: plan, QuotedTotal: usd(quoted)})
	}
	t.Run("BIL-A8 L-12 an upgrade begins now, as one net line pair", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		l := held(s, oona)
		quote, err := s.state().QuotePlanChange(book, l, pricing.PrescriberPremium, s.now)
		require.NoError(t, err)
		require.Equal(t, []int64{-4450, 5950}, []int64{quote.Lines[0].Amount.Minor, quote.Lines[1].Amount.Minor})
		require.Equal(t, usd(11900), quote.PerPeriod)
		s.refuses(change(l, pricing.PrescriberPremium, 5950), "price_changed")
		events := s.do(change(l, pricing.PrescriberPremium, 1500))
		require.Equal(t, usd(1500), events[1].(group.ProratedChargeRaised).Total)
		require.Equal(t, group.PlanUpgraded, events[0].(group.LicencePlanChanged).Reason)
		require.True(t, s.state().EntitledClinician(oona, pricing.OnlineBooking), "premium at once")
		s.collect()
		require.Equal(t, usd(11900), s.roll("2024-07-01").Total)
		s.ignores(change(l, pricing.PrescriberPremium, 0))
	})
	t.Run("BIL-A8 L-12 a downgrade waits for the end of the period, and can be called off", func(t *testing.T) {
		s := subscribed(t)
		l := held(s, oona)
		require.Equal(t, []group.Event{group.PlanChangeScheduled{
			Licence: l, From: pricing.ERxLite, To: pricing.TherapistBasic, Effective: day("2024-07-01"),
		}}, s.do(change(l, pricing.TherapistBasic, 0)))
		s.ignores(change(l, pricing.TherapistBasic, 0))
		require.Equal(t, []group.Event{group.PlanChangeCancelled{Licence: l}}, s.do(change(l, pricing.ERxLite, 0)))
		s.do(change(l, pricing.TherapistBasic, 0))
		require.True(t, s.state().EntitledClinician(oona, pricing.Prescribing), "until then everything stays")
		july := s.roll("2024-07-01")
		require.Equal(t, usd(4900), july.Total)
		require.False(t, s.state().EntitledClinician(oona, pricing.Prescribing))
		require.Equal(t, usd(4900), s.roll("2024-08-01").Total)
	})
	t.Run("BIL-A8 an upgrade replaces a downgrade that waits", func(t *testing.T) {
		s := subscribed(t)
		l := held(s, oona)
		s.do(change(l, pricing.TherapistBasic, 0))
		s.do(change(l, pricing.PrescriberPremium, 3000))
		s.collect()
		require.Equal(t, usd(11900), s.roll("2024-07-01").Total)
	})
	t.Run("L-12 a change in the trial costs nothing and keeps the trial", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		l := held(s, oona)
		for _, plan := range []pricing.PlanID{pricing.PrescriberPremium, pricing.TherapistBasic, pricing.PrescriberPremium} {
			events := s.do(change(l, plan, 0))
			require.Equal(t, group.PlanChangedInTrial, events[0].(group.LicencePlanChanged).Reason)
		}
		require.Equal(t, noon("2024-06-30"), s.state().Trial().EndsAt)
		events := s.on("2024-06-30").do(at(book, group.ExpireTrial{}))
		require.Equal(t, usd(11900), events[2].(group.SubscriptionCharged).Total)
	})
	t.Run("L-9 a trainee's discount goes with a plan that has it, and stays behind else", func(t *testing.T) {
		s := subscribed(t)
		l := s.buy(pricing.ERxLite, 1, s.proves(mia, pricing.PrescriberTrainee, "2025-01-01"))[0]
		s.collect()
		s.joins(mia, pricing.Prescriber)
		s.do(change(l, pricing.PrescriberPremium, 1500))
		s.collect()
		s.do(change(l, pricing.TherapistBasic, 0))
		next, err := s.state().NextInvoice(book)
		require.NoError(t, err)
		require.Equal(t, usd(8900+4900), next.Total, "no discount on a therapist plan")
	})
	t.Run("what cannot be changed", func(t *testing.T) {
		s := subscribed(t)
		s.refuses(change(id.Licence{1}, pricing.ERxLite, 0), "licence_not_found")
		s.refuses(change(held(s, oona), "gold", 0), "unknown_plan")
		basic := s.buy(pricing.TherapistBasic, 1)[0]
		s.refuses(change(basic, pricing.ERxLite, 4000), "licence_pending_payment")
		s.collect()
		s.joins(uma, pricing.Therapist)
		s.refuses(change(basic, pricing.ERxLite, 4000), "plan_category_mismatch")
		free := s.buy(pricing.TherapistBasic, 1)[0]
		s.collect()
		s.do(group.ScheduleLicenceRelease{Licence: free})
		s.refuses(change(free, pricing.TherapistPremium, 2000), "licence_release_scheduled")
	})
	t.Run("BIL-A11 an upgrade that stays unpaid is taken back", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		l := held(s, oona)
		s.do(change(l, pricing.PrescriberPremium, 1500))
		s.settle(false)
		s.refuses(change(l, pricing.TherapistBasic, 0), "charge_unpaid")
		s.on("2024-06-22").ignores(group.CancelUnpaid{})
		events := s.on("2024-06-23").do(group.CancelUnpaid{})
		require.Equal(t, group.PlanUnpaid, events[0].(group.LicencePlanChanged).Reason)
		s.ignores(group.CancelUnpaid{})
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
	})
	t.Run("BIL-A11 BIL-A8 nothing is built on an upgrade of another day whose money is still to come, which would be lost with it", func(t *testing.T) {
		s := subscribed(t).on("2024-06-10")
		l := s.buy(pricing.TherapistBasic, 1)[0]
		s.collect()
		s.do(change(l, pricing.TherapistPremium, 1400))
		again := change(l, pricing.PrescriberPremium, 3333)
		s.on("2024-06-11").refuses(again, "charge_unpaid")
		s.collect()
		s.do(again)
	})
	t.Run("BIL-A11 an unpaid upgrade that was renewed since stays", func(t *testing.T) {
		s := subscribed(t).on("2024-06-25")
		l := held(s, oona)
		s.do(change(l, pricing.PrescriberPremium, 600))
		s.settle(false)
		charge := s.open()[0].ID
		require.Equal(t, usd(11900), s.roll("2024-07-01").Total)
		require.Equal(t, []group.Event{group.ChargeCancelled{Charge: charge, On: day("2024-07-02")}}, s.on("2024-07-02").do(group.CancelUnpaid{}))
	})
}

func TestReleaseLicence(t *testing.T) {
	t.Run("BIL-A7 AMB-8 at the end of the period, without refund, reversible until then", func(t *testing.T) {
		s := subscribed(t)
		l := s.buy(pricing.ERxLite, 1)[0]
		s.refuses(group.ScheduleLicenceRelease{Licence: l}, "licence_pending_payment")
		s.collect()
		s.on("2024-06-10")
		require.Equal(t, []group.Event{group.LicenceReleaseScheduled{Licence: l, Effective: day("2024-07-01")}}, s.do(group.ScheduleLicenceRelease{Licence: l}))
		s.ignores(group.ScheduleLicenceRelease{Licence: l})
		s.refuses(s.invitation(uma, pricing.Prescriber), "no_free_licence")
		s.do(group.CancelRelease{Licence: l})
		s.ignores(group.CancelRelease{Licence: l})
		s.do(group.ScheduleLicenceRelease{Licence: l})
		require.Empty(t, s.open(), "nothing is given back")
		require.Len(t, s.state().Licences(), 2, "it is owned to the end")
		require.Equal(t, usd(8900), s.roll("2024-07-01").Total)
		require.Len(t, s.state().Licences(), 1)
		s.refuses(group.CancelRelease{Licence: l}, "licence_not_found")
		s.refuses(group.ScheduleLicenceRelease{Licence: l}, "licence_not_found")
	})
	t.Run("a licence in use is not released", func(t *testing.T) {
		s := subscribed(t)
		l, _ := s.state().LicenceOf(oona)
		refusal := s.refuses(group.ScheduleLicenceRelease{Licence: l.ID}, "licence_in_use")
		require.Equal(t, oona.String(), refusal.Details["member"])
	})
	t.Run("in the trial it ends with the trial", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		l := s.buy(pricing.ERxLite, 1)[0]
		require.Equal(t, []group.Event{group.LicenceReleaseScheduled{Licence: l, Effective: day("2024-06-30")}}, s.do(group.ScheduleLicenceRelease{Licence: l}))
		events := s.on("2024-06-30").do(at(book, group.ExpireTrial{}))
		require.Equal(t, group.LicencesReleased{Licences: []id.Licence{l}, On: day("2024-06-30")}, events[2])
	})
	t.Run("only the owner changes licences", func(t *testing.T) {
		require.Equal(t, "Only the group owner can change licences.", group.ErrLicencesOwnerOnly.Message)
	})
}
