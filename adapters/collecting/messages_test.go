package collecting_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/cards"
	"praxis/adapters/cards/stripetest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

const day = 24 * time.Hour

func TestMessages_TellBeforeTheProcessAsks(t *testing.T) {
	d := newDesk(t, stripetest.Delayed)
	d.collect()
	require.Equal(t, group.ChargeCollecting, d.state().Charges()[0].Status)
	d.fake.Settle(d.fake.References("pi")[0], true)
	require.NoError(t, d.deliver(1))
	charge := d.state().Charges()[0]
	require.Equal(t, []any{group.ChargePaid, 1, "test"}, []any{charge.Status, charge.PaidBy, charge.Mode})
	at := d.from(0)
	require.Equal(t, "system:collection", at[len(at)-1].Meta.Actor)
	require.Regexp(t, "^evt_", at[len(at)-1].Meta.Causation, "the log names the message")

	t.Run("twice and late they change nothing", func(t *testing.T) {
		for _, n := range []int{1, 0, 1} {
			require.NoError(t, d.deliver(n))
		}
		d.drive()
		d.ask()
		require.Len(t, d.from(0), len(at))
		require.Equal(t, []string{
			"payment_succeeded recorded", "payment_succeeded unchanged", "payment_pending unchanged", "payment_succeeded unchanged",
		}, d.results)
		require.Empty(t, d.timers, "nothing is asked once it is known")
	})
	d.requireTheBooksAreStripes()
}

func TestMessages_WhatStripeAnswersBeatsAnOldMessage(t *testing.T) {
	d := newDesk(t, stripetest.Delayed)
	d.collect()
	pi := d.fake.References("pi")[0]
	d.fake.Settle(pi, false)
	d.fake.Settle(pi, true)
	require.NoError(t, d.deliver(1), "it says that the payment failed")
	require.Equal(t, group.ChargePaid, d.state().Charges()[0].Status)
	require.NoError(t, d.deliver(2))
	require.Equal(t, []string{"payment_declined recorded", "payment_succeeded unchanged"}, d.results)
	d.requireTheBooksAreStripes()
}

func TestMessages_OnesThatFitNothingAreNotedAndTakenForGood(t *testing.T) {
	d := newDesk(t, "pm_card_visa")
	d.collect()
	charge := d.state().Charges()[0].ID.String()
	meta := func(key, g string) map[string]any { return map[string]any{"praxis_key": key, "praxis_group": g} }
	payment := func(name string, minor int, metadata map[string]any) map[string]any {
		return map[string]any{"id": name, "amount": minor, "currency": "usd", "metadata": metadata}
	}
	first := d.fake.References("pi")[0]
	intent := func(metadata map[string]any) map[string]any { return payment(first, fee, metadata) }
	own := d.group.String()
	for name, spec := range map[string]struct {
		typ    string
		object map[string]any
		code   string
	}{
		"a payment made by hand":         {"payment_intent.succeeded", intent(nil), "not_asked_for"},
		"a key without a practice":       {"payment_intent.succeeded", intent(meta(charge+"/1", "")), "not_asked_for"},
		"a practice that does not exist": {"payment_intent.succeeded", intent(meta(charge+"/1", "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")), "attempt_not_found"},
		"an attempt that never was":      {"payment_intent.succeeded", intent(meta(charge+"/2", own)), "attempt_not_found"},
		"a key that is none":             {"payment_intent.succeeded", intent(meta("nonsense", own)), "attempt_not_found"},
		"a number that is none":          {"payment_intent.succeeded", intent(meta(charge+"/x", own)), "attempt_not_found"},
		"another amount":                 {"payment_intent.succeeded", payment(first, 1, meta(charge+"/1", own)), "amount_differs"},
		"a payment unknown to Stripe":    {"payment_intent.succeeded", payment("pi_unknown", fee, meta(charge+"/1", own)), "payment_not_found"},
		"a refund made by hand":          {"refund.created", map[string]any{"id": "re_hand", "amount": 1, "currency": "usd", "status": "succeeded"}, "not_asked_for"},
	} {
		t.Run(name, func(t *testing.T) {
			tail := len(d.from(0))
			d.results = nil
			d.logs.Reset()
			d.fake.Emit(spec.typ, spec.object)
			require.NoError(t, d.deliver(len(d.fake.Events(t))-1), "or Stripe would send it for days")
			require.Len(t, d.results, 1)
			require.Contains(t, d.results[0], " unknown")
			require.Contains(t, d.logs.String(), "code="+spec.code)
			require.Contains(t, d.logs.String(), "event=evt_")
			require.NotContains(t, d.logs.String(), "nonsense")
			require.Len(t, d.from(0), tail)
		})
	}
	t.Run("a dispute is for people", func(t *testing.T) {
		d.results = nil
		d.logs.Reset()
		d.fake.Dispute(d.fake.References("pi")[0])
		require.NoError(t, d.deliver(len(d.fake.Events(t))-1))
		require.Equal(t, []string{"dispute_opened noted"}, d.results)
		require.Contains(t, d.logs.String(), "payment="+d.fake.References("pi")[0])
	})
}

