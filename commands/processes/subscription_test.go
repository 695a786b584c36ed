package processes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/postgres/pgtest"
	journal "praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func subscription(c processes.Config) process.Process { return processes.Subscription(c) }

func (h *house) seats() []group.Seat {
	return []group.Seat{{Member: h.owner.member, Plan: pricing.ERxLite, Profession: pricing.Prescriber}}
}

// subscribe starts the subscription with the owner on e-Rx lite, for $89.00.
func (h *house) subscribe(method string, total int64) {
	h.t.Helper()
	_, err := commands.StartSubscription.Give(h.t.Context(), h.engine, h.by(h.owner), group.StartSubscription{
		Seats: h.seats(), Method: method, QuotedTotal: money.Of(total, "USD"),
	})
	require.NoError(h.t, err)
}

func (h *house) pay(method string) {
	h.t.Helper()
	_, err := commands.ReplacePaymentMethod.Give(h.t.Context(), h.engine, h.by(h.owner), group.ReplacePaymentMethod{Method: method})
	require.NoError(h.t, err)
}

// buys buys one licence on e-Rx lite, and returns its charge.
func (h *house) buys(total int64) id.SeatCharge {
	h.t.Helper()
	receipt, err := commands.PurchaseLicences.Give(h.t.Context(), h.engine, h.by(h.owner), group.PurchaseLicences{
		Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: money.Of(total, "USD"),
	})
	require.NoError(h.t, err)
	return receipt.Events[1].Event.(group.ProratedChargeRaised).Charge
}

// happened names the events of the practice after the first skip, without their
// package.
func (h *house) happened(skip int) []string {
	h.t.Helper()
	var names []string
	for _, event := range h.events()[skip:] {
		names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", event), "group."))
	}
	return names
}

func TestSubscription_KilledAnywhereEachPeriodIsChargedAndCollectedOnce(t *testing.T) {
	var skip int
	h := everywhere(t, pgtest.New(t), 30, func(h *house) {
		h.Pass(25 * day)
		h.subscribe(simulated.MethodOK, 14_83) // 5 of 30 days
		skip = len(h.events())
		h.Pass(7 * day)
	}, subscription, processes.Collection)
	require.Equal(t, []string{
		"CollectionStarted", "BillingPeriodStarted", "SubscriptionCharged", "CollectionStarted", "ChargeCollected", "ChargeCollected",
	}, h.happened(skip))
	state := h.events()
	require.Equal(t, money.Of(89_00, "USD"), state[len(state)-1].(group.ChargeCollected).Amount)
}

func TestSubscription_ALongSilenceIsCaughtUpPeriodByPeriod(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.Pass(95 * day)
	h.live(never, subscription, processes.Collection)
	var periods []civil.Date
	collected := 0
	for _, event := range h.events() {
		switch e := event.(type) {
		case group.BillingPeriodStarted:
			periods = append(periods, e.Period.Start)
		case group.ChargeCollected:
			collected++
		}
	}
	require.Equal(t, []civil.Date{
		civil.MustDate("2026-04-10"), civil.MustDate("2026-05-10"), civil.MustDate("2026-06-10"), civil.MustDate("2026-07-10"),
	}, periods)
	require.Equal(t, 4, collected)
}

func TestSubscription_TheTrialEndsAndIsCharged(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	_, err := commands.StartTrial.Give(t.Context(), h.engine, h.by(h.owner), group.StartTrial{Seats: h.seats()})
	require.NoError(t, err)
	skip := len(h.events())
	h.Pass(20*day - 1)
	h.live(never, subscription, processes.Collection)
	require.Empty(t, h.happened(skip), "BIL-6 free until the trial ends")
	h.Pass(1)
	h.live(never, subscription, processes.Collection)
	require.Equal(t, []string{"TrialExpired", "BillingPeriodStarted", "SubscriptionCharged"}, h.happened(skip))
	refusals, err := journal.New(h.Pool).Refusals(t.Context(), "subscription", 10)
	require.NoError(t, err)
	require.Equal(t, "no_payment_method", refusals[0].Code)

	skip = len(h.events())
	h.pay(simulated.MethodOK)
	h.live(never, subscription, processes.Collection)
	require.Equal(t, []string{"PaymentMethodReplaced", "CollectionStarted", "ChargeCollected"}, h.happened(skip), "what is due waits for a payment method only")
}

