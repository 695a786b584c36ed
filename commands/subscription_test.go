package commands_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// clockwork is a call of one of Praxis' own processes.
func (p *practice) clockwork() commands.Call {
	return commands.Call{Process: "billing", Group: p.group, Command: id.Derive[id.Command]("spec", p.next()), Correlation: "spec", Causation: "spec"}
}

// startBody starts the subscription with the owner on e-Rx lite at a total.
func (p *practice) startBody(total money.Money) group.StartSubscription {
	return group.StartSubscription{
		Seats:  []group.Seat{{Member: p.owner.member, Plan: pricing.ERxLite, Profession: pricing.Prescriber}},
		Method: "pm_1", Label: "Visa ending 4242", QuotedTotal: total,
	}
}

// subscribed is a practice on the first day of its period, whose owner holds a
// licence that is paid.
func subscribed(t testing.TB) *practice {
	t.Helper()
	p := newPractice(t)
	p.knows(nil)
	_, err := commands.StartSubscription.Give(p.ctx(), p.engine, p.by(p.owner), p.startBody(usd(89_00)))
	require.NoError(t, err)
	return p
}

// collect carries a charge through the payment processor.
func (p *practice) collect(c id.SeatCharge, collected bool) {
	p.t.Helper()
	_, err := commands.StartCollection.Give(p.ctx(), p.engine, p.by(p.owner), group.StartCollection{Charge: c})
	require.NoError(p.t, err)
	_, err = commands.RecordCollection.Give(p.ctx(), p.engine, p.clockwork(), group.RecordCollection{Charge: c, Attempt: 1, Collected: collected})
	require.NoError(p.t, err)
}

// buy buys licences at the total that is quoted, and pays them.
func (p *practice) buy(plan pricing.PlanID, quantity int) []id.Licence {
	p.t.Helper()
	quote, err := p.engine.QuoteLicences(p.ctx(), p.by(p.owner), plan, quantity, nil)
	require.NoError(p.t, err)
	receipt, err := commands.PurchaseLicences.Give(p.ctx(), p.engine, p.by(p.owner), group.PurchaseLicences{Plan: plan, Quantity: quantity, QuotedTotal: quote.Today})
	require.NoError(p.t, err)
	var bought []id.Licence
	for _, b := range receipt.Events[0].Event.(group.LicencesPurchased).Licences {
		bought = append(bought, b.Licence)
	}
	p.collect(receipt.Events[1].Event.(group.ProratedChargeRaised).Charge, true)
	return bought
}

func (p *practice) subscription() commands.Subscription {
	p.t.Helper()
	s, err := p.engine.Subscription(p.ctx(), p.by(p.owner))
	require.NoError(p.t, err)
	return s
}

func TestSubscription_FreshInstallation(t *testing.T) {
	p := newPractice(t)
	book := pricing.BookStream("USD")

	t.Run("a quote and a dry run need no published prices and publish none", func(t *testing.T) {
		p.unchanged(func() {
			total, err := p.engine.QuoteSubscription(t.Context(), p.by(p.owner), p.startBody(usd(0)).Seats)
			require.NoError(t, err)
			require.Equal(t, usd(89_00), total)
			receipt, err := commands.StartSubscription.Give(t.Context(), p.engine, dry(p.by(p.owner)), p.startBody(usd(89_00)))
			require.NoError(t, err)
			require.NotEmpty(t, receipt.Events)
		})
	})
	t.Run("what is refused publishes none", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), p.startBody(usd(1)))
			requireFault(t, err, "price_changed")
		})
	})
	t.Run("the first subscription publishes the first prices, once", func(t *testing.T) {
		call := p.by(p.owner)
		_, err := commands.StartSubscription.Give(t.Context(), p.engine, call, p.startBody(usd(89_00)))
		require.NoError(t, err)
		log := p.log(book)
		require.Len(t, log, 1)
		require.Equal(t, pricing.FirstPrices(), log[0].Event.(pricing.PriceBookPublished).Prices)
		require.Equal(t, "system:price_book", log[0].Meta.Actor)

		again, err := commands.StartSubscription.Give(t.Context(), p.newEngine(), call, p.startBody(usd(89_00)))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Len(t, p.log(book), 1)
	})
	t.Run("every practice and process that starts at once finds the same prices", func(t *testing.T) {
		p := emptyHouse(t)
		var practices sync.WaitGroup
		errs := make([]error, 4)
		for i, name := range []string{"a", "b", "c", "d"} {
			call := commands.Call{Account: id.Derive[id.Account](name), Group: id.Derive[id.Group](name), Command: id.Derive[id.Command](name)}
			founding := p.founding()
			founding.Group, founding.Owner = call.Group, id.Derive[id.Member](name)
			engine := p.newEngine()
			_, err := commands.CreateGroup.Give(t.Context(), engine, call, founding)
			require.NoError(t, err)
			start := p.startBody(usd(89_00))
			start.Seats[0].Member = founding.Owner
			call.Command = id.Derive[id.Command](name, "start")
			practices.Go(func() {
				_, errs[i] = commands.StartSubscription.Give(t.Context(), engine, call, start)
			})
		}
		practices.Wait()
		require.Equal(t, make([]error, 4), errs)
		require.Len(t, p.log(book), 1)
	})
	t.Run("prices that somebody published meanwhile are not overlooked", func(t *testing.T) {
		p := newPractice(t)
		own := []pricing.Price{{Plan: pricing.TherapistBasic, Minor: 1}, {Plan: pricing.TherapistPremium, Minor: 2}, {Plan: pricing.ERxLite, Minor: 3}, {Plan: pricing.PrescriberPremium, Minor: 4}}
		p.store.meanwhile(book, func() {
			published := pricing.PriceBookPublished{Version: 1, Currency: "USD", EffectiveFrom: foundingDay, Prices: own}
			typ, data, meta, err := p.registry.Encode(published, es.Subject{}, es.Metadata{Command: id.Derive[id.Command]("operator"), OccurredAt: founded})
			require.NoError(t, err)
			_, err = p.store.Store.Append(t.Context(), book, es.At(es.NoStream), []es.Proposed{{ID: id.Derive[id.Event]("operator"), Type: typ, Data: data, Metadata: meta}})
			require.NoError(t, err)
		})
		_, err := commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), p.startBody(usd(89_00)))
		requireFault(t, err, "too_much_contention")
		_, err = commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), p.startBody(usd(3)))
		require.NoError(t, err)
	})
}

