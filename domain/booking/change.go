package booking

import (
	"time"

	"praxis/domain/id"
)

// RescheduleAppointment moves an appointment within its calendar, under the terms
// it was booked with (BKG-A12). The old time is released before the new one is
// tested, and one event does both (BKG-I4). For patients the new start must keep
// every rule of booking; the old one may be as near as it is (BKG-A8).
//
// Faults: "appointment_unknown", "already_cancelled", "booking_off",
// "self_service_off", "already_started", "unchanged", and those of
// BookAppointment for the new start.
type RescheduleAppointment struct {
	Appointment id.Appointment `json:"appointment"`
	// Chart is whose appointment it is said to be; it must be.
	Chart id.Chart `json:"chart"`
	// Start is the instant at which the appointment shall begin.
	Start              time.Time `json:"start"`
	By                 Channel   `json:"by"`
	PolicyVersionShown int       `json:"policyVersionShown"`
	OverlapReason      string    `json:"overlapReason,omitempty"`
}

// Decide moves the appointment.
func (c RescheduleAppointment) Decide(s CalendarState, f Facts, now time.Time) ([]CalendarEvent, error) {
	a, err := s.changeable(c.Appointment, c.Chart, c.By, f.Policy, now)
	if err != nil {
		return nil, err
	}
	if c.Start.Equal(a.When.Start) {
		return nil, errUnchanged
	}
	p, err := s.place(placing{
		moving: a.ID, chart: a.Chart, terms: a.Terms, start: c.Start, channel: c.By,
		shown: c.PolicyVersionShown, overlapReason: c.OverlapReason, facts: f,
	}, now)
	if err != nil {
		return nil, err
	}
	return []CalendarEvent{AppointmentRescheduled{
		Appointment: a.ID, Chart: a.Chart, Terms: a.Terms, From: a.When, To: p.when, By: c.By,
		Reserves: p.reserves, NoticeMin: notice(a, now), PolicyVersionShown: c.PolicyVersionShown,
		PolicyRevision: f.Policy.Revision, OverlapReason: p.overlapReason,
	}}, nil
}

// CancelAppointment cancels an appointment. The notice is recorded and never
// refused for being short (BKG-4, BKG-A8). Faults: "appointment_unknown",
// "already_cancelled", "booking_off", "self_service_off", "already_started",
// "policy_not_shown" for a version that was never published, "channel_unknown",
// and those of package text for the reason.
type CancelAppointment struct {
	Appointment id.Appointment `json:"appointment"`
	// Chart is whose appointment it is said to be; it must be.
	Chart              id.Chart `json:"chart"`
	By                 Channel  `json:"by"`
	Reason             string   `json:"reason,omitempty"`
	PolicyVersionShown int      `json:"policyVersionShown"`
}

// Decide cancels the appointment. Its facts need no zone.
func (c CancelAppointment) Decide(s CalendarState, f Facts, now time.Time) ([]CalendarEvent, error) {
	reason, err := reasonField.Read(c.Reason)
	if err != nil {
		return nil, err
	}
	a, err := s.changeable(c.Appointment, c.Chart, c.By, f.Policy, now)
	if err != nil {
		return nil, err
	}
	if !f.Policy.published(c.PolicyVersionShown) || c.By == ByPatient && c.PolicyVersionShown == 0 && f.Policy.CancellationVersion > 0 {
		return nil, errPolicyNotShown
	}
	return []CalendarEvent{AppointmentCancelled{
		Appointment: a.ID, Chart: a.Chart, Terms: a.Terms, When: a.When, By: c.By, Reason: reason,
		NoticeMin: notice(a, now), PolicyVersionShown: c.PolicyVersionShown, PolicyRevision: f.Policy.Revision,
	}}, nil
}

// changeable returns the appointment if it may be cancelled or moved at all. The
// staff are not bound by the practice's switches (BKG-3) nor by the start
// (BKG-A14 is about online).
func (s CalendarState) changeable(a id.Appointment, chart id.Chart, by Channel, p Policy, now time.Time) (Appointment, error) {
	found, exists := s.Appointments[a]
	switch {
	case by != ByPatient && by != ByStaff:
		return Appointment{}, errChannel
	case !exists || found.Chart != chart:
		return Appointment{}, errAppointmentUnknown
	case found.Cancelled:
		return Appointment{}, errAlreadyCancelled
	case by == ByStaff:
		return found, nil
	case !p.Online:
		return Appointment{}, errBookingOff
	case !p.SelfService:
		return Appointment{}, errSelfServiceOff
	case !now.Before(found.When.Start):
		return Appointment{}, errAlreadyStarted
	}
	return found, nil
}

// notice is how many whole minutes before its start an appointment is changed.
func notice(a Appointment, now time.Time) int {
	return int(a.When.Start.Sub(now) / time.Minute)
}