func TestMessages_WhatIsNotAuthenticLeavesNothing(t *testing.T) {
	d := newDesk(t, stripetest.Delayed)
	d.collect()
	d.fake.Settle(d.fake.References("pi")[0], true)
	tail, requests := len(d.from(0)), d.fake.Requests()
	body := d.fake.Events(t)[1]
	for code, header := range map[string]http.Header{
		"webhook_not_authentic": stripetest.Sign(body, time.Now(), "whsec_other"),
		"webhook_too_old":       stripetest.Sign(body, time.Now().Add(-6*time.Minute), stripetest.WebhookSecret),
	} {
		require.Equal(t, code, fault.From(d.messages.Receive(t.Context(), "r", header, body)).Code)
	}
	require.Len(t, d.from(0), tail)
	require.Equal(t, requests, d.fake.Requests(), "Stripe is not even asked")
	require.Equal(t, []string{"unread refused", "unread refused"}, d.results)
	require.Empty(t, d.logs.String())
}

func TestMessages_AreAskedForAgainWhileSomethingIsAway(t *testing.T) {
	d := newDesk(t, stripetest.Delayed)
	d.collect()
	d.fake.Settle(d.fake.References("pi")[0], true)

	d.store.FailAppend(func(es.Stream, []es.Proposed) error { return es.ErrStoreUnavailable })
	require.ErrorIs(t, d.deliver(1), es.ErrStoreUnavailable)
	d.store.Mend()
	d.fake.Fail(500)
	require.ErrorIs(t, d.deliver(1), cards.ErrUnavailable)
	require.Equal(t, group.ChargeCollecting, d.state().Charges()[0].Status)

	require.NoError(t, d.deliver(1))
	require.Equal(t, group.ChargePaid, d.state().Charges()[0].Status)
	require.Equal(t, []string{"payment_succeeded failed", "payment_succeeded failed", "payment_succeeded recorded"}, d.results)
}

// lateMoney is a purchase that was cancelled unpaid, whose money then arrived.
func lateMoney(t *testing.T, method string) *desk {
	t.Helper()
	d := newDesk(t, "pm_card_visa")
	d.collect()
	d.pay(method)
	d.buy()
	d.collect()
	pi := d.fake.References("pi")[1]
	d.fake.Settle(pi, false)
	require.NoError(t, d.deliver(len(d.fake.Events(t))-1))
	d.drive()
	d.Pass(8 * day)
	_, err := commands.CancelUnpaid.Give(t.Context(), d.engine, d.process(), group.CancelUnpaid{})
	require.NoError(t, err)
	require.Equal(t, group.ChargeGivenUp, d.state().Charges()[1].Status)
	d.fake.Settle(pi, true)
	require.NoError(t, d.deliver(len(d.fake.Events(t))-1))
	return d
}

func TestRefund_MoneyThatArrivesForNothingGoesBackOnce(t *testing.T) {
	d := lateMoney(t, stripetest.Delayed)
	require.Equal(t, group.RefundOwed, d.state().Refunds()[0].Status)
	refund := d.from(d.seen)
	effects, err := d.collection.OnEvent(refund[len(refund)-1])
	require.NoError(t, err)
	d.fake.LoseAnswers(3)
	send := effects[0].(process.Send)
	call := commands.Call{Process: "collection", Group: d.group, Command: id.New[id.Command]()}
	require.Error(t, send.Give(t.Context(), call), "nobody knows whether it was given back")
	require.Equal(t, int64(fee), d.fake.Refunded("usd"), "it was")
	d.fake.ForgetKeys()
	d.drive()
	for n := range d.fake.Events(t) {
		require.NoError(t, d.deliver(n))
	}
	d.drive()
	d.ask()
	require.Equal(t, group.RefundDone, d.state().Refunds()[0].Status)
	require.Len(t, d.fake.References("re"), 1)
	require.Equal(t, []int64{2 * fee, fee}, []int64{d.fake.Charged("usd"), d.fake.Refunded("usd")})
	require.Empty(t, d.timers)
	d.requireTheBooksAreStripes()
}

// unusedDays is a practice that has paid a licence and given it up within its period.
func unusedDays(t *testing.T, method string) *desk {
	t.Helper()
	d := newDesk(t, method)
	d.buy()
	d.collect()
	_, err := commands.PublishPrices.Give(t.Context(), d.engine, commands.Call{Account: id.Derive[id.Account]("operator"), Operator: true, Command: id.New[id.Command]()}, pricing.Publish{
		Currency: "USD", EffectiveFrom: civil.MustDate("2026-05-10"), Prices: pricing.FirstPrices(), CreditUnused: true,
	})
	require.NoError(t, err)
	d.Pass(31 * day)
	_, err = commands.RollBillingPeriod.Give(t.Context(), d.engine, d.process(), group.RollBillingPeriod{})
	require.NoError(t, err)
	d.collect()
	require.Equal(t, int64(4*fee), d.fake.Charged("usd"), "two licences for two periods")
	free := d.state().Licences()[1].ID
	_, err = commands.ReleaseLicenceNow.Give(t.Context(), d.engine, d.owner(), group.ReleaseLicenceNow{Licence: free})
	require.NoError(t, err)
	d.drive()
	return d
}