func TestPublishPrices(t *testing.T) {
	p := subscribed(t)
	later := foundingDay.Add(40)
	dearer := pricing.Publish{Currency: "USD", EffectiveFrom: later, Prices: []pricing.Price{
		{Plan: pricing.TherapistBasic, Minor: 50_00},
		{Plan: pricing.TherapistPremium, Minor: 70_00},
		{Plan: pricing.ERxLite, Minor: 90_00},
		{Plan: pricing.PrescriberPremium, Minor: 120_00},
	}}
	operator := commands.Call{Account: id.Derive[id.Account]("operator"), Operator: true, Command: id.Derive[id.Command]("publish")}

	t.Run("prices are the operator's, not the owner's nor a process's", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.PublishPrices.Give(t.Context(), p.engine, p.by(p.owner), dearer)
			requireFault(t, err, "operators_only")
			process := p.clockwork()
			process.Operator = true
			_, err = commands.PublishPrices.Give(t.Context(), p.engine, process, dearer)
			requireFault(t, err, "operators_only")
		})
	})
	t.Run("new prices hold from the first period that begins under them", func(t *testing.T) {
		_, err := commands.PublishPrices.Give(t.Context(), p.engine, operator, dearer)
		require.NoError(t, err)
		log := p.log(pricing.BookStream("USD"))
		require.Equal(t, "operator:"+operator.Account.String(), log[1].Meta.Actor)
		versions, err := p.engine.PriceBook(t.Context(), "USD")
		require.NoError(t, err)
		require.Len(t, versions, 2)
		require.Equal(t, usd(89_00), p.subscription().Next.Total)
		p.Pass(31 * 24 * time.Hour)
		_, err = commands.RollBillingPeriod.Give(t.Context(), p.engine, p.clockwork(), group.RollBillingPeriod{})
		require.NoError(t, err)
		require.Equal(t, usd(90_00), p.subscription().Next.Total)
	})
	t.Run("what is priced stays priced", func(t *testing.T) {
		past := dearer
		past.EffectiveFrom = foundingDay
		operator.Command = id.Derive[id.Command]("publish past")
		_, err := commands.PublishPrices.Give(t.Context(), p.engine, operator, past)
		requireFault(t, err, "effective_in_past")
	})
}

