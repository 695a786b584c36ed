package invariant

import (
	"maps"
	"slices"
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// ledger is the money of one ledger.
type ledger struct {
	// charged and received are the sums of live charges and of payments, and beyond
	// is where one of them last left the range.
	charged, received money.Sum
	beyond            es.Revision
	payments          map[id.Payment]balance
	invoices          map[id.Invoice]bill
}

// balance is an amount and what of it is left.
type balance struct{ whole, left money.Sum }

func balanceOf(m money.Money) balance { return balance{exactly(m), exactly(m)} }

// within reports whether what is left is a part of the whole.
func (b balance) within() bool {
	return b.left.Compare(money.Sum{}) >= 0 && b.left.Compare(b.whole) <= 0
}

// bill is an invoice: what it is over, what is owed on it, and whether it is.
type bill struct {
	balance
	isIssued, isOver bool
}

// ledger folds an event of a ledger.
func (p *practice) ledger(a *Audit, env es.Envelope, event any) {
	l := p.ledgers[env.Stream]
	if l == nil {
		l = &ledger{payments: map[id.Payment]balance{}, invoices: map[id.Invoice]bill{}}
		p.ledgers[env.Stream] = l
	}
	switch e := event.(type) {
	case invoice.ChargeRecorded:
		l.add(env, &l.charged, e.Amount.Minor)
	case invoice.ChargeVoided:
		l.charged = l.charged.Minus(e.Amount.Minor)
	case invoice.Drafted:
		l.invoices[e.Invoice] = bill{balance: balanceOf(e.Total)}
	case invoice.DraftDiscarded:
		l.over(e.Invoice)
		p.seriesOf(env.Stream).discarded(e.Invoice)
	case invoice.NumberWithdrawn:
		p.seriesOf(env.Stream).discarded(e.Invoice)
	case invoice.Issued:
		i := l.invoices[e.Invoice]
		if right := p.seriesOf(env.Stream).issued(e); !right || i.isIssued || i.isOver {
			a.report(NumberSeries, p.id, []Place{placeOf(env.Recorded)}, thing(KindInvoice, e.Invoice))
		}
		es.Alter(l.invoices, e.Invoice, func(i *bill) { i.isIssued = true })
	case invoice.Voided:
		if i := l.invoices[e.Invoice]; i.left != i.whole {
			a.report(LedgerAllocation, p.id, []Place{placeOf(env.Recorded)}, thing(KindInvoice, e.Invoice))
		}
		l.over(e.Invoice)
	case invoice.PaymentRecorded:
		l.payments[e.Payment] = balanceOf(e.Amount)
		l.add(env, &l.received, e.Amount.Minor)
	case invoice.PaymentApplied:
		l.apply(a, p, env, e.Payment, e.Invoice, exactly(e.Amount))
	case invoice.PaymentUnapplied:
		l.apply(a, p, env, e.Payment, e.Invoice, money.Sum{}.Minus(e.Amount.Minor))
	}
}

// add adds to a sum of the ledger, and notes where it leaves the range.
func (l *ledger) add(env es.Envelope, sum *money.Sum, minor int64) {
	if *sum = sum.Plus(minor); !sum.InRange() {
		l.beyond = env.Revision
	}
}

// judgeSums looks at every ledger as it stands: a charge that was voided since
// does not count.
func (p *practice) judgeSums(a *Audit) {
	for _, stream := range slices.Sorted(maps.Keys(p.ledgers)) {
		l := p.ledgers[stream]
		if !l.charged.InRange() || !l.received.InRange() {
			which, _ := invoice.ParseLedger(stream)
			a.report(SumOutOfRange, p.id, []Place{{stream, l.beyond}}, thing(KindChart, which.Chart), thing(KindMember, which.Clinician))
		}
	}
}

func (l *ledger) over(i id.Invoice) { es.Alter(l.invoices, i, func(b *bill) { b.isOver = true }) }

// apply moves money from a payment to an invoice, back if negative.
func (l *ledger) apply(a *Audit, p *practice, env es.Envelope, from id.Payment, to id.Invoice, amount money.Sum) {
	payment, paid := l.payments[from]
	i, billed := l.invoices[to]
	payment.left = payment.left.Sub(amount)
	i.left = i.left.Sub(amount)
	if !paid || !billed || !i.isIssued || i.isOver || !payment.within() || !i.within() {
		a.report(LedgerAllocation, p.id, []Place{placeOf(env.Recorded)}, thing(KindPayment, from), thing(KindInvoice, to))
	}
	l.payments[from], l.invoices[to] = payment, i
}

// series is the numbers of one clinician.
type series struct {
	state invoice.Series
	// waiting are the numbers that are kept for drafts, by invoice.
	waiting map[id.Invoice]kept
}

type kept struct {
	at          es.Revision
	on          time.Time
	isDiscarded bool
}

func (p *practice) seriesFor(clinician id.Member) *series {
	s := p.series[clinician]
	if s == nil {
		s = &series{state: invoice.SeriesAggregate().New(), waiting: map[id.Invoice]kept{}}
		p.series[clinician] = s
	}
	return s
}

// seriesOf returns the series of a ledger's clinician.
func (p *practice) seriesOf(ledger es.Stream) *series {
	l, _ := invoice.ParseLedger(ledger)
	return p.seriesFor(l.Clinician)
}

// number folds an event of a series: the next number is the lowest that was given
// back, else the one after the last, and an invoice gets one.
func (p *practice) number(a *Audit, env es.Envelope, event invoice.SeriesEvent) {
	which, _ := invoice.ParseSeries(env.Stream)
	s := p.seriesFor(which.Clinician)
	complain := func(i id.Invoice) {
		a.report(NumberSeries, p.id, []Place{placeOf(env.Recorded)}, thing(KindInvoice, i))
	}
	switch e := event.(type) {
	case invoice.NumberAssigned:
		if _, has := s.state.NumberOf(e.Invoice); has || e.Sequence != s.state.Next() {
			complain(e.Invoice)
		}
		s.waiting[e.Invoice] = kept{at: env.Revision, on: env.RecordedAt}
	case invoice.NumberReleased:
		if !s.holds(e.Invoice, e.Sequence) {
			complain(e.Invoice)
		}
		if _, waits := s.waiting[e.Invoice]; !waits {
			complain(e.Invoice)
		}
		delete(s.waiting, e.Invoice)
	}
	invoice.EvolveSeries(&s.state, event)
}

// issued reports whether an invoice is issued under the number that is kept for it.
func (s *series) issued(e invoice.Issued) bool {
	delete(s.waiting, e.Invoice)
	return s.holds(e.Invoice, e.Sequence)
}

// holds reports whether this number is kept for an invoice.
func (s *series) holds(i id.Invoice, number invoice.Number) bool {
	n, has := s.state.NumberOf(i)
	return has && n.Number == number
}

func (s *series) discarded(i id.Invoice) {
	if _, waits := s.waiting[i]; waits {
		es.Alter(s.waiting, i, func(k *kept) { k.isDiscarded = true })
	}
}

// keptFor is how long a number may wait for its draft to be issued.
const keptFor = 24 * time.Hour

func (s *series) judge(a *Audit, which invoice.SeriesID) {
	for _, i := range sortedKeys(s.waiting) {
		k := s.waiting[i]
		if k.isDiscarded || a.now.Sub(k.on) > keptFor {
			a.report(NumberUnissued, which.Group, []Place{{which.Stream(), k.at}}, thing(KindInvoice, i))
		}
	}
}
