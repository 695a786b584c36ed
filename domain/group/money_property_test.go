package group_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// market draws commands about licences and money for a few people.
type market struct {
	t   *rapid.T
	s   group.State
	now time.Time
	// book is the operator's.
	book pricing.Book
}

func pick[T any](m market, label string, from []T) T { return rapid.SampledFrom(from).Draw(m.t, label) }

func (m market) person() id.Member {
	return pick(m, "person", []id.Member{oona, uma, ugo, sam, ada, mia})
}

func (m market) profession() pricing.Category {
	return pick(m, "profession", []pricing.Category{"", pricing.Therapist, pricing.Prescriber, pricing.Prescriber})
}

func (m market) plan() pricing.PlanID { return pick(m, "plan", pricing.Plans()).ID }

func (m market) licence() id.Licence {
	owned := m.s.Licences()
	if len(owned) == 0 {
		return id.Licence{1}
	}
	return pick(m, "licence", owned).ID
}

func (m market) charge() group.Charge {
	charges := m.s.Charges()
	if len(charges) == 0 {
		return group.Charge{}
	}
	// Mostly the latest ones: old charges are settled.
	return pick(m, "charge", charges[max(0, len(charges)-3):])
}

func (m market) seats() []group.Seat {
	var seats []group.Seat
	for _, member := range m.s.Members() {
		if member.Active && member.Clinician {
			seats = append(seats, group.Seat{Member: member.ID, Plan: m.plan(), Profession: pricing.Prescriber})
		}
	}
	return seats
}

func (m market) command() command {
	switch rapid.IntRange(0, 26).Draw(m.t, "command") {
	case 0:
		return estest.Knowing(group.StartTrial{Seats: m.seats()}, group.TrialFacts{OwnerTrialEnds: m.now.AddDate(0, 0, 20), Book: m.book})
	case 1:
		seats := m.seats()
		quoted, _ := m.s.QuoteSubscription(seats, m.book, m.now)
		return at(m.book, group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: quoted})
	case 2, 3, 4:
		return m.purchase()
	case 5, 6:
		return group.StartCollection{Charge: m.charge().ID}
	case 7, 8, 9:
		c := m.charge()
		return at(m.book, group.RecordCollection{
			Charge: c.ID, Attempt: max(1, c.Attempt-rapid.IntRange(0, 1).Draw(m.t, "late")), Collected: rapid.Bool().Draw(m.t, "collected"),
		})
	case 10:
		return group.CancelUnpaid{}
	case 11:
		return group.AssignLicence{Licence: m.licence(), Member: m.person(), Profession: m.profession()}
	case 12:
		return withoutCharts(group.UnassignLicence{Licence: m.licence()})
	case 13:
		return withoutCharts(group.MoveLicence{Licence: m.licence(), To: m.person(), Profession: m.profession()})
	case 14:
		l, plan := m.licence(), m.plan()
		quote, _ := m.s.QuotePlanChange(m.book, l, plan, m.now)
		return at(m.book, group.ChangeLicencePlan{Licence: l, Plan: plan, QuotedTotal: quote.Today})
	case 15:
		return group.ScheduleLicenceRelease{Licence: m.licence()}
	case 16:
		return group.CancelRelease{Licence: m.licence()}
	case 17:
		trainee := m.person()
		return as(oona, group.SubmitTraineeProof{
			Proof: proofOf(trainee), EmailHash: hashOf(trainee), Kind: pick(m, "kind", []pricing.TraineeKind{pricing.PrescriberTrainee, pricing.NonPrescriberTrainee}),
			Programme: "Residency", ValidFrom: day("2024-06-01"), ValidUntil: day("2024-06-01").Add(rapid.IntRange(10, 200).Draw(m.t, "validity")), DocHash: "sha256",
		})
	case 18:
		return as(oona, group.VerifyTraineeProof{Proof: proofOf(m.person()), Accredited: true})
	case 19:
		return group.ReplacePaymentMethod{Method: pick(m, "method", []string{"pm_1", "pm_2"})}
	case 20, 21:
		return at(m.book, group.ReleaseLicenceNow{Licence: m.licence()})
	case 22:
		return group.CancelSubscription{}
	case 23:
		return group.KeepSubscription{}
	default:
		return m.people()
	}
}

func (m market) purchase() command {
	plan, quantity := m.plan(), rapid.IntRange(1, 2).Draw(m.t, "quantity")
	var proofs []id.TraineeProof
	if known := m.s.Proofs(); len(known) > 0 && rapid.Bool().Draw(m.t, "for a trainee") {
		proofs = []id.TraineeProof{pick(m, "proof", known).ID}
	}
	quote, _ := m.s.QuoteLicences(m.book, plan, quantity, proofs, m.now)
	return at(m.book, group.PurchaseLicences{Plan: plan, Quantity: quantity, Proofs: proofs, QuotedTotal: quote.Today})
}

