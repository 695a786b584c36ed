package stripecards_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/stripecards"
	"praxis/adapters/cards/stripetest"
	"praxis/domain/fault"
	"praxis/domain/money"
)

// delivered is a body as it is delivered now.
func delivered(body []byte) http.Header {
	return stripetest.Sign(body, time.Now(), stripetest.WebhookSecret)
}

func TestParseWebhook_TellsWhatHappened(t *testing.T) {
	p, fake := newProcessor(t)
	event := func(t *testing.T) cards.Event {
		t.Helper()
		bodies := fake.Events(t)
		body := bodies[len(bodies)-1]
		e, err := p.ParseWebhook(delivered(body), body)
		require.NoError(t, err)
		require.Regexp(t, "^evt_", e.ID)
		require.Equal(t, noon, e.At)
		require.Equal(t, cards.Test, e.Mode)
		e.ID, e.At, e.Mode = "", time.Time{}, ""
		return e
	}
	charge := func(t *testing.T, key, method string) string {
		t.Helper()
		r, err := p.Charge(t.Context(), asked(key, seat, method))
		require.NoError(t, err)
		return r.Reference
	}
	t.Run("a payment", func(t *testing.T) {
		pi := charge(t, "ok", card)
		require.Equal(t, cards.Event{Kind: cards.PaymentSucceeded, Payment: pi, Key: "ok", Group: practice, Amount: seat}, event(t))
	})
	t.Run("a decline", func(t *testing.T) {
		pi := charge(t, "no", stripetest.Declined)
		require.Equal(t, cards.Event{Kind: cards.PaymentDeclined, Payment: pi, Key: "no", Group: practice, Amount: seat, Reason: "insufficient_funds"}, event(t))
	})
	t.Run("a payment that is decided later, either way", func(t *testing.T) {
		pi := charge(t, "late", stripetest.Delayed)
		require.Equal(t, cards.Event{Kind: cards.PaymentPending, Payment: pi, Key: "late", Group: practice, Amount: seat}, event(t))
		fake.Settle(pi, true)
		require.Equal(t, cards.Event{Kind: cards.PaymentSucceeded, Payment: pi, Key: "late", Group: practice, Amount: seat}, event(t))
		pi = charge(t, "later", stripetest.Delayed)
		fake.Settle(pi, false)
		require.Equal(t, cards.Event{Kind: cards.PaymentDeclined, Payment: pi, Key: "later", Group: practice, Amount: seat, Reason: "insufficient_funds"}, event(t))
	})
	t.Run("refunds", func(t *testing.T) {
		pi := charge(t, "ok", card)
		r, err := p.Refund(t.Context(), owed("back", pi, money.Of(1_00, "USD")))
		require.NoError(t, err)
		require.Equal(t, cards.Event{Kind: cards.RefundSucceeded, Payment: pi, Refund: r.Reference, Key: "back", Group: practice, Amount: money.Of(1_00, "USD")}, event(t))
		pi = charge(t, "gone", stripetest.RefundsFails)
		r, err = p.Refund(t.Context(), owed("gone back", pi, seat))
		require.NoError(t, err)
		require.Equal(t, cards.Event{Kind: cards.RefundFailed, Payment: pi, Refund: r.Reference, Key: "gone back", Group: practice, Amount: seat, Reason: "expired_or_canceled_card"}, event(t))
	})
	t.Run("what somebody did at Stripe by hand has neither key nor practice", func(t *testing.T) {
		fake.Emit("refund.created", map[string]any{"id": "re_hand", "amount": 100, "currency": "usd", "status": "succeeded", "metadata": map[string]any{"praxis_group": "nonsense"}})
		require.Equal(t, cards.Event{Kind: cards.RefundSucceeded, Refund: "re_hand", Amount: money.Of(1_00, "USD")}, event(t))
	})
	t.Run("a dispute", func(t *testing.T) {
		pi := charge(t, "ok", card)
		fake.Dispute(pi)
		require.Equal(t, cards.Event{Kind: cards.DisputeOpened, Payment: pi, Amount: seat, Reason: "fraudulent"}, event(t))
	})
	t.Run("what means nothing to Praxis", func(t *testing.T) {
		fake.Emit("customer.created", map[string]any{"id": "cus_1", "object": "customer"})
		require.Equal(t, cards.Event{Kind: cards.Ignored}, event(t))
	})
}

