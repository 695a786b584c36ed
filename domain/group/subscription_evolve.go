package group

import (
	"slices"

	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// purchased adds bought licences; those that need not be paid can be held at once.
func (s *subscription) purchased(e LicencesPurchased) {
	for _, b := range e.Licences {
		s.bought++
		s.licences = append(s.licences, Licence{ID: b.Licence, Terms: b.Terms, Pending: b.Pending, Holder: b.Holder})
		if b.Profession != "" {
			s.profess(b.Holder, b.Profession)
		}
	}
}

func (s *subscription) profess(m id.Member, p pricing.Category) {
	if s.professed == nil {
		s.professed = map[id.Member]pricing.Category{}
	}
	s.professed[m] = p
}

func (s *subscription) raised(c Charge) {
	c.Status = ChargeOpen
	s.charges = append(s.charges, c)
	s.lined(c.ID, c.Lines)
}

func (s *subscription) extended(e ChargeLinesAdded) {
	if c := s.charge(e.Charge); c != nil {
		c.Lines, c.Total = append(slices.Clone(c.Lines), e.Lines...), e.Total
		s.lined(e.Charge, e.Lines)
	}
}

// lined notes what was charged for at the licences of the lines.
func (s *subscription) lined(charge id.SeatCharge, lines []pricing.Line) {
	for _, line := range lines {
		s.alter(line.Licence, func(l *Licence) {
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
		})
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

// credited lowers what is due for a charge.
func (s *subscription) credited(e ChargeCredited) {
	if c := s.charge(e.Charge); c != nil {
		c.Total, c.Credited = e.Total, money.Of(0, e.Credit.Currency).UpTo(c.Credited).UpTo(e.Credit)
	}
}

// ended notes that there is no subscription any more. What was charged stays due.
func (s *subscription) ended(e SubscriptionCancelled) {
	s.started, s.ending, s.endedOn = false, false, e.On
	s.period, s.anchor = pricing.Period{}, 0
}

func (s *subscription) collecting(e CollectionStarted) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.Attempt, c.Method, c.Awaiting = ChargeCollecting, e.Attempt, e.Method, true
		c.Asked = append(slices.Clone(c.Asked), e.Amount)
	}
}

func (s *subscription) collected(e ChargeCollected) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.PaidBy, c.Mode, c.Lines = ChargePaid, e.Attempt, e.Mode, nil
		c.answered(e.Attempt)
	}
}

func (s *subscription) failed(e ChargeFailed) {
	if c := s.charge(e.Charge); c != nil {
		c.Status = ChargeUnpaid
		c.answered(e.Attempt)
		if c.FailedOn.IsZero() {
			c.FailedOn = e.On
		}
	}
}

func (s *subscription) cancelled(e ChargeCancelled) {
	if c := s.charge(e.Charge); c != nil {
		c.Status, c.Lines, c.Total = ChargeGivenUp, nil, money.Of(0, c.Total.Currency)
	}
	for i := range s.licences {
		l := &s.licences[i]
		gone := func(p Part) bool { return p.Charge == e.Charge }
		if slices.ContainsFunc(l.Charged, gone) {
			l.Charged = slices.DeleteFunc(slices.Clone(l.Charged), gone)
		}
	}
}

// answered notes that the outcome of an attempt is known.
func (c *Charge) answered(attempt int) {
	c.Awaiting = c.Awaiting && attempt != c.Attempt
}

// overtaken notes that an attempt at a charge that is paid brought nothing.
func (s *subscription) overtaken(e OvertakenAttemptFailed) {
	if c := s.charge(e.Charge); c != nil {
		c.answered(e.Attempt)
	}
}

// alter lets f change a licence; licences that do not exist are left alone.
func (s *subscription) alter(l id.Licence, f func(*Licence)) {
	if licence := s.licence(l); licence != nil {
		f(licence)
	}
}

func (s *subscription) alterAll(ls []id.Licence, f func(*Licence)) {
	for _, l := range ls {
		s.alter(l, f)
	}
}

// drop removes licences that the practice no longer owns.
func (s *subscription) drop(gone []id.Licence) {
	s.licences = slices.DeleteFunc(s.licences, func(l Licence) bool { return slices.Contains(gone, l.ID) })
}

// changeTerms puts licences on other terms; what was scheduled for them is done.
func (s *subscription) changeTerms(changes []TermsChange) {
	for _, c := range changes {
		s.alter(c.Licence, func(l *Licence) {
			if l.Next == c.To.Plan || c.From.Plan != c.To.Plan {
				l.Next = ""
			}
			l.Terms = c.To
		})
	}
}

func (s *subscription) amend(p id.TraineeProof, f func(*Proof)) {
	if proof := s.proof(p); proof != nil {
		f(proof)
	}
}
