package group

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// cancelAfterDays is how long an unpaid purchase is kept after it first failed (BIL-A11).
const cancelAfterDays = 7

var (
	paymentMethod = text.Line("payment method", 200)
	paymentLabel  = text.Line("label of the payment method", 200)
	// failureReason is what the payment processor says.
	failureReason = text.Line("reason", 200)
)

// ReplacePaymentMethod names what is charged from now on. Rejections:
// "method_required", "card_data_refused".
type ReplacePaymentMethod struct {
	// Method is the processor's reference, never the number of a card.
	Method string `json:"method"`
	// Label is what the owner recognises it by, such as "Visa ending 4242".
	Label string `json:"label,omitempty"`
}

// Decide replaces the payment method.
func (c ReplacePaymentMethod) Decide(s State, _ time.Time) ([]Event, error) {
	if _, ended := s.EndedOn(); !s.Subscribed() && !ended {
		return nil, errNoSubscription
	}
	e, err := c.check()
	return es.Decided[Event](err, e.Method == s.subscription.method && e.Label == s.subscription.label, e)
}

func (c ReplacePaymentMethod) check() (PaymentMethodReplaced, error) {
	method, err := paymentMethod.Read(c.Method)
	if err != nil {
		return PaymentMethodReplaced{}, err
	}
	label, err := paymentLabel.Read(c.Label)
	switch {
	case err != nil:
		return PaymentMethodReplaced{}, err
	case method == "":
		return PaymentMethodReplaced{}, fault.New(fault.Invalid, "method_required", "A payment method is named by the payment processor's reference.")
	case looksLikeCard(method) || looksLikeCard(label):
		return PaymentMethodReplaced{}, fault.New(fault.Invalid, "card_data_refused", "This looks like the number of a card. Give it to the payment processor only, and Praxis the reference that it returns.")
	}
	return PaymentMethodReplaced{Method: method, Label: label}, nil
}

// looksLikeCard reports whether a text is 12 to 19 digits, spaced or not.
func looksLikeCard(s string) bool {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	return len(digits) >= 12 && len(digits) <= 19 && strings.Trim(digits, "0123456789") == ""
}

// StartCollection closes a charge to further lines and fixes the attempt and the
// amount that the payment processor is asked for. While an attempt runs, and once
// the charge is paid or without amount, it changes nothing. Rejections:
// "charge_not_found", "charge_cancelled", "no_payment_method".
type StartCollection struct {
	Charge id.SeatCharge `json:"charge"`
}

// Decide starts an attempt.
func (c StartCollection) Decide(s State, _ time.Time) ([]Event, error) {
	charge, ok := s.Charge(c.Charge)
	switch {
	case !ok:
		return nil, errNoCharge
	case charge.Status == ChargeGivenUp:
		return nil, errChargeCancelled
	case charge.Status == ChargeCollecting, charge.Status == ChargePaid, charge.Total.Minor <= 0:
		return nil, nil
	case s.subscription.method == "":
		return nil, errNoPaymentMethod
	}
	return []Event{CollectionStarted{
		Charge: charge.ID, Attempt: charge.Attempt + 1, Amount: charge.Total, Method: s.subscription.method,
	}}, nil
}

var errChargeCancelled = fault.New(fault.Rejected, "charge_cancelled", "This charge was cancelled with what it was for. Nothing is due for it.")

// RecordCollection says how an attempt ended, as the payment processor reports
// it: once, twice, late or out of order. Money that arrived counts even after the
// attempt was thought to have failed; a failure that is reported late does not
// undo it. The licences that were paid become assignable. A licence that was
// waiting while a new period began pays the rest of that period from today. Money
// that arrived for nothing, because the charge was cancelled or is paid by another
// attempt, must go back (RefundDue). Rejections: "charge_not_found",
// "unknown_attempt".
type RecordCollection struct {
	Charge    id.SeatCharge `json:"charge"`
	Attempt   int           `json:"attempt"`
	Collected bool          `json:"collected"`
	// Reason is the processor's code of a failure.
	Reason string `json:"reason,omitempty"`
	// Mode says whether money moved, as ChargeCollected.Mode.
	Mode string `json:"mode,omitempty"`
}

