package invariant

import (
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// seatMoney is what the invariants of a subscription need beside its state.
type seatMoney struct {
	// covered is the start of the last period that each licence was charged for.
	covered map[id.Licence]civil.Date
	// tooMuch is what attempts brought beyond what was due, and has to go back; back
	// is everything of a charge's paying attempt that has to.
	tooMuch, back map[id.SeatCharge]money.Sum
}

func newSeatMoney() seatMoney {
	return seatMoney{covered: map[id.Licence]civil.Date{}, tooMuch: map[id.SeatCharge]money.Sum{}, back: map[id.SeatCharge]money.Sum{}}
}

// check checks what one event says about money against what came before it.
func (m *seatMoney) check(a *Audit, p *practice, env es.Envelope, event any) {
	complain := func(r Rule, c id.SeatCharge, more ...Thing) {
		a.report(r, p.id, []Place{placeOf(env.Recorded)}, append([]Thing{thing(KindCharge, c)}, more...)...)
	}
	raised := func(c id.SeatCharge, before money.Money, lines []pricing.Line, total money.Money) {
		p.since[c] = env.Revision
		var sum money.Sum
		sum = sum.Plus(before.Minor)
		for _, l := range lines {
			sum = sum.Plus(l.Amount.Minor).Plus(l.Tax.Minor)
		}
		if sum != exactly(total) {
			complain(ChargeTotal, c)
		}
		if !sum.InRange() {
			complain(SumOutOfRange, c)
		}
		for _, l := range lines {
			if !m.covers(l) {
				complain(PeriodTwice, c, thing(KindLicence, l.Licence))
			}
		}
	}
	switch e := event.(type) {
	case group.SubscriptionCharged:
		raised(e.Charge, money.Money{}, e.Lines, e.Total)
	case group.ProratedChargeRaised:
		raised(e.Charge, money.Money{}, e.Lines, e.Total)
	case group.ChargeLinesAdded:
		c, _ := p.state.Charge(e.Charge)
		raised(e.Charge, c.Total, e.Lines, e.Total)
	case group.ChargeCredited:
		if c, _ := p.state.Charge(e.Charge); exactly(c.Total).Minus(e.Credit.Minor) != exactly(e.Total) {
			complain(ChargeTotal, e.Charge)
		}
	case group.CollectionStarted:
		if c, _ := p.state.Charge(e.Charge); c.Total != e.Amount || e.Attempt != c.Attempt+1 {
			complain(ChargeMoney, e.Charge)
		}
	case group.ChargeCollected:
		p.since[e.Charge] = env.Revision
		if c, _ := p.state.Charge(e.Charge); !asked(c, e.Attempt, e.Amount) || c.Status == group.ChargePaid {
			complain(ChargeMoney, e.Charge)
		}
	case group.RefundDue:
		m.due(p, env, e, complain)
	case group.ChargeRefunded:
		if r, ok := p.state.Refund(e.Refund); !ok || r.Status == group.RefundDone || r.Amount != e.Amount {
			complain(ChargeMoney, e.Charge)
		}
	}
}

// exactly begins a sum.
func exactly(m money.Money) money.Sum { return money.Sum{}.Plus(m.Minor) }

// covers notes the period that a line charges, and reports whether it was not
// charged before.
func (m *seatMoney) covers(l pricing.Line) bool {
	switch l.Kind {
	case pricing.LinePurchase, pricing.LineRenewal, pricing.LineActivation:
	case pricing.LineUpgradeCharge, pricing.LineUpgradeCredit, pricing.LineUnusedCredit:
		return true
	}
	last, charged := m.covered[l.Licence]
	m.covered[l.Licence] = l.Period.Start
	return !charged || l.Period.Start.After(last)
}

// asked reports whether an attempt asked for this amount.
func asked(c group.Charge, attempt int, amount money.Money) bool {
	return attempt >= 1 && attempt <= len(c.Asked) && c.Asked[attempt-1] == amount
}

// due notes money that has to go back.
func (m *seatMoney) due(p *practice, env es.Envelope, e group.RefundDue, complain func(Rule, id.SeatCharge, ...Thing)) {
	p.since[e.Charge] = env.Revision
	c, _ := p.state.Charge(e.Charge)
	_, known := p.state.Refund(e.Refund)
	whole := e.Reason == group.PaidTwice || e.Reason == group.PaidAfterCancellation
	if known || whole && !asked(c, e.Attempt, e.Amount) {
		complain(ChargeMoney, e.Charge)
	}
	if whole {
		return
	}
	m.back[e.Charge] = m.back[e.Charge].Plus(e.Amount.Minor)
	if e.Line == nil {
		m.tooMuch[e.Charge] = m.tooMuch[e.Charge].Plus(e.Amount.Minor)
	}
}

// judge checks every charge that was paid, and that the present period is charged.
func (m *seatMoney) judge(a *Audit, p *practice) {
	for _, c := range p.state.Charges() {
		if c.Status != group.ChargePaid || c.PaidBy < 1 || c.PaidBy > len(c.Asked) {
			continue
		}
		collected := c.Asked[c.PaidBy-1]
		worth := exactly(c.Total).Add(m.tooMuch[c.ID])
		if worth != exactly(collected) || m.back[c.ID].Compare(exactly(collected)) > 0 {
			a.report(ChargeMoney, p.id, []Place{p.place(c.ID)}, thing(KindCharge, c.ID))
		}
	}
	period := p.state.Period()
	if period.Start.IsZero() || !p.state.Subscribed() || p.state.Closed() {
		return
	}
	for _, l := range p.state.Licences() {
		if !l.Pending && m.covered[l.ID] != period.Start {
			a.report(PeriodUncharged, p.id, []Place{p.place(l.ID)}, thing(KindLicence, l.ID))
		}
	}
}