func TestParseWebhook_LateAndTwiceLeadsToOneCommand(t *testing.T) {
	p, fake := newProcessor(t)
	r, err := p.Charge(t.Context(), asked("key", seat, stripetest.Delayed))
	require.NoError(t, err)
	fake.Settle(r.Reference, true)
	bodies := fake.Events(t)
	require.Len(t, bodies, 2)

	settled, err := p.ParseWebhook(delivered(bodies[1]), bodies[1])
	require.NoError(t, err)
	again, err := p.ParseWebhook(delivered(bodies[1]), bodies[1])
	require.NoError(t, err)
	require.Equal(t, settled, again)
	require.Equal(t, settled.Command(), again.Command(), "delivered twice it is one command")

	late, err := p.ParseWebhook(delivered(bodies[0]), bodies[0])
	require.NoError(t, err, "a message is no worse for coming days after it happened")
	require.Equal(t, cards.PaymentPending, late.Kind)
	require.NotEqual(t, settled.Command(), late.Command())
	truth, err := p.Lookup(t.Context(), late.Payment)
	require.NoError(t, err)
	require.Equal(t, cards.Succeeded, truth.Outcome, "asking beats what comes late")
}

func TestParseWebhook_TrustsNobody(t *testing.T) {
	p, fake := newProcessor(t)
	_, err := p.Charge(t.Context(), asked("key", seat, card))
	require.NoError(t, err)
	body := fake.Events(t)[0]
	live, err := stripecards.New(stripecards.Config{SecretKey: "sk_live_x", WebhookSecret: stripetest.WebhookSecret})
	require.NoError(t, err)

	changed := func(old, replacement string) []byte {
		other := bytes.ReplaceAll(body, []byte(old), []byte(replacement))
		require.NotEqual(t, body, other)
		return other
	}
	garbled := http.Header{}
	garbled.Set("Stripe-Signature", "t=x,v1=y")
	for name, spec := range map[string]struct {
		p      cards.Processor
		header http.Header
		body   []byte
		code   string
	}{
		"no signature":                     {p, http.Header{}, body, "webhook_not_authentic"},
		"a signature that is none":         {p, garbled, body, "webhook_not_authentic"},
		"another's signature":              {p, stripetest.Sign(body, time.Now(), "whsec_other"), body, "webhook_not_authentic"},
		"another body":                     {p, delivered(body), changed("8900", "9900"), "webhook_not_authentic"},
		"a signature that was overheard":   {p, stripetest.Sign(body, time.Now().Add(-6*time.Minute), stripetest.WebhookSecret), body, "webhook_too_old"},
		"another version":                  {p, delivered(changed("dahlia", "basil")), changed("dahlia", "basil"), "webhook_version"},
		"a version without a release":      {p, delivered(changed(stripetest.Version, "2020-08-27")), changed(stripetest.Version, "2020-08-27"), "webhook_version"},
		"test cards where money moves":     {live, delivered(body), body, "webhook_wrong_mode"},
		"no JSON":                          {p, delivered([]byte("x")), []byte("x"), "webhook_unreadable"},
		"an object of another kind":        {p, delivered([]byte(`{"object":"v2.core.event"}`)), []byte(`{"object":"v2.core.event"}`), "webhook_unreadable"},
		"a payment that is not named":      {p, delivered(changed(`"id":"pi_1"`, `"id":""`)), changed(`"id":"pi_1"`, `"id":""`), "webhook_unreadable"},
		"a payment whose fields are wrong": {p, delivered(changed(`"amount":8900`, `"amount":"a"`)), changed(`"amount":8900`, `"amount":"a"`), "webhook_unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := spec.p.ParseWebhook(spec.header, spec.body)
			require.Equal(t, spec.code, fault.From(err).Code)
			require.Zero(t, e)
		})
	}
}

func FuzzParseWebhook(f *testing.F) {
	p, err := stripecards.New(stripecards.Config{SecretKey: stripetest.SecretKey, WebhookSecret: stripetest.WebhookSecret})
	require.NoError(f, err)
	f.Add([]byte(`{"object":"event","id":"evt_1","api_version":"2026-03-25.dahlia","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}`))
	f.Add([]byte(`{"object":"event","id":"evt_1","api_version":"2026-03-25.dahlia","type":"refund.updated","data":{"object":{"id":"re_1","payment_intent":"pi_1"}}}`))
	f.Add([]byte(`{"object":"event","id":"evt_1","api_version":"2026-03-25.dahlia","type":"charge.dispute.created","data":{"object":null}}`))
	f.Add([]byte(`{"object":"event","id":"evt_1","data":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := p.ParseWebhook(delivered(body), body)
		if err != nil {
			require.Zero(t, e)
			return
		}
		require.NotEmpty(t, e.ID)
		require.True(t, e.Kind == cards.Ignored || e.Payment != "" || e.Refund != "")
	})
}
