package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// inJune is a practice in New York that was founded on 1 June 2026, so that its
// billing periods are the calendar's months; owners have a trial of 30 days.
func inJune(t testing.TB) *practice {
	t.Helper()
	p := emptyHouse(t)
	c := p.config()
	c.Rosters, c.OwnTrial = rosters{p: p}, 29*24*time.Hour
	p.engine = commands.NewEngine(c)
	p.on(t, "2026-06-01")
	_, err := commands.CreateGroup.Give(p.ctx(), p.engine, p.by(p.owner), p.founding())
	require.NoError(t, err)
	return p
}

// on moves the clock to noon of a day in New York.
func (p *practice) on(t testing.TB, day string) {
	t.Helper()
	zone, err := civil.Zone("America/New_York").Load()
	require.NoError(t, err)
	p.Pass(civil.At(civil.MustDate(day), civil.MustClock("12:00"), zone).Sub(p.Now()))
}

// bought is what a licence comes to today, with the proofs of trainees.
func (p *practice) bought(plan pricing.PlanID, proofs ...id.TraineeProof) int64 {
	p.t.Helper()
	quote, err := p.engine.QuoteLicences(p.ctx(), p.by(p.owner), plan, 1, proofs)
	require.NoError(p.t, err)
	receipt, err := commands.PurchaseLicences.Give(p.ctx(), p.engine, p.by(p.owner), group.PurchaseLicences{Plan: plan, Quantity: 1, Proofs: proofs, QuotedTotal: quote.Today})
	require.NoError(p.t, err)
	require.Equal(p.t, 1, count[group.ProratedChargeRaised](receipt)+count[group.ChargeLinesAdded](receipt), "one charge")
	return quote.Today.Minor
}

// count counts the events of one type.
func count[E group.Event](r commands.Receipt) (n int) {
	for _, e := range r.Events {
		if _, ok := e.Event.(E); ok {
			n++
		}
	}
	return n
}

// joinAs makes somebody a clinician of a profession, with the licence that suits.
func (p *practice) joinAs(name string, profession pricing.Category) {
	p.t.Helper()
	who := someone(name)
	i := id.Derive[id.Invitation]("spec", p.next())
	_, err := commands.InviteMember.Give(p.ctx(), p.engine, p.by(p.owner), commands.Invite{ValidDays: 7, InviteMember: group.InviteMember{
		Invitation: i, EmailHash: commands.EmailHash(who.email), Role: access.User, Clinician: true, Profession: profession,
	}})
	require.NoError(p.t, err)
	_, err = commands.AcceptInvitation.Give(p.ctx(), p.engine, p.by(who), i)
	require.NoError(p.t, err)
}

// roll begins the next billing period and returns what is charged for it.
func (p *practice) roll(t testing.TB, day string) money.Money {
	t.Helper()
	p.on(t, day)
	receipt, err := commands.RollBillingPeriod.Give(p.ctx(), p.engine, p.clockwork(), group.RollBillingPeriod{})
	require.NoError(t, err)
	return receipt.Events[len(receipt.Events)-1].Event.(group.SubscriptionCharged).Total
}

// trains submits somebody's proof of training and has it verified.
func (p *practice) trains(who person, kind pricing.TraineeKind, until string) id.TraineeProof {
	p.t.Helper()
	proof := id.Derive[id.TraineeProof](who.email)
	_, err := commands.SubmitTraineeProof.Give(p.ctx(), p.engine, p.by(p.owner), group.SubmitTraineeProof{
		Proof: proof, EmailHash: commands.EmailHash(who.email), Kind: kind, Programme: "Residency",
		ValidFrom: civil.MustDate("2026-01-01"), ValidUntil: civil.MustDate(until), DocHash: "sha256",
	})
	require.NoError(p.t, err)
	_, err = commands.VerifyTraineeProof.Give(p.ctx(), p.engine, p.by(p.owner), group.VerifyTraineeProof{Proof: proof, Accredited: true})
	require.NoError(p.t, err)
	return proof
}

// Vector 1 (SCN-1), command by command through the engine and its log.
func TestVector1AMonthOfAGrowingPractice(t *testing.T) {
	p := inJune(t)
	ann := p.join("ann", access.User, true)
	seats := p.startBody(usd(0)).Seats
	seats = append(seats, group.Seat{Member: ann.member, Plan: pricing.ERxLite, Profession: pricing.Prescriber})
	_, err := commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: usd(178_00)})
	require.NoError(t, err, "vector 1: 30 days from 1 June, owner + 1 on e-Rx lite: $178.00")
	p.payAll()

	p.on(t, "2026-06-16")
	require.Equal(t, int64(44_50), p.bought(pricing.ERxLite), "vector 1: a prescriber on 16 June, one charge of $44.50")
	trainee := p.trains(someone("tess"), pricing.PrescriberTrainee, "2027-06-30")
	require.Equal(t, int64(22_25), p.bought(pricing.ERxLite, trainee), "vector 1: a prescriber trainee the same day, $22.25")
	intern := p.trains(someone("ines"), pricing.NonPrescriberTrainee, "2026-06-20")
	require.Equal(t, int64(0), p.bought(pricing.TherapistBasic, intern), "vector 1: a psychology intern with proof, $0.00")
	p.payAll()
	p.joinAs("pia", pricing.Prescriber)
	p.joinAs("tess", pricing.Prescriber)
	p.joinAs("ines", pricing.Therapist)

	p.on(t, "2026-06-21")
	receipt, err := commands.WatchTraineeProofs.Give(t.Context(), p.engine, p.clockwork(), group.WatchTraineeProofs{})
	require.NoError(t, err)
	require.Equal(t, 1, count[group.TraineeProofExpired](receipt), "vector 1: the proof lapses on 20 June")
	require.Len(t, p.seen().State.Charges(), 2, "vector 1: nothing more for June")
	require.Equal(t, usd(3*89_00+44_50+49_00), p.roll(t, "2026-07-01"),
		"vector 1: $267.00 for the three prescribers, $44.50 for the trainee, and the intern's full list price")
}

