package main

import (
	"context"
	"fmt"

	"praxis/adapters/cards"
	"praxis/adapters/cards/simulated"
	"praxis/adapters/cards/stripecards"
	"praxis/adapters/collecting"
	"praxis/adapters/config"
	"praxis/adapters/telemetry"
)

// openCards is Stripe where it is configured, and else the simulated processor.
func openCards(c config.Config, metrics *telemetry.Metrics) (cards.Processor, error) {
	if !c.ChargesCards() {
		return meteredCards{simulated.Processor{}, metrics}, nil
	}
	p, err := stripecards.New(stripecards.Config{
		SecretKey: c.StripeSecretKey.Reveal(), WebhookSecret: c.StripeWebhookSecret.Reveal(), URL: c.StripeURL,
	})
	if err != nil {
		return nil, fmt.Errorf("card processor: %w", err)
	}
	return meteredCards{p, metrics}, nil
}

// cardMessages receives what the card processor says by itself.
func (i *installation) cardMessages() collecting.Messages {
	return collecting.Messages{
		Processor: i.cards, Books: i.books, Logger: i.logger,
		Observe: func(kind cards.EventKind, result collecting.Result) {
			i.metrics.CountCardMessage(string(kind), string(result))
		},
	}
}

// meteredCards is a card processor whose attempts to move money the metrics
// count.
type meteredCards struct {
	cards.Processor
	metrics *telemetry.Metrics
}

// Charge implements cards.Processor.
func (m meteredCards) Charge(ctx context.Context, c cards.Charge) (cards.Result, error) {
	r, err := m.Processor.Charge(ctx, c)
	m.metrics.CountCardRequest("charge", string(r.Outcome), err)
	return r, err
}

// Refund implements cards.Processor.
func (m meteredCards) Refund(ctx context.Context, r cards.Refund) (cards.Result, error) {
	done, err := m.Processor.Refund(ctx, r)
	m.metrics.CountCardRequest("refund", string(done.Outcome), err)
	return done, err
}
