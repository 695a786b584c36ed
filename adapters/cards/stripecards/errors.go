package stripecards

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stripe/stripe-go/v85"

	"praxis/adapters/cards"
)

// faultOf translates an error of Stripe. Of what Stripe says only codes and the
// request's id are kept: its messages can quote what was sent.
func faultOf(err error) error {
	failed, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		// No answer at all, or one that is not Stripe's.
		return cards.ErrUnavailable.Because(errors.New("no answer of Stripe"))
	}
	cause := fmt.Errorf("stripe: HTTP %d, type %s, code %s, request %s", failed.HTTPStatusCode, failed.Type, failed.Code, failed.RequestID)
	switch {
	case failed.Type == stripe.ErrorTypeIdempotency:
		return cards.ErrKeyReused.Because(cause)
	case failed.HTTPStatusCode == http.StatusConflict, failed.HTTPStatusCode == http.StatusTooManyRequests, failed.HTTPStatusCode >= 500, failed.HTTPStatusCode == 0:
		return cards.ErrUnavailable.Because(cause)
	case failed.Param == "payment_method" || failed.Param == "customer":
		return cards.ErrMethod.Because(cause)
	case failed.HTTPStatusCode == http.StatusNotFound, failed.Param == "payment_intent":
		return cards.ErrNoPayment.Because(cause)
	}
	return cards.ErrRefused.Because(cause)
}

// refundFaultOf is faultOf for a request to give money back: of what Stripe finds
// wrong with one, nothing is mended by repeating it.
func refundFaultOf(err error) error {
	failed, ok := errors.AsType[*stripe.Error](err)
	if ok && (isAboutOne(failed, "amount") || failed.Code == stripe.ErrorCodeChargeAlreadyRefunded) {
		return cards.ErrRefund.Because(fmt.Errorf("stripe: code %s, request %s", failed.Code, failed.RequestID))
	}
	return faultOf(err)
}
