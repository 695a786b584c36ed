package group

import (
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
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
	if err != nil || e.Method == s.subscription.method && e.Label == s.subscription.label {
		return nil, err
	}
	return []Event{e}, nil
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
	Reason string       `json:"reason,omitempty"`
	Book   pricing.Book `json:"-"`
	// Mode says whether money moved, as ChargeCollected.Mode.
	Mode string `json:"mode,omitempty"`
}

// Decide records the outcome.
func (c RecordCollection) Decide(s State, now time.Time) ([]Event, error) {
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
		return s.paid(charge, c, today)
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

func (s State) paid(charge Charge, c RecordCollection, today civil.Date) ([]Event, error) {
	collected := ChargeCollected{Charge: charge.ID, Attempt: c.Attempt, Amount: charge.Asked[c.Attempt-1], On: today, Mode: c.Mode}
	if charge.Awaiting && c.Attempt < charge.Attempt {
		collected.Awaited = charge.Attempt
	}
	events := append([]Event{collected}, s.excess(charge, c.Attempt, today)...)
	var active []id.Licence
	var late []pricing.Line
	for _, l := range s.subscription.licences {
		if !l.Pending || l.Charge != charge.ID {
			continue
		}
		active = append(active, l.ID)
		if l.PaidFor == s.subscription.period || !s.subscription.period.Contains(today) {
			continue
		}
		terms, err := s.renewedTerms(l, c.Book, today)
		if err != nil {
			return nil, err
		}
		line, err := pricing.NewLine(l.ID, pricing.LineActivation, terms, today, s.subscription.period)
		if err != nil {
			return nil, err
		}
		late = append(late, line)
	}
	if len(active) > 0 {
		events = append(events, LicencesActivated{Licences: active, On: today})
	}
	charged, err := s.chargePeriod(today, s.subscription.period, late)
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
