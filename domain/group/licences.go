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

// LicencesPurchased gives the practice licences. Those that cost something are
// pending until their charge is collected (BIL-A11).
type LicencesPurchased struct {
	Licences []BoughtLicence `json:"licences"`
	On       civil.Date      `json:"on"`
}

// BoughtLicence is one licence with the terms it was bought on.
type BoughtLicence struct {
	Licence id.Licence `json:"licence"`
	pricing.Terms
	// Pending reports that it has to be paid before anybody can hold it.
	Pending bool `json:"pending,omitempty"`
	// Holder is set for a clinician who was there before the subscription was.
	Holder     id.Member        `json:"holder,omitzero"`
	Profession pricing.Category `json:"profession,omitempty"`
}

// LicencesActivated makes paid licences assignable.
type LicencesActivated struct {
	Licences []id.Licence `json:"licences"`
	On       civil.Date   `json:"on"`
}

// LicencePurchaseCancelled takes back licences that stayed unpaid (BIL-A11).
type LicencePurchaseCancelled struct {
	Licences []id.Licence  `json:"licences"`
	Charge   id.SeatCharge `json:"charge"`
	On       civil.Date    `json:"on"`
}

// LicenceReserved keeps a licence for somebody who is invited (L-4).
type LicenceReserved struct {
	Licence    id.Licence    `json:"licence"`
	Invitation id.Invitation `json:"invitation"`
	// Profession is that of the invited clinician.
	Profession pricing.Category `json:"profession"`
}

// LicenceUnreserved frees a licence whose invitation ended without a yes.
type LicenceUnreserved struct {
	Licence    id.Licence    `json:"licence"`
	Invitation id.Invitation `json:"invitation"`
}

// LicenceAssigned gives a licence to the one member who holds it.
type LicenceAssigned struct {
	Licence id.Licence `json:"licence"`
	Member  id.Member  `json:"member"`
	On      civil.Date `json:"on"`
}

// LicenceUnassigned frees a licence. The practice owns it on.
type LicenceUnassigned struct {
	Licence id.Licence `json:"licence"`
	Member  id.Member  `json:"member"`
	On      civil.Date `json:"on"`
}

// ProfessionRecorded says what a clinician is; prescriber plans need a prescriber.
type ProfessionRecorded struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
}

// ClinicalWorkStarted makes a member a clinician, with the licence that they hold.
type ClinicalWorkStarted struct {
	Member id.Member  `json:"member"`
	On     civil.Date `json:"on"`
}

// ClinicalWorkEnded ends being a clinician; the membership and its role go on. It
// takes the member out of the scope of everybody who managed or assisted them.
type ClinicalWorkEnded struct {
	Member id.Member  `json:"member"`
	On     civil.Date `json:"on"`
}

// LicencePlanChanged puts licences on other terms now.
type LicencePlanChanged struct {
	Changes []TermsChange `json:"changes"`
	// Charge holds the net line pair of an upgrade; zero where nothing is due.
	Charge id.SeatCharge `json:"charge,omitzero"`
	Reason PlanChange    `json:"reason"`
	On     civil.Date    `json:"on"`
}

// TermsChange is one licence before and after.
type TermsChange struct {
	Licence id.Licence    `json:"licence"`
	From    pricing.Terms `json:"from"`
	To      pricing.Terms `json:"to"`
}

// PlanChange is why a licence changed its plan.
type PlanChange string

// The reasons.
const (
	// PlanUpgraded is a dearer plan, at once (BIL-A8).
	PlanUpgraded PlanChange = "upgraded"
	// PlanDowngraded is a cheaper plan, at the end of a period.
	PlanDowngraded PlanChange = "downgraded"
	// PlanChangedInTrial costs nothing and keeps the trial (L-12).
	PlanChangedInTrial PlanChange = "changed_in_trial"
	// PlanUnpaid takes back an upgrade that stayed unpaid.
	PlanUnpaid PlanChange = "unpaid"
)

// PlanChangeScheduled will put a licence on a cheaper plan at the end of the period.
type PlanChangeScheduled struct {
	Licence   id.Licence     `json:"licence"`
	From      pricing.PlanID `json:"from"`
	To        pricing.PlanID `json:"to"`
	Effective civil.Date     `json:"effective"`
}

// PlanChangeCancelled keeps the licence on the plan it has.
type PlanChangeCancelled struct {
	Licence id.Licence `json:"licence"`
}

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

// LicencesRepriced says which licences cost something else from a period on.
type LicencesRepriced struct {
	Changes   []TermsChange `json:"changes"`
	Effective civil.Date    `json:"effective"`
	Reason    Repricing     `json:"reason"`
}

// Repricing is why a licence costs something else.
type Repricing string

