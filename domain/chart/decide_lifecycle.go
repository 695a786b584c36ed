package chart

import (
	"cmp"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// CreateChart opens a chart for a patient (C-3).
type CreateChart struct {
	Chart   id.Chart     `json:"chart"`
	Group   id.Group     `json:"group"`
	Patient Demographics `json:"patient"`
	Branch  id.Branch    `json:"branch"`
	// Primary is who was named, or whom DefaultPrimary found; PrimaryRule says which.
	Primary     id.Member   `json:"primary"`
	PrimaryRule PrimaryRule `json:"primaryRule"`
	// AllowDuplicate opens the chart although others look alike, and DuplicateReason says
	// how the actor knows that they are of other people.
	AllowDuplicate  bool   `json:"allowDuplicate,omitempty"`
	DuplicateReason string `json:"duplicateReason,omitempty"`
}

// Decide creates the chart. Faults: "chart_exists", "no_professional_available",
// "primary_not_professional", "branch_unknown", "branch_closed",
// "primary_not_in_branch" (AMB-13), what is wrong with the demographics, and
// "duplicate_patient" or, where that is to be passed over, "reason_required".
func (c CreateChart) Decide(s State, p Group, now time.Time) ([]Event, error) {
	switch {
	case s.Exists():
		return nil, fault.New(fault.Rejected, "chart_exists", "This chart was already created.")
	case c.Primary.IsZero():
		return nil, fault.New(fault.Rejected, "no_professional_available", "A chart needs a primary professional. Name an active clinician of the group.")
	case !p.treats(c.Primary):
		return nil, fault.New(fault.Rejected, "primary_not_professional", "The primary of a chart must be an active clinician of the group.")
	}
	patient, err := c.Patient.read(now, p.Zone)
	reason, malformed := apartReason.Read(c.DuplicateReason)
	err = cmp.Or(p.checkBranch(c.Branch, c.Primary), err, malformed, fault.When(c.AllowDuplicate && reason == "", errWhyApart))
	if err == nil && len(p.Alike) > 0 && !c.AllowDuplicate {
		err = duplicatePatient(p.Alike)
	}
	events, err := es.Decided[Event](err, false, Created{
		Chart: c.Chart, Group: c.Group,
		GivenName: patient.GivenName, FamilyName: patient.FamilyName, BirthDate: patient.BirthDate,
		Email: patient.Email, Phone: patient.Phone,
		Branch: c.Branch, Primary: c.Primary, PrimaryRule: c.PrimaryRule,
	})
	if err == nil && len(p.Alike) > 0 {
		apart := ToldApart{Reason: reason}
		for _, a := range p.Alike {
			apart.From = append(apart.From, a.Chart)
		}
		events = append(events, apart)
	}
	return events, err
}

// Signs are what the patient can be found by, none of one about whom something is wrong.
func (c CreateChart) Signs(zone *time.Location, now time.Time) []Sign {
	patient, err := c.Patient.read(now, zone)
	if err != nil {
		return nil
	}
	return patient.Signs(c.Group)
}

// ChangeStatus makes a chart active or inactive (C-4).
type ChangeStatus struct {
	To Status `json:"to"`
}

// Decide changes the status. Faults: "chart_not_found", "chart_archived"
// (AMB-17), "unknown_status", "same_status".
func (c ChangeStatus) Decide(s State, _ time.Time) ([]Event, error) {
	_, unknown := ParseStatus(string(c.To))
	same := fault.New(fault.Rejected, "same_status", "This chart is already %s.", s.Status)
	err := cmp.Or(s.writable(), unknown, fault.When(c.To == s.Status, same))
	return es.Decided[Event](err, false, StatusChanged{From: s.Status, To: c.To})
}
