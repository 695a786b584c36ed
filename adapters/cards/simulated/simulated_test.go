package simulated_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/simulated"
	"praxis/domain/fault"
	"praxis/domain/money"
)

var seat = money.Of(89_00, "USD")

func asked(key string, amount money.Money, method string) cards.Charge {
	return cards.Charge{Key: key, Amount: amount, Method: method}
}

func owed(key, payment string, amount money.Money) cards.Refund {
	return cards.Refund{Key: key, Payment: payment, Amount: amount}
}

func TestSimulated_OutcomesFollowFromTheMethod(t *testing.T) {
	var p simulated.Processor
	for method, want := range map[string]cards.Result{
		simulated.MethodOK:       {Outcome: cards.Succeeded, Mode: cards.Simulated},
		simulated.MethodDeclined: {Outcome: cards.Declined, Reason: "insufficient_funds", Mode: cards.Simulated},
		simulated.MethodDelayed:  {Outcome: cards.Pending, Mode: cards.Simulated},
	} {
		t.Run(method, func(t *testing.T) {
			first, err := p.Charge(t.Context(), asked("key", seat, method))
			require.NoError(t, err)
			require.Regexp(t, "^sim_", first.Reference, "also who sees only the reference knows")
			want.Reference = first.Reference
			require.Equal(t, want, first)
			again, err := simulated.Processor{}.Charge(t.Context(), asked("key", seat, method))
			require.NoError(t, err)
			require.Equal(t, first, again, "the same key has the same result, also after a restart")
			other, err := p.Charge(t.Context(), asked("other", seat, method))
			require.NoError(t, err)
			require.NotEqual(t, first.Reference, other.Reference)

			found, ok, err := p.Find(t.Context(), asked("key", seat, method), time.Time{})
			require.NoError(t, err)
			require.True(t, ok, "without a memory every charge counts as made")
			require.Equal(t, first, found)

			later, err := p.Lookup(t.Context(), first.Reference)
			require.NoError(t, err)
			if want.Outcome == cards.Pending {
				want.Outcome = cards.Succeeded
			}
			require.Equal(t, want, later)
		})
	}
	require.Equal(t, cards.Simulated, p.Mode())
}

func TestSimulated_Refunds(t *testing.T) {
	var p simulated.Processor
	paid, err := p.Charge(t.Context(), asked("key", seat, simulated.MethodOK))
	require.NoError(t, err)
	back, err := p.Refund(t.Context(), owed("back", paid.Reference, money.Of(1, "USD")))
	require.NoError(t, err)
	require.Equal(t, cards.Result{Reference: back.Reference, Outcome: cards.Succeeded, Mode: cards.Simulated}, back)
	require.Regexp(t, "^sim_refund_", back.Reference)
	looked, err := p.LookupRefund(t.Context(), back.Reference)
	require.NoError(t, err)
	require.Equal(t, back, looked)
	_, err = p.LookupRefund(t.Context(), paid.Reference)
	require.ErrorIs(t, err, cards.ErrNoPayment)
	_, found, err := p.FindRefund(t.Context(), owed("back", paid.Reference, seat))
	require.NoError(t, err)
	require.False(t, found, "giving back again has the same result")

	declined, err := p.Charge(t.Context(), asked("key", seat, simulated.MethodDeclined))
	require.NoError(t, err)
	for _, payment := range []string{declined.Reference, "pi_1", "sim_ok_", ""} {
		_, err = p.Refund(t.Context(), owed("back", payment, seat))
		require.ErrorIs(t, err, cards.ErrNoPayment)
	}
}

func TestSimulated_Refuses(t *testing.T) {
	var p simulated.Processor
	for _, method := range []string{"", "pm_card_visa", "sim_", "4242424242424242", "sim_ok 4242 4242 4242 4242", "4242-4242-4242-4242"} {
		_, err := p.Charge(t.Context(), asked("key", seat, method))
		require.ErrorIs(t, err, cards.ErrMethod)
		require.NotContains(t, err.Error(), "4242")
	}
	for _, amount := range []money.Money{{}, money.Of(0, "USD"), money.Of(-1, "USD"), money.Of(1, "")} {
		_, err := p.Charge(t.Context(), asked("key", amount, simulated.MethodOK))
		require.ErrorIs(t, err, cards.ErrAmount)
		_, err = p.Refund(t.Context(), owed("key", "sim_ok_x", amount))
		require.ErrorIs(t, err, cards.ErrAmount)
	}
	_, err := p.Lookup(t.Context(), "pi_1")
	require.ErrorIs(t, err, cards.ErrNoPayment)
	_, found, err := p.Find(t.Context(), asked("key", seat, "pm_card_visa"), time.Time{})
	require.NoError(t, err)
	require.False(t, found, "a payment of another processor")
	_, err = p.ParseWebhook(nil, []byte(`{}`))
	require.Equal(t, "webhook_not_expected", fault.From(err).Code)
}