func TestSubscription_Licences(t *testing.T) {
	p := subscribed(t)
	ann := p.join("ann", access.SuperAdmin, false)
	bob := p.join("bob", access.User, false)
	var licence id.Licence

	t.Run("BIL-4 a clinician is invited only to a licence, and the refusal says what one costs", func(t *testing.T) {
		_, err := commands.InviteMember.Give(t.Context(), p.engine, p.by(p.owner), commands.Invite{
			InviteMember: group.InviteMember{
				Invitation: id.Derive[id.Invitation]("eve"), EmailHash: "eve", Role: access.User, Clinician: true, Profession: pricing.Prescriber,
			},
			ValidDays: 7,
		})
		requireFault(t, err, "no_free_licence")
		require.Equal(t, "USD 89.00", fault.From(err).Details["quote"])
	})
	t.Run("only the owner changes licences, unless they delegate it", func(t *testing.T) {
		c := group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: usd(89_00)}
		_, err := commands.PurchaseLicences.Give(t.Context(), p.engine, p.by(ann), c)
		requireFault(t, err, "owner_only")
		require.Equal(t, group.ErrLicencesOwnerOnly.Message, fault.From(err).Message)
		require.Equal(t, "licence.purchase", fault.From(err).Details["capability"])
		_, err = commands.PurchaseLicences.Give(t.Context(), p.engine, p.by(someone("stranger")), c)
		requireFault(t, err, "group_not_found")
		_, err = commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: ann.member, Capability: access.LicencePurchase, Scope: access.ScopeGroup})
		require.NoError(t, err)
		_, err = commands.PurchaseLicences.Give(t.Context(), p.engine, dry(p.by(ann)), c)
		require.NoError(t, err)
	})
	t.Run("what is bought is paid, then held", func(t *testing.T) {
		licence = p.buy(pricing.TherapistBasic, 1)[0]
		_, err := commands.AssignLicence.Give(t.Context(), p.engine, p.by(p.owner), group.AssignLicence{Licence: licence, Member: bob.member})
		require.NoError(t, err)
		require.Equal(t, group.Utilisation{Owned: 2, Assigned: 2}, p.subscription().Utilisation)
	})
	t.Run("a licence is not taken from somebody who has patients", func(t *testing.T) {
		p.patient(bob)
		_, err := commands.UnassignLicence.Give(t.Context(), p.engine, p.by(p.owner), group.UnassignLicence{Licence: licence})
		requireFault(t, err, "has_assigned_charts")
		_, err = commands.MoveLicence.Give(t.Context(), p.engine, p.by(p.owner), group.MoveLicence{Licence: licence, To: ann.member})
		requireFault(t, err, "has_assigned_charts")
		_, err = commands.UnassignLicence.Give(t.Context(), p.newEngine(), p.by(p.owner), group.UnassignLicence{Licence: licence})
		requireFault(t, err, "rosters_unavailable")
	})
	t.Run("a free one can be moved, released and kept", func(t *testing.T) {
		free := p.buy(pricing.TherapistBasic, 1)[0]
		_, err := commands.MoveLicence.Give(t.Context(), p.engine, p.by(p.owner), group.MoveLicence{Licence: free, To: ann.member})
		require.NoError(t, err)
		_, err = commands.UnassignLicence.Give(t.Context(), p.engine, p.by(p.owner), group.UnassignLicence{Licence: free})
		require.NoError(t, err)
		_, err = commands.ScheduleLicenceRelease.Give(t.Context(), p.engine, p.by(p.owner), group.ScheduleLicenceRelease{Licence: free})
		require.NoError(t, err)
		require.Equal(t, usd(138_00), p.subscription().Next.Total)
		_, err = commands.CancelRelease.Give(t.Context(), p.engine, p.by(p.owner), group.CancelRelease{Licence: free})
		require.NoError(t, err)
		require.Equal(t, usd(187_00), p.subscription().Next.Total)
	})
	t.Run("a plan is changed at the price that was quoted", func(t *testing.T) {
		quote, err := p.engine.QuotePlanChange(t.Context(), p.by(p.owner), licence, pricing.TherapistPremium)
		require.NoError(t, err)
		require.Equal(t, usd(20_00), quote.Today)
		_, err = commands.ChangeLicencePlan.Give(t.Context(), p.engine, p.by(p.owner), group.ChangeLicencePlan{Licence: licence, Plan: pricing.TherapistPremium, QuotedTotal: quote.Today})
		require.NoError(t, err)
	})
	t.Run("another payment method is named, and never a card's number", func(t *testing.T) {
		_, err := commands.ReplacePaymentMethod.Give(t.Context(), p.engine, p.by(p.owner), group.ReplacePaymentMethod{Method: "pm_2"})
		require.NoError(t, err)
		require.Equal(t, "pm_2", p.subscription().Method)
	})
}

