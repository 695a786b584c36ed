package group_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// alone tells of a solo practice that oona founded on 2024-06-01.
func alone(t testing.TB) *story {
	s := &story{t: t, now: noon("2024-06-01")}
	c := found()
	c.Solo = true
	s.do(c)
	return s
}

var operator = id.Derive[id.Account]("operator")

func convert(p pricing.PlanID) with[group.ConvertSoloToGroup, group.ConversionFacts] {
	return estest.Knowing(group.ConvertSoloToGroup{Plan: p}, group.ConversionFacts{Operator: operator, AccountIsClaimed: true, Book: book})
}

// subscribing starts oona's subscription on e-Rx lite.
func subscribing() command {
	return at(book, group.StartSubscription{
		Seats: []group.Seat{{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}}, Method: "pm_1", QuotedTotal: usd(8900),
	})
}

func TestSoloPractice(t *testing.T) {
	t.Run("G-3 has exactly its owner and invites nobody", func(t *testing.T) {
		s := alone(t)
		require.True(t, s.state().Solo())
		require.Len(t, s.state().Members(), 1)
		s.refuses(s.invitation(uma, pricing.Therapist), "solo_practice")
	})
	t.Run("a practice that was founded for many never was one", func(t *testing.T) {
		require.False(t, founded(t).state().Solo())
		founded(t).refuses(convert(pricing.ERxLite), "not_solo")
	})
}

func TestConvertSoloToGroup(t *testing.T) {
	t.Run("G-3 needs a selected plan", func(t *testing.T) {
		s := alone(t)
		s.refuses(convert(pricing.ERxLite), "plan_required")
		s.do(subscribing())
		s.refuses(convert(""), "plan_required")
		s.refuses(convert("gold"), "plan_required")
		s.refuses(convert(pricing.TherapistBasic), "plan_required")
		unpriced := convert(pricing.ERxLite)
		unpriced.Facts.Book = pricing.Book{}
		s.refuses(unpriced, "plan_required")
	})
	t.Run("G-3 needs an existing account", func(t *testing.T) {
		s := alone(t)
		s.do(subscribing())
		c := convert(pricing.ERxLite)
		c.Facts.AccountIsClaimed = false
		s.refuses(c, "account_required")
	})
	t.Run("a practice that does not exist is not converted", func(t *testing.T) {
		given(t).When(convert(pricing.ERxLite), now).ThenRejected("group_not_found")
	})
	t.Run("G-3 AMB-2 by an operator; then others can join", func(t *testing.T) {
		s := alone(t)
		s.do(subscribing())
		s.collect()
		require.Equal(t, []group.Event{
			group.SoloPracticeConverted{Account: account(oona), Plan: pricing.ERxLite, Operator: operator},
		}, s.do(convert(pricing.ERxLite)))
		require.False(t, s.state().Solo())
		s.buy(pricing.TherapistBasic, 1)
		s.collect()
		s.joins(uma, pricing.Therapist)
		s.refuses(convert(pricing.ERxLite), "not_solo")
	})
}

// The state after a conversion is that of a practice which never was a solo one:
// members, branches, billing period, licences, charges and trial are the same.
func TestConversionChangesNothingElse(t *testing.T) {
	same := func(t *testing.T, s *story) {
		t.Helper()
		always := slices.Clone(s.history)
		s.do(convert(pricing.ERxLite))
		created := always[0].(group.GroupCreated)
		created.Solo = false
		always[0] = created
		require.Equal(t, fold(always...), s.state())
	}
	t.Run("G-3 AMB-2 in the middle of a billing period", func(t *testing.T) {
		s := alone(t)
		s.do(subscribing())
		s.collect()
		s.on("2024-06-16")
		same(t, s)
		require.Equal(t, pricing.Period{Start: day("2024-06-01"), End: day("2024-07-01")}, s.state().Period())
	})
	t.Run("G-3 AMB-10 the group inherits what is left of the trial", func(t *testing.T) {
		s := alone(t)
		s.do(trialUntil(noon("2024-06-30"), group.StartTrial{
			Seats: []group.Seat{{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
		}))
		s.on("2024-06-20")
		same(t, s)
		require.Equal(t, noon("2024-06-30").UTC(), s.state().Trial().EndsAt)
		require.False(t, s.state().Trial().Over)
	})
	t.Run("AMB-10 a trial that was used stays used", func(t *testing.T) {
		s := alone(t)
		s.do(trialUntil(noon("2024-06-30"), group.StartTrial{
			Seats: []group.Seat{{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
		}))
		s.on("2024-06-30")
		s.do(at(book, group.ExpireTrial{}))
		same(t, s)
		s.refuses(trialUntil(noon("2024-12-31"), group.StartTrial{}), "trial_already_used")
	})
}
