package pricing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestPlans(t *testing.T) {
	t.Run("BIL-14 premium plans include online booking, others do not", func(t *testing.T) {
		for plan, has := range map[pricing.PlanID]bool{
			pricing.TherapistBasic: false, pricing.ERxLite: false, pricing.TherapistPremium: true, pricing.PrescriberPremium: true, "gold": false,
		} {
			require.Equal(t, has, plan.Includes(pricing.OnlineBooking), "%s", plan)
		}
	})
	t.Run("a prescriber plan needs a prescriber, a therapist plan suits everybody", func(t *testing.T) {
		require.True(t, pricing.ERxLite.Open(pricing.Prescriber))
		require.False(t, pricing.ERxLite.Open(pricing.Therapist))
		require.True(t, pricing.TherapistBasic.Open(pricing.Prescriber))
		require.True(t, pricing.TherapistBasic.Open(pricing.Therapist))
		require.False(t, pricing.PlanID("gold").Open(pricing.Prescriber))
	})
}

func TestDiscounts(t *testing.T) {
	for _, c := range []struct {
		name string
		kind pricing.TraineeKind
		plan pricing.PlanID
		want pricing.Discount
	}{
		{"L-8 BIL-10 a non-prescriber trainee is free", pricing.NonPrescriberTrainee, pricing.TherapistPremium, free},
		{"L-9 BIL-11 a prescriber trainee pays half", pricing.PrescriberTrainee, pricing.PrescriberPremium, half},
		{"L-9 a prescriber trainee on a therapist plan pays in full", pricing.PrescriberTrainee, pricing.TherapistBasic, pricing.FullPrice()},
		{"L-8 a non-prescriber trainee gets nothing on prescriber plans", pricing.NonPrescriberTrainee, pricing.ERxLite, pricing.FullPrice()},
		{"what is no trainee pays in full", "retired", pricing.TherapistBasic, pricing.FullPrice()},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.kind.DiscountOn(c.plan, proof)) })
	}
	require.True(t, free.NoMoreThan(half) && half.NoMoreThan(pricing.FullPrice()) && half.NoMoreThan(half))
	require.False(t, pricing.FullPrice().NoMoreThan(half))
	require.True(t, half.Same(pricing.Discount{Num: 2, Den: 4}))
	require.True(t, free.Free() && pricing.FullPrice().Full() && !half.Free() && !half.Full())
}

func TestExplain(t *testing.T) {
	june := period("2024-06-01", "2024-07-01")
	name := licence.String()
	t.Run("a purchase", func(t *testing.T) {
		require.Equal(t, "Licence "+name+" on e-Rx lite: $89.00 × 15/30 days = $44.50, because it was bought on 2024-06-16 and that day to 2024-06-30 is 15 of 30 days of the period from 2024-06-01 (price book version 1).",
			line(t, 8900, pricing.FullPrice(), "2024-06-16", june).Explain())
	})
	t.Run("BIL-11 a trainee's names the proof", func(t *testing.T) {
		require.Equal(t, "Licence "+name+" on e-Rx lite: $89.00 × 1/2 × 15/30 days = $22.25, because it was bought on 2024-06-16 and that day to 2024-06-30 is 15 of 30 days of the period from 2024-06-01; half price for a trainee by proof "+proof.String()+" (price book version 1).",
			line(t, 8900, half, "2024-06-16", june).Explain())
	})
	kinds := func(k pricing.LineKind, d pricing.Discount, from string) string {
		l, err := pricing.NewLine(id.Licence{}, k, pricing.Terms{Plan: pricing.TherapistBasic, Price: usd(4900), Discount: d, Book: 2}, day(from), june)
		require.NoError(t, err)
		return l.Explain()[len("Licence "+name+" on Therapist basic: "):]
	}
	t.Run("a renewal, a credit, an upgrade, a late activation", func(t *testing.T) {
		require.Equal(t, "$49.00 = $49.00, because the period from 2024-06-01 to 2024-06-30 is charged (price book version 2).", kinds(pricing.LineRenewal, pricing.FullPrice(), "2024-06-01"))
		require.Equal(t, "$49.00 × 0/1 = $0.00, because the period from 2024-06-01 to 2024-06-30 is charged; free for a trainee by proof "+proof.String()+" (price book version 2).", kinds(pricing.LineRenewal, free, "2024-06-01"))
		require.Equal(t, "−$49.00 × 15/30 days = −$24.50, because the plan was left on 2024-06-16 and the days to 2024-06-30 were paid (price book version 2).", kinds(pricing.LineUpgradeCredit, pricing.FullPrice(), "2024-06-16"))
		require.Equal(t, "$49.00 × 15/30 days = $24.50, because the plan began on 2024-06-16 and lasts to 2024-06-30, 15 of 30 days of the period (price book version 2).", kinds(pricing.LineUpgradeCharge, pricing.FullPrice(), "2024-06-16"))
		require.Equal(t, "$49.00 × 29/30 days = $47.37, because its purchase was paid on 2024-06-02, after the period from 2024-06-01 had begun (price book version 2).", kinds(pricing.LineActivation, pricing.FullPrice(), "2024-06-02"))
	})
}
