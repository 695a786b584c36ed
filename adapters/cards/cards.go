// Package cards is the port through which Praxis charges cards. No card data
// ever touches Praxis: it knows references to payment methods that a processor
// keeps. The processors are below it: simulated, the embedded default, which
// moves no money and says so, and stripecards.
//
// The package imports the domain only.
package cards

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

// Mode says whether money moves.
type Mode string

// The modes.
const (
	// Simulated processors know no bank; outcomes follow from the method's name.
	Simulated Mode = "simulated"
	// Test processors are real ones with test cards.
	Test Mode = "test"
	// Live processors move money.
	Live Mode = "live"
)

// Outcome is how a payment or a refund ended, or that it is pending.
type Outcome string

// The outcomes.
const (
	// Succeeded is final: the money moved.
	Succeeded Outcome = "succeeded"
	// Declined is final: no money moved.
	Declined Outcome = "declined"
	// Pending is decided later; a webhook or Lookup tells.
	Pending Outcome = "pending"
)

// Result is the outcome of a charge or a refund.
type Result struct {
	// Reference is the processor's name for the payment or refund, to keep.
	Reference string
	Outcome   Outcome
	// Reason is the processor's stable code for a decline, such as
	// "insufficient_funds"; empty otherwise.
	Reason string
	// Mode says whether money moved. It belongs on every receipt.
	Mode Mode
}

// Charge is money to take from a payment method while its holder is not there.
type Charge struct {
	// Key is the idempotency key. Webhooks carry it too.
	Key string
	// Group is the practice that pays. Webhooks carry it too.
	Group  id.Group
	Amount money.Money
	// Method is the processor's reference of the payment method.
	Method string
}

// Refund is money of a payment to give back.
type Refund struct {
	// Key is the idempotency key, and Group the practice that gets the money. Webhooks
	// carry both.
	Key   string
	Group id.Group
	// Payment is the reference of the payment that the money comes from.
	Payment string
	Amount  money.Money
}

// Processor charges cards. All amounts are positive. Repeating a call under the
// same idempotency key is answered with the first result; a key that comes back
// with another amount or method is refused. Faults: "card_processor_unavailable"
// (the outcome may be unknown: repeat under the same key), "card_processor_refused"
// (a defect or a wrong configuration), "idempotency_key_reused",
// "payment_method_malformed", "amount_not_positive", "payment_not_found".
type Processor interface {
	// Mode says whether money moves.
	Mode() Mode
	// Charge takes the money. A decline is a Result, not an error.
	Charge(ctx context.Context, c Charge) (Result, error)
	// Lookup asks for the outcome of a payment. Its answer beats any webhook, which
	// can be late.
	Lookup(ctx context.Context, payment string) (Result, error)
	// Find looks for a charge by its idempotency key among those since an instant.
	// Processors forget keys (Stripe after a day), so a caller that repeats a
	// charge much later asks this first. ok is false if there was none.
	Find(ctx context.Context, c Charge, since time.Time) (r Result, ok bool, err error)
	// Refund gives money back. A refund that fails is a Result, not an error. One
	// that the processor will never make, such as more than was paid, is the fault
	// "refund_refused".
	Refund(ctx context.Context, r Refund) (Result, error)
	// LookupRefund is Lookup for a refund; its fault is "payment_not_found" too.
	LookupRefund(ctx context.Context, refund string) (Result, error)
	// FindRefund looks for a refund by its idempotency key among those of its payment.
	FindRefund(ctx context.Context, r Refund) (found Result, ok bool, err error)
	// ParseWebhook checks that a message comes from the processor and reads it.
	// Faults: "webhook_not_authentic", "webhook_too_old", "webhook_version",
	// "webhook_wrong_mode", "webhook_unreadable", "webhook_not_expected".
	ParseWebhook(header http.Header, body []byte) (Event, error)
}

// EventKind says what an Event is about.
type EventKind string

// The kinds of events.
const (
	PaymentSucceeded EventKind = "payment_succeeded"
	PaymentDeclined  EventKind = "payment_declined"
	PaymentPending   EventKind = "payment_pending"
	RefundSucceeded  EventKind = "refund_succeeded"
	RefundFailed     EventKind = "refund_failed"
	RefundPending    EventKind = "refund_pending"
	DisputeOpened    EventKind = "dispute_opened"
	// Ignored events are authentic and mean nothing to Praxis; they are answered
	// with success, so that they are not sent again.
	Ignored EventKind = "ignored"
)

// Event is a message of a processor. It can come late, twice and out of order.
type Event struct {
	// ID is the processor's; a message that is delivered again carries the same.
	ID   string
	Kind EventKind
	// Payment is the reference of the payment that it is about; Refund that of the
	// refund, if it is about one.
	Payment, Refund string
	// Key is the idempotency key of the charge or refund, and Group the practice;
	// empty for what Praxis did not ask for.
	Key   string
	Group id.Group
	// Amount is that of the payment, refund or dispute.
	Amount money.Money
	// Reason is the stable code of a decline, a failure or a dispute.
	Reason string
	// At is when it happened, UTC; not when it was delivered.
	At   time.Time
	Mode Mode
}

// Command names the command that the event leads to. A caller that uses it
// carries out an event once, however often it is delivered.
func (e Event) Command() id.Command { return id.Derive[id.Command]("card event", e.ID) }

var (
	// ErrUnavailable says that the processor did not answer.
	ErrUnavailable = fault.New(fault.Unavailable, "card_processor_unavailable", "The card processor did not answer. It is not known yet whether the card was charged; it will be found out, and nothing is charged twice.")
	// ErrRefused says that the processor does not take what Praxis sends.
	ErrRefused = fault.New(fault.Internal, "card_processor_refused", "The card processor does not accept requests of this installation. Nothing was charged; an operator has to check the processor's keys.")
	// ErrKeyReused says that an idempotency key stands for something else already.
	ErrKeyReused = fault.New(fault.Rejected, "idempotency_key_reused", "This idempotency key was already used for another payment.")
	// ErrMethod never echoes the reference.
	ErrMethod = fault.New(fault.Invalid, "payment_method_malformed", "A payment method is named by the reference that the card processor gave it. Card numbers are never sent to Praxis.")
	// ErrAmount says that there is nothing to move.
	ErrAmount = fault.New(fault.Invalid, "amount_not_positive", "The amount must be above zero and have a currency.")
	// ErrRefund says that a refund cannot be made, now or later.
	ErrRefund = fault.New(fault.Rejected, "refund_refused", "The card processor does not make this refund: the payment has less left than that. Compare both at the card processor.")
	// ErrNoPayment says that the processor knows no such payment.
	ErrNoPayment = fault.New(fault.NotFound, "payment_not_found", "The card processor knows no such payment.")
)

// cardNumber finds what could be the number of a card: 12 to 19 digits, perhaps
// in groups.
var cardNumber = regexp.MustCompile(`\d(?:[ -]?\d){11,18}`)

// Check refuses what no processor should be asked for, above all references that
// hold something like the number of a card. Faults: "amount_not_positive",
// "payment_method_malformed".
func Check(amount money.Money, method string) error {
	if amount.Minor <= 0 || amount.Currency == "" {
		return ErrAmount
	}
	if method == "" || cardNumber.MatchString(method) {
		return ErrMethod
	}
	return nil
}
