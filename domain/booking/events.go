package booking

import "praxis/domain/es"

// Events is the table of all event types of booking.
func Events() []es.Row {
	return []es.Row{
		es.Define[OnlineBookingTurnedOn]("booking.online_turned_on", 1),
		es.Define[OnlineBookingTurnedOff]("booking.online_turned_off", 1),
		es.Define[BookingWindowChanged]("booking.window_changed", 1),
		es.Define[PatientLimitsChanged]("booking.patient_limits_changed", 1),
		es.Define[SelfServiceAllowed]("booking.self_service_allowed", 1),
		es.Define[SelfServiceStopped]("booking.self_service_stopped", 1),
		es.Define[CancellationPolicyPublished]("booking.cancellation_policy_published", 1),
		es.Define[AppointmentTypeAdded]("booking.type_added", 1),
		es.Define[AppointmentTypeRevised]("booking.type_revised", 1),
		es.Define[AppointmentTypeRetired]("booking.type_retired", 1),
		es.Define[TimeReserved]("booking.time_reserved", 1),
		es.Define[ReservedDateSkipped]("booking.reserved_date_skipped", 1),
		es.Define[ReservedDateMoved]("booking.reserved_date_moved", 1),
		es.Define[ReservedDateRestored]("booking.reserved_date_restored", 1),
		es.Define[ReserveEnded]("booking.reserve_ended", 1),
		es.Define[ReserveReopened]("booking.reserve_reopened", 1),
		es.Define[TimeBlocked]("booking.time_blocked", 1),
		es.Define[TimeUnblocked]("booking.time_unblocked", 1),
		es.Define[AppointmentBooked]("booking.appointment_booked", 1),
		es.Define[AppointmentRescheduled]("booking.appointment_rescheduled", 1),
		es.Define[AppointmentCancelled]("booking.appointment_cancelled", 1),
	}
}
