package group

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// LicenceReleaseScheduled gives a licence up at the end of the period, without
// refund (BIL-A7, AMB-8).
type LicenceReleaseScheduled struct {
	Licence   id.Licence `json:"licence"`
	Effective civil.Date `json:"effective"`
}

// LicenceReleaseCancelled keeps a licence that was to be released.
type LicenceReleaseCancelled struct {
	Licence id.Licence `json:"licence"`
}

// LicencesReleased ends licences.
type LicencesReleased struct {
	Licences []id.Licence `json:"licences"`
	On       civil.Date   `json:"on"`
}

func (LicenceReleaseScheduled) isEvent() {}
func (LicenceReleaseCancelled) isEvent() {}
func (LicencesReleased) isEvent()        {}

// Licence is what lets one member be a clinician.
type Licence struct {
	ID id.Licence
	// Terms are those of the present period.
	pricing.Terms
	// Pending reports that its purchase is unpaid: nobody can hold it.
	Pending bool
	// Charge is the charge of its purchase; zero where nothing was due.
	Charge id.SeatCharge
	// PaidFor is the period that it was last charged for.
	PaidFor pricing.Period
	// Charged is what it was charged for in that period, by charge.
	Charged []Part
	// Holder is the member who holds it; zero while it is free.
	Holder id.Member
	// Invitation is whom it is reserved for, if anybody, and Profession theirs.
	Invitation id.Invitation
	Profession pricing.Category
	// Next is the plan from the next period on, if another.
	Next pricing.PlanID
	// Releasing reports that it ends with the period.
	Releasing bool
}

// Part is what one charge holds of a licence's period: charges less credits.
type Part struct {
	Charge id.SeatCharge
	Amount money.Money
	Tax    money.Money
}

// Licences returns the licences that the practice owns, in the order of purchase.
func (s State) Licences() []Licence { return slices.Clone(s.subscription.licences) }

// Licence returns a licence that the practice owns.
func (s State) Licence(l id.Licence) (Licence, bool) {
	licence := *s.subscription.licence(l)
	return licence, !licence.ID.IsZero()
}

// LicenceOf returns the licence that a member holds. Who holds one is billable,
// whatever their role: being a clinician costs, not the role (BIL-A27, BIL-9).
func (s State) LicenceOf(m id.Member) (Licence, bool) {
	l := *es.Find(s.subscription.licences, func(l *Licence) bool { return l.Holder == m && !m.IsZero() })
	return l, !l.ID.IsZero()
}

func (s State) holdsLicence(m id.Member) bool {
	_, holds := s.LicenceOf(m)
	return holds
}

// reserved reports whether an invitation that can still be accepted has the licence.
func (s State) reserved(l Licence, now time.Time) bool {
	inv, ok := s.invitations[l.Invitation]
	return ok && inv.OpenAt(now)
}

// Utilisation counts the licences of a practice.
type Utilisation struct {
	// Owned is the sum of the others.
	Owned int `json:"owned"`
	// Pending licences await payment, Assigned ones have a holder, Reserved ones an
	// open invitation, and Free ones neither.
	Pending  int `json:"pending"`
	Assigned int `json:"assigned"`
	Reserved int `json:"reserved"`
	Free     int `json:"free"`
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

// EntitledClinician reports whether a member's own licence includes a feature
// (BIL-14, BKG-10). In groups that never had a subscription everybody has every
// feature, where it ended they have none.
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
	return slices.ContainsFunc(s.subscription.licences, func(l Licence) bool { return !l.Holder.IsZero() && l.Plan.Includes(f) })
}

// licence returns the place of a licence; one without id where there is none.
func (s *subscription) licence(l id.Licence) *Licence {
	return es.Find(s.licences, func(o *Licence) bool { return o.ID == l })
}

// drop removes licences that the practice no longer owns.
func (s *subscription) drop(gone []id.Licence) {
	s.licences = slices.DeleteFunc(s.licences, func(l Licence) bool { return slices.Contains(gone, l.ID) })
}

