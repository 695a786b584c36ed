package pricing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