// The reasons.
const (
	// RepricedByTraineeStatus is a proof that came, went, or left with its holder.
	RepricedByTraineeStatus Repricing = "trainee_status"
	// RepricedByBook is a new version of the price book.
	RepricedByBook Repricing = "price_book"
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

// Charges returns every charge of the subscription, the oldest first. Charges
// that are paid or cancelled come without their lines.
func (s State) Charges() []Charge { return slices.Clone(s.subscription.charges) }

// Charge returns a charge of the subscription.
func (s State) Charge(c id.SeatCharge) (Charge, bool) {
	charge := *s.subscription.charge(c)
	return charge, !charge.ID.IsZero()
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
	return ok && inv.OpenAt(now)
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

// ErrLicencesOwnerOnly answers members who may not change licences.
var ErrLicencesOwnerOnly = fault.New(fault.Forbidden, "owner_only", "Only the group owner can change licences.")

// The rejections about licences and money that more than one command gives.
var (
	errNoSubscription  = fault.New(fault.Rejected, "no_subscription", "The practice has no subscription. Start it first.")
	errSubscribed      = fault.New(fault.Rejected, "subscription_started", "The subscription of this practice has started already.")
	errPeriodDue       = fault.New(fault.Conflict, "period_due", "A new billing period is just beginning. Repeat the request in a moment.")
	errNoLicence       = fault.New(fault.NotFound, "licence_not_found", "The practice owns no such licence.")
	errNoCharge        = fault.New(fault.NotFound, "charge_not_found", "The subscription has no such charge.")
	errNoRefund        = fault.New(fault.NotFound, "refund_not_found", "The subscription has no such refund.")
	errUnknownPlan     = fault.New(fault.Invalid, "unknown_plan", "There is no such plan, or it has no price at present.")
	errLicencePending  = fault.New(fault.Rejected, "licence_pending_payment", "This licence is not paid yet, so nobody can hold it. Collect its charge or replace the payment method.")
	errLicenceReserved = fault.New(fault.Rejected, "licence_reserved", "This licence is reserved for somebody who is invited. Revoke the invitation first.")
	errUnusedNotPaid   = fault.New(fault.Rejected, "unused_not_credited", "Days that a licence is not used for are not paid back here. Schedule its release for the end of the period.")
	errCollecting      = fault.New(fault.Rejected, "charge_collecting", "A charge of this licence is with the payment processor. Release the licence when the outcome is known.")
	errReleasing       = fault.New(fault.Rejected, "licence_release_scheduled", "This licence ends with the billing period. Cancel its release first.")
	errPlanCategory    = fault.New(fault.Rejected, "plan_category_mismatch", "A prescriber plan needs a prescriber. Choose a therapist plan for this clinician.")
	errTraineeLicence  = fault.New(fault.Rejected, "trainee_licence", "This licence is paid at a trainee's price for the present period. Only a trainee with the same discount can hold it until then; buy another one for others.")
	errRoleFree        = fault.New(fault.Rejected, "role_needs_no_licence", "The role assistant is free and needs no licence. Give a clinician another role, or unassign the licence first.")
	errNoPaymentMethod = fault.New(fault.Rejected, "no_payment_method", "There is nothing to charge. Add a payment method first.")
	errUnpaidUpgrade   = fault.New(fault.Rejected, "charge_unpaid", "The last change of this licence's plan is not paid yet. Collect its charge first.")
	errHasLicence      = fault.New(fault.Rejected, "member_has_licence", "This member holds a licence already. One is enough.")
	errUnknownJob      = fault.New(fault.Invalid, "unknown_profession", "A clinician's profession is therapist or prescriber.")
	errNoProof         = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")
)

// checkQuote refuses a purchase at another total than the one that was shown.
func checkQuote(quoted, current money.Money) error {
	if quoted.Minor == current.Minor && quoted.Same(current) {
		return nil
	}
	return fault.New(fault.Rejected, "price_changed", "The total is %s now, not %s. Look at the new quote and confirm it.", current, quoted).
		With("quoted", quoted.String()).With("current", current.String())
}

// noFreeLicence says that a licence must be bought first, and for how much.
func (s State) noFreeLicence(offer pricing.Line, offered bool) error {
	refusal := fault.New(fault.Rejected, "no_free_licence", "No free licence: buy one before inviting a clinician.")
	if !offered {
		return refusal
	}
	price, err := offer.Gross()
	if err != nil {
		return err
	}
	refusal.Message += " " + "One on " + offer.Plan.Name() + " costs " + price.String() + " until " + offer.Until().String() + "."
	return refusal.With("plan", string(offer.Plan)).With("quote", price.String()).With("until", offer.Until().String())
}