func TestRefund_WhatIsDisputedIsNotGivenBackAndHoldsUpNobody(t *testing.T) {
	d := unusedDays(t, stripetest.Disputed)
	refund := d.state().Refunds()[0]
	require.Equal(t, []any{group.RefundNotPossible, "refund_refused"}, []any{refund.Status, refund.Failure})
	require.Empty(t, d.timers, "nothing is asked once it is known")
}

func TestMessages_ARefundOfAnotherAmountOrOfAnotherPracticeIsNotRecorded(t *testing.T) {
	d := unusedDays(t, stripetest.RefundsDelayed)
	owed, tail := d.state().Refunds()[0], len(d.from(0))
	tell := func(amount int64, group string) {
		d.results = nil
		d.fake.Emit("refund.updated", map[string]any{
			"id": d.fake.References("re")[0], "amount": amount, "currency": "usd", "status": "succeeded",
			"metadata": map[string]any{"praxis_key": "refund/" + owed.ID.String(), "praxis_group": group},
		})
		require.NoError(t, d.deliver(len(d.fake.Events(t))-1))
		require.Equal(t, []string{"refund_succeeded unknown"}, d.results)
		require.Len(t, d.from(0), tail)
	}
	tell(owed.Amount.Minor+1, d.group.String())
	tell(owed.Amount.Minor, id.Derive[id.Group]("another practice").String())
}

func TestRefund_UnusedDaysGoBackInPart(t *testing.T) {
	d := unusedDays(t, "pm_card_visa")
	back := d.state().Refunds()
	require.Len(t, back, 1)
	require.Equal(t, []any{group.Unused, group.RefundDone}, []any{back[0].Reason, back[0].Status})
	require.Equal(t, back[0].Amount.Minor, d.fake.Refunded("usd"))
	require.Less(t, d.fake.Refunded("usd"), int64(fee))
	require.Positive(t, d.fake.Refunded("usd"))
	d.requireTheBooksAreStripes()
}

// A draw of what people, time and Stripe do, in any order. Whatever comes of it,
// the log and Stripe agree about every cent in the end.
func TestMoney_TheLogAndStripeAgreeWhateverComesWhen(t *testing.T) {
	methods := []string{"pm_card_visa", stripetest.Declined, stripetest.Delayed, stripetest.RefundsDelayed}
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t, rapid.SampledFrom(methods).Draw(rt, "method"))
		bought := 0
		settle := func(yes bool) {
			for _, pi := range d.fake.Pending("pi") {
				d.fake.Settle(pi, yes)
			}
		}
		acts := map[string]func(){
			"buy": func() {
				if bought++; bought < 4 && d.Now().Before(began.Add(day/4)) {
					d.buy()
				}
			},
			"pay":     func() { d.pay(rapid.SampledFrom(methods).Draw(rt, "method")) },
			"collect": d.collect,
			"ask":     d.ask,
			"settle":  func() { settle(rapid.Bool().Draw(rt, "yes")) },
			"regret": func() { // What was declined goes through after all.
				if all := d.fake.References("pi"); len(all) > 0 {
					d.fake.Settle(rapid.SampledFrom(all).Draw(rt, "payment"), true)
				}
			},
			"deliver": func() {
				if n := len(d.fake.Events(t)); n > 0 {
					require.NoError(t, d.deliver(rapid.IntRange(0, n-1).Draw(rt, "message")))
				}
			},
			"forget": d.fake.ForgetKeys,
			"wait":   func() { d.Pass(4 * day) },
			"cancel": func() {
				_, err := commands.CancelUnpaid.Give(t.Context(), d.engine, d.process(), group.CancelUnpaid{})
				require.NoError(t, err)
			},
		}
		names := []string{"buy", "pay", "collect", "ask", "settle", "regret", "deliver", "deliver", "forget", "wait", "cancel"}
		for range rapid.IntRange(1, 25).Draw(rt, "acts") {
			acts[rapid.SampledFrom(names).Draw(rt, "act")]()
		}
		// In the end Stripe decides everything and delivers everything.
		for range 2 {
			settle(true)
			for _, re := range d.fake.Pending("re") {
				d.fake.SettleRefund(re, true)
			}
			for n := range d.fake.Events(t) {
				require.NoError(t, d.deliver(n))
			}
			d.drive()
			d.ask()
		}
		require.Empty(t, d.timers)
		d.requireTheBooksAreStripes()
	})
}

func TestMoney_MessagesBesideTheProcessCollectOnce(t *testing.T) {
	d := newDesk(t, stripetest.Delayed)
	d.collect()
	d.fake.Settle(d.fake.References("pi")[0], true)
	var all sync.WaitGroup
	failed := make(chan error, 100)
	for range 8 {
		all.Go(func() {
			for _, n := range []int{1, 0, 1} {
				failed <- d.deliver(n)
			}
		})
	}
	all.Go(d.ask)
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Equal(t, group.ChargePaid, d.state().Charges()[0].Status)
	d.requireTheBooksAreStripes()
}