// daily lets days pass one by one.
func (h *house) daily(days int) {
	h.t.Helper()
	for range days {
		h.Pass(day)
		h.live(never, subscription, processes.Collection)
	}
}

func TestSubscription_AnUnpaidPurchaseIsTriedAgainAndThenCancelled(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.live(never, subscription, processes.Collection)
	h.pay(simulated.MethodDeclined)
	_, err := commands.PurchaseLicences.Give(t.Context(), h.engine, h.by(h.owner), group.PurchaseLicences{
		Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: money.Of(89_00, "USD"),
	})
	require.NoError(t, err)
	skip := len(h.events())
	h.live(never, subscription, processes.Collection)
	require.Empty(t, h.happened(skip), "BIL-A6 purchases of the day are gathered until it ends")
	h.daily(1)
	attempt := []string{"CollectionStarted", "ChargeFailed"}
	require.Equal(t, attempt, h.happened(skip))
	skip = len(h.events())
	h.daily(6)
	require.Equal(t, append(append(attempt, attempt...), attempt...), h.happened(skip), "every second day")
	skip = len(h.events())
	h.daily(1)
	require.Equal(t, []string{"LicencePurchaseCancelled", "ChargeCancelled"}, h.happened(skip), "BIL-A11 after seven days")
	h.daily(5)
	require.Len(t, h.happened(skip), 2)
}

func TestSubscription_AnUnpaidPeriodWaitsForAnotherCard(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodDeclined, 89_00)
	h.live(never, subscription, processes.Collection)
	h.daily(12)
	skip := len(h.events())
	h.pay(simulated.MethodDelayed)
	h.live(never, subscription, processes.Collection)
	require.Equal(t, []string{"PaymentMethodReplaced", "CollectionStarted", "ChargeCollected"}, h.happened(skip))
	started := h.events()[skip+1].(group.CollectionStarted)
	require.Equal(t, 5, started.Attempt, "four attempts with the first card")
}

func TestSubscription_ProofsOfTrainingAreWatched(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	bob := h.join("bob", access.User, false)
	h.subscribe(simulated.MethodOK, 89_00)
	proof := id.Derive[id.TraineeProof]("bob")
	_, err := commands.SubmitTraineeProof.Give(t.Context(), h.engine, h.by(h.owner), group.SubmitTraineeProof{
		Proof: proof, Member: bob.member, Kind: pricing.PrescriberTrainee, Programme: "Residency", DocHash: "d",
		ValidFrom: civil.MustDate("2026-04-01"), ValidUntil: civil.MustDate("2026-05-11"),
	})
	require.NoError(t, err)
	_, err = commands.VerifyTraineeProof.Give(t.Context(), h.engine, h.by(h.owner), group.VerifyTraineeProof{Proof: proof, Accredited: true})
	require.NoError(t, err)
	h.daily(33)
	var notices []string
	for _, event := range h.events() {
		switch e := event.(type) {
		case group.TraineeProofExpiring:
			notices = append(notices, fmt.Sprint(e.On, " ", e.Threshold))
		case group.TraineeProofExpired:
			notices = append(notices, fmt.Sprint(e.On, " over"))
		}
	}
	require.Equal(t, []string{"2026-04-11 30", "2026-05-04 7", "2026-05-12 over"}, notices, "BIL-A10 each once")
}

func TestCollectDue_IsForTheProcess(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	require.Equal(t, "process_only", fault.From(h.engine.CollectDue(t.Context(), h.by(h.owner), true)).Code)
}

func TestSubscription_ACancelledOneEndsWithItsPeriodAndChargesNothingMore(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.live(never, subscription, processes.Collection)
	_, err := commands.CancelSubscription.Give(t.Context(), h.engine, h.by(h.owner), group.CancelSubscription{})
	require.NoError(t, err)
	skip := len(h.events())
	h.daily(29)
	require.Empty(t, h.happened(skip))
	h.daily(40)
	require.Equal(t, []string{"SubscriptionCancelled", "LicencesReleased"}, h.happened(skip))
	skip = len(h.events())
	quote, err := h.engine.QuoteSubscription(t.Context(), h.by(h.owner), h.seats())
	require.NoError(t, err)
	h.subscribe(simulated.MethodOK, quote.Minor)
	h.live(never, subscription, processes.Collection)
	h.daily(31)
	require.Equal(t, []string{"BillingPeriodStarted", "SubscriptionCharged", "CollectionStarted", "ChargeCollected"}, h.happened(skip)[7:], "the clock goes on after it started again")
}
