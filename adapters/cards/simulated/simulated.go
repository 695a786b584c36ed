// Package simulated is the card processor of machines without one: the embedded
// default. It moves no money, keeps nothing, and every result and reference says
// that it is simulated. What becomes of a charge follows from the payment
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

// The payment methods and what becomes of charges to them.
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
func (Processor) Charge(_ context.Context, key string, amount money.Money, method string) (cards.Result, error) {
	if err := cards.Check(amount, method); err != nil {
		return cards.Result{}, err
	}
	switch method {
	case MethodOK, MethodDeclined, MethodDelayed:
		r := outcome(reference(method, key, amount, method))
		if method == MethodDelayed {
			r.Outcome = cards.Pending
		}
		return r, nil
	}
	return cards.Result{}, cards.ErrMethod
}

// outcome reads from a payment's reference what becomes of it.
func outcome(payment string) cards.Result {
	r := cards.Result{Reference: payment, Outcome: cards.Succeeded, Mode: cards.Simulated}
	if strings.HasPrefix(payment, MethodDeclined+"_") {
		r.Outcome, r.Reason = cards.Declined, "insufficient_funds"
	}
	return r
}

// Refund implements cards.Processor. A payment that was declined has nothing to
// give back.
func (Processor) Refund(_ context.Context, key, payment string, amount money.Money) (cards.Result, error) {
	if err := cards.Check(amount, MethodOK); err != nil {
		return cards.Result{}, err
	}
	if !known(payment) || outcome(payment).Outcome != cards.Succeeded {
		return cards.Result{}, cards.ErrNoPayment
	}
	return cards.Result{Reference: reference("sim_refund", key, amount, payment), Outcome: cards.Succeeded, Mode: cards.Simulated}, nil
}

// Lookup implements cards.Processor.
func (Processor) Lookup(_ context.Context, payment string) (cards.Result, error) {
	if !known(payment) {
		return cards.Result{}, cards.ErrNoPayment
	}
	return outcome(payment), nil
}

func known(payment string) bool {
	for _, m := range []string{MethodOK, MethodDeclined, MethodDelayed} {
		if rest, ok := strings.CutPrefix(payment, m+"_"); ok {
			_, err := id.Parse[id.Of[paymentKind]](rest)
			return err == nil
		}
	}
	return false
}

// Find implements cards.Processor. Nothing has to be found: charging again has
// the same result.
func (Processor) Find(context.Context, string, time.Time) (cards.Result, bool, error) {
	return cards.Result{}, false, nil
}

var errNoWebhooks = fault.New(fault.NotFound, "webhook_not_expected", "The simulated card processor sends no messages, so this one is from somebody else.")

// ParseWebhook implements cards.Processor.
func (Processor) ParseWebhook(http.Header, []byte) (cards.Event, error) {
	return cards.Event{}, errNoWebhooks
}