// Decide records the outcome.
func (c RecordCollection) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	charge, ok := s.Charge(c.Charge)
	switch {
	case !ok:
		return nil, errNoCharge
	case c.Attempt < 1 || c.Attempt > charge.Attempt:
		return nil, fault.New(fault.Rejected, "unknown_attempt", "This charge has had %d attempts at collection.", charge.Attempt)
	case c.Collected && charge.Status == ChargeGivenUp:
		return s.owed(charge, c.Attempt, PaidAfterCancellation, today), nil
	case c.Collected && charge.Status == ChargePaid && charge.PaidBy != c.Attempt:
		return s.owed(charge, c.Attempt, PaidTwice, today), nil
	case c.Collected && charge.Status != ChargePaid:
		return s.paid(charge, c, book, today)
	case c.Collected || !charge.Awaiting || c.Attempt < charge.Attempt:
		return nil, nil
	}
	reason, err := failureReason.Read(c.Reason)
	if err != nil {
		return nil, err
	}
	if charge.Status != ChargeCollecting {
		return []Event{OvertakenAttemptFailed{Charge: charge.ID, Attempt: c.Attempt, Reason: reason, On: today}}, nil
	}
	return []Event{ChargeFailed{Charge: charge.ID, Attempt: c.Attempt, Reason: reason, On: today}}, nil
}

func (s State) paid(charge Charge, c RecordCollection, book pricing.Book, today civil.Date) ([]Event, error) {
	collected := ChargeCollected{Charge: charge.ID, Attempt: c.Attempt, Amount: charge.Asked[c.Attempt-1], On: today, Mode: c.Mode}
	if charge.Awaiting && c.Attempt < charge.Attempt {
		collected.Awaited = charge.Attempt
	}
	events := append([]Event{collected}, s.excess(charge, c.Attempt, today)...)
	var active []id.Licence
	var late pricing.Bill
	for _, l := range s.subscription.licences {
		if !l.Pending || l.Charge != charge.ID {
			continue
		}
		active = append(active, l.ID)
		if l.PaidFor == s.subscription.period || !s.subscription.period.Contains(today) {
			continue
		}
		terms, err := s.renewedTerms(l, book, today)
		if err != nil {
			return nil, err
		}
		late.Add(l.ID, pricing.LineActivation, terms, today, s.subscription.period)
	}
	if len(active) > 0 {
		events = append(events, LicencesActivated{Licences: active, On: today})
	}
	if _, err := late.Total(); err != nil {
		return nil, err
	}
	charged, err := s.chargePeriod(today, s.subscription.period, late.Lines)
	return append(events, charged...), err
}

// CancelUnpaid undoes purchases whose charge failed and stayed unpaid for seven
// days: the licences go, upgrades are taken back, the charge is cancelled
// (BIL-A11). A charge for a period is never cancelled so: it stays due. The clock
// gives it; early or repeated it changes nothing.
type CancelUnpaid struct{}

// Decide cancels one charge; the clock comes again for the next.
func (c CancelUnpaid) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	for _, charge := range s.subscription.charges {
		if charge.Kind == ChargePurchase && charge.Status == ChargeUnpaid && charge.FailedOn.DaysUntil(today) >= cancelAfterDays {
			return s.undone(charge, today), nil
		}
	}
	return nil, nil
}

func (s State) undone(charge Charge, today civil.Date) []Event {
	var events []Event
	if gone := s.pendingOn(charge.ID); len(gone) > 0 {
		events = append(events, LicencePurchaseCancelled{Licences: gone, Charge: charge.ID, On: today})
	}
	if back := s.takenBack(charge); len(back) > 0 {
		events = append(events, LicencePlanChanged{Changes: back, Reason: PlanUnpaid, On: today})
	}
	return append(events, charge.giveUp(today))
}

// takenBack returns the upgrades of a charge, undone: each licence returns to the
// terms of its first credit line. Who paid a whole period on the new plan since
// keeps it.
func (s State) takenBack(charge Charge) []TermsChange {
	var changes []TermsChange
	seen := map[id.Licence]bool{}
	for _, line := range charge.Lines {
		if line.Kind != pricing.LineUpgradeCredit || seen[line.Licence] {
			continue
		}
		seen[line.Licence] = true
		if l, ok := s.Licence(line.Licence); ok && !l.Pending && l.PaidFor == charge.Period {
			changes = append(changes, TermsChange{Licence: l.ID, From: l.Terms, To: line.Terms})
		}
	}
	return changes
}

// RefundReason is why money must go back.
type RefundReason string

// The reasons.
const (
	// PaidAfterCancellation is money for a charge that was cancelled meanwhile.
	PaidAfterCancellation RefundReason = "paid_after_cancellation"
	// PaidTwice is money for a charge that another attempt had paid already.
	PaidTwice RefundReason = "paid_twice"
	// Unused is money for days that a licence was not kept for (BIL-A7).
	Unused RefundReason = "unused"
)

