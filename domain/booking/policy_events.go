package booking

import (
	"praxis/domain/es"
	"praxis/domain/id"
)

// PolicyCategory is the category of policy streams, one per practice.
const PolicyCategory es.Category = "bookingPolicy"

// PolicyStream names the policy stream of a practice.
func PolicyStream(group id.Group) es.Stream { return es.StreamOf(PolicyCategory, group) }

// PolicyEvent is a fact of a practice's booking policy.
//
//sumtype:decl
type PolicyEvent interface{ isPolicyEvent() }

// OnlineBookingTurnedOn is recorded when the practice begins to take bookings
// from patients. Slot queries rely on it.
type OnlineBookingTurnedOn struct{}

// OnlineBookingTurnedOff is recorded when the practice stops doing so. Other
// settings keep their values and existing appointments stand (BKG-1, BKG-A9).
type OnlineBookingTurnedOff struct{}

// BookingWindowChanged is recorded with a new cut-off and horizon.
type BookingWindowChanged struct {
	Window
}

// PatientLimitsChanged is recorded with new limits of what one patient can book
// online.
type PatientLimitsChanged struct {
	Limits
}

// SelfServiceAllowed is recorded when patients may cancel and move their own
// appointments, no matter who booked them (BKG-3).
type SelfServiceAllowed struct{}

// SelfServiceStopped is recorded when they no longer may.
type SelfServiceStopped struct{}

// CancellationPolicyPublished is recorded with each new text that patients see
// when they book, move or cancel. It is shown, never enforced (BKG-4).
type CancellationPolicyPublished struct {
	// Version counts the texts from 1; appointments record which one was shown.
	Version int    `json:"version"`
	Text    string `json:"text"`
	// SHA256 is the hash of the text's UTF-8 bytes, hexadecimal.
	SHA256 string `json:"sha256"`
}

// AppointmentTypeAdded is recorded when a type can be booked from now on.
type AppointmentTypeAdded struct {
	Terms
	// Clinicians are those who offer it; none means all.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// AppointmentTypeRevised is recorded with a type's new terms. Appointments keep
// the terms under which they were booked (BKG-A12).
type AppointmentTypeRevised struct {
	Terms
	// Clinicians are those who offer it; none means all.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// AppointmentTypeRetired is recorded when a type can no longer be booked.
type AppointmentTypeRetired struct {
	Type id.AppointmentType `json:"type"`
}

func (OnlineBookingTurnedOn) isPolicyEvent()       {}
func (OnlineBookingTurnedOff) isPolicyEvent()      {}
func (BookingWindowChanged) isPolicyEvent()        {}
func (PatientLimitsChanged) isPolicyEvent()        {}
func (SelfServiceAllowed) isPolicyEvent()          {}
func (SelfServiceStopped) isPolicyEvent()          {}
func (CancellationPolicyPublished) isPolicyEvent() {}
func (AppointmentTypeAdded) isPolicyEvent()        {}
func (AppointmentTypeRevised) isPolicyEvent()      {}
func (AppointmentTypeRetired) isPolicyEvent()      {}