// Vector 2 (SCN-2): one trial, the owner's, for everybody, once.
func TestVector2TheTrialIsTheOwners(t *testing.T) {
	p := inJune(t)
	_, err := commands.StartTrial.Give(t.Context(), p.engine, p.by(p.owner), group.StartTrial{Seats: p.startBody(usd(0)).Seats})
	require.NoError(t, err)
	ends := p.subscription().Trial.EndsAt
	require.Equal(t, time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC), ends, "vector 2: the owner's ends on 30 June")

	p.on(t, "2026-06-20")
	quote, err := p.engine.QuoteLicences(t.Context(), p.by(p.owner), pricing.TherapistBasic, 1, nil)
	require.NoError(t, err)
	require.Equal(t, usd(0), quote.Today, "vector 2: $0 until then")
	_, err = commands.PurchaseLicences.Give(t.Context(), p.engine, p.by(p.owner), group.PurchaseLicences{Plan: pricing.TherapistBasic, Quantity: 1, QuotedTotal: usd(0)})
	require.NoError(t, err)
	ann := p.join("ann", access.User, true)
	require.Equal(t, ends, p.subscription().Trial.EndsAt, "vector 2: who joins on 20 June has the same end")

	p.on(t, "2026-06-30")
	_, err = commands.ExpireTrial.Give(t.Context(), p.engine, p.clockwork(), group.ExpireTrial{})
	require.NoError(t, err)
	again := func(by person) error {
		_, err := commands.StartTrial.Give(t.Context(), p.engine, p.by(by), group.StartTrial{Seats: p.startBody(usd(0)).Seats})
		return err
	}
	requireFault(t, again(p.owner), "trial_already_used")
	offer := commands.Offer{OfferOwnership: group.OfferOwnership{To: ann.member}, ValidDays: 7}
	require.NoError(t, second(commands.OfferOwnership.Give(t.Context(), p.engine, p.by(p.owner), offer)))
	require.NoError(t, second(commands.AcceptOwnership.Give(t.Context(), p.engine, p.by(ann), group.AcceptOwnership{})))
	requireFault(t, again(ann), "trial_already_used")
}

// Vector 5 (SCN-5): what is delegated to a super admin does not make them more.
func TestVector5ASuperAdminRisesNoFurther(t *testing.T) {
	p := newPractice(t)
	sam := p.join("sam", access.SuperAdmin, false)
	invite := func(role access.Role) error {
		return second(commands.InviteMember.Give(t.Context(), p.engine, p.by(sam), commands.Invite{ValidDays: 7, InviteMember: group.InviteMember{
			Invitation: id.Derive[id.Invitation](p.next()), EmailHash: commands.EmailHash(string(role)), Role: role,
		}}))
	}
	p.unchangedButRefusal(func() { requireFault(t, invite(access.User), "permission_denied") })
	for _, delegated := range []access.Capability{access.MemberInvite, access.PermissionGrant} {
		_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: sam.member, Capability: delegated, Scope: access.ScopeGroup})
		require.NoError(t, err)
	}
	p.unchanged(func() {
		requireFault(t, invite(access.SuperAdmin), "role_exceeds_inviter")
		requireFault(t, invite(access.Owner), "role_exceeds_inviter")
		requireFault(t, second(commands.GrantPermission.Give(t.Context(), p.engine, p.by(sam), group.GrantPermission{
			Member: sam.member, Capability: access.SubscriptionView, Scope: access.ScopeGroup,
		})), "self_grant")
	})
	require.NoError(t, invite(access.User), "vector 5: below themselves they may")
}

// Vector 7 (SCN-7): money is one clinician's.
func TestVector7APaymentIsWithOneClinician(t *testing.T) {
	p := newPractice(t)
	ledger := p.ledger()
	pay := func(selected ...id.Member) error {
		clinician, err := invoice.RequireOneClinician(invoice.ToRecordPayment, selected)
		if err != nil {
			return err
		}
		ledger.Clinician = clinician
		return second(commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), ledger, invoice.RecordPayment{
			Payment: id.Derive[id.Payment](p.next()), Amount: usd(120_00), Method: invoice.Cash, ReceivedOn: foundingDay,
		}))
	}
	p.unchanged(func() {
		requireFault(t, pay(), "select_one_clinician")
		requireFault(t, pay(p.owner.member, id.Derive[id.Member]("another")), "select_one_clinician")
	})
	require.NoError(t, pay(p.owner.member), "vector 7: with one it is accepted")
}
