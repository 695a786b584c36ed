package licences

import (
	"fmt"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/rows"
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

// chargeKept is a charge of the subscription.
type chargeKept struct {
	Charge      id.SeatCharge      `db:"charge_id"`
	Group       id.Group           `db:"group_id"`
	Revision    es.Revision        `db:"revision"`
	Kind        group.ChargeKind   `db:"kind"`
	On          civil.Date         `db:"on_date"`
	PeriodStart civil.Date         `db:"period_start"`
	PeriodEnd   civil.Date         `db:"period_end"`
	Status      group.ChargeStatus `db:"status"`
	Currency    money.Currency     `db:"currency"`
	Total       int64              `db:"total"`
	Lines       int                `db:"line_count"`
}

// lineKept is a line of a charge.
type lineKept struct {
	Charge      id.SeatCharge    `db:"charge_id"`
	Revision    es.Revision      `db:"revision"`
	Place       int              `db:"place"`
	Group       id.Group         `db:"group_id"`
	Licence     id.Licence       `db:"licence_id"`
	Kind        pricing.LineKind `db:"kind"`
	From        civil.Date       `db:"from_date"`
	PeriodStart civil.Date       `db:"period_start"`
	PeriodEnd   civil.Date       `db:"period_end"`
	Gross       int64            `db:"gross"`
	Detail      string           `db:"detail,json"`
}

// movementKept is a movement of a charge's money.
type movementKept struct {
	Charge   id.SeatCharge `db:"charge_id"`
	Revision es.Revision   `db:"revision"`
	Group    id.Group      `db:"group_id"`
	Kind     Movement      `db:"kind"`
	Amount   int64         `db:"amount"`
	On       civil.Date    `db:"on_date"`
	At       time.Time     `db:"at"`
	Attempt  int           `db:"attempt"`
	Refund   id.Refund     `db:"refund_id,null"`
	Reason   string        `db:"reason"`
	Mode     string        `db:"mode"`
	Detail   string        `db:"detail,json,null"`
}

var (
	charges   = rows.NewTable("charge", func(r *chargeKept) id.SeatCharge { return r.Charge }, "charge_id")
	lines     = rows.NewLog[lineKept]("line")
	movements = rows.NewLog[movementKept]("movement")
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
		w.raised(ev.Charge, group.ChargeRenewal, ev.On, ev.Period, ev.Total, len(ev.Lines))
		w.lines(ev.Charge, ev.Lines)
	case group.ProratedChargeRaised:
		w.raised(ev.Charge, group.ChargePurchase, ev.On, ev.Period, ev.Total, len(ev.Lines))
		w.lines(ev.Charge, ev.Lines)
	case group.ChargeLinesAdded:
		charges.Change(w.batch, ev.Charge, func(r *chargeKept) {
			r.Total = ev.Total.Minor
			r.Lines += len(ev.Lines)
		})
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

func (w *writer) raised(c id.SeatCharge, kind group.ChargeKind, on civil.Date, p pricing.Period, total money.Money, lines int) {
	charges.Insert(w.batch, chargeKept{
		Charge: c, Group: w.group, Revision: w.revision, Kind: kind, On: on, PeriodStart: p.Start, PeriodEnd: p.End,
		Status: group.ChargeOpen, Currency: total.Currency, Total: total.Minor, Lines: lines,
	})
}

// becomes moves a charge on.
func (w *writer) becomes(s group.ChargeStatus, m moved) {
	charges.Change(w.batch, m.charge, func(r *chargeKept) { r.Status = s })
	w.move(m)
}

func (w *writer) move(m moved) {
	row := movementKept{
		Charge: m.charge, Revision: w.revision, Group: w.group, Kind: m.kind, Amount: m.amount.Minor, On: m.on, At: w.at,
		Attempt: m.attempt, Refund: m.refund, Reason: m.reason, Mode: m.mode,
	}
	if m.line != nil {
		row.Detail = w.detail(m.line)
	}
	movements.Append(w.batch, row)
}

// lines writes the lines of a charge, and what they say of their licences: the
// terms, and the period that was charged for.
func (w *writer) lines(c id.SeatCharge, of []pricing.Line) {
	for place, l := range of {
		gross, err := pricing.Total(of[place : place+1])
		if err != nil && w.err == nil {
			w.err = fmt.Errorf("add up a line: %w", err)
		}
		lines.Append(w.batch, lineKept{
			Charge: c, Revision: w.revision, Place: place, Group: w.group, Licence: l.Licence, Kind: l.Kind, From: l.From,
			PeriodStart: l.Period.Start, PeriodEnd: l.Period.End, Gross: gross.Minor, Detail: w.detail(l),
		})
		if !l.Kind.Credit() {
			w.terms(l.Licence, l.Terms, l.From)
			w.licence(l.Licence, func(r *licenceKept) { r.PaidFrom, r.PaidUntil = l.Period.Start, l.Period.End })
		}
		if l.Kind == pricing.LinePurchase {
			w.licence(l.Licence, func(r *licenceKept) { r.Charge = c })
		}
	}
}