// RefundDue says that an attempt brought money that must go back. It happens once
// per matter, however often the payment processor reports the money.
type RefundDue struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Attempt is the one whose money goes back; with the charge it names the payment
	// at the processor.
	Attempt int          `json:"attempt"`
	Amount  money.Money  `json:"amount"`
	Reason  RefundReason `json:"reason"`
	// Line is the credit of unused days that the refund is of, if it is of one.
	Line *pricing.Line `json:"line,omitempty"`
	On   civil.Date    `json:"on"`
}

// ChargeRefunded says that the money went back.
type ChargeRefunded struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	Amount money.Money   `json:"amount"`
	On     civil.Date    `json:"on"`
}

// RefundFailed says that the payment processor did not give the money back; the
// practice is owed it on.
type RefundFailed struct {
	Refund id.Refund     `json:"refund"`
	Charge id.SeatCharge `json:"charge"`
	// Reason is the processor's code.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// RefundStatus is how far a refund is.
type RefundStatus string

// The statuses of refunds.
const (
	// RefundOwed is with the payment processor, or about to be.
	RefundOwed RefundStatus = "due"
	// RefundDone is back where it came from.
	RefundDone RefundStatus = "refunded"
	// RefundNotPossible was refused by the processor; somebody has to pay it back by
	// another way, or have the processor try again.
	RefundNotPossible RefundStatus = "failed"
)

// Refund is money of a charge that goes back.
type Refund struct {
	ID      id.Refund
	Charge  id.SeatCharge
	Attempt int
	Amount  money.Money
	Reason  RefundReason
	On      civil.Date
	Status  RefundStatus
	// Failure is the processor's code of why it could not be given back.
	Failure string
}

// Refunds returns everything that had or has to go back, the oldest first.
func (s State) Refunds() []Refund { return slices.Clone(s.subscription.refunds) }

// Refund returns a refund of the subscription.
func (s State) Refund(r id.Refund) (Refund, bool) {
	refund := *s.subscription.refund(r)
	return refund, !refund.ID.IsZero()
}

// owed returns the event by which the whole money of an attempt must go back;
// none if that is known already.
func (s State) owed(c Charge, attempt int, why RefundReason, today civil.Date) []Event {
	refund := s.refundID(c.ID, attempt, why, "")
	if _, known := s.Refund(refund); known {
		return nil
	}
	return []Event{RefundDue{
		Refund: refund, Charge: c.ID, Attempt: attempt, Amount: c.Asked[attempt-1], Reason: why, On: today,
	}}
}

// excess returns the event by which an attempt that pays a charge must give back
// what was credited on the charge after the attempt had begun.
func (s State) excess(c Charge, attempt int, today civil.Date) []Event {
	over := c.Asked[attempt-1].UpTo(c.Total.Negated()).Minor
	if over <= 0 {
		return nil
	}
	return []Event{RefundDue{
		Refund: s.refundID(c.ID, attempt, Unused, ""), Charge: c.ID, Attempt: attempt,
		Amount: money.Of(over, c.Total.Currency), Reason: Unused, On: today,
	}}
}

// refundID names a refund of an attempt's money, for a reason and a licence, if it
// is about one.
func (s State) refundID(c id.SeatCharge, attempt int, why RefundReason, licence string) id.Refund {
	return id.Derive[id.Refund]("refund", s.group.String(), c.String(), strconv.Itoa(attempt), string(why), licence)
}

// RecordRefund records the outcome of a refund, as the payment processor reports
// it: once, twice, late or out of order. A success counts after a failure; a
// failure that is reported after a success changes nothing. Rejection:
// "refund_not_found".
type RecordRefund struct {
	Refund   id.Refund `json:"refund"`
	Refunded bool      `json:"refunded"`
	// Reason is the processor's code of a failure.
	Reason string `json:"reason,omitempty"`
}

// Decide records the outcome.
func (c RecordRefund) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	r, ok := s.Refund(c.Refund)
	switch {
	case !ok:
		return nil, errNoRefund
	case r.Status == RefundDone:
		return nil, nil
	case c.Refunded:
		return []Event{ChargeRefunded{Refund: r.ID, Charge: r.Charge, Amount: r.Amount, On: today}}, nil
	case r.Status == RefundNotPossible:
		return nil, nil
	}
	reason, err := failureReason.Read(c.Reason)
	if err != nil {
		return nil, err
	}
	return []Event{RefundFailed{Refund: r.ID, Charge: r.Charge, Reason: reason, On: today}}, nil
}
