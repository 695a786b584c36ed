// Package simulated is the card processor of machines without one: the embedded
// default. It moves no money, keeps nothing, and every result and reference says
// that it is simulated. The outcome of a charge follows from the payment
// method's name, so demonstrations and tests come out the same each time.
//
// It imports adapters/cards and the domain.
package simulated

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"praxis/adapters/cards"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

// The payment methods and the outcomes of charges to them.
const (
	// MethodOK is always charged.
	MethodOK = "sim_ok"
	// MethodDeclined is always declined, with reason "insufficient_funds".
	MethodDeclined = "sim_declined"
	// MethodDelayed is pending when charged and succeeded whenever it is looked up.
	MethodDelayed = "sim_delayed"
)

// Processor is the simulated processor. It has no state: the same call always
// has the same result, which makes every call idempotent.
type Processor struct{}

var _ cards.Processor = Processor{}

// Mode implements cards.Processor.
func (Processor) Mode() cards.Mode { return cards.Simulated }

type paymentKind struct{}

// reference names a payment or refund; outcomes are read from it again.
func reference(what, key string, amount money.Money, of string) string {
	return what + "_" + id.Derive[id.Of[paymentKind]](key, strconv.FormatInt(amount.Minor, 10), string(amount.Currency), of).String()
}

// Charge implements cards.Processor.
func (Processor) Charge(_ context.Context, c cards.Charge) (cards.Result, error) {
	if err := cards.Check(c.Amount, c.Method); err != nil {
		return cards.Result{}, err
	}
	switch c.Method {
	case MethodOK, MethodDeclined, MethodDelayed:
		r := outcome(reference(c.Method, c.Key, c.Amount, c.Method))
		if c.Method == MethodDelayed {
			r.Outcome = cards.Pending
		}
		return r, nil
	}
	return cards.Result{}, cards.ErrMethod
}

// outcome reads the outcome of a payment from its reference.
func outcome(payment string) cards.Result {
	r := cards.Result{Reference: payment, Outcome: cards.Succeeded, Mode: cards.Simulated}
	if strings.HasPrefix(payment, MethodDeclined+"_") {
		r.Outcome, r.Reason = cards.Declined, "insufficient_funds"
	}
	return r
}

// Lookup implements cards.Processor.
func (Processor) Lookup(_ context.Context, payment string) (cards.Result, error) {
	if !known(payment, MethodOK, MethodDeclined, MethodDelayed) {
		return cards.Result{}, cards.ErrNoPayment
	}
	return outcome(payment), nil
}

func known(reference string, kinds ...string) bool {
	for _, kind := range kinds {
		if rest, ok := strings.CutPrefix(reference, kind+"_"); ok {
			_, err := id.Parse[id.Of[paymentKind]](rest)
			return err == nil
		}
	}
	return false
}

// Find implements cards.Processor. Without a memory every charge that could be
// made counts as made: it is found with the result that making it has.
func (p Processor) Find(ctx context.Context, c cards.Charge, _ time.Time) (cards.Result, bool, error) {
	r, err := p.Charge(ctx, c)
	return r, err == nil, nil
}

const refundKind = "sim_refund"

// Refund implements cards.Processor. A payment that was declined has nothing to
// give back.
func (p Processor) Refund(ctx context.Context, r cards.Refund) (cards.Result, error) {
	if err := cards.Check(r.Amount, MethodOK); err != nil {
		return cards.Result{}, err
	}
	if paid, err := p.Lookup(ctx, r.Payment); err != nil || paid.Outcome != cards.Succeeded {
		return cards.Result{}, cards.ErrNoPayment
	}
	return outcome(reference(refundKind, r.Key, r.Amount, r.Payment)), nil
}

// LookupRefund implements cards.Processor.
func (Processor) LookupRefund(_ context.Context, refund string) (cards.Result, error) {
	if !known(refund, refundKind) {
		return cards.Result{}, cards.ErrNoPayment
	}
	return outcome(refund), nil
}

// FindRefund implements cards.Processor. Nothing has to be found: giving back
// again has the same result.
func (Processor) FindRefund(context.Context, cards.Refund) (cards.Result, bool, error) {
	return cards.Result{}, false, nil
}

var errNoWebhooks = fault.New(fault.NotFound, "webhook_not_expected", "The simulated card processor sends no messages, so this one is from somebody else.")

// ParseWebhook implements cards.Processor.
func (Processor) ParseWebhook(http.Header, []byte) (cards.Event, error) {
	return cards.Event{}, errNoWebhooks
}
