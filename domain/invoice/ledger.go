package invoice

import (
	"maps"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

// State is a ledger at one revision. Its maps are changed in place by Evolve;
// decisions only read it.
type State struct {
	charges  map[id.Charge]Charge
	invoices map[id.Invoice]Invoice
	payments map[id.Payment]Payment
	// numbers finds issued invoices, void ones too, by their place in the series.
	numbers map[Number]id.Invoice
	// charged and received are the sums of live charges and of payments. Decisions
	// keep both within money.MaxSum, and every other sum of a ledger is at most one
	// of them; events from before there was a limit may lead beyond it.
	charged, received money.Sum
	currency          money.Currency
}

// Charge is a billable item at one revision.
type Charge struct {
	ID          id.Charge
	ServiceDate civil.Date
	// Code and Modifiers say what the service was, Units how much of it.
	Code      string
	Modifiers []string
	Units     int64
	Amount    money.Money
	Void      bool
	// Invoice is the live invoice or draft that holds the charge; zero while it waits.
	Invoice id.Invoice
}

// Payment is money received at one revision.
type Payment struct {
	ID         id.Payment
	Amount     money.Money
	ReceivedOn civil.Date
	Method     Method
	// ExternalRef is the check's, transfer's or processor's number.
	ExternalRef string
	// Applied is what of it settles invoices.
	Applied money.Money
}

// Unapplied returns what of the payment is credit.
func (p Payment) Unapplied() money.Money { return less(p.Amount, p.Applied) }

// Aggregate says how the events of a ledger fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{
		Category: LedgerCategory,
		New: func() State {
			return State{
				charges:  map[id.Charge]Charge{},
				invoices: map[id.Invoice]Invoice{},
				payments: map[id.Payment]Payment{},
				numbers:  map[Number]id.Invoice{},
			}
		},
		Evolve: Evolve,
	}
}

// Evolve applies one event.
func Evolve(s *State, e Event) {
	switch e := e.(type) {
	case ChargeRecorded:
		s.charges[e.Charge] = Charge{
			ID: e.Charge, ServiceDate: e.ServiceDate, Code: e.Code, Modifiers: e.Modifiers, Units: e.Units, Amount: e.Amount,
		}
		s.charged = s.charged.Plus(e.Amount.Minor)
		s.currency = e.Amount.Currency
	case ChargeVoided:
		es.Alter(s.charges, e.Charge, func(c *Charge) { c.Void = true })
		s.charged = s.charged.Minus(e.Amount.Minor)
	case Drafted:
		s.invoices[e.Invoice] = Invoice{
			ID: e.Invoice, Stage: Draft, Date: e.Date, Terms: e.Terms, DueDate: e.DueDate,
			Charges: e.Charges, Total: e.Total, Applied: money.Of(0, e.Total.Currency),
			applications: map[id.Payment]money.Money{},
		}
		s.hold(e.Charges, e.Invoice)
	case DraftDiscarded:
		s.ends(e.Invoice, Discarded, e.ReleasedCharges)
	case NumberWithdrawn:
		es.Alter(s.invoices, e.Invoice, func(i *Invoice) { i.withdrawn = e.Keeping })
	case Issued:
		es.Alter(s.invoices, e.Invoice, func(i *Invoice) { i.Stage, i.Sequence, i.Number = Open, e.Sequence, e.Number })
		s.numbers[e.Sequence] = e.Invoice
	case Voided:
		s.ends(e.Invoice, Void, e.ReleasedCharges)
	case PaymentRecorded:
		s.payments[e.Payment] = Payment{
			ID: e.Payment, Amount: e.Amount, ReceivedOn: e.ReceivedOn, Method: e.Method, ExternalRef: e.ExternalRef,
			Applied: money.Of(0, e.Amount.Currency),
		}
		s.received = s.received.Plus(e.Amount.Minor)
		s.currency = e.Amount.Currency
	case PaymentApplied:
		s.apply(e.Payment, e.Invoice, e.Amount)
	case PaymentUnapplied:
		s.apply(e.Payment, e.Invoice, e.Amount.Negated())
	}
}

// Charge returns a charge by its id.
func (s State) Charge(c id.Charge) (Charge, bool) {
	v, ok := s.charges[c]
	return v, ok
}

// Invoice returns an invoice or draft by its id.
func (s State) Invoice(i id.Invoice) (Invoice, bool) {
	v, ok := s.invoices[i]
	return v, ok
}

// Payment returns a payment by its id.
func (s State) Payment(p id.Payment) (Payment, bool) {
	v, ok := s.payments[p]
	return v, ok
}

func (s *State) hold(charges []id.Charge, by id.Invoice) {
	for _, c := range charges {
		es.Alter(s.charges, c, func(c *Charge) { c.Invoice = by })
	}
}

// ends puts an invoice in a final stage; its charges wait again.
func (s *State) ends(i id.Invoice, stage Stage, released []id.Charge) {
	es.Alter(s.invoices, i, func(i *Invoice) { i.Stage = stage })
	s.hold(released, id.Invoice{})
}

func (s *State) apply(p id.Payment, i id.Invoice, amount money.Money) {
	payment, invoice := s.payments[p], s.invoices[i]
	payment.Applied = plus(payment.Applied, amount)
	invoice.Applied = plus(invoice.Applied, amount)
	if rest := plus(invoice.applications[p], amount); rest.IsZero() {
		delete(invoice.applications, p)
	} else {
		invoice.applications[p] = rest
	}
	s.payments[p], s.invoices[i] = payment, invoice
}

// payers returns the payments that settle part of an invoice, in a stable order.
func (i Invoice) payers() []id.Payment {
	return id.Sorted(maps.Keys(i.applications))
}

// withinLimit refuses what would lead a sum of the ledger beyond money.MaxSum, or
// further beyond it. Fault: "ledger_out_of_range".
func withinLimit(sum money.Sum, more money.Money) error {
	return fault.When(more.Minor > 0 && !sum.Plus(more.Minor).InRange(), ErrOutOfRange)
}

// ErrOutOfRange says that a ledger's sums are too large to be exact. It
// names the ledger where its caller knows it.
var ErrOutOfRange = fault.New(fault.Rejected, "ledger_out_of_range", "The sums of this patient's ledger with this clinician are too large to be shown exactly. Void the charges in it that are wrong, after voiding the invoices that they are on; the billing history shows every entry.")

// plus and less add amounts that are part of one charge, invoice or payment, so
// that a sum is never larger than what is already kept.
func plus(a, b money.Money) money.Money { return a.UpTo(b) }

func less(a, b money.Money) money.Money { return a.UpTo(b.Negated()) }
