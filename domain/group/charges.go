package group

import (
	"slices"
	"strconv"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// SubscriptionCharged charges every licence for one period.
type SubscriptionCharged struct {
	Charge id.SeatCharge  `json:"charge"`
	Period pricing.Period `json:"period"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
	On     civil.Date     `json:"on"`
}

// ProratedChargeRaised opens the one charge of a day for what was bought within a
// period; ChargeLinesAdded gathers further purchases of that day (BIL-A6).
type ProratedChargeRaised struct {
	Charge id.SeatCharge  `json:"charge"`
	Period pricing.Period `json:"period"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
	On     civil.Date     `json:"on"`
}

// ChargeLinesAdded adds lines to the open charge of the day. Total is the new one.
type ChargeLinesAdded struct {
	Charge id.SeatCharge  `json:"charge"`
	Lines  []pricing.Line `json:"lines"`
	Total  money.Money    `json:"total"`
}

func (SubscriptionCharged) isEvent()  {}
func (ProratedChargeRaised) isEvent() {}
func (ChargeLinesAdded) isEvent()     {}

// Lines and changes are kept in events of bounded size, so that a practice may
// have any number of clinicians (G-1) and no event is ever too large to keep.
const (
	linesPerEvent   = 80
	changesPerEvent = 60
)

// ChargeKind tells what failing to collect a charge leads to.
type ChargeKind string

// The kinds of charges.
const (
	// ChargePurchase is for what was bought within a period; unpaid, it is undone.
	ChargePurchase ChargeKind = "purchase"
	// ChargeRenewal is for a period; it stays due.
	ChargeRenewal ChargeKind = "renewal"
)

// ChargeStatus is how far the collection of a charge is.
type ChargeStatus string

// The statuses of charges.
const (
	// ChargeOpen takes further lines on its day, and can be collected.
	ChargeOpen ChargeStatus = "open"
	// ChargeCollecting is with the payment processor.
	ChargeCollecting ChargeStatus = "collecting"
	// ChargeUnpaid failed; it is tried again.
	ChargeUnpaid ChargeStatus = "unpaid"
	// ChargePaid is done.
	ChargePaid ChargeStatus = "paid"
	// ChargeGivenUp was cancelled with what it was for.
	ChargeGivenUp ChargeStatus = "cancelled"
)

// Charge is one charge of the subscription.
type Charge struct {
	ID     id.SeatCharge
	Kind   ChargeKind
	On     civil.Date
	Period pricing.Period
	Lines  []pricing.Line // dropped once the charge is paid or cancelled
	// Total is what is due: the lines less what was credited.
	Total    money.Money
	Credited money.Money
	Status   ChargeStatus
	// Attempt counts the collections that were started, Asked is what each of them
	// asked the payment processor for.
	Attempt int
	Asked   []money.Money
	// Method is what the last attempt was to be taken from.
	Method string
	// Awaiting reports that the outcome of the last attempt is not known yet.
	Awaiting bool
	// PaidBy is the attempt that paid the charge; 0 while it is not paid.
	PaidBy int
	// Mode says whether money moved when it was paid (ChargeCollected.Mode).
	Mode string
	// FailedOn is the day of the first failure.
	FailedOn civil.Date
}

// Charges returns every charge of the subscription, the oldest first. Charges
// that are paid or cancelled come without their lines.
func (s State) Charges() []Charge { return slices.Clone(s.subscription.charges) }

// Charge returns a charge of the subscription.
func (s State) Charge(c id.SeatCharge) (Charge, bool) {
	charge := *s.subscription.charge(c)
	return charge, !charge.ID.IsZero()
}

// charge returns the place of a charge; one without id where there is none.
func (s *subscription) charge(c id.SeatCharge) *Charge {
	return es.Find(s.charges, func(o *Charge) bool { return o.ID == c })
}

func (s *subscription) raised(c Charge) {
	c.Status = ChargeOpen
	s.charges = append(s.charges, c)
	s.lined(c.ID, c.Lines)
}

func (s *subscription) extended(e ChargeLinesAdded) {
	c := s.charge(e.Charge)
	c.Lines, c.Total = append(slices.Clone(c.Lines), e.Lines...), e.Total
	s.lined(c.ID, e.Lines)
}

// lined notes what was charged for at the licences of the lines.
func (s *subscription) lined(charge id.SeatCharge, lines []pricing.Line) {
	for _, line := range lines {
		l := s.licence(line.Licence)
		if line.Period != l.PaidFor {
			l.Charged = nil
		}
		l.Charged = withPart(l.Charged, charge, line)
		if line.Kind != pricing.LineUpgradeCredit {
			l.Terms, l.PaidFor = line.Terms, line.Period
		}
		if line.Kind == pricing.LinePurchase {
			l.Charge = charge
		}
	}
}

// withPart returns the parts of a licence's period with a line more.
func withPart(parts []Part, charge id.SeatCharge, line pricing.Line) []Part {
	for i := range parts {
		if parts[i].Charge == charge {
			parts = slices.Clone(parts)
			parts[i].Amount = parts[i].Amount.UpTo(line.Amount)
			parts[i].Tax = parts[i].Tax.UpTo(line.Tax)
			return parts
		}
	}
	return append(slices.Clone(parts), Part{charge, line.Amount, money.Of(line.Tax.Minor, line.Amount.Currency)})
}

// The rejections about charges and prices.
var (
	errNoCharge    = fault.New(fault.NotFound, "charge_not_found", "The subscription has no such charge.")
	errUnknownPlan = fault.New(fault.Invalid, "unknown_plan", "There is no such plan, or it has no price at present.")
)

// listPrice returns what a plan costs on a day at full price. Rejections:
// "no_price_book" where nothing is published in the practice's currency,
// "unknown_plan", and "currency_mismatch" for a book of another currency (BIL-A25).
func (s State) listPrice(book pricing.Book, plan pricing.PlanID, on civil.Date) (pricing.Terms, error) {
	if !book.HoldsOn(on) {
		return pricing.Terms{}, fault.New(fault.Rejected, "no_price_book", "There are no prices in %s on %s. The operator of the installation publishes a price book in a currency before anything is sold in it.", s.currency, on).
			With("currency", string(s.currency))
	}
	terms, ok := book.Price(plan, on)
	if !ok {
		return pricing.Terms{}, errUnknownPlan
	}
	_, err := terms.Price.Plus(money.Of(0, s.currency))
	return terms, err
}

// checkQuote refuses a purchase at another total than the one that was shown.
func checkQuote(quoted, current money.Money) error {
	if quoted.Minor == current.Minor && quoted.Same(current) {
		return nil
	}
	return fault.New(fault.Rejected, "price_changed", "The total is %s now, not %s. Look at the new quote and confirm it.", current, quoted).
		With("quoted", quoted.String()).With("current", current.String())
}

// sumOf is the total of a bill: nothing costs nothing of the practice's currency.
func (s State) sumOf(b pricing.Bill) (money.Money, error) {
	total, err := b.Total()
	if err != nil {
		return money.Money{}, err
	}
	return money.Of(0, s.currency).Plus(total)
}

func (s State) nextCharge() id.SeatCharge {
	return id.Derive[id.SeatCharge]("charge", s.group.String(), strconv.Itoa(len(s.subscription.charges)+1))
}

// chargeToday puts lines on the open charge of the day, or opens one: purchases
// of one local day are gathered until the day ends or the charge is being
// collected, so that a practice does not get a charge per click (BIL-A6).
func (s State) chargeToday(today civil.Date, lines []pricing.Line) (id.SeatCharge, []Event, error) {
	for _, c := range s.subscription.charges {
		if c.Kind == ChargePurchase && c.Status == ChargeOpen && c.On == today {
			events, err := addLines(c.ID, c.Total, lines)
			return c.ID, events, err
		}
	}
	return s.raise(lines, func(charge id.SeatCharge, head []pricing.Line, total money.Money) Event {
		return ProratedChargeRaised{Charge: charge, Period: s.subscription.period, Lines: head, Total: total, On: today}
	})
}

// chargePeriod charges lines as what is due for a period.
func (s State) chargePeriod(today civil.Date, period pricing.Period, lines []pricing.Line) ([]Event, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	_, events, err := s.raise(lines, func(charge id.SeatCharge, head []pricing.Line, total money.Money) Event {
		return SubscriptionCharged{Charge: charge, Period: period, Lines: head, Total: total, On: today}
	})
	return events, err
}

// raise returns the event that raises the next charge, with the first lines, and those
// that add the others.
func (s State) raise(lines []pricing.Line, raised func(id.SeatCharge, []pricing.Line, money.Money) Event) (id.SeatCharge, []Event, error) {
	charge, head := s.nextCharge(), lines[:min(len(lines), linesPerEvent)]
	total, err := pricing.Total(head)
	if err != nil {
		return charge, nil, err
	}
	more, err := addLines(charge, total, lines[len(head):])
	return charge, append([]Event{raised(charge, head, total)}, more...), err
}

func addLines(charge id.SeatCharge, total money.Money, lines []pricing.Line) ([]Event, error) {
	var events []Event
	for chunk := range slices.Chunk(lines, linesPerEvent) {
		sum, err := pricing.Total(chunk)
		if err != nil {
			return nil, err
		}
		if total, err = total.Plus(sum); err != nil {
			return nil, err
		}
		events = append(events, ChargeLinesAdded{Charge: charge, Lines: chunk, Total: total})
	}
	return events, nil
}
