package booking

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
)

// CalendarEvent is a fact of one clinician's booking calendar.
//
//sumtype:decl
type CalendarEvent interface{ isCalendarEvent() }

// Channel is who acts on an appointment: a patient online, or the staff.
type Channel string

// The channels.
const (
	ByPatient Channel = "patient"
	ByStaff   Channel = "staff"
)

// When is the place of an appointment in time, complete in itself: the instant,
// and what the calendar's wall showed under the zone rules of the day it was
// decided, so that a later change of those rules can be found (BKG-F12).
type When struct {
	// Start is the instant, UTC.
	Start time.Time   `json:"start"`
	Date  civil.Date  `json:"localDate"`
	Clock civil.Clock `json:"localTime"`
	Zone  civil.Zone  `json:"zone"`
	// Rules names the rules of the zone that were used (civil.Rules); empty for
	// appointments from before they were recorded.
	Rules string `json:"tzdbVersion,omitempty"`
}

// TimeReserved is recorded when a clinician sets time aside for online booking.
// Slot queries rely on it.
type TimeReserved struct {
	Reserve   id.Reserve  `json:"reserve"`
	FirstDate civil.Date  `json:"firstDate"`
	Start     civil.Clock `json:"start"`
	End       civil.Clock `json:"end"`
	Zone      civil.Zone  `json:"zone"`
	Repeat    Repeat      `json:"repeat"`
	// Types are the appointment types it is for; none means all.
	Types []id.AppointmentType `json:"types,omitempty"`
}

// ReservedDateSkipped is recorded when one day of a series is left out.
type ReservedDateSkipped struct {
	Reserve id.Reserve `json:"reserve"`
	Date    civil.Date `json:"date"`
}

// ReservedDateMoved is recorded when one day of a series has other hours.
type ReservedDateMoved struct {
	Reserve id.Reserve  `json:"reserve"`
	Date    civil.Date  `json:"date"`
	Start   civil.Clock `json:"start"`
	End     civil.Clock `json:"end"`
}

// ReservedDateRestored is recorded when a day of a series that was skipped or moved
// has the hours of its series again.
type ReservedDateRestored struct {
	Reserve id.Reserve `json:"reserve"`
	Date    civil.Date `json:"date"`
}

// ReserveReopened is recorded when the end of a series is taken back.
type ReserveReopened struct {
	Reserve id.Reserve `json:"reserve"`
}

// ReserveEnded is recorded when a series stops after a day, which may be later than
// one recorded before. Appointments inside what is cut off stand (BKG-A13).
type ReserveEnded struct {
	Reserve  id.Reserve `json:"reserve"`
	LastDate civil.Date `json:"lastDate"`
}

// TimeBlocked is recorded when time is not to be booked, reserved or not.
type TimeBlocked struct {
	Block id.Block `json:"block"`
	Span
	// Inside are the live appointments that the block overlaps. They stand; the
	// list is the warning to the member who blocked the time.
	Inside []id.Appointment `json:"inside,omitempty"`
}

// TimeUnblocked is recorded when a block is taken away.
type TimeUnblocked struct {
	Block id.Block `json:"block"`
	Span
}

// AppointmentBooked is recorded when a patient or the staff book. It carries all
// that read models and mails need, and the evidence that the rules were kept.
type AppointmentBooked struct {
	Appointment id.Appointment `json:"appointment"`
	Chart       id.Chart       `json:"chart"`
	Terms       Terms          `json:"terms"`
	When        When           `json:"when"`
	Channel     Channel        `json:"channel"`
	// Reserves are those in which the appointment lies.
	Reserves []id.Reserve `json:"reserves,omitempty"`
	// PolicyVersionShown is the version of the cancellation policy that was shown.
	PolicyVersionShown int `json:"policyVersionShown"`
	// PolicyRevision is the revision of the booking policy that the decision used.
	PolicyRevision es.Revision `json:"policyRevision"`
	// OverlapReason is why the staff booked over something else (BKG-A11).
	OverlapReason string `json:"overlapReason,omitempty" personal:"true"`
}

// AppointmentRescheduled is recorded when an appointment moves within its
// calendar: one event, so that there are never two of it and never none (BKG-I4).
type AppointmentRescheduled struct {
	Appointment id.Appointment `json:"appointment"`
	Chart       id.Chart       `json:"chart"`
	Terms       Terms          `json:"terms"`
	From        When           `json:"from"`
	To          When           `json:"to"`
	By          Channel        `json:"by"`
	// Reserves are those in which the new time lies.
	Reserves []id.Reserve `json:"reserves,omitempty"`
	// NoticeMin is how many whole minutes before the old start it was moved,
	// negative after it.
	NoticeMin          int         `json:"noticeMin"`
	PolicyVersionShown int         `json:"policyVersionShown"`
	PolicyRevision     es.Revision `json:"policyRevision"`
	// OverlapReason is why the staff moved it over something else (BKG-A11).
	OverlapReason string `json:"overlapReason,omitempty" personal:"true"`
}

// AppointmentCancelled is recorded when an appointment will not take place. Its
// time is free at once (BKG-I5).
type AppointmentCancelled struct {
	Appointment id.Appointment `json:"appointment"`
	Chart       id.Chart       `json:"chart"`
	Terms       Terms          `json:"terms"`
	When        When           `json:"when"`
	By          Channel        `json:"by"`
	// Reason is what was given as the reason, if anything.
	Reason string `json:"reason,omitempty" personal:"true"`
	// NoticeMin is how many whole minutes before the start it was cancelled,
	// negative after it. It is recorded, never enforced (BKG-4).
	NoticeMin          int         `json:"noticeMin"`
	PolicyVersionShown int         `json:"policyVersionShown"`
	PolicyRevision     es.Revision `json:"policyRevision"`
}

func (TimeReserved) isCalendarEvent()           {}
func (ReservedDateSkipped) isCalendarEvent()    {}
func (ReservedDateMoved) isCalendarEvent()      {}
func (ReservedDateRestored) isCalendarEvent()   {}
func (ReserveEnded) isCalendarEvent()           {}
func (ReserveReopened) isCalendarEvent()        {}
func (TimeBlocked) isCalendarEvent()            {}
func (TimeUnblocked) isCalendarEvent()          {}
func (AppointmentBooked) isCalendarEvent()      {}
func (AppointmentRescheduled) isCalendarEvent() {}
func (AppointmentCancelled) isCalendarEvent()   {}
