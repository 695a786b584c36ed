package group_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// book holds the operator's prices: the first ones from 2020 on, and e-Rx lite
// dearer from August 2024.
var book = pricing.Aggregate().Fold(
	pricing.PriceBookPublished{Version: 1, Currency: "USD", EffectiveFrom: day("2020-01-01"), Prices: pricing.FirstPrices()},
	pricing.PriceBookPublished{Version: 2, Currency: "USD", EffectiveFrom: day("2024-08-01"), Prices: []pricing.Price{
		{Plan: pricing.TherapistBasic, Minor: 4900},
		{Plan: pricing.TherapistPremium, Minor: 6900},
		{Plan: pricing.ERxLite, Minor: 9300},
		{Plan: pricing.PrescriberPremium, Minor: 11900},
	}},
)

// generous has the prices of book, a tax, and credits unused days.
var generous = pricing.Aggregate().Fold(terms(book.Versions()[0], 2000), terms(book.Versions()[1], 500))

func terms(v pricing.PriceBookPublished, tax int) pricing.PriceBookPublished {
	v.CreditUnused, v.TaxBasisPoints = true, tax
	return v
}

func day(s string) civil.Date { return civil.MustDate(s) }

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

// noon is twelve o'clock on a day in the practice's billing zone, New York.
func noon(date string) time.Time {
	zone, err := civil.Zone("America/New_York").Load()
	if err != nil {
		panic(err)
	}
	return civil.At(day(date), civil.MustClock("12:00"), zone)
}

func proofOf(m id.Member) id.TraineeProof { return id.Derive[id.TraineeProof](m.String()) }

func hashOf(m id.Member) string { return "hash of " + m.String() }

// story is a practice whose commands are decided one after the other.
type story struct {
	t       testing.TB
	history []group.Event
	now     time.Time
}

// founded tells of a practice in New York that oona, a clinician, founded on
// 2024-06-01, so that its periods begin on the first.
func founded(t testing.TB) *story {
	s := &story{t: t, now: noon("2024-06-01")}
	s.do(group.CreateGroup{
		Group: practice, Name: "Elm Practice", Owner: oona, Account: account(oona), OwnerIsClinician: true,
		BillingZone: "America/New_York", Currency: "USD", DefaultBranch: mainSt, DefaultBranchName: "Main Street",
	})
	return s
}

// subscribed is founded with a subscription, oona on e-Rx lite, paid.
func subscribed(t testing.TB) *story {
	s := founded(t)
	s.do(at(book, group.StartSubscription{
		Seats: []group.Seat{{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}}, Method: "pm_1", QuotedTotal: usd(8900),
	}))
	s.collect()
	return s
}

