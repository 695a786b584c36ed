package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// SCN-1: a month of a practice that grows.
func TestScenario1AMonthOfAGrowingPractice(t *testing.T) {
	s := founded(t)
	s.joins(uma, pricing.Prescriber)
	seats := []group.Seat{
		{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}, {Member: uma, Plan: pricing.ERxLite, Profession: pricing.Prescriber},
	}
	events := s.do(at(book, group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: usd(17800)}))
	require.Equal(t, usd(17800), events[len(events)-1].(group.SubscriptionCharged).Total, "L-2 BIL-1 BIL-T1 owner + 1 on e-Rx lite")
	s.collect()

	s.on("2024-06-16")
	events = s.do(at(book, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: usd(4450)}))
	raised := events[1].(group.ProratedChargeRaised)
	require.Len(t, raised.Lines, 1, "BIL-5 one line for one licence")
	require.Equal(t, usd(4450), raised.Total, "L-5 BIL-T29 half of June")
	require.Contains(t, raised.Lines[0].Explain(""), "$89.00 × 15/30 days = $44.50 for 2024-06-16 to 2024-06-30, bought on 2024-06-16")

	t.Run("1 July: $267.00", func(t *testing.T) {
		s := s.otherwise()
		s.t = t
		s.collect()
		s.joins(ugo, pricing.Prescriber)
		require.Equal(t, usd(26700), s.roll("2024-07-01").Total)
	})

	trainee := s.proves(mia, pricing.PrescriberTrainee, "2025-06-30")
	events = s.do(at(book, group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, Proofs: []id.TraineeProof{trainee}, QuotedTotal: usd(2225)}))
	added := events[1].(group.ChargeLinesAdded)
	require.Equal(t, raised.Charge, added.Charge, "BIL-A6 purchases of one day are gathered")
	require.Equal(t, usd(2225), added.Lines[0].Amount, "L-9 BIL-11 a prescriber trainee")
	require.Equal(t, usd(6675), added.Total)

	intern := s.proves(sue, pricing.NonPrescriberTrainee, "2024-06-20")
	events = s.do(at(book, group.PurchaseLicences{Plan: pricing.TherapistBasic, Quantity: 1, Proofs: []id.TraineeProof{intern}, QuotedTotal: usd(0)}))
	require.Equal(t, usd(0), events[1].(group.ChargeLinesAdded).Lines[0].Amount, "L-8 BIL-10 BIL-T32 a line at 0 is shown")
	require.Equal(t, usd(6675), events[1].(group.ChargeLinesAdded).Total)
	s.collect()
	s.joins(ugo, pricing.Prescriber)
	s.joins(mia, pricing.Prescriber)
	s.joins(sue, pricing.Therapist)

	s.on("2024-06-21")
	require.IsType(t, group.TraineeProofExpired{}, s.do(group.WatchTraineeProofs{})[0])
	require.Empty(t, s.open(), "AMB-9 BIL-A10 nothing for June")
	july := s.roll("2024-07-01")
	amounts := map[id.Member]int64{}
	for _, line := range july.Lines {
		l, _ := s.state().Licence(line.Licence)
		amounts[l.Holder] = line.Amount.Minor
	}
	require.Equal(t, map[id.Member]int64{oona: 8900, uma: 8900, ugo: 8900, mia: 4450, sue: 4900}, amounts, "AMB-9 full list price of its plan from 1 July")
	require.Equal(t, usd(36050), july.Total)
}

func TestScenario1ACoachPaysAsClinicianOnly(t *testing.T) {
	s := subscribed(t)
	coach := ada
	s.do(invitedBy(oona, group.InviteMember{
		Invitation: invitationOf(coach), EmailHash: hashOf(coach), Role: access.Assistant, Clinicians: []id.Member{oona}, ExpiresAt: s.now.AddDate(0, 0, 7),
	}))
	s.do(group.AcceptInvitation{Invitation: invitationOf(coach), Account: account(coach), EmailHash: hashOf(coach), Member: coach})
	next, err := s.state().NextInvoice(book)
	require.NoError(t, err)
	require.Equal(t, usd(8900), next.Total, "L-6 L-7 BIL-8 an assistant is free")

	licence := s.buy(pricing.TherapistBasic, 1)[0]
	s.collect()
	s.refuses(group.AssignLicence{Licence: licence, Member: coach}, "role_needs_no_licence")
	s.do(as(oona, group.ChangeMemberRole{Member: coach, Role: access.User}))
	events := s.do(group.AssignLicence{Licence: licence, Member: coach})
	require.IsType(t, group.ClinicalWorkStarted{}, events[len(events)-1])
	require.True(t, s.state().IsActiveClinician(coach))
	require.Equal(t, usd(13800), s.roll("2024-07-01").Total, "L-7 BIL-9 a coach in a clinician role pays")

	s.refuses(as(oona, group.ChangeMemberRole{Member: coach, Role: access.Assistant, Clinicians: []id.Member{oona}}), "role_needs_no_licence")
	s.refuses(withCharts(3, group.UnassignLicence{Licence: licence}), "has_assigned_charts")
	s.do(withoutCharts(group.UnassignLicence{Licence: licence}))
	require.False(t, s.state().IsActiveClinician(coach))
	s.do(group.ScheduleLicenceRelease{Licence: licence})
	require.Equal(t, usd(9300), s.roll("2024-08-01").Total, "the coach is free again; e-Rx lite is dearer by then")
}

// SCN-2: the trial is the owner's, and comes once.
func TestScenario2TheTrialIsTheOwners(t *testing.T) {
	s := onTrial(t, "2024-06-30")
	s.on("2024-06-20")
	quote, err := s.state().QuoteLicences(book, pricing.TherapistBasic, 1, nil, s.now)
	require.NoError(t, err)
	require.Equal(t, usd(0), quote.Today, "L-10 BIL-6 free until then")
	require.Equal(t, usd(4900), quote.PerPeriod)
	require.Equal(t, day("2024-06-29"), quote.Until)
	s.buy(pricing.TherapistBasic, 1)
	s.joins(uma, pricing.Therapist)
	require.Empty(t, s.state().Charges(), "nothing is charged in the trial")
	s.ignores(at(book, group.RollBillingPeriod{}))
	s.ignores(at(book, group.ExpireTrial{}))

	s.on("2024-06-30")
	events := s.do(at(book, group.ExpireTrial{}))
	require.Equal(t, group.TrialExpired{On: day("2024-06-30")}, events[0])
	require.Equal(t, group.BillingPeriodStarted{Period: pricing.Period{Start: day("2024-06-30"), End: day("2024-07-30")}, Anchor: 30}, events[1], "BIL-A9 the first paid period starts that day")
	require.Equal(t, usd(13800), events[2].(group.SubscriptionCharged).Total, "BIL-T33 full price for all from then on")
	s.ignores(at(book, group.ExpireTrial{}))

	again := trialUntil(noon("2024-12-31"), group.StartTrial{})
	s.refuses(again, "trial_already_used")
	s.do(as(oona, group.OfferOwnership{To: uma, ExpiresAt: s.now.AddDate(0, 0, 7)}))
	s.do(as(uma, group.AcceptOwnership{}))
	require.Contains(t, s.refuses(again, "trial_already_used").Message, "2024-06-01", "L-11 BIL-7 also after a transfer of the ownership")
}
