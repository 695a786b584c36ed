package group

import (
	"slices"
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

// CollectionStarted closes a charge to further lines and fixes what the payment
// processor is asked for; charge and attempt make its idempotency key.
type CollectionStarted struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	Amount  money.Money   `json:"amount"`
	// Method is the processor's reference of the payment method.
	Method string `json:"method"`
}

// ChargeCollected says that the money arrived.
type ChargeCollected struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	Amount  money.Money   `json:"amount"`
	On      civil.Date    `json:"on"`
	// Awaited is a later attempt that is still with the payment processor; what it
	// brings goes back. 0 if there is none.
	Awaited int `json:"awaited,omitempty"`
	// Mode says whether money moved: "live", or "test" or "simulated" if none did.
	Mode string `json:"mode,omitempty"`
}

// OvertakenAttemptFailed says that an attempt brought no money at a charge that
// had been paid or cancelled meanwhile: nothing has to go back.
type OvertakenAttemptFailed struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	// Reason is the processor's code.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// ChargeFailed says that an attempt brought no money.
type ChargeFailed struct {
	Charge  id.SeatCharge `json:"charge"`
	Attempt int           `json:"attempt"`
	// Reason is the processor's code, never data of a card.
	Reason string     `json:"reason"`
	On     civil.Date `json:"on"`
}

// ChargeCancelled gives up a charge for purchases that stayed unpaid (BIL-A11), or
// were not paid when the subscription ended.
type ChargeCancelled struct {
	Charge id.SeatCharge `json:"charge"`
	On     civil.Date    `json:"on"`
	// Awaited is an attempt that is still with the payment processor; what it brings
	// goes back. 0 if there is none.
	Awaited int `json:"awaited,omitempty"`
}

// PaymentMethodReplaced names what is charged from now on, by the processor's
// reference. Data of cards never reaches Praxis.
type PaymentMethodReplaced struct {
	Method string `json:"method"`
	// Label is what the owner recognises it by, such as "Visa ending 4242".
	Label string `json:"label,omitempty"`
}

func (CollectionStarted) isEvent()      {}
func (ChargeCollected) isEvent()        {}
func (OvertakenAttemptFailed) isEvent() {}
func (ChargeFailed) isEvent()           {}
func (ChargeCancelled) isEvent()        {}
func (PaymentMethodReplaced) isEvent()  {}

// PaymentMethod returns the processor's reference of what is charged, and what
// the owner recognises it by; empty if there is none.
func (s State) PaymentMethod() (method, label string) {
	return s.subscription.method, s.subscription.label
}

// ChargesDue returns the charges that should be collected now: those of periods
// and those whose day is over. A charge of today is collected as soon as its
// licences are wanted, which closes it to further purchases (BIL-A6). Charges
// that failed are tried again by the process that schedules retries.
func (s State) ChargesDue(now time.Time) ([]Charge, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	var due []Charge
	for _, c := range s.subscription.charges {
		if c.Status == ChargeOpen && c.Total.Minor > 0 && (c.Kind == ChargeRenewal || c.On.Before(today)) {
			due = append(due, c)
		}
	}
	return due, nil
}

func (s *subscription) collecting(e CollectionStarted) {
	c := s.charge(e.Charge)
	c.Status, c.Attempt, c.Method, c.Awaiting = ChargeCollecting, e.Attempt, e.Method, true
	c.Asked = append(slices.Clone(c.Asked), e.Amount)
}

func (s *subscription) collected(e ChargeCollected) {
	c := s.charge(e.Charge)
	c.Status, c.PaidBy, c.Mode, c.Lines = ChargePaid, e.Attempt, e.Mode, nil
	c.answered(e.Attempt)
}

func (s *subscription) failed(e ChargeFailed) {
	c := s.charge(e.Charge)
	c.Status = ChargeUnpaid
	c.answered(e.Attempt)
	if c.FailedOn.IsZero() {
		c.FailedOn = e.On
	}
}

func (s *subscription) cancelled(e ChargeCancelled) {
	c := s.charge(e.Charge)
	c.Status, c.Lines, c.Total = ChargeGivenUp, nil, money.Of(0, c.Total.Currency)
	for i := range s.licences {
		l := &s.licences[i]
		l.Charged = slices.DeleteFunc(slices.Clone(l.Charged), func(p Part) bool { return p.Charge == e.Charge })
	}
}

// answered notes that the outcome of an attempt is known.
func (c *Charge) answered(attempt int) {
	c.Awaiting = c.Awaiting && attempt != c.Attempt
}

// cancelAfterDays is how long an unpaid purchase is kept after it first failed (BIL-A11).
const cancelAfterDays = 7

var (
	paymentMethod = text.Line("payment method", 200)
	paymentLabel  = text.Line("label of the payment method", 200)
	// failureReason is what the payment processor says.
	failureReason = text.Line("reason", 200)
)

// The rejections about collecting charges.
var (
	errNoPaymentMethod = fault.New(fault.Rejected, "no_payment_method", "There is nothing to charge. Add a payment method first.")
	errChargeCancelled = fault.New(fault.Rejected, "charge_cancelled", "This charge was cancelled with what it was for. Nothing is due for it.")
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

// unusable returns the events that undo purchases which nobody can use any more,
// because they are not paid. Money that comes for them goes back.
func (s State) unusable(today civil.Date) []Event {
	var events []Event
	for _, c := range s.subscription.charges {
		if c.Kind != ChargePurchase || c.Status == ChargePaid || c.Status == ChargeGivenUp {
			continue
		}
		if gone := s.pendingOn(c.ID); len(gone) > 0 {
			events = append(events, LicencePurchaseCancelled{Licences: gone, Charge: c.ID, On: today}, c.giveUp(today))
		}
	}
	return events
}

// pendingOn returns the licences that wait for the charge of their purchase.
func (s State) pendingOn(charge id.SeatCharge) []id.Licence {
	var pending []id.Licence
	for _, l := range s.subscription.licences {
		if l.Pending && l.Charge == charge {
			pending = append(pending, l.ID)
		}
	}
	return pending
}

// giveUp returns the event that cancels the charge.
func (c Charge) giveUp(today civil.Date) ChargeCancelled {
	e := ChargeCancelled{Charge: c.ID, On: today}
	if c.Awaiting {
		e.Awaited = c.Attempt
	}
	return e
}
