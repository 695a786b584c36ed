package stripecards_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85"

	"praxis/adapters/cards"
	"praxis/adapters/cards/stripecards"
	"praxis/adapters/cards/stripetest"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

var (
	noon = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	seat = money.Of(89_00, "USD")
)

const card = "cus_ada/pm_card_visa"

// practice is whose money it is.
var practice = id.Derive[id.Group]("practice")

func asked(key string, amount money.Money, method string) cards.Charge {
	return cards.Charge{Key: key, Group: practice, Amount: amount, Method: method}
}

func owed(key, payment string, amount money.Money) cards.Refund {
	return cards.Refund{Key: key, Group: practice, Payment: payment, Amount: amount}
}

func newProcessor(t testing.TB) (*stripecards.Processor, *stripetest.Fake) {
	t.Helper()
	fake := stripetest.New(t, noon)
	p, err := stripecards.New(stripecards.Config{
		SecretKey: stripetest.SecretKey, WebhookSecret: stripetest.WebhookSecret, URL: fake.URL,
		Client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	})
	require.NoError(t, err)
	return p, fake
}

func TestTheFakeSpeaksTheVersionOfTheLibrary(t *testing.T) {
	require.Equal(t, stripe.APIVersion, stripetest.Version)
}

func TestCharge_Outcomes(t *testing.T) {
	p, _ := newProcessor(t)
	require.Equal(t, cards.Test, p.Mode())
	for method, want := range map[string]cards.Result{
		"pm_card_visa":         {Outcome: cards.Succeeded},
		card:                   {Outcome: cards.Succeeded},
		stripetest.Declined:    {Outcome: cards.Declined, Reason: "insufficient_funds"},
		stripetest.NeedsPerson: {Outcome: cards.Declined, Reason: "authentication_required"},
		stripetest.Delayed:     {Outcome: cards.Pending},
	} {
		t.Run(method, func(t *testing.T) {
			got, err := p.Charge(t.Context(), asked("outcome of "+method, seat, method))
			require.NoError(t, err)
			require.Regexp(t, "^pi_", got.Reference)
			want.Reference, want.Mode = got.Reference, cards.Test
			require.Equal(t, want, got)
			looked, err := p.Lookup(t.Context(), got.Reference)
			require.NoError(t, err)
			require.Equal(t, got, looked, "asking later says the same")
		})
	}
}

