package chart

import (
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
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
}

// Decide creates the chart. Faults: "chart_exists", "no_professional_available",
// "primary_not_professional", "branch_unknown", "branch_closed",
// "primary_not_in_branch" (AMB-13), and what is wrong with the demographics.
func (c CreateChart) Decide(s State, p Practice, now time.Time) ([]Event, error) {
	switch {
	case s.Exists():
		return nil, fault.New(fault.Rejected, "chart_exists", "This chart was already created.")
	case c.Primary.IsZero():
		return nil, fault.New(fault.Rejected, "no_professional_available", "A chart needs a primary professional. Name an active clinician of the group.")
	case !p.treats(c.Primary):
		return nil, fault.New(fault.Rejected, "primary_not_professional", "The primary of a chart must be an active clinician of the group.")
	}
	if err := p.checkBranch(c.Branch, c.Primary); err != nil {
		return nil, err
	}
	patient, err := c.Patient.read(now, p.Zone)
	if err != nil {
		return nil, err
	}
	return []Event{Created{
		Chart: c.Chart, Group: c.Group,
		GivenName: patient.GivenName, FamilyName: patient.FamilyName, BirthDate: patient.BirthDate,
		Email: patient.Email, Phone: patient.Phone,
		Branch: c.Branch, Primary: c.Primary, PrimaryRule: c.PrimaryRule,
	}}, nil
}

// ChangeStatus makes a chart active or inactive (C-4).
type ChangeStatus struct {
	To Status `json:"to"`
}

// Decide changes the status. Faults: "chart_not_found", "chart_archived"
// (AMB-17), "unknown_status", "same_status".
func (c ChangeStatus) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	if _, err := ParseStatus(string(c.To)); err != nil {
		return nil, err
	}
	if c.To == s.Status {
		return nil, fault.New(fault.Rejected, "same_status", "This chart is already %s.", s.Status)
	}
	return []Event{StatusChanged{From: s.Status, To: c.To}}, nil
}

var archiveReason = text.Line("reason", 500)

// Archive makes a chart read-only and takes it off the default rosters (C-4).
type Archive struct {
	Reason string `json:"reason"`
}

// Decide archives. Faults: "chart_not_found", "already_archived",
// "reason_required", and those of package text.
func (c Archive) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case s.Archived:
		return nil, fault.New(fault.Rejected, "already_archived", "This chart is already archived.")
	}
	reason, err := archiveReason.Read(c.Reason)
	if err != nil {
		return nil, err
	}
	if reason == "" {
		return nil, fault.New(fault.Invalid, "reason_required", "A reason is required to archive a chart.")
	}
	return []Event{Archived{Reason: reason, StatusAtArchive: s.Status}}, nil
}

// Unarchive brings a chart back with the status it had (AMB-17).
type Unarchive struct{}

// Decide unarchives. Faults: "chart_not_found", "not_archived".
func (Unarchive) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case !s.Archived:
		return nil, fault.New(fault.Rejected, "not_archived", "This chart is not archived.")
	}
	return []Event{Unarchived{Status: s.Status}}, nil
}