func TestSubscription_Clock(t *testing.T) {
	t.Run("only processes say what the clock and the processor say", func(t *testing.T) {
		p := subscribed(t)
		for name, err := range map[string]error{
			"expire": second(commands.ExpireTrial.Give(t.Context(), p.engine, p.by(p.owner), group.ExpireTrial{})),
			"roll":   second(commands.RollBillingPeriod.Give(t.Context(), p.engine, p.by(p.owner), group.RollBillingPeriod{})),
			"watch":  second(commands.WatchTraineeProofs.Give(t.Context(), p.engine, p.by(p.owner), group.WatchTraineeProofs{})),
			"record": second(commands.RecordCollection.Give(t.Context(), p.engine, p.by(p.owner), group.RecordCollection{})),
			"cancel": second(commands.CancelUnpaid.Give(t.Context(), p.engine, p.by(p.owner), group.CancelUnpaid{})),
		} {
			require.Equal(t, "process_only", fault.From(err).Code, name)
		}
	})
	t.Run("a period is charged once, however often the clock comes", func(t *testing.T) {
		p := subscribed(t)
		next := p.subscription().Next
		p.Pass(31 * 24 * time.Hour)
		rolled, err := commands.RollBillingPeriod.Give(t.Context(), p.engine, p.clockwork(), group.RollBillingPeriod{})
		require.NoError(t, err)
		charged := rolled.Events[len(rolled.Events)-1].Event.(group.SubscriptionCharged)
		require.Equal(t, next.Lines, charged.Lines)
		p.unchanged(func() {
			_, err := commands.RollBillingPeriod.Give(t.Context(), p.newEngine(), p.clockwork(), group.RollBillingPeriod{})
			require.NoError(t, err)
		})
	})
	t.Run("BIL-A11 an unpaid purchase is undone after seven days", func(t *testing.T) {
		p := subscribed(t)
		receipt, err := commands.PurchaseLicences.Give(t.Context(), p.engine, p.by(p.owner), group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: usd(89_00)})
		require.NoError(t, err)
		p.collect(receipt.Events[1].Event.(group.ProratedChargeRaised).Charge, false)
		p.Pass(7 * 24 * time.Hour)
		_, err = commands.CancelUnpaid.Give(t.Context(), p.engine, p.clockwork(), group.CancelUnpaid{})
		require.NoError(t, err)
		require.Equal(t, group.Utilisation{Owned: 1, Assigned: 1}, p.subscription().Utilisation)
	})
	t.Run("BIL-A10 a proof is verified by another, and its end is announced", func(t *testing.T) {
		p := subscribed(t)
		ann := p.join("ann", access.User, false)
		proof := id.Derive[id.TraineeProof]("ann")
		_, err := commands.SubmitTraineeProof.Give(t.Context(), p.engine, p.by(p.owner), group.SubmitTraineeProof{
			Proof: proof, Member: ann.member, Kind: pricing.PrescriberTrainee, Programme: "Residency",
			ValidFrom: foundingDay, ValidUntil: foundingDay.Add(20), DocHash: "h",
		})
		require.NoError(t, err)
		_, err = commands.VerifyTraineeProof.Give(t.Context(), p.engine, p.by(p.owner), group.VerifyTraineeProof{Proof: proof, Accredited: true})
		require.NoError(t, err)
		receipt, err := commands.WatchTraineeProofs.Give(t.Context(), p.engine, p.clockwork(), group.WatchTraineeProofs{})
		require.NoError(t, err)
		require.Equal(t, 30, receipt.Events[0].Event.(group.TraineeProofExpiring).Threshold)
	})
}

func TestSubscription_Trial(t *testing.T) {
	p := newPractice(t)
	trial := group.StartTrial{Seats: p.startBody(usd(0)).Seats}
	_, err := commands.StartTrial.Give(t.Context(), p.engine, p.by(p.owner), trial)
	requireFault(t, err, "owner_not_on_trial")

	c := p.config()
	c.OwnTrial = 30 * 24 * time.Hour
	p.engine = commands.NewEngine(c)
	p.Pass(10 * 24 * time.Hour)
	_, err = commands.StartTrial.Give(t.Context(), p.engine, p.by(p.owner), trial)
	require.NoError(t, err)
	require.Equal(t, founded.Add(30*24*time.Hour), p.subscription().Trial.EndsAt, "L-10 the trial is what is left of the owner's")

	p.Pass(20 * 24 * time.Hour)
	_, err = commands.ExpireTrial.Give(t.Context(), p.engine, p.clockwork(), group.ExpireTrial{})
	require.NoError(t, err)
	require.True(t, p.subscription().Trial.Over)
	_, err = commands.StartTrial.Give(t.Context(), p.engine, p.by(p.owner), trial)
	requireFault(t, err, "trial_already_used")
}

func second(_ commands.Receipt, err error) error { return err }
