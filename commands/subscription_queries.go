package commands

import (
	"cmp"
	"context"

	"praxis/domain/access"
	"praxis/domain/civil"
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
	// Reader is who asked.
	Reader access.Subject
}

// Subscription returns what the practice has and pays. It needs subscription.view.
func (e *Engine) Subscription(ctx context.Context, call Call) (Subscription, error) {
	s, reader, err := askAs(ctx, e, call, "subscription.get", func(g group.State, b pricing.Book) (s Subscription, err error) {
		if s.EndedOn, _ = g.EndedOn(); !g.Subscribed() {
			return s, nil
		}
		s = Subscription{
			Started: true, Trial: g.Trial(), Period: g.Period(), Licences: g.Licences(),
			Utilisation: g.Utilisation(e.Clock()), Proofs: g.Proofs(),
		}
		if ends, cancelled := g.EndsOn(); cancelled {
			s.EndsOn = ends
		}
		s.Method, s.Label = g.PaymentMethod()
		s.Next, err = g.NextInvoice(b)
		return s, err
	})
	s.Reader = reader
	return s, err
}

// QuoteSubscription says what StartSubscription would charge today. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuoteSubscription(ctx context.Context, call Call, seats []group.Seat) (money.Money, error) {
	return ask(ctx, e, call, "subscription.quote_start", func(g group.State, b pricing.Book) (money.Money, error) {
		return g.QuoteSubscription(seats, b, e.Clock())
	})
}

// QuoteLicences says what PurchaseLicences would charge. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuoteLicences(ctx context.Context, call Call, plan pricing.PlanID, quantity int, proofs []id.TraineeProof) (group.Quote, error) {
	return ask(ctx, e, call, "subscription.quote", func(g group.State, b pricing.Book) (group.Quote, error) {
		return g.QuoteLicences(b, plan, quantity, proofs, e.Clock())
	})
}

// QuotePlanChange says what ChangeLicencePlan would charge. It needs
// subscription.view; the rejections are those of the command.
func (e *Engine) QuotePlanChange(ctx context.Context, call Call, l id.Licence, plan pricing.PlanID) (group.Quote, error) {
	return ask(ctx, e, call, "subscription.quote_plan", func(g group.State, b pricing.Book) (group.Quote, error) {
		return g.QuotePlanChange(b, l, plan, e.Clock())
	})
}

// ask answers a question about a practice and the prices, to those who may see its
// subscription.
func ask[A any](ctx context.Context, e *Engine, call Call, action string, answer func(group.State, pricing.Book) (A, error)) (A, error) {
	a, _, err := askAs(ctx, e, call, action, answer)
	return a, err
}

// askAs is ask that also says who asked.
func askAs[A any](ctx context.Context, e *Engine, call Call, action string, answer func(group.State, pricing.Book) (A, error)) (a A, reader access.Subject, err error) {
	prices, err := e.pricesFor(ctx, call.Group)
	if err != nil {
		return a, reader, err
	}
	var refused error
	admission, err := e.AdmitTo(ctx, call, Question{
		Action: action, Capability: access.SubscriptionView, Target: group.Stream(call.Group),
		Look: func(g group.State) { a, refused = answer(g, prices.book) },
	}, access.Resource{Group: call.Group})
	if err = cmp.Or(err, refused); err != nil {
		return *new(A), reader, err
	}
	return a, admission.Subject, nil
}
