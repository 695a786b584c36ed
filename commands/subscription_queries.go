package commands

import (
	"context"
	"slices"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Subscription is what a practice has and pays.
type Subscription struct {
	// Started reports that there is a subscription; without it the rest is empty, but
	// for EndedOn.
	Started bool
	// EndsOn is the first day without the subscription, if it was cancelled; EndedOn
	// the same once it is over.
	EndsOn, EndedOn civil.Date
	Trial           group.Trial
	// Period is the present billing period; zero during the trial.
	Period pricing.Period
	// Method is the processor's reference of what is charged, Label its name.
	Method, Label string
	Licences      []group.Licence
	Utilisation   group.Utilisation
	Proofs        []group.Proof
	// Next is what the next period will cost as things are.
	Next group.Invoice
}

// Subscription returns what the practice has and pays. It needs subscription.view.
func (e *Engine) Subscription(ctx context.Context, call Call) (Subscription, error) {
	return ask(ctx, e, call, "subscription.get", access.SubscriptionView, func(g group.State, b pricing.Book) (s Subscription, err error) {
		if s.EndedOn, _ = g.EndedOn(); !g.Subscribed() {
			return s, nil
		}
		s = Subscription{
			Started: true, Trial: g.Trial(), Period: g.Period(), Licences: g.Licences(),
			Utilisation: g.Utilisation(e.clock()), Proofs: g.Proofs(),
		}
		if ends, cancelled := g.EndsOn(); cancelled {
			s.EndsOn = ends
		}
		s.Method, s.Label = g.PaymentMethod()
		s.Next, err = g.NextInvoice(b)
		return s, err
	})
}

// QuoteSubscription says what StartSubscription would charge today. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuoteSubscription(ctx context.Context, call Call, seats []group.Seat) (money.Money, error) {
	return ask(ctx, e, call, "subscription.quote_start", access.SubscriptionView, func(g group.State, b pricing.Book) (money.Money, error) {
		return g.QuoteSubscription(seats, b, e.clock())
	})
}

// QuoteLicences says what PurchaseLicences would charge. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuoteLicences(ctx context.Context, call Call, plan pricing.PlanID, quantity int, proofs []id.TraineeProof) (group.Quote, error) {
	return ask(ctx, e, call, "subscription.quote", access.SubscriptionView, func(g group.State, b pricing.Book) (group.Quote, error) {
		return g.QuoteLicences(b, plan, quantity, proofs, e.clock())
	})
}

// QuotePlanChange says what ChangeLicencePlan would charge. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuotePlanChange(ctx context.Context, call Call, l id.Licence, plan pricing.PlanID) (group.Quote, error) {
	return ask(ctx, e, call, "subscription.quote_plan", access.SubscriptionView, func(g group.State, b pricing.Book) (group.Quote, error) {
		return g.QuotePlanChange(b, l, plan, e.clock())
	})
}

// ask answers a question about a practice and the prices, to those who may ask.
func ask[A any](ctx context.Context, e *Engine, call Call, action string, needs access.Capability, answer func(group.State, pricing.Book) (A, error)) (A, error) {
	var none A
	prices, err := e.pricesFor(ctx, call.Group)
	if err != nil {
		return none, err
	}
	var a A
	var refused error
	_, err = e.AdmitTo(ctx, call, Question{
		Action: action, Capability: needs, Target: group.Stream(call.Group),
		Look: func(g group.State) { a, refused = answer(g, prices.book) },
	}, access.Resource{Group: call.Group})
	if err == nil {
		err = refused
	}
	if err != nil {
		return none, err
	}
	return a, nil
}

// SeatCharge is a charge of the subscription with all that lowered it.
type SeatCharge struct {
	group.Charge
	Credits []group.ChargeCredited
}

// SubscriptionCharges returns every charge of the subscription with its lines, the
// oldest first. The state forgets the lines of what is paid; the log does not, so
// they are read from it. With them it returns every refund of their money, the
// oldest first. It needs subscription.view.
func (e *Engine) SubscriptionCharges(ctx context.Context, call Call) ([]SeatCharge, []group.Refund, error) {
	stream := group.Stream(call.Group)
	gate := Question{Action: "subscription.charges", Capability: access.SubscriptionView, Target: stream}
	if _, err := e.AdmitTo(ctx, call, gate, access.Resource{Group: call.Group}); err != nil {
		return nil, nil, err
	}
	state := group.Aggregate().New()
	lines, credits := map[id.SeatCharge][]pricing.Line{}, map[id.SeatCharge][]group.ChargeCredited{}
	err := replay(ctx, e.groups, stream, func(_ es.Envelope, event group.Event) bool {
		group.Evolve(&state, event)
		if e, ok := event.(group.ProratedChargeRaised); ok {
			lines[e.Charge] = e.Lines
		}
		if e, ok := event.(group.SubscriptionCharged); ok {
			lines[e.Charge] = e.Lines
		}
		if e, ok := event.(group.ChargeLinesAdded); ok {
			lines[e.Charge] = append(slices.Clone(lines[e.Charge]), e.Lines...)
		}
		if e, ok := event.(group.ChargeCredited); ok {
			credits[e.Charge] = append(credits[e.Charge], e)
		}
		return true
	})
	var charges []SeatCharge
	for _, c := range state.Charges() {
		c.Lines = lines[c.ID]
		charges = append(charges, SeatCharge{c, credits[c.ID]})
	}
	return charges, state.Refunds(), err
}
