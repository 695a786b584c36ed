package stripecards

import (
	"context"

	"github.com/stripe/stripe-go/v85"

	"praxis/adapters/cards"
)

// Refund implements cards.Processor.
func (p *Processor) Refund(ctx context.Context, r cards.Refund) (cards.Result, error) {
	if err := cards.Check(r.Amount, r.Payment); err != nil {
		return cards.Result{}, err
	}
	params := &stripe.RefundCreateParams{
		PaymentIntent: stripe.String(r.Payment), Amount: stripe.Int64(r.Amount.Minor), Metadata: metadata(r.Key, r.Group),
	}
	params.SetIdempotencyKey(r.Key)
	refund, err := p.client.V1Refunds.Create(ctx, params)
	if err != nil {
		return cards.Result{}, refundFaultOf(err)
	}
	return p.refunded(refund), nil
}

// LookupRefund implements cards.Processor.
func (p *Processor) LookupRefund(ctx context.Context, refund string) (cards.Result, error) {
	found, err := p.client.V1Refunds.Retrieve(ctx, refund, nil)
	if err != nil {
		return cards.Result{}, faultOf(err)
	}
	return p.refunded(found), nil
}

// FindRefund implements cards.Processor.
func (p *Processor) FindRefund(ctx context.Context, r cards.Refund) (cards.Result, bool, error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(r.Payment)}
	params.Limit = stripe.Int64(100)
	for refund, err := range p.client.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return cards.Result{}, false, faultOf(err)
		}
		if refund.Metadata[metadataKey] == r.Key {
			return p.refunded(refund), true, nil
		}
	}
	return cards.Result{}, false, nil
}

func (p *Processor) refunded(refund *stripe.Refund) cards.Result {
	r := cards.Result{Reference: refund.ID, Mode: p.mode, Outcome: refundOutcome(refund.Status)}
	if r.Outcome == cards.Declined {
		r.Reason = string(refund.FailureReason)
	}
	return r
}

func refundOutcome(s stripe.RefundStatus) cards.Outcome {
	switch s {
	case stripe.RefundStatusSucceeded:
		return cards.Succeeded
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		return cards.Declined
	case stripe.RefundStatusPending, stripe.RefundStatusRequiresAction:
	}
	return cards.Pending
}
