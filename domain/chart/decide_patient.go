package chart

import (
	"cmp"
	"time"

	"praxis/domain/es"
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
