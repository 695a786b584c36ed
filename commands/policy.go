package commands

import (
	"context"
	"strings"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// errPremium names the plans that are needed.
var errPremium = fault.New(fault.Rejected, "premium_required", "This needs a licence on a plan with online booking: %s. Change the plan of a licence first.", strings.Join(pricing.PlansWith(pricing.OnlineBooking), " or "))

func requirePremium(entitled bool) error {
	if !entitled {
		return errPremium
	}
	return nil
}

// premium makes sure that somebody's plan in the practice includes online booking
// (BKG-10). What offers patients less does not ask for it: a practice that gave its
// plan up must still be able to.
func premium[C any](_ context.Context, w *World, _ id.Group, _ C) (none None, err error) {
	w.Group(func(g group.State) { err = requirePremium(g.Entitled(pricing.OnlineBooking)) })
	return none, err
}

var (
	turnOnlineBookingOn = declare(policySpec[booking.TurnOnlineBookingOn]{
		On: onPolicy, Name: "booking_policy.turn_on", Operation: "setOnlineBooking", Needs: access.BookingPolicyEdit,
		Facts: premium[booking.TurnOnlineBookingOn], Decide: alone(booking.TurnOnlineBookingOn.Decide),
	})
	turnOnlineBookingOff = declare(policySpec[booking.TurnOnlineBookingOff]{
		On: onPolicy, Name: "booking_policy.turn_off", Operation: "setOnlineBooking", Needs: access.BookingPolicyEdit,
		Decide: alone(booking.TurnOnlineBookingOff.Decide), Around: touchingAll[booking.TurnOnlineBookingOff],
	})
)

// TurnOnlineBooking switches online booking on or off for the practice (BKG-1).
var TurnOnlineBooking = onOrOff(turnOnlineBookingOn, turnOnlineBookingOff)

// onOrOff is the command that gives one of two, neither of which asks for anything more.
func onOrOff[On, Off any](on *Command[On], off *Command[Off]) *Command[bool] {
	return &Command[bool]{on.Description, func(ctx context.Context, e *Engine, call Call, turnOn bool) (Receipt, error) {
		if turnOn {
			return on.Give(ctx, e, call, *new(On))
		}
		return off.Give(ctx, e, call, *new(Off))
	}}
}

var (
	allowSelfService = declare(policySpec[booking.AllowSelfService]{
		On: onPolicy, Name: "booking_policy.allow_self_service", Operation: "setSelfService", Needs: access.BookingPolicyEdit,
		Facts: premium[booking.AllowSelfService], Decide: alone(booking.AllowSelfService.Decide),
	})
	stopSelfService = declare(policySpec[booking.StopSelfService]{
		On: onPolicy, Name: "booking_policy.stop_self_service", Operation: "setSelfService", Needs: access.BookingPolicyEdit,
		Decide: alone(booking.StopSelfService.Decide),
	})
)

// LetPatientsServeThemselves allows or stops cancelling and moving online (BKG-3).
var LetPatientsServeThemselves = onOrOff(allowSelfService, stopSelfService)

// ChangeBookingWindow sets the cut-off and how far out patients can book (BKG-6, BKG-7).
var ChangeBookingWindow = declare(policySpec[booking.ChangeBookingWindow]{
	On: onPolicy, Name: "booking_policy.change_window", Operation: "changeBookingWindow", Needs: access.BookingPolicyEdit,
	Sample: booking.ChangeBookingWindow{Window: booking.Window{Cutoff: booking.Cutoff{N: 1, Unit: booking.Day}, HorizonDays: 60}},
	Facts:  premium[booking.ChangeBookingWindow], Decide: alone(booking.ChangeBookingWindow.Decide),
})

// ChangePatientLimits sets how much one patient can book online.
var ChangePatientLimits = declare(policySpec[booking.ChangePatientLimits]{
	On: onPolicy, Name: "booking_policy.change_patient_limits", Operation: "changePatientLimits", Needs: access.BookingPolicyEdit,
	Sample: booking.ChangePatientLimits{Limits: booking.Limits{Upcoming: 5, PerDay: 1}},
	Facts:  premium[booking.ChangePatientLimits], Decide: alone(booking.ChangePatientLimits.Decide),
})

// PublishCancellationPolicy publishes a new version of the text (BKG-4).
var PublishCancellationPolicy = declare(policySpec[booking.PublishCancellationPolicy]{
	On: onPolicy, Name: "booking_policy.publish_cancellation_policy", Operation: "publishCancellationPolicy", Needs: access.BookingPolicyEdit,
	Sample: booking.PublishCancellationPolicy{Text: "Another."},
	Facts:  premium[booking.PublishCancellationPolicy], Decide: alone(booking.PublishCancellationPolicy.Decide),
})

// offeredBy is premium for a type that named clinicians offer: they must be
// clinicians of the practice.
func offeredBy(w *World, clinicians []id.Member) (none None, err error) {
	w.Group(func(g group.State) {
		if err = requirePremium(g.Entitled(pricing.OnlineBooking)); err != nil {
			return
		}
		for _, m := range clinicians {
			if !g.IsActiveClinician(m) {
				err = fault.New(fault.Rejected, "not_a_clinician", "Member %s is not an active clinician of the practice and can offer no appointments. List the members and name clinicians.", m).With("member", m.String())
				return
			}
		}
	})
	return none, err
}

// AddAppointmentType offers a new kind of appointment (BKG-8, BKG-9).
var AddAppointmentType = declare(policySpec[booking.AddAppointmentType]{
	On: onPolicy, Name: "booking_policy.add_type", Operation: "addAppointmentType", Needs: access.BookingPolicyEdit,
	Sample: booking.AddAppointmentType{Terms: booking.Terms{Name: "Intake", LengthMin: 60}},
	Facts: func(_ context.Context, w *World, _ id.Group, c booking.AddAppointmentType) (None, error) {
		return offeredBy(w, c.Clinicians)
	},
	Decide: alone(booking.AddAppointmentType.Decide),
})

// ReviseAppointmentType changes a kind of appointment; bookings keep theirs (BKG-A12).
var ReviseAppointmentType = declare(policySpec[booking.ReviseAppointmentType]{
	On: onPolicy, Name: "booking_policy.revise_type", Operation: "reviseAppointmentType", Needs: access.BookingPolicyEdit,
	Sample: booking.ReviseAppointmentType{Terms: booking.Terms{Type: sampleID[id.AppointmentType]("type"), Name: "Intake", LengthMin: 60}},
	Facts: func(_ context.Context, w *World, _ id.Group, c booking.ReviseAppointmentType) (None, error) {
		return offeredBy(w, c.Clinicians)
	},
	Decide: alone(booking.ReviseAppointmentType.Decide),
})

// RetireAppointmentType stops offering a kind of appointment.
var RetireAppointmentType = declare(policySpec[booking.RetireAppointmentType]{
	On: onPolicy, Name: "booking_policy.retire_type", Operation: "retireAppointmentType", Needs: access.BookingPolicyEdit,
	Sample: booking.RetireAppointmentType{Type: sampleID[id.AppointmentType]("type")},
	Decide: alone(booking.RetireAppointmentType.Decide),
})