// onTrial is founded with the trial of its owner, who holds e-Rx lite.
func onTrial(t testing.TB, ends string) *story {
	s := founded(t)
	s.do(trialUntil(noon(ends), group.StartTrial{
		Seats: []group.Seat{{Member: oona, Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
	}))
	return s
}

// otherwise is the same story up to here, to be continued differently.
func (s *story) otherwise() *story {
	other := *s
	other.history = slices.Clone(s.history)
	return &other
}

func (s *story) on(date string) *story { s.now = noon(date); return s }

func (s *story) state() group.State { return fold(s.history...) }

// do decides a command that must be accepted, and returns its events.
func (s *story) do(c estest.Decider[group.State, group.Event]) []group.Event {
	s.t.Helper()
	events, err := c.Decide(s.state(), s.now)
	require.NoError(s.t, err)
	s.history = append(s.history, events...)
	requireMoneyInvariants(s.t, s.state(), s.now)
	return events
}

// may decides a command that may be refused.
func (s *story) may(c estest.Decider[group.State, group.Event]) {
	s.t.Helper()
	if events, err := c.Decide(s.state(), s.now); err == nil {
		s.history = append(s.history, events...)
		requireMoneyInvariants(s.t, s.state(), s.now)
	}
}

// refuses decides a command that must be rejected with the code.
func (s *story) refuses(c estest.Decider[group.State, group.Event], code string) *fault.Error {
	s.t.Helper()
	return given(s.t, s.history...).When(c, s.now).ThenRejected(code)
}

// ignores decides a command that must be accepted and change nothing.
func (s *story) ignores(c estest.Decider[group.State, group.Event]) {
	s.t.Helper()
	given(s.t, s.history...).When(c, s.now).ThenNothing()
}

// buy quotes licences and buys them; it returns the new ones.
func (s *story) buy(plan pricing.PlanID, quantity int, proofs ...id.TraineeProof) []id.Licence {
	s.t.Helper()
	quote, err := s.state().QuoteLicences(book, plan, quantity, proofs, s.now)
	require.NoError(s.t, err)
	events := s.do(at(book, group.PurchaseLicences{Plan: plan, Quantity: quantity, Proofs: proofs, QuotedTotal: quote.Today}))
	var bought []id.Licence
	for _, b := range events[0].(group.LicencesPurchased).Licences {
		bought = append(bought, b.Licence)
	}
	return bought
}

// open returns the charges that can be collected.
func (s *story) open() []group.Charge {
	return slices.DeleteFunc(s.state().Charges(), func(c group.Charge) bool {
		return c.Total.Minor == 0 || c.Status != group.ChargeOpen && c.Status != group.ChargeUnpaid
	})
}

// collect brings in every charge that can be collected.
func (s *story) collect() { s.settle(true) }

func (s *story) settle(collected bool) {
	s.t.Helper()
	for _, c := range s.open() {
		attempt := s.do(group.StartCollection{Charge: c.ID})[0].(group.CollectionStarted)
		s.do(at(book, group.RecordCollection{Charge: c.ID, Attempt: attempt.Attempt, Collected: collected, Reason: "card_declined"}))
	}
}

// joins invites a clinician and lets them accept.
func (s *story) joins(m id.Member, profession pricing.Category) {
	s.t.Helper()
	s.do(s.invitation(m, profession))
	s.do(group.AcceptInvitation{Invitation: invitationOf(m), Account: account(m), EmailHash: hashOf(m), Member: m})
}

func (s *story) invitation(m id.Member, profession pricing.Category) with[group.InviteMember, group.InvitationFacts] {
	return estest.Knowing(group.InviteMember{
		Invitation: invitationOf(m), EmailHash: hashOf(m), Role: access.User, Clinician: true,
		ExpiresAt: s.now.AddDate(0, 0, 7), Profession: profession,
	}, group.InvitationFacts{By: oona, Book: book})
}

// proves submits a trainee's proof by their address and verifies it.
func (s *story) proves(m id.Member, kind pricing.TraineeKind, until string) id.TraineeProof {
	s.t.Helper()
	s.do(as(oona, group.SubmitTraineeProof{
		Proof: proofOf(m), EmailHash: hashOf(m), Kind: kind, Programme: "Residency",
		ValidFrom: day("2024-01-01"), ValidUntil: day(until), DocHash: "sha256",
	}))
	s.do(as(oona, group.VerifyTraineeProof{Proof: proofOf(m), Accredited: true}))
	return proofOf(m)
}

// roll starts the next period on its first day and returns what was charged.
func (s *story) roll(date string) group.SubscriptionCharged {
	s.t.Helper()
	next, err := s.state().NextInvoice(book)
	require.NoError(s.t, err)
	s.on(date)
	events := s.do(at(book, group.RollBillingPeriod{}))
	charged := events[len(events)-1].(group.SubscriptionCharged)
	billed := group.Invoice{Period: charged.Period, Lines: charged.Lines, Total: charged.Total}
	require.Equal(s.t, next, billed, "the next invoice was known")
	s.ignores(at(book, group.RollBillingPeriod{}))
	return charged
}

// requireWorth checks that what a licence is charged for in the present period is
// worth its plan: at least the days that are left, at most a whole period. Every
// line may be rounded by a cent, and a change of plan has two.
func requireWorth(t require.TestingT, s group.State, l group.Licence, now time.Time) {
	if l.Pending || len(l.Charged) == 0 || l.PaidFor != s.Period() {
		return
	}
	zone, err := s.Zone().Load()
	require.NoError(t, err)
	whole, err := l.PerPeriod()
	require.NoError(t, err)
	left, err := whole.Fraction(int64(l.PaidFor.DaysFrom(civil.In(now, zone))), int64(l.PaidFor.Days()))
	require.NoError(t, err)
	var charged int64
	for _, part := range l.Charged {
		charged += part.Amount.Minor + part.Tax.Minor
	}
	const cents = 20
	require.GreaterOrEqual(t, charged, left.Minor-cents, "the days that are left are charged at the present plan's price")
	require.LessOrEqual(t, charged, whole.Minor+cents, "nothing is charged for a plan that the licence does not have")
}

// requireMoneyInvariants checks what must hold of licences and charges always.
func requireMoneyInvariants(t require.TestingT, s group.State, now time.Time) {
	holders := map[id.Member]bool{}
	for _, l := range s.Licences() {
		if l.Holder.IsZero() {
			continue
		}
		require.False(t, holders[l.Holder], "a member holds one licence at most")
		holders[l.Holder] = true
		require.False(t, l.Pending, "a licence that is not paid has no holder")
		require.False(t, l.Releasing, "a licence that ends has no holder")
		require.True(t, l.Invitation.IsZero(), "a licence is held or reserved, not both")
		m, _ := s.Member(l.Holder)
		require.NotEqual(t, access.Assistant, m.Role, "free roles hold no licence")
		require.True(t, l.Plan.Open(s.Profession(l.Holder)), "a prescriber plan is held by a prescriber")
	}
	for _, l := range s.Licences() {
		requireWorth(t, s, l, now)
	}
	u := s.Utilisation(now)
	require.Equal(t, u.Owned, u.Pending+u.Assigned+u.Reserved+u.Free)
	require.Len(t, holders, u.Assigned)
	for _, m := range s.Members() {
		if s.Subscribed() && m.Active && m.Clinician {
			require.True(t, holders[m.ID], "every clinician holds exactly one licence")
		}
		if m.Active && !m.Clinician {
			require.False(t, holders[m.ID], "who is no clinician costs nothing")
		}
	}
	for _, c := range s.Charges() {
		if len(c.Lines) == 0 {
			continue
		}
		total, err := pricing.Total(c.Lines)
		require.NoError(t, err)
		require.Equal(t, total.Minor, c.Total.Minor+c.Credited.Minor, "the lines of a charge, less credits, are its total")
	}
}
