package e2e_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/stripetest"
)

// subscribed is what the API says of a subscription's money.
type subscribed struct {
	CardMode string `json:"cardMode"`
	Charges  []struct {
		ID       string `json:"id"`
		Status   string `json:"status"`
		CardMode string `json:"cardMode"`
	} `json:"charges"`
	Licences []struct {
		ID      string `json:"id"`
		Pending bool   `json:"pending"`
		Charge  string `json:"charge"`
	} `json:"licences"`
}

// TestCardsAreChargedAtStripe runs the server against a stand-in for Stripe with a
// memory: what was paid there and what Praxis believes are the same in the end, also
// when the server is killed between them.
func TestCardsAreChargedAtStripe(t *testing.T) {
	fake := stripetest.New(t, time.Now())
	i := newInstallation(t)
	env := []string{
		"PRAXIS_STRIPE_SECRET_KEY=" + stripetest.SecretKey, "PRAXIS_STRIPE_WEBHOOK_SECRET=" + stripetest.WebhookSecret,
		"PRAXIS_STRIPE_URL=" + fake.URL,
	}
	server := i.serve(t, env...)
	require.Contains(t, server.stderr.String(), "cards are charged by Stripe in test mode", "the server says whether money moves")
	p := i.found(t)
	owner := p.people["olivia"]
	seats := []object{}
	for _, subject := range clinicians {
		seats = append(seats, object{"member": p.members[subject], "plan": "erx_lite", "profession": "prescriber"})
	}
	dollars := func(minor int) object { return object{"minor": minor, "currency": "USD"} }
	owner.command(t, http.MethodPost, p.path("/subscription"), "subscribe", object{
		"seats": seats, "paymentMethod": object{"method": "pm_card_visa"}, "quotedTotal": dollars(178_00),
	})
	charges := func() (s subscribed) {
		owner.get(t, p.path("/subscription/charges"), "", &s)
		return s
	}
	await(t, func() bool {
		known := charges().Charges
		return len(known) > 0 && known[0].Status == "paid"
	}, "the first period is never paid")
	require.Equal(t, []string{"test", "test"}, []string{charges().CardMode, charges().Charges[0].CardMode})
	require.Equal(t, int64(178_00), fake.Charged("usd"))

	owner.command(t, http.MethodPut, p.path("/subscription/payment-method"), "method", object{"method": stripetest.Delayed})
	owner.command(t, http.MethodPost, p.path("/licences"), "buy", object{"plan": "erx_lite", "quantity": 1, "quotedTotal": dollars(89_00)})
	var s subscribed
	owner.get(t, p.path("/subscription"), "", &s)
	bought := s.Licences[2]
	require.True(t, bought.Pending)
	owner.command(t, http.MethodPost, p.path("/subscription/charges/%s/collection", bought.Charge), "collect", nil)
	await(t, func() bool { return len(fake.Pending("pi")) == 1 }, "the licence is never charged")

	server.kill(t)
	fake.Settle(fake.Pending("pi")[0], true)
	server = i.serve(t, env...)
	body := fake.Events(t)[2]
	deliver := func(secret string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url()+"/v1/webhooks/cards", bytes.NewReader(body))
		require.NoError(t, err)
		req.Header = stripetest.Sign(body, time.Now(), secret)
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusUnauthorized, deliver("whsec_guess"))
	for range 3 {
		require.Equal(t, http.StatusOK, deliver(stripetest.WebhookSecret))
	}
	owner.get(t, p.path("/subscription"), "", &s)
	require.False(t, s.Licences[2].Pending, "it can be assigned")
	require.Equal(t, int64(178_00+89_00), fake.Charged("usd"))
	require.Zero(t, fake.Refunded("usd"))
	require.Len(t, fake.References("pi"), 2, "nothing was charged twice")
	i.stop(t, server)
}

func TestWhetherMoneyMovesIsSaid(t *testing.T) {
	i := newInstallation(t)
	require.Contains(t, i.succeed(t, "config", "check"), "cards are simulated: no money moves")
	live := []string{"PRAXIS_STRIPE_SECRET_KEY=sk_live_0", "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_0"}
	o := i.runWith(t, live, "config", "check")
	require.Equal(t, 0, o.code, o.stderr)
	require.Contains(t, o.stdout, "cards are charged by Stripe: money moves")
	o = i.runWith(t, live[:1], "config", "check")
	require.Equal(t, 2, o.code)
	require.Contains(t, o.stderr, "PRAXIS_STRIPE_WEBHOOK_SECRET is required when PRAXIS_STRIPE_SECRET_KEY is set, because")
}
