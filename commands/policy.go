package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
)

// policyCommand is a command on a practice's booking policy.
type policyCommand interface {
	Decide(booking.PolicyState, time.Time) ([]booking.PolicyEvent, error)
}

// changePolicy carries out a command on the booking policy (BKG-11).
func (e *Engine) changePolicy(ctx context.Context, call Call, name string, c policyCommand) (Receipt, error) {
	return execute(ctx, e, call, useCase[booking.PolicyState, booking.PolicyEvent]{
		name: name, command: c, capability: access.BookingPolicyEdit,
		repository: e.policies, stream: booking.PolicyStream(call.Group), decide: c.Decide,
	})
}

// TurnOnlineBooking switches online booking on or off for the practice (BKG-1).
func (e *Engine) TurnOnlineBooking(ctx context.Context, call Call, on bool) (Receipt, error) {
	if on {
		return e.changePolicy(ctx, call, "booking_policy.turn_on", booking.TurnOnlineBookingOn{})
	}
	return e.changePolicy(ctx, call, "booking_policy.turn_off", booking.TurnOnlineBookingOff{})
}

// LetPatientsServeThemselves allows or stops cancelling and moving online (BKG-3).
func (e *Engine) LetPatientsServeThemselves(ctx context.Context, call Call, on bool) (Receipt, error) {
	if on {
		return e.changePolicy(ctx, call, "booking_policy.allow_self_service", booking.AllowSelfService{})
	}
	return e.changePolicy(ctx, call, "booking_policy.stop_self_service", booking.StopSelfService{})
}

// ChangeBookingWindow sets the cut-off and how far out patients can book (BKG-6, BKG-7).
func (e *Engine) ChangeBookingWindow(ctx context.Context, call Call, c booking.ChangeBookingWindow) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.change_window", c)
}

// PublishCancellationPolicy publishes a new version of the text (BKG-4).
func (e *Engine) PublishCancellationPolicy(ctx context.Context, call Call, c booking.PublishCancellationPolicy) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.publish_cancellation_policy", c)
}

// AddAppointmentType offers a new kind of appointment (BKG-8, BKG-9).
func (e *Engine) AddAppointmentType(ctx context.Context, call Call, c booking.AddAppointmentType) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.add_type", c)
}

// ReviseAppointmentType changes a kind of appointment; bookings keep theirs (BKG-A12).
func (e *Engine) ReviseAppointmentType(ctx context.Context, call Call, c booking.ReviseAppointmentType) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.revise_type", c)
}

// RetireAppointmentType stops offering a kind of appointment.
func (e *Engine) RetireAppointmentType(ctx context.Context, call Call, c booking.RetireAppointmentType) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.retire_type", c)
}
