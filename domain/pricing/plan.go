package pricing

import (
	"slices"

	"praxis/domain/es"
)

// PlanID is the stable name of a plan as events carry it.
type PlanID string

// The plans. What a plan can do is part of the program, what it costs is the
// operator's (Book).
const (
	TherapistBasic    PlanID = "therapist_basic"
	TherapistPremium  PlanID = "therapist_premium"
	ERxLite           PlanID = "erx_lite"
	PrescriberPremium PlanID = "prescriber_premium"
)

// Category is the profession that a plan is made for, and that a clinician has.
type Category string

// The categories. Plans of both mix freely in one practice (L-3, BIL-2).
const (
	Therapist  Category = "therapist"
	Prescriber Category = "prescriber"
)

// Known reports whether c is one of the categories.
func (c Category) Known() bool { return c == Therapist || c == Prescriber }

// Feature is something that only some plans include (BIL-14).
type Feature string

// The features.
const (
	// OnlineBooking lets a clinician change online-booking settings (BKG-10).
	OnlineBooking Feature = "online_booking"
	// Prescribing is electronic prescribing.
	Prescribing Feature = "e_prescribing"
)

// Plan is what a licence can be bought on.
type Plan struct {
	ID       PlanID
	Category Category
	// Name is what people call it, for sentences and invoices.
	Name string
	// Features are what it includes beyond charts and billing.
	Features []Feature
}

// Plans returns every plan, cheaper ones of a category first.
func Plans() []Plan {
	return []Plan{
		{TherapistBasic, Therapist, "Therapist basic", nil},
		{TherapistPremium, Therapist, "Therapist premium", []Feature{OnlineBooking}},
		{ERxLite, Prescriber, "e-Rx lite", []Feature{Prescribing}},
		{PrescriberPremium, Prescriber, "Prescriber premium", []Feature{Prescribing, OnlineBooking}},
	}
}

// PlanOf returns a plan by its id.
func PlanOf(p PlanID) (Plan, bool) {
	plan := *es.Find(Plans(), func(o *Plan) bool { return o.ID == p })
	return plan, plan.ID == p && p != ""
}

// PlansWith returns the names of the plans that have a feature.
func PlansWith(f Feature) []string {
	var names []string
	for _, plan := range Plans() {
		if slices.Contains(plan.Features, f) {
			names = append(names, plan.Name)
		}
	}
	return names
}

// Includes reports whether the plan has a feature; an unknown plan has none.
func (p PlanID) Includes(f Feature) bool {
	plan, _ := PlanOf(p)
	return slices.Contains(plan.Features, f)
}

// Open reports whether a clinician of profession c may hold a licence on the
// plan: a prescriber plan needs a prescriber, a therapist plan suits everybody.
func (p PlanID) Open(c Category) bool {
	plan, known := PlanOf(p)
	return known && (plan.Category == Therapist || c == Prescriber)
}
