package licences

import (
	"fmt"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections"
)

// Movement is what happened to a charge's money.
type Movement string

// The movements.
const (
	// Asked is the start of an attempt at collecting it.
	Asked Movement = "asked"
	// Collected is an attempt that brought the money, Failed one that did not, and
	// Overtaken one that brought none when another had been successful meanwhile.
	Collected Movement = "collected"
	Failed    Movement = "failed"
	Overtaken Movement = "overtaken"
	// Cancelled gives up the charge with what it was for.
	Cancelled Movement = "cancelled"
	// RefundDue is money that must go back, Refunded money that did, and RefundFailed
	// money that could not.
	RefundDue    Movement = "refund_due"
	Refunded     Movement = "refunded"
	RefundFailed Movement = "refund_failed"
	// Credited lowers what is due.
	Credited Movement = "credited"
)

const (
	insertCharge = `
insert into charge (charge_id, group_id, revision, kind, on_date, period_start, period_end, currency, total)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	insertLine = `
insert into line (charge_id, revision, place, group_id, licence_id, kind, from_date, period_start, period_end, gross, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	insertMovement = `
insert into movement (charge_id, revision, group_id, kind, amount, on_date, at, attempt, refund_id, reason, mode, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
)

// moved is one movement of a charge's money.
type moved struct {
	charge  id.SeatCharge
	kind    Movement
	amount  money.Money
	on      civil.Date
	attempt int
	refund  id.Refund
	reason  string
	mode    string
	line    *pricing.Line
}

// charges writes what is charged and how far it is collected.
func (w *writer) charges(event any) {
	switch ev := event.(type) {
	case group.SubscriptionCharged:
		w.raised(ev.Charge, group.ChargeRenewal, ev.On, ev.Period, ev.Total)
		w.lines(ev.Charge, ev.Lines)
	case group.ProratedChargeRaised:
		w.raised(ev.Charge, group.ChargePurchase, ev.On, ev.Period, ev.Total)
		w.lines(ev.Charge, ev.Lines)
	case group.ChargeLinesAdded:
		w.batch.Queue("update charge set total = $2 where charge_id = $1", ev.Charge, ev.Total.Minor)
		w.lines(ev.Charge, ev.Lines)
	case group.CollectionStarted:
		w.becomes(group.ChargeCollecting, moved{charge: ev.Charge, kind: Asked, amount: ev.Amount, attempt: ev.Attempt})
	case group.ChargeCollected:
		w.becomes(group.ChargePaid, moved{charge: ev.Charge, kind: Collected, amount: ev.Amount, on: ev.On, attempt: ev.Attempt, mode: ev.Mode})
	case group.ChargeFailed:
		w.becomes(group.ChargeUnpaid, moved{charge: ev.Charge, kind: Failed, on: ev.On, attempt: ev.Attempt, reason: ev.Reason})
	case group.ChargeCancelled:
		w.becomes(group.ChargeGivenUp, moved{charge: ev.Charge, kind: Cancelled, on: ev.On})
	case group.ChargeCredited:
		w.move(moved{charge: ev.Charge, kind: Credited, amount: ev.Credit, on: ev.On, line: &ev.Line})
	case group.OvertakenAttemptFailed:
		w.move(moved{charge: ev.Charge, kind: Overtaken, on: ev.On, attempt: ev.Attempt, reason: ev.Reason})
	}
}

// refunds writes what goes back.
func (w *writer) refunds(event any) {
	switch ev := event.(type) {
	case group.RefundDue:
		w.move(moved{charge: ev.Charge, kind: RefundDue, amount: ev.Amount, on: ev.On, attempt: ev.Attempt, refund: ev.Refund, reason: string(ev.Reason), line: ev.Line})
	case group.ChargeRefunded:
		w.move(moved{charge: ev.Charge, kind: Refunded, amount: ev.Amount, on: ev.On, refund: ev.Refund})
	case group.RefundFailed:
		w.move(moved{charge: ev.Charge, kind: RefundFailed, on: ev.On, refund: ev.Refund, reason: ev.Reason})
	}
}

func (w *writer) raised(c id.SeatCharge, kind group.ChargeKind, on civil.Date, p pricing.Period, total money.Money) {
	w.batch.Queue(insertCharge, c, w.group, w.revision, string(kind), on, p.Start, p.End, string(total.Currency), total.Minor)
}

// becomes moves a charge on.
func (w *writer) becomes(s group.ChargeStatus, m moved) {
	w.batch.Queue("update charge set status = $2 where charge_id = $1", m.charge, string(s))
	w.move(m)
}

func (w *writer) move(m moved) {
	var detail any
	if m.line != nil {
		detail = w.detail(m.line)
	}
	w.batch.Queue(insertMovement, m.charge, w.revision, w.group, string(m.kind), m.amount.Minor, m.on, w.at, m.attempt, projections.OrNull(m.refund), m.reason, m.mode, detail)
}

// lines writes the lines of a charge, and what they say of their licences: the
// terms, and the period that was charged for.
func (w *writer) lines(c id.SeatCharge, lines []pricing.Line) {
	for place, l := range lines {
		gross, err := pricing.Total(lines[place : place+1])
		if err != nil && w.err == nil {
			w.err = fmt.Errorf("add up a line: %w", err)
		}
		w.batch.Queue(insertLine, c, w.revision, place, w.group, l.Licence, string(l.Kind), l.From, l.Period.Start, l.Period.End,
			gross.Minor, w.detail(l))
		if !l.Kind.Credit() {
			w.terms(l.Licence, l.Terms, l.From)
			w.licence(l.Licence, "paid_from = $2, paid_until = $3", l.Period.Start, l.Period.End)
		}
		if l.Kind == pricing.LinePurchase {
			w.licence(l.Licence, "charge_id = $2", c)
		}
	}
}
