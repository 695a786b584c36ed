package booking

import (
	"praxis/domain/fault"
	"praxis/domain/text"
)

// The refusals that several commands share.
var (
	errBookingOff       = fault.New(fault.Rejected, "booking_off", "The practice does not take online bookings at the moment. Turn online booking on first, or call the practice.")
	errSelfServiceOff   = fault.New(fault.Rejected, "self_service_off", "Appointments of this practice cannot be cancelled or moved online. Call the practice.")
	errTypeUnknown      = fault.New(fault.NotFound, "type_unknown", "There is no such appointment type, or it was retired.")
	errTypeNotOffered   = fault.New(fault.Rejected, "type_not_offered", "This clinician does not offer appointments of this type. Choose another type or clinician.")
	errNotWithClinician = fault.New(fault.Rejected, "chart_not_with_clinician", "Appointments can be booked online with clinicians who treat the patient. Call the practice to see another one.")
	errPolicyNotShown   = fault.New(fault.Rejected, "policy_not_shown", "The cancellation policy has changed or was not shown. Show the present one and confirm again.")
	errChartMerged      = fault.New(fault.Rejected, "chart_merged", "This chart was merged into another one and is read-only: nothing new can be booked for it. Use that one.")
	errChartArchived    = fault.New(fault.Rejected, "chart_archived", "This chart is archived and read-only: nothing new can be booked for it. Unarchive it first, or call the practice.")
	errAlreadyExists    = fault.New(fault.Rejected, "already_exists", "Something with this id exists already. Use a new id.")
	errReserveUnknown   = fault.New(fault.NotFound, "reserve_unknown", "There is no such reserved time in this calendar.")
	errBlockUnknown     = fault.New(fault.NotFound, "block_unknown", "There is no such blocked time in this calendar.")
	// errAppointmentUnknown also answers for appointments of other charts, so that
	// ids of others reveal nothing.
	errAppointmentUnknown = fault.New(fault.NotFound, "appointment_unknown", "There is no such appointment of this patient in this calendar.")
	errAlreadyStarted     = fault.New(fault.Rejected, "already_started", "The appointment has started already and cannot be cancelled or moved online. Call the practice.")
	errAlreadyCancelled   = fault.New(fault.Rejected, "already_cancelled", "The appointment was cancelled already.")
	errUnchanged          = fault.New(fault.Rejected, "unchanged", "The appointment is at this time already. Choose another time.")
	errEmptyInterval      = fault.New(fault.Invalid, "empty_interval", "The time must end after it starts.")
	errNoHours            = fault.New(fault.Invalid, "empty_interval", "Start and end are the same, so that no time lies between them. An end before its start is on the next day; a whole day is 00:00 to 24:00.")
	errLongerThan24h      = fault.New(fault.Invalid, "longer_than_24h", "Reserved time must start on its day, from 00:00 to 23:59, and end within 24 hours. For longer hours reserve each day by itself; times that touch are joined.")
	errTextRequired       = fault.New(fault.Invalid, "text_required", "The cancellation policy must say something.")
	errNotInSeries        = fault.New(fault.Rejected, "date_not_in_series", "No time is reserved on that day by this series.")
	errChannel            = fault.New(fault.Invalid, "channel_unknown", "The channel must be patient or staff.")
	errStartOutOfRange    = fault.New(fault.Invalid, "start_out_of_range", "The time must be within ten years of today.")
	errZoneMissing        = fault.New(fault.Invalid, "zone_unknown", "The calendar has no time zone. Set one for the clinician, the branch or the practice.")
)

// reasonField is why somebody cancels, or books over something else.
var reasonField = text.Note("reason", 1_000)
