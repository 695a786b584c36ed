package chart

import (
	"cmp"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// UpdateDemographics replaces what is known about the patient.
type UpdateDemographics struct {
	Patient Demographics `json:"patient"`
}

// Decide updates; the same data again leads to no event. Faults:
// "chart_not_found", "chart_archived", and what is wrong with the demographics.
func (c UpdateDemographics) Decide(s State, p Group, now time.Time) ([]Event, error) {
	patient, err := c.Patient.read(now, p.Zone)
	return es.Decided[Event](cmp.Or(s.writable(), err), patient == s.Patient, DemographicsUpdated(patient))
}

// LinkPatientAccount lets a patient's or guardian's account act for the patient.
type LinkPatientAccount struct {
	Account id.Account `json:"account"`
}

// Decide links. Faults: "chart_not_found", "chart_archived",
// "patient_account_required", "account_already_linked".
func (c LinkPatientAccount) Decide(s State, _ time.Time) ([]Event, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	switch {
	case c.Account.IsZero():
		return nil, fault.New(fault.Invalid, "patient_account_required", "Name the account to link.")
	case s.MayActFor(c.Account):
		return nil, fault.New(fault.Rejected, "account_already_linked", "This account is already linked to the chart.")
	}
	return []Event{PatientAccountLinked(c)}, nil
}

// UnlinkPatientAccount ends what an account may do for the patient. It works on
// archived charts too: taking access away must never have to wait.
type UnlinkPatientAccount struct {
	Account id.Account `json:"account"`
}

// Decide unlinks. Faults: "chart_not_found", "account_not_linked".
func (c UnlinkPatientAccount) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case !s.MayActFor(c.Account):
		return nil, fault.New(fault.Rejected, "account_not_linked", "This account is not linked to the chart.")
	}
	return []Event{PatientAccountUnlinked(c)}, nil
}
