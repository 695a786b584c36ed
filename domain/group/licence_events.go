package group

import (
	"praxis/domain/civil"
	"praxis/domain/id"
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
