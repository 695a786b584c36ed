package licences_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/licences"
	"praxis/projections/page"
	"praxis/projections/projtest"
	"praxis/projections/projtest/histories"
)

// running is a practice on the first of June whose owner holds a licence on e-Rx
// lite that is paid.
func running(t testing.TB) *histories.History {
	t.Helper()
	h := histories.Founded(id.Derive[id.Group]("running"))
	require.True(t, h.Do(histories.Priced(group.StartSubscription{
		Seats:  []group.Seat{{Member: histories.Member(0), Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
		Method: "pm_1", QuotedTotal: money.Of(8900, "USD"),
	})))
	pay(t, h, true)
	return h
}

// pay has the last charge collected, or not.
func pay(t testing.TB, h *histories.History, collected bool) {
	t.Helper()
	charges := h.State.Charges()
	c := charges[len(charges)-1]
	require.True(t, h.Do(group.StartCollection{Charge: c.ID}))
	require.True(t, h.Do(histories.Priced(group.RecordCollection{Charge: c.ID, Attempt: c.Attempt + 1, Collected: collected, Reason: "card_declined"})))
}

// buy buys one licence at the total that is quoted.
func buy(t testing.TB, h *histories.History, plan pricing.PlanID, proofs ...id.TraineeProof) id.Licence {
	t.Helper()
	quote, err := h.State.QuoteLicences(histories.Book(), plan, 1, proofs, h.Now)
	require.NoError(t, err)
	require.True(t, h.Do(histories.Priced(group.PurchaseLicences{Plan: plan, Quantity: 1, Proofs: proofs, QuotedTotal: quote.Today})))
	owned := h.State.Licences()
	return owned[len(owned)-1].ID
}

func TestTheSeatLedger(t *testing.T) {
	h := running(t)
	mia := histories.Member(1)
	proof := id.Derive[id.TraineeProof]("mia's")
	require.True(t, h.Do(histories.As(histories.Member(0), group.SubmitTraineeProof{
		Proof: proof, EmailHash: "hash of mia", Kind: pricing.PrescriberTrainee, Programme: "Residency",
		ValidFrom: day("2024-06-01"), ValidUntil: day("2024-07-15"), DocHash: "sha256",
	})))
	require.True(t, h.Do(histories.As(histories.Member(0), group.VerifyTraineeProof{Proof: proof, Accredited: true})))
	h.Pass(15)
	licence := buy(t, h, pricing.ERxLite, proof)
	pay(t, h, true)
	letter := id.Derive[id.Invitation]("mia's")
	require.True(t, h.Do(estest.Knowing(group.InviteMember{
		Invitation: letter, EmailHash: "hash of mia", Role: access.User, Clinician: true, ExpiresAt: h.Now.AddDate(0, 0, 7),
		Profession: pricing.Prescriber, Licence: licence,
	}, group.InvitationFacts{By: histories.Member(0), Book: histories.Book()})))
	require.True(t, h.Do(group.AcceptInvitation{Invitation: letter, Account: id.Derive[id.Account]("mia"), EmailHash: "hash of mia", Member: mia}))
	h.Pass(15)
	h.Pass(9)
	require.True(t, h.Do(histories.WithoutCharts(group.UnassignLicence{Licence: licence})))
	h.Pass(22)

	m := model(t)
	spec := projtest.Given(t, m, h.Events...)
	g := everything(h.Group)
	told := func(q licences.SeatsQuery) (lines []string) {
		q.Reach, q.Licence = g, licence
		for _, s := range seated(t, m.Pool, q) {
			holder := "nobody"
			if s.Holder != nil {
				holder = map[id.Member]string{mia: "mia"}[*s.Holder]
			}
			lines = append(lines, fmt.Sprintf("%s..%s %d %s %s %s %d/%d", s.From, s.Until, s.Days, holder, s.Reason, s.Cost, s.Discount.Num, s.Discount.Den))
		}
		return lines
	}
	t.Run("says who held a seat when, for how much and why", func(t *testing.T) {
		require.Equal(t, []string{
			"2024-06-16..2024-06-30 15 mia charged USD 22.25 1/2",
			"2024-07-01..2024-07-09 9 mia charged USD 12.92 1/2",
			"2024-07-10..2024-07-31 22 nobody charged USD 31.58 1/2",
			"2024-08-01..2024-08-31 31 nobody charged USD 116.25 1/1",
		}, told(licences.SeatsQuery{From: day("2024-06-01"), To: day("2024-08-31")}))
	})
	t.Run("for any days; the parts add up", func(t *testing.T) {
		require.Equal(t, []string{"2024-07-09..2024-07-09 1 mia charged USD 1.44 1/2", "2024-07-10..2024-07-10 1 nobody charged USD 1.43 1/2"},
			told(licences.SeatsQuery{From: day("2024-07-09"), To: day("2024-07-10")}))
		require.Equal(t, []string{"2024-06-20..2024-06-30 11 mia charged USD 16.32 1/2"}, told(licences.SeatsQuery{From: day("2024-06-20"), To: day("2024-06-30"), Holder: mia}))
		seat := seated(t, m.Pool, licences.SeatsQuery{Reach: g, Licence: licence, From: day("2024-06-16"), To: day("2024-06-16")})[0]
		require.Contains(t, seat.Costs[0].Line.Explain(""), "with proof "+proof.String())
	})
	t.Run("BIL-13 of nothing less than the whole subscription", func(t *testing.T) {
		for _, reach := range []access.Reach{{}, everything(id.New[id.Group]()), {Group: h.Group, Parts: []access.Part{{Within: access.Area{About: []id.Member{mia}}}}}} {
			require.Empty(t, seated(t, m.Pool, licences.SeatsQuery{Reach: reach, From: day("2024-06-01"), To: day("2024-08-31")}))
			require.Empty(t, owned(t, m.Pool, licences.LicencesQuery{Reach: reach, Now: h.Now}))
			charges, totals := charged(t, m.Pool, licences.ChargesQuery{Reach: reach})
			require.Empty(t, charges)
			require.Zero(t, totals)
		}
	})
	t.Run("charges are filtered by kind, status, day and period", func(t *testing.T) {
		count := func(q licences.ChargesQuery) int {
			q.Reach = g
			charges, _ := charged(t, m.Pool, q)
			return len(charges)
		}
		require.Equal(t, 4, count(licences.ChargesQuery{}))
		require.Equal(t, 1, count(licences.ChargesQuery{Kinds: []group.ChargeKind{group.ChargePurchase}}))
		require.Equal(t, 2, count(licences.ChargesQuery{Statuses: []group.ChargeStatus{group.ChargePaid}}))
		require.Equal(t, 2, count(licences.ChargesQuery{Within: day("2024-06-30")}))
		require.Equal(t, 1, count(licences.ChargesQuery{From: day("2024-06-16"), To: day("2024-06-30")}))
		_, err := licences.Charges(t.Context(), m.Pool, licences.ChargesQuery{Reach: g, Limit: 1, Cursor: "nonsense"})
		require.ErrorIs(t, err, page.ErrMalformed)
		_, err = licences.Seats(t.Context(), m.Pool, licences.SeatsQuery{Reach: g, Limit: 1, Cursor: "nonsense"})
		require.ErrorIs(t, err, page.ErrMalformed)
	})
	t.Run("licences are filtered; a rebuild gives the same rows", func(t *testing.T) {
		require.Len(t, owned(t, m.Pool, licences.LicencesQuery{Reach: g, Now: h.Now, States: []licences.State{licences.Free}}), 1)
		require.Len(t, owned(t, m.Pool, licences.LicencesQuery{Reach: g, Now: h.Now, Holder: histories.Member(0)}), 1)
		require.Empty(t, owned(t, m.Pool, licences.LicencesQuery{Reach: g, Now: h.Now, Plans: []pricing.PlanID{pricing.TherapistBasic}}))
		spec.Then("select count(*) from seat", `{"count":7}`)
	})
}

func TestWhatIsScheduledAndUndone(t *testing.T) {
	h := running(t)
	pending := buy(t, h, pricing.TherapistBasic)
	pay(t, h, false)
	own := h.State.Licences()[0].ID
	change := func(l id.Licence, plan pricing.PlanID) {
		t.Helper()
		quote, err := h.State.QuotePlanChange(histories.Book(), l, plan, h.Now)
		require.NoError(t, err)
		require.True(t, h.Do(histories.Priced(group.ChangeLicencePlan{Licence: l, Plan: plan, QuotedTotal: quote.Today})))
	}
	change(own, pricing.TherapistBasic)
	m := model(t)
	g := everything(h.Group)
	spec := projtest.Given(t, m, h.Events...)
	found := owned(t, m.Pool, licences.LicencesQuery{Reach: g, Now: h.Now})
	require.Equal(t, pricing.TherapistBasic, found[0].NextPlan)
	require.Equal(t, day("2024-07-01"), found[0].ChangesOn)
	require.Equal(t, licences.Pending, found[1].State)
	u, err := licences.Utilise(t.Context(), m.Pool, g, h.Now)
	require.NoError(t, err)
	require.Equal(t, licences.Counts{Owned: 2, Pending: 1, Assigned: 1}, u.Total)
	require.Equal(t, day("2024-07-01"), u.RenewsOn)
	require.Len(t, u.Plans, 2)

	t.Run("BIL-A11 an unpaid purchase is undone, and costs nothing", func(t *testing.T) {
		seen := len(h.Events)
		h.Pass(8)
		spec.When(h.Events[seen:]...).Then("select status, total from charge where kind = 'purchase'", `{"status":"cancelled","total":4900}`)
		charges, totals := charged(t, m.Pool, licences.ChargesQuery{Reach: g})
		require.Equal(t, licences.Amounts{Charged: 13800, Collected: 8900, Cancelled: 4900}, totals)
		last := charges[1].Movements
		require.Equal(t, []licences.Movement{licences.Asked, licences.Failed, licences.Cancelled}, []licences.Movement{last[0].Kind, last[1].Kind, last[2].Kind})
		require.Equal(t, "card_declined", last[1].Reason)
		seats := seated(t, m.Pool, licences.SeatsQuery{Reach: g, Licence: pending, From: day("2024-06-01"), To: day("2024-06-30")})
		require.Len(t, seats, 1)
		require.Equal(t, licences.Unpaid, seats[0].Reason)
		require.Zero(t, seats[0].Cost.Minor)
	})
	t.Run("money that comes too late goes back", func(t *testing.T) {
		late := h.State.Charges()[1].ID
		refund := id.Derive[id.Refund]("late")
		at := func(e group.Event) projtest.Event {
			return projtest.Event{Stream: group.Stream(h.Group), Event: e, At: h.Now.Add(time.Minute)}
		}
		spec.When(
			at(group.OvertakenAttemptFailed{Charge: late, Attempt: 2, Reason: "expired", On: day("2024-06-09")}),
			at(group.RefundDue{Refund: refund, Charge: late, Attempt: 1, Amount: money.Of(4900, "USD"), Reason: group.PaidAfterCancellation, On: day("2024-06-09")}),
			at(group.RefundFailed{Refund: refund, Charge: late, Reason: "no_account", On: day("2024-06-10")}),
		)
		charges, totals := charged(t, m.Pool, licences.ChargesQuery{Reach: g})
		require.EqualValues(t, 4900, totals.RefundsDue)
		require.Equal(t, []licences.Refund{{
			ID: refund, Attempt: 1, Amount: money.Of(4900, "USD"), Reason: group.PaidAfterCancellation, On: day("2024-06-09"),
			Status: group.RefundNotPossible, Failure: "no_account",
		}}, charges[1].Refunds())
		spec.When(at(group.ChargeRefunded{Refund: refund, Charge: late, Amount: money.Of(4900, "USD"), On: day("2024-06-11")}))
		charges, totals = charged(t, m.Pool, licences.ChargesQuery{Reach: g})
		require.EqualValues(t, 4900, totals.Refunded)
		require.Equal(t, group.RefundDone, charges[1].Refunds()[0].Status)
		require.Empty(t, charges[0].Refunds())
	})
}

func TestCreditsAndTheEnd(t *testing.T) {
	h := running(t)
	m := model(t)
	g := everything(h.Group)
	c := h.State.Charges()[0].ID
	line, err := pricing.NewLine(h.State.Licences()[0].ID, pricing.LineUnusedCredit, h.State.Licences()[0].Terms, day("2024-06-16"), h.State.Period())
	require.NoError(t, err)
	spec := projtest.Given(t, m, h.Events...).When(
		projtest.On(group.Stream(h.Group), group.ChargeCredited{Charge: c, Line: line, Credit: money.Of(4450, "USD"), Total: money.Of(4450, "USD"), On: day("2024-06-16")}),
		projtest.On(group.Stream(h.Group), group.SubscriptionCancellationScheduled{Effective: day("2024-07-01")}),
	)
	charges, totals := charged(t, m.Pool, licences.ChargesQuery{Reach: g})
	require.EqualValues(t, 4450, totals.Credited)
	last := charges[0].Movements[len(charges[0].Movements)-1]
	require.Equal(t, line.Explain(""), last.Line.Explain(""))
	ends := func() licences.Utilisation {
		u, err := licences.Utilise(t.Context(), m.Pool, g, h.Now)
		require.NoError(t, err)
		return u
	}
	require.Equal(t, day("2024-07-01"), ends().EndsOn)
	require.True(t, ends().RenewsOn.IsZero())
	spec.When(projtest.On(group.Stream(h.Group), group.SubscriptionKept{Effective: day("2024-07-01")}))
	require.Equal(t, day("2024-07-01"), ends().RenewsOn)
	spec.When(projtest.On(group.Stream(h.Group), group.SubscriptionCancelled{On: day("2024-07-01")})).
		Then("select ended, period_start, ends_on from subscription", `{"ended":true,"period_start":null,"ends_on":"2024-07-01"}`)
	require.True(t, ends().RenewsOn.IsZero())
}

func TestTrial(t *testing.T) {
	h := histories.Founded(id.Derive[id.Group]("trying"))
	require.True(t, h.Do(estest.Knowing(group.StartTrial{
		Seats: []group.Seat{{Member: histories.Member(0), Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
	}, group.TrialFacts{OwnerTrialEnds: h.Now.AddDate(0, 0, 20), Book: histories.Book()})))
	m := model(t)
	spec := projtest.Given(t, m, h.Events...)
	u, err := licences.Utilise(t.Context(), m.Pool, everything(h.Group), h.Now)
	require.NoError(t, err)
	require.Equal(t, day("2024-06-21"), u.RenewsOn, "BIL-A9 the first period starts on the day the trial ends")
	seen := len(h.Events)
	h.Pass(21)
	spec.When(h.Events[seen:]...).Then("select count(*) from seat", `{"count":2}`)
	seats := seated(t, m.Pool, licences.SeatsQuery{Reach: everything(h.Group), From: day("2024-06-01"), To: day("2024-06-30")})
	require.Equal(t, []licences.Reason{licences.InTrial, licences.Charged}, []licences.Reason{seats[0].Reason, seats[1].Reason}, "BIL-6 the days of the trial are free")
	require.Zero(t, seats[0].Cost.Minor)
	require.Equal(t, day("2024-06-20"), seats[0].Until)
}
