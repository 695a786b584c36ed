package stripecards

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"praxis/adapters/cards"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

var (
	errAuthentic  = fault.New(fault.Unauthenticated, "webhook_not_authentic", "The message does not carry the signature of the card processor.")
	errTooOld     = fault.New(fault.Unauthenticated, "webhook_too_old", "The signature of the message is more than five minutes old; the card processor signs anew whenever it sends a message again.")
	errVersion    = fault.New(fault.Invalid, "webhook_version", "The message is of another version of the Stripe API than this program knows. Set the webhook endpoint's version to "+stripe.APIVersion+".")
	errMode       = fault.New(fault.Invalid, "webhook_wrong_mode", "The message is about test cards and the key moves money, or the other way round. Check the secret of the webhook endpoint.")
	errUnreadable = fault.New(fault.Invalid, "webhook_unreadable", "The message cannot be read.")
)

// ParseWebhook implements cards.Processor.
func (p *Processor) ParseWebhook(header http.Header, body []byte) (cards.Event, error) {
	// The version is checked here, after the signature, so that each has its fault.
	options := webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true}
	message, err := webhook.ConstructEventWithOptions(body, header.Get("Stripe-Signature"), p.webhook, options)
	switch {
	case errors.Is(err, webhook.ErrTooOld):
		return cards.Event{}, errTooOld
	case errors.Is(err, webhook.ErrNoValidSignature), errors.Is(err, webhook.ErrNotSigned), errors.Is(err, webhook.ErrInvalidHeader):
		return cards.Event{}, errAuthentic
	case err != nil || message.ID == "" || message.Data == nil:
		return cards.Event{}, errUnreadable
	case release(message.APIVersion) != release(stripe.APIVersion):
		return cards.Event{}, errVersion
	case message.Livemode != (p.mode == cards.Live):
		return cards.Event{}, errMode
	}
	e := cards.Event{ID: message.ID, Kind: cards.Ignored, At: time.Unix(message.Created, 0).UTC(), Mode: p.mode}
	if err := read(&e, message); err != nil {
		return cards.Event{}, errUnreadable
	}
	return e, nil
}

// release is the name behind the date of an API version: versions of one release
// read alike.
func release(version string) string {
	_, name, _ := strings.Cut(version, ".")
	return name
}

// read takes from a message what it is about.
func read(e *cards.Event, m stripe.Event) error {
	kinds := map[stripe.EventType]cards.EventKind{
		stripe.EventTypePaymentIntentSucceeded:     cards.PaymentSucceeded,
		stripe.EventTypePaymentIntentPaymentFailed: cards.PaymentDeclined,
		stripe.EventTypePaymentIntentCanceled:      cards.PaymentDeclined,
		stripe.EventTypePaymentIntentProcessing:    cards.PaymentPending,
	}
	switch m.Type {
	case stripe.EventTypePaymentIntentSucceeded, stripe.EventTypePaymentIntentPaymentFailed,
		stripe.EventTypePaymentIntentCanceled, stripe.EventTypePaymentIntentProcessing:
		var i stripe.PaymentIntent
		if err := json.Unmarshal(m.Data.Raw, &i); err != nil {
			return err
		}
		e.Kind, e.Payment, e.Amount = kinds[m.Type], i.ID, amountOf(i.Amount, i.Currency)
		e.Key, e.Group = keysOf(i.Metadata)
		if e.Kind == cards.PaymentDeclined {
			e.Reason = reasonOf(i.LastPaymentError)
		}
		return named(e.Payment)
	case stripe.EventTypeRefundCreated, stripe.EventTypeRefundUpdated, stripe.EventTypeRefundFailed:
		var r stripe.Refund
		if err := json.Unmarshal(m.Data.Raw, &r); err != nil {
			return err
		}
		e.Kind = map[cards.Outcome]cards.EventKind{
			cards.Succeeded: cards.RefundSucceeded, cards.Declined: cards.RefundFailed, cards.Pending: cards.RefundPending,
		}[refundOutcome(r.Status)]
		e.Refund, e.Amount, e.Reason = r.ID, amountOf(r.Amount, r.Currency), string(r.FailureReason)
		e.Key, e.Group = keysOf(r.Metadata)
		if r.PaymentIntent != nil {
			e.Payment = r.PaymentIntent.ID
		}
		return named(e.Refund)
	case stripe.EventTypeChargeDisputeCreated:
		var d stripe.Dispute
		if err := json.Unmarshal(m.Data.Raw, &d); err != nil {
			return err
		}
		e.Kind, e.Amount, e.Reason = cards.DisputeOpened, amountOf(d.Amount, d.Currency), string(d.Reason)
		if d.PaymentIntent != nil {
			e.Payment = d.PaymentIntent.ID
		}
		return named(e.Payment)
	default:
		return nil
	}
}

// keysOf reads what we put there; a group that is none of ours is no group.
func keysOf(metadata map[string]string) (key string, g id.Group) {
	g, err := id.Parse[id.Group](metadata[metadataGroup])
	if err != nil {
		return metadata[metadataKey], id.Group{}
	}
	return metadata[metadataKey], g
}

// named refuses a message that does not say what it is about.
func named(reference string) error {
	if reference == "" {
		return errUnreadable
	}
	return nil
}

func amountOf(minor int64, currency stripe.Currency) money.Money {
	return money.Of(minor, money.Currency(strings.ToUpper(string(currency))))
}
