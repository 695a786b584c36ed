package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// Subscribed reports whether the subscription has started, so that clinicians
// need licences. Groups from before it go on without until they start theirs.
func (s State) Subscribed() bool { return s.subscription.started }

// EndedOn returns the first day without a subscription; ok is false while one runs
// and where there never was one. Without one that ended, clinicians keep their
// charts (L-12), but nobody becomes a clinician.
func (s State) EndedOn() (on civil.Date, ok bool) {
	return s.subscription.endedOn, !s.subscription.endedOn.IsZero()
}

// EndsOn returns the first day without the subscription that runs, if it was
// cancelled.
func (s State) EndsOn() (on civil.Date, ok bool) {
	next, _, err := s.nextPeriod()
	return next.Start, s.subscription.ending && err == nil
}

// Trial returns the trial of the practice's life, used or not.
func (s State) Trial() Trial { return s.subscription.trial }

// Period returns the present billing period; zero before the first and in trial.
func (s State) Period() pricing.Period { return s.subscription.period }

// PaymentMethod returns the processor's reference of what is charged, and what
// the owner recognises it by; empty if there is none.
func (s State) PaymentMethod() (method, label string) {
	return s.subscription.method, s.subscription.label
}

// Licences returns the licences that the practice owns, in the order of purchase.
func (s State) Licences() []Licence { return slices.Clone(s.subscription.licences) }

// Licence returns a licence that the practice owns.
func (s State) Licence(l id.Licence) (Licence, bool) {
	if licence := s.subscription.licence(l); licence != nil {
		return *licence, true
	}
	return Licence{}, false
}

// LicenceOf returns the licence that a member holds. Who holds one is billable,
// whatever their role: being a clinician costs, not the role (BIL-A27, BIL-9).
func (s State) LicenceOf(m id.Member) (Licence, bool) {
	for _, l := range s.subscription.licences {
		if l.Holder == m && !m.IsZero() {
			return l, true
		}
	}
	return Licence{}, false
}

func (s State) holdsLicence(m id.Member) bool {
	_, holds := s.LicenceOf(m)
	return holds
}

// Charges returns every charge of the subscription, the oldest first. Charges
// that are paid or cancelled come without their lines.
func (s State) Charges() []Charge { return slices.Clone(s.subscription.charges) }

// Charge returns a charge of the subscription.
func (s State) Charge(c id.SeatCharge) (Charge, bool) {
	if charge := s.subscription.charge(c); charge != nil {
		return *charge, true
	}
	return Charge{}, false
}

// ChargesDue returns the charges that should be collected now: those of periods
// and those whose day is over. A charge of today is collected as soon as its
// licences are wanted, which closes it to further purchases (BIL-A6). Charges
// that failed are tried again by whoever keeps the schedule of retries.
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

// Proofs returns the proofs of training, in the order of their submission.
func (s State) Proofs() []Proof { return slices.Clone(s.subscription.proofs) }

// Profession returns what a clinician is; a therapist where nothing was recorded.
func (s State) Profession(m id.Member) pricing.Category {
	if p, ok := s.subscription.professed[m]; ok {
		return p
	}
	return pricing.Therapist
}

// Utilisation counts the licences of a practice.
type Utilisation struct {
	// Owned is the sum of the others.
	Owned int
	// Pending licences await payment, Assigned ones have a holder, Reserved ones an
	// open invitation, and Free ones neither.
	Pending, Assigned, Reserved, Free int
}

// Utilisation counts the licences at an instant: a reservation ends with its
// invitation, whether or not anybody recorded that it expired.
func (s State) Utilisation(now time.Time) Utilisation {
	u := Utilisation{Owned: len(s.subscription.licences)}
	for _, l := range s.subscription.licences {
		switch {
		case l.Pending:
			u.Pending++
		case !l.Holder.IsZero():
			u.Assigned++
		case s.reserved(l, now):
			u.Reserved++
		default:
			u.Free++
		}
	}
	return u
}

// reserved reports whether an invitation that can still be accepted has the licence.
func (s State) reserved(l Licence, now time.Time) bool {
	inv, ok := s.invitations[l.Invitation]
	return ok && !inv.Closed && now.Before(inv.ExpiresAt)
}

// EntitledClinician reports whether a member's own licence includes a feature
// (BIL-14, BKG-10). In groups that never had a subscription everybody has every
// feature, where it ended nobody has any.
func (s State) EntitledClinician(m id.Member, f pricing.Feature) bool {
	if s.neverSubscribed() {
		return true
	}
	l, ok := s.LicenceOf(m)
	return ok && l.Plan.Includes(f)
}

// Entitled reports whether any licence that is held includes a feature, for what
// belongs to the practice as a whole.
func (s State) Entitled(f pricing.Feature) bool {
	if s.neverSubscribed() {
		return true
	}
	for _, l := range s.subscription.licences {
		if !l.Holder.IsZero() && l.Plan.Includes(f) {
			return true
		}
	}
	return false
}

// neverSubscribed reports whether there was no subscription yet.
func (s State) neverSubscribed() bool { return !s.Subscribed() && s.subscription.endedOn.IsZero() }

// today returns the local day in the billing zone.
func (s State) today(now time.Time) (civil.Date, error) {
	if !s.Exists() {
		return civil.Date{}, errNoGroup
	}
	zone, err := s.zone.Load()
	if err != nil {
		return civil.Date{}, err
	}
	return civil.In(now, zone), nil
}
