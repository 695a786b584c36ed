package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// wanted is a practice with one licence whose charge of 44.50 was tried twice:
// the first attempt failed, the second is with the processor.
func wanted(t testing.TB) (*story, id.SeatCharge) {
	s := subscribed(t).on("2024-06-16")
	s.buy(pricing.ERxLite, 1)
	charge := s.open()[0].ID
	s.do(group.StartCollection{Charge: charge})
	s.do(ended(charge, 1, false))
	s.do(group.StartCollection{Charge: charge})
	return s, charge
}

func ended(c id.SeatCharge, attempt int, collected bool) command {
	return at(book, group.RecordCollection{Charge: c, Attempt: attempt, Collected: collected, Reason: "card_declined"})
}

func TestMoneyThatMustGoBack(t *testing.T) {
	t.Run("BIL-A23 a second attempt that brought money too is owed back, once", func(t *testing.T) {
		s, charge := wanted(t)
		require.Equal(t, group.ChargeCollected{Charge: charge, Attempt: 1, Amount: usd(4450), On: day("2024-06-16"), Awaited: 2}, s.do(ended(charge, 1, true))[0])
		due := s.do(ended(charge, 2, true))
		require.Len(t, due, 1)
		refund := due[0].(group.RefundDue)
		require.Equal(t, group.RefundDue{
			Refund: refund.Refund, Charge: charge, Attempt: 2, Amount: usd(4450), Reason: group.PaidTwice, On: day("2024-06-16"),
		}, refund)
		s.ignores(ended(charge, 2, true))
		s.ignores(ended(charge, 1, true))
		s.ignores(ended(charge, 2, false))
		require.Equal(t, []group.Refund{{
			ID: refund.Refund, Charge: charge, Attempt: 2, Amount: usd(4450), Reason: group.PaidTwice, On: day("2024-06-16"), Status: group.RefundOwed,
		}}, s.state().Refunds())
	})
	t.Run("an attempt that was overtaken and failed leaves nothing open", func(t *testing.T) {
		s, charge := wanted(t)
		s.do(ended(charge, 1, true))
		require.Equal(t, []group.Event{
			group.OvertakenAttemptFailed{Charge: charge, Attempt: 2, Reason: "card_declined", On: day("2024-06-16")},
		}, s.do(ended(charge, 2, false)))
		s.ignores(ended(charge, 2, false))
		c, _ := s.state().Charge(charge)
		require.Equal(t, group.ChargePaid, c.Status)
		require.Equal(t, 1, c.PaidBy)
		require.Len(t, s.do(ended(charge, 2, true)), 1, "money counts even after a failure was reported")
	})
	t.Run("BIL-A11 money that arrives after the purchase was cancelled is owed back, attempt by attempt", func(t *testing.T) {
		s, charge := wanted(t)
		s.do(ended(charge, 2, false))
		s.on("2024-06-23").do(group.CancelUnpaid{})
		for attempt := 1; attempt <= 2; attempt++ {
			refund := s.do(ended(charge, attempt, true))[0].(group.RefundDue)
			require.Equal(t, group.PaidAfterCancellation, refund.Reason)
			require.Equal(t, attempt, refund.Attempt)
			require.Equal(t, usd(4450), refund.Amount)
			s.ignores(ended(charge, attempt, true))
			s.ignores(ended(charge, attempt, false))
		}
		require.Len(t, s.state().Refunds(), 2)
		require.NotEqual(t, s.state().Refunds()[0].ID, s.state().Refunds()[1].ID)
	})
}

func TestRecordRefund(t *testing.T) {
	owed := func(t *testing.T) (*story, group.Refund) {
		s, charge := wanted(t)
		s.do(ended(charge, 1, true))
		s.do(ended(charge, 2, true))
		return s.on("2024-06-17"), s.state().Refunds()[0]
	}
	success := func(r group.Refund) group.RecordRefund { return group.RecordRefund{Refund: r.ID, Refunded: true} }
	failure := func(r group.Refund) group.RecordRefund {
		return group.RecordRefund{Refund: r.ID, Reason: "card_expired"}
	}
	t.Run("a success is recorded once, and a failure after it changes nothing", func(t *testing.T) {
		s, r := owed(t)
		require.Equal(t, []group.Event{group.ChargeRefunded{Refund: r.ID, Charge: r.Charge, Amount: usd(4450), On: day("2024-06-17")}}, s.do(success(r)))
		s.ignores(success(r))
		s.ignores(failure(r))
		require.Equal(t, group.RefundDone, s.state().Refunds()[0].Status)
	})
	t.Run("a success after a failure counts", func(t *testing.T) {
		s, r := owed(t)
		require.Equal(t, []group.Event{group.RefundFailed{Refund: r.ID, Charge: r.Charge, Reason: "card_expired", On: day("2024-06-17")}}, s.do(failure(r)))
		s.ignores(failure(r))
		got, _ := s.state().Refund(r.ID)
		require.Equal(t, group.RefundNotPossible, got.Status)
		require.Equal(t, "card_expired", got.Failure)
		s.do(success(r))
		got, _ = s.state().Refund(r.ID)
		require.Equal(t, group.RefundDone, got.Status)
		require.Empty(t, got.Failure)
	})
	t.Run("what was never owed cannot be recorded, nor an unreadable reason", func(t *testing.T) {
		s, r := owed(t)
		s.refuses(group.RecordRefund{Refund: id.Refund{1}, Refunded: true}, "refund_not_found")
		s.refuses(group.RecordRefund{Refund: r.ID, Reason: "a\nb"}, "malformed_text")
	})
}

// Whatever order the outcomes of attempts arrive in, how often, and whether the
// charge is cancelled between them: what is kept is what the charge is worth.
func TestNoOrderOfOutcomesKeepsMoreThanAChargeIsWorth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := subscribed(newSilent(t)).on("2024-06-16")
		s.buy(pricing.ERxLite, 1)
		charge := s.open()[0].ID
		arrived := map[int]bool{}
		for range rapid.IntRange(1, 25).Draw(t, "messages") {
			c, _ := s.state().Charge(charge)
			switch rapid.IntRange(0, 6).Draw(t, "message") {
			case 0, 1:
				s.may(group.StartCollection{Charge: charge})
			case 2:
				s.now = s.now.AddDate(0, 0, 4)
				s.do(group.CancelUnpaid{})
			default:
				if c.Attempt == 0 {
					continue
				}
				attempt, collected := rapid.IntRange(1, c.Attempt).Draw(t, "attempt"), rapid.Bool().Draw(t, "collected")
				s.do(ended(charge, attempt, collected))
				arrived[attempt] = arrived[attempt] || collected
			}
			requireNothingLost(t, s, charge, arrived)
		}
	})
}

// requireNothingLost checks the books of one charge against the money that arrived.
func requireNothingLost(t *rapid.T, s *story, charge id.SeatCharge, arrived map[int]bool) {
	var money, due int64
	c, _ := s.state().Charge(charge)
	for attempt, yes := range arrived {
		if yes {
			money += c.Asked[attempt-1].Minor
		}
	}
	for _, r := range s.state().Refunds() {
		if r.Charge == charge {
			due += r.Amount.Minor
		}
	}
	var worth int64
	if c.Status == group.ChargePaid {
		worth = c.Total.Minor
	}
	require.Equal(t, worth, money-due, "what arrived, less what goes back, is what the charge is worth")
}