// ErrLicencesOwnerOnly answers members who may not change licences.
var ErrLicencesOwnerOnly = fault.New(fault.Forbidden, "owner_only", "Only the group owner can change licences.")

// The rejections about licences.
var (
	errNoLicence       = fault.New(fault.NotFound, "licence_not_found", "The practice owns no such licence.")
	errLicencePending  = fault.New(fault.Rejected, "licence_pending_payment", "This licence is not paid yet, so nobody can hold it. Collect its charge or replace the payment method.")
	errLicenceReserved = fault.New(fault.Rejected, "licence_reserved", "This licence is reserved for somebody who is invited. Revoke the invitation first.")
	errReleasing       = fault.New(fault.Rejected, "licence_release_scheduled", "This licence ends with the billing period. Cancel its release first.")
	errPlanCategory    = fault.New(fault.Rejected, "plan_category_mismatch", "A prescriber plan needs a prescriber. Choose a therapist plan for this clinician.")
	errUnusedNotPaid   = fault.New(fault.Rejected, "unused_not_credited", "Days that a licence is not used for are not paid back here. Schedule its release for the end of the period.")
)

// ScheduleLicenceRelease gives a licence up at the end of the billing period, or
// of the trial. It is not refunded (BIL-A7, AMB-8). Nobody may hold the licence
// when it ends, so it must be free. Rejections: "licence_not_found",
// "licence_in_use", "licence_reserved", "licence_pending_payment".
type ScheduleLicenceRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide schedules the release.
func (c ScheduleLicenceRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, err := s.releasable(c.Licence, now)
	if err != nil || l.Releasing {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	events := s.unreserved(l.Invitation)
	return append(events, LicenceReleaseScheduled{Licence: l.ID, Effective: next.Start}), nil
}

// releasable returns a licence that is paid and free.
func (s State) releasable(licence id.Licence, now time.Time) (Licence, error) {
	l, ok := s.Licence(licence)
	switch {
	case !ok:
		return l, errNoLicence
	case l.Pending:
		return l, errLicencePending
	case !l.Holder.IsZero():
		return l, fault.New(fault.Rejected, "licence_in_use", "A member holds this licence. Unassign it first.").With("member", l.Holder.String())
	case s.reserved(l, now):
		return l, errLicenceReserved
	}
	return l, nil
}

// CancelRelease keeps a licence that was to be released; until the period ends
// that costs nothing (BIL-A7). Rejection: "licence_not_found".
type CancelRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide cancels the release.
func (c CancelRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, ok := s.Licence(c.Licence)
	switch {
	case !ok:
		return nil, errNoLicence
	case !l.Releasing:
		return nil, nil
	}
	return []Event{LicenceReleaseCancelled{Licence: l.ID}}, nil
}

// ReleaseLicenceNow gives a free licence up today and pays the days after today
// back, where the price book in force credits unused days (BIL-A7, AMB-8): what is
// not paid of them is taken off its charges, the rest is refunded. Rejections:
// "unused_not_credited", "charge_collecting" and those of ScheduleLicenceRelease.
type ReleaseLicenceNow struct {
	Licence id.Licence `json:"licence"`
}

// Decide releases the licence.
func (c ReleaseLicenceNow) Decide(s State, book pricing.Book, now time.Time) ([]Event, error) {
	today, err := s.billable(now)
	if err != nil {
		return nil, err
	}
	l, err := s.releasable(c.Licence, now)
	if err != nil {
		return nil, err
	}
	if !book.CreditsUnused(today) {
		return nil, errUnusedNotPaid
	}
	credits, err := s.unused(l, today)
	if err != nil {
		return nil, err
	}
	events := append(s.unreserved(l.Invitation), LicencesReleased{Licences: []id.Licence{l.ID}, On: today})
	return append(events, credits...), nil
}
