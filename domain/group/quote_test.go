package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/pricing"
)

func TestAQuoteSaysWhatIsDueWhen(t *testing.T) {
	quote := func(s *story) string {
		q, err := s.state().QuoteLicences(book, pricing.ERxLite, 2, nil, s.now)
		require.NoError(s.t, err)
		return q.Explain()
	}
	t.Run("BIL-5 within a period", func(t *testing.T) {
		require.Equal(t, "$89.00 is due today, for the days to 2024-06-30; from 2024-07-01 on it is $178.00 per period.", quote(subscribed(t).on("2024-06-16")))
	})
	t.Run("BIL-6 BIL-T33 in the trial", func(t *testing.T) {
		require.Equal(t, "Nothing is due in the trial, which covers the days to 2024-06-19; from 2024-06-20 on it is $178.00 per period.", quote(onTrial(t, "2024-06-20")))
	})
	t.Run("of a subscription that ends", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		s.do(group.CancelSubscription{})
		require.Equal(t, "$89.00 is due today, for the days to 2024-06-30; the subscription ends on 2024-06-30.", quote(s))
	})
	t.Run("BIL-A8 of a cheaper plan", func(t *testing.T) {
		s := subscribed(t)
		q, err := s.state().QuotePlanChange(book, s.state().Licences()[0].ID, pricing.TherapistBasic, s.now)
		require.NoError(t, err)
		require.Equal(t, "Nothing is due today; from 2024-07-01 on it is $49.00 per period.", q.Explain())
	})
}