func (m market) people() command {
	p := m.person()
	letter := id.Derive[id.Invitation](p.String(), rapid.SampledFrom([]string{"1", "2", "3"}).Draw(m.t, "letter"))
	switch rapid.IntRange(0, 6).Draw(m.t, "about people") {
	case 0, 1:
		return estest.Knowing(group.InviteMember{
			Invitation: letter, EmailHash: hashOf(p), Role: pick(m, "role", []access.Role{access.User, access.User, access.SuperAdmin, access.Assistant}),
			Clinician: rapid.Bool().Draw(m.t, "clinician"), ExpiresAt: m.now.AddDate(0, 0, 7), Profession: m.profession(),
		}, group.InvitationFacts{By: oona, Book: m.book})
	case 2, 3:
		return group.AcceptInvitation{Invitation: letter, Account: account(p), EmailHash: hashOf(p), Member: p}
	case 4:
		return as(oona, group.RevokeInvitation{Invitation: letter})
	case 5:
		return remove(oona, p)
	default:
		return as(oona, group.ReinstateMember{Member: p})
	}
}

// clock is what the passing of time does, in the order of the processes.
func clock(book pricing.Book) []command {
	return []command{group.WatchTraineeProofs{}, at(book, group.ExpireTrial{}), at(book, group.RollBillingPeriod{}), group.CancelUnpaid{}}
}

func TestMoneyInvariantsHoldAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, books := noon("2024-06-01"), newLedger()
		beginning := rapid.SampledFrom([]func(testing.TB) *story{
			founded, subscribed, subscribed, func(t testing.TB) *story { return onTrial(t, "2024-06-12") },
		}).Draw(t, "beginning")(newSilent(t))
		s, prices := fold(), rapid.SampledFrom([]pricing.Book{book, generous}).Draw(t, "price book")
		for _, e := range beginning.history {
			group.Evolve(&s, e)
			books.enter(t, s, e)
		}
		decide := func(c command) {
			events, err := c.Decide(s, at)
			if err != nil {
				require.Empty(t, events)
				return
			}
			require.LessOrEqual(t, len(events), 100)
			for _, e := range events {
				group.Evolve(&s, e)
				books.enter(t, s, e)
			}
			requireMoneyInvariants(t, s, at)
			books.balance(t, s)
		}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			if days := rapid.SampledFrom([]int{0, 0, 0, 1, 3, 9}).Draw(t, "days"); days > 0 {
				at = at.AddDate(0, 0, days)
				if rapid.IntRange(0, 9).Draw(t, "clock is late") > 0 {
					for _, c := range clock(prices) {
						decide(c)
					}
				}
			}
			decide(market{t: t, s: s, now: at, book: prices}.command())
		}
	})
}

// A licence costs the sum of its periods, however often it changes hands.
func TestBIL5AYearOfALicenceIsTheSumOfItsPeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := subscribed(newSilent(t))
		start := rapid.IntRange(0, 29).Draw(t, "day of purchase")
		s.now = noon("2024-06-01").AddDate(0, 0, start)
		licence := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.joins(uma, pricing.Prescriber)
		want := (2*8900*int64(30-start) + 30) / (2 * 30)
		var got int64
		for _, c := range s.history {
			if raised, ok := c.(group.ProratedChargeRaised); ok {
				got += raised.Total.Minor
			}
		}
		for month := range 11 {
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				l, _ := s.state().Licence(licence)
				if l.Holder.IsZero() {
					s.do(group.AssignLicence{Licence: licence, Member: uma})
				} else {
					s.do(withoutCharts(group.UnassignLicence{Licence: licence}))
				}
			}
			s.now = noon("2024-07-01").AddDate(0, month, 0)
			events := s.do(at(book, group.RollBillingPeriod{}))
			for _, line := range events[len(events)-1].(group.SubscriptionCharged).Lines {
				if line.Licence == licence {
					got += line.Amount.Minor
				}
			}
			if want += 9300; month == 0 {
				want -= 400 // July still has the price of before
			}
		}
		require.Equal(t, want, got)
	})
}

// silent lets stories be told inside a property.
type silent struct {
	testing.TB
	t *rapid.T
}

func newSilent(t *rapid.T) testing.TB              { return silent{t: t} }
func (s silent) Helper()                           {}
func (s silent) Errorf(format string, args ...any) { s.t.Errorf(format, args...) }
func (s silent) FailNow()                          { s.t.FailNow() }