func TestCharge_IsChargedOnce(t *testing.T) {
	t.Run("however often it is repeated under its key", func(t *testing.T) {
		p, fake := newProcessor(t)
		first, err := p.Charge(t.Context(), asked("key", seat, card))
		require.NoError(t, err)
		again, err := p.Charge(t.Context(), asked("key", seat, card))
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, 1, fake.Payments())
	})
	t.Run("declines repeat too", func(t *testing.T) {
		p, _ := newProcessor(t)
		first, err := p.Charge(t.Context(), asked("key", seat, stripetest.Declined))
		require.NoError(t, err)
		again, err := p.Charge(t.Context(), asked("key", seat, stripetest.Declined))
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
	t.Run("when the first answers are lost", func(t *testing.T) {
		p, fake := newProcessor(t)
		fake.LoseAnswers(2)
		got, err := p.Charge(t.Context(), asked("key", seat, card))
		require.NoError(t, err)
		require.Equal(t, cards.Succeeded, got.Outcome)
		require.Equal(t, []int{3, 1}, []int{fake.Requests(), fake.Payments()})
	})
	t.Run("when every answer is lost it is not known, and found out by repeating", func(t *testing.T) {
		p, fake := newProcessor(t)
		fake.LoseAnswers(3)
		_, err := p.Charge(t.Context(), asked("key", seat, card))
		require.ErrorIs(t, err, cards.ErrUnavailable)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		got, err := p.Charge(t.Context(), asked("key", seat, card))
		require.NoError(t, err)
		require.Equal(t, cards.Succeeded, got.Outcome)
		require.Equal(t, 1, fake.Payments())
	})
	t.Run("also days later, when the key is forgotten", func(t *testing.T) {
		p, fake := newProcessor(t)
		for n := range 120 {
			_, err := p.Charge(t.Context(), asked(fmt.Sprint(n), seat, card))
			require.NoError(t, err)
		}
		fake.ForgetKeys()
		got, found, err := p.Find(t.Context(), asked("3", seat, card), noon.Add(-time.Hour))
		require.NoError(t, err)
		require.True(t, found, "on the second page")
		require.Equal(t, cards.Succeeded, got.Outcome)
		_, found, err = p.Find(t.Context(), asked("3", seat, card), noon.Add(time.Second))
		require.NoError(t, err)
		require.False(t, found)
		_, found, err = p.Find(t.Context(), asked("never", seat, card), noon.Add(-time.Hour))
		require.NoError(t, err)
		require.False(t, found)
	})
	t.Run("a key that comes back with another amount is refused", func(t *testing.T) {
		p, fake := newProcessor(t)
		_, err := p.Charge(t.Context(), asked("key", seat, card))
		require.NoError(t, err)
		_, err = p.Charge(t.Context(), asked("key", money.Of(1, "USD"), card))
		require.ErrorIs(t, err, cards.ErrKeyReused)
		require.Equal(t, 1, fake.Payments())
	})
}

func TestCharge_AnAmountThatStripeDoesNotTakeIsDeclined(t *testing.T) {
	p, fake := newProcessor(t)
	got, err := p.Charge(t.Context(), asked("small", money.Of(stripetest.Least-1, "USD"), card))
	require.NoError(t, err, "it must not hold up the charges of others")
	require.Equal(t, cards.Result{Outcome: cards.Declined, Reason: "amount_too_small", Mode: cards.Test}, got)
	require.Zero(t, fake.Payments())
}

func TestCharge_APaymentMethodThatCannotBeUsedAnyMoreIsDeclined(t *testing.T) {
	p, fake := newProcessor(t)
	got, err := p.Charge(t.Context(), asked("detached", seat, stripetest.Detached))
	require.NoError(t, err, "one practice's card must not hold up the charges of others")
	require.Equal(t, cards.Result{Outcome: cards.Declined, Reason: "payment_method_refused", Mode: cards.Test}, got)
	require.Zero(t, fake.Payments())
}

func TestCharge_Faults(t *testing.T) {
	p, fake := newProcessor(t)
	for _, method := range []string{"", "4242424242424242", "4242 4242 4242 4242", "pm_4242424242424242", "card_1", "cus_ada", "pm_a/pm_b", "pm_a\n"} {
		_, err := p.Charge(t.Context(), asked("key", seat, method))
		require.ErrorIs(t, err, cards.ErrMethod)
		require.NotContains(t, err.Error(), "4242")
	}
	_, err := p.Charge(t.Context(), asked("key", money.Of(0, "USD"), card))
	require.ErrorIs(t, err, cards.ErrAmount)
	require.Zero(t, fake.Requests(), "nothing of that leaves the machine")

	_, err = p.Charge(t.Context(), asked("unknown", seat, stripetest.Unknown))
	require.ErrorIs(t, err, cards.ErrMethod)
	_, err = p.Lookup(t.Context(), "pi_unknown")
	require.ErrorIs(t, err, cards.ErrNoPayment)
	fake.Fail(500, 503, 500)
	_, err = p.Charge(t.Context(), asked("down", seat, card))
	require.ErrorIs(t, err, cards.ErrUnavailable)
	fake.Fail(429)
	_, err = p.Charge(t.Context(), asked("busy", seat, card))
	require.ErrorIs(t, err, cards.ErrUnavailable)

	stranger, err := stripecards.New(stripecards.Config{SecretKey: "sk_test_other", WebhookSecret: "w", URL: fake.URL})
	require.NoError(t, err)
	_, err = stranger.Charge(t.Context(), asked("key", seat, card))
	require.ErrorIs(t, err, cards.ErrRefused)
	require.NotContains(t, err.Error(), "sk_test")
}

func TestRefund(t *testing.T) {
	p, fake := newProcessor(t)
	paid, err := p.Charge(t.Context(), asked("key", seat, card))
	require.NoError(t, err)
	back := owed("back", paid.Reference, money.Of(80_00, "USD"))
	_, found, err := p.FindRefund(t.Context(), back)
	require.NoError(t, err)
	require.False(t, found)
	first, err := p.Refund(t.Context(), back)
	require.NoError(t, err)
	require.Equal(t, cards.Result{Reference: first.Reference, Outcome: cards.Succeeded, Mode: cards.Test}, first)
	again, err := p.Refund(t.Context(), back)
	require.NoError(t, err)
	require.Equal(t, first, again, "given back once")
	require.Equal(t, []int64{8900, 8000}, []int64{fake.Charged("usd"), fake.Refunded("usd")})

	t.Run("is found again after the key is forgotten, and asked about", func(t *testing.T) {
		fake.ForgetKeys()
		known, found, err := p.FindRefund(t.Context(), back)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, first, known)
		looked, err := p.LookupRefund(t.Context(), first.Reference)
		require.NoError(t, err)
		require.Equal(t, first, looked)
		_, err = p.LookupRefund(t.Context(), "re_unknown")
		require.ErrorIs(t, err, cards.ErrNoPayment)
	})
	t.Run("is never more than was paid, nor of what is unknown", func(t *testing.T) {
		_, err := p.Refund(t.Context(), owed("more", paid.Reference, money.Of(80_00, "USD")))
		require.ErrorIs(t, err, cards.ErrRefund)
		_, err = p.Refund(t.Context(), owed("none", "pi_unknown", seat))
		require.ErrorIs(t, err, cards.ErrNoPayment)
		require.Equal(t, int64(8000), fake.Refunded("usd"))
	})
	t.Run("is not made of what is disputed, which is no defect that holds up others", func(t *testing.T) {
		disputed, err := p.Charge(t.Context(), asked("disputed", seat, stripetest.Disputed))
		require.NoError(t, err)
		_, err = p.Refund(t.Context(), owed("disputed back", disputed.Reference, seat))
		require.ErrorIs(t, err, cards.ErrRefund)
	})
	t.Run("can fail, and says why", func(t *testing.T) {
		gone, err := p.Charge(t.Context(), asked("gone", seat, stripetest.RefundsFails))
		require.NoError(t, err)
		failed, err := p.Refund(t.Context(), owed("gone back", gone.Reference, seat))
		require.NoError(t, err)
		require.Equal(t, []any{cards.Declined, "expired_or_canceled_card"}, []any{failed.Outcome, failed.Reason})
	})
	t.Run("can be decided later", func(t *testing.T) {
		slow, err := p.Charge(t.Context(), asked("slow", seat, stripetest.RefundsDelayed))
		require.NoError(t, err)
		pending, err := p.Refund(t.Context(), owed("slow back", slow.Reference, seat))
		require.NoError(t, err)
		require.Equal(t, cards.Pending, pending.Outcome)
		fake.SettleRefund(pending.Reference, true)
		settled, err := p.LookupRefund(t.Context(), pending.Reference)
		require.NoError(t, err)
		require.Equal(t, cards.Succeeded, settled.Outcome)
	})
}

func TestNew_RefusesWhatIsNoKey(t *testing.T) {
	for _, c := range []stripecards.Config{{}, {SecretKey: "pk_test_x", WebhookSecret: "w"}, {SecretKey: "sk_test_x"}} {
		_, err := stripecards.New(c)
		require.Error(t, err)
	}
	p, err := stripecards.New(stripecards.Config{SecretKey: "rk_live_x", WebhookSecret: "w"})
	require.NoError(t, err)
	require.Equal(t, cards.Live, p.Mode())
}
